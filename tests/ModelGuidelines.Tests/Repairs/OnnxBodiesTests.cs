using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>Calls that stand in bodies of If and Loop, and in local functions.</summary>
public sealed class OnnxBodiesTests
{
    [Theory]
    [InlineData("control_flow", "if_and_outside.onnx", "fc -> fc2", "relu -> relu2")]
    [InlineData("control_flow", "loop_twice.onnx", "fc -> fc2", "relu -> relu2")]
    [InlineData("modules_as_functions", "one_class.onnx", "a -> a2")]
    [InlineData("modules_as_functions", "every_module.onnx", "a -> a2")]
    [InlineData("modules_as_functions", "twice_inside.onnx", "block.fc -> block.fc2", "other.fc -> other.fc2", "block -> block2", "block.fc -> block2.fc2")]
    public void FurtherCallsBecomeModules(string folder, string file, params string[] expected)
    {
        using var output = new TemporaryFolder();
        var result = Repair(RepositoryFiles.Fixture("onnx", folder, file), RepairSettings.Default with { OutputFolder = output.Path, Verifier = RealRuntime.OrSkip() });

        Assert.Equal(RepairStatus.Repaired, result.Status);
        Assert.Equal(RunOutcome.BitEqual, result.Running!.Outcome);
        Assert.Equal(expected, result.Changes.Select(c => $"{c.Module} -> {c.NewModule}"));
        Assert.DoesNotContain(Auditor.Default.Audit(new(result.OutputPath!, file), new(), TestContext.Current.CancellationToken)!.Findings, f => f is { Guideline: "PyTorch.ModuleReuse", Outcome: Outcome.Fail });
    }

    [Theory]
    [InlineData("other.fc", "other.fc2")]
    [InlineData("block.fc", "block.fc2", "block.fc3", "block.fc4")]
    public void OneModuleOfAFunctionThatServesSeveral(string module, params string[] expected)
    {
        using var output = new TemporaryFolder();
        var result = Repair(RepositoryFiles.Fixture("onnx", "modules_as_functions", "twice_inside.onnx"), RepairSettings.Default with { OutputFolder = output.Path, Modules = [module], Verifier = RealRuntime.OrSkip() });

        Assert.Equal(RunOutcome.BitEqual, result.Running!.Outcome);
        Assert.Equal(expected, result.Changes.Select(c => c.NewModule));
    }

    /// <summary>Exporters write equal tensors once, with an Identity for the second name, and may transpose a weight once for two calls.</summary>
    [Theory]
    [InlineData("one_transpose.onnx", "fc.weight -> fc2.weight", "fc.bias -> fc2.bias")]
    [InlineData("by_identity.onnx", "onnx::MatMul_7 -> onnx::MatMul_8_2")]
    public void AWeightThatTheExporterSharesBecomesTwo(string file, params string[] expected)
    {
        using var output = new TemporaryFolder();
        var result = Repair(RepositoryFiles.Fixture("onnx", "shared_weight", file), RepairSettings.Default with { OutputFolder = output.Path, Verifier = RealRuntime.OrSkip() });

        Assert.Equal(RunOutcome.BitEqual, result.Running!.Outcome);
        Assert.Equal(expected, result.Changes.SelectMany(c => c.Parameters).Select(p => p.ToString()));
    }

    [Theory]
    [InlineData("loop_refine.dynamic.onnx")]
    [InlineData("twin_encoder.extended.onnx")]
    public void WhatAToolHasRewrittenIsLeft(string file)
    {
        using var output = new TemporaryFolder();
        var result = Repair(RepositoryFiles.Fixture("onnx", "after_tools", file), RepairSettings.Default with { OutputFolder = output.Path });
        Assert.Equal("MG.Repair.Unsupported", result.Error!.Id);
        Assert.Empty(Directory.GetFiles(output.Path));
    }

    private static RepairResult Repair(string path, RepairSettings settings) =>
        Repairer.Default.Repair(new AuditInput(path, path), settings, TestContext.Current.CancellationToken);
}
