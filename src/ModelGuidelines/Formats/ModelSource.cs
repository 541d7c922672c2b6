using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats;

/// <summary>One file or model folder, opened when first asked for: what formats are detected on and read from.</summary>
/// <remarks>Not thread-safe; one source belongs to one audit of one file.</remarks>
public sealed class ModelSource : IDisposable
{
    private const int HeaderBytes = 4096;
    private readonly FileKind _kind;
    private ReaderCache? _cache;
    private PagedFile? _file;
    private ZipArchiveView? _zip;

    /// <param name="path">A full path.</param>
    /// <param name="limits">What readers may use.</param>
    /// <param name="cancellation">Readers ask it once in every few thousand items.</param>
    public ModelSource(string path, ReadLimits limits, CancellationToken cancellation = default)
    {
        Path = path;
        Budget = new(limits, cancellation);
        _kind = FileProperties.KindOf(path);
    }

    public string Path { get; }

    /// <summary>What its readers may take.</summary>
    public ReadBudget Budget { get; }

    public ReadLimits Limits => Budget.Limits;

    /// <summary>Signalled by whoever asks for the file, and by the end of its time.</summary>
    public CancellationToken Cancellation => Budget.Token;

    public bool IsDirectory => _kind is FileKind.Folder;

    /// <summary>Whether <see cref="Models.ModelGraph.Nodes"/> is asked for. Guidelines do not look at nodes, so an audit saves their making;
    /// a format for which they cost nothing may give them all the same.</summary>
    public bool IncludeNodes { get; init; } = true;

    /// <summary>What the user says about source.</summary>
    public SourceOptions Options { get; init; } = SourceOptions.Default;

    /// <summary>What readers of this run share; its own where there is no run.</summary>
    public ReaderCache Cache { get => _cache ??= new(); init => _cache = value; }

    /// <summary>Texts that are read in place of the files of these full paths: what a repair is about to write, or has written elsewhere; null: files are as they are.</summary>
    internal IReadOnlyDictionary<string, PythonFile>? Texts { get; init; }

    /// <summary>With the dot, lower case.</summary>
    public string Extension => System.IO.Path.GetExtension(Name ?? Path).ToLowerInvariant();

    /// <summary>What the file is called, where its path does not tell.</summary>
    public string? Name { get; init; }

    /// <summary>The file; not for directories.</summary>
    public PagedFile File => _file ??= new(Path, Trace, Budget, _kind);

    /// <summary>Takes what is asked of the disk, so that the next audit need not; null: nobody remembers.</summary>
    public FileTrace? Trace { get; init; }

    /// <summary>A further file, of a folder that is a model.</summary>
    public PagedFile Open(string path) => new(path, Trace, Budget);

    /// <summary>Whether there is a further file.</summary>
    public bool Exists(string path)
    {
        var exists = System.IO.File.Exists(path);
        Trace?.Asked(path, exists);
        return exists;
    }

    /// <summary>The first bytes of the file; empty for a directory.</summary>
    public ReadOnlySpan<byte> Header => IsDirectory ? [] : File.Span(0, (int)Math.Min(File.Length, HeaderBytes));

    public bool IsZip => ZipArchiveView.IsZip(Header);

    /// <summary>The file as an archive.</summary>
    /// <exception cref="ModelReadException">It is damaged or hostile.</exception>
    public ZipArchiveView Zip => _zip ??= ZipArchiveView.Open(File, Limits);

    public void Dispose()
    {
        if (Budget.IsOutOfTime)
        {
            Trace?.GiveUp(); // another time it may be read to its end
        }

        _file?.Dispose();
        Budget.Dispose();
    }
}
