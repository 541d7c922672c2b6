using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;

namespace ModelGuidelines.Tests.Audit;

/// <summary>What is new, fixed and known.</summary>
public sealed class BaselineTests
{
    [Fact]
    public void A_renamed_file_is_known_and_a_copy_is_new()
    {
        var before = new[] { File("a.py", "1", "2"), File("b.py", "3") };
        Assert.Equal((0, 0), Marked(before, [File("a.py", "2", "1"), File("moved/b.py", "3")], p => p == "b.py"));

        // Of a part of the files: what was not audited and is still there was not renamed.
        Assert.Equal((1, 0), Marked(before, [File("copy.py", "3")]));

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

    [Fact]
    public void A_file_is_the_same_by_whatever_way_it_was_named()
    {
        var before = new[] { File("./src/a.py", "1"), File("b.py", "2") };
        var (results, gone) = Baseline.Mark(before, [File("src/a.py", "1"), File(Path.Combine(Path.GetTempPath(), "b.py"), "2")], _ => true, Path.GetTempPath());
        Assert.All(results, r => Assert.Equal(Baseline.Unchanged, r.Findings[0].BaselineState));
        Assert.Empty(gone);
    }

    [Fact]
    public void What_was_not_asked_or_could_not_be_read_is_not_fixed()
    {
        var before = new[] { File("a.py", "1"), File("b.py", "2") };
        AuditResult[] after = [File("a.py") with { Error = new("MG.Input.AccessDenied", "", null) }, File("b.py") with { Guidelines = [new("PyTorch.ModuleReuse", Outcome.Pass, null)] }];
        Assert.Equal((0, 0), Marked(before, after));
        Assert.Equal(["1", "2"], Baseline.Updated(before, after, _ => false).Results.SelectMany(r => r.Findings).Select(f => f.Fingerprint));
    }

    /// <summary>Each file is asked by itself: a guideline that is not asked of it, or not decided, and another model of it tell nothing.</summary>
    [Fact]
    public void What_another_file_or_model_was_asked_fixes_nothing()
    {
        var before = new[] { File("a.py", "1"), File("b.py", "2"), File("c.py", "3") with { Entry = "A()" } };
        var guideline = before[0].Findings[0].Guideline;
        GuidelineOutcome Said(string id, Outcome outcome) => new(id, outcome, null);
        AuditResult[] after =
        [
            File("a.py") with { Guidelines = [Said(guideline, Outcome.Undecidable)] },
            File("b.py") with { Guidelines = [Said("PyTorch.Other", Outcome.Pass)] },
            File("c.py") with { Guidelines = [Said(guideline, Outcome.Pass)], Entry = "B()" },
        ];
        Assert.Equal((0, 0), Marked(before, after));
        Assert.Equal((0, 2), Marked(before, [after[0] with { Guidelines = [Said(guideline, Outcome.Pass)] }, after[1], after[2] with { Entry = "A()" }]));
    }

    /// <summary>What an option hides is neither new nor fixed, and stays in the baseline; what is accepted is not fixed, and leaves it.</summary>
    [Fact]
    public void What_is_hidden_or_accepted_is_not_fixed()
    {
        Finding In(string module, string fingerprint, Severity severity = Severity.Warning) => File("a.py", fingerprint).Findings[0] with { Module = module, Severity = severity };
        var before = new[] { File("a.py") with { Findings = [In("encoder.act", "1"), In("head", "2"), In("head", "3", Severity.Information), In("head", "4")] } };
        AuditResult[] after = [File("a.py") with { SuppressedFindings = [new(before[0].Findings[3], new("*", "by design", 1, 1, null))] }];
        var settings = new AuditSettings { ExcludedModules = ["encoder"] };
        Assert.Equal(["2"], Baseline.Mark(before, after, _ => false, settings: settings).Fixed.Select(f => f.Fingerprint));
        Assert.Equal(["1", "3"], Baseline.Updated(before, after, _ => false, settings: settings).Results.SelectMany(r => r.Findings).Select(f => f.Fingerprint));
    }

    [Fact]
    public void An_update_keeps_what_the_audit_did_not_look_at()
    {
        var before = new[] { File("a.py", "1"), File("b.py", "2"), File("clean.py"), File("gone.py", "3") };
        var updated = Baseline.Updated(before, [File("./c.py", "5", "4"), File("a.py")], p => p == "gone.py");
        Assert.Equal(["a.py:", "b.py:2", "c.py:4,5", "clean.py:"], updated.Results.Select(r => $"{r.Path}:{string.Join(',', r.Findings.Select(f => f.Fingerprint))}"));
    }

    [Fact]
    public void An_update_shows_no_line_that_only_moved()
    {
        string Written(int line)
        {
            var file = File("a.py", "1");
            using var stream = new MemoryStream();
            new JsonReport().Write(stream, Baseline.Updated([], [file with { Elapsed = TimeSpan.FromSeconds(line), Findings = [file.Findings[0] with { Location = new("a.py", line, 1) }] }], _ => false));
            return System.Text.Encoding.UTF8.GetString(stream.ToArray());
        }

        Assert.Equal(Written(3), Written(30));
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
