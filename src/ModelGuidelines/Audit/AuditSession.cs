namespace ModelGuidelines.Audit;

/// <summary>An audit whose inputs arrive one by one on the thread that also takes the results: what a pipeline needs.</summary>
/// <remarks>Audits run in parallel on other threads; results come in the order of the inputs. Not thread-safe.
/// Disposing it stops all workers.</remarks>
public sealed class AuditSession : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(500);
    private readonly Auditor _auditor;
    private readonly AuditSettings _settings;
    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _slots;
    private readonly Queue<Task<AuditResult?>> _running = new();
    private readonly int _capacity;
    private readonly Formats.ReaderCache _cache = new();

    public AuditSession(Auditor auditor, AuditSettings settings)
    {
        _auditor = auditor;
        _settings = settings;
        var workers = settings.Parallelism > 0 ? settings.Parallelism : Environment.ProcessorCount;
        _slots = new(workers);
        _capacity = workers * 4;
    }

    /// <summary>Inputs added so far.</summary>
    public int Added { get; private set; }

    /// <summary>Inputs whose results have been taken.</summary>
    public int Taken => Added - _running.Count;

    /// <summary>Whether a result can be taken without waiting, or must be taken before more is added.</summary>
    public bool IsReady => _running.TryPeek(out var first) && (first.IsCompleted || _running.Count >= _capacity);

    /// <summary>Whether all results have been taken.</summary>
    public bool IsEmpty => _running.Count == 0;

    /// <summary>Starts the audit of one more input.</summary>
    public void Add(AuditInput input)
    {
        Added++;
        var stop = _stop.Token;
        _running.Enqueue(Task.Run(
            async () =>
            {
                await _slots.WaitAsync(stop);
                try
                {
                    return _auditor.Audit(input, _settings, _cache, null, stop);
                }
                finally
                {
                    _slots.Release();
                }
            },
            CancellationToken.None));
    }

    /// <summary>Waits for the next result in order; null when that input was no model.</summary>
    /// <exception cref="OperationCanceledException">The session was stopped.</exception>
    public AuditResult? Take()
    {
        _stop.Token.ThrowIfCancellationRequested();
        var task = _running.Dequeue();
        try
        {
            task.Wait(_stop.Token);
        }
        catch (AggregateException)
        {
            // The next line throws what is in it.
        }

        return task.GetAwaiter().GetResult();
    }

    /// <summary>Stops at once; may be called from any thread.</summary>
    public void Stop() => _stop.Cancel();

    /// <summary>Stops, and waits for what still runs: nobody reads a file any more afterwards.</summary>
    public void Dispose()
    {
        Stop();
        try
        {
            // A reader looks at the token every few milliseconds; one that does not must not hold up who stops.
            Task.WaitAll([.. _running], Patience);
        }
        catch (AggregateException)
        {
            // Cancelled, as was asked; results are not wanted any more.
        }
    }
}
