using System.Collections.Immutable;
using ModelGuidelines.Python.Evaluation;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Python.Values;

/// <summary>A function or lambda of a file that is read.</summary>
internal sealed class FunctionValue(string name, PythonNode node, ImmutableArray<Parameter> parameters, Value?[] defaults, Scope closure) : Value
{
    public string Name { get; } = name;

    /// <summary><see cref="FunctionDefinition"/> or <see cref="LambdaExpression"/>.</summary>
    public PythonNode Node { get; } = node;

    public ImmutableArray<Parameter> Parameters { get; } = parameters;

    public Value?[] Defaults { get; } = defaults;

    public Scope Closure { get; } = closure;

    /// <summary>The class in whose body it stands.</summary>
    public ClassValue? Owner { get; init; }

    public bool? IsGenerator { get; set; }

    /// <summary>What earlier calls gave, by their arguments; null where each call runs: <c>functools.lru_cache</c> gives what it gave before, the same objects.</summary>
    public DictValue? Results { get; private init; }

    /// <summary>The function as one that runs once for the same arguments.</summary>
    public FunctionValue Remembering() => new(Name, Node, Parameters, Defaults, Closure) { Owner = Owner, Attributes = Attributes, Results = new() };

    /// <summary>Which argument decides by its class which of the registered functions runs (<c>functools.singledispatch</c>); null where this one does.</summary>
    public int? DispatchedAt { get; private init; }

    /// <summary>The functions that are registered, by class.</summary>
    public DictValue Dispatched { get; private init; } = new();

    /// <summary>The function as one that others stand for where the class of that argument says so.</summary>
    public FunctionValue Dispatching(int at) => new(Name, Node, Parameters, Defaults, Closure) { Owner = Owner, Attributes = Attributes, Results = Results, DispatchedAt = at };

    /// <summary>The function as it was before.</summary>
    public FunctionValue Undispatched => new(Name, Node, Parameters, Defaults, Closure) { Owner = Owner, Attributes = Attributes, Results = Results };

    /// <summary>What code sets on the function itself.</summary>
    public OrderedAttributes? Attributes { get; set; }

    public Place Place => new(Closure.Module, Node.Start);
}

/// <summary>A function bound to its first argument.</summary>
internal sealed class BoundValue(Value self, Value function) : Value
{
    public Value Self { get; } = self;

    public Value Function { get; } = function;
}

/// <summary>A method that a library defines (or Python, of its own types), read from a receiver.</summary>
internal sealed class MethodValue(Value receiver, string name) : Value
{
    public Value Receiver { get; } = receiver;

    public string Name { get; } = name;
}

/// <summary>Something of a library, by its dotted name: <c>torch.nn.functional.relu</c>; Python's own are <c>builtins.len</c>.</summary>
internal sealed class ExternalValue(string name) : Value
{
    public string Name { get; } = name;

    public string LastPart => Name[(Name.LastIndexOf('.') + 1)..];

    public string FirstPart => Name.IndexOf('.', StringComparison.Ordinal) is >= 0 and var dot ? Name[..dot] : Name;
}

/// <summary>What a method's decorator makes of it: <c>property</c>, <c>staticmethod</c>, <c>classmethod</c> or, of <c>functools</c>, <c>partialmethod</c>.</summary>
internal sealed class WrappedMethod(string kind, Value function) : Value
{
    public string Kind { get; } = kind;

    public Value Function { get; } = function;

    /// <summary>The function behind <c>@name.setter</c>.</summary>
    public Value? Setter { get; init; }
}

/// <summary><c>functools.partial</c></summary>
internal sealed class PartialValue(Value function, CallArguments arguments) : Value
{
    public Value Function { get; } = function;

    public CallArguments Arguments { get; } = arguments;
}

/// <summary>What <c>dataclasses.field(...)</c> says of a field.</summary>
internal sealed class FieldValue : Value
{
    /// <summary>What an object has where nothing is given.</summary>
    public Value? Default { get; init; }

    /// <summary>What is called anew for each object to which nothing is given.</summary>
    public Value? Factory { get; init; }

    /// <summary>Whether the constructor takes it.</summary>
    public bool IsGiven { get; init; } = true;

    /// <summary>Whether the constructor takes it by name only; null where the class says it.</summary>
    public bool? IsNamed { get; init; }
}

/// <summary><c>super()</c></summary>
internal sealed class SuperValue(ClassValue owner, Value self) : Value
{
    public ClassValue Owner { get; } = owner;

    public Value Self { get; } = self;
}

/// <summary>Arguments of a call.</summary>
internal sealed class CallArguments
{
    public CallArguments()
        : this(0)
    {
    }

    /// <param name="positional">How many positional arguments there will be.</param>
    public CallArguments(int positional)
    {
        Positional = new(positional);
    }

