using System.IO.Compression;

namespace ModelGuidelines.Fuzz.Mutators;

/// <summary>Entries of a zip archive: one is damaged as what it is, left out, doubled or renamed, in an archive that is sound.</summary>
internal sealed class ZipMutator : IMutator
{
    private const int MaxEntry = 1 << 18;

    public bool Takes(ReadOnlySpan<byte> content) => content.StartsWith("PK\x03\x04"u8) && Read(content.ToArray()) is { Count: > 0 };

    public byte[] Mutate(byte[] content, byte[] other, Random random)
    {
        var entries = Read(content)!;
        var (large, small) = (entries.Where(e => e.Bytes.Length > MaxEntry || IsWeights(e.Name)).ToList(), entries.Where(e => e.Bytes.Length <= MaxEntry && !IsWeights(e.Name)).ToList());
        var index = small.Count == 0 ? -1 : random.Next(small.Count);
        switch (random.Next(8))
        {
            case 0 when index >= 0:
                small.RemoveAt(index);
                break;
            case 1 when index >= 0:
                small.Add(small[index]);
                break;
            case 2 when index >= 0:
                small[index] = (random.Pick(small).Name, small[index].Bytes);
                break;
            case 3 when index >= 0:
                small[index] = (small[index].Name + random.Pick<string>(["/", "x", "/../x", "\u0000"]), small[index].Bytes);
                break;
            default:
                if (index >= 0)
                {
                    var foreign = Read(other) is { Count: > 0 } others ? random.Pick(others).Bytes : small[index].Bytes;
                    small[index] = (small[index].Name, Mutator.Mutate(small[index].Bytes, foreign.Length > MaxEntry ? small[index].Bytes : foreign, random));
                }

                break;
        }

        return Write([.. small, .. large], random.Next(2) == 0 ? CompressionLevel.NoCompression : CompressionLevel.Fastest);
    }

    /// <summary>PyTorch's tensors: nobody reads them.</summary>
    private static bool IsWeights(string name) => name.Contains("/data/", StringComparison.Ordinal);

    private static List<(string Name, byte[] Bytes)>? Read(byte[] content)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(content), ZipArchiveMode.Read);
            var entries = new List<(string, byte[])>();
            foreach (var entry in zip.Entries.Take(200))
            {
                using var stream = entry.Open();
                var bytes = new byte[Math.Min(entry.Length, 4 << 20)];
                entries.Add((entry.FullName, bytes[..stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false)]));
            }

            return entries;
        }
        catch (Exception e) when (e is InvalidDataException or IOException or NotSupportedException or ArgumentException)
        {
            return null;
        }
    }

    private static byte[] Write(IEnumerable<(string Name, byte[] Bytes)> entries, CompressionLevel level)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in entries.Where(e => e.Name.Length > 0)) // which the library does not write
            {
                using var entry = zip.CreateEntry(name, level).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }
}
