using System.CommandLine;
using System.Globalization;
using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Models;
using ModelGuidelines.Reports;
using ModelGuidelines.Reports.Diagrams;
using ModelGuidelines.Reports.Pictures;
using ModelGuidelines.Storage;
using Spectre.Console;

namespace ModelGuidelines.Cli;

/// <summary><c>modelguidelines graph PATH</c></summary>
internal static class GraphCommand
{
    private static readonly Argument<string> PathArgument = new("path") { Description = "A model." };
    private static readonly Option<bool> Modules = new("--modules") { Description = "Show modules and their calls (the default)." };
    private static readonly Option<bool> Nodes = new("--nodes") { Description = "Show the nodes of the file's graph." };
    private static readonly Option<string?> ModuleName = new("--module") { Description = "Only this module and what is below it.", HelpName = "name" };
    private static readonly Option<int> Depth = new("--depth") { Description = "Levels of modules to show.", DefaultValueFactory = _ => -1, HelpName = "levels" };
    private static readonly Option<string?> Focus = new("--focus") { Description = "Open the picture at a finding, by its fingerprint, or at a module.", HelpName = "finding" };
    private static readonly Option<string?> Output = new("--output", "-o") { Description = "Write to a file, which is replaced as a whole.", HelpName = "file" };
    private static readonly Option<string> Format = new("--format", "-f") { Description = "The form of the picture.", DefaultValueFactory = _ => "table" };

    public static Command Create()
    {
        Format.AcceptOnlyFromAmong(["table", "json", .. DiagramWriters.All.Select(w => w.Name)]);
        var command = new Command("graph", "Shows what a model file says of its modules or nodes.") { PathArgument, Modules, Nodes, ModuleName, Depth, Focus, Format, Output };
        command.Validators.Add(result =>
        {
            if (result.GetValue(Modules) && result.GetValue(Nodes))
            {
                result.AddError("--modules and --nodes exclude each other");
            }
        });
        command.SetAction(Run);
        return command;
    }

    private static int Run(ParseResult parsed)
    {
        var path = parsed.GetValue(PathArgument)!;
        var nodes = parsed.GetValue(Nodes);
        var name = parsed.GetValue(Format)!;
        var inputs = new InputFinder(FormatRegistry.Default).Find(path).ToList();
        if (inputs is not [var input])
        {
            throw new UsageException($"'{path}' stands for {inputs.Count.ToString(CultureInfo.InvariantCulture)} files; a graph is of one");
        }

        if (input.Error is { } error)
        {
            throw new ModelReadException(error.Id, error.Message);
        }

        OutputTarget.Check([parsed.GetValue(Output)], [input]);
        var (format, graph) = Auditor.Default.ReadGraph(input.FullPath, ReadLimits.Default);
        if (DiagramWriters.Find(name) is { } writer)
        {
            var picture = Picture.Of(graph, input.DisplayPath, nodes);
            var focus = parsed.GetValue(Focus) is { } named
                ? PictureFocus.Of(named, Auditor.Default.Audit(input, new() { MinimumSeverity = Guidelines.Severity.Information, EveryInstance = true })?.Findings ?? []) : null;
            OutputTarget.Write(parsed.GetValue(Output), stream =>
            {
                using var text = new StreamWriter(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
                writer.Write(text, picture, new(parsed.GetValue(ModuleName), parsed.GetValue(Depth)) { Focus = focus });
            });
        }
        else if (name == "json")
        {
            OutputTarget.Write(parsed.GetValue(Output), stream => GraphJson.Write(stream, input.DisplayPath, format, graph, nodes));
        }
        else
        {
            var scope = ModuleScope.Of(graph, parsed.GetValue(ModuleName), parsed.GetValue(Depth));
            Terminal.Write(parsed.GetValue(Output), parsed, console => GraphTable.Write(console, input.DisplayPath, format, graph, scope, nodes));
        }

        return ExitCode.Success;
    }
}
