using ModelGuidelines.Audit;
using ModelGuidelines.Formats.Onnx.Wire;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.Onnx;

/// <summary>Graphs as the TorchScript-based exporter of PyTorch 1.13 wrote them for models that were run beside: what the names prove, and what they do not.</summary>
public sealed class GraphsOfNodesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("model-guidelines-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("a scripted Sequential of two activations is called twice", "result.3", "fc.weight:8,8",
        "/seq/0/Tanh x.1 > a; /seq/1/Relu a > b; /fc/Gemm b fc.weight > c; /seq/Tanh c > d; /seq/Relu d > result.3", "seq.0:2? seq.1:2? seq:2?", "Pass", "")]
    [InlineData("a scripted block that calls a function too is called twice", "7", "fc.weight:8,8",
        "/blk/act/Tanh x.1 > a; /blk/Relu a > b; /fc/Gemm b fc.weight > c; /blk_1/Tanh c > d; /blk_1/Relu d > 7", "blk.act:2? blk:2?", "Fail", "blk/relu")]
    [InlineData("the same with weights", "x.20", "n.norm.weight:8 n.norm.bias:8 fc.weight:8,8",
        "/n/norm/LayerNormalization x.1 n.norm.weight n.norm.bias > a; /n/Relu a > b; /n_1/LayerNormalization b n.norm.weight n.norm.bias > c; /n_1/Relu c > d; /fc/Gemm d fc.weight > x.20", "n.norm:2 n:2?", "Fail", "n/relu")]
    [InlineData("a scripted model of which all scopes are gone", "x.16", "conv.weight:8,8,3 conv.bias:8",
        "/Conv x.1 conv.weight conv.bias > a; /LeakyRelu a > b; /Softplus b > x.16", "", "Undecidable", "")]
    [InlineData("the same under a name of the user's", "y", "conv.weight:8,8,3 conv.bias:8",
        "/Conv x conv.weight conv.bias > a; /LeakyRelu a > b; /Softplus b > y", "", "Fail", "/conv2d? /leaky_relu? /softplus?")]
    [InlineData("a module inside another one is called from outside too", "9", "inner.fc.weight:8,8 inner.fc.bias:8",
        "/fc/Gemm x inner.fc.weight inner.fc.bias > a; /inner/fc/Gemm a inner.fc.weight inner.fc.bias > b; /inner/act/Tanh b > 9", "inner.fc:2", "Pass", "")]
    [InlineData("the same, where a norm's two vectors may be another's", "9", "inner.norm.weight:8 inner.norm.bias:8",
        "/norm/LayerNormalization x inner.norm.weight inner.norm.bias > a; /inner/norm/LayerNormalization a inner.norm.weight inner.norm.bias > b; /inner/act/Tanh b > 9", "inner.norm:2?", "Pass", "")]
    [InlineData("the same, where a batch norm was folded and took the names", "9", "onnx::Conv_4:8,8,3,3",
        "/net/fc/Conv x onnx::Conv_4 > a; /net/body/fc/Conv a onnx::Conv_4 > b; /net/body/act/Relu b > 9", "net.body.fc:2?", "Pass", "")]
    [InlineData("copies in a list that were never trained are modules of their own", "9", "onnx::MatMul_4:8,8",
        "/layers.0/fc/MatMul x onnx::MatMul_4 > a; /layers.0/act/Relu a > b; /layers.1/fc/MatMul b onnx::MatMul_4 > c; /layers.1/act/Relu c > 9", "", "Pass", "")]
    [InlineData("linear of three dimensions, sizes, stack, logsigmoid and softmin of another type", "9", "m.weight:8,8 m.bias:8 onnx::MatMul_6:8,8",
        "/Constant > k; /MatMul x onnx::MatMul_6 > a; /Add m.bias a > b; /Shape b > s; /Gather s k > h; /Mul h h > hh; /Unsqueeze hh > u; /Concat u k > v; /Reshape b v > c; /Unsqueeze_1 c > d; /Unsqueeze_2 c > e; /Concat_1 d e > f; /Sigmoid f > g; /Log g > l; /Neg l > n; /Cast n > o; /Softmax o > p; /act/Relu p > 9",
        "", "Fail", "/linear?")]
    [InlineData("a module beside it whose name ends in another number says nothing", "9", "fc.weight:8,8",
        "/act/Softmax x > a; /act_2/Clip a > b; /relu3/Relu b > c; /relu3_1/Relu c > d; /fc/Gemm d fc.weight > 9", "relu3:2?", "Pass", "")]
    [InlineData("one whose name ends in the same number does", "9", "fc.weight:8,8",
        "/act/Softmax x > a; /act_1/Clip a > b; /relu/Relu b > c; /relu_1/Relu c > d; /fc/Gemm d fc.weight > 9", "", "Pass", "")]
    [InlineData("vectors without names that are equal are those of one norm, or of two that were never trained", "9", "onnx::Mul_5:8,1,1 onnx::Add_6:8,1,1",
        "/gn/InstanceNormalization x > a; /gn/Mul a onnx::Mul_5 > b; /gn/Add b onnx::Add_6 > c; /conv/Relu c > d; /gn_1/InstanceNormalization d > e; /gn_1/Mul e onnx::Mul_5 > f; /gn_1/Add f onnx::Add_6 > 9", "gn:2?", "Pass", "")]
    [InlineData("a norm and a softsign written out may be functions, and what a shape is made of is none", "9", "m.weight:8",
        "/ReduceMean x > a; /Sub x a > b; /Pow b > c; /ReduceMean_1 c > d; /Add d > e; /Sqrt e > f; /Div b f > g; /Mul g m.weight > h; /Abs h > i; /Add_1 i > j; /Div_1 h j > k; /ConstantOfShape > l; /Mul_1 l > n; /Concat n > o; /Expand k o > p; /Add_2 p > q; /act/Relu q > 9",
        "", "Pass", "/add? /mul? /add")]
    [InlineData("a further call of relu stands in the scope of a block that is called relu_1", "9", "onnx::PRelu_5:8",
        "/relu_1/fc/Tanh x > a; /relu/PRelu a onnx::PRelu_5 > b; /relu_1/PRelu b onnx::PRelu_5 > 9", "", "Fail", "relu_1/prelu?")]
    public void Names_are_read_as_the_exporter_gave_them(string what, string output, string weights, string nodes, string reused, string functional, string functions)
    {
        Assert.NotEmpty(what);
        var graph = new GraphProto { Input = { new ValueInfoProto { Name = nodes.Contains("x.1", StringComparison.Ordinal) ? "x.1" : "x" } }, Output = { new ValueInfoProto { Name = output } } };
        foreach (var node in nodes.Split("; "))
        {
            var (left, right) = (node.Split(" > ")[0].Split(' '), node.Split(" > ")[1]);
            var written = new NodeProto { Name = left[0], OpType = left[0][(left[0].LastIndexOf('/') + 1)..].Split('_')[0], Output = { right } };
            written.Input.AddRange(left[1..]);
            graph.Node.Add(written);
        }

        foreach (var weight in weights.Split(' '))
        {
            var name = weight[..weight.LastIndexOf(':')];
            var tensor = new TensorProto { Name = name, DataType = 1 };
            tensor.Dims.AddRange(weight[(name.Length + 1)..].Split(',').Select(long.Parse));
            graph.Initializer.Add(tensor);
        }

        var result = Audit(graph);
        Assert.Null(result.Error);
        Assert.Equal(reused, string.Join(' ', Found(result, "PyTorch.ModuleReuse", f => $"{f.Module}:{f.CallCount}").Order(StringComparer.Ordinal)));
        Assert.Equal((functional, functions), (result.Guidelines.Single(g => g.Guideline == "PyTorch.FunctionalCall").Outcome.ToString(), string.Join(' ', Found(result, "PyTorch.FunctionalCall", f => $"{f.Module}/{f.Operator}"))));
    }

    private static IEnumerable<string> Found(AuditResult result, string guideline, Func<Finding, string> text) => result.Findings
        .Where(f => f.Guideline == guideline && f.Outcome is Outcome.Fail && (f.Severity >= Severity.Warning || f.Operator is "add" or "cat" or "mul" or "log"))
        .Select(f => text(f) + (f.Confidence is Confidence.Likely ? "?" : ""));

    private AuditResult Audit(GraphProto graph)
    {
        var path = Path.Combine(_folder, "model.onnx");
        File.WriteAllBytes(path, WrittenModel.Of(graph, irVersion: 7));
        return Auditor.Default.Audit(new(path, path), Written.Settings with { MinimumSeverity = Severity.Information }, TestContext.Current.CancellationToken)!;
    }
}
