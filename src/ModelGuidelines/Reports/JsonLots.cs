using System.Buffers;
using System.Text.Json;

namespace ModelGuidelines.Reports;

/// <summary>Writes the elements of a long array on all processors: the same text, in the same order, as one writer makes of it.</summary>
internal static class JsonLots
{
    /// <summary>Elements that one processor writes at a time, and how many of such lots are held before they are passed on.</summary>
    private const int Size = 32;
    private static readonly int Ahead = 4 * Environment.ProcessorCount;

    /// <summary>Writes each element into the array that <paramref name="json"/> stands in.</summary>
    public static void Write<T>(Utf8JsonWriter json, IReadOnlyList<T> elements, Action<Utf8JsonWriter, T> write)
    {
        if (elements.Count < 2 * Size)
        {
            foreach (var element in elements)
            {
                write(json, element);
                JsonReport.Pass(json);
            }

            return;
        }

        var buffers = new ArrayBufferWriter<byte>[Math.Min(Ahead, (elements.Count + Size - 1) / Size)];
        var (depth, options) = (json.CurrentDepth, json.Options);
        for (var begin = 0; begin < elements.Count; begin += Size * buffers.Length)
        {
            var lots = Math.Min(buffers.Length, (elements.Count - begin + Size - 1) / Size);
            var starts = new int[lots];
            Parallel.For(0, lots, lot =>
            {
                var buffer = buffers[lot] ??= new();
                buffer.ResetWrittenCount();
                using var writer = new Utf8JsonWriter(buffer, options);

                // What stands around the array is not here, but elements are as far from the margin.
                for (var level = 0; level < depth; level++)
                {
                    writer.WriteStartArray();
                }

                writer.Flush();
                starts[lot] = buffer.WrittenCount;
                var first = begin + (lot * Size);
                for (var i = first; i < Math.Min(first + Size, elements.Count); i++)
                {
                    write(writer, elements[i]);
                }

                writer.Flush();
            });
            for (var lot = 0; lot < lots; lot++)
            {
                json.WriteRawValue(buffers[lot].WrittenSpan[starts[lot]..], skipInputValidation: true);
                JsonReport.Pass(json);
            }
        }
    }
}
