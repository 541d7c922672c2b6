using System.CommandLine;
using System.Text.Json;
using ModelGuidelines.Audit;
using ModelGuidelines.Audit.Configuration;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Guidelines.Aimet;
using ModelGuidelines.Reports;
using Spectre.Console;

namespace ModelGuidelines.Cli;

/// <summary><c>modelguidelines aimet MODEL...</c>: will AIMET's tools take it, and what to change.</summary>
internal static class AimetCommand
{
    private const int Shown = 5;
    private static readonly Option<string> Format = new("--format", "-f") { Description = "table or json.", DefaultValueFactory = _ => "table" };
    private static readonly Option<string?> Output = new("--output", "-o") { Description = "Write to a file, which is replaced as a whole.", HelpName = "file" };

    public static Command Create()
    {
        Format.AcceptOnlyFromAmong("table", "json");
        var command = new Command("aimet", "Says whether AIMET's tools take a model, in the order in which they would fail, and what to change. Exit code: 0 all take it, 1 one refuses or may refuse, 2 wrong usage or a file that could not be audited.")
        {
            TestOptions.Paths, TestOptions.Entries, TestOptions.SearchPaths, TestOptions.DefinedClasses, TestOptions.TimeLimit, Format, Output,
        };
        command.SetAction((parsed, cancellation) => Task.Run(() => RunAsync(parsed, cancellation), CancellationToken.None)); // who does not wait heeds an interrupt from the first step on
        return command;
    }

    private static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        // What a team accepts stops AIMET all the same: no settings file is read.
        var here = Directory.GetCurrentDirectory();
        var plan = AuditPlan.Create(TestOptions.OfModels(parsed), "none", null, here, DateOnly.MaxValue);
        if (parsed.GetValue(TestOptions.Paths) is not { Length: > 0 } && (plan.Entries.IsEmpty || plan.Entries.Any(e => e.Module is null)))
        {
            throw new UsageException(plan.Entries.IsEmpty ? "Required argument missing for command: 'aimet'." : "an entry without a module needs a file: name one, or write module:expression");
        }

        var settings = plan.AuditSettings(here) with { MinimumSeverity = Severity.Information };
        var inputs = EntryInputs.Apply(PathArguments.Find(plan.Finder(FormatRegistry.Default, cancellation), parsed.GetValue(TestOptions.Paths) ?? [], Console.In), plan.Entries, settings.SearchPath, here).ToList();
        OutputTarget.Check([parsed.GetValue(Output)], inputs);
        var results = await AuditProgress.AuditAsync(inputs, settings, cancellation);

        var readiness = results.ConvertAll(r => (Result: r, Tools: ModelReadiness.Of(r)));
        if (parsed.GetValue(Format) == "json")
        {
            OutputTarget.Write(parsed.GetValue(Output), stream => WriteJson(stream, readiness));
        }
        else
        {
            Terminal.Write(parsed.GetValue(Output), parsed, console => WriteTable(console, readiness));
        }

