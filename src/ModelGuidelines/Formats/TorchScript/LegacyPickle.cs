using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.TorchScript;

/// <summary>What <c>torch.save</c> wrote before PyTorch 1.6: a magic number, a version and system facts, each a pickle, then the object, then raw storages.</summary>
/// <remarks>Source: PyTorch, torch/serialization.py, _legacy_load.</remarks>
internal static class LegacyPickle
{
    /// <summary>PROTO 2, LONG1 of ten bytes: 0x1950a86a20f9469cfc6c.</summary>
    private static ReadOnlySpan<byte> Magic => [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

    public static bool IsLegacy(ReadOnlySpan<byte> header) => header.StartsWith(Magic);

    /// <summary>The object, the fourth pickle. What follows it is not touched.</summary>
    public static PickleValue Read(ModelSource source)
    {
        var bytes = source.File.Span(0, (int)Math.Min(source.File.Length, source.Limits.EntryBytes));
        PickleValue value = PickleNone.Instance;
        foreach (var what in new[] { "magic number", "protocol version", "system facts", "object" })
        {
            value = PickleReader.Read(bytes, source.Limits, what, out var length, source.Cancellation);
            bytes = bytes[length..];
        }

        return value;
    }
}
