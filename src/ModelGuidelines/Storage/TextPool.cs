namespace ModelGuidelines.Storage;

/// <summary>The texts of one file, each held once however often it is read: names of values stand where they are made and where they are used, targets in every node.</summary>
internal sealed class TextPool
{
    private int[] _heads = new int[256];
    private (string Text, int Hash, int Next)[] _texts = new (string, int, int)[256];
    private int _count;

    /// <summary>The text, as the same object each time.</summary>
    public string Get(ReadOnlySpan<char> text)
    {
        if (text.IsEmpty)
        {
            return "";
        }

        var hash = string.GetHashCode(text, StringComparison.Ordinal);
        for (var i = _heads[hash & (_heads.Length - 1)] - 1; i >= 0; i = _texts[i].Next)
        {
            if (_texts[i].Hash == hash && text.SequenceEqual(_texts[i].Text))
            {
                return _texts[i].Text;
            }
        }

        if (_count == _texts.Length)
        {
            Grow();
        }

        ref var head = ref _heads[hash & (_heads.Length - 1)];
        _texts[_count] = (text.ToString(), hash, head - 1);
        head = ++_count;
        return _texts[_count - 1].Text;
    }

    private void Grow()
    {
        Array.Resize(ref _texts, _count * 2);
        _heads = new int[_texts.Length];
        for (var i = 0; i < _count; i++)
        {
            ref var head = ref _heads[_texts[i].Hash & (_heads.Length - 1)];
            _texts[i].Next = head - 1;
            head = i + 1;
        }
    }
}
