using Google.Protobuf;
using ModelGuidelines.Formats.Onnx.Wire;

namespace ModelGuidelines.Tests.Onnx;

/// <summary>ONNX files of graphs that tests make: a version, PyTorch as producer, and the graph.</summary>
internal static class WrittenModel
{
    public static byte[] Of(GraphProto graph, long irVersion = 8)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(1, WireFormat.WireType.Varint);
            output.WriteInt64(irVersion);
            output.WriteTag(2, WireFormat.WireType.LengthDelimited);
            output.WriteString("pytorch");
            output.WriteTag(7, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(graph.ToByteString());
        }

        return stream.ToArray();
    }
}
