using System.Collections.Immutable;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>What the interpreter knows of one Python object.</summary>
internal abstract class Value;

/// <summary>Anything.</summary>
internal sealed class UnknownValue : Value
{
    public static readonly UnknownValue Instance = new();
}

/// <summary>A tensor of a running model.</summary>
internal class TensorValue : Value
{
    public static readonly TensorValue Instance = new();
}

/// <summary>An argument of a root's forward: a tensor, unless the code treats it as a dictionary.</summary>
internal sealed class InputValue(Parameter parameter, string argument) : TensorValue
{
    public Parameter Parameter { get; } = parameter;

    public string Argument { get; } = argument;
}

/// <summary>A number, flag or text whose value is not known.</summary>
internal sealed class ScalarValue(ValueKind kind) : Value
{
    public static readonly ScalarValue Number = new(ValueKind.Number);
    public static readonly ScalarValue Boolean = new(ValueKind.Boolean);
    public static readonly ScalarValue Text = new(ValueKind.String);

    public ValueKind Kind { get; } = kind;
}

/// <summary>None, True, False, an integer (long), a float (double), a string, or the ellipsis.</summary>
internal sealed class ConstantValue(object? raw) : Value
{
    public static readonly object EllipsisMark = new();
    public static readonly ConstantValue None = new(null);
    public static readonly ConstantValue True = new(true);
    public static readonly ConstantValue False = new(false);
    public static readonly ConstantValue Ellipsis = new(EllipsisMark);

    public object? Raw { get; } = raw;

    public static ConstantValue Of(bool value) => value ? True : False;

    public static ConstantValue Of(long value) => new(value);
}

internal enum SequenceKind
{
    Tuple,
    List,
    Set,
}

/// <summary>A list, tuple or set; with an unknown number of further elements when <see cref="Rest"/> is set.</summary>
internal sealed class SequenceValue(SequenceKind kind, List<Value> items, Value? rest = null) : Value
{
    public SequenceKind Kind { get; } = kind;

    public List<Value> Items { get; } = items;

    public Value? Rest { get; set; } = rest;

    public static SequenceValue Tuple(params Value[] items) => new(SequenceKind.Tuple, [.. items]);

    public static SequenceValue List(IEnumerable<Value> items) => new(SequenceKind.List, [.. items]);

    /// <summary>Elements of one kind, how many is unknown.</summary>
    public static SequenceValue Open(SequenceKind kind, Value element) => new(kind, [], element);
}

/// <summary>A dictionary; with unknown further entries when <see cref="Rest"/> is set.</summary>
internal sealed class DictValue : Value
{
    private readonly Dictionary<object, int> _index = [];

    public List<(Value Key, Value Value)> Entries { get; } = [];

    public Value? Rest { get; set; }

    private static object KeyOf(Value key) => key switch
    {
        ConstantValue { Raw: null } => ConstantValue.None,
        ConstantValue { Raw: double d } when d == Math.Floor(d) && Math.Abs(d) < 1e15 => (long)d,
        ConstantValue { Raw: bool b } => b ? 1L : 0L,
        ConstantValue c => c.Raw!,
        SequenceValue { Rest: null } s => string.Join('\u0001', s.Items.Select(i => KeyOf(i).ToString())),
        _ => key,
    };

    public Value? Find(Value key) => _index.TryGetValue(KeyOf(key), out var i) ? Entries[i].Value : null;

    public Value? Find(string key) => _index.TryGetValue(key, out var i) ? Entries[i].Value : null;

    public void Set(Value key, Value value)
    {
        if (_index.TryGetValue(KeyOf(key), out var i))
        {
            Entries[i] = (Entries[i].Key, value);
        }
        else
        {
            _index.Add(KeyOf(key), Entries.Count);
            Entries.Add((key, value));
        }
    }

    public void Set(string key, Value value) => Set(new ConstantValue(key), value);

