using System.Globalization;
using ModelGuidelines.Models;
using ModelGuidelines.Reports;
using Spectre.Console;

namespace ModelGuidelines.Cli;

/// <summary>A model's modules or nodes for people.</summary>
internal static class GraphTable
{
    public static void Write(IAnsiConsole console, string path, string format, ModelGraph graph, ModuleScope scope, bool nodes)
    {
        console.MarkupLine($"[bold]{Escape(path)}[/]");
        console.MarkupLine($"[grey]{format}, {graph.Framework}{(graph.Exporter is null ? "" : ", " + Escape(graph.Exporter))}[/]");
        var table = new Table().Border(TableBorder.Simple);
        if (nodes)
        {
            WriteNodes(table, path, graph, scope);
        }
        else
        {
            WriteModules(table, path, graph, scope);
        }

        console.Write(table);
    }

    private static void WriteModules(Table table, string path, ModelGraph graph, ModuleScope scope)
    {
        table.AddColumns(new("Module"), new("Type"), new TableColumn("Calls").RightAligned(), new TableColumn("Functions").RightAligned());
        foreach (var module in GraphView.Modules(path, graph, scope))
        {
            var shown = module.CallCount == 0 ? "" : module.CallCount.ToString(CultureInfo.InvariantCulture);
            table.AddRow(
                module.Name.Length == 0 ? "(root)" : Escape(module.Name),
                Escape(module.Type?[(module.Type.LastIndexOf('.') + 1)..] ?? ""),
                module.IsReused ? $"[red]{shown}[/]" : shown,
                module.Functions.IsEmpty ? "" : module.Functions.Length.ToString(CultureInfo.InvariantCulture));
        }
    }

    private static void WriteNodes(Table table, string path, ModelGraph graph, ModuleScope scope)
    {
        table.AddColumns("Node", "Operator", "Module");
        foreach (var node in GraphView.Nodes(path, graph, scope))
        {
            table.AddRow(Escape(node.Name), Escape(node.OpType), Escape(node.Module ?? ""));
        }
    }

    private static string Escape(string text) => Markup.Escape(Printable.Text(text, 200));
}
