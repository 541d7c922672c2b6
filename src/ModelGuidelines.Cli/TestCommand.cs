using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using ModelGuidelines.Audit;
using ModelGuidelines.Audit.Configuration;
using ModelGuidelines.Formats;
using ModelGuidelines.Reports;
using ModelGuidelines.Reports.Pipelines;
using ModelGuidelines.Store;
using static ModelGuidelines.Cli.TestOptions;

namespace ModelGuidelines.Cli;

/// <summary><c>modelguidelines test PATH...</c></summary>
internal static class TestCommand
{
    public static Command Create()
    {
        Validate();
        var command = new Command("test", "Audits models. Exit code: 0 nothing found, 1 findings, 2 wrong usage or a file that could not be audited.")
        {
            Paths, Entries, SearchPaths, TestOptions.TimeLimit, DefinedClasses, IncludedRoles, TestOptions.Guidelines, ExcludedGuidelines, ExcludedModules, MinimumSeverity, Format, Output, TestOptions.Reports, TestOptions.FailOn, FailOnExternal,
            TestOptions.Settings, Include, Exclude, NoGitIgnore, TestOptions.FollowLinks, TestOptions.Baseline, UpdateBaseline, ChangedSince, TestOptions.Annotate, TestOptions.Store, TestOptions.Shard, Jobs, IncludeSuppressed, Verbose, AbsolutePaths,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() => RunAsync(parsed, cancellation), CancellationToken.None)); // who does not wait heeds an interrupt from the first step on
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var plan = Plan(parsed);
        foreach (var warning in plan.Warnings)
        {
            Terminal.Say($"warning: {warning}");
        }

        var entries = plan.Entries;
        if (parsed.GetValue(Paths) is not { Length: > 0 } && (entries.IsEmpty || entries.Any(e => e.Module is null)))
        {
            throw new UsageException(entries.IsEmpty ? "Required argument missing for command: 'test'." : "an entry without a module needs a file: name one, or write module:expression");
        }

        if (parsed.GetValue(UpdateBaseline) && plan.Options.Baseline is null)
        {
            throw new UsageException("--update-baseline needs --baseline, the file to write");
        }

