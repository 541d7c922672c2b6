using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Audit;

/// <summary>The time that a file is given: its end is an error of that file, whatever the format, and no file drops out.</summary>
public sealed class TimeLimitTests
{
    private static readonly AuditSettings None = AuditSettings.Default with { Limits = ReadLimits.Default with { Time = TimeSpan.Zero } };

    [Theory]
    [InlineData("onnx")]
    [InlineData("torchscript")]
    [InlineData("pt2")]
    [InlineData("keras")]
    [InlineData("python-source")]
    public async Task AFileWithoutTimeIsAnErrorAndTheAuditGoesOn(string fixtures)
    {
        var inputs = new InputFinder(Formats.FormatRegistry.Default).Find(RepositoryFiles.Fixture(fixtures)).Where(i => Auditor.Default.Audit(i, AuditSettings.Default, TestContext.Current.CancellationToken) is { Error: null }).Take(20).ToList();
        var results = new List<AuditResult>();
        await foreach (var result in Auditor.Default.AuditAsync(inputs, None, TestContext.Current.CancellationToken))
        {
            results.Add(result);
        }

        Assert.NotEmpty(results);
        Assert.Equal(inputs.Count, results.Count);
        Assert.All(results, r => Assert.Equal(ReadBudget.OutOfTimeId, r.Error?.Id));
    }

    [Fact]
    public void WhoCancelsIsToldSoAndNotThatTheTimeIsOver()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        var model = Directory.EnumerateFiles(RepositoryFiles.Fixture("onnx"), "*.onnx", SearchOption.AllDirectories).First();
        Assert.ThrowsAny<OperationCanceledException>(() => Auditor.Default.Audit(new(model, model), None, stop.Token));
    }
}
