using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.Audit;

/// <summary>What is new, fixed and known.</summary>
public sealed class BaselineTests
{
    [Fact]
    public void A_renamed_file_is_known_and_a_copy_is_new()
    {
        var before = new[] { File("a.py", "1", "2"), File("b.py", "3") };
        Assert.Equal((0, 0), Marked(before, [File("a.py", "2", "1"), File("moved/b.py", "3")]));

        // The copy stands beside the file that it was made of; what was repaired there is fixed.
        Assert.Equal((1, 1), Marked(before, [File("a.py", "1"), File("b.py", "3"), File("c.py", "2")]));

        // Each finding answers for one.
        Assert.Equal((1, 0), Marked(before, [File("a.py", "1", "2"), File("b.py", "3", "3")]));
    }

    [Fact]
    public void What_was_not_audited_is_fixed_only_when_it_is_gone()
    {
        var before = new[] { File("a.py", "1"), File("b.py", "2") };
        Assert.Equal((0, 0), Marked(before, [File("a.py", "1")]));
        Assert.Equal((0, 1), Marked(before, [File("a.py", "1")], _ => true));
    }

    [Fact]
    public void Only_what_is_new_fails()
    {
        var known = Baseline.Mark([File("a.py", "1")], [File("a.py", "1")], _ => false).Results[0];
        Assert.False(FailurePolicy.Fails(known, FailOn.Warning));
        Assert.True(FailurePolicy.Fails(Baseline.Mark([File("a.py", "1")], [File("a.py", "1", "2")], _ => false).Results[0], FailOn.Warning));
    }

    private static (int New, int Fixed) Marked(AuditResult[] before, AuditResult[] after, Func<string, bool>? isGone = null)
    {
        var (results, gone) = Baseline.Mark(before, after, isGone ?? (_ => false));
        return (results.Sum(r => r.Findings.Count(f => f.BaselineState == "new")), gone.Count);
    }

    private static AuditResult File(string path, params string[] fingerprints) => new()
    {
        Path = path,
        Findings = [.. fingerprints.Select(f => new Finding { Guideline = "PyTorch.FunctionalCall", Severity = Severity.Warning, Message = f, Fingerprint = f, Path = path })],
    };
}
