using System.Collections.Immutable;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Models;

/// <summary>Collects what a reader finds into a <see cref="ModelGraph"/>. Not thread-safe; used by one reader for one file.</summary>
public sealed class ModelGraphBuilder
{
    private readonly Dictionary<string, int> _byName = new(StringComparer.Ordinal);
    private long _characters;

    public List<ModelModule> Modules { get; } = [];

    public List<ModuleCall> Calls { get; } = [];

    public List<Operation> Operations { get; } = [];

    public List<ModuleInterface> Interfaces { get; } = [];

    public List<GraphNode> Nodes { get; } = [];

    public List<Observation> Observations { get; } = [];

    public List<Suppression> Suppressions { get; } = [];

    public List<Gap> Gaps { get; } = [];

    /// <summary>Adds a module and returns its index; its name can be found by <see cref="Find"/>. The first of equal names wins there.</summary>
    /// <exception cref="ModelReadException">The names of all modules are too long together.</exception>
    public int Add(ModelModule module)
    {
        _characters += module.QualifiedName.Length;
        if (_characters > ReadLimits.QualifiedNames)
        {
            throw new ModelReadException("MG.Graph.NamesTooLong", $"the names of all modules have more than {ReadLimits.QualifiedNames} characters together");
        }

        Modules.Add(module);
        _byName.TryAdd(module.QualifiedName, Modules.Count - 1);
        return Modules.Count - 1;
    }

    /// <summary>The index of the module of that qualified name, or null.</summary>
    public int? Find(string qualifiedName) => _byName.TryGetValue(qualifiedName, out var index) ? index : null;

    /// <summary>The index of the module of that qualified name; it and its missing parents are added when new.</summary>
    /// <param name="qualifiedName">Parts separated by <paramref name="separator"/>; "" is the root.</param>
    /// <param name="separator">'.' in PyTorch, '/' in Keras.</param>
    public int FindOrAdd(string qualifiedName, char separator = '.')
    {
        if (_byName.TryGetValue(qualifiedName, out var index))
        {
            return index;
        }

        // From the innermost known parent on, without recursion: a hostile name may have thousands of parts, and as many names their parts in common.
        var holder = 0;
        var known = qualifiedName.LastIndexOf(separator);
        while (known >= 0 && !_byName.TryGetValue(qualifiedName[..known], out holder))
        {
            known = known == 0 ? -1 : qualifiedName.LastIndexOf(separator, known - 1);
        }

        int? parent = qualifiedName.Length == 0 ? null : known < 0 ? FindOrAdd("") : holder;
        for (var dot = qualifiedName.IndexOf(separator, known + 1); dot >= 0; dot = qualifiedName.IndexOf(separator, dot + 1))
        {
            parent = _byName.TryGetValue(qualifiedName[..dot], out var between) ? between : Add(new() { QualifiedName = qualifiedName[..dot], Parent = parent });
        }

        return Add(new() { QualifiedName = qualifiedName, Parent = parent });
    }

    public ModelGraph Build(Framework framework, string? exporter, GraphEvidence evidence) => new()
    {
        Framework = framework,
        Exporter = exporter,
        Evidence = evidence,
        Modules = [.. Modules],
        Calls = [.. Calls],
        Operations = [.. Operations],
        Interfaces = [.. Interfaces],
        Nodes = [.. Nodes],
        Observations = [.. Observations],
        Suppressions = [.. Suppressions],
        Gaps = Gaps.Count == 0 ? [] : [.. Gaps.Distinct()],
    };
}
