using System.Collections.Immutable;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.OnnxRuntime;
using ModelGuidelines.Repairs;
using ModelGuidelines.Repairs.Onnx;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>The plan and the rewriting alone, on a picture of the model that stands here.</summary>
public sealed class OnnxPlanTests
{
    [Theory]
    [InlineData("torchscript-exporter.onnx")]
    [InlineData("dynamo.onnx")]
    public void AContainersSecondCallBecomesAModule(string name)
    {
        using var folder = new TemporaryFolder();
        var path = RepositoryFiles.Fixture("onnx", "twin_encoder", name);
        using var source = new ModelSource(path, ReadLimits.Default);
        var graph = TwinEncoder(OnnxDocument.Read(source));
        var finding = new Finding { Guideline = "PyTorch.ModuleReuse", Severity = Severity.Error, Module = "encoder", Message = "", Affected = ["encoder.conv1", "encoder.relu1", "encoder.conv2", "encoder.relu2"] };

        var plan = new OnnxRepairer().Plan(source, graph, [finding], RepairSettings.Default);

        var change = Assert.Single(plan.Changes);
        Assert.Equal(("encoder", "encoder2"), (change.Module, change.NewModule));
        Assert.Equal(["encoder2.conv1.bias", "encoder2.conv1.weight", "encoder2.conv2.bias", "encoder2.conv2.weight"], change.Parameters.Select(p => p.To).Order(StringComparer.Ordinal));
        var repaired = folder.File("repaired.onnx");
        using (var stream = File.Create(repaired))
        {
            plan.Write(stream, TestContext.Current.CancellationToken);
        }

        using var again = new ModelSource(repaired, ReadLimits.Default);
        var document = OnnxDocument.Read(again);
        Assert.Equal(plan.Changes[0].Nodes.Length, document.Main!.Nodes.Count(n => n.Name.StartsWith("/encoder2/", StringComparison.Ordinal) || n.Metadata.GetValueOrDefault("pkg.torch.onnx.name_scopes")?.Contains("'encoder2.", StringComparison.Ordinal) == true));
        Assert.Equal(RunOutcome.BitEqual, RealRuntime.OrSkip().Compare(path, repaired, TestContext.Current.CancellationToken).Outcome);
    }

    /// <summary>What a reader says of the model: the encoder's modules, each called twice.</summary>
    private static ModelGraph TwinEncoder(OnnxDocument document)
    {
        var builder = new ModelGraphBuilder();
        builder.FindOrAdd("");
        foreach (var node in document.Main!.Nodes)
        {
            var scopes = node.Metadata.TryGetValue("pkg.torch.onnx.name_scopes", out var text) ? text.Trim('[', ']').Split(", ")[^2].Trim('\'')
                : string.Join('.', node.Name.Split('/')[1..^1]);
            var path = scopes.EndsWith("_1", StringComparison.Ordinal) ? scopes[..^2] : scopes;
            var module = builder.FindOrAdd(path);
            var ofThis = builder.Nodes.Count(n => n.Module == module);
            if (path.StartsWith("encoder.", StringComparison.Ordinal) && (ofThis == 0 || scopes != path || (node.Metadata.Count > 0 && node.OpType is "Conv" or "Relu")))
            {
                builder.Calls.Add(new() { Module = module, Caller = builder.Find("encoder"), Node = node.Name });
                if (path == "encoder.conv1")
                {
                    builder.Calls.Add(new() { Module = builder.Find("encoder")!.Value, Caller = 0, Node = node.Name });
                }
            }

            builder.Nodes.Add(new() { Name = node.Name, OpType = node.OpType, Module = module });
        }

        return builder.Build(Framework.PyTorch, null, new());
    }
}
