using System.Text.Json;

namespace ModelGuidelines.Storage;

/// <summary>The tokens of JSON that is read piece by piece: what has been read is not held, so a text of any length takes the memory of its longest token.</summary>
/// <remarks><see cref="Utf8JsonReader"/> over a stream. What it gives of a token is valid until the next one is read.</remarks>
internal ref struct JsonTokens
{
    private readonly Pieces _pieces;
    private Utf8JsonReader _reader;
    private long _before;

    /// <param name="json">UTF-8; whoever made it closes it.</param>
    /// <param name="depth">The deepest nesting.</param>
    /// <param name="hold">Is told how much memory is taken; null: nobody counts.</param>
    public JsonTokens(Stream json, int depth, Action<long>? hold = null)
    {
        _pieces = new(json, hold);
        _pieces.Read(0);
        _reader = new(_pieces.Ready, _pieces.IsLast, new(new JsonReaderOptions { MaxDepth = depth }));
    }

    public readonly JsonTokenType TokenType => _reader.TokenType;

    public readonly ReadOnlySpan<byte> ValueSpan => _reader.ValueSpan;

    public readonly int CurrentDepth => _reader.CurrentDepth;

    public readonly long BytesConsumed => _before + _reader.BytesConsumed;

    public readonly long TokenStartIndex => _before + _reader.TokenStartIndex;

    /// <exception cref="JsonException">It is no JSON, or nests too deep.</exception>
    public bool Read()
    {
        while (!_reader.Read())
        {
            if (_reader.IsFinalBlock)
            {
                return false;
            }

            var state = _reader.CurrentState;
            _before += _reader.BytesConsumed;
            _pieces.Read((int)_reader.BytesConsumed);
            _reader = new(_pieces.Ready, _pieces.IsLast, state);
        }

        return true;
    }

    /// <summary>Goes to the last token of the value that begins here, or behind the name that stands here.</summary>
    public void Skip()
    {
        if (TokenType is JsonTokenType.PropertyName)
        {
            Read();
        }

        if (TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
        {
            var depth = CurrentDepth;
            while (Read() && CurrentDepth > depth)
            {
                // What is in it is passed over.
            }
        }
    }

    /// <summary>The characters of a text or name; <paramref name="characters"/> is at least as long as <see cref="ValueSpan"/>.</summary>
    /// <exception cref="InvalidOperationException">It is no text, or is no valid UTF-8 or UTF-16.</exception>
    public readonly int CopyString(Span<char> characters) => _reader.CopyString(characters);

    public readonly bool TryGetInt32(out int value) => _reader.TryGetInt32(out value);

    public readonly bool TryGetInt64(out long value) => _reader.TryGetInt64(out value);

    /// <summary>The piece that is being read.</summary>
    private sealed class Pieces(Stream json, Action<long>? hold)
    {
        private readonly PythonJson _python = new();
        private byte[] _bytes = [];
        private int _filled;
        private int _ready;

        public ReadOnlySpan<byte> Ready => _bytes.AsSpan(0, _ready);

        public bool IsLast { get; private set; }

        /// <summary>Reads more behind what is left of the piece.</summary>
        public void Read(int consumed)
        {
            _bytes.AsSpan(consumed, _filled - consumed).CopyTo(_bytes);
            _filled -= consumed;
            _ready -= consumed;
            if (_filled > _bytes.Length / 2)
            {
                Grow(_bytes.Length * 2); // one token fills it
            }
            else if (_bytes.Length == 0)
            {
                Grow(1 << 16);
            }

            var read = json.ReadAtLeast(_bytes.AsSpan(_filled), 1, throwOnEndOfStream: false);
            _filled += read;
            IsLast = read == 0;
            _ready = IsLast ? _filled : _ready + _python.MakePlain(_bytes.AsSpan(_ready, _filled - _ready));
        }

        private void Grow(int length)
        {
            hold?.Invoke(length);
            Array.Resize(ref _bytes, length);
        }
    }
}
