using Google.Protobuf;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats.Onnx.Wire;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.Onnx;

/// <summary>Names that tf2onnx writes: of Keras' two generations, and of TensorFlow programs that hold no layers.</summary>
public sealed class KerasScopesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("model-guidelines-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_second_call_in_keras_3_runs_in_a_scope_with_a_later_number()
    {
        var path = RepositoryFiles.Fixture("onnx", "keras3_conv_shared_relu", "model.onnx");
        var result = Auditor.Default.Audit(new(path, path), Written.Settings, TestContext.Current.CancellationToken)!;

        // conv2d_1 and conv2d_1_2, dense_1 and dense_1_2 are two layers each.
        Assert.Equal(["pool:2 Likely", "relu:3 Likely"], result.Findings.Where(f => f.Guideline == "Keras.LayerReuse").Select(f => $"{f.Module}:{f.CallCount} {f.Confidence}").Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("one Keras layer twice", Outcome.Fail, "m/fc/MatMul w", "m/fc/MatMul_1 w", "m/add/add")]
    [InlineData("the layer's own code reads its weight twice and joins the results", Outcome.Pass, "m/pair/MatMul w", "m/pair/MatMul_1 w", "m/pair/sub x")]
    [InlineData("one weight once, the other twice", Outcome.Pass, "m/mix/MatMul w", "m/mix/MatMul_1 w", "m/mix/MatMul_2 v")]
    [InlineData("steps of an unrolled recurrent layer", Outcome.Pass, "m/lstm/transpose", "m/lstm/lstm_cell/MatMul w", "m/lstm/lstm_cell/MatMul_1 w")]
    [InlineData("two towers of plain TensorFlow", Outcome.Undecidable, "a/pool/MaxPool", "b/pool/MaxPool", "b/pool/MaxPool_1")]
    [InlineData("a variable of TensorFlow 1", Outcome.Undecidable, "m/fc/MatMul v/read:0", "m/fc/MatMul_1 v/read:0", "m/fc/add")]
    [InlineData("through TensorFlow Lite", Outcome.Undecidable, "m/a/Relu;m/a/BiasAdd", "m/b/Relu;m/b/BiasAdd", "m/out")]
    [InlineData("behind a SavedModel's signature", Outcome.Fail, "StatefulPartitionedCall/m/fc/MatMul w", "StatefulPartitionedCall/m/fc/MatMul_1 w", "StatefulPartitionedCall/m/add/add")]
    public void Scopes_are_layers_where_keras_named_them(string what, Outcome outcome, params string[] nodes)
    {
        Assert.NotEmpty(what);
        var graph = new GraphProto { Input = { new ValueInfoProto { Name = "image" } } };
        foreach (var (node, i) in nodes.Select((n, i) => (n.Split(' '), i)))
        {
            var operation = node[0][(node[0].LastIndexOf('/') + 1)..].Split('_')[0];
            graph.Node.Add(new NodeProto { Name = node[0], OpType = operation, Input = { node.Length > 1 ? ["image", node[1]] : ["image"] }, Output = { $"o{i}" } });
        }

        foreach (var weight in nodes.Select(n => n.Split(' ')).Where(n => n.Length > 1).Select(n => n[1]).Distinct())
        {
            graph.Initializer.Add(new TensorProto { Name = weight, DataType = 1, Dims = { 2, 2 } });
        }

        var result = Audit(graph);
        Assert.Null(result.Error);
        Assert.Equal(outcome, result.Guidelines.Single(g => g.Guideline == "Keras.LayerReuse").Outcome);
    }

    private AuditResult Audit(GraphProto graph)
    {
        var path = Path.Combine(_folder, "model.onnx");
        byte[] bytes = [0x08, 0x08, 0x12, 0x07, .. "tf2onnx"u8, 0x3A, .. Varint(graph.CalculateSize()), .. graph.ToByteArray()];
        File.WriteAllBytes(path, bytes);
        return Auditor.Default.Audit(new(path, path), Written.Settings, TestContext.Current.CancellationToken)!;
    }

    private static byte[] Varint(int value)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
        {
            output.WriteInt32(value);
        }

        return bytes.ToArray();
    }
}
