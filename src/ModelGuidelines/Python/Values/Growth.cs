namespace ModelGuidelines.Python.Values;

/// <summary>The length of a list or dictionary into which rounds of a loop of unknown length put elements, while such a round stands for all later ones.</summary>
/// <param name="shrinks">Rounds take elements out, too: then it may be any number.</param>
internal sealed class Growth(bool shrinks)
{
    private readonly Dictionary<int, Value> _lengths = [];
    private readonly List<(ConstantValue Round, double Number, Flow.Condition Equal)> _count = [];

    /// <summary>It may have become empty again.</summary>
    public bool Shrinks => shrinks;

    /// <summary>How many there are where so many are known: at least those, and in no two rounds as many.</summary>
    public Value Length(int known)
    {
        if (!_lengths.TryGetValue(known, out var length))
        {
            _lengths[known] = length = shrinks ? new UnknownValue("the length of the list", "rounds of a loop put elements in and take them out", default, UnknownKind.Number) { IsCount = true }
                : new ConstantValue((long)known) { IsOpen = true, Count = _count };
        }

        return length;
    }
}
