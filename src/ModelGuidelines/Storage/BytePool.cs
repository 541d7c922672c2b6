namespace ModelGuidelines.Storage;

/// <summary>What is made of pieces of a file, made once for equal pieces.</summary>
/// <param name="make">Makes it.</param>
internal sealed class BytePool<T>(BytePool<T>.Maker make)
{
    private readonly Dictionary<UInt128, T> _known = [];

    public delegate T Maker(ReadOnlySpan<byte> bytes);

    public delegate long Sizer(ReadOnlySpan<byte> bytes);

    /// <summary>The object for these bytes.</summary>
    /// <param name="bytes">The piece.</param>
    /// <param name="budget">Counts what is made.</param>
    /// <param name="size">What it takes.</param>
    public T Get(ReadOnlySpan<byte> bytes, ReadBudget budget, Sizer size)
    {
        var hash = ContentHash.Of(bytes);
        if (!_known.TryGetValue(hash, out var known))
        {
            budget.Hold(size(bytes));
            _known.Add(hash, known = make(bytes));
        }

        return known;
    }
}
