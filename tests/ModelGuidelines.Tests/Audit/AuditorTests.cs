using System.Collections.Immutable;
using System.Diagnostics;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Audit;

/// <summary>The auditor with a format whose files say in their text what is to happen.</summary>
public sealed class AuditorTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mg-audit-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Results_come_in_the_order_of_the_inputs()
    {
        var inputs = Enumerable.Range(0, 60).Select(i => Input($"{i}.mod", i % 7 == 0 ? "wait 30" : "ok")).ToList();
        var results = await Audit(inputs, new() { Parallelism = 8 });
        Assert.Equal(inputs.Select(i => i.DisplayPath), results.Select(r => r.Path));
    }

    [Fact]
    public async Task One_failure_costs_one_file()
    {
        var results = await Audit([Input("a.mod", "ok"), Input("b.mod", "refuse"), Input("c.mod", "defect"), Input("d.mod", "ok")]);
        Assert.Equal([null, "MG.Stub.Refused", "MG.Internal.Defect", null], results.Select(r => r.Error?.Id));
    }

    [Fact]
    public async Task A_file_that_disappears_is_an_error()
    {
        var input = Input("gone.mod", "ok");
        File.Delete(input.FullPath);
        Assert.Equal("MG.Input.NotFound", Assert.Single(await Audit([input])).Error!.Id);
    }

    [Fact]
    public async Task A_locked_file_is_an_error()
    {
        var input = Input("locked.mod", "ok");
        using var hold = new FileStream(input.FullPath, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        Assert.Equal("MG.Input.Unreadable", Assert.Single(await Audit([input])).Error!.Id);
    }

    [Fact]
    public async Task A_guess_that_is_no_model_is_passed_over() =>
        Assert.Empty(await Audit([Input("x.dat", "") with { IsGuess = true }, Input("y.dat", "other") with { IsGuess = true }]));

    [Fact]
    public async Task Cancelling_begins_nothing_more()
    {
        using var stop = new CancellationTokenSource();
        var begun = 0;
        var inputs = Enumerable.Range(0, 1000).Select(i => Input($"{begun++}.mod", "wait 100"));
        var run = Task.Run(async () =>
        {
            await foreach (var _ in Auditor().AuditAsync(inputs, new() { Parallelism = 4 }, stop.Token))
            {
                await stop.CancelAsync();
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);
        Assert.InRange(begun, 1, 999);
    }

    [Fact]
    public void A_session_gives_results_in_order_and_stops()
    {
        using var session = new AuditSession(Auditor(), new() { Parallelism = 4 });
        for (var i = 0; i < 10; i++)
        {
            session.Add(Input($"{i}.mod", i % 3 == 0 ? "wait 20" : "ok"));
        }

        for (var i = 0; i < 9; i++)
        {
            Assert.Equal($"{i}.mod", session.Take()!.Path);
        }

        session.Stop();
        Assert.Throws<OperationCanceledException>(session.Take);
    }

    [Fact]
    public async Task Sentences_hold_no_terminal_escapes()
    {
        var result = Assert.Single(await Audit([Input("a.mod", "escape")]));
        Assert.DoesNotContain('\u001b', Assert.Single(result.Findings).Message);
    }

    [Theory]
    [InlineData(FailOn.Error, false)]
    [InlineData(FailOn.Warning, true)]
    [InlineData(FailOn.Information, true)]
    [InlineData(FailOn.Undecidable, true)]
    [InlineData(FailOn.Never, false)]
    public void A_warning_fails_from_its_severity_on(FailOn failOn, bool fails)
    {
        var result = new AuditResult { Path = "x", Findings = [new() { Guideline = "PyTorch.FunctionalCall", Severity = Severity.Warning, Message = "m" }] };
        Assert.Equal(fails, FailurePolicy.Fails(result, failOn));
        Assert.Empty(FailurePolicy.Filter(result, Severity.Error).Findings);
    }

    [Fact]
    public void The_undecided_fail_only_when_asked_for()
    {
        var result = new AuditResult { Path = "x", Guidelines = [new("PyTorch.ModuleReuse", Outcome.Undecidable, "because")] };
        Assert.True(FailurePolicy.Fails(result, FailOn.Undecidable));
        Assert.False(FailurePolicy.Fails(result, FailOn.Warning));
    }

    private static Auditor Auditor() => new(new FormatRegistry([new Stub()]), [new StubGuideline()]);

    private static async Task<List<AuditResult>> Audit(IEnumerable<AuditInput> inputs, AuditSettings? settings = null)
    {
        var results = new List<AuditResult>();
        await foreach (var result in Auditor().AuditAsync(inputs, settings ?? AuditSettings.Default))
        {
            results.Add(result);
        }

        return results;
    }

    private AuditInput Input(string name, string text)
    {
        var path = Path.Combine(_folder, name);
        File.WriteAllText(path, text);
        return new(path, name);
    }

    private sealed class Stub : IModelFormat
    {
        public string Name => "Stub";

        public IReadOnlyCollection<string> Extensions => [".mod"];

        public bool Matches(ModelSource source) => source.Extension == ".mod" && source.Header.Length > 0;

        public ModelGraph Read(ModelSource source)
        {
            var words = System.Text.Encoding.UTF8.GetString(source.Header).Split(' ');
            switch (words[0])
            {
                case "wait":
                    source.Cancellation.WaitHandle.WaitOne(int.Parse(words[1], System.Globalization.CultureInfo.InvariantCulture));
                    source.Cancellation.ThrowIfCancellationRequested();
                    break;
                case "refuse":
                    throw new ModelReadException("MG.Stub.Refused", "refused", 3);
                case "defect":
                    throw new InvalidOperationException("a bug");
                default:
                    break;
            }

            return new() { Framework = Framework.PyTorch, Exporter = words[0] };
        }
    }

    private sealed class StubGuideline : IGuideline
    {
        public GuidelineDescriptor Descriptor { get; } = new("PyTorch.Stub", "t", "d", Framework.PyTorch, Severity.Error, "s", GraphFacts.Operations);

        public GuidelineResult Evaluate(ModelGraph graph) => new(
            Outcome.Fail, null, graph.Exporter == "escape" ? ImmutableArray.Create(new Finding { Guideline = "PyTorch.Stub", Severity = Severity.Error, Message = "\u001b[31mred" }) : []);
    }
}
