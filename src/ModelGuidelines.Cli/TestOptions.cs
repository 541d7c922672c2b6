using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using ModelGuidelines.Audit;
using ModelGuidelines.Audit.Configuration;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;
using ModelGuidelines.Reports.Pipelines;

namespace ModelGuidelines.Cli;

/// <summary>What <c>modelguidelines test</c> can be told.</summary>
internal static class TestOptions
{
    public static readonly Argument<string[]> Paths = new("path")
    {
        Description = "Files, folders (searched recursively), wildcards, or - for a list of paths on standard input.",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static readonly Option<string[]> Entries = new("--entry")
    {
        Description = "Audit one model of a Python file, built by this expression: 'Net(num_classes=10)' in the file that is named, or 'package.module:resnet50()'. Repeat it for several.",
        HelpName = "expression",
    };

    public static readonly Option<string[]> SearchPaths = new("--search-path")
    {
        Description = "A folder in which Python's imports are sought too: installed packages, other projects; env stands for PYTHONPATH. Repeat it for several.",
        HelpName = "folder",
    };

    public static readonly Option<string[]> DefinedClasses = new("--aimet-definition")
    {
        Description = "A module class for which you have registered a quantized definition with AIMET, by its exact qualified name: 'package.layers.Scale'. Repeat it, or separate by commas.",
        HelpName = "class",
    };

    public static readonly Option<double?> TimeLimit = new("--time-limit")
    {
        Description = "Seconds for one file; what is not read by then is an error or undecided, never passed. 0 for no end; default 60.",
        HelpName = "seconds",
    };

    public static readonly Option<string[]> Guidelines = new("--guideline", "-g")
    {
        Description = "Only these guidelines; wildcards are allowed. Repeat it, or separate by commas.",
        HelpName = "id",
    };

    public static readonly Option<string[]> ExcludedGuidelines = new("--exclude-guideline")
    {
        Description = "Not these guidelines; wildcards are allowed. Repeat it, or separate by commas.",
        HelpName = "id",
    };

    public static readonly Option<string[]> ExcludedModules = new("--exclude-module")
    {
        Description = "Not these modules, nor anything below them. Repeat it, or separate by commas.",
        HelpName = "name",
    };

    public static readonly Option<Severity?> MinimumSeverity = new("--minimum-severity")
    {
        Description = "Show findings from this severity on: error, warning (the default) or information.",
        HelpName = "severity",
    };

    public static readonly Option<string> Format = new("--format", "-f")
    {
        Description = "The form of the report.",
        DefaultValueFactory = _ => "table",
    };

    public static readonly Option<string?> Output = new("--output", "-o") { Description = "Write the report to a file, which is replaced as a whole.", HelpName = "file" };

    public static readonly Option<string[]> Reports = new("--report") { Description = "Write a report to a file too: sarif=out.sarif. Repeat it for several.", HelpName = "format=file" };

    public static readonly Option<bool> Verbose = new("--verbose", "-v") { Description = "List every place, and every file behind a reason for what cannot be decided." };

    public static readonly Option<bool> AbsolutePaths = new("--absolute-paths") { Description = "Name files of source by their full paths, instead of as they were given." };

    public static readonly Option<FailOn?> FailOn = new("--fail-on")
    {
        Description = "Exit with 1 from this on: error, warning (the default), information, undecidable or never.",
        HelpName = "severity",
    };

    public static readonly Option<bool> FailOnExternal = new("--fail-on-external") { Description = "Findings in installed packages count for --fail-on too." };

    public static readonly Option<string[]> IncludedRoles = new("--include-role")
    {
        Description = $"Audit modules that are no models too: {string.Join(", ", RolesLeftOut.All)}. Repeat it, or separate by commas.",
        HelpName = "role",
    };

    public static readonly Option<string?> Settings = new("--settings") { Description = "The settings file; none: without any. Default: modelguidelines.yaml in the audited folder or above it.", HelpName = "file" };

    public static readonly Option<string[]> Include = new("--include") { Description = "Of the files that a search finds only those that match this glob. Repeat it, or separate by commas.", HelpName = "glob" };

    public static readonly Option<string[]> Exclude = new("--exclude") { Description = "In a search pass over files and folders that match this glob. Repeat it, or separate by commas.", HelpName = "glob" };

    public static readonly Option<bool> FollowLinks = new("--follow-links") { Description = "In a search follow links that lead out of the folder that was named." };

    public static readonly Option<bool> NoGitIgnore = new("--no-gitignore") { Description = "Search what git ignores too." };

    public static readonly Option<string?> Baseline = new("--baseline") { Description = "A report, JSON or SARIF, whose findings are known: only new ones fail.", HelpName = "file" };

    public static readonly Option<string?> Shard = new("--shard")
    {
        Description = "Audit one of several equal parts, which run elsewhere: 3/16, or auto for what Azure Pipelines, GitHub, GitLab, Slurm, Kubernetes or GNU parallel says. 'merge' joins their reports.",
        HelpName = "part/parts",
    };

    public static readonly Option<int> Jobs = new("--jobs", "-j") { Description = "How many files are audited at a time. Default: the number of processors.", HelpName = "number" };

    public static readonly Option<bool> IncludeSuppressed = new("--include-suppressed") { Description = "SARIF lists findings that are accepted, too, and who accepts them. GitHub shows them as if nobody did; Azure and editors do not." };

    public static readonly Option<string?> Store = new("--store")
    {
        Description = "Keep audits in a SQLite file, or a PostgreSQL server ('Host=...;Database=...'), and audit nothing again that is as it was; none: nowhere.",
        HelpName = "file or server",
    };

    public static readonly Option<string> Annotate = new("--annotate")
    {
        Description = "Mark findings for a build server and give it a summary of the step: azure, github, auto (where this runs) or none.",
        DefaultValueFactory = _ => "none",
    };

    public static readonly Option<string?> ChangedSince = new("--changed-since") { Description = "Audit only what differs from this commit, and Python files that import what does.", HelpName = "commit" };

    public static readonly Option<bool> UpdateBaseline = new("--update-baseline") { Description = "Write the baseline: what is found now is known from now on." };

    /// <summary>Says what no option takes.</summary>
    public static void Validate()
    {
        MinimumSeverity.AcceptOnlyFromAmong("error", "warning", "information");
        FailOn.AcceptOnlyFromAmong("error", "warning", "information", "undecidable", "never");
        Jobs.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: var given }] && !(int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var jobs) && jobs is > 0 and <= 1024))
            {
                result.AddError($"'{given}' is no number of files to audit at a time: 1 to 1024");
            }
        });
        Annotate.AcceptOnlyFromAmong([.. BuildServer.Names]);
        Format.AcceptOnlyFromAmong(["table", JsonLines.Name, .. ReportWriters.All.Select(w => w.Name)]);
        foreach (var option in new[] { Guidelines, ExcludedGuidelines })
        {
            option.CompletionSources.Add(_ => GuidelineCatalog.All.Select(g => new System.CommandLine.Completions.CompletionItem(g.Descriptor.Id)));
            option.Validators.Add(result =>
            {
                foreach (var id in GuidelineCatalog.Unknown(Values(result.Tokens.Select(t => t.Value))))
                {
                    result.AddError($"there is no guideline '{id}'; 'modelguidelines guidelines' lists them");
                }
            });
        }

        Paths.Validators.Add(result =>
        {
            // What begins with a dash and is no file is a mistyped option.
            foreach (var token in result.Tokens.Select(t => t.Value).Where(v => v.Length > 1 && v[0] == '-' && !Path.Exists(v)))
            {
                result.AddError($"there is no option '{token}'");
            }
        });
        Reports.Validators.Add(result =>
        {
            foreach (var value in result.Tokens.Select(t => t.Value).Where(v => ReportOf(v) is null))
            {
                result.AddError($"'{value}' names no report: write format=file with one of {string.Join(", ", ReportWriters.All.Select(w => w.Name))}");
            }
        });
        IncludedRoles.Validators.Add(result =>
        {
            foreach (var role in Values(result.Tokens.Select(t => t.Value)).Except(RolesLeftOut.All))
            {
                result.AddError($"there is no role '{role}': {string.Join(", ", RolesLeftOut.All)}");
            }
        });
        TimeLimit.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(double.TryParse(token.Value, System.Globalization.CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= Storage.ReadLimits.MaxSeconds))
            {
                result.AddError($"'{token.Value}' is no number of seconds from 0 to {Storage.ReadLimits.MaxSeconds:0}");
            }
        });
        SearchPaths.Validators.Add(result =>
        {
            foreach (var folder in result.Tokens.Select(t => t.Value).Where(v => v != SearchPath.Environment && !Directory.Exists(v)))
            {
                result.AddError($"the folder '{folder}' of the search path does not exist");
            }
        });
    }

    /// <summary>What is in force for a command line.</summary>
    public static AuditPlan Plan(ParseResult parsed) => AuditPlan.Create(
        new()
        {
            Source = "command line",
            Include = List(parsed, Include),
            Exclude = List(parsed, Exclude),
            GitIgnore = parsed.GetValue(NoGitIgnore) ? false : null,
            FollowLinks = parsed.GetValue(FollowLinks) ? true : null,
            Guidelines = List(parsed, Guidelines),
            ExcludedGuidelines = List(parsed, ExcludedGuidelines),
            ExcludedModules = List(parsed, ExcludedModules),
            IncludedRoles = List(parsed, IncludedRoles),
            MinimumSeverity = parsed.GetValue(MinimumSeverity),
            FailOn = parsed.GetValue(FailOn),
            FailOnExternal = parsed.GetValue(FailOnExternal) ? true : null,
            SearchPath = parsed.GetValue(SearchPaths) is { Length: > 0 } folders ? [.. folders] : null,
            TimeLimit = parsed.GetValue(TimeLimit),
            Entries = parsed.GetValue(Entries) is { Length: > 0 } entries ? [.. entries] : null,
            DefinedClasses = List(parsed, DefinedClasses),
            Reports = parsed.GetValue(Reports) is { Length: > 0 } reports ? [.. reports.Select(r => ReportOf(r)!)] : null,
            Baseline = parsed.GetValue(Baseline),
            Store = parsed.GetValue(Store),
        },
        parsed.GetValue(Settings),
        parsed.GetValue(Paths) is [not "-" and var first, ..] ? first : null,
        Directory.GetCurrentDirectory(),
        DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime));

    /// <summary>Which models, and what is known of them; nothing of what is asked of them.</summary>
    public static AuditOptions OfModels(ParseResult parsed) => new()
    {
        Source = "command line",
        SearchPath = parsed.GetValue(SearchPaths) is { Length: > 0 } folders ? [.. folders] : null,
        TimeLimit = parsed.GetValue(TimeLimit),
        Entries = parsed.GetValue(Entries) is { Length: > 0 } entries ? [.. entries] : null,
        DefinedClasses = List(parsed, DefinedClasses),
    };

    private static ImmutableArray<string>? List(ParseResult parsed, Option<string[]> option) => parsed.GetValue(option) is { Length: > 0 } given ? [.. Values(given)] : null;

    /// <summary>A value an option, or several separated by commas.</summary>
    public static IEnumerable<string> Values(IEnumerable<string> given) => given.SelectMany(v => v.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    public static ReportRequest? ReportOf(string value) =>
        value.IndexOf('=', StringComparison.Ordinal) is > 0 and var at && at < value.Length - 1 && ReportWriters.Find(value[..at]) is { } writer ? new(writer.Name, value[(at + 1)..]) : null;
}
