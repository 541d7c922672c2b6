using System.CommandLine;
using System.Globalization;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;

namespace ModelGuidelines.Cli;

/// <summary><c>modelguidelines explain GUIDELINE</c>, <c>explain net.py:12</c>, <c>explain 23653c9b074e9579 audit.json</c></summary>
internal static class ExplainCommand
{
    private const int Named = 10;

    private static readonly Argument<string> What = new("what") { Description = "A guideline (PyTorch.ModuleReuse), a model file, a line of source (net.py:12), or a finding by its fingerprint or the first six characters of it." };

    private static readonly Argument<string[]> In = new("in")
    {
        Description = "Where the finding of a fingerprint is sought: reports (JSON, SARIF), models, folders; the current folder where none is given.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Command Create()
    {
        var command = new Command("explain", "Says what a guideline or a finding means: the code as it is, as it should be, and what AIMET does.") { What, In };
        command.SetAction((parsed, cancellation) => Task.FromResult(Run(parsed.GetValue(What)!, parsed.GetValue(In)!, cancellation)));
        return command;
    }

    private static int Run(string what, string[] places, CancellationToken cancellation)
    {
        var (path, line) = Split(what);
        if (!Path.Exists(path) && IsFingerprint(what))
        {
            return OfFingerprint(what, places.Length > 0 ? places : ["."], cancellation);
        }

        if (places.Length > 0)
        {
            throw new UsageException($"'{places[0]}' is one too many: places to search go with a finding's fingerprint, and '{what}' is none");
        }

        if (!Path.Exists(path))
        {
            var guidelines = GuidelineCatalog.All.Select(g => g.Descriptor).Where(d => GuidelineCatalog.Matches(what, d.Id)).ToList();
            if (guidelines.Count == 0)
            {
                throw new UsageException($"'{what}' is no guideline, no file and no fingerprint; 'modelguidelines guidelines' lists the guidelines");
            }

            Write(guidelines.Select(Explanation.Of));
            return ExitCode.Success;
        }

        var results = Audit([path], line is null ? Severity.Warning : Severity.Information, cancellation);
        var findings = new AuditReport(PlaceLedger.Collate(results)).ByPlace().Results.SelectMany(r => r.Findings).Where(f => line is null || f.Location?.Line == line).ToList();
        Write(findings.Count > 0 ? findings.Select(Explanation.Of) : [line is null ? "Nothing was found in it." : "Nothing was found at that line."]);
        return results.Exists(r => r.Error is not null) ? ExitCode.Failure : ExitCode.Success;
    }

    /// <summary>A fingerprint does not tell the file, so that equal models share it: one is explained, the others are named.</summary>
    private static int OfFingerprint(string named, string[] places, CancellationToken cancellation)
    {
        var results = places.SelectMany(p => Report(p, cancellation) ?? Audit([p], Severity.Information, cancellation)).ToList();
        var report = new AuditReport(PlaceLedger.Collate(results));

        // By place first: the first of equal blocks has the fingerprint of the place, and there all their names.
        var found = new[] { report.ByPlace(), report }.Select(r => r.Results.SelectMany(f => f.Findings).Where(f => f.Fingerprint.StartsWith(named, StringComparison.OrdinalIgnoreCase)).ToList()).FirstOrDefault(f => f.Count > 0)
            ?? throw new UsageException($"no finding in {string.Join(", ", places)} has the fingerprint '{named}'");
        foreach (var same in found.GroupBy(f => f.Fingerprint, StringComparer.Ordinal))
        {
            var others = same.Skip(1).Select(f => f.Location?.ToString() ?? f.Path).Distinct(StringComparer.Ordinal).ToList();
            Write([Explanation.Of(same.First()), .. others.Count == 0 ? [] : new[] { $"The same stands in {string.Join(", ", others.Take(Named).Select(o => Printable.Text(o)))}{(others.Count > Named ? $" and {others.Count - Named} more" : "")}." }]);
        }

        return ExitCode.Success;
    }

    /// <summary>What a report in a file holds; null where it is none: a model of Keras is JSON, too.</summary>
    private static IReadOnlyList<AuditResult>? Report(string path, CancellationToken cancellation)
    {
        if (!File.Exists(path) || Path.GetExtension(path).ToUpperInvariant() is not (".JSON" or ".SARIF"))
        {
            return null;
        }

        try
        {
            using var stream = ReportReader.Open(path);
            return ReportReader.Read(stream, cancellation);
        }
        catch (Storage.ModelReadException e) when (e.Id == "MG.Report.Unknown")
        {
            return null;
        }
        catch (Storage.ModelReadException e)
        {
            throw new UsageException($"'{path}' cannot be read: {e.Id}: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"'{path}' cannot be read: {e.Message}");
        }
    }

    private static bool IsFingerprint(string text) => text.Length is >= 6 and <= 16 && text.All(char.IsAsciiHexDigit);

    private static List<AuditResult> Audit(IEnumerable<string> paths, Severity least, CancellationToken cancellation)
    {
        var inputs = PathArguments.Find(paths, Console.In).ToList();
        var results = Auditor.Default.AuditAsync(inputs, new() { MinimumSeverity = least }, cancellation).ToBlockingEnumerable(cancellation).ToList();
        foreach (var result in results.Where(r => r.Error is not null))
        {
            Terminal.SayFailure(result.Path, result.Error!);
        }

        return results;
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
