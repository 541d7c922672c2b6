using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using ModelGuidelines.Audit;

namespace ModelGuidelines.Fuzz;

/// <summary>Audits the same samples again and again in one process, and prints four times what it holds: audits, bytes, open files, threads.</summary>
internal static class Endurance
{
    public static void Run(ImmutableArray<Sample> samples, int audits)
    {
        var folder = Directory.CreateTempSubdirectory("mg-endurance-").FullName;
        try
        {
            var paths = samples.Select((s, i) => s.Write(Directory.CreateDirectory(Path.Join(folder, i.ToString(CultureInfo.InvariantCulture))).FullName)).ToList();
            for (var done = 0; done < audits; done += audits / 4)
            {
                Parallel.For(done, done + (audits / 4), new() { MaxDegreeOfParallelism = 2 }, i => Auditor.Default.Audit(new(paths[i % paths.Count], "x"), AuditSettings.Default));
                Print(done + (audits / 4));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Print(int audits)
    {
        // Twice: what waits for its finalizer goes with the second.
        _ = GC.GetTotalMemory(forceFullCollection: true);
        GC.WaitForPendingFinalizers();
        using var process = Process.GetCurrentProcess();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{audits} {GC.GetTotalMemory(forceFullCollection: true)} {process.HandleCount} {process.Threads.Count}"));
    }
}
