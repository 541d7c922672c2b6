using ModelGuidelines.Audit;
using ModelGuidelines.Reports;
using ModelGuidelines.Storage;

namespace ModelGuidelines.PowerShell;

/// <summary>A report that is to be written: where, and in which format.</summary>
internal static class ReportTarget
{
    /// <summary>The format that a file's extension means; null when it means none.</summary>
    public static string? FormatOf(string path) => System.IO.Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".sarif" => "Sarif",
        ".json" => path.EndsWith(".sarif.json", StringComparison.OrdinalIgnoreCase) ? "Sarif" : "Json",
        ".xml" => path.Contains("nunit", StringComparison.OrdinalIgnoreCase) ? "NUnit" : "JUnit",
        ".html" or ".htm" => "Html",
        ".md" or ".markdown" => "Markdown",
        ".csv" => "Csv",
        _ => null,
    };

    /// <summary>Writes a file that is whole and new, or stays what it was.</summary>
    /// <exception cref="OperationCanceledException">It was stopped; nothing is left.</exception>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">No right to.</exception>
    public static void Write(string fullPath, string format, AuditReport report, CancellationToken cancellation)
    {
        var writer = ReportWriters.Find(format)!;
        using var output = OutputFile.CreateWithFolder(fullPath);
        using (var buffer = new BufferedStream(new StoppableStream(output.Stream, cancellation), 1 << 16))
        {
            writer.Write(buffer, report with { Results = Audit.PlaceLedger.Collate(report.Results) });
            cancellation.ThrowIfCancellationRequested();
            buffer.Flush();
        }

        output.Complete();
        output.Commit();
    }
}
