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
        Line($"{finding.Location?.ToString() ?? finding.Path}{(finding.Model is null ? "" : $", in {Printable.Text(finding.Model)}")} ({finding.Severity}, {finding.Confidence})");
        if (finding.Conditions.Length > 0)
        {
            Line();
            Line($"Only where {string.Join(" and ", finding.Conditions.Select(c => $"`{Printable.Text(c)}`"))}.");
        }

        if (finding.Snippet is { } snippet)
        {
            Section("Now", "```python", Printable.Text(snippet), "```");
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

    /// <summary>The change in the user's names, where the finding holds enough to write it; null where it does not.</summary>
    private static string? Better(Finding finding)
    {
        var name = finding.Module is { Length: > 0 } module && module[(module.LastIndexOfAny(['.', '/']) + 1)..] is { } last && IsName(last) ? last : null;
        return finding.Guideline switch
        {
            "PyTorch.FunctionalCall" when finding is { Operator: { } function, Replacement: { } type } =>
                $"# in __init__\nself.{Attribute(function)} = {(type.Contains('(', StringComparison.Ordinal) ? type : $"{type}(...)")}\n\n# in forward, instead of the function\nself.{Attribute(function)}(x)",
            "PyTorch.ModuleReuse" when name is not null && finding.CallCount is { } count && count > 1 =>
                $"# in __init__, as self.{name} is defined\n{Further(name, count, (n, _) => $"self.{n} = {(finding.ModuleType is null ? "...  # an identical module" : $"{Class(finding.ModuleType)}(...)")}")}\n\n# in forward, a module for each call\n{Further(name, count, (n, i) => $"self.{n}(x)  # call {i.ToString(CultureInfo.InvariantCulture)}")}",
            "Keras.LayerReuse" when name is not null && finding.CallCount is { } count && count > 1 =>
                Further(name, count, (n, i) => $"x = keras.layers.{Class(finding.ModuleType ?? "...")}(..., name=\"{n}\")(x)  # call {i.ToString(CultureInfo.InvariantCulture)}"),
            _ => null,
        };
    }

    private static string Class(string type) => Printable.Text(type[(type.LastIndexOf('.') + 1)..]);

    private static string Attribute(string function) => Printable.Text(function.TrimEnd('_'));

    private static string Further(string name, int count, Func<string, int, string> line) =>
        string.Join('\n', Enumerable.Range(2, Math.Min(count, 4) - 1).Select(i => line($"{name}{i.ToString(CultureInfo.InvariantCulture)}", i)).Concat(count > 4 ? ["..."] : []));

    private static bool IsName(string text) => text.Length > 0 && !char.IsAsciiDigit(text[0]) && text.All(c => char.IsLetterOrDigit(c) || c == '_');
}
