using System.Globalization;

namespace ModelGuidelines.Storage;

/// <summary>What the reading of one file may take: its limits, its time, and what is held in memory of it. One object a file, which every reader takes from its <see cref="Formats.ModelSource"/>.</summary>
/// <remarks>Readers look at <see cref="Token"/> once in every few thousand items, wherever they go through what a file holds or makes. One that can say what it did not follow ends there with a gap;
/// for the others the end of the time is an error of the file. It is never an answer.</remarks>
public sealed class ReadBudget : IDisposable
{
    public const string OutOfTimeId = "MG.Input.TimeLimit";
    public const string OutOfMemoryId = "MG.Input.MemoryLimit";
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenSource? _end;
    private long _held;

    /// <param name="limits">What readers may use.</param>
    /// <param name="cancellation">Signalled by whoever asks for the file.</param>
    public ReadBudget(ReadLimits limits, CancellationToken cancellation)
    {
        Limits = limits;
        _cancellation = cancellation;
        if (limits.Time != Timeout.InfiniteTimeSpan)
        {
            _end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            if (limits.Time == TimeSpan.Zero)
            {
                _end.Cancel();
            }
            else
            {
                _end.CancelAfter(limits.Time);
            }
        }

        Token = _end?.Token ?? cancellation;
    }

    public ReadLimits Limits { get; }

    /// <summary>Signalled by whoever asks for the file, and by the end of its time.</summary>
    public CancellationToken Token { get; }

    /// <summary>The time has ended, and nobody asked to stop.</summary>
    public bool IsOutOfTime => Token.IsCancellationRequested && !_cancellation.IsCancellationRequested;

    /// <summary>What the end of the time is to a reader that cannot go on without the rest.</summary>
    public ModelReadException OutOfTime() => new(OutOfTimeId, string.Create(CultureInfo.InvariantCulture, $"reading the file takes longer than {Limits.Time.TotalSeconds:0.###} s"));

    /// <summary>Counts what is about to be kept of the file: its bytes, what they are unpacked to, texts, and what is built of them.</summary>
    /// <remarks>It is counted before it is there, and until the file has been read: small files make large things (zeros in an archive, messages of two bytes, a list of
    /// numbers in code), and as many files are read at once as there are processors.</remarks>
    /// <exception cref="ModelReadException">It is more than <see cref="ReadLimits.HeldBytes"/>.</exception>
    public void Hold(long bytes)
    {
        if (Interlocked.Add(ref _held, bytes) > Limits.HeldBytes)
        {
            throw new ModelReadException(OutOfMemoryId, string.Create(CultureInfo.InvariantCulture, $"what is read of the file, and what it is unpacked to, takes more than {Limits.HeldBytes >> 20} MB of memory"));
        }
    }

    public void Dispose() => _end?.Dispose();
}
