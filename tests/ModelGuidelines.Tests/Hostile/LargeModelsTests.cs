using System.Globalization;
using System.IO.Compression;
using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Storage;
using ModelGuidelines.Tests.Repairs;

namespace ModelGuidelines.Tests.Hostile;

/// <summary>Models as they are, with many nodes: what one node costs is counted, whatever the machine does beside it.</summary>
public sealed class LargeModelsTests : IDisposable
{
    private const int Nodes = 20_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>The program's JSON is 13 times as large as what may be held: it is read in passing, its stacks and names once.</summary>
    [Theory]
    [InlineData(CompressionLevel.Fastest)]
    [InlineData(CompressionLevel.NoCompression)]
    public void An_exported_program_is_read_in_passing(CompressionLevel level)
    {
        var file = _folder.File("large.pt2");
        using (var archive = ZipFile.Open(file, ZipArchiveMode.Create))
        using (var entry = archive.CreateEntry("m/models/model.json", level).Open())
        {
            entry.Write(Encoding.UTF8.GetBytes(Program()));
        }

        var result = Audit(file, 2 << 20, 12_000);
        var calls = result.Findings.Where(f => f.Guideline == "PyTorch.FunctionalCall").ToList();
        Assert.Equal((Nodes, Outcome.Fail), (calls.Count, result.Guidelines.Single(g => g.Guideline == "PyTorch.FunctionalCall").Outcome));
        Assert.Equal(Nodes / 2, calls.Select(f => f.Module).Distinct(StringComparer.Ordinal).Count());
    }

    /// <summary>Metadata of all nodes are 18 MB: what they have in common is held once, and what nobody asks for is not.</summary>
    [Fact]
    public void Metadata_that_repeat_are_held_once()
    {
        var file = _folder.Write("large.onnx", Onnx());
        Assert.Equal(Nodes, Audit(file, 32 << 20, 16_000).Findings.Count(f => f.Guideline == "PyTorch.FunctionalCall"));
    }

    /// <summary>A path with underscores for dots is cut where a module's name ends, not at each underscore (1,000 such names took 18 s and 191 GB, one of a megabyte minutes).</summary>
    [Fact]
    public void Paths_of_many_underscores_are_not_cut_at_each()
    {
        var name = "torch_nn_modules_conv_Conv2d_a_" + string.Concat(Enumerable.Repeat("b_", 450_000)) + "1_1_x";
        byte[] node = [.. Field(1, Text("x")), .. Field(2, Text("y")), .. Field(3, Text(name)), .. Field(4, Text("Relu"))];
        byte[] graph = [.. Field(1, node), .. Field(5, [8, 1, 16, 1, .. Field(8, Text("a.b.weight")), .. Field(9, [0, 0, 0, 0])]), .. Field(11, Field(1, Text("x"))), .. Field(12, Field(1, Text("y")))];
        var file = _folder.Write("paths.onnx", [8, 8, .. Field(2, Text("pytorch")), .. Field(7, graph), .. Field(8, [.. Field(1, []), 16, 18]), .. Field(8, [.. Field(1, Text("pkg.torch.2.3.0")), 16, 1])]);
        Audit(file, 32 << 20, 10_000);
    }

    private static AuditResult Audit(string file, int held, long bytesPerNode)
    {
        AuditResult? result = null;
        var settings = AuditSettings.Default with { Limits = ReadLimits.Default with { HeldBytes = held } };
        Assert.InRange(Work.Allocated(() => result = Auditor.Default.Audit(new(file, Path.GetFileName(file)), settings, TestContext.Current.CancellationToken)), 0, bytesPerNode * Nodes);
        Assert.Null(result!.Error);
        return result;
    }

