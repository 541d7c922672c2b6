using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using ModelGuidelines.Audit;
using ModelGuidelines.Audit.Configuration;
using ModelGuidelines.Audit.Memory;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;
using ModelGuidelines.Store;
using Spectre.Console;

namespace ModelGuidelines.Cli;

/// <summary><c>modelguidelines history</c>: runs that a store holds, and what is new and fixed between two.</summary>
internal static class HistoryCommand
{
    public static Command Create()
    {
        var format = new Option<string>("--format", "-f") { Description = "table or json.", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "json");
        var compare = new Option<long[]>("--compare") { Description = "What is new and fixed in a run against an earlier one: two numbers, or one for the run and the finished one before it.", HelpName = "run", Arity = new ArgumentArity(1, 2), AllowMultipleArgumentsPerToken = true };
        var count = new Option<int>("--last") { Description = "How many runs to list.", DefaultValueFactory = _ => 20, HelpName = "number" };
        var all = new Option<bool>("--all") { Description = "Runs of every repository in the store." };
        var trend = new Option<bool>("--trend") { Description = "How many findings of each guideline the finished runs had." };
        var command = new Command("history", "Lists the runs in a store, their trend, or what is new and fixed between two.") { TestOptions.Store, TestOptions.Settings, compare, trend, count, all, format };
        command.SetAction(parsed =>
        {
            var here = Directory.GetCurrentDirectory();
            var plan = AuditPlan.Create(new() { Source = "command line", Store = parsed.GetValue(TestOptions.Store) }, parsed.GetValue(TestOptions.Settings), null, here, DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime));
            using var store = AuditStore.OpenKept(plan.Store ?? throw new UsageException("which store? name it by --store, or by 'store' in the settings"));
            var repository = parsed.GetValue(all) ? null : AuditMemory.RepositoryOf(here);
            var isJson = parsed.GetValue(format) == "json";
            if (parsed.GetValue(trend))
            {
                var lines = store.Trend(repository, parsed.GetValue(count));
                Print(parsed, isJson, json => lines.ToList().ForEach(l => WriteLine(json, l)), console => WriteTrend(console, lines));
                return ExitCode.Success;
            }

            var runs = store.Runs(repository, parsed.GetValue(compare) is null ? parsed.GetValue(count) : int.MaxValue);
            if (parsed.GetValue(compare) is not { Length: > 0 } numbers)
            {
                Print(parsed, isJson, json => runs.ToList().ForEach(r => WriteRun(json, r)), console => WriteRuns(console, runs));
                return ExitCode.Success;
            }

            StoredRun Run(long id) => runs.FirstOrDefault(r => r.Id == id) ?? throw new UsageException($"the store holds no run {id.ToString(CultureInfo.InvariantCulture)} of this repository; 'modelguidelines history' lists them");
            var later = Run(numbers.Max());
            var earlier = numbers.Length > 1 ? Run(numbers.Min()) : runs.FirstOrDefault(r => r.Id < later.Id && r.Finished is not null) ?? throw new UsageException("there is no finished run before it");
            var changes = Baseline.Compare(store.Results(earlier.Id), store.Results(later.Id), path => !Path.Exists(path)).Where(c => c.State is not FindingState.Unchanged).ToList();
            Print(parsed, isJson, json => changes.ForEach(c => WriteChange(json, c.State, c.Finding)), console => WriteChanges(console, earlier, later, changes));
            return ExitCode.Success;
        });
        return command;
    }

    private static void Print(ParseResult parsed, bool isJson, Action<Utf8JsonWriter> json, Action<IAnsiConsole> table)
    {
        if (!isJson)
        {
            Terminal.Write(null, parsed, table);
            return;
        }

        OutputTarget.Write(null, stream =>
        {
            using (var writer = new Utf8JsonWriter(stream, JsonReport.Options))
            {
                writer.WriteStartArray();
                json(writer);
                writer.WriteEndArray();
            }

            stream.Write("\n"u8);
        });
    }

    private static void WriteRuns(IAnsiConsole console, IReadOnlyCollection<StoredRun> runs)
    {
        if (runs.Count == 0)
        {
            console.WriteLine("The store holds no run of this repository; --all lists those of others.");
            return;
        }

        WriteTable(console, ["run", "started", "shard", "files", "kept", "errors", "warnings", "undecided", "unread"], runs.Select(r => new[]
        {
            Number(r.Id), Minute(r.Started), r.Shard ?? "", r.Finished is null ? "unfinished" : Number(r.Files), r.Finished is null ? "" : Number(r.Reused),
            Number(r.Errors), Number(r.Warnings), Number(r.Undecided), Number(r.Unreadable),
        }));
    }

    private static void WriteTrend(IAnsiConsole console, IReadOnlyCollection<TrendLine> lines) =>
        WriteTable(console, ["run", "started", "guideline", "severity", "findings", "files"], lines.Select(l => new[] { Number(l.Run), Minute(l.Started), l.Guideline, l.Severity, Number(l.Findings), Number(l.Files) }));

    private static void WriteTable(IAnsiConsole console, string[] heads, IEnumerable<string[]> rows)
    {
        var table = new Grid();
        foreach (var _ in heads)
        {
            table.AddColumn(new GridColumn().NoWrap().PadLeft(0).PadRight(1));
        }

        foreach (var row in rows.Prepend(heads))
        {
            table.AddRow([.. row.Select(t => new Text(t))]);
        }

        console.Write(table);
    }

    private static string Minute(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static void WriteLine(Utf8JsonWriter json, TrendLine line)
    {
        json.WriteStartObject();
        json.WriteNumber("run", line.Run);
        json.WriteString("started", line.Started);
        json.WriteString("guideline", line.Guideline);
        json.WriteString("severity", line.Severity);
        json.WriteNumber("findings", line.Findings);
        json.WriteNumber("files", line.Files);
        json.WriteEndObject();
    }

    private static void WriteChanges(IAnsiConsole console, StoredRun earlier, StoredRun later, IReadOnlyCollection<(FindingState State, Finding Finding)> changes)
    {
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Run {later.Id} against run {earlier.Id}: {changes.Count(c => c.State is FindingState.New)} new, {changes.Count(c => c.State is FindingState.Fixed)} fixed."));
        foreach (var (state, finding) in changes)
        {
            console.WriteLine($"{(state is FindingState.New ? "new  " : "fixed")} {finding.Severity.ToString().ToLowerInvariant()} {Printable.Text(finding.Whereabouts)}: {Printable.Text(finding.Message)} ({finding.Guideline})");
        }
    }

    private static void WriteRun(Utf8JsonWriter json, StoredRun run)
    {
        json.WriteStartObject();
        json.WriteNumber("run", run.Id);
        json.WriteString("started", run.Started);
        if (run.Finished is { } finished)
        {
            json.WriteString("finished", finished);
        }

        json.WriteString("repository", run.Repository);
        json.WriteString("host", run.Host);
        JsonText(json, "shard", run.Shard);
        JsonText(json, "group", run.Group);
        json.WriteNumber("files", run.Files);
        json.WriteNumber("reused", run.Reused);
        json.WriteNumber("errors", run.Errors);
        json.WriteNumber("warnings", run.Warnings);
        json.WriteNumber("information", run.Information);
        json.WriteNumber("undecided", run.Undecided);
        json.WriteNumber("unreadable", run.Unreadable);
        json.WriteEndObject();
    }

    private static void WriteChange(Utf8JsonWriter json, FindingState state, Finding finding)
    {
        json.WriteStartObject();
        json.WriteString("state", state.ToString());
        json.WriteString("guideline", finding.Guideline);
        json.WriteString("severity", finding.Severity.ToString());
        json.WriteString("path", finding.Path);
        JsonText(json, "module", finding.Module);
        JsonText(json, "location", finding.Location?.ToString());
        json.WriteString("message", finding.Message);
        json.WriteString("fingerprint", finding.Fingerprint);
        json.WriteEndObject();
    }

    private static void JsonText(Utf8JsonWriter json, string name, string? text)
    {
        if (text is not null)
        {
            json.WriteString(name, text);
        }
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
