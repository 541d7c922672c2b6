using System.Collections.Immutable;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Writes down what one root's forward pass does.</summary>
internal sealed class Recorder(ModelGraphBuilder graph, Dictionary<ObjectValue, int> modules, int root, ReadLimits limits)
{
    private readonly Stack<int> _current = new();
    private readonly HashSet<(int Module, string Function, SourceLocation? Location)> _operations = [];
    private readonly HashSet<(int Module, ValueDirection Direction, string Argument, ModelValueTypeKey Type)> _interfaces = [];

    /// <summary>How often the running code runs; 2 stands for any number.</summary>
    public int Times { get; set; } = 1;

    /// <summary>Why that is not known.</summary>
    public string? Doubt { get; set; }

    /// <summary>Modules that stand for the different modules over which a loop of unknown length runs, and how often the loop itself runs.</summary>
    public Dictionary<ObjectValue, int> LoopModules { get; } = [];

    /// <summary>Calls of what is not known, with tensors: what happens there is not seen.</summary>
    public int UnknownCalls { get; private set; }

    public SourceLocation? FirstUnknownCall { get; private set; }

    /// <summary>The return statement that ran last.</summary>
    public SourceLocation? LastReturn { get; set; }

    private int Caller => _current.Count > 0 ? _current.Peek() : root;

    public readonly record struct RunningCall(int? Module, bool IsUser, SourceLocation? Location);

    private readonly record struct ModelValueTypeKey(string Text);

    /// <summary>A module's call begins.</summary>
    public RunningCall Begin(ObjectValue module, CallArguments arguments, SourceLocation? location, ImmutableArray<BranchArm> arms)
    {
        if (!modules.TryGetValue(module, out var index))
        {
            return new(null, false, location); // held in no attribute that registers: to the framework it is the caller's own code
        }

        if (graph.Calls.Count >= limits.ExpandedCalls)
        {
            throw new BudgetException();
        }

        if (index != root || _current.Count > 0)
        {
            graph.Calls.Add(new()
            {
                Module = index,
                Caller = Caller,
                Location = location,
                Times = Times,
                Arms = arms,
                Certainty = module.Doubt is { } d ? Certainty.Likely(d) : Doubt is { } doubt ? Certainty.Likely(doubt) : Certainty.Certain,
            });
        }

        var user = module.Class is not null;
        for (var i = 0; i < arguments.Positional.Count; i++)
        {
            Border(index, ValueDirection.Input, i.ToString(System.Globalization.CultureInfo.InvariantCulture), arguments.Positional[i], location);
        }

        foreach (var (name, value) in arguments.Named)
        {
            Border(index, ValueDirection.Input, name, value, location);
        }

        _current.Push(index);
        return new(index, user, location);
    }

    /// <summary>A module's call ends.</summary>
    public void End(RunningCall call, Value result)
    {
        if (call.Module is not { } index)
        {
            return;
        }

        _current.Pop();
        var location = call.IsUser ? LastReturn ?? call.Location : call.Location;
        if (result is SequenceValue { Kind: SequenceKind.Tuple } tuple)
        {
            for (var i = 0; i < tuple.Items.Count; i++)
            {
                Border(index, ValueDirection.Output, i.ToString(System.Globalization.CultureInfo.InvariantCulture), tuple.Items[i], location);
            }
        }
        else
        {
            Border(index, ValueDirection.Output, "0", result, location);
        }
    }

    public void Operation(string function, CallArguments arguments, SourceLocation? location, Certainty certainty)
    {
        var name = function.Length > 1 && function[^1] == '_' && function[^2] != '_' ? function[..^1] : function;
        if (!_operations.Add((Caller, name, location)))
        {
            return;
        }

        graph.Operations.Add(new()
        {
            Function = name,
            Module = Caller,
            Location = location,
            Replacement = Replacements.For(name, arguments),
            Certainty = certainty,
        });
    }

    public void UnknownCall(SourceLocation? location)
    {
        UnknownCalls++;
        FirstUnknownCall ??= location;
    }

