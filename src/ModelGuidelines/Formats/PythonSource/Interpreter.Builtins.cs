using System.Globalization;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.PythonSource;

/// <content>Python's built-in functions.</content>
internal sealed partial class Interpreter
{
    private const int MaxRange = 20_000;

    /// <summary>Whether the code that runs may run more often than it is followed.</summary>
    public bool IsInUnknownLoop => Recorder?.Doubt is not null;

    private Value CallBuiltin(string name, CallArguments arguments, SourceLocation? location)
    {
        var first = arguments.Positional.Count > 0 ? arguments.Positional[0] : null;
        switch (name)
        {
            case "range":
                return Range(arguments);
            case "len":
                return Length(first ?? UnknownValue.Instance);
            case "enumerate" when first is not null:
                var start = arguments.Find(1, "start") switch { null => 0, ConstantValue { Raw: long s } => s, _ => long.MinValue };
                var (numbered, more) = Iterate(first);
                return new SequenceValue(
                    SequenceKind.List,
                    [.. numbered.Select((v, i) => SequenceValue.Tuple(start == long.MinValue ? ScalarValue.Number : ConstantValue.Of(start + i), v))],
                    more is null ? null : SequenceValue.Tuple(ScalarValue.Number, more));
            case "zip":
                return Zip(arguments);
            case "list" or "tuple" or "set" or "frozenset" or "sorted" or "iter" or "reversed":
                return Listed(name, first, arguments);
            case "dict":
                return Dictionary(first, arguments);
            case "map" when arguments.Positional.Count == 2:
                var (mapped, rest) = Iterate(arguments.Positional[1]);
                return new SequenceValue(
                    SequenceKind.List,
                    [.. mapped.Select(v => Call(first!, CallArguments.Of(v), location))],
                    rest is null ? null : Unknown(() => Call(first!, CallArguments.Of(rest), location), "how often the loop runs is not known"));
            case "map":
                return SequenceValue.Open(SequenceKind.List, UnknownValue.Instance);
            case "filter" when arguments.Positional.Count == 2:
                var (tested, others) = Iterate(arguments.Positional[1]);
                return new SequenceValue(SequenceKind.List, [.. tested.Where(v => Truth(first is ConstantValue ? v : Call(first!, CallArguments.Of(v), location)) is not false)], others);
            case "isinstance" or "issubclass" when arguments.Positional.Count == 2:
                var answer = name == "isinstance" ? IsInstance(first!, arguments.Positional[1]) : first is ClassValue sub && arguments.Positional[1] is ClassValue super ? sub.Derives(super) : null;
                return answer is { } known ? ConstantValue.Of(known) : ScalarValue.Boolean;
            case "getattr" when arguments.Positional.Count >= 2:
                return arguments.Positional[1] is ConstantValue { Raw: string attribute } ? GetAttribute(first!, attribute, arguments.Positional.Count > 2 ? arguments.Positional[2] : null, location) : UnknownAttribute(first!);
            case "hasattr" when arguments.Positional is [var holder, ConstantValue { Raw: string wanted }]:
                return HasAttribute(holder, wanted) is { } has ? ConstantValue.Of(has) : ScalarValue.Boolean;
            case "setattr" when arguments.Positional is [ObjectValue target, ConstantValue { Raw: string set }, var value]:
                SetAttribute(target, set, value);
                return ConstantValue.None;
            case "next" when first is SequenceValue { Items.Count: > 0 } queue:
                return queue.Items[0];
            case "next":
                return first is SequenceValue { Rest: { } r } ? r : UnknownValue.Instance;
            case "sum" when first is not null:
                return Sum(first, arguments, location);
            case "min" or "max":
                return Extreme(name, arguments, location);
            case "any" or "all" when first is not null && Iterate(first) is { More: null, Items: var flags } && flags.Select(Truth).ToList() is var truths && !truths.Contains(null):
                return ConstantValue.Of(name == "any" ? truths.Contains(true) : !truths.Contains(false));
            case "any" or "all" or "callable" or "bool":
                return name == "bool" && first is not null && Truth(first) is { } truth ? ConstantValue.Of(truth) : name == "callable" && first is FunctionValue or BoundValue or ClassValue or PartialValue or ObjectValue { IsModule: true } ? ConstantValue.True : ScalarValue.Boolean;
            case "int" or "float" or "round" or "abs" or "pow" or "divmod":
                return Number(name, arguments, location);
            case "str" or "repr" or "format":
                return name == "str" && first is ConstantValue c && TextOf(c) is { } text ? new ConstantValue(text) : ScalarValue.Text;
            case "slice":
                return new SliceValue(
                    arguments.Positional.Count > 1 ? first : null, arguments.Positional.Count > 1 ? arguments.Positional[1] : first, arguments.Positional.Count > 2 ? arguments.Positional[2] : null);
            case "type" when first is ObjectValue { Class: { } type }:
                return type;
            case "type" when first is ObjectValue { ExternalType: { } external }:
                return new ExternalValue(external);
            case "print":
                return ConstantValue.None;
            default:
                return UnknownValue.Instance;
        }
    }

