namespace ModelGuidelines.Python.Flow;

/// <summary>What stands at the end of long ways through conditions, at some of the conditions on them.</summary>
internal sealed class Ways
{
    /// <summary>One condition in so many of a way is kept.</summary>
    public const int Every = 64;

    /// <summary>Of a shorter way not all that its text names may stand at its end.</summary>
    private const int Long = 128;

    private readonly Dictionary<int, Way> _known = [];

    /// <summary>The shortest way of a condition to 'always'.</summary>
    /// <param name="Count">How many tests it has.</param>
    /// <param name="Oldest">Some of them, the oldest first.</param>
    internal sealed record Way(int Count, (Atom Atom, bool Holds)[] Oldest);

    /// <summary>The way of a condition, where it is kept.</summary>
    public Way? Of(Condition condition) => _known.GetValueOrDefault(condition.Id);

    /// <summary>Keeps the way of a condition, where it is long.</summary>
    public void Leave(int condition, int count, (Atom Atom, bool Holds)[] oldest)
    {
        if (count >= Long)
        {
            _known[condition] = new(count, oldest);
        }
    }
}
