using System.Collections.Immutable;
using System.Globalization;
using ModelGuidelines.Models;

namespace ModelGuidelines.Guidelines;

/// <summary>What a guideline is.</summary>
/// <param name="Id"><c>PyTorch.ModuleReuse</c>.</param>
/// <param name="Title">One line.</param>
/// <param name="Description">What it asks for and why.</param>
/// <param name="Framework">For whose models it is.</param>
/// <param name="Severity">Of an ordinary finding.</param>
/// <param name="Source">Where AIMET says so.</param>
/// <param name="Facts">What must have been seen for a Pass.</param>
public sealed record GuidelineDescriptor(string Id, string Title, string Description, Framework Framework, Severity Severity, string Source, GraphFacts Facts)
{
    /// <summary>The guideline's page.</summary>
    public Uri HelpUri { get; } = new($"https://github.com/ModelGuidelines/ModelGuidelines/blob/main/docs/guidelines/{Id}.md");
}

/// <summary>What a guideline finds in one graph.</summary>
/// <param name="Outcome">Never Pass without evidence.</param>
/// <param name="Reason">Why undecidable, or the blind spot behind a Pass; null when there is nothing to add.</param>
/// <param name="Findings">In the order of the graph.</param>
public sealed record GuidelineResult(Outcome Outcome, string? Reason, ImmutableArray<Finding> Findings)
{
/// <summary>The outcome that findings, evidence and gaps allow: a finding decides; without one, what the file keeps and what was not followed do.
    /// Where one of the guideline's facts is no question of the format, the guideline asks nothing of the file.</summary>
    public static GuidelineResult From(GuidelineDescriptor guideline, ModelGraph graph, ImmutableArray<Finding> findings) =>
        From(guideline, graph, findings, [.. graph.Evidence.Of(guideline.Facts)]);

    /// <summary>The same, with evidence that the guideline itself has weighed.</summary>
    public static GuidelineResult From(GuidelineDescriptor guideline, ModelGraph graph, ImmutableArray<Finding> findings, params Evidence?[] evidence)
    {
        if (evidence.Contains(null))
        {
            return new(Outcome.NotApplicable, "no question of this format", []);
        }

        var weakest = evidence.MinBy(e => e!.Completeness)!;
        List<Gap> gaps = graph.Gaps.IsEmpty ? [] : [.. graph.Gaps.Where(g => (g.Hides & guideline.Facts) is not GraphFacts.None)];
        var outcome = findings.Any(f => f.Severity >= Severity.Warning) ? Outcome.Fail
            : weakest.Completeness is Completeness.Absent || gaps.Count > 0 ? Outcome.Undecidable
            : Outcome.Pass;

        // What the whole file lacks says more than one place in it; a mere blind spot says less.
        var reason = weakest.Completeness is Completeness.Absent || gaps.Count == 0 ? weakest.Reason : Describe(gaps);
        return new(outcome, reason, findings);
    }

    /// <summary>The first place with its remedy, and how many more there are.</summary>
    private static string Describe(List<Gap> gaps) => gaps.Count == 1 ? gaps[0].ToString()
        : string.Create(CultureInfo.InvariantCulture, $"{gaps[0]} (and {gaps.Count - 1} more {(gaps.Count == 2 ? "place" : "places")} that could not be followed)");
}

/// <summary>What a user tells guidelines.</summary>
/// <param name="DefinedClasses">Exact qualified names of module classes that the user has registered quantized definitions for.</param>
public sealed record GuidelineOptions(ImmutableArray<string> DefinedClasses);

/// <summary>One guideline: an immutable descriptor and a pure function over the model graph. It knows no format.</summary>
public interface IGuideline
{
    GuidelineDescriptor Descriptor { get; }

    /// <summary>The guideline with what the user says that it needs to know; most need nothing.</summary>
    IGuideline For(GuidelineOptions options) => this;

    /// <summary>All findings, of every severity. Only called for graphs of the guideline's framework.</summary>
    GuidelineResult Evaluate(ModelGraph graph);
}
