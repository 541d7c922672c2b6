using System.Text.Encodings.Web;

namespace ModelGuidelines.Reports;

/// <summary>JSON as people read it, in which no text can start a command of a build server whose log it is written to: Azure looks for <c>##vso[</c> anywhere in a line.</summary>
/// <remarks>The sign is written as its code, so that whoever parses the JSON gets the text as it was.</remarks>
internal sealed unsafe class LogSafeEncoder : JavaScriptEncoder
{
    public static readonly LogSafeEncoder Instance = new();

    private readonly JavaScriptEncoder _inner = UnsafeRelaxedJsonEscaping;

    public override int MaxOutputCharactersPerInputCharacter => Math.Max(6, _inner.MaxOutputCharactersPerInputCharacter);

    public override int FindFirstCharacterToEncode(char* text, int textLength)
    {
        var first = _inner.FindFirstCharacterToEncode(text, textLength);
        var sign = new ReadOnlySpan<char>(text, textLength).IndexOf("##", StringComparison.Ordinal);
        return first < 0 ? sign : sign < 0 ? first : Math.Min(first, sign);
    }

    /// <summary>Asked only about texts in which something needs a code.</summary>
    public override bool WillEncode(int unicodeScalar) => unicodeScalar == '#' || _inner.WillEncode(unicodeScalar);

    public override bool TryEncodeUnicodeScalar(int unicodeScalar, char* buffer, int bufferLength, out int numberOfCharactersWritten)
    {
        if (unicodeScalar != '#')
        {
            return _inner.TryEncodeUnicodeScalar(unicodeScalar, buffer, bufferLength, out numberOfCharactersWritten);
        }

        const string code = "\\u0023";
        numberOfCharactersWritten = code.AsSpan().TryCopyTo(new(buffer, bufferLength)) ? code.Length : 0;
        return numberOfCharactersWritten > 0;
    }
}