        return results.Exists(r => r.Error is not null) ? ExitCode.Failure
            : readiness.Exists(r => r.Tools.Any(t => t.Verdict is ReadinessVerdict.Refuses or ReadinessVerdict.MayRefuse)) ? ExitCode.Findings
            : ExitCode.Success;
    }

    private static void WriteTable(IAnsiConsole console, List<(AuditResult Result, System.Collections.Immutable.ImmutableArray<ToolReadiness> Tools)> models)
    {
        foreach (var (result, tools) in models)
        {
            console.MarkupLine($"[bold]{Escape(result.Path)}[/]{(result.Entry is { } entry ? $" {Escape(entry)}" : "")}");
            if (result.Error is { } error)
            {
                console.MarkupLine($"  [red]unread[/]  {Escape(error.Id)}: {Escape(error.Message)}");
            }

            foreach (var tool in tools)
            {
                console.MarkupLine($"  {Label(tool.Verdict)}  {Escape(tool.Title)}");
                var grid = new Grid();
                grid.AddColumn(new GridColumn().NoWrap().PadLeft(4).PadRight(2));
                grid.AddColumn(new GridColumn().PadRight(0));
                foreach (var reason in tool.Reasons.GroupBy(r => (r.Effect, r.Guideline, r.Text)))
                {
                    grid.AddRow(Escape(Verb(reason.Key.Effect)), $"[bold]{Escape(reason.Key.Guideline)}[/] {Escape(reason.Key.Text)}");
                    foreach (var place in reason.Take(Shown))
                    {
                        grid.AddRow("", $"{Escape(place.Finding.Message)}{(place.Finding.Location is { } at ? $"\n[grey]{Escape(at.ToString())}[/]" : "")}");
                    }

                    if (reason.Count() > Shown)
                    {
                        grid.AddRow("", $"[grey]and {reason.Count() - Shown} more places[/]");
                    }

                    if (reason.Key.Effect is not ToolEffect.Mends && reason.First().Finding.Recommendation is { } advice)
                    {
                        grid.AddRow("", $"[green]{Escape(advice)}[/]");
                    }
                }

                foreach (var open in tool.Open)
                {
                    grid.AddRow("open", Escape(open));
                }

                console.Write(grid);
            }

            console.WriteLine();
        }
    }

    private static string Label(ReadinessVerdict verdict) => verdict switch
    {
        ReadinessVerdict.Refuses => "[red]refuses[/]        ",
        ReadinessVerdict.MayRefuse => "[yellow]may refuse[/]     ",
        ReadinessVerdict.Undecidable => "[blue]unknown[/]        ",
        ReadinessVerdict.TakesWithLosses => "[yellow]takes, with loss[/]",
        _ => "[green]takes[/]          ",
    };

    private static string Verb(ToolEffect effect) => effect switch
    {
        ToolEffect.Raises => "raises",
        ToolEffect.Reports => "reports",
        ToolEffect.Degrades => "loses",
        _ => "mends",
    };

    private static string Escape(string text) => Terminal.Escape(text);

    private static void WriteJson(Stream stream, List<(AuditResult Result, System.Collections.Immutable.ImmutableArray<ToolReadiness> Tools)> models)
    {
        using (var json = new Utf8JsonWriter(stream, JsonReport.Options))
        {
            json.WriteStartArray();
            foreach (var (result, tools) in models)
            {
                json.WriteStartObject();
                json.WriteString("path", result.Path);
                if (result.Entry is { } entry)
                {
                    json.WriteString("entry", entry);
                }

                json.WriteString("format", result.Format);
                JsonReport.WriteError(json, result.Error);
                json.WriteStartArray("tools");
                foreach (var tool in tools)
                {
                    json.WriteStartObject();
                    json.WriteString("tool", tool.Tool.ToString());
                    json.WriteString("title", tool.Title);
                    json.WriteString("verdict", tool.Verdict.ToString());
                    json.WriteStartArray("reasons");
                    foreach (var reason in tool.Reasons)
                    {
                        json.WriteStartObject();
                        json.WriteString("effect", reason.Effect.ToString());
                        json.WriteString("guideline", reason.Guideline);
                        json.WriteString("text", reason.Text);
                        json.WriteString("confidence", reason.Finding.Confidence.ToString());
                        json.WriteString("module", reason.Finding.Module);
                        json.WriteString("moduleType", reason.Finding.ModuleType);
                        json.WriteString("location", reason.Finding.Location?.ToString());
                        json.WriteString("message", reason.Finding.Message);
                        json.WriteString("recommendation", reason.Finding.Recommendation);
                        json.WriteEndObject();
                    }

                    json.WriteEndArray();
                    json.WriteStartArray("open");
                    foreach (var open in tool.Open)
                    {
                        json.WriteStringValue(open);
                    }

                    json.WriteEndArray();
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        stream.Write("\n"u8);
    }
}
