using System.Collections.Immutable;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Guidelines.Aimet;

namespace ModelGuidelines.Audit;

/// <summary>Whether a tool takes a model.</summary>
public enum ReadinessVerdict
{
    /// <summary>Not a question for such a file.</summary>
    NotApplicable,

    /// <summary>Nothing stands against it.</summary>
    Takes,

    /// <summary>It works on the model, with losses or complaints.</summary>
    TakesWithLosses,

    /// <summary>The file, or what could be followed of it, does not tell.</summary>
    Undecidable,

    /// <summary>It raises in some configurations.</summary>
    MayRefuse,

    /// <summary>It raises.</summary>
    Refuses,
}

/// <summary>One thing that stands in the way, or that the tool mends.</summary>
/// <param name="Effect">What the tool does.</param>
/// <param name="Guideline">Whose finding it is.</param>
/// <param name="Text">What happens.</param>
/// <param name="Finding">The place, and what to change.</param>
public sealed record ReadinessReason(ToolEffect Effect, string Guideline, string Text, Finding Finding);

/// <summary>What one tool of AIMET does with one model.</summary>
/// <param name="Path">The file.</param>
/// <param name="Tool">Which tool.</param>
/// <param name="Verdict">What it does.</param>
/// <param name="Reasons">Why, in the order in which the tool would fail.</param>
/// <param name="Open">Why it cannot be told, where it cannot: a reason per guideline that is undecided.</param>
public sealed record ToolReadiness(string Path, AimetTool Tool, ReadinessVerdict Verdict, ImmutableArray<ReadinessReason> Reasons, ImmutableArray<string> Open)
{
    /// <summary>The name by which people know the tool.</summary>
    public string Title => ToolEffects.Title(Tool);
}

/// <summary>Reads off an audit whether AIMET's tools will take the model.</summary>
public static class ModelReadiness
{
    /// <summary>A record per tool, in the order in which a model meets them.</summary>
    /// <param name="result">Of an audit for all guidelines from severity Information on.</param>
    public static ImmutableArray<ToolReadiness> Of(AuditResult result) =>
        result.Error is not null ? [] : [.. Enum.GetValues<AimetTool>().Select(t => Of(result, t)).Where(r => r.Verdict is not ReadinessVerdict.NotApplicable)];

    private static ToolReadiness Of(AuditResult result, AimetTool tool)
    {
        var rows = ToolEffects.Of(tool).ToList();
        var outcomes = result.Guidelines.ToDictionary(g => g.Guideline, StringComparer.Ordinal);
        var asked = rows.Where(r => outcomes.TryGetValue(r.Guideline, out var o) && o.Outcome is not Outcome.NotApplicable).ToList();
        var isQuestion = tool switch
        {
            AimetTool.Onnx => asked.Exists(r => r.Guideline == "Aimet.SharedParameter"),
            AimetTool.Keras => asked.Count > 0,
            _ => asked.Exists(r => r.Guideline == "PyTorch.ModuleReuse"),
        };
        if (!isQuestion)
        {
            return new(result.Path, tool, ReadinessVerdict.NotApplicable, [], []);
        }

        var reasons = asked
            .SelectMany(r => result.Findings.Where(f => f.Outcome is Outcome.Fail && f.Guideline == r.Guideline && (r.Applies?.Invoke(f) ?? true)).Select(f => new ReadinessReason(r.Effect, r.Guideline, r.Text, f)))
            .ToImmutableArray();
        var open = asked
            .Where(r => r.Effect is ToolEffect.Raises && outcomes[r.Guideline].Outcome is Outcome.Undecidable)
            .Select(r => $"{r.Guideline}: {outcomes[r.Guideline].Reason}")
            .Concat(ToolEffects.NotTold(tool, result.Format) is { } untold ? [untold] : [])
            .Distinct(StringComparer.Ordinal)
            .ToImmutableArray();
        var raises = reasons.Where(r => r.Effect is ToolEffect.Raises).ToList();
        var verdict = raises.Exists(r => r.Finding.Confidence is Confidence.Certain) ? ReadinessVerdict.Refuses
            : raises.Count > 0 ? ReadinessVerdict.MayRefuse
            : !open.IsEmpty ? ReadinessVerdict.Undecidable
            : reasons.Any(r => r.Effect is ToolEffect.Reports or ToolEffect.Degrades) ? ReadinessVerdict.TakesWithLosses
            : ReadinessVerdict.Takes;
        return new(result.Path, tool, verdict, reasons, open);
    }
}
