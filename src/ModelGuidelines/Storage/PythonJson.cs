namespace ModelGuidelines.Storage;

/// <summary>What Python's json module writes beyond JSON: <c>Infinity</c>, <c>-Infinity</c> and <c>NaN</c> (bounds of dynamic shapes before torch 2.6).</summary>
/// <remarks>One object a text, which is given to it piece by piece.</remarks>
internal sealed class PythonJson
{
    private bool _isInText;
    private bool _isEscaped;

    /// <summary>Makes JSON of the next piece, byte for byte as long: an infinite number becomes one that is too large, NaN becomes 0.</summary>
    /// <returns>How much of it was looked at: what may be the beginning of such a word is to be given again, with what follows.</returns>
    public int MakePlain(Span<byte> piece)
    {
        var at = 0;
        while (at < piece.Length)
        {
            if (_isInText)
            {
                at = SkipText(piece, at);
                continue;
            }

            var next = piece[at..].IndexOfAny((byte)'"', (byte)'I', (byte)'N');
            if (next < 0)
            {
                return piece.Length;
            }

            at += next;
            if (piece[at] == '"')
            {
                (_isInText, at) = (true, at + 1);
                continue;
            }

            var isInfinity = piece[at] == 'I';
            var word = isInfinity ? "Infinity"u8 : "NaN"u8;
            var plain = isInfinity ? "1e999999"u8 : "0  "u8;
            var rest = piece[at..];
            if (rest.Length < word.Length && word.StartsWith(rest))
            {
                return at;
            }

            if (rest.StartsWith(word))
            {
                plain.CopyTo(rest);
                at += word.Length;
            }
            else
            {
                at++; // no JSON, which the reader says
            }
        }

        return piece.Length;
    }

    /// <summary>Goes behind the end of a text, or to the end of the piece.</summary>
    private int SkipText(ReadOnlySpan<byte> piece, int at)
    {
        while (at < piece.Length)
        {
            if (_isEscaped)
            {
                (_isEscaped, at) = (false, at + 1);
                continue;
            }

            var next = piece[at..].IndexOfAny((byte)'"', (byte)'\\');
            if (next < 0)
            {
                return piece.Length;
            }

            at += next + 1;
            if (piece[at - 1] == '"')
            {
                _isInText = false;
                return at;
            }

            _isEscaped = true;
        }

        return at;
    }
}
