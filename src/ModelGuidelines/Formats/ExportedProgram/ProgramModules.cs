using System.Collections.Immutable;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>The modules of one program by the names that its stacks, its signature and its operands give them.</summary>
internal sealed class ProgramModules
{
    /// <summary>More names of one module are not listed.</summary>
    private const int MaxAliases = 1000;

    private readonly ModelGraphBuilder _builder;
    private readonly Dictionary<string, int> _objects = new(StringComparer.Ordinal);
    private readonly HashSet<int> _known = [];
    private readonly Dictionary<string, string> _states = new(StringComparer.Ordinal);
    private readonly HashSet<int?> _parents;

    public ProgramModules(Program program, ModelGraphBuilder builder)
    {
        _builder = builder;
        builder.FindOrAdd("");
        foreach (var entry in program.Modules)
        {
            builder.FindOrAdd(entry.Name.IndexOf('@', StringComparison.Ordinal) is var at and >= 0 ? entry.Name[..at] : entry.Name);
        }

        foreach (var node in program.Graph.Nodes.Where(n => n.HasOldStack))
        {
            HasOldStacks = true; // parameters are named by the keys of modules, which only the stacks explain
            foreach (var entry in node.Stack)
            {
                IndexOf(entry);
            }
        }

        Seen.Clear();
        foreach (var (value, name) in program.States)
        {
            AddState(value, name);
        }

        _parents = [.. builder.Modules.Select(m => m.Parent)];
    }

    /// <summary>Whether the stacks are torch 2.1's.</summary>
    public bool HasOldStacks { get; }

    /// <summary>Modules in which a node stands.</summary>
    public HashSet<int> Seen { get; } = [];

    /// <summary>Parameters and buffers by the names that they have in the program's graph.</summary>
    public IReadOnlyDictionary<string, string> States => _states;

    /// <summary>Whether the file tells objects apart, not names: what has two names is one module here.</summary>
    public bool IsKnownObject(int module) => _known.Contains(module);

    /// <summary>The module of one level of a stack; one object under two names is one.</summary>
    public int IndexOf(StackEntry entry)
    {
        int index;
        if (entry.Path.Length == 0 || entry.Object is not { } key)
        {
            index = _builder.FindOrAdd(entry.Path);
        }
        else if (_objects.TryGetValue(key, out index))
        {
            AddAlias(index, entry.Path);
        }
        else
        {
            _objects.Add(key, index = _builder.FindOrAdd(entry.Path));
            _known.Add(index);
        }

        Seen.Add(index);
        var module = _builder.Modules[index];
        if (module.Type is null && entry.Type is { } type)
        {
            _builder.Modules[index] = module with { Type = type, Origin = ModuleTypes.IsTorchNn(type) ? ModuleOrigin.Framework : ModuleOrigin.User };
        }

        return index;
    }

    /// <summary>The one module without submodules whose own parameters a node reads, and these; null when it reads none, or several modules'.</summary>
    public (int Module, ImmutableArray<string> States)? ReaderOf(ProgramNode node, IReadOnlyDictionary<string, string> states)
    {
        var read = node.Inputs.Select(v => states.GetValueOrDefault(v)).OfType<string>().ToImmutableArray();
        var owners = read.Select(OwnerOf).Distinct().ToList();
        return owners is [{ } owner] && owner != 0 && !_parents.Contains(owner) ? (owner, read) : null;
    }

    /// <summary>The call of a module that shows in nothing but a parameter that is read.</summary>
    public ModuleCall UnplacedCall(int module, string state, ProgramNode node, SourceLocation? location, GraphScope scope) => new()
    {
        Module = module,
        Caller = _builder.Modules[module].Parent,
        Node = node.Name,
        Location = location,
        Arms = scope.Arms,
        Times = scope.Times,
        Certainty = scope.Certainty.And(Certainty.Likely($"no module stack shows the call, only '{state}', which a function could read too")),
    };

    /// <summary>The parameters and buffers that a nested graph is handed, by the names that they have in it.</summary>
    /// <remarks>Operands stand before them: the predicate of a branch, what a scan goes through. So they are matched from the end.</remarks>
    public static IReadOnlyDictionary<string, string> StatesWithin(ProgramGraph graph, ProgramNode node, IReadOnlyDictionary<string, string> outer)
    {
        if (outer.Count == 0)
        {
            return outer;
        }

        var states = new Dictionary<string, string>(StringComparer.Ordinal);
        var skipped = node.Inputs.Length - graph.Inputs.Count;
        for (var i = 0; i < graph.Inputs.Count; i++)
        {
            var operand = skipped + i >= 0 && skipped + i < node.Inputs.Length ? node.Inputs[skipped + i] : graph.Inputs[i];
            if (outer.TryGetValue(operand, out var state))
            {
                states[graph.Inputs[i]] = state;
            }
        }

        return states;
    }

    private int? OwnerOf(string state) => _builder.Find(state.LastIndexOf('.') is var dot and >= 0 ? state[..dot] : "");

    private void AddState(string value, string name)
    {
        var dot = name.LastIndexOf('.');
        var owner = dot < 0 ? "" : name[..dot];
        if (_objects.TryGetValue(owner, out var known))
        {
            owner = _builder.Modules[known].QualifiedName;
        }
        else if (HasOldStacks)
        {
            owner = ""; // of a module that runs nothing, or the root's own
        }

        var plain = ModuleStack.QualifiedName(name[(dot + 1)..]);
        _states[value] = owner.Length == 0 ? plain : $"{owner}.{plain}";
        if (_builder.Find(owner) is { } index)
        {
            _builder.Modules[index] = _builder.Modules[index] with { Parameters = _builder.Modules[index].Parameters.Add(plain) };
        }
    }

    private void AddAlias(int index, string name)
    {
        var module = _builder.Modules[index];
        if (module.QualifiedName != name && module.Aliases.Length < MaxAliases && !module.Aliases.Contains(name))
        {
            _builder.Modules[index] = module with { Aliases = module.Aliases.Add(name) };
        }
    }
}
