using System.Buffers;
using System.IO.Hashing;
using System.Security.Cryptography;
using System.Text;

namespace ModelGuidelines.Storage;

/// <summary>The texts of one file, each held once however often it is read: names of values stand where they are made and where they are used, targets in every node.</summary>
internal sealed class TextPool
{
    /// <summary>Many a file has few.</summary>
    private const int Few = 32;

    private static readonly long Seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    private int[] _heads = [0];
    private (string Text, int Hash, int Next)[] _texts = [];
    private int _count;

    /// <summary>How many it holds.</summary>
    public int Count => _count;

    /// <summary>The text that bytes of UTF-8 are, as the same object each time; what is no UTF-8 in them is replaced.</summary>
    public string Get(ReadOnlySpan<byte> text)
    {
        if (text.IsEmpty)
        {
            return "";
        }

        if (!Ascii.IsValid(text))
        {
            return Get(Decode(text).AsSpan());
        }

        var hash = (int)XxHash3.HashToUInt64(text, Seed);
        for (var i = _heads[hash & (_heads.Length - 1)] - 1; i >= 0; i = _texts[i].Next)
        {
            if (_texts[i].Hash == hash && _texts[i].Text.Length == text.Length && Ascii.Equals(text, _texts[i].Text))
            {
                return _texts[i].Text;
            }
        }

        return Add(Decode(text), hash);
    }

    /// <summary>The text that bytes of UTF-8 are; what is no UTF-8 in them is replaced.</summary>
    public static string Decode(ReadOnlySpan<byte> text) => Encoding.UTF8.GetString(text);

    /// <summary>The text, as the same object each time.</summary>
    public string Get(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return "";
        }

        var hash = HashOf(text);
        for (var i = _heads[hash & (_heads.Length - 1)] - 1; i >= 0; i = _texts[i].Next)
        {
            if (_texts[i].Hash == hash && text.SequenceEqual(_texts[i].Text))
            {
                return _texts[i].Text;
            }
        }

        return Add(text.ToString(), hash);
    }

    /// <summary>A name has one hash, whether it comes as characters or as bytes. A longer text has one for each, and may be held twice, which costs less than a copy of it to hash.</summary>
    private static int HashOf(ReadOnlySpan<char> text)
    {
        Span<byte> bytes = stackalloc byte[256];
        return text.Length <= bytes.Length && Ascii.FromUtf16(text, bytes, out var length) is OperationStatus.Done
            ? (int)XxHash3.HashToUInt64(bytes[..length], Seed)
            : string.GetHashCode(text, StringComparison.Ordinal);
    }

    private string Add(string text, int hash)
    {
        if (_count == _texts.Length)
        {
            Grow();
        }

        ref var head = ref _heads[hash & (_heads.Length - 1)];
        _texts[_count] = (text, hash, head - 1);
        head = ++_count;
        return text;
    }

    private void Grow()
    {
        Array.Resize(ref _texts, Math.Max(Few, _count * 2));
        _heads = new int[_texts.Length];
        for (var i = 0; i < _count; i++)
        {
            ref var head = ref _heads[_texts[i].Hash & (_heads.Length - 1)];
            _texts[i].Next = head - 1;
            head = i + 1;
        }
    }
}
