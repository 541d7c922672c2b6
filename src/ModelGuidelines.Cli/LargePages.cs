using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace ModelGuidelines.Cli;

/// <summary>Memory for an audit of many files, taken from the system in one piece and in large pages, where Linux gives such to who asks.</summary>
/// <remarks>Graphs of small files live for a millisecond: a fifth of what an audit of them costs is the first touch of each page of 4 KB, and collections while which nobody works.
/// The collector takes its memory in steps of 64 KB, which no large page fits; what it promises to need no collection for it takes at once.</remarks>
internal static unsafe partial class LargePages
{
    /// <summary>What a small file takes, many of them on average.</summary>
    private const long PerFile = 128 << 10;

    private const long Least = 8 << 20;
    private const long Most = 96 << 20;

    /// <summary>It is filled once, by the first thousand files: of a run of more than these that saves nothing that shows, and would stand beside what is known of each file.</summary>
    private const int MostFiles = 20_000;

    /// <summary>A large page, and the unit in which the collector lays out its heap.</summary>
    private const long Page = 2 << 20;
    private const long Region = 4 << 20;

    private const string Switch = "/sys/kernel/mm/transparent_hugepage/enabled";

    /// <summary>From the system's header.</summary>
    private const int AdviseHugePage = 14;

    /// <summary>Takes memory for so many files. Nothing happens for few and for very many, and where there are no large pages.</summary>
    public static void Take(int files)
    {
        var size = Math.Min(Most, files * PerFile);
        if (size < Least || files > MostFiles || size > GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 16 || !IsOffered())
        {
            return;
        }

        try
        {
            var before = Place();
            if (GC.TryStartNoGCRegion(size))
            {
                // A hint: who refuses it takes pages as before.
                var (low, high) = (Math.Min(before, Place()) & ~(Page - 1), Math.Max(before, Place()) + Region + size);
                _ = Advise((nint)low, (nuint)(high - low), AdviseHugePage);
            }
        }
        catch (Exception e) when (e is ArgumentOutOfRangeException or InvalidOperationException or EntryPointNotFoundException or DllNotFoundException)
        {
            // So much may not be had, in a container with little memory.
        }
    }

    private static bool IsOffered()
    {
        try
        {
            return OperatingSystem.IsLinux() && File.ReadAllText(Switch).Contains("[madvise]", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Where the heap grows.</summary>
    private static long Place()
    {
        var something = new object();
        return *(nint*)Unsafe.AsPointer(ref something);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    private static partial int Advise(nint start, nuint length, int advice);
}
