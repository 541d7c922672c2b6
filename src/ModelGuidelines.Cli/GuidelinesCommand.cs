using System.CommandLine;
using System.Text.Json;
using ModelGuidelines.Guidelines;
using Spectre.Console;

namespace ModelGuidelines.Cli;

/// <summary><c>modelguidelines guidelines</c></summary>
internal static class GuidelinesCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = true };

    public static Command Create()
    {
        var format = new Option<string>("--format", "-f") { Description = "table or json.", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "json");
        var command = new Command("guidelines", "Lists the guidelines.") { format };
        command.SetAction(parsed =>
        {
            if (parsed.GetValue(format) == "json")
            {
                var list = GuidelineCatalog.All.Select(g => new
                {
                    g.Descriptor.Id,
                    Framework = g.Descriptor.Framework.ToString(),
                    Severity = g.Descriptor.Severity.ToString(),
                    g.Descriptor.Title,
                    g.Descriptor.Description,
                    g.Descriptor.HelpUri,
                });
                OutputTarget.Write(null, stream =>
                {
                    JsonSerializer.Serialize(stream, list, Json);
                    stream.Write("\n"u8);
                });
            }
            else
            {
                Terminal.Write(null, Write);
            }

            return ExitCode.Success;
        });
        return command;
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