    private static SequenceValue Range(CallArguments arguments)
    {
        if (arguments.Positional.Count is >= 1 and <= 3 && arguments.Positional.TrueForAll(p => p is ConstantValue { Raw: long }))
        {
            var values = arguments.Positional.ConvertAll(p => (long)((ConstantValue)p).Raw!);
            var (from, to, step) = values.Count == 1 ? (0, values[0], 1) : (values[0], values[1], values.Count > 2 ? values[2] : 1);
            if (step != 0 && Math.Abs((to - from) / (double)step) <= MaxRange)
            {
                var items = new List<Value>();
                for (var i = from; step > 0 ? i < to : i > to; i += step)
                {
                    items.Add(ConstantValue.Of(i));
                }

                return new(SequenceKind.Tuple, items);
            }
        }

        return SequenceValue.Open(SequenceKind.Tuple, ScalarValue.Number);
    }

    private Value Length(Value value) => value switch
    {
        SequenceValue { Rest: null } s => ConstantValue.Of(s.Items.Count),
        DictValue { Rest: null } d => ConstantValue.Of(d.Entries.Count),
        ConstantValue { Raw: string s } => ConstantValue.Of(s.Length),
        ObjectValue { Kind: ClassKind.TorchModule } o when o.Class?.Find("__len__") is null && (o.IsA("Sequential") || o.IsA("ModuleList") || o.IsA("ModuleDict")) => ConstantValue.Of(o.Children.Count),
        ObjectValue { Class: { } type } o when type.Find("__len__") is { } method => Call(new BoundValue(o, method.Value), new(), null),
        _ => ScalarValue.Number,
    };

    private SequenceValue Zip(CallArguments arguments)
    {
        var rows = arguments.Positional.ConvertAll(Iterate);
        var known = rows.Where(r => r.More is null).Select(r => r.Items.Count).DefaultIfEmpty(-1).Min();
        Value At((IReadOnlyList<Value> Items, Value? More) row, int i) => i < row.Items.Count ? row.Items[i] : row.More ?? UnknownValue.Instance;
        if (known >= 0)
        {
            return SequenceValue.List(Enumerable.Range(0, known).Select(i => SequenceValue.Tuple([.. rows.Select(r => At(r, i))])));
        }

        var certain = rows.Count == 0 ? 0 : rows.Min(r => r.Items.Count);
        return new(
            SequenceKind.List,
            [.. Enumerable.Range(0, certain).Select(i => SequenceValue.Tuple([.. rows.Select(r => At(r, i))]))],
            SequenceValue.Tuple([.. rows.Select(r => Join([.. r.Items.Skip(certain), r.More ?? UnknownValue.Instance]))]));
    }

    private SequenceValue Listed(string name, Value? value, CallArguments arguments)
    {
        var kind = name switch { "tuple" => SequenceKind.Tuple, "set" or "frozenset" => SequenceKind.Set, _ => SequenceKind.List };
        if (value is null)
        {
            return new(kind, []);
        }

        var (items, rest) = Iterate(value);
        var list = items.ToList();
        switch (name)
        {
            case "reversed":
                list.Reverse();
                break;
            case "set" or "frozenset":
                list = [.. list.Where((v, i) => !list.Take(i).Any(w => Same(v, w)))];
                break;
            case "sorted" when list.TrueForAll(v => v is ConstantValue { Raw: string }):
                list.Sort((a, b) => string.CompareOrdinal((string)((ConstantValue)a).Raw!, (string)((ConstantValue)b).Raw!));
                break;
            case "sorted" when list.TrueForAll(v => NumberOf(v) is not null):
                list = [.. list.OrderBy(v => NumberOf(v))];
                break;
        }

        if (name == "sorted" && arguments.Find("reverse") is { } reverse && Truth(reverse) is true)
        {
            list.Reverse();
        }

        return new(kind, list, rest);
    }

