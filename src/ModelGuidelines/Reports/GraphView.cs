using System.Collections.Immutable;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;

namespace ModelGuidelines.Reports;

/// <summary>A module of a model as people look at it: names instead of indices.</summary>
public sealed record ModuleView
{
    /// <summary>The file, as given.</summary>
    public required string Path { get; init; }

    /// <summary>Qualified name; "" is the root.</summary>
    public required string Name { get; init; }

    public string? Type { get; init; }

    /// <summary>Qualified name of the module that holds it; null for a root.</summary>
    public string? Parent { get; init; }

    /// <summary>Levels below the root.</summary>
    public int Depth { get; init; }

    public int CallCount { get; init; }

    public ImmutableArray<CallSite> Calls { get; init; } = [];

    public bool IsReused { get; init; }

    /// <summary>Functions that its own code calls, by PyTorch's names.</summary>
    public ImmutableArray<string> Functions { get; init; } = [];

    public ImmutableArray<string> Parameters { get; init; } = [];

    public ImmutableArray<string> Aliases { get; init; } = [];

    public SourceLocation? Location { get; init; }

    public override string ToString() => $"{(Name.Length == 0 ? "(root)" : Name)}{(Type is null ? "" : $" ({Type})")}";
}

/// <summary>A node of a model's graph as people look at it.</summary>
public sealed record NodeView
{
    /// <summary>The file, as given.</summary>
    public required string Path { get; init; }

    public required string Name { get; init; }

    public required string OpType { get; init; }

    /// <summary>Qualified name of the module in whose scope it runs; null where the file does not tell.</summary>
    public string? Module { get; init; }

    /// <summary>The subgraph or function it stands in; "" for the main graph.</summary>
    public string Graph { get; init; } = "";

    public ImmutableArray<TensorInfo> Inputs { get; init; } = [];

    public ImmutableArray<TensorInfo> Outputs { get; init; } = [];

    public SourceLocation? Location { get; init; }

    public override string ToString() => $"{Name} ({OpType})";
}

/// <summary>Turns a graph into views.</summary>
public static class GraphView
{
    public static IEnumerable<ModuleView> Modules(string path, ModelGraph graph, ModuleScope scope)
    {
        var calls = graph.Calls.ToLookup(c => c.Module);
        var functions = graph.Operations.ToLookup(o => o.Module, o => o.Function);
        var reused = Reuse.Find(graph).SelectMany(r => r.Affected.Append(r.Module)).ToHashSet();
        var depths = new int[graph.Modules.Length];
        for (var i = 0; i < graph.Modules.Length; i++)
        {
            var module = graph.Modules[i];
            depths[i] = module.Parent is { } p && p < i ? depths[p] + 1 : 0;
            if (!scope.Contains(i))
            {
                continue;
            }

            yield return new()
            {
                Path = path,
                Name = module.QualifiedName,
                Type = module.Type,
                Parent = module.Parent is { } parent ? graph.Modules[parent].QualifiedName : null,
                Depth = depths[i],
                CallCount = (int)Math.Min(calls[i].Sum(c => (long)c.Times), int.MaxValue),
                Calls = [.. calls[i].Select(c => new CallSite(c.Caller is { } caller ? graph.Modules[caller].QualifiedName : null, c.Node, c.Location))],
                IsReused = reused.Contains(i),
                Functions = [.. functions[i]],
                Parameters = module.Parameters,
                Aliases = module.Aliases,
                Location = module.Location,
            };
        }
    }

    public static IEnumerable<NodeView> Nodes(string path, ModelGraph graph, ModuleScope scope) => graph.Nodes
        .Where(n => n.Module is { } m ? scope.Contains(m) : scope.IsEverything)
        .Select(n => new NodeView
        {
            Path = path,
            Name = n.Name,
            OpType = n.OpType,
            Module = n.Module is { } module ? graph.Modules[module].QualifiedName : null,
            Graph = n.Graph,
            Inputs = n.Inputs,
            Outputs = n.Outputs,
            Location = n.Location,
        });
}
