using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Python.Values;

/// <summary>A class of a file that is read.</summary>
internal sealed class ClassValue(string name, IReadOnlyList<Value> bases, ClassDefinition definition, SourceModule module) : Value
{
    /// <summary>Every name is sought in all bases: what has more is not known to the end.</summary>
    private const int MaxBases = 200;
    private List<Value>? _resolutionOrder;

    public string Name { get; } = name;

    /// <summary><see cref="ClassValue"/>, <see cref="ExternalValue"/>, or <see cref="UnknownValue"/> where a base cannot be told.</summary>
    public IReadOnlyList<Value> Bases { get; } = bases;

    public ClassDefinition Definition { get; } = definition;

    public SourceModule Module { get; } = module;

    public Dictionary<string, Value> Members { get; } = new(StringComparer.Ordinal);

    /// <summary>Names with annotations in the body, in order: the fields of data classes and named tuples.</summary>
    public List<string> Fields { get; } = [];

    public bool IsDataClass { get; set; }

    /// <summary>The class of the file that makes it, where it is not <c>type</c>.</summary>
    public ClassValue? Metaclass { get; set; }

    /// <summary>Fields of a data class that its constructor takes by name only.</summary>
    public HashSet<string> NamedFields { get; } = new(StringComparer.Ordinal);

    /// <summary>What the libraries say that its bases make of it.</summary>
    public ClassKind Kind { get; set; }

    /// <summary>The nearest base that a library defines and that makes it what it is: <c>torch.nn.Module</c>.</summary>
    public string? ExternalBase { get; set; }

    /// <summary>Of an enumeration, whether its members are texts or numbers themselves: <c>class Mode(str, Enum)</c>.</summary>
    public bool IsData => ExternalBases.Any(b => b is "builtins.str" or "builtins.int" or "enum.StrEnum" or "enum.IntEnum");

    public string QualifiedName => $"{Module.Stem}.{Name}";

    /// <summary>As the running code names it: <c>package.models.resnet.ResNet</c>.</summary>
    public string ExactName => Module.DottedName.Length == 0 ? Name : $"{Module.DottedName}.{Name}";

    public Place Place => new(Module, Definition.Start);

    /// <summary>The class and its bases, nearest first. A simplification of C3: of a base met twice the last place counts.</summary>
    public List<Value> ResolutionOrder => _resolutionOrder ??= Order();

    public IEnumerable<string> ExternalBases => ResolutionOrder.OfType<ExternalValue>().Select(e => e.Name);

    public bool HasUnknownBase => ResolutionOrder.Exists(b => b is UnknownValue);

    /// <summary>The first definition of a member, behind <paramref name="after"/> when given.</summary>
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

    /// <summary>It has more bases than are followed, told when they were first asked for.</summary>
    public bool HasMoreBases { get; private set; }

    public bool Derives(ClassValue other) => ResolutionOrder.Contains(other);

    private List<Value> Order()
    {
        _resolutionOrder = [this]; // a class that derives from itself ends here
        var all = new List<Value> { this };
        foreach (var b in Bases)
        {
            all.AddRange(b is ClassValue c ? c.ResolutionOrder : [b]);
            if (all.Count > MaxBases)
            {
                all.RemoveRange(MaxBases, all.Count - MaxBases);
                all.Add(new UnknownValue(Name, "it has more bases than are followed", Place));
                HasMoreBases = true;
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
}

/// <summary>What a class makes of its instances.</summary>
internal enum ClassKind
{
    Plain,
    TorchModule,
    KerasLayer,
    KerasModel,
    NamedTuple,
    Enum,
}

/// <summary>An object with attributes: an instance of a class of a file, a module of torch.nn, a layer of Keras.</summary>
/// <remarks>Changed only through the running analysis (<c>context.SetAttribute</c>). Modules among the attributes are its children, in order;
/// a container's elements are the attributes <c>0</c>, <c>1</c>, ...</remarks>
internal sealed class ObjectValue(ClassValue? type, string? externalType, ClassKind kind) : Value
{
    /// <summary>The class of a file; null for an instance of a library's own class.</summary>
    public ClassValue? Class { get; } = type;

    /// <summary>The nearest class of a library: <c>torch.nn.Conv2d</c>.</summary>
    public string? ExternalType { get; } = externalType;

    public ClassKind Kind { get; } = kind;

    /// <summary>In the order in which they were first set.</summary>
    public OrderedAttributes Attributes { get; } = new();

    /// <summary>What the constructor of a library's class was called with.</summary>
    public CallArguments? ConstructedWith { get; set; }

    /// <summary>Where it is constructed, or first held.</summary>
    public Place Place { get; set; }

    /// <summary>A Keras layer's name: as given, else the variable or attribute that first held it.</summary>
    public string? LayerName { get; set; }

    /// <summary>A Keras model that is a graph: its calls in order.</summary>
    public List<GraphCall>? Graph { get; set; }

    /// <summary>The module whose part it plays: it is some element of a list of unknown length, which of them cannot be told, and is held nowhere itself.</summary>
    public ObjectValue? StandsFor { get; init; }

    /// <summary>It is made in the round that stands for all later ones of a loop of unknown length: one of several modules, and what is compared with it may be another of them.</summary>
    public bool IsSeveral { get; set; }

    /// <summary>It stands for whichever element an unknown index names, not for a part of the list that other parts may leave out.</summary>
    public bool IsAnyElement { get; set; }

    /// <summary>The container of which it is a slice that forward makes; null for all else.</summary>
    public ObjectValue? SlicedFrom { get; init; }

    /// <summary>Why it may be something else (a library that is not known made it); null when it is certain.</summary>
    public UnknownValue? Doubt { get; init; }

    public bool IsModule => Kind is ClassKind.TorchModule or ClassKind.KerasLayer or ClassKind.KerasModel;

    public string TypeName => Class?.QualifiedName ?? ExternalType ?? "object";

    /// <summary>Whether its library class has that last part: <c>Sequential</c>.</summary>
    public bool Is(string lastPart) => ExternalType is { } t && t.AsSpan(t.LastIndexOf('.') + 1).SequenceEqual(lastPart);

    /// <summary>Whether it is, or derives from, a library's class with that last part.</summary>
    public bool IsA(string lastPart) => Is(lastPart) || (Class?.ExternalBases.Any(b => b.AsSpan(b.LastIndexOf('.') + 1).SequenceEqual(lastPart)) ?? false);
}
