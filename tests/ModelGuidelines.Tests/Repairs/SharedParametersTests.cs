using Google.Protobuf;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats.Onnx.Wire;
using ModelGuidelines.Repairs;
using ModelGuidelines.Tests.Onnx;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>aimet_onnx wants an initializer for each type of operator, and one for each bias.</summary>
public sealed class SharedParametersTests
{
    /// <summary>A tied embedding: the Transpose goes with the MatMul that reads it, as the Gather keeps the weight.</summary>
    [Fact]
    public void ATiedEmbeddingBecomesTwo()
    {
        var (result, nodes) = Repair(Node("Gather", "e", "w", "ids"), Node("Transpose", "wt", "w"), Node("MatMul", "y", "e", "wt"));

        Assert.Equal(("Structure", RepairKind.ParameterCopy), (result.Verified, Assert.Single(result.Changes).Kind));
        Assert.Equal(["w ids", "w_2", "e wt"], nodes);
    }

    [Fact]
    public void EveryTypeThatReadsATransposedWeightGetsATransposeOfItsOwn()
    {
        var (result, nodes) = Repair(Node("Transpose", "wt", "w"), Node("MatMul", "y", "x", "wt"), Node("Add", "z", "y", "wt"), Node("MatMul", "u", "z", "wt"));

        Assert.Equal("Structure", result.Verified);
        Assert.Equal(["w", "w_2", "x wt", "y wt_2", "z wt"], nodes);
    }

    [Fact]
    public void EveryBiasIsItsOwn()
    {
        var (result, nodes) = Repair(Node("Gemm", "y", "x", "k", "w"), Node("Gemm", "z", "y", "k", "w"));

        Assert.Equal("Structure", result.Verified);
        Assert.Equal(["x k w", "y k w_2"], nodes);
    }

    [Fact]
    public void ParametersThatAreToStaySharedStay() =>
        Assert.Equal(RepairStatus.Unchanged, Repair(RepairSettings.Default with { ShareParameters = true }, Node("Gather", "e", "w", "ids"), Node("MatMul", "y", "e", "w")).Result.Status);

    private static NodeProto Node(string type, string output, params string[] inputs)
    {
        var node = new NodeProto { OpType = type, Name = $"/{output}/{type}", Output = { output } };
        node.Input.AddRange(inputs);
        return node;
    }

    private static (RepairResult Result, string[] Inputs) Repair(params NodeProto[] nodes) => Repair(RepairSettings.Default, nodes);

    private static (RepairResult Result, string[] Inputs) Repair(RepairSettings settings, params NodeProto[] nodes)
    {
        var graph = new GraphProto { Initializer = { new TensorProto { Name = "w" }, new TensorProto { Name = "k" } } };
        graph.Node.AddRange(nodes);
        using var folder = new TemporaryFolder();
        var path = folder.Write("model.onnx", WrittenModel.Of(graph));
        var result = Repairer.Default.Repair(new AuditInput(path, path), settings, TestContext.Current.CancellationToken);
        if (result.OutputPath is null)
        {
            return (result, []);
        }

        var input = new CodedInputStream(File.ReadAllBytes(result.OutputPath));
        while (input.ReadTag() is var tag and > 0)
        {
            if (WireFormat.GetTagFieldNumber(tag) == 7)
            {
                return (result, [.. GraphProto.Parser.ParseFrom(input.ReadBytes()).Node.Select(n => string.Join(' ', n.Input))]);
            }

            input.SkipLastField();
        }

        return (result, []);
    }
}
