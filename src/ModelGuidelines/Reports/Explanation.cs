using System.Globalization;
using System.Text;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Reports;

/// <summary>What a guideline means, in words and code, as Markdown: its page, or one finding in the user's own names.</summary>
public static class Explanation
{
    private const int Names = 10;

    /// <summary>The guideline's page.</summary>
    public static string Of(GuidelineDescriptor guideline) => GuidelinePages.Page(guideline.Id) ?? $"# {guideline.Id}\n\n{guideline.Title}. {guideline.Description}";

    /// <summary>One finding: where it is, what AIMET does, the code as it is and as it should be.</summary>
    public static string Of(Finding finding)
    {
        var text = new StringBuilder();
        void Line(string line = "") => text.Append(line).Append('\n');
        Line($"# {finding.Guideline}: {Printable.Text(finding.Message)}");
        Line();
        Line($"{Printable.Text(finding.Location?.ToString() ?? finding.Path)}{(finding.Model is null ? "" : $", in {Printable.Text(finding.Model)}")} ({finding.Severity}, {finding.Confidence})");
        if (finding.Conditions.Length > 0)
        {
            Line();
            Line($"Only where {string.Join(" and ", finding.Conditions.Select(c => $"`{Printable.Text(c)}`"))}.");
        }

        if ((finding.Snippet is { } snippet ? Printable.Text(snippet) : Now(finding)) is { } now)
        {
            Section("Now", "```python", now, "```");
        }

        if (Better(finding) is { } code)
        {
            Section("Better", "```python", code, "```");
        }

        if (finding.Recommendation is { } advice)
        {
            Section("What to do", Printable.Text(advice));
        }

        if (GuidelinePages.Section(finding.Guideline, "How AIMET fails without it") is { } why)
        {
            Section("How AIMET fails without it", why);
        }

        if (finding.InstanceCount > 1)
        {
            var names = finding.Instances.Take(Names).Select(n => $"- `{(n.Length == 0 ? "(root)" : Printable.Text(n))}`");
            var more = finding.InstanceCount - Math.Min(Names, finding.Instances.Length);
            Section(string.Create(CultureInfo.InvariantCulture, $"In {finding.InstanceCount} modules"), [.. names, .. more > 0 ? [string.Create(CultureInfo.InvariantCulture, $"- and {more} more")] : Array.Empty<string>()]);
        }

        Line();
        Line($"The guideline with an example: `modelguidelines explain {finding.Guideline}`");
        return text.ToString().TrimEnd('\n');

        void Section(string title, params string[] lines)
        {
            Line();
            Line($"## {title}");
            Line();
            Array.ForEach(lines, Line);
        }
    }

    /// <summary>What a file that keeps no source must have come from, in the user's names; null where the finding holds too little to write it.</summary>
    private static string? Now(Finding finding)
    {
        var name = NameOf(finding);
        return finding.Guideline switch
        {
            "PyTorch.FunctionalCall" when finding.Operator is { } function => $"x = {Attribute(function)}(x)  # a function, in the forward of {(string.IsNullOrEmpty(finding.Module) ? "the model" : Printable.Text(finding.Module))}",
            "PyTorch.ModuleReuse" when name is not null && finding.CallCount > 1 => $"x = self.{name}(x)  # call 1\n" + Further(finding.CallCount.Value, i => $"x = self.{name}(x)  # call {i}, the same module"),
            "Keras.LayerReuse" when name is not null && finding.CallCount > 1 =>
                $"{name} = keras.layers.{Class(finding.ModuleType ?? "...")}(..., name=\"{name}\")\nx = {name}(x)  # call 1\n" + Further(finding.CallCount.Value, i => $"x = {name}(x)  # call {i}, the same layer"),
            _ => null,
        };
    }

    /// <summary>The last part of the module's name, where that can be written in source.</summary>
    private static string? NameOf(Finding finding) => finding.Module is { Length: > 0 } module && module[(module.LastIndexOfAny(['.', '/']) + 1)..] is { } last && IsName(last) ? last : null;

    /// <summary>The change in the user's names, where the finding holds enough to write it; null where it does not.</summary>
    private static string? Better(Finding finding)
    {
        var name = NameOf(finding);
        return finding.Guideline switch
        {
            "PyTorch.FunctionalCall" when finding is { Operator: { } function, Replacement: { } type } =>
                $"# in __init__\nself.{Attribute(function)} = {(type.Contains('(', StringComparison.Ordinal) ? type : $"{type}(...)")}\n\n# in forward, instead of the function\nself.{Attribute(function)}(x)",
            "PyTorch.ModuleReuse" when name is not null && finding.CallCount is { } count && count > 1 =>
                $"# in __init__, as self.{name} is defined\n{Further(count, i => $"self.{name}{i} = {(finding.ModuleType is null ? "...  # an identical module" : $"{Class(finding.ModuleType)}(...)")}")}\n\n# in forward, a module for each call\n{Further(count, i => $"x = self.{name}{i}(x)  # call {i}")}",
            "Keras.LayerReuse" when name is not null && finding.CallCount is { } count && count > 1 =>
                Further(count, i => $"x = keras.layers.{Class(finding.ModuleType ?? "...")}(..., name=\"{name}_{i}\")(x)  # call {i}"),
            _ => null,
        };
    }

    private static string Class(string type) => Printable.Text(type[(type.LastIndexOf('.') + 1)..]);

    private static string Attribute(string function) => Printable.Text(function.TrimEnd('_'));

    private static string Further(long count, Func<string, string> line) =>
        string.Join('\n', Enumerable.Range(2, (int)Math.Min(count, 4) - 1).Select(i => line(i.ToString(CultureInfo.InvariantCulture))).Concat(count > 4 ? ["..."] : []));

    private static bool IsName(string text) => text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsLetterOrDigit(c) || c == '_');
}
