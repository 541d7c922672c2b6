using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;

namespace ModelGuidelines.Storage;

/// <summary>Deep work goes on with another thread's stack where that of the running thread ends.</summary>
/// <remarks>How deep a reader goes is a count then, and what comes of a file is the same on every thread and system; a reader that asked the stack how deep
/// it may go would find more in a file on one thread than on another.</remarks>
internal static class FreshStack
{
    /// <summary>Reserved, and taken as far as it is used.</summary>
    private const int Bytes = 16 << 20;

    /// <summary>Whether a call may go deeper where it stands; the system keeps 64 KB or more below that.</summary>
    public static bool IsLeft => RuntimeHelpers.TryEnsureSufficientExecutionStack();

    /// <summary>Calls a function on a stack of its own and waits for it.</summary>
    public static TResult Run<T1, T2, TResult>(Func<T1, T2, TResult> function, T1 first, T2 second)
    {
        TResult result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(Call, Bytes) { IsBackground = true };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;

        void Call()
        {
            try
            {
                result = function(first, second);
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        }
    }
}