    /// <summary>An argument of the root is read like a dictionary of tensors.</summary>
    public void UsedAsDictionary(InputValue input) => Add(
        root, ValueDirection.Input, input.Argument, ModelValueType.Dict(ModelValueType.Tensor), null, Certainty.Likely("it is read with a text as key, which objects that are no dictionaries may allow too"));

    private void Border(int module, ValueDirection direction, string argument, Value value, SourceLocation? location)
    {
        if (ValueTypes.Of(value) is { } type)
        {
            Add(module, direction, argument, type.Type, location, type.Certainty);
        }
    }

    private void Add(int module, ValueDirection direction, string argument, ModelValueType type, SourceLocation? location, Certainty certainty)
    {
        if (_interfaces.Add((module, direction, argument, new(type.ToString()))))
        {
            graph.Interfaces.Add(new() { Module = module, Direction = direction, Argument = argument, Type = type, Location = location, Certainty = certainty });
        }
    }
}

/// <summary>What a value is at a module's border.</summary>
internal static class ValueTypes
{
    private const int MaxDepth = 8;
    private const int MaxElements = 64;

    public static (ModelValueType Type, Certainty Certainty)? Of(Value value) => Of(value, 0);

    private static (ModelValueType Type, Certainty Certainty)? Of(Value value, int depth)
    {
        if (depth > MaxDepth)
        {
            return null;
        }

        switch (value)
        {
            case TensorValue or GraphTensor:
                return (ModelValueType.Tensor, default);
            case ScalarValue s:
                return (s.Kind switch { ValueKind.Boolean => ModelValueType.Boolean, ValueKind.String => ModelValueType.String, _ => ModelValueType.Number }, default);
            case ConstantValue c:
                return c.Raw switch
                {
                    null => (ModelValueType.None, default),
                    bool => (ModelValueType.Boolean, default),
                    long => (ModelValueType.Number, default),
                    double => (new ModelValueType(ValueKind.Number, "float"), default),
                    string => (ModelValueType.String, default),
                    _ => null,
                };
            case SequenceValue s:
                var (elements, certainty) = Elements(s.Items.Concat(s.Rest is null ? [] : [s.Rest]), depth);
                if (s.Kind is not SequenceKind.Tuple && elements.Distinct().Count() == 1)
                {
                    elements = [elements[0]];
                }

                return (new ModelValueType(s.Kind switch { SequenceKind.List => ValueKind.List, SequenceKind.Set => ValueKind.Set, _ => ValueKind.Tuple }, Elements: elements), s.Kind is SequenceKind.Tuple ? certainty : default);
            case DictValue d:
                var (values, _) = Elements(d.Entries.Select(e => e.Value).Concat(d.Rest is null ? [] : [d.Rest]), depth);
                if (values.Distinct().Count() == 1)
                {
                    values = [values[0]];
                }

                return (new ModelValueType(ValueKind.Dict, Elements: values, Fields: [.. d.Entries.Take(MaxElements).Select(e => e.Key).OfType<ConstantValue>().Select(k => k.Raw).OfType<string>()]), default);
            case ObjectValue { Class: { Kind: ClassKind.NamedTuple } type } o:
                return (new ModelValueType(ValueKind.NamedTuple, type.Name, Elements(type.Fields.Select(f => o.Attributes.GetValueOrDefault(f, UnknownValue.Instance)), depth).Elements, [.. type.Fields]), default);
            case ObjectValue { Class: { IsDataClass: true } type } o:
                return (new ModelValueType(ValueKind.DataClass, type.Name, Elements(type.Fields.Select(f => o.Attributes.GetValueOrDefault(f, UnknownValue.Instance)), depth).Elements, [.. type.Fields]), default);
            case ObjectValue { Class: { } type, Kind: ClassKind.Plain }:
                return (new ModelValueType(ValueKind.Object, type.Name), default);
            case ObjectValue { Doubt: not null, ExternalType: { } external } when char.IsAsciiLetterUpper(Libraries.LastPart(external)[0]):
                return (new ModelValueType(ValueKind.Object, Libraries.LastPart(external)), Certainty.Likely($"'{Libraries.LastPart(external)}' is not in this file: it may be a tuple of tensors"));
            case ChoiceValue choice:
                return OfChoice(choice, depth);
            default:
                return null;
        }
    }