    /// <summary>Each block calls F.relu and F.gelu in its forward.</summary>
    private static string Program()
    {
        const string Filler = "a line of code that every block has, and that is as long as such lines are in the stacks which torch keeps of them: a hundred characters and more";
        var text = new StringBuilder();
        text.Append("""{"graph_module": {"graph": {"inputs": [{"as_tensor": {"name": "x"}}], "outputs": [{"as_tensor": {"name": "x"}}], "nodes": [""");
        for (var i = 0; i < Nodes; i++)
        {
            text.Append(CultureInfo.InvariantCulture, $$$"""
                {{{(i == 0 ? "" : ",")}}}{"target": "torch.ops.aten.{{{Function(i)}}}.default", "inputs": [{"name": "self", "arg": {"as_tensor": {"name": "{{{(i == 0 ? "x" : $"v_{i - 1}")}}}"} } }], "outputs": [{"as_tensor": {"name": "v_{{{i}}}"} }], "name": "v_{{{i}}}",
                "metadata": {"torch_fn": "{{{Function(i)}}}_{{{i}}};function.{{{Function(i)}}}", "nn_module_stack": "L__self__,,m.Net;L__self__blocks.{{{i / 2}}},blocks.{{{i / 2}}},m.Block",
                "stack_trace": "File \"/srv/net.py\", line 20, in forward\n    {{{Filler}}}\n  File \"/srv/net.py\", line {{{7 + (i % 2)}}}, in forward\n    x = F.{{{Function(i)}}}(x)  # {{{Filler}}}"} }
                """);
        }

        text.Append("""], "tensor_values": {""");
        text.AppendJoin(',', Enumerable.Range(0, Nodes).Select(i => $$$"""
            "v_{{{i}}}": {"dtype": 7, "sizes": [{"as_int": 8}, {"as_int": 16}, {"as_int": 14}, {"as_int": 14}], "requires_grad": false, "device": {"type": "cpu", "index": null}, "strides": [{"as_int": 3136}, {"as_int": 196}, {"as_int": 14}, {"as_int": 1}], "layout": 7}
            """));
        return text.Append("""}}, "signature": {"input_specs": [], "output_specs": []}, "module_call_graph": []}, "schema_version": {"major": 8, "minor": 14}, "torch_version": "2.14.1"}""").ToString();
    }

    private static string Function(int node) => node % 2 == 0 ? "relu" : "gelu";

    private static byte[] Onnx()
    {
        using var graph = new MemoryStream();
        for (var i = 0; i < Nodes; i++)
        {
            graph.Write(Field(1, [
                .. Field(1, Text(i == 0 ? "x" : $"{Function(i - 1)}_{i - 1}")), .. Field(2, Text($"{Function(i)}_{i}")), .. Field(3, Text($"node_{Function(i)}_{i}")), .. Field(4, Text(i % 2 == 0 ? "Relu" : "Gelu")),
                .. Field(5, [.. Field(1, Text("some_attribute")), .. Field(8, [1, 2, 3, 4]), 0xA0, 1, 7]),
                .. Metadata("namespace", $": m.Net/blocks.{i / 2}: m.Block/{Function(i)}_{i}: aten.{Function(i)}.default {new string('n', 200)}"),
                .. Metadata("pkg.torch.onnx.class_hierarchy", $"['m.Net', 'm.Block', 'aten.{Function(i)}.default'] {new string('c', 200)}"),
                .. Metadata("pkg.torch.onnx.name_scopes", $"['', 'blocks.{i / 2}', '{Function(i)}_{i}']"),
                .. Metadata("pkg.torch.onnx.fx_node", $"%{Function(i)}_{i} : [num_users=1] = call_function[target=torch.ops.aten.{Function(i)}.default](args = (%x,), kwargs = {{}})"),
                .. Metadata("pkg.torch.onnx.stack_trace", $"File \"/srv/net.py\", line 20, in forward\n    x = block(x)  # {new string('s', 300)}\n  File \"/srv/net.py\", line {7 + (i % 2)}, in forward\n    x = F.{Function(i)}(x)"),
            ]));
            graph.Write(Field(13, [.. Field(1, Text($"{Function(i)}_{i}")), .. Field(2, Field(1, [8, 1, .. Field(2, [.. Field(1, [8, 8]), .. Field(1, [8, 16])])]))]));
        }

        graph.Write([.. Field(11, Field(1, Text("x"))), .. Field(12, Field(1, Text("gelu_1")))]);
        return [8, 10, .. Field(2, Text("pytorch")), .. Field(3, Text("2.14.1")), .. Field(7, graph.ToArray()), .. Field(8, [.. Field(1, []), 16, 18])];
    }

    private static byte[] Metadata(string key, string value) => Field(9, [.. Field(1, Text(key)), .. Field(2, Text(value))]);

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);

    private static byte[] Field(int number, byte[] bytes)
    {
        var header = new List<byte> { (byte)((number << 3) | 2) };
        for (var left = (uint)bytes.Length; ; left >>= 7)
        {
            if (left < 128)
            {
                header.Add((byte)left);
                return [.. header, .. bytes];
            }

            header.Add((byte)(left | 128));
        }
    }
}
