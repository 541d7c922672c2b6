using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Reports;

/// <summary>What build servers show among their tests: a suite per file, a case per guideline that is a question for it, or one case where the file could not be read.</summary>
/// <param name="Name">The guideline's id, or <c>read</c>.</param>
/// <param name="Result">How it ended.</param>
/// <param name="Type">What it failed by: the guideline's id, or the error's.</param>
/// <param name="Lines">Why, a line each; empty where it passed.</param>
internal sealed record TestCase(string Name, TestResult Result, string? Type, IReadOnlyList<string> Lines)
{
    /// <summary>The cases of one file.</summary>
    public static List<TestCase> Of(AuditResult result) => result.Error is { } error
        ? [new("read", TestResult.Error, error.Id, [Printable.Text(error.Message)])]
        : [.. result.Guidelines.Where(g => g.Outcome is not Outcome.NotApplicable).Select(g => Of(result, g))];

    private static TestCase Of(AuditResult result, GuidelineOutcome guideline) => guideline.Outcome switch
    {
        Outcome.Fail => new(
            guideline.Guideline,
            TestResult.Failed,
            guideline.Guideline,
            [.. result.Findings.Where(f => f.Guideline == guideline.Guideline && f.Outcome is Outcome.Fail).Select(f => Printable.Text(f.Location is null ? f.Message : $"{f.Message} ({f.Location})"))]),
        Outcome.Undecidable => new(guideline.Guideline, TestResult.Undecided, null, [Printable.Text($"cannot be decided: {guideline.Reason}")]),
        _ => new(guideline.Guideline, TestResult.Passed, null, []),
    };
}

/// <summary>How a case ended.</summary>
internal enum TestResult
{
    Passed,
    Failed,
    Undecided,

    /// <summary>The file could not be read.</summary>
    Error,
}