    /// <summary>One of several: what is no tensor among them counts, surely only when all are such.</summary>
    private static (ModelValueType Type, Certainty Certainty)? OfChoice(ChoiceValue choice, int depth)
    {
        var types = choice.Options.Select(o => Of(o, depth + 1)).ToList();
        var bad = types.OfType<(ModelValueType Type, Certainty Certainty)>().Where(t => t.Type.IsViolation).ToList();
        if (bad.Count == 0)
        {
            return types.OfType<(ModelValueType Type, Certainty Certainty)>().Where(t => !t.Type.IsSoft).Cast<(ModelValueType, Certainty)?>().FirstOrDefault();
        }

        return (bad[0].Type, bad.Count == types.Count ? bad[0].Certainty : Certainty.Likely("in other cases it is something else"));
    }

    private static (ImmutableArray<ModelValueType> Elements, Certainty Certainty) Elements(IEnumerable<Value> values, int depth)
    {
        var types = ImmutableArray.CreateBuilder<ModelValueType>();
        var certainty = Certainty.Certain;
        foreach (var value in values.Take(MaxElements))
        {
            var type = Of(value, depth + 1);
            types.Add(type?.Type ?? ModelValueType.Unknown);
            certainty = certainty.And(type?.Certainty ?? default);
        }

        return (types.DrainToImmutable(), certainty);
    }

    /// <summary>What an annotation of forward says an argument is; a tensor when it says nothing.</summary>
    public static Value FromAnnotation(Parameter parameter, string argument)
    {
        return From(parameter.Annotation, 0) ?? new InputValue(parameter, argument);

        static Value? From(Expression? annotation, int depth)
        {
            var (name, index) = annotation switch
            {
                SubscriptExpression s => (NameOf(s.Value), s.Index),
                StringExpression { IsBytes: false } s when depth < 4 && PythonParser.Parse(s.Value) is { Errors.IsEmpty: true, Statements: [ExpressionStatement e] } => ("", e.Value),
                _ => (NameOf(annotation), null),
            };
            if (depth > 6 || name is null)
            {
                return null;
            }

            if (name.Length == 0)
            {
                return From(index, depth + 1);
            }

            var parts = index is TupleExpression t ? t.Elements : index is null ? [] : [index];
            switch (name)
            {
                case "List" or "list" or "Sequence" or "Iterable" or "Collection":
                    return SequenceValue.Open(SequenceKind.List, parts.Length == 1 ? From(parts[0], depth + 1) ?? TensorValue.Instance : TensorValue.Instance);
                case "Dict" or "dict" or "Mapping" or "OrderedDict" or "MutableMapping":
                    return new DictValue { Rest = parts.Length == 2 ? From(parts[1], depth + 1) ?? TensorValue.Instance : TensorValue.Instance };
                case "Tuple" or "tuple" when parts.Length > 0:
                    return parts.Length == 2 && parts[1] is ConstantExpression { Value: PythonConstant.Ellipsis }
                        ? SequenceValue.Open(SequenceKind.Tuple, From(parts[0], depth + 1) ?? TensorValue.Instance)
                        : new SequenceValue(SequenceKind.Tuple, [.. parts.Select(p => From(p, depth + 1) ?? TensorValue.Instance)]);
                case "int" or "float":
                    return ScalarValue.Number;
                case "bool":
                    return ScalarValue.Boolean;
                case "str":
                    return ScalarValue.Text;
                case "Optional" when parts.Length == 1:
                    return From(parts[0], depth + 1);
                case "Any" or "object":
                    return null;
                default:
                    return null;
            }
        }

        static string? NameOf(Expression? e) => e switch { NameExpression n => n.Name, AttributeExpression a => a.Name, _ => null };
    }
}
