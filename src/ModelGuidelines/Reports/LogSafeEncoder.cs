using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;

namespace ModelGuidelines.Reports;

/// <summary>JSON as people read it, in which no text can start a command of a build server whose log it is written to (Azure looks for <c>##vso[</c> anywhere in a line),
/// nor make a line look other than it is.</summary>
/// <remarks>Such signs are written as their codes, so that whoever parses the JSON gets the text as it was.</remarks>
internal sealed unsafe class LogSafeEncoder : JavaScriptEncoder
{
    public static readonly LogSafeEncoder Instance = new();

    /// <summary>Signs of which none needs a code, whatever stands beside it; most texts are made of these.</summary>
    private static readonly SearchValues<char> Plain = SearchValues.Create(string.Concat(Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(c => c is not ('"' or '\\' or '#'))));

    private readonly JavaScriptEncoder _inner = UnsafeRelaxedJsonEscaping;

    public override int MaxOutputCharactersPerInputCharacter => Math.Max(6, _inner.MaxOutputCharactersPerInputCharacter);

    public override int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var span = new ReadOnlySpan<char>(text, textLength);
        if (!span.ContainsAnyExcept(Plain))
        {
            return -1;
        }

        var first = (uint)_inner.FindFirstCharacterToEncode(text, textLength);
        first = Math.Min(first, (uint)span.IndexOf("##", StringComparison.Ordinal));

        // Most texts are ASCII, and to see that is far cheaper than to look for these signs.
        return Ascii.IsValid(span) ? (int)first : (int)Math.Min(first, (uint)span.IndexOfAny(Printable.Reordering));
    }

    /// <summary>Asked only about texts in which something needs a code.</summary>
    public override bool WillEncode(int unicodeScalar) => IsOurs(unicodeScalar) || _inner.WillEncode(unicodeScalar);

    public override bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        if (!IsOurs(unicodeScalar))
        {
            return _inner.TryEncodeUnicodeScalar(unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten);
        }

        return new Span<char>(buffer, bufferLength).TryWrite(CultureInfo.InvariantCulture, $"\\u{unicodeScalar:x4}", out numberOfCharactersWritten);
    }

    private static bool IsOurs(int unicodeScalar) => unicodeScalar == '#' || (unicodeScalar <= char.MaxValue && Printable.Reordering.Contains((char)unicodeScalar));
}