    private DictValue Dictionary(Value? value, CallArguments arguments)
    {
        var result = value is DictValue dict ? dict.Copy() : new();
        if (value is not (null or DictValue))
        {
            var (items, rest) = Iterate(value);
            foreach (var item in items)
            {
                if (Iterate(item).Items is [var key, var entry])
                {
                    AssignItem(result, key, entry);
                }
            }

            if (rest is not null)
            {
                result.Rest = rest is SequenceValue { Items: [_, var each] } ? each : UnknownValue.Instance;
            }
        }

        arguments.Named.ForEach(n => result.Set(n.Name, n.Value));
        if (arguments.HasUnknown)
        {
            result.Rest ??= UnknownValue.Instance;
        }

        return result;
    }

    private Value GetAttribute(Value target, string name, Value? missing, SourceLocation? location) =>
        missing is not null && HasAttribute(target, name) is false ? missing
        : missing is not null && HasAttribute(target, name) is null && target is not UnknownValue ? Join([Attribute(target, name, location), missing])
        : Attribute(target, name, location);

    /// <summary><c>getattr</c> with a name that is not known: one of the modules there.</summary>
    private static Value UnknownAttribute(Value target) =>
        target is ObjectValue { IsModule: true, Children.Count: > 0 and <= 8 } o ? Join([.. o.Children.Select(c => c.Module)]) : UnknownValue.Instance;

    private static bool? HasAttribute(Value target, string name) => target switch
    {
        ObjectValue o => o.Attributes.ContainsKey(name) || o.Children.Exists(c => c.Name == name) || o.Class?.Find(name) is not null || (o.IsModule && ModuleMethods.Contains(name)) ? true
            : o.Doubt is not null || (o.ExternalType is { } t && t is not ("torch.nn.Module" or "torch.nn.Sequential" or "torch.nn.Identity" or "torch.nn.ModuleList")) ? null : false,
        ClassValue c => c.Find(name) is not null ? true : null,
        NamespaceValue n => n.Module.Scope.Names.ContainsKey(name),
        ConstantValue { Raw: not string } => false,
        _ => null,
    };

    private Value Sum(Value value, CallArguments arguments, SourceLocation? location)
    {
        var (items, rest) = Iterate(value);
        var total = arguments.Find(1, "start") ?? ConstantValue.Of(0);
        foreach (var item in items)
        {
            total = Binary(Python.Syntax.PythonOperator.Add, total, item, location ?? _project.Main.At(0));
        }

        return rest is null ? total : rest is TensorValue ? Binary(Python.Syntax.PythonOperator.Add, total, rest, location ?? _project.Main.At(0)) : rest is GraphTensor ? rest : ScalarValue.Number;
    }

    private Value Extreme(string name, CallArguments arguments, SourceLocation? location)
    {
        var (items, rest) = arguments.Positional.Count == 1 ? Iterate(arguments.Positional[0]) : (arguments.Positional, null);
        if (rest is null && items.Count > 0 && items.All(i => NumberOf(i) is not null) && arguments.Named.Count == 0)
        {
            return name == "min" ? items.MinBy(NumberOf)! : items.MaxBy(NumberOf)!;
        }

        return items.Any(i => i is TensorValue) ? TensorValue.Instance : ScalarValue.Number;
    }

    private Value Number(string name, CallArguments arguments, SourceLocation? location)
    {
        switch (arguments.Positional.FirstOrDefault())
        {
            case TensorValue t when name is "abs" or "round" or "pow":
                Operation(name, arguments, location);
                return t;
            case ConstantValue { Raw: string text } when name is "int" && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var parsed):
                return ConstantValue.Of(parsed);
            case ConstantValue { Raw: string text } when name is "float" && text.TrimStart('+', '-').ToLowerInvariant() is "inf" or "infinity":
                return new ConstantValue(text[0] == '-' ? double.NegativeInfinity : double.PositiveInfinity);
            case ConstantValue c when NumberOf(c) is { } number && arguments.Positional.Count == 1:
                return name switch
                {
                    "int" when Math.Abs(number) < 1e15 => ConstantValue.Of((long)Math.Truncate(number)),
                    "float" => new ConstantValue(number),
                    "round" when Math.Abs(number) < 1e15 => ConstantValue.Of((long)Math.Round(number, MidpointRounding.ToEven)),
                    "abs" => c.Raw is long i ? ConstantValue.Of(Math.Abs(i)) : new ConstantValue(Math.Abs(number)),
                    _ => ScalarValue.Number,
                };
            case null when name is "int":
                return ConstantValue.Of(0);
            default:
                return ScalarValue.Number;
        }
    }
}
