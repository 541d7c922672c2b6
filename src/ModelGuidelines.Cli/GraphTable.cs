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
            WriteNodes(table, graph, scope);
        }
        else
        {
            WriteModules(table, graph, scope);
        }

        console.Write(table);
    }

    private static void WriteModules(Table table, ModelGraph graph, ModuleScope scope)
    {
        table.AddColumns(new("Module"), new("Type"), new TableColumn("Calls").RightAligned(), new TableColumn("Functions").RightAligned());
        var calls = graph.Calls.GroupBy(c => c.Module).ToDictionary(g => g.Key, g => g.Sum(c => (long)c.Times));
        var functions = graph.Operations.GroupBy(o => o.Module).ToDictionary(g => g.Key, g => g.Count());
        for (var i = 0; i < graph.Modules.Length; i++)
        {
            if (!scope.Contains(i))
            {
                continue;
            }

            var module = graph.Modules[i];
            var count = calls.GetValueOrDefault(i);
            var shown = count == 0 ? "" : count.ToString(CultureInfo.InvariantCulture);
            table.AddRow(
                module.QualifiedName.Length == 0 ? "(root)" : Escape(module.QualifiedName),
                Escape(module.TypeName ?? ""),
                count > 1 ? $"[red]{shown}[/]" : shown,
                functions.TryGetValue(i, out var f) ? f.ToString(CultureInfo.InvariantCulture) : "");
        }
    }

    private static void WriteNodes(Table table, ModelGraph graph, ModuleScope scope)
    {
        table.AddColumns("Node", "Operator", "Module");
        foreach (var node in graph.Nodes.Where(n => n.Module is { } m ? scope.Contains(m) : scope.IsEverything))
        {
            table.AddRow(Escape(node.Name), Escape(node.OpType), node.Module is { } module ? Escape(graph.Modules[module].QualifiedName) : "");
        }
    }

    private static string Escape(string text) => Markup.Escape(Printable.Text(text, 200));
}
