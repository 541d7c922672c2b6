using ModelGuidelines.OnnxRuntime;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Tests.Repairs;

public sealed class OnnxRuntimeVerifierTests
{
    private static readonly string TwinEncoder = RepositoryFiles.Fixture("onnx", "twin_encoder", "torchscript-exporter.onnx");
    private readonly IEquivalenceVerifier _verifier = RealRuntime.OrSkip();

    [Fact]
    public void AModelEqualsItselfAndTheSeedsAreRecorded()
    {
        var comparison = _verifier.Compare(TwinEncoder, TwinEncoder, TestContext.Current.CancellationToken);

        Assert.Equal(RunOutcome.BitEqual, comparison.Outcome);
        Assert.Equal(3, comparison.Seeds.Length);
        Assert.Contains("float[", comparison.Inputs, StringComparison.Ordinal);
    }

    [Fact]
    public void OneChangedWeightIsADifference()
    {
        using var folder = new TemporaryFolder();
        var bytes = File.ReadAllBytes(TwinEncoder);
        var at = bytes.AsSpan().IndexOf("encoder.conv1.bias"u8);
        at = bytes.AsSpan().LastIndexOf("encoder.conv1.bias"u8) + "encoder.conv1.bias".Length + 5;
        bytes[at] ^= 0x40; // within the bias' data, which follows its name
        var changed = folder.Write("changed.onnx", bytes);

        var comparison = _verifier.Compare(TwinEncoder, changed, TestContext.Current.CancellationToken);

        Assert.Equal(RunOutcome.Different, comparison.Outcome);
    }

    [Fact]
    public void WhatCannotBeLoadedIsNotRun()
    {
        using var folder = new TemporaryFolder();
        var comparison = _verifier.Compare(folder.Write("broken.onnx", [1, 2, 3]), TwinEncoder, TestContext.Current.CancellationToken);

        Assert.Equal(RunOutcome.NotRun, comparison.Outcome);
        Assert.Contains("does not load", comparison.Reason, StringComparison.Ordinal);
    }
}
