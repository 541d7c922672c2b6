using System.Text;
using System.Text.Json;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>The text of a model's config, taken out of what it stands in: a wrapping object, or a JSON string.</summary>
internal sealed class KerasConfigText
{
    private readonly byte[] _whole;
    private readonly int _skipped;
    private readonly JsonSpan? _string;
    private readonly KerasConfigText? _inner;

    private KerasConfigText(byte[] whole, int skipped, JsonSpan? text, KerasConfigText? inner, JsonSpan root, JsonElement element)
    {
        _whole = whole;
        _skipped = skipped;
        _string = text;
        _inner = inner;
        Root = root;
        Element = element;
    }

    /// <summary>The text in which the spans' positions count.</summary>
    public ReadOnlySpan<byte> Text => _inner is null ? _whole.AsSpan(_skipped) : _inner.Text;

    /// <summary>All of it: the model's entry, or what wraps it.</summary>
    public JsonSpan Root { get; }

    /// <summary>The same, parsed.</summary>
    public JsonElement Element { get; }

    /// <exception cref="ModelReadException">Damaged, beyond a limit, or written in a way that cannot be kept.</exception>
    public static KerasConfigText Read(ReadOnlyMemory<byte> text, ReadLimits limits, string what, CancellationToken cancellation) => Read(text, limits, what, 2, cancellation);

    private static KerasConfigText Read(ReadOnlyMemory<byte> text, ReadLimits limits, string what, int strings, CancellationToken cancellation)
    {
        var whole = text.ToArray();
        using var document = KerasJsonText.Parse(whole, limits, what, cancellation);
        var skipped = whole.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
        var root = JsonSpan.Parse(KerasJsonText.WithoutPythonNumbers(whole.AsMemory(skipped)).Span, limits.Depth, cancellation);
        var written = root.Text is not null ? root : (root["modelTopology"] ?? root)["model_config"] is { Text: not null } config ? config : null;
        if (written?.Text is { } inner && strings > 0)
        {
            if (!JsonStrings.Of(whole).Quote(inner).AsSpan().SequenceEqual(whole.AsSpan(skipped)[written.Start..written.End]))
            {
                throw new ModelReadException(RepairErrors.Unsupported, "the config is a JSON string that is escaped in a way of its own; write it as an object");
            }

            var read = Read(Encoding.UTF8.GetBytes(inner), limits, what, strings - 1, cancellation);
            return new(whole, skipped, written, read, read.Root, read.Element);
        }

        return new(whole, skipped, null, null, root, document.RootElement.Clone());
    }

    /// <summary>The whole text with the config replaced.</summary>
    public byte[] Replace(byte[] text)
    {
        if (_string is null)
        {
            return [.. _whole.AsSpan(0, _skipped), .. text];
        }

        var quoted = JsonStrings.Of(_whole).Quote(Encoding.UTF8.GetString(_inner!.Replace(text)));
        var whole = _whole.AsSpan(_skipped);
        return [.. _whole.AsSpan(0, _skipped), .. whole[.._string.Start], .. quoted, .. whole[_string.End..]];
    }
}
