using Google.Protobuf;
using ModelGuidelines.Formats.Onnx;
using ModelGuidelines.Formats.Onnx.Wire;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Onnx;

/// <summary>Nodes and values are read from their bytes: what the library's parser says is what they say.</summary>
public sealed class OnnxNodeReaderTests
{
    [Fact]
    public void Nodes_of_every_fixture_are_those_of_the_library()
    {
        var count = 0;
        foreach (var path in Directory.EnumerateFiles(RepositoryFiles.Fixture("onnx"), "*.onnx", SearchOption.AllDirectories))
        {
            using var budget = new ReadBudget(ReadLimits.Default, CancellationToken.None);
            var reader = new OnnxNodeReader(new(), budget);
            foreach (var graph in Fields(File.ReadAllBytes(path), 7))
            {
                foreach (var node in Fields(graph, 1))
                {
                    AssertEqual(NodeContent.Of(NodeProto.Parser.ParseFrom(node)), reader.Read(node));
                    count++;
                }
            }
        }

        Assert.True(count > 500, $"{count} nodes");
    }

    /// <summary>What one node alone has is left in the file until it is asked for.</summary>
    [Theory]
    [InlineData(100)]
    [InlineData(300_000)]
    public void Metadata_are_those_of_the_file(int before)
    {
        static ByteString Entry(string key, string value) => new StringStringEntryProto { Key = key, Value = value }.ToByteString();
        var node = new NodeProto { Name = "n", MetadataProps = { Entry("pkg.torch.onnx.fx_node", "%add"), Entry("other", "x"), Entry("pkg.torch.onnx.name_scopes", "['', 'fc']") } }.ToByteArray();
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, [.. new byte[before], .. node, .. node, 0]);
            using var budget = new ReadBudget(ReadLimits.Default, CancellationToken.None);
            using var file = new PagedFile(path, budget: budget);
            var reader = new OnnxNodeReader(new(), budget, file) { Start = before };
            var first = reader.Read(node);
            reader.Start += node.Length;
            var second = reader.Read(node);
            foreach (var read in new[] { first, second })
            {
                Assert.Equal(["%add", "['', 'fc']"], read.Metadata.Select(m => m.Text));
            }

