using System.Collections.Immutable;
using System.CommandLine;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;

namespace ModelGuidelines.Cli;

/// <summary><c>modelguidelines test PATH...</c></summary>
internal static class TestCommand
{
    private static readonly Argument<string[]> Paths = new("path")
    {
        Description = "Files, folders (searched recursively), wildcards, or - for a list of paths on standard input.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<string[]> Entries = new("--entry")
    {
        Description = "Audit one model of a Python file, built by this expression: 'Net(num_classes=10)' in the file that is named, or 'package.module:resnet50()'. Repeat it for several.",
        HelpName = "expression",
    };

    private static readonly Option<string[]> SearchPaths = new("--search-path")
    {
        Description = "A folder in which Python's imports are sought too: installed packages, other projects; env stands for PYTHONPATH. Repeat it for several.",
        HelpName = "folder",
    };

    private static readonly Option<string[]> Guidelines = new("--guideline", "-g")
    {
        Description = "Only these guidelines; wildcards are allowed. Repeat it, or separate by commas.",
        HelpName = "id",
    };

    private static readonly Option<string[]> ExcludedGuidelines = new("--exclude-guideline")
    {
        Description = "Not these guidelines; wildcards are allowed. Repeat it, or separate by commas.",
        HelpName = "id",
    };

    private static readonly Option<string[]> ExcludedModules = new("--exclude-module")
    {
        Description = "Not these modules, nor anything below them. Repeat it, or separate by commas.",
        HelpName = "name",
    };

    private static readonly Option<Severity> MinimumSeverity = new("--minimum-severity")
    {
        Description = "Show findings from this severity on: error, warning or information.",
        HelpName = "severity",
        DefaultValueFactory = _ => Severity.Warning,
    };

    private static readonly Option<string> Format = new("--format", "-f")
    {
        Description = "The form of the report.",
        DefaultValueFactory = _ => "table",
    };

    private static readonly Option<string?> Output = new("--output", "-o") { Description = "Write the report to a file, which is replaced as a whole.", HelpName = "file" };

    private static readonly Option<string[]> Reports = new("--report") { Description = "Write a report to a file too: sarif=out.sarif. Repeat it for several.", HelpName = "format=file" };

    private static readonly Option<bool> Verbose = new("--verbose", "-v") { Description = "List every place, and every file behind a reason for what cannot be decided." };

    private static readonly Option<bool> AbsolutePaths = new("--absolute-paths") { Description = "Name files of source by their full paths, instead of as they were given." };

    private static readonly Option<FailOn> FailOnOption = new("--fail-on")
    {
        Description = "Exit with 1 from this on: error, warning, information, undecidable or never.",
        HelpName = "severity",
        DefaultValueFactory = _ => FailOn.Warning,
    };

    private static readonly Option<string[]> IncludedRoles = new("--include-role")
    {
        Description = $"Audit modules that are no models too: {string.Join(", ", RolesLeftOut.All)}. Repeat it, or separate by commas.",
        HelpName = "role",
    };

    private static readonly Option<bool> FailOnExternal = new("--fail-on-external") { Description = "Findings in installed packages count for --fail-on too." };

    public static Command Create()
    {
        Paths.Validators.Add(result =>
        {
            // What begins with a dash and is no file is a mistyped option.
            foreach (var token in result.Tokens.Select(t => t.Value).Where(v => v.Length > 1 && v[0] == '-' && !Path.Exists(v)))
            {
                result.AddError($"there is no option '{token}'");
            }
        });
        MinimumSeverity.AcceptOnlyFromAmong("error", "warning", "information");
        FailOnOption.AcceptOnlyFromAmong("error", "warning", "information", "undecidable", "never");
        Format.AcceptOnlyFromAmong(["table", JsonLines.Name, .. ReportWriters.All.Select(w => w.Name)]);
        foreach (var option in new[] { Guidelines, ExcludedGuidelines })
        {
            option.CompletionSources.Add(_ => GuidelineCatalog.Everything.Select(g => new System.CommandLine.Completions.CompletionItem(g.Descriptor.Id)));
            option.Validators.Add(result =>
            {
                foreach (var id in GuidelineCatalog.Unknown(Values(result.Tokens.Select(t => t.Value))))
                {
                    result.AddError($"there is no guideline '{id}'; 'modelguidelines guidelines' lists them");
                }
            });
        }

        Reports.Validators.Add(result =>
        {
            foreach (var value in result.Tokens.Select(t => t.Value).Where(v => ReportOf(v) is null))
            {
                result.AddError($"'{value}' names no report: write format=file with one of {string.Join(", ", ReportWriters.All.Select(w => w.Name))}");
            }
        });
        var command = new Command("test", "Audits models. Exit code: 0 nothing found, 1 findings, 2 wrong usage or a file that could not be audited.")
        {
            Paths, Entries, SearchPaths, IncludedRoles, Guidelines, ExcludedGuidelines, ExcludedModules, MinimumSeverity, Format, Output, Reports, FailOnOption, FailOnExternal, Verbose, AbsolutePaths,
        };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Paths) is not { Length: > 0 } && !(result.GetValue(Entries) is { Length: > 0 } entries && entries.All(e => ModelEntry.Parse(e).Module is not null)))
            {
                result.AddError(result.GetValue(Entries) is { Length: > 0 } ? "an entry without a module needs a file: name one, or write module:expression" : "Required argument missing for command: 'test'.");
            }
        });
        IncludedRoles.Validators.Add(result =>
        {
            foreach (var role in Values(result.Tokens.Select(t => t.Value)).Except(RolesLeftOut.All))
            {
                result.AddError($"there is no role '{role}': {string.Join(", ", RolesLeftOut.All)}");
            }
        });
        SearchPaths.Validators.Add(result =>
        {
            foreach (var folder in result.Tokens.Select(t => t.Value).Where(v => v != SearchPath.Environment && !Directory.Exists(v)))
            {
                result.AddError($"the folder '{folder}' of the search path does not exist");
            }
        });
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var minimum = parsed.GetValue(MinimumSeverity);
        var failOn = parsed.GetValue(FailOnOption);
        var settings = new AuditSettings
        {
            Guidelines = [.. Values(parsed.GetValue(Guidelines))],
            ExcludedGuidelines = [.. Values(parsed.GetValue(ExcludedGuidelines))],
            ExcludedModules = [.. Values(parsed.GetValue(ExcludedModules))],
            AbsolutePaths = parsed.GetValue(AbsolutePaths),
            Pictures = (parsed.GetValue(Reports) ?? []).Select(ReportOf).Select(r => r?.Writer).Append(ReportWriters.Find(parsed.GetValue(Format)!)).Any(w => w is { ShowsPictures: true }),
            IncludedRoles = [.. Values(parsed.GetValue(IncludedRoles))],
            LeftOut = new(),
            SearchPath = SearchPath.Resolve(parsed.GetValue(SearchPaths) ?? [], Directory.GetCurrentDirectory(), Environment.GetEnvironmentVariable("PYTHONPATH")),

            // What decides the exit code is looked for even where it is not shown.
            MinimumSeverity = (Severity)Math.Min((int)minimum, (int)FailurePolicy.Threshold(failOn)),
        };
        var results = new List<AuditResult>();
        var fails = false;
        ImmutableArray<ModelEntry> entries = [.. (parsed.GetValue(Entries) ?? []).Select(ModelEntry.Parse)];
        var inputs = EntryInputs.Apply(PathArguments.Find(parsed.GetValue(Paths) ?? [], Console.In), entries, settings.SearchPath, Directory.GetCurrentDirectory()).ToList();
        if (inputs.Count == 0)
        {
            await Console.Error.WriteLineAsync("modelguidelines: warning: there is no model in what was named");
        }

        if (parsed.GetValue(Format) == JsonLines.Name && parsed.GetValue(Reports) is not { Length: > 0 })
        {
            return Stream(parsed, inputs, settings, cancellation);
        }

        await AuditProgress.RunAsync(inputs.Count, async advance =>
        {
            await foreach (var result in Auditor.Default.AuditAsync(inputs, settings, cancellation))
            {
                fails |= FailurePolicy.Fails(result, failOn, parsed.GetValue(FailOnExternal));
                results.Add(FailurePolicy.Filter(result, minimum));
                advance();
            }
        });

        var report = new AuditReport(PlaceLedger.Collate(results)) { Run = new() { SearchPath = settings.SearchPath, Entries = [.. entries.Select(e => e.ToString())], LeftOut = settings.LeftOut!.Counts } };
        foreach (var (further, file) in (parsed.GetValue(Reports) ?? []).Select(ReportOf).OfType<(IReportWriter, string)>())
        {
            OutputTarget.Write(file, stream => further.Write(stream, report));
        }

        if (parsed.GetValue(Format) == JsonLines.Name)
        {
            OutputTarget.Write(parsed.GetValue(Output), stream => report.Results.ToList().ForEach(r => JsonLines.Write(stream, r)));
        }
        else if (ReportWriters.Find(parsed.GetValue(Format)!) is { } writer)
        {
            OutputTarget.Write(parsed.GetValue(Output), stream => writer.Write(stream, report));
        }
        else
        {
            Terminal.Write(parsed.GetValue(Output), console => TableReport.Write(console, report, parsed.GetValue(Verbose)));
        }

        // The table on the screen has said it already.
        var isSaid = parsed.GetValue(Format) == "table" && parsed.GetValue(Output) is null;
        foreach (var result in results.Where(r => r.Error is not null && !isSaid))
        {
            await Console.Error.WriteLineAsync($"modelguidelines: {Printable.Text(result.Path)}: {result.Error!.Id}: {Printable.Text(result.Error.Message)}");
        }

        return results.Exists(r => r.Error is not null) ? ExitCode.Failure : fails ? ExitCode.Findings : ExitCode.Success;
    }

    /// <summary>Writes each result as it comes and keeps none.</summary>
    private static int Stream(ParseResult parsed, List<AuditInput> inputs, AuditSettings settings, CancellationToken cancellation)
    {
        var ledger = new PlaceLedger();
        var (failed, unread) = (false, false);
        OutputTarget.Write(parsed.GetValue(Output), stream =>
        {
            foreach (var result in Auditor.Default.AuditAsync(inputs, settings, cancellation).ToBlockingEnumerable(cancellation))
            {
                failed |= FailurePolicy.Fails(result, parsed.GetValue(FailOnOption), parsed.GetValue(FailOnExternal));
                unread |= result.Error is not null;
                JsonLines.Write(stream, ledger.Settle(FailurePolicy.Filter(result, parsed.GetValue(MinimumSeverity))));
                if (result.Error is { } error)
                {
                    Console.Error.WriteLine($"modelguidelines: {Printable.Text(result.Path)}: {error.Id}: {Printable.Text(error.Message)}");
                }
            }
        });
        return unread ? ExitCode.Failure : failed ? ExitCode.Findings : ExitCode.Success;
    }

    /// <summary>A value an option, or several separated by commas.</summary>
    private static IEnumerable<string> Values(IEnumerable<string>? given) => (given ?? []).SelectMany(v => v.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static (IReportWriter Writer, string File)? ReportOf(string value) =>
        value.IndexOf('=', StringComparison.Ordinal) is > 0 and var at && at < value.Length - 1 && ReportWriters.Find(value[..at]) is { } writer ? (writer, value[(at + 1)..]) : null;
}
