using System.CommandLine;
using System.Text.Json;
using ModelGuidelines.Reports;
using Spectre.Console;

namespace ModelGuidelines.Cli;

/// <summary><c>modelguidelines settings [PATH]</c>: what is in force for an audit, and where it comes from.</summary>
internal static class SettingsCommand
{
    public static Command Create()
    {
        var format = new Option<string>("--format", "-f") { Description = "table or json.", DefaultValueFactory = _ => "table" };
        format.AcceptOnlyFromAmong("table", "json");
        var command = new Command("settings", "Shows what is in force for an audit of these paths, and where it comes from. Takes the options of 'test'.")
        {
            TestOptions.Paths, TestOptions.Settings, TestOptions.Include, TestOptions.Exclude, TestOptions.NoGitIgnore, TestOptions.FollowLinks, TestOptions.Entries, TestOptions.SearchPaths, TestOptions.TimeLimit, TestOptions.DefinedClasses, TestOptions.IncludedRoles, TestOptions.Guidelines,
            TestOptions.ExcludedGuidelines, TestOptions.ExcludedModules, TestOptions.MinimumSeverity, TestOptions.FailOn, TestOptions.FailOnExternal, TestOptions.Reports, TestOptions.Baseline, TestOptions.Store, format,
        };
        command.SetAction(parsed =>
        {
            var settings = TestOptions.Plan(parsed).Settings.ToList();
            if (parsed.GetValue(format) == "json")
            {
                OutputTarget.Write(null, stream => WriteJson(stream, settings));
            }
            else
            {
                Terminal.Write(null, parsed, console => Write(console, settings));
            }

            return ExitCode.Success;
        });
        return command;
    }

    private static void Write(IAnsiConsole console, List<(string Key, string Value, string Source)> settings)
    {
        var grid = new Grid();
        grid.AddColumn(new GridColumn().NoWrap().PadLeft(0).PadRight(2));
        grid.AddColumn(new GridColumn().PadRight(2));
        grid.AddColumn(new GridColumn().PadRight(0));
        foreach (var (key, value, source) in settings)
        {
            grid.AddRow(new Markup($"[bold]{key}[/]"), new Text(Printable.Text(value)), new Text(Printable.Text(source)));
        }

        console.Write(grid);
    }

    private static void WriteJson(Stream stream, List<(string Key, string Value, string Source)> settings)
    {
        using (var json = new Utf8JsonWriter(stream, JsonReport.Options))
        {
            json.WriteStartObject();
            foreach (var (key, value, source) in settings)
            {
                json.WriteStartObject(key);
                json.WriteString("value", value);
                json.WriteString("from", source);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        stream.Write("\n"u8);
    }
}