            Assert.Same(first.Metadata[1], second.Metadata[1]);
            first.Metadata[0].ForgetBefore();
            Assert.Equal("%add", second.Metadata[0].Text);
        }
        finally
        {
            File.Delete(path);
        }
    }

    public static TheoryData<string, byte[]> Odd() => new()
    {
        { "a name twice", [0x1A, 1, (byte)'a', 0x1A, 1, (byte)'b'] },
        { "an input that is a number", [0x08, 5, 0x0A, 1, (byte)'x'] },
        { "unknown fields", [0xA2, 0x06, 2, 1, 2, 0x0A, 1, (byte)'x', 0xF8, 0x06, 3] },
        { "a group", [0x0B, 0x08, 1, 0x0C, 0x0A, 1, (byte)'x'] },
        { "no UTF-8", [0x0A, 2, 0xFF, (byte)'x', 0x1A, 2, 0xC3, 0x28, 0x22, 1, 0xE2] },
        { "UTF-8", [0x0A, 2, 0xC3, 0xA4, 0x12, 2, 0xC3, 0xA4, 0x1A, 3, 0xE2, 0x82, 0xAC] },
        { "an empty input", [0x0A, 0, 0x0A, 1, (byte)'x'] },
        { "a field without number", [0x0A, 1, (byte)'x', 0x00, 0x00] },
        { "a tag of six bytes", [0x8A, 0x80, 0x80, 0x80, 0x80, 0x01, 1, (byte)'x'] },
        { "a tag of two bytes", [0x8A, 0x00, 1, (byte)'x'] },
        { "an attribute twice", [0x2A, 3, 0x0A, 1, (byte)'a', 0x2A, 3, 0x0A, 1, (byte)'a', 0x2A, 5, 0x0A, 1, (byte)'a', 0x18, 2] },
        { "a graph", [0x2A, 5, 0x32, 3, 0x0A, 1, 0x00] },
    };

    [Theory]
    [MemberData(nameof(Odd))]
    public void Odd_nodes_are_those_of_the_library(string what, byte[] node)
    {
        using var budget = new ReadBudget(ReadLimits.Default, CancellationToken.None);
        var expected = Try(() => NodeContent.Of(NodeProto.Parser.ParseFrom(node)));
        var actual = Try(() => new OnnxNodeReader(new(), budget).Read(node));
        Assert.True(expected is null == actual is null, what);
        if (expected is not null)
        {
            AssertEqual(expected, actual!);
        }
    }

    public static TheoryData<string, byte[]> Values() => new()
    {
        { "a tensor", new ValueInfoProto { Name = "x", Type = new() { TensorType = new() { ElemType = 16, Shape = new() { Dim = { new TensorShapeProto.Types.Dimension { DimValue = 1 }, new TensorShapeProto.Types.Dimension { DimParam = "n" } } } } } }.ToByteArray() },
        { "no shape", new ValueInfoProto { Name = "x", Type = new() { TensorType = new() { ElemType = 300 } } }.ToByteArray() },
        { "a scalar", new ValueInfoProto { Name = "x", Type = new() { TensorType = new() { Shape = new() } } }.ToByteArray() },
        { "no type", new ValueInfoProto { Name = "x" }.ToByteArray() },
        { "a sequence", new ValueInfoProto { Name = "x", Type = new() { SequenceType = new() { ElemType = new() { TensorType = new() { ElemType = 1 } } } } }.ToByteArray() },
        { "a type in two parts", [0x12, 4, 0x0A, 2, 0x08, 1, 0x12, 6, 0x0A, 4, 0x12, 2, 0x0A, 0] },
        { "a dimension whose name is no UTF-8", [0x12, 10, 0x0A, 8, 0x12, 6, 0x0A, 4, 0x12, 2, 0xC3, 0x28] },
        { "a field without number", [0x12, 4, 0x0A, 2, 0x00, 0x00] },
        { "a name that is no UTF-8", [0x0A, 2, 0xC3, 0x28] },
        { "a tensor, then a sequence", [0x12, 6, 0x0A, 2, 0x08, 1, 0x22, 0] },
        { "a shape that is cut off", [0x12, 6, 0x0A, 4, 0x12, 2, 0x0A, 9] },
    };

    [Theory]
    [MemberData(nameof(Values))]
    public void Values_are_those_of_the_library(string what, byte[] value)
    {
        using var budget = new ReadBudget(ReadLimits.Default, CancellationToken.None);
        var expected = Try(() => OnnxValue.Read(value, keepsProto: true, new(), budget));
        var actual = Try(() => OnnxValue.Read(value, keepsProto: false, new(), budget));
        Assert.True(expected is null == actual is null, what);
        Assert.Equal((expected?.Name, expected?.Rank, expected?.ElementType), (actual?.Name, actual?.Rank, actual?.ElementType));
    }

    private static T? Try<T>(Func<T> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (InvalidProtocolBufferException)
        {
            return null;
        }
    }

    private static void AssertEqual(NodeContent expected, NodeContent actual)
    {
        Assert.Equal((expected.Name, expected.OpType, expected.Domain, expected.DocString), (actual.Name, actual.OpType, actual.Domain, actual.DocString));
        Assert.Equal(expected.Input, actual.Input);
        Assert.Equal(expected.Output, actual.Output);
        Assert.Equal(expected.Attribute.Select(a => a.ToString()), actual.Attribute.Select(a => a.ToString()));
        Assert.Equal(expected.Metadata.Select(m => (m.Key, m.Text)), actual.Metadata.Select(m => (m.Key, m.Text)));
    }

    private static IEnumerable<byte[]> Fields(byte[] message, int field)
    {
        var input = new CodedInputStream(message);
        for (var tag = input.ReadTag(); tag != 0; tag = input.ReadTag())
        {
            if (tag == WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited))
            {
                yield return input.ReadBytes().ToByteArray();
            }
            else
            {
                input.SkipLastField();
            }
        }
    }
}