    public List<Value> Positional { get; }

    /// <summary>Most calls have none: the list is made when it is first asked for.</summary>
    public List<(string Name, Value Value)> Named => _named ??= [];

    private List<(string Name, Value Value)>? _named;

    /// <summary>From how many on names are not looked for one by one.</summary>
    private const int Many = 32;

    /// <summary>Where each of many stands, as long as they are as many and the last is the same.</summary>
    private (Dictionary<string, int> Places, int Count, string Last)? _index;

    private bool HasNamed => _named is { Count: > 0 };

    /// <summary>What further positional arguments would be, after an unknown sequence was spread.</summary>
    public Value? Rest { get; set; }

    /// <summary>What further keywords would be, after an unknown dictionary was spread.</summary>
    public Value? NamedRest { get; set; }

    /// <summary>Numbers and lists among them that are proxies to a tracer.</summary>
    public Dictionary<Value, Evaluation.Traced>? Traced { get; set; }

    /// <summary>Whether an unknown sequence or dictionary was spread into the call.</summary>
    public bool HasUnknown => Rest is not null || NamedRest is not null;

    public IEnumerable<Value> All => HasNamed ? Positional.Concat(Named.Select(n => n.Value)) : Positional;

    /// <summary>Whether one of all is so; asked for each call, without an enumerator.</summary>
    public bool Any(Predicate<Value> isSo) => Positional.Exists(isSo) || (HasNamed && Named.Exists(n => isSo(n.Value)));

    public static CallArguments Of(params Value[] values)
    {
        var arguments = new CallArguments(values.Length);
        arguments.Positional.AddRange(values);
        return arguments;
    }

    public Value? Find(string name)
    {
        return PlaceOf(name) is >= 0 and var at ? _named![at].Value : null;
    }

    private int PlaceOf(string name)
    {
        if (_named is not { Count: >= Many } named)
        {
            for (var i = 0; i < (_named?.Count ?? 0); i++)
            {
                if (_named![i].Name == name)
                {
                    return i;
                }
            }

            return -1;
        }

        if (!Places().TryGetValue(name, out var at))
        {
            return -1;
        }

        if (named[at].Name != name)
        {
            _index = null; // another stands there by now
            at = Places().GetValueOrDefault(name, -1);
        }

        return at;
    }

    private Dictionary<string, int> Places()
    {
        var named = Named;
        if (_index is not { } known || known.Count != named.Count || !ReferenceEquals(known.Last, named[^1].Name))
        {
            var places = new Dictionary<string, int>(named.Count, StringComparer.Ordinal);
            for (var i = 0; i < named.Count; i++)
            {
                places.TryAdd(named[i].Name, i);
            }

            _index = known = (places, named.Count, named[^1].Name);
        }

        return known.Places;
    }

    /// <summary>One more keyword, or another value of one that is there.</summary>
    public void SetNamed(string name, Value value)
    {
        if (PlaceOf(name) is >= 0 and var at)
        {
            Named[at] = (name, value);
            return;
        }

        var places = Named.Count >= Many ? Places() : null;
        Named.Add((name, value));
        if (places?.TryAdd(name, Named.Count - 1) == true)
        {
            _index = (places, Named.Count, name);
        }
    }

    /// <summary>By position (below 0: by name only) or by name.</summary>
    public Value? Find(int position, string name) => position >= 0 && position < Positional.Count ? Positional[position] : Find(name);

    /// <summary>What a partial call gives, then what it is called with: of keywords the latter.</summary>
    public CallArguments Before(CallArguments further)
    {
        var all = new CallArguments(Positional.Count + further.Positional.Count) { Rest = Rest ?? further.Rest, NamedRest = NamedRest ?? further.NamedRest, Traced = further.Traced };
        all.Positional.AddRange(Positional);
        all.Positional.AddRange(further.Positional);
        if (HasNamed)
        {
            all.Named.AddRange(Named.Where(n => further.Find(n.Name) is null));
        }

        all.TakeNamed(further);
        return all;
    }

    /// <summary>Without the object that a method called by its class gets first.</summary>
    public CallArguments WithoutFirst()
    {
        var result = new CallArguments(Positional.Count - 1) { Rest = Rest, NamedRest = NamedRest, Traced = Traced };
        result.Positional.AddRange(Positional.Skip(1));
        result.TakeNamed(this);
        return result;
    }

    public CallArguments Prepend(Value first)
    {
        var result = new CallArguments(Positional.Count + 1) { Rest = Rest, NamedRest = NamedRest, Traced = Traced };
        result.Positional.Add(first);
        result.Positional.AddRange(Positional);
        result.TakeNamed(this);
        return result;
    }

    private void TakeNamed(CallArguments other)
    {
        if (other.HasNamed)
        {
            Named.AddRange(other.Named);
        }
    }
}
