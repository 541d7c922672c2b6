using System.Collections.Immutable;
using ModelGuidelines.Models;

namespace ModelGuidelines.Reports.Diagrams;

/// <summary>What a diagram shows of a graph.</summary>
public enum DiagramView
{
    /// <summary>Modules, and which module calls which.</summary>
    Modules,

    /// <summary>Nodes of the file's graph, and the values between them.</summary>
    Nodes,
}

/// <summary>A box.</summary>
/// <param name="Label">Its first line.</param>
/// <param name="Detail">Its second line; null when there is none.</param>
/// <param name="IsReused">Whether it is called more than once.</param>
public sealed record DiagramBox(string Label, string? Detail, bool IsReused);

/// <summary>An arrow between two boxes, by their index.</summary>
/// <param name="From">Where it starts.</param>
/// <param name="To">Where it ends.</param>
/// <param name="Label">Beside the arrow; null when there is nothing to say.</param>
public sealed record DiagramArrow(int From, int To, string? Label);

/// <summary>What the writers of diagrams draw: boxes and arrows, in a stable order.</summary>
/// <param name="Title">The file.</param>
/// <param name="Boxes">In the order of the graph.</param>
/// <param name="Arrows">Without duplicates.</param>
/// <param name="Omitted">Boxes left out because there are too many.</param>
public sealed record Diagram(string Title, ImmutableArray<DiagramBox> Boxes, ImmutableArray<DiagramArrow> Arrows, int Omitted)
{
    /// <summary>A diagram with more boxes helps nobody, and its layout would take long.</summary>
    public const int MaximumBoxes = 2000;

    /// <param name="graph">What to show.</param>
    /// <param name="title">The file's name.</param>
    /// <param name="view">Modules or nodes.</param>
    /// <param name="module">Only this module and what is below it; null: everything.</param>
    /// <param name="depth">Levels of modules below the shown root; negative: all.</param>
    /// <exception cref="Storage.ModelReadException">The graph has no module of that name.</exception>
    public static Diagram Of(ModelGraph graph, string title, DiagramView view = DiagramView.Modules, string? module = null, int depth = -1)
    {
        var scope = ModuleScope.Of(graph, module, depth);
        return view is DiagramView.Modules ? OfModules(graph, title, scope) : OfNodes(graph, title, scope);
    }

    private static Diagram OfModules(ModelGraph graph, string title, ModuleScope scope)
    {
        var calls = graph.Calls.GroupBy(c => c.Module).ToDictionary(g => g.Key, g => g.Sum(c => (long)c.Times));
        var reused = Guidelines.Reuse.Find(graph).SelectMany(r => r.Affected.Append(r.Module)).ToHashSet();
        var shown = Enumerable.Range(0, graph.Modules.Length).Where(scope.Contains).ToList();
        var omitted = Math.Max(0, shown.Count - MaximumBoxes);
        var index = shown.Take(MaximumBoxes).Select((m, i) => (m, i)).ToDictionary(p => p.m, p => p.i);
        var boxes = index.Keys.Select(m =>
        {
            var item = graph.Modules[m];
            var count = reused.Contains(m) && calls.TryGetValue(m, out var n) ? FormattableString.Invariant($" ×{n}") : "";
            return new DiagramBox((item.QualifiedName.Length == 0 ? "(root)" : Printable.Text(item.QualifiedName, 120)) + count, item.TypeName is { } type ? Printable.Text(type, 120) : null, reused.Contains(m));
        });

        // Who calls; where the file does not tell, who holds.
        var arrows = graph.Calls
            .Where(c => c.Caller is { } caller && caller != c.Module && index.ContainsKey(caller) && index.ContainsKey(c.Module))
            .GroupBy(c => (From: c.Caller!.Value, To: c.Module))
            .Select(g => new DiagramArrow(index[g.Key.From], index[g.Key.To], g.Sum(c => (long)c.Times) is > 1 and var n ? FormattableString.Invariant($"{n}×") : null))
            .ToList();
        var called = arrows.Select(a => a.To).ToHashSet();
        arrows.AddRange(index.Where(p => !called.Contains(p.Value) && graph.Modules[p.Key].Parent is { } parent && index.ContainsKey(parent))
            .Select(p => new DiagramArrow(index[graph.Modules[p.Key].Parent!.Value], p.Value, null)));
        return new(title, [.. boxes], [.. arrows], omitted);
    }

    private static Diagram OfNodes(ModelGraph graph, string title, ModuleScope scope)
    {
        var reused = Guidelines.Reuse.Find(graph).SelectMany(r => r.Affected.Append(r.Module)).ToHashSet();
        var shown = graph.Nodes.Where(n => n.Module is { } m ? scope.Contains(m) : scope.IsEverything).ToList();
        var omitted = Math.Max(0, shown.Count - MaximumBoxes);
        shown = [.. shown.Take(MaximumBoxes)];
        var producers = new Dictionary<(string Graph, string Value), int>();
        for (var i = 0; i < shown.Count; i++)
        {
            foreach (var output in shown[i].Outputs)
            {
                producers.TryAdd((shown[i].Graph, output.Name), i);
            }
        }

        var arrows = new HashSet<(int, int)>();
        for (var i = 0; i < shown.Count; i++)
        {
            foreach (var input in shown[i].Inputs)
            {
                if (producers.TryGetValue((shown[i].Graph, input.Name), out var from) && from != i)
                {
                    arrows.Add((from, i));
                }
            }
        }

        var boxes = shown.Select(n => new DiagramBox(
            Printable.Text(n.OpType, 120), n.Name.Length == 0 ? null : Printable.Text(n.Name, 120), n.Module is { } m && reused.Contains(m)));
        return new(title, [.. boxes], [.. arrows.Select(a => new DiagramArrow(a.Item1, a.Item2, null))], omitted);
    }
}
