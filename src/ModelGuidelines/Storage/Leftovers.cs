namespace ModelGuidelines.Storage;

/// <summary>What one step of a large file's audit has made and needs no more.</summary>
/// <remarks>The collector lets a heap grow with what it finds alive in it, and in a file of hundreds of thousands of nodes that is, while it is read, nearly everything: what dies at the end
/// of a step would lie there until the next has made as much again. Who has allocated that much since the last time gives it back between two steps; of other files nothing is asked.</remarks>
internal static class Leftovers
{
    private const long Much = 256L << 20;

    /// <summary>Between two steps of one reader, of which a large file has several.</summary>
    private const long OfStep = 64L << 20;

    /// <summary>Where this thread stands.</summary>
    public static long Now => GC.GetAllocatedBytesForCurrentThread();

    /// <summary>At the end of a step.</summary>
    /// <param name="since">Where the thread stood at its begin.</param>
    public static void GiveBack(long since)
    {
        if (Now - since > Much)
        {
            Collect(GCCollectionMode.Forced);
        }
    }

    /// <summary>At the end of a step of one reader: what is given back goes to the system, for what the next step takes is often of another size.</summary>
    /// <param name="since">Where the thread stood at its begin; then where it stands.</param>
    public static void GiveBackOfStep(ref long since)
    {
        if (Now - since > OfStep)
        {
            Collect(GCCollectionMode.Aggressive);
        }

        since = Now;
    }

#pragma warning disable S1215 // the reason is above
    private static void Collect(GCCollectionMode mode) => GC.Collect(GC.MaxGeneration, mode, blocking: true, compacting: true);
#pragma warning restore S1215
}
