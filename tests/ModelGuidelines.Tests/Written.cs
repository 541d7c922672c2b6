using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests;

/// <summary>Audits for AIMET's written guidelines alone: tests that list all findings of a file are of these.</summary>
internal static class Written
{
    public static AuditSettings Settings { get; } = new() { Guidelines = ["PyTorch.*", "Keras.*"] };

    /// <summary>The result for a file of source that holds this.</summary>
    public static AuditResult Audit(string source, Severity minimum = Severity.Warning)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Join(folder.FullName, "model.py");
            File.WriteAllText(path, source);
            return Auditor.Default.Audit(new(path, path), Settings with { MinimumSeverity = minimum })!;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Findings of any severity as <c>guideline module operator|type|value confidence</c>, and guidelines that could not be decided. What PyTorch's models import stands in front.</summary>
    public static IEnumerable<string> Said(string text)
    {
        var report = Audit("import torch\nfrom torch import nn\nimport torch.nn.functional as F\n" + text, Severity.Information);
        return [.. report.Findings.Where(f => f.Outcome is Outcome.Fail && IsPyTorchs(f.Guideline)).Select(f => $"{Short(f.Guideline)} {f.Module} {f.Operator ?? f.ValueType ?? f.ModuleType} {f.Confidence}"),
            .. report.Guidelines.Where(g => g.Outcome is Outcome.Undecidable && IsPyTorchs(g.Guideline)).Select(g => $"{Short(g.Guideline)} Undecidable")];
    }

    /// <summary>Lines of code for the body of a method.</summary>
    public static string Indented(string code) => string.Join('\n', code.ReplaceLineEndings("\n").Split('\n').Select(l => "        " + l));

    private static bool IsPyTorchs(string guideline) => guideline.StartsWith("PyTorch.", StringComparison.Ordinal);

    private static string Short(string guideline) => guideline[(guideline.IndexOf('.', StringComparison.Ordinal) + 1)..];
}
