namespace ModelGuidelines.Python.Values;

/// <summary>What little is known of an unknown value.</summary>
internal enum UnknownKind
{
    Any,
    Number,
    Boolean,
    Text,

    /// <summary>An array that is no tensor: numpy's.</summary>
    Array,
}

/// <summary>Something whose value cannot be told, and why.</summary>
/// <remarks>It is a symbol: what is read from the same unknown in the same way is the same object (<see cref="Derive"/>), so the same test on it is the same
/// <see cref="Flow.Atom"/>.</remarks>
/// <param name="text">How the code names it: <c>config.hidden_act</c>; conditions are named by it.</param>
/// <param name="reason">Why it is unknown, as a clause: <c>'config' is a parameter</c>.</param>
/// <param name="begin">Where that began.</param>
/// <param name="kind">What little is known.</param>
internal sealed class UnknownValue(string text, string reason, Place begin, UnknownKind kind = UnknownKind.Any) : Value
{
    private const int MaxDerived = 2_000;
    private readonly Dictionary<string, Flow.Condition> _tests = new(StringComparer.Ordinal);
    private readonly List<(double Bound, bool IsStrict, Flow.Condition Condition)> _bounds = [];
    private readonly List<(double Number, Flow.Condition Condition)> _numbers = [];
    private Dictionary<string, UnknownValue>? _derived;

    public string Text { get; } = text;

    public string Reason { get; } = reason;

    /// <summary>What tells it from another symbol of the same text: from what it is read, and how. A symbol that is read from none is told by its text.</summary>
    public string Identity { get; init; } = text;

    public Place Begin { get; } = begin;

    public UnknownKind Kind { get; } = kind;

    /// <summary>What would tell: <c>audit with the installed package timm on the search path</c>; null when nothing known does.</summary>
    public string? Remedy { get; init; }

    /// <summary>It comes from a call that was given tensors: it may well be one.</summary>
    public bool MayBeTensor { get; init; }

    /// <summary>It is what a call gives that raises: no run has it.</summary>
    public bool IsOfNoRun { get; init; }

    /// <summary>It is among what whoever calls forward gives by keywords that it does not name, or read from that.</summary>
    public bool IsArgument { get; init; }

    /// <summary>Keywords that whoever calls the model gives, if any.</summary>
    public bool IsFromCaller { get; init; }

    /// <summary>It is handed to the constructor of a module, and nothing says that it is a function: where that module calls it, it may be a module.</summary>
    public bool MayBeModule { get; init; }

    /// <summary>The code takes an entry, an attribute or a module by it: it is a text.</summary>
    public bool IsName { get; set; }

    /// <summary>What it may be, too, where it is given across a border.</summary>
    public string? Doubt { get; init; }

    /// <summary>The argument of which it is an element: what else is done with its elements tells what they are.</summary>
    public InputValue? ElementOf { get; init; }

    /// <summary>It counts something: a whole number, never negative.</summary>
    public bool IsCount { get; set; }

    /// <summary>What it never equals: the numbers that other rounds of its range have.</summary>
    public IReadOnlyList<UnknownValue> Apart { get; private set; } = [];

    /// <summary>Where it stands for the numbers of a range: the first, which no later round has.</summary>
    public IReadOnlyList<UnknownValue> NotLater { get; set; } = [];

    /// <summary>None of these equals it.</summary>
    public void KeepApart(IEnumerable<UnknownValue> others)
    {
        foreach (var other in others)
        {
            (Apart, other.Apart) = ([.. Apart, other], [.. other.Apart, this]);
        }
    }

    /// <summary>What it equals under another name: the number that its range begins with.</summary>
    public UnknownValue? Same { get; set; }

    /// <summary>An operator gives it: it is not None.</summary>
    public bool IsComputed { get; set; }

    /// <summary>It is a text in which something stands, whatever its parts are.</summary>
    public bool IsNeverEmpty { get; set; }

    /// <summary>Something was taken from another number: where that is small, nothing may be left.</summary>
    public bool IsLess { get; set; }

    /// <summary>It is so many times another number.</summary>
    public (UnknownValue Of, long Times)? MultipleOf { get; set; }

    /// <summary>The class of a library that it is an instance of or that it is, where the code says so; not more than a hint.</summary>
    public string? Type { get; init; }

    /// <summary>The class that it is an instance of for sure, by its last name: what a tensor's <c>dtype</c> gives is a dtype, whichever.</summary>
    public string? InstanceOf { get; set; }

