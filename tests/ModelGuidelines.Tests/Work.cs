using System.Diagnostics;
using System.Runtime.InteropServices;

namespace ModelGuidelines.Tests;

/// <summary>What an action costs the thread that runs it. Other than a clock, neither counts what runs beside it: a busy machine changes no test.</summary>
internal static partial class Work
{
    /// <summary>Processor time of this thread (on Windows of the clock).</summary>
    public static TimeSpan Processor(Action action)
    {
        var watch = Stopwatch.StartNew();
        var before = ThreadTime();
        action();
        return ThreadTime() - before ?? watch.Elapsed;
    }

    /// <summary>Bytes that this thread allocates.</summary>
    public static long Allocated(Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static TimeSpan? ThreadTime() =>
        !OperatingSystem.IsWindows() && GetTime(OperatingSystem.IsMacOS() ? 16 : 3, out var time) == 0
            ? TimeSpan.FromSeconds(time.Seconds) + TimeSpan.FromTicks(time.Nanoseconds / TimeSpan.NanosecondsPerTick)
            : null;

    /// <param name="clock">CLOCK_THREAD_CPUTIME_ID.</param>
    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetTime(int clock, out Time time);

    [StructLayout(LayoutKind.Sequential)]
    private struct Time
    {
        public nint Seconds;
        public nint Nanoseconds;
    }
}
