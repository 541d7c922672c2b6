using System.Threading.Channels;
using ModelGuidelines.Audit.Memory;

namespace ModelGuidelines.Audit;

/// <summary>Inputs that several workers take, one after the other; the results stand in a queue in the order of the inputs, whoever is done first.</summary>
/// <param name="inputs">With what is kept of them.</param>
/// <param name="queue">Of audits that run or are done; closed behind the last input, or with what went wrong where there is no next.</param>
internal sealed class SharedWork(IEnumerable<(AuditInput Input, AuditMemory.Recollection? Memory)> inputs, ChannelWriter<Task<AuditResult?>> queue) : IDisposable
{
    private readonly IEnumerator<(AuditInput Input, AuditMemory.Recollection? Memory)> _inputs = inputs.GetEnumerator();
    private readonly object _lock = new();
    private bool _isBegun;
    private bool _isAtEnd;

    /// <summary>The next input, and where its result goes; null when there is none. Waits while the queue is full.</summary>
    public async ValueTask<(AuditInput Input, AuditMemory.Recollection? Memory, TaskCompletionSource<AuditResult?> Place)?> TakeAsync(CancellationToken stop)
    {
        while (await queue.WaitToWriteAsync(stop))
        {
            lock (_lock)
            {
                if (!_isBegun)
                {
                    _isBegun = true;
                    Advance();
                }

                if (_isAtEnd)
                {
                    return null;
                }

                var place = new TaskCompletionSource<AuditResult?>();
                if (queue.TryWrite(place.Task))
                {
                    var (input, memory) = _inputs.Current;
                    Advance();
                    return (input, memory, place);
                }
            }
        }

        return null;
    }

    public void Dispose() => _inputs.Dispose();

    private void Advance()
    {
        try
        {
            if (!_inputs.MoveNext())
            {
                _isAtEnd = true;
                queue.TryComplete();
            }
        }
        catch (Exception e)
        {
            _isAtEnd = true;
            queue.TryComplete(e); // who reads gets what was audited before, then this
        }
    }
}
