using System.CommandLine;
using System.Text.Json;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;
using Spectre.Console;

namespace ModelGuidelines.Cli;

/// <summary><c>modelguidelines guidelines</c></summary>
internal static class GuidelinesCommand
{
    public static Command Create()
    {
        var format = new Option<string>("--format", "-f") { Description = "table or json.", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "json");
        var command = new Command("guidelines", "Lists the guidelines.") { format };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(format) == "json")
            {
                OutputTarget.Write(null, WriteJson);
            }
            else
            {
                Terminal.Write(null, parsed, Write);
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static void WriteJson(Stream stream)
    {
        using (var json = new Utf8JsonWriter(stream, JsonReport.Options))
        {
            json.WriteStartArray();
            foreach (var guideline in GuidelineCatalog.All.Select(g => g.Descriptor))
            {
                json.WriteStartObject();
                json.WriteString("id", guideline.Id);
                json.WriteString("framework", guideline.Framework.ToString());
                json.WriteString("severity", guideline.Severity.ToString());
                json.WriteString("title", guideline.Title);
                json.WriteString("description", guideline.Description);
                json.WriteString("helpUri", guideline.HelpUri.OriginalString);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        stream.Write("\n"u8);
    }

    private static void Write(IAnsiConsole console)
    {
        var grid = new Grid();
        grid.AddColumn(new GridColumn().NoWrap().PadLeft(0).PadRight(2));
        grid.AddColumn(new GridColumn().NoWrap().PadRight(2));
        grid.AddColumn(new GridColumn().PadRight(0));
        foreach (var guideline in GuidelineCatalog.All.Select(g => g.Descriptor))
        {
            grid.AddRow(new Markup($"[bold]{guideline.Id}[/]"), new Text(guideline.Severity.ToString()), new Text($"{guideline.Title}. {guideline.Description}"));
        }

        console.Write(grid);
    }
}
