using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace ModelGuidelines.Formats;

/// <summary>One model, named by the expression that builds it: <c>Net(num_classes=10)</c> in the names of a Python file.</summary>
/// <param name="Expression">Python, evaluated without being run.</param>
public sealed partial record ModelEntry(string Expression)
{
    /// <summary>Where its names are: a dotted module (<c>timm.models.resnet</c>) or a path that ends in .py; null: in the file that is audited.</summary>
    public string? Module { get; init; }

    /// <summary>The folder to which a path or module is relative; null: where the audit runs.</summary>
    public string? Folder { get; init; }

    /// <summary>What reports call the model; null: its class.</summary>
    public string? Name { get; init; }

    /// <summary>Arguments of forward that are not tensors, by name, each an expression; the others are tensors or have their defaults.</summary>
    public ImmutableSortedDictionary<string, string> Arguments { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Reads <c>expression</c>, <c>package.module:expression</c> or <c>path.py:expression</c>.</summary>
    public static ModelEntry Parse(string text) => Qualified().Match(text) is { Success: true } m && m.Groups["module"].Value is not "lambda"
        ? new ModelEntry(m.Groups["expression"].Value.Trim()) { Module = m.Groups["module"].Value }
        : new ModelEntry(text.Trim());

    public override string ToString() => Module is null ? Expression : $"{Module}:{Expression}";

    [GeneratedRegex(@"^(?>\s*)(?<module>[^()\[\]{}'""]*?\.py|[^\W\d]\w*(\.[^\W\d]\w*)*)\s*:(?<expression>.*)$", RegexOptions.ExplicitCapture | RegexOptions.Singleline, Timeout.Infinite)]
    private static partial Regex Qualified();
}
