using System.Text;
using Google.Protobuf;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats.Onnx.Wire;

namespace ModelGuidelines.Tests.Onnx;

/// <summary>Files that are no ONNX models, or lie: one clear error each, or an audit, and nothing else.</summary>
public sealed class OnnxHostileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("model-guidelines-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Empty() => Assert.Equal("MG.Onnx.Empty", Audit([]).Error!.Id);

    [Fact]
    public void Text() => Assert.Equal("MG.Onnx.Text", Audit("this is not a model\n"u8.ToArray()).Error!.Id);

    [Fact]
    public void A_file_that_git_lfs_has_not_fetched() =>
        Assert.Equal("MG.Input.GitLfsPointer", Audit("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n"u8.ToArray()).Error!.Id);

    [Fact]
    public void Zip() => Assert.NotNull(Audit([.. "PK\x03\x04"u8, .. new byte[60]]).Error);

    [Fact]
    public void Protobuf_of_something_else() => Assert.NotNull(Audit(Message((1, "name"u8.ToArray()), (2, "value"u8.ToArray()))).Error);

    [Fact]
    public void Truncated_at_every_length()
    {
        var whole = File.ReadAllBytes(RepositoryFiles.Fixture("onnx", "guide_relu_twice", "torchscript-exporter.onnx"));
        for (var length = 1; length < whole.Length; length += 7)
        {
            var result = Audit(whole[..length]);
            Assert.True(result.Error is null || result.Error.Id.StartsWith("MG.", StringComparison.Ordinal));
        }

        Assert.Equal("MG.Onnx.Truncated", Audit(whole[..(whole.Length / 2)]).Error!.Id);
    }

    [Fact]
    public void A_declared_length_beyond_the_file()
    {
        var result = Audit([0x08, 0x08, 0x3A, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F, 1, 2, 3]);
        Assert.Equal("MG.Onnx.Truncated", result.Error!.Id);
        Assert.Equal(2, result.Error.Offset);
    }

    [Fact]
    public void Messages_nested_100000_deep()
    {
        // If nodes in If nodes: graph, node, attribute, graph ... built from the inside out.
        var parts = new List<byte[]>();
        long inner = 0;
        foreach (var field in Enumerable.Repeat(new[] { 6, 5, 1 }, 33_334).SelectMany(f => f))
        {
            var header = Header(field, inner);
            parts.Add(header);
            inner += header.Length;
        }

        parts.Add(Header(7, inner));
        parts.Add([0x08, 0x08]);
        parts.Reverse();
        Assert.Equal("MG.Onnx.TooDeep", Audit([.. parts.SelectMany(p => p)]).Error!.Id);
    }

    [Fact]
    public void Damaged_metadata_of_a_node()
    {
        // An entry whose key is longer than the entry.
        var node = new NodeProto { OpType = "Relu", Name = "/act/Relu", MetadataProps = { ByteString.CopyFrom(0x0A, 0x05, (byte)'k') } };
        Assert.Equal("MG.Onnx.Malformed", Audit(Model(node)).Error!.Id);
    }

    [Fact]
    public void Functions_that_call_each_other_a_billion_times()
    {
        var functions = Enumerable.Range(0, 40).Select(i => (25, new FunctionProto { Domain = "m", Name = $"F{i}", Node = { Call(i + 1), Call(i + 1) } }.ToByteArray()));
        Assert.Equal("MG.Onnx.TooManyCalls", Audit([.. Model(Call(0)), .. Message([.. functions])]).Error!.Id);

        static NodeProto Call(int i) => new() { Domain = "m", OpType = $"F{i}", Name = $"F_{i}" };
    }

    [Fact]
    public void A_name_of_10_MB() => Assert.StartsWith("MG.Onnx.", Audit(Model(new NodeProto { Name = new('n', 10 << 20), OpType = "Relu" })).Error!.Id, StringComparison.Ordinal);

    /// <summary>Names that share their levels cost what the levels cost; those that share none are refused.</summary>
    [Fact]
    public void Scopes_of_2000_levels()
    {
        var levels = string.Concat(Enumerable.Range(0, 2000).Select(i => $"/module{i}"));
        var shared = Enumerable.Range(0, 200).Select(i => Relu($"{levels}/act{i}a/Relu")).ToArray();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(Audit(Model(shared)).Error);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 600L << 20);

        var own = Enumerable.Range(0, 200).Select(i => Relu($"{levels.Replace("module", $"m{i}x", StringComparison.Ordinal)}/Relu")).ToArray();
        Assert.Equal("MG.Graph.NamesTooLong", Audit(Model(own)).Error!.Id);
        Assert.Equal("MG.Onnx.TooDeep", Audit(Model(Relu(string.Concat(Enumerable.Repeat("/m", 100_000)) + "/Relu"))).Error!.Id);
    }

    [Fact]
    public void Weights_of_modules_of_2000_levels()
    {
        var weights = Enumerable.Range(0, 200).Select(i => Message((8, Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 2000).Select(k => $"m{i}x{k}.")) + "weight"))));
        var graph = Message([.. weights.Select(w => (5, w)), (1, Relu("/act/Relu").ToByteArray())]);
        Assert.Equal("MG.Graph.NamesTooLong", Audit([0x08, 0x08, .. Message((2, "pytorch"u8.ToArray()), (7, graph))]).Error!.Id);
    }

    [Fact]
    public void Cycles_duplicates_and_dangling_names_are_audited()
    {
        var a = new NodeProto { Name = "/a/Relu", OpType = "Relu", Input = { "y" }, Output = { "x" } };
        var b = new NodeProto { Name = "/a/Relu", OpType = "Relu", Input = { "x", "nowhere" }, Output = { "y" } };
        Assert.Null(Audit(Model(a, b)).Error);
    }

    [Fact]
    public void Bodies_of_control_flow_are_exclusive()
    {
        // One module called in both arms of If is called once.
        var node = new NodeProto
        {
            Name = "/If",
            OpType = "If",
            Attribute =
            {
                new AttributeProto { Name = "then_branch", G = new() { Node = { Relu("/relu/Relu") } } },
                new AttributeProto { Name = "else_branch", G = new() { Node = { Relu("/relu_1/Relu") } } },
            },
        };
        var result = Audit(Model(node));
        Assert.Null(result.Error);
        Assert.DoesNotContain(result.Findings, f => f.Guideline == "PyTorch.ModuleReuse" && f.Outcome == Guidelines.Outcome.Fail);
    }

    [Fact]
    public void A_call_in_the_body_of_a_loop_passes_nothing()
    {
        var loop = new NodeProto { Name = "/Loop", OpType = "Loop", Attribute = { new AttributeProto { Name = "body", G = new() { Node = { Relu("/step/Relu") } } } } };
        var reuse = Audit(Model(Relu("/first/Relu"), loop)).Guidelines.Single(g => g.Guideline == "PyTorch.ModuleReuse");
        Assert.Equal(Guidelines.Outcome.Undecidable, reuse.Outcome);
        Assert.Contains("'step'", reuse.Reason, StringComparison.Ordinal);
    }

    /// <summary>MODELGUIDELINES_MUTATIONS asks for a longer run.</summary>
    [Fact]
    public void Seeded_damage()
    {
        var count = MutationCount.Or(3000);
        var seeds = Directory.GetFiles(RepositoryFiles.Fixture("onnx"), "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).Where(b => b.Length < 40_000).ToArray();
        var random = new Random(20261123);
        for (var i = 0; i < count; i++)
        {
            var bytes = (byte[])seeds[random.Next(seeds.Length)].Clone();
            for (var k = random.Next(1, 8); k > 0; k--)
            {
                bytes[random.Next(bytes.Length)] = (byte)(random.Next(3) switch { 0 => random.Next(256), 1 => 0xFF, _ => bytes[random.Next(bytes.Length)] });
            }

            var result = Audit(random.Next(4) == 0 ? bytes[..random.Next(bytes.Length)] : bytes);
            Assert.True(result.Error is null || (result.Error.Id.StartsWith("MG.", StringComparison.Ordinal) && result.Error.Id != "MG.Internal.Defect"), $"mutation {i}: {result.Error?.Message}");
        }
    }

    /// <summary>In a quantized graph, a value without a name beside one that an activation had.</summary>
    [Fact]
    public void Quantized_values_without_a_name()
    {
        byte[] graph =
        [
            .. new GraphProto
            {
                Node =
                {
                    new NodeProto { OpType = "QuantizeLinear", Input = { "x", "s", "z" }, Output = { "x_quantized" } },
                    new NodeProto { OpType = "QLinearConv", Input = { "x_quantized", "s", "z", "w", "ws", "wz", "s2", "/conv/Conv_output_0_zero_point" }, Output = { "" } },
                    new NodeProto { OpType = "DequantizeLinear", Input = { "/conv/Conv_output_0_quantized", "s2", "z2" }, Output = { "y" } },
                },
            }.ToByteArray(),
            .. Message((13, Message((1, "/conv/Conv_output_0"u8.ToArray()))), (13, Message((1, "/Relu_output_0"u8.ToArray())))),
        ];
        Assert.Null(Audit([0x08, 0x08, .. Message((2, "pytorch"u8.ToArray()), (7, graph))]).Error);
    }

    private static NodeProto Relu(string name) => new() { Name = name, OpType = "Relu", Input = { "x" }, Output = { name } };

    private static byte[] Model(params NodeProto[] nodes) =>
        [0x08, 0x08, .. Message((2, "pytorch"u8.ToArray()), (7, new GraphProto { Node = { nodes } }.ToByteArray()))];

    private static byte[] Message(params (int Field, byte[] Bytes)[] fields) => [.. fields.SelectMany(f => Header(f.Field, f.Bytes.Length).Concat(f.Bytes))];

    private static byte[] Header(int field, long length)
    {
        using var bytes = new MemoryStream();
        using (var output = new CodedOutputStream(bytes, leaveOpen: true))
        {
            output.WriteTag(field, WireFormat.WireType.LengthDelimited);
            output.WriteInt64(length);
        }

        return bytes.ToArray();
    }

    private AuditResult Audit(byte[] content)
    {
        var path = Path.Combine(_folder, "model.onnx");
        File.WriteAllBytes(path, content);
        return Auditor.Default.Audit(new(path, path), new() { EveryInstance = true })!;
    }
}
