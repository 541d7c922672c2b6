using System.Globalization;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>All scopes of a file's node names.</summary>
internal sealed class ScopeTree
{
    private readonly Dictionary<string, Scope> _scopes = new(StringComparer.Ordinal);

    private long _characters;

    private ScopeTree(OnnxFacts facts) => _scopes.Add("", new(facts, "", null));

    /// <summary>Scopes that own nodes, in order of their first node.</summary>
    public List<Scope> Owners { get; } = [];

    public Scope Root => _scopes[""];

    /// <summary>All scopes, parents before children.</summary>
    public List<Scope> All { get; } = [];

    public Scope? Find(string display) => _scopes.GetValueOrDefault(display);

    public static ScopeTree Build(OnnxFacts facts)
    {
        var tree = new ScopeTree(facts);
        tree.All.Add(tree.Root);
        var last = tree.Root;
        for (var i = 0; i < facts.Nodes.Count; i++)
        {
            var name = facts.Nodes[i].Name;
            if (name.Length == 0 || name[0] != '/')
            {
                continue;
            }

            // Most nodes stand in the scope of the one before.
            var display = name.AsSpan(0, name.LastIndexOf('/'));
            last = display.SequenceEqual(last.Display) ? last : tree.FindOrAdd(facts, display.ToString());
            tree.Place(last, i);
        }

        return tree;
    }

    /// <summary>Puts a node into a scope, which is added when new.</summary>
    public void Place(OnnxFacts facts, string display, int node) => Place(FindOrAdd(facts, display), node);

    private void Place(Scope scope, int node)
    {
        if (scope.Nodes.Count == 0)
        {
            Owners.Add(scope);
        }

        scope.Nodes.Add(node);
    }

    /// <summary>The scope of that display; it and those around it are added when new. Without recursion: a hostile name may have thousands of levels.</summary>
    private Scope FindOrAdd(OnnxFacts facts, string display)
    {
        if (_scopes.TryGetValue(display, out var known))
        {
            return known;
        }

        if (display.AsSpan().Count('/') > facts.Limits.ScopeLevels)
        {
            throw new ModelReadException("MG.Onnx.TooDeep", $"a node's name has more than {facts.Limits.ScopeLevels} levels of scopes", null);
        }

        var missing = new Stack<string>();
        Scope? scope;
        for (var outer = display; !_scopes.TryGetValue(outer, out scope); outer = outer[..outer.LastIndexOf('/')])
        {
            missing.Push(outer);
            _characters += outer.Length;
            if (_characters > ReadLimits.QualifiedNames / 4)
            {
                throw new ModelReadException("MG.Graph.NamesTooLong", $"the names of all scopes have more than {ReadLimits.QualifiedNames / 4} characters together");
            }
        }

        while (missing.TryPop(out var next))
        {
            var inner = new Scope(facts, next, scope);
            _scopes.Add(next, inner);
            All.Add(inner);
            scope.Add(inner);
            scope = inner;
        }

        return scope;
    }
}

/// <summary>One scope as displayed, its suffix included.</summary>
internal sealed class Scope
{
    private static readonly List<Scope> None = [];
    private readonly OnnxFacts _facts;
    private string? _pattern;

    public Scope(OnnxFacts facts, string display, Scope? parent)
    {
        _facts = facts;
        Display = display;
        Parent = parent;
        Part = parent is null ? "" : display[(parent.Display.Length + 1)..];
        BasePart = Part;
        if (Part.LastIndexOf('_') is > 0 and var at && int.TryParse(Part.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number > 0 && Part[at + 1] != '0')
        {
            Suffix = number;
            BasePart = Part[..at];
        }

        Rename(null, parent?.RealName ?? "");
    }

    /// <summary><c>/encoder/conv1_1</c>; the root is "".</summary>
    public string Display { get; }

    public Scope? Parent { get; }

    /// <summary>The last part of the display.</summary>
    public string Part { get; }

    /// <summary>The last part without the number that may count calls.</summary>
    public string BasePart { get; }

    /// <summary>The qualified name when the suffix belongs to the attribute.</summary>
    public string RealName { get; private set; } = "";

    /// <summary>The number that may count calls; 0 when there is none.</summary>
    public int Suffix { get; }

    /// <summary>The display of the first call when the suffix counts calls.</summary>
    public string? BaseDisplay => Suffix == 0 ? null : Display[..^(Part.Length - BasePart.Length)];

    /// <summary>The qualified name when the suffix counts calls.</summary>
    public string? BaseName { get; private set; }

    /// <summary>The module whose code makes the call.</summary>
    public string CallerModule => Parent?.RealName ?? "";

    /// <summary>The module it is decided to be a call of.</summary>
    public string Module { get; set; } = "";

    /// <summary>Not to be added to from outside: most scopes have none, and share an empty list.</summary>
    public List<Scope> Children { get; private set; } = None;

    /// <summary>Nodes directly in it.</summary>
    public List<int> Nodes { get; } = [];

    /// <summary>What its nodes compute, without names: equal for two calls of one module. Complete once all nodes are assigned.</summary>
    public string Pattern => _pattern ??= _facts.PatternOf(Nodes);

    /// <summary>The calls that its nodes show.</summary>
    public List<(List<int> Nodes, Certainty Certainty)> Calls { get; } = new(1);

    /// <summary>Adds a scope inside.</summary>
    public void Add(Scope child) => (ReferenceEquals(Children, None) ? Children = [] : Children).Add(child);

    /// <summary>Gives it and its attribute their qualified names.</summary>
    /// <param name="name">As the weights tell it; null: the holder's name and its own part.</param>
    /// <param name="holder">Qualified name of what holds it.</param>
    public void Rename(string? name, string holder)
    {
        RealName = name ?? Join(holder, Part);
        BaseName = Suffix == 0 ? null : Join(holder, BasePart);
        Module = RealName;
    }

    /// <summary>A container repeats its own name in its children's: <c>layer1</c>, <c>layer1.0</c>, <c>relu</c> is layer1, layer1.0, layer1.0.relu.</summary>
    private string Join(string holder, string part)
    {
        if (Parent is not { Part.Length: > 0 } parent)
        {
            return holder.Length == 0 || part.Length == 0 ? part : $"{holder}.{part}";
        }

        return part.Length > parent.Part.Length + 1 && part[parent.Part.Length] == '.' && part.StartsWith(parent.Part, StringComparison.Ordinal)
            ? holder + part[parent.Part.Length..]
            : $"{holder}.{part}";
    }
}
