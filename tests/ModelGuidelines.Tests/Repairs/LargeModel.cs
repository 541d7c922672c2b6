using ModelGuidelines.Formats;
using ModelGuidelines.Repairs.Onnx;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>Makes a small model large: one more initializer, which no node reads.</summary>
internal static class LargeModel
{
    /// <param name="small">The model.</param>
    /// <param name="large">The file to write.</param>
    /// <param name="bytes">Length of the initializer.</param>
    /// <param name="external">A file beside it for the initializer's bytes; null: they stand in the model.</param>
    public static void Write(string small, string large, long bytes, string? external = null)
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
            byte[] head = [0x08, .. Varint(bytes), 0x10, 2, 0x42, 3, (byte)'b', (byte)'i', (byte)'g'];

            // raw_data, or external_data (location) and data_location.
            byte[] tail = external is null
                ? [0x4A, .. Varint(bytes)]
                : [0x6A, .. Text([0x0A, .. Text("location"u8.ToArray()), 0x12, .. Text(System.Text.Encoding.UTF8.GetBytes(external))]), 0x70, 1];
            var inside = external is null ? bytes : 0;
            byte[] tensor = [0x2A, .. Varint(head.Length + tail.Length + inside), .. head, .. tail];
            output.Write([0x3A, .. Varint(content.Length + tensor.Length + inside)]);
            output.Write(source.File.Span(content.Start, (int)content.Length));
            output.Write(tensor);
            using var data = external is null ? null : File.Create(Path.Combine(Path.GetDirectoryName(large)!, external));
            var chunk = new byte[1 << 20];
            new Random(1).NextBytes(chunk);
            for (var left = bytes; left > 0; left -= chunk.Length)
            {
                (data ?? (Stream)output).Write(chunk, 0, (int)Math.Min(left, chunk.Length));
            }
        }
    }

    private static byte[] Text(byte[] bytes) => [.. Varint(bytes.Length), .. bytes];

    private static IEnumerable<byte> Varint(long value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            yield return (byte)(value | 0x80);
        }

        yield return (byte)value;
    }
}
