using System.CommandLine;
using System.Globalization;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;

namespace ModelGuidelines.Cli;

/// <summary><c>modelguidelines explain GUIDELINE</c>, <c>explain net.py:12</c></summary>
internal static class ExplainCommand
{
    public static Command Create()
    {
        var what = new Argument<string>("what") { Description = "A guideline (PyTorch.ModuleReuse), a model file, or a line of source (net.py:12) whose findings are explained." };
        var command = new Command("explain", "Says what a guideline or a finding means: the code as it is, as it should be, and what AIMET does.") { what };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed.GetValue(what)!, cancellation)));
        return command;
    }

    private static int Run(string what, CancellationToken cancellation)
    {
        var (path, line) = Split(what);
        if (!Path.Exists(path))
        {
            var guidelines = GuidelineCatalog.All.Select(g => g.Descriptor).Where(d => GuidelineCatalog.Matches(what, d.Id)).ToList();
            if (guidelines.Count == 0)
            {
                throw new UsageException($"'{what}' is no guideline and no file; 'modelguidelines guidelines' lists the guidelines");
            }

            Write(guidelines.Select(Explanation.Of));
            return ExitCode.Success;
        }

        var inputs = PathArguments.Find([path], Console.In).ToList();
        var results = Auditor.Default.AuditAsync(inputs, new() { MinimumSeverity = line is null ? Severity.Warning : Severity.Information }, cancellation).ToBlockingEnumerable(cancellation).ToList();
        foreach (var result in results.Where(r => r.Error is not null))
        {
            Terminal.SayFailure(result.Path, result.Error!);
        }

        var findings = new AuditReport(PlaceLedger.Collate(results)).ByPlace().Results.SelectMany(r => r.Findings).Where(f => line is null || f.Location?.Line == line).ToList();
        Write(findings.Count > 0 ? findings.Select(Explanation.Of) : [line is null ? "Nothing was found in it." : "Nothing was found at that line."]);
        return results.Exists(r => r.Error is not null) ? ExitCode.Failure : ExitCode.Success;
    }

    private static void Write(IEnumerable<string> texts) => Console.Out.WriteLine(string.Join("\n\n", texts));

    /// <summary>A path, and the line behind its last colon where the whole is no path itself.</summary>
    private static (string Path, int? Line) Split(string what)
    {
        var parts = what.Split(':');
        return !Path.Exists(what) && parts.Length > 1 && int.TryParse(parts[^1], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
            ? parts.Length > 2 && int.TryParse(parts[^2], NumberStyles.None, CultureInfo.InvariantCulture, out var line) ? (string.Join(':', parts[..^2]), line) : (string.Join(':', parts[..^1]), last)
            : (what, null);
    }
}
