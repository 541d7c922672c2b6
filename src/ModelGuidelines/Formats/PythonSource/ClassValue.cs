using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>A class of a file that is read.</summary>
internal sealed class ClassValue(string name, List<Value> bases, ClassDefinition definition, SourceModule module) : Value
{
    private List<Value>? _resolutionOrder;
    private ClassKind? _kind;

    public string Name { get; } = name;

    public List<Value> Bases { get; } = bases;

    public ClassDefinition Definition { get; } = definition;

    public SourceModule Module { get; } = module;

    public Dictionary<string, Value> Members { get; } = new(StringComparer.Ordinal);

    /// <summary>Names with annotations in the body, in order: the fields of data classes and named tuples.</summary>
    public List<string> Fields { get; } = [];

    public bool IsDataClass { get; set; }

    public string QualifiedName => $"{Module.Stem}.{Name}";

    /// <summary>The class and its bases, nearest first; external ones by name. A simplification of C3: of a base met twice the last place counts.</summary>
    public List<Value> ResolutionOrder => _resolutionOrder ??= Order();

    public ClassKind Kind => _kind ??= FindKind();

    public IEnumerable<string> ExternalBases => ResolutionOrder.OfType<ExternalValue>().Select(e => e.Name);

    /// <summary>The first definition of a member, from <paramref name="after"/> on when given.</summary>
    public (Value Value, ClassValue Owner)? Find(string name, ClassValue? after = null)
    {
        var found = after is null;
        foreach (var entry in ResolutionOrder)
        {
            if (found && entry is ClassValue c && c.Members.TryGetValue(name, out var value))
            {
                return (value, c);
            }

            found |= ReferenceEquals(entry, after);
        }

        return null;
    }

    public bool Derives(ClassValue other) => ResolutionOrder.Contains(other);

    private List<Value> Order()
    {
        _resolutionOrder = [this]; // a class that derives from itself ends here
        var all = new List<Value> { this };
        foreach (var b in Bases)
        {
            all.AddRange(b is ClassValue c ? c.ResolutionOrder : [b]);
            if (all.Count > 1000)
            {
                break;
            }
        }

        var seen = new HashSet<object>();
        var order = new List<Value>();
        for (var i = all.Count - 1; i >= 0; i--)
        {
            if (seen.Add(all[i] is ExternalValue e ? e.Name : all[i]))
            {
                order.Add(all[i]);
            }
        }

        order.Reverse();
        return order;
    }

    private ClassKind FindKind()
    {
        foreach (var external in ExternalBases)
        {
            if (Libraries.KindOfClass(external) is not ClassKind.Plain and var kind)
            {
                return kind;
            }
        }

        // An unknown base of another library: what has a forward, there, is a module.
        return ExternalBases.Any(b => !b.StartsWith("builtins.", StringComparison.Ordinal) && !b.StartsWith("unknown.", StringComparison.Ordinal) && !Libraries.IsFramework(b) && !Libraries.IsPlainBase(b)) && Members.GetValueOrDefault("forward") is FunctionValue ? ClassKind.TorchModule : ClassKind.Plain;
    }
}

/// <summary>What the interpreter makes of a class.</summary>
internal enum ClassKind
{
    Plain,
    TorchModule,
    KerasLayer,
    KerasModel,
    NamedTuple,
}

/// <summary>An object with attributes: an instance of a class, a module of torch.nn, a layer of Keras.</summary>
internal sealed class ObjectValue(ClassValue? type, string? externalType, ClassKind kind) : Value
{
    public ClassValue? Class { get; } = type;

    /// <summary>The nearest class of a library: <c>torch.nn.Conv2d</c>; for a class of the file its first external base.</summary>
    public string? ExternalType { get; } = externalType;

    public ClassKind Kind { get; } = kind;

    public Dictionary<string, Value> Attributes { get; } = new(StringComparer.Ordinal);

    /// <summary>Registered modules by name, in order. One name may stand for one of several.</summary>
    public List<(string Name, Value Module)> Children { get; } = [];

    /// <summary>Names of its own parameters and buffers.</summary>
    public List<string> Parameters { get; } = [];

    /// <summary>What the constructor of a library's class was called with.</summary>
    public CallArguments? ConstructedWith { get; set; }

    /// <summary>Where it is constructed.</summary>
    public Models.SourceLocation? Location { get; set; }

    /// <summary>A Keras layer's name: as given, else the variable or attribute that first held it.</summary>
    public string? LayerName { get; set; }

    /// <summary>A Keras model that is a graph: its calls in order.</summary>
    public List<GraphCall>? Graph { get; set; }

    /// <summary>Set when an unknown call returned it: it may be something else.</summary>
    public string? Doubt { get; set; }

    public bool IsModule => Kind is ClassKind.TorchModule or ClassKind.KerasLayer or ClassKind.KerasModel;

    public string TypeName => Class?.QualifiedName ?? ExternalType ?? "object";

    public void SetChild(string name, Value module)
    {
        var i = Children.FindIndex(c => c.Name == name);
        if (i >= 0)
        {
            Children[i] = (name, module);
        }
        else
        {
            Children.Add((name, module));
        }
    }

    public bool Is(string lastPart) => ExternalType is { } t && t.AsSpan(t.LastIndexOf('.') + 1).SequenceEqual(lastPart);

    /// <summary>Whether it is, or derives from, that class of torch.nn or Keras.</summary>
    public bool IsA(string lastPart) => Is(lastPart) || (Class?.ExternalBases.Any(b => b.AsSpan(b.LastIndexOf('.') + 1).SequenceEqual(lastPart)) ?? false);
}
