using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.TorchScript;

/// <summary>What <c>torch.save</c> wrote before PyTorch 1.6, and writes with <c>_use_new_zipfile_serialization=False</c>: a magic number, a version and
/// system facts, each a pickle of any protocol, then the object, then raw storages.</summary>
/// <remarks>Source: PyTorch, torch/serialization.py, _legacy_load.</remarks>
internal static class LegacyPickle
{
    private const int FirstBytes = 1 << 20;

    /// <summary>LONG1 of ten bytes, 0x1950a86a20f9469cfc6c: as protocols 2 to 5 write the magic number.</summary>
    private static ReadOnlySpan<byte> Binary => [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    /// <summary>The same as protocols 0 and 1 write it.</summary>
    private static ReadOnlySpan<byte> Text => "L119547037146038801333356L\n."u8;

    public static bool IsLegacy(ReadOnlySpan<byte> header) =>
        header.StartsWith(Text) || (IsPickle(header) && (header[2..].StartsWith(Binary) || (header.Length > 11 && header[2] == 0x95 && header[11..].StartsWith(Binary))));

    /// <summary>Whether it begins as pickles of the protocols 2 to 5 do, or as a module does in the protocols 0 and 1.</summary>
    public static bool IsPlain(ReadOnlySpan<byte> header) => IsPickle(header) || header.StartsWith("ccopy_reg\n"u8) || header.StartsWith("ccopyreg\n"u8);

    private static bool IsPickle(ReadOnlySpan<byte> header) => header.Length > 2 && header[0] == 0x80 && header[1] is >= 2 and <= 5;

    /// <summary>The object: of a plain pickle the first, else the fourth. What follows it is not touched.</summary>
    public static PickleValue Read(ModelSource source)
    {
        // The weights stand behind the pickles: a beginning that grows holds these, and seldom all of the file is read.
        var most = (int)Math.Min(source.File.Length, source.Limits.EntryBytes);
        for (var length = Math.Min(most, FirstBytes); length < most; length = (int)Math.Min(most, length * 8L))
        {
            try
            {
                return Read(source, length);
            }
            catch (ModelReadException)
            {
                source.Cancellation.ThrowIfCancellationRequested();
            }
        }

        return Read(source, most);
    }

    private static PickleValue Read(ModelSource source, int most)
    {
        var bytes = source.File.Span(0, most);
        PickleValue value = PickleNone.Instance;
        foreach (var what in IsLegacy(source.Header) ? new[] { "magic number", "protocol version", "system facts", "object" } : ["object"])
        {
            value = PickleReader.Read(bytes, source.Limits, what, out var length, source.Cancellation);
            bytes = bytes[length..];
        }

        return value;
    }
}
