using ModelGuidelines.Formats;
using ModelGuidelines.Repairs.Onnx;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>Makes a small model large: one more initializer, which no node reads.</summary>
internal static class LargeModel
{
    public static void Write(string small, string large, long bytes)
    {
        using var source = new ModelSource(small, ReadLimits.Default);
        using var output = File.Create(large);
        foreach (var field in WireWalker.Fields(source.File, new(0, source.File.Length)))
        {
            var isGraph = field is { Number: OnnxFields.ModelGraph, IsMessage: true };
            var content = isGraph ? field.Content : field.Whole;
            if (!isGraph)
            {
                output.Write(source.File.Span(content.Start, (int)content.Length));
                continue;
            }

            // TensorProto: dims, data_type UINT8, name, raw_data.
            byte[] head = [0x08, .. Varint(bytes), 0x10, 2, 0x42, 3, (byte)'b', (byte)'i', (byte)'g', 0x4A, .. Varint(bytes)];
            byte[] tensor = [0x2A, .. Varint(head.Length + bytes), .. head];
            output.Write([0x3A, .. Varint(content.Length + tensor.Length + bytes)]);
            output.Write(source.File.Span(content.Start, (int)content.Length));
            output.Write(tensor);
            var chunk = new byte[1 << 20];
            new Random(1).NextBytes(chunk);
            for (var left = bytes; left > 0; left -= chunk.Length)
            {
                output.Write(chunk, 0, (int)Math.Min(left, chunk.Length));
            }
        }
    }

    private static IEnumerable<byte> Varint(long value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}
