namespace ModelGuidelines.Storage;

/// <summary>What a reader accepts before it refuses a file. All bounds of all formats stand here.</summary>
public sealed record ReadLimits
{
    public static readonly ReadLimits Default = new();

    /// <summary>Time for one file, from when it is opened; <see cref="Timeout.InfiniteTimeSpan"/> for no end.</summary>
    public TimeSpan Time { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Nesting of subgraphs, messages, JSON, Python expressions, pickled containers.</summary>
    public int Depth { get; init; } = 96;

    /// <summary>Levels of modules in one name.</summary>
    public int ScopeLevels { get; init; } = 4096;

    /// <summary>Characters of all names of modules that are made for one file: each module's name repeats those around it.</summary>
    public const int QualifiedNames = 100_000_000;

    /// <summary>Nodes, modules or statements in one file.</summary>
    public int Items { get; init; } = 4_000_000;

    /// <summary>Bytes of one name.</summary>
    public int NameBytes { get; init; } = 1 << 20;

    /// <summary>Bytes of one text or metadata entry after decompression: configurations, code.</summary>
    public int EntryBytes { get; init; } = 256 << 20;

    /// <summary>The same of a text that is read in passing and not held: JSON programs.</summary>
    public long StreamedBytes { get; init; } = 1L << 29;

    /// <summary>Bytes that are held of one file: what is read of it, its entries after decompression, texts and trees that are made of it.</summary>
    public long HeldBytes { get; init; } = 1L << 30;

    /// <summary>Entries of one archive.</summary>
    public int ArchiveEntries { get; init; } = 1_000_000;

    /// <summary>Calls that a static reader expands for one file before it says that the rest is unknown.</summary>
    public int ExpandedCalls { get; init; } = 1_000_000;

    /// <summary>Calls of local functions that the reader of ONNX expands for one file before it refuses it.</summary>
    public int ExpandedFunctions { get; init; } = 100_000;

    /// <summary>The most seconds that may be asked for.</summary>
    public const double MaxSeconds = 1_000_000;

    /// <summary>The same with another time for one file, as users write it: 0 for no end, null for the same.</summary>
    public ReadLimits WithSeconds(double? seconds) => seconds is { } asked ? this with { Time = asked == 0 ? Timeout.InfiniteTimeSpan : TimeSpan.FromSeconds(asked) } : this;
}