    public Value? Remove(Value key)
    {
        if (!_index.Remove(KeyOf(key), out var i))
        {
            return null;
        }

        var value = Entries[i].Value;
        Entries.RemoveAt(i);
        foreach (var (other, at) in _index.Where(p => p.Value > i).ToList())
        {
            _index[other] = at - 1;
        }

        return value;
    }

    public DictValue Copy()
    {
        var copy = new DictValue { Rest = Rest };
        foreach (var (key, value) in Entries)
        {
            copy.Set(key, value);
        }

        return copy;
    }
}

/// <summary><c>a:b:c</c>; a bound is null when not written.</summary>
internal sealed class SliceValue(Value? lower, Value? upper, Value? step) : Value
{
    public Value? Lower { get; } = lower;

    public Value? Upper { get; } = upper;

    public Value? Step { get; } = step;
}

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
    public ClassValue? Owner { get; set; }

    public bool? IsGenerator { get; set; }
}

/// <summary>A function of a file bound to an object.</summary>
internal sealed class BoundValue(Value self, Value function) : Value
{
    public Value Self { get; } = self;

    public Value Function { get; } = function;
}

/// <summary>A method of a value that the interpreter itself implements.</summary>
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
}

/// <summary>What a method's decorator makes of it.</summary>
internal sealed class WrappedMethod(string kind, Value function) : Value
{
    /// <summary><c>property</c>, <c>staticmethod</c> or <c>classmethod</c>.</summary>
    public string Kind { get; } = kind;

    public Value Function { get; } = function;
}

/// <summary><c>functools.partial</c></summary>
internal sealed class PartialValue(Value function, CallArguments arguments) : Value
{
    public Value Function { get; } = function;

    public CallArguments Arguments { get; } = arguments;
}

/// <summary><c>super()</c></summary>
internal sealed class SuperValue(ClassValue owner, Value self) : Value
{
    public ClassValue Owner { get; } = owner;

    public Value Self { get; } = self;
}

/// <summary>One of several values: which, a condition decides that is not known.</summary>
internal sealed class ChoiceValue(ImmutableArray<Value> options) : Value
{
    public ImmutableArray<Value> Options { get; } = options;
}

/// <summary>An imported file.</summary>
internal sealed class NamespaceValue(SourceModule module) : Value
{
    public SourceModule Module { get; } = module;
}

/// <summary>A tensor of a Keras graph under construction: an output of a node.</summary>
internal sealed class GraphTensor(GraphCall? call) : Value
{
    /// <summary>Null for an input.</summary>
    public GraphCall? Call { get; } = call;
}

/// <summary>A call in a Keras graph under construction.</summary>
/// <param name="Layer">Null for an operator or function.</param>
/// <param name="Inputs">The tensors it takes.</param>
/// <param name="Location">Where it is written.</param>
internal sealed record GraphCall(ObjectValue? Layer, ImmutableArray<GraphTensor> Inputs, SourceLocation Location);

/// <summary>Arguments of a call.</summary>
internal sealed class CallArguments
{
    public List<Value> Positional { get; } = [];

    public List<(string Name, Value Value)> Named { get; } = [];

    /// <summary>Whether an unknown sequence or dictionary was spread into the call.</summary>
    public bool HasUnknown { get; set; }

    /// <summary>What further positional arguments would be, after an unknown sequence was spread.</summary>
    public Value? Rest { get; set; }

    public static CallArguments Of(params Value[] values)
    {
        var arguments = new CallArguments();
        arguments.Positional.AddRange(values);
        return arguments;
    }

    public Value? Find(string name) => Named.Find(n => n.Name == name).Value;

    /// <summary>By position or by name.</summary>
    public Value? Find(int position, string name) => position >= 0 && position < Positional.Count ? Positional[position] : Find(name);

    public IEnumerable<Value> All => Positional.Concat(Named.Select(n => n.Value));

    public CallArguments Prepend(Value first)
    {
        var result = new CallArguments { HasUnknown = HasUnknown, Rest = Rest };
        result.Positional.Add(first);
        result.Positional.AddRange(Positional);
        result.Named.AddRange(Named);
        return result;
    }
}