    /// <summary>The class of files that are read whose instance it is, a configuration; not more than a hint.</summary>
    public ClassValue? Settings { get; set; }

    /// <summary>What is not known of a text: these stand in it.</summary>
    public IReadOnlyList<Value> Parts { get; init; } = [];

    /// <summary>The number that it is by default.</summary>
    public double? Usual { get; set; }

    /// <summary>Attributes that the code sets on it.</summary>
    public Dictionary<string, Value>? Attributes { get; set; }

    /// <summary>What it is a copy of: equal to it in all that tests ask, and another object.</summary>
    private UnknownValue? CopyOf { get; init; }

    /// <summary>It is a copy, or was copied.</summary>
    public bool IsOneOfSeveral { get; private set; }

    /// <summary>What it, or what it is a copy of, is a copy of in the end: itself, where it is none.</summary>
    public UnknownValue Origin => CopyOf?.Origin ?? this;

    /// <summary>The condition that it is true, made when first asked for; and others by what is asked.</summary>
    public Dictionary<string, Flow.Condition> Tests => CopyOf?.Tests ?? _tests;

    /// <summary>The conditions that it is more than a number, or equal to it, the smallest number first: each implies those before it.</summary>
    public List<(double Bound, bool IsStrict, Flow.Condition Condition)> Bounds => CopyOf?.Bounds ?? _bounds;

    /// <summary>The conditions that it equals a number.</summary>
    public List<(double Number, Flow.Condition Condition)> Numbers => CopyOf?.Numbers ?? _numbers;

    /// <summary>How many elements it has.</summary>
    public UnknownValue Count
    {
        get
        {
            var count = Derive("len", $"len({Text})", UnknownKind.Number);
            count.IsCount = true;
            return count;
        }
    }

    /// <summary>A deep copy: what is asked of it has the same answers, what is set on one is not set on the other, and a module that it may be is another module.</summary>
    public UnknownValue Copied()
    {
        if (Kind is not UnknownKind.Any)
        {
            return this;
        }

        IsOneOfSeveral = true;
        return Copy();
    }

    private UnknownValue Copy() => new(Text, Reason, Begin, Kind)
    {
        CopyOf = this, IsOneOfSeveral = true, Doubt = Doubt, ElementOf = ElementOf, IsName = IsName, Remedy = Remedy, Identity = Identity, MayBeTensor = MayBeTensor, IsFromCaller = IsFromCaller, IsArgument = IsArgument, MayBeModule = MayBeModule, IsCount = IsCount, IsNeverEmpty = IsNeverEmpty, IsComputed = IsComputed, MultipleOf = MultipleOf, Type = Type, InstanceOf = InstanceOf, Settings = Settings, Parts = Parts, Usual = Usual,
    };

    /// <summary>What is read from it in a way named by <paramref name="key"/>: <c>.name</c>, <c>[0]</c>, <c>+1</c>.</summary>
    /// <param name="key">How.</param>
    /// <param name="text">How the code names it.</param>
    /// <param name="kind">What little is known.</param>
    /// <param name="mayBeTensor">Whether it may be a tensor; null: as this may.</param>
    /// <param name="identity">How, where <paramref name="key"/> speaks of objects that are others each time.</param>
    public UnknownValue Derive(string key, string text, UnknownKind kind = UnknownKind.Any, bool? mayBeTensor = null, string? identity = null)
    {
        _derived ??= new(StringComparer.Ordinal);
        if (!_derived.TryGetValue(key, out var known))
        {
            known = CopyOf?.Derive(key, text, kind, mayBeTensor, identity).Copied()
                ?? new(text.Length > 120 ? text[..120] + "..." : text, Reason, Begin, kind)
                {
                    Remedy = Remedy,
                    IsArgument = IsArgument,
                    MayBeTensor = mayBeTensor ?? (MayBeTensor && kind is UnknownKind.Any),
                    Identity = Short($"{Identity}\0{identity ?? key}"),
                };
            if (_derived.Count < MaxDerived)
            {
                _derived.Add(key, known);
            }
        }

        return known;
    }

    /// <summary>Symbols of symbols of symbols: what is long goes by its hash.</summary>
    private static string Short(string identity) => identity.Length <= 500 ? identity : $"{identity[..100]}#{identity.Length}#{string.GetHashCode(identity, StringComparison.Ordinal)}";
}
