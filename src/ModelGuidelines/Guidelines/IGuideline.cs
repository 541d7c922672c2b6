using System.Collections.Immutable;
using ModelGuidelines.Models;

namespace ModelGuidelines.Guidelines;

/// <summary>What a guideline is.</summary>
/// <param name="Id"><c>PyTorch.ModuleReuse</c>.</param>
/// <param name="Title">One line.</param>
/// <param name="Description">What it asks for and why.</param>
/// <param name="Framework">For whose models it is.</param>
/// <param name="Severity">Of an ordinary finding.</param>
/// <param name="Source">Where AIMET says so.</param>
public sealed record GuidelineDescriptor(string Id, string Title, string Description, Framework Framework, Severity Severity, string Source)
{
    /// <summary>The guideline's page.</summary>
    public Uri HelpUri => new($"https://github.com/ModelGuidelines/ModelGuidelines/blob/main/docs/guidelines/{Id}.md");
}

/// <summary>What a guideline finds in one graph.</summary>
/// <param name="Outcome">Never Pass without evidence.</param>
/// <param name="Reason">Why undecidable, or the blind spot behind a Pass; null when there is nothing to add.</param>
/// <param name="Findings">In the order of the graph.</param>
public sealed record GuidelineResult(Outcome Outcome, string? Reason, ImmutableArray<Finding> Findings)
{
    /// <summary>The outcome that findings and evidence allow: a finding decides; without one, the weakest evidence does.</summary>
    public static GuidelineResult From(ImmutableArray<Finding> findings, params Evidence[] evidence)
    {
        var weakest = evidence.MinBy(e => e.Completeness)!;
        if (findings.Any(f => f.Severity >= Severity.Warning))
        {
            return new(Outcome.Fail, weakest.Completeness is Completeness.Complete ? null : weakest.Reason, findings);
        }

        return weakest.Completeness switch
        {
            Completeness.Absent => new(Outcome.Undecidable, weakest.Reason, findings),
            Completeness.BlindSpots => new(Outcome.Pass, weakest.Reason, findings),
            _ => new(Outcome.Pass, null, findings),
        };
    }
}

/// <summary>One guideline: an immutable descriptor and a pure function over the model graph. It knows no format.</summary>
public interface IGuideline
{
    GuidelineDescriptor Descriptor { get; }

    /// <summary>All findings, of every severity. Only called for graphs of the guideline's framework.</summary>
    GuidelineResult Evaluate(ModelGraph graph);
}
