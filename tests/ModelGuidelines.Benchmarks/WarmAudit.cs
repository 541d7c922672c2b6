using System.Diagnostics;
using System.Globalization;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;

namespace ModelGuidelines.Benchmarks;

/// <summary>Audits paths repeatedly in one process and prints the least time and the memory that the audits added.</summary>
internal static class WarmAudit
{
    private const int Rounds = 15;

    /// <summary>One line: files, milliseconds of the fastest round, megabytes added to the process' peak.</summary>
    public static async Task<int> RunAsync(string[] paths)
    {
        var finder = new InputFinder(FormatRegistry.Default);
        using var process = Process.GetCurrentProcess();
        process.Refresh();
        var before = process.PeakWorkingSet64;
        var best = double.MaxValue;
        var files = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var started = Stopwatch.GetTimestamp();
            files = 0;
            await foreach (var result in Auditor.Default.AuditAsync(paths.SelectMany(p => finder.Find(p)), AuditSettings.Default))
            {
                files += result.Error is null ? 1 : 0;
            }

            best = Math.Min(best, Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        process.Refresh();
        await Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{files} {best:F3} {(process.PeakWorkingSet64 - before) / 1048576.0:F1}"));
        return 0;
    }
}