        var reports = plan.Options.Reports ?? [];
        var format = ReportWriters.Find(parsed.GetValue(Format)!);
        var here = Directory.GetCurrentDirectory();
        var settings = plan.AuditSettings(here) with
        {
            LeftOut = new(),
            AbsolutePaths = parsed.GetValue(AbsolutePaths),
            Parallelism = parsed.GetValue(Jobs),
            Pictures = reports.Select(r => ReportWriters.Find(r.Format)).Append(format).Any(w => w is { ShowsPictures: true }),
        };
        var finder = plan.Finder(FormatRegistry.Default, cancellation);
        var inputs = EntryInputs.Apply(PathArguments.Find(finder, parsed.GetValue(Paths) ?? [], Console.In), entries, settings.SearchPath, here).ToList();
        OutputTarget.Check([parsed.GetValue(Output), .. reports.Select(r => r.File), parsed.GetValue(UpdateBaseline) ? plan.Options.Baseline : null], inputs);
        if (finder.LinksOutside is > 0 and var links)
        {
            Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"note: {(links == 1 ? "1 link leads" : $"{links} links lead")} out of what was named and {(links == 1 ? "was" : "were")} passed over; --follow-links follows"));
        }

        if (finder.Filter!.Ignored is { } ignored)
        {
            Terminal.Say($"note: {ignored}; --no-gitignore audits them");
        }

        if (finder.Missing is > 0 and var missing)
        {
            Terminal.Say($"note: of {missing.ToString(CultureInfo.InvariantCulture)} {(missing == 1 ? "name that was listed there is no file: it is" : "names that were listed there are no files: they are")} deleted, or relative to another folder");
        }

        if (inputs.Count > 0 && parsed.GetValue(ChangedSince) is { } revision)
        {
            var found = inputs.Count;
            inputs = [.. ChangedFiles.Select(inputs, revision, settings.SearchPath, cancellation)];
            Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"note: {inputs.Count} of {found} files changed since {revision}, or import what did"));
        }

        var shard = parsed.GetValue(TestOptions.Shard) is { } part ? Audit.Shard.Parse(part, Environment.GetEnvironmentVariable) : null;
        Dictionary<AuditInput, int>? orders = null;
        if (shard is not null)
        {
            orders = shard.Select(inputs).ToDictionary(s => s.Input, s => s.Order, ReferenceEqualityComparer.Instance as IEqualityComparer<AuditInput>);
            Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"note: part {shard} is {orders.Count} of {inputs.Count} files"));
            inputs = [.. inputs.Where(orders.ContainsKey)];
        }

        using var kept = plan.Store is { } store ? KeptRun.Begin(store, here, shard?.ToString(), shard?.Group, cancellation) : null;
        settings = settings with { Memory = kept?.Memory };
        LargePages.Take(inputs.Count);
        if (parsed.GetValue(Format) == JsonLines.Name && reports.IsEmpty && plan.Options.Baseline is null && parsed.GetValue(TestOptions.Annotate) == "none")
        {
            return await StreamAsync(parsed, plan, inputs, settings, kept, shard is not null, cancellation);
        }

        var results = await AuditProgress.AuditAsync(inputs, settings, cancellation);
        if (orders is not null)
        {
            // By where it is and what is meant: results carry no input. Inputs that are no models have none.
            var places = inputs.GroupBy(i => (i.DisplayPath, i.Entry?.ToString())).ToDictionary(g => g.Key, g => orders[g.First()]);
            results = results.ConvertAll(r => r with { Order = places[(r.Path, r.Entry)] });
        }

        var unused = new UnusedSuppressions(settings);
        results.ForEach(unused.Add);
        foreach (var line in unused.Lines(null))
        {
            Terminal.Say($"warning: {line}");
        }

        // Which file holds a place is known when all parts are together.
        var collated = shard is null ? PlaceLedger.Collate(results) : results;
        var isDone = Tries(() => kept?.Report(collated));
        var (all, gone) = Compared(collated, plan.Options.Baseline, parsed.GetValue(UpdateBaseline), settings);
        var report = new AuditReport([.. all.Select(r => FailurePolicy.Filter(r, plan.MinimumSeverity))])
        {
            IncludeSuppressed = parsed.GetValue(IncludeSuppressed),
            Run = new() { Settings = plan.SettingsFile, Shard = shard?.ToString(), Asked = shard is null ? null : AskedBy(plan, settings, all), SearchPath = settings.SearchPath, Entries = [.. entries.Select(e => e.ToString())], Baseline = plan.Options.Baseline, Fixed = gone, LeftOut = settings.LeftOut!.Counts },
        };
        isDone &= Tries(() =>
        {
            kept?.End();
            report = report with { Run = report.Run with { History = kept?.History() ?? [] } };
        });
        isDone &= WriteReports(parsed, reports, report);
        Annotate(parsed, report, FailurePolicy.Verdict(all, plan.FailOn, plan.Options.FailOnExternal == true));

        // The table on the screen has said it already.
        var isSaid = parsed.GetValue(Format) == "table" && parsed.GetValue(Output) is null;
        foreach (var result in results.Where(r => r.Error is not null && !isSaid))
        {
            Terminal.SayFailure(result.Path, result.Error!);
        }

        isDone &= SaysNothingAudited(parsed, results.Count, shard is not null);
        return !isDone || results.Exists(r => r.Error is not null) ? ExitCode.Failure
            : all.Any(r => FailurePolicy.Fails(r, plan.FailOn, plan.Options.FailOnExternal == true)) ? ExitCode.Findings : ExitCode.Success;
    }

    /// <summary>Writes all reports that were asked for, that on standard output last. One that cannot be written is said, and takes no other along.</summary>
    /// <returns>Whether all are written.</returns>
    public static bool WriteReports(ParseResult parsed, ImmutableArray<ReportRequest> requests, AuditReport report)
    {
        var areWritten = true;
        foreach (var request in requests)
        {
            areWritten &= Tries(() => OutputTarget.Write(request.File, stream => ReportWriters.Find(request.Format)!.Write(stream, report)));
        }

        var format = ReportWriters.Find(parsed.GetValue(Format)!);
        var output = parsed.GetValue(Output);
        return Tries(() =>
        {
            if (format is not null)
            {
                OutputTarget.Write(output, stream => format.Write(stream, report));
            }
            else if (parsed.GetValue(Format) == JsonLines.Name)
            {
                OutputTarget.Write(output, stream => report.Results.ToList().ForEach(r => JsonLines.Write(stream, r)));
            }
            else
            {
                Terminal.Write(output, parsed, console => TableReport.Write(console, report, parsed.GetValue(Verbose)));
            }
        }) && areWritten;
    }

    /// <summary>A gate that audits nothing is open: whoever names a folder or a pattern means a model there. A list that a program wrote, a part, and what changed may be nothing.</summary>
    /// <returns>Whether something was audited, or need not be.</returns>
    private static bool SaysNothingAudited(ParseResult parsed, int audited, bool isPart)
    {
        if (audited > 0)
        {
            return true;
        }

        var may = isPart || parsed.GetValue(ChangedSince) is not null || parsed.GetValue(Paths)?.Contains("-") == true;
        Terminal.Say(may ? "note: there is no model to audit" : "MG.Input.NothingAudited: no model was audited: there is none in what was named");
        return may;
    }

    /// <summary>What whoever merges the parts must know.</summary>
    private static PartRequest AskedBy(AuditPlan plan, AuditSettings settings, IReadOnlyList<AuditResult> all) => new()
    {
        FailOn = plan.FailOn,
        FailOnExternal = plan.Options.FailOnExternal == true,
        MinimumSeverity = plan.MinimumSeverity,
        Guidelines = settings.Guidelines,
        ExcludedGuidelines = settings.ExcludedGuidelines,
        ExcludedModules = settings.ExcludedModules,
        Settings = plan.Asked(Directory.GetCurrentDirectory()),
        Fails = all.Any(r => FailurePolicy.Fails(r, plan.FailOn, plan.Options.FailOnExternal == true)),
    };

    /// <summary>Does one of several things that are to be done with what was found; where it fails, that is said, and the others are done all the same.</summary>
    private static bool Tries(Action work)
    {
        try
        {
            work();
            return true;
        }
        catch (Exception e) when (CommandRunner.IsSaid(e))
        {
            CommandRunner.Say(e);
            return false;
        }
    }

    /// <summary>Marks findings for a build server, where that was asked.</summary>
    public static void Annotate(ParseResult parsed, AuditReport report, string verdict)
    {
        var server = BuildServer.Find(parsed.GetValue(TestOptions.Annotate)!, Directory.GetCurrentDirectory(), Environment.GetEnvironmentVariable);

        // Where standard output is for a program, commands go to the other stream, which servers read as well.
        var log = parsed.GetValue(Format) == "table" || parsed.GetValue(Output) is not null ? Console.Out : Console.Error;
        foreach (var line in server?.Publish(report, verdict) ?? [])
        {
            log.WriteLine(line);
        }
    }

    /// <summary>The results with what the baseline knows, and how many of its findings are gone.</summary>
    private static (IReadOnlyList<AuditResult> Results, int? Fixed) Compared(IReadOnlyList<AuditResult> results, string? baseline, bool update, AuditSettings settings)
    {
        if (baseline is null)
        {
            return (results, null);
        }

        var here = Directory.GetCurrentDirectory();
        var root = here;
        var before = update && !File.Exists(baseline) ? [] : Audit.Baseline.Read(baseline, here, out root);
        if (update)
        {
            OutputTarget.Write(baseline, stream => new JsonReport().Write(stream, Audit.Baseline.Updated(before, results, path => !Path.Exists(path), here, settings, root)));
        }

        // What was not audited now is fixed only where its file is gone.
        var (marked, gone) = Audit.Baseline.Mark(before, results, path => !Path.Exists(path), here, settings);
        var fresh = marked.Sum(r => r.Findings.Count(f => f.BaselineState != Audit.Baseline.Unchanged));
        Terminal.Say(string.Create(CultureInfo.InvariantCulture, $"baseline: {fresh} new, {gone.Count} fixed, {marked.Sum(r => r.Findings.Length) - fresh} known"));
        return update ? (Audit.Baseline.Mark(results, results, _ => false).Results, gone.Count) : (marked, gone.Count);
    }

    /// <summary>Writes each result as it comes and keeps none.</summary>
    private static async Task<int> StreamAsync(ParseResult parsed, AuditPlan plan, List<AuditInput> inputs, AuditSettings settings, KeptRun? kept, bool isPart, CancellationToken cancellation)
    {
        var audited = 0;
        var ledger = new PlaceLedger();
        var (failed, unread) = (false, false);
        var waiting = new List<AuditResult>();
        void Report(int most)
        {
            if (waiting.Count > most)
            {
                kept?.Report(waiting);
                waiting.Clear();
            }
        }

        // No bar between the lines on a screen.
        var isShown = parsed.GetValue(Output) is null && !Console.IsOutputRedirected;
        await AuditProgress.RunAsync(isShown ? 0 : inputs.Count, advance =>
        {
            OutputTarget.Write(parsed.GetValue(Output), stream =>
            {
                foreach (var result in Auditor.Default.AuditAsync(inputs, settings with { Advanced = advance }, cancellation).ToBlockingEnumerable(cancellation))
                {
                    audited++;
                    failed |= FailurePolicy.Fails(result, plan.FailOn, plan.Options.FailOnExternal == true);
                    unread |= result.Error is not null;
                    var settled = ledger.Settle(FailurePolicy.Filter(result, plan.MinimumSeverity));
                    JsonLines.Write(stream, settled);
                    if (kept is not null)
                    {
                        waiting.Add(settled);
                        Report(100);
                    }

                    if (result.Error is not null)
                    {
                        Terminal.SayFailure(result.Path, result.Error!);
                    }
                }
            });
            return Task.CompletedTask;
        });
        Report(0);
        kept?.End();
        unread |= !SaysNothingAudited(parsed, audited, isPart);
        return unread ? ExitCode.Failure : failed ? ExitCode.Findings : ExitCode.Success;
    }
}
