using System.Collections.Immutable;
using System.CommandLine;
using ModelGuidelines.Audit;
using ModelGuidelines.Audit.Configuration;
using ModelGuidelines.Reports;
using ModelGuidelines.Reports.Pictures;
using ModelGuidelines.Reports.Pipelines;

namespace ModelGuidelines.Cli;

/// <summary><c>modelguidelines merge REPORT...</c></summary>
internal static class MergeCommand
{
    public static Command Create()
    {
        var paths = new Argument<string[]>("report") { Description = "Reports, JSON or SARIF, of the shards of one audit, or of any audits.", Arity = ArgumentArity.OneOrMore };
        var command = new Command("merge", "Makes one report of several: of the shards of one audit what one run would have written. Exit code as of 'test'.")
        {
            paths, TestOptions.Format, TestOptions.Output, TestOptions.Reports, TestOptions.FailOn, TestOptions.FailOnExternal, TestOptions.MinimumSeverity, TestOptions.Baseline, TestOptions.Annotate, TestOptions.Verbose,
        };
        command.SetAction(parsed =>
        {
            var given = parsed.GetValue(paths)!;
            ImmutableArray<ReportRequest> requests = [.. (parsed.GetValue(TestOptions.Reports) ?? []).Select(r => TestOptions.ReportOf(r)!)];
            OutputTarget.Check([parsed.GetValue(TestOptions.Output), .. requests.Select(r => r.File)], []);
            var reports = given.Select(Read).ToList();
            var missing = reports.Select(r => r.Run.Shard).OfType<string>().Select(s => s.Split('/')).ToList() is [var first, ..] shards
                ? Enumerable.Range(1, int.Parse(first[1], System.Globalization.CultureInfo.InvariantCulture)).Where(i => !shards.Exists(s => s[0] == i.ToString(System.Globalization.CultureInfo.InvariantCulture))).ToList() : [];
            if (missing.Count > 0)
            {
                throw new UsageException($"of these shards some are missing: {string.Join(", ", missing)}; what they hold was not audited, or its report is not here");
            }

            var merged = ReportMerger.Merge(reports);

            // What the parts were asked holds, but for what is asked here.
            var asked = ReportMerger.Asked(reports);
            var failOn = parsed.GetValue(TestOptions.FailOn) ?? asked?.FailOn ?? FailOn.Warning;
            var external = parsed.GetValue(TestOptions.FailOnExternal) || asked?.FailOnExternal == true;
            var least = parsed.GetValue(TestOptions.MinimumSeverity) ?? asked?.MinimumSeverity ?? Guidelines.Severity.Information;
            var results = merged.Results;

            // Each part knew its own files only: what is known and what is gone is told of all of them, where the baseline is here.
            var known = parsed.GetValue(TestOptions.Baseline) ?? (asked is not null && File.Exists(merged.Run.Baseline) ? merged.Run.Baseline : null);
            if (known is { } baseline)
            {
                var settings = asked is null ? null : AuditSettings.Default with { Guidelines = asked.Guidelines, ExcludedGuidelines = asked.ExcludedGuidelines, ExcludedModules = asked.ExcludedModules, MinimumSeverity = asked.MinimumSeverity };
                (results, var gone) = Audit.Baseline.Mark(Audit.Baseline.Read(baseline, Directory.GetCurrentDirectory(), out _), results, path => !Path.Exists(path), Directory.GetCurrentDirectory(), settings);
                merged = merged with { Run = merged.Run with { Baseline = baseline, Fixed = gone.Count } };
            }

            merged = merged with { Results = [.. results.Select(r => FailurePolicy.Filter(r, least))] };
            if (requests.Select(r => r.Format).Append(parsed.GetValue(TestOptions.Format)!).Any(f => ReportWriters.Find(f) is { ShowsPictures: true }))
            {
                // Reports carry none; the checkout has what they show.
                merged = Redrawing.Redraw(merged, Directory.GetCurrentDirectory(), Path.GetFullPath);
            }

            // What the parts do not show may count all the same.
            var failsUnseen = asked is { Fails: true } && asked.MinimumSeverity > FailurePolicy.Threshold(asked.FailOn) && failOn == asked.FailOn;
            var areWritten = TestCommand.WriteReports(parsed, requests, merged);
            TestCommand.Annotate(parsed, merged, FailurePolicy.Verdict(results, failOn, external));
            return !areWritten || results.Any(r => r.Error is not null) ? ExitCode.Failure : failsUnseen || results.Any(r => FailurePolicy.Fails(r, failOn, external)) ? ExitCode.Findings : ExitCode.Success;
        });
        return command;
    }

    private static AuditReport Read(string file)
    {
        if (!File.Exists(file))
        {
            throw new UsageException($"there is no report '{file}'");
        }

        try
        {
            using var stream = ReportReader.Open(file);
            return ReportReader.ReadReport(stream);
        }
        catch (Storage.ModelReadException e)
        {
            throw new UsageException($"'{file}' cannot be read: {e.Id}: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"'{file}' cannot be read: {e.Message}");
        }
    }
}
