using System.Globalization;

namespace ModelGuidelines.Storage;

/// <summary>What the reading of one file may take: its limits, its time, and work that is counted. One object a file, which every reader takes from its <see cref="Formats.ModelSource"/>.</summary>
/// <remarks>Readers look at <see cref="Token"/> once in every few thousand items, wherever they go through what a file holds or makes. One that can say what it did not follow ends there with a gap;
/// for the others the end of the time is an error of the file. It is never an answer.</remarks>
public sealed class ReadBudget : IDisposable
{
    public const string OutOfTimeId = "MG.Input.TimeLimit";
    private readonly CancellationToken _cancellation;
    private readonly CancellationTokenSource? _end;

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

    public void Dispose() => _end?.Dispose();
}
