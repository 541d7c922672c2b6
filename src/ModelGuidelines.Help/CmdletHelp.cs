using System.Globalization;
using System.Text.RegularExpressions;

namespace ModelGuidelines.Help;

/// <summary>A page that does not follow the form.</summary>
internal sealed class HelpFormatException(string file, int line, string message) : Exception(string.Create(CultureInfo.InvariantCulture, $"{file}({line}): error MGHELP: {message}"));

/// <summary>One parameter as a page describes it.</summary>
/// <param name="Name">Without the dash.</param>
/// <param name="Text">Paragraphs.</param>
/// <param name="Facts">Type, Required, Position, Default, Pipeline, Wildcards, Aliases, Sets.</param>
internal sealed record ParameterHelp(string Name, IReadOnlyList<string> Text, IReadOnlyDictionary<string, string> Facts)
{
    public string Fact(string name, string otherwise) => Facts.TryGetValue(name, out var value) ? value : otherwise;
}

/// <summary>One example.</summary>
internal sealed record ExampleHelp(string Title, string Code, IReadOnlyList<string> Text);

/// <summary>One page of docs/cmdlets.</summary>
/// <remarks>Form: <c># Name</c>, then sections <c>## Synopsis</c>, <c>## Syntax</c> (code blocks), <c>## Description</c>, <c>## Parameters</c>
/// (<c>### -Name</c>, paragraphs, facts as <c>- Type: `string[]`</c>), <c>## Inputs</c>, <c>## Outputs</c>, <c>## Examples</c>
/// (<c>### title</c>, a code block, paragraphs), <c>## Links</c>.</remarks>
internal sealed partial record CmdletHelp
{
    public required string Name { get; init; }

    public required string Synopsis { get; init; }

    public required IReadOnlyList<string> Description { get; init; }

    public required IReadOnlyList<ParameterHelp> Parameters { get; init; }

    public required IReadOnlyList<string> Inputs { get; init; }

    public required IReadOnlyList<string> Outputs { get; init; }

    public required IReadOnlyList<ExampleHelp> Examples { get; init; }

    public required IReadOnlyList<(string Text, string Uri)> Links { get; init; }

    public static CmdletHelp Parse(string file)
    {
        var lines = File.ReadAllLines(file);
        if (lines.Length == 0 || !lines[0].StartsWith("# ", StringComparison.Ordinal))
        {
            throw new HelpFormatException(file, 1, "a page begins with '# Verb-Noun'");
        }

        var sections = Split(lines.Skip(1), "## ").ToDictionary(s => s.Title, s => s.Lines, StringComparer.Ordinal);
        IReadOnlyList<string> Section(string name) => sections.TryGetValue(name, out var found) ? found : throw new HelpFormatException(file, 1, $"the section '## {name}' is missing");
        return new()
        {
            Name = lines[0][2..].Trim(),
            Synopsis = string.Join(' ', Paragraphs(Section("Synopsis"))),
            Description = Paragraphs(Section("Description")),
            Parameters = [.. Split(Section("Parameters"), "### -").Select(ParameterOf)],
            Inputs = Paragraphs(Section("Inputs")),
            Outputs = Paragraphs(Section("Outputs")),
            Examples = [.. Split(Section("Examples"), "### ").Select(ExampleOf)],
            Links = [.. Section("Links").Select(l => Link().Match(l)).Where(m => m.Success).Select(m => (m.Groups["text"].Value, m.Groups["uri"].Value))],
        };
    }

    /// <summary>Markdown to plain text.</summary>
    public static string Plain(string text) => Link().Replace(text, "${text}").Replace("`", "", StringComparison.Ordinal).Replace("**", "", StringComparison.Ordinal);

    private static ParameterHelp ParameterOf((string Title, List<string> Lines) section)
    {
        var facts = section.Lines.Select(l => FactLine().Match(l)).Where(m => m.Success).ToDictionary(m => m.Groups["name"].Value, m => Plain(m.Groups["value"].Value).Trim(), StringComparer.Ordinal);
        return new(section.Title, Paragraphs(section.Lines.Where(l => !FactLine().IsMatch(l))), facts);
    }

    private static ExampleHelp ExampleOf((string Title, List<string> Lines) section)
    {
        var code = section.Lines.SkipWhile(l => !l.StartsWith("```", StringComparison.Ordinal)).Skip(1).TakeWhile(l => !l.StartsWith("```", StringComparison.Ordinal));
        return new(section.Title, string.Join('\n', code), Paragraphs(section.Lines));
    }

    private static IEnumerable<(string Title, List<string> Lines)> Split(IEnumerable<string> lines, string mark)
    {
        string? title = null;
        var inCode = false;
        var current = new List<string>();
        foreach (var line in lines)
        {
            inCode ^= line.StartsWith("```", StringComparison.Ordinal);
            if (!inCode && line.StartsWith(mark, StringComparison.Ordinal))
            {
                if (title is not null)
                {
                    yield return (title, current);
                }

                (title, current) = (line[mark.Length..].Trim(), []);
                continue;
            }

            current.Add(line);
        }

        if (title is not null)
        {
            yield return (title, current);
        }
    }

    /// <summary>Paragraphs outside of code blocks, each on one line; a list item is one of its own.</summary>
    private static List<string> Paragraphs(IEnumerable<string> lines)
    {
        var result = new List<string>();
        var current = "";
        var inCode = false;
        foreach (var line in lines.Append(""))
        {
            if (line.StartsWith("```", StringComparison.Ordinal))
            {
                inCode = !inCode;
                continue;
            }

            if (inCode)
            {
                continue;
            }

            if ((line.Length == 0 || line.StartsWith("- ", StringComparison.Ordinal)) && current.Length > 0)
            {
                result.Add(Plain(current));
                current = "";
            }

            current = current.Length == 0 ? line.Trim() : $"{current} {line.Trim()}";
        }

        return result;
    }

    [GeneratedRegex(@"\[(?<text>[^\]]+)\]\((?<uri>[^)]+)\)", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Link();

    [GeneratedRegex(@"^- (?<name>Type|Required|Position|Default|Pipeline|Wildcards|Aliases|Values|Set): (?<value>.*)$", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex FactLine();
}
