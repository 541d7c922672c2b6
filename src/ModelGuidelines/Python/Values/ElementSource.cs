namespace ModelGuidelines.Python.Values;

/// <summary>Makes what an iterator gives when it is asked for: the body of a generator, the function that <c>map</c> was given.</summary>
/// <remarks>A source does not change: the iterator gets another one for what comes next, so that each branch goes on from where the iterator stood before it. It changes the iterator through the journal.</remarks>
internal abstract class ElementSource
{
    /// <summary>Makes one element more, or finds that there is none; where neither can be told of one, all that is left.</summary>
    public abstract void Advance(SequenceValue iterator);

    /// <summary>Makes all that is left.</summary>
    public abstract void Settle(SequenceValue iterator);
}
