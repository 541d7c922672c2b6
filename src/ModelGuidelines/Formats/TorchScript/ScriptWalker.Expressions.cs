using System.Collections.Immutable;
using System.Globalization;
using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.TorchScript;

/// <content>Expressions.</content>
internal sealed partial class ScriptWalker
{
    private ScriptValue Eval(Frame frame, Expression expression)
    {
        if (!FreshStack.IsLeft)
        {
            return FreshStack.Run(Eval, frame, expression);
        }

        Step();

        switch (expression)
        {
            case NameExpression { Name: var name }:
                return frame.Locals.TryGetValue(name, out var local) ? local : name is "inf" or "nan" or "infj" ? ScriptValue.Number : ScriptValue.Named(name);
            case NumberExpression number:
                return number.TryGetInteger(out var integer) ? ScriptValue.Of(integer) : ScriptValue.Of(number.ToDouble());
            case StringExpression text:
                return ScriptValue.Of(text.Value);
            case ConstantExpression constant:
                return constant.Value switch { PythonConstant.True => ScriptValue.True, PythonConstant.False => ScriptValue.False, PythonConstant.None => ScriptValue.None, _ => ScriptValue.Unknown };
            case AttributeExpression attribute:
                return Attribute(Eval(frame, attribute.Value), attribute.Name);
            case SubscriptExpression subscript:
                return Item(Eval(frame, subscript.Value), Eval(frame, subscript.Index));
            case CallExpression call:
                return Call(frame, call);
            case TupleExpression tuple:
                return new(ScriptKind.Tuple) { Items = EvalAll(frame, tuple.Elements) };
            case ListExpression list:
                return new(ScriptKind.List) { Items = EvalAll(frame, list.Elements), Uncertainty = _uncertainty };
            case DictExpression dict:
                return Dictionary(frame, dict);
            case UnaryExpression unary:
                return Unary(unary.Operator, Eval(frame, unary.Operand));
            case BinaryExpression binary:
                return Arithmetic(binary.Operator, Eval(frame, binary.Left), Eval(frame, binary.Right));
            case ConditionalExpression conditional:
                return Conditional(frame, conditional);
            case BooleanExpression boolean:
                EvalAll(frame, boolean.Values);
                return ScriptValue.Boolean;
            case CompareExpression compare:
                EvalAll(frame, compare.Operands);
                return ScriptValue.Boolean;
            case SliceExpression slice:
                foreach (var part in new[] { slice.Lower, slice.Upper, slice.Step }.OfType<Expression>())
                {
                    Eval(frame, part);
                }

                return ScriptValue.Unknown;
            default:
                return ScriptValue.Unknown;
        }
    }

    private List<ScriptValue> EvalAll(Frame frame, ImmutableArray<Expression> expressions)
    {
        var values = new List<ScriptValue>(expressions.Length);
        foreach (var expression in expressions)
        {
            values.Add(Eval(frame, expression));
        }

        return values;
    }

    private ScriptValue Dictionary(Frame frame, DictExpression dict)
    {
        var keys = dict.Keys.Select(k => k is null ? ScriptValue.Unknown : Eval(frame, k)).ToList();
        var values = EvalAll(frame, dict.Values);
        return keys.TrueForAll(k => k.Literal is string)
            ? new(ScriptKind.Dict) { Keys = [.. keys.Select(k => (string)k.Literal!)], Items = values, Uncertainty = _uncertainty }
            : new(ScriptKind.Dict) { Element = ScriptValue.Common(values) };
    }

    private ScriptValue Conditional(Frame frame, ConditionalExpression expression)
    {
        if (Eval(frame, expression.Test).AsBoolean is { } decided)
        {
            return Eval(frame, decided ? expression.Body : expression.OrElse);
        }

        var branch = _branches++;
        var (body, orElse) = (ScriptValue.Unknown, ScriptValue.Unknown);
        Arm(branch, 0, () => { body = Eval(frame, expression.Body); return Flow.Next; });
        Arm(branch, 1, () => { orElse = Eval(frame, expression.OrElse); return Flow.Next; });
        return ScriptValue.Join(body, orElse);
    }

    private static ScriptValue Unary(PythonOperator op, ScriptValue value) => (op, value.Literal) switch
    {
        (PythonOperator.Minus, long i) => ScriptValue.Of(unchecked(-i)),
        (PythonOperator.Minus, double d) => ScriptValue.Of(-d),
        (PythonOperator.Not, _) => value.AsBoolean is { } b ? ScriptValue.Of(!b) : ScriptValue.Boolean,
        _ => value.Widen(),
    };

    private static ScriptValue Arithmetic(PythonOperator op, ScriptValue a, ScriptValue b) => (op, a.Literal, b.Literal) switch
    {
        (PythonOperator.Add, long x, long y) => ScriptValue.Of(unchecked(x + y)),
        (PythonOperator.Subtract, long x, long y) => ScriptValue.Of(unchecked(x - y)),
        (PythonOperator.Multiply, long x, long y) => ScriptValue.Of(unchecked(x * y)),
        _ => a.IsTensor || b.IsTensor ? ScriptValue.Tensor : a.Kind is ScriptKind.Number && b.Kind is ScriptKind.Number ? ScriptValue.Number : ScriptValue.Unknown,
    };

    private ScriptValue Attribute(ScriptValue owner, string name)
    {
        switch (owner.Kind)
        {
            case ScriptKind.Name:
                return owner.Name is "CONSTANTS" ? new(ScriptKind.Constant) { Name = _sameConstants.GetValueOrDefault(name, name) } : ScriptValue.Named($"{owner.Name}.{name}");
            case ScriptKind.Module:
                return AttributeOf(owner.Module!, name);
            case ScriptKind.Object:
                if (owner.Fields?.GetValueOrDefault(name) is { } known)
                {
                    return known;
                }

                return owner.Name is { } type && _code.FindClass(type)?.Fields.GetValueOrDefault(name) is { } annotation ? ScriptValue.Of(_types.Read(annotation)) : ScriptValue.Unknown;
            default:
                return ScriptValue.Unknown;
        }
    }

    private ScriptValue AttributeOf(ScriptModule module, string name)
    {
        if (module.Children.TryGetValue(name, out var child))
        {
            return new(ScriptKind.Module) { Module = child };
        }

        if (module.Set.TryGetValue(name, out var set))
        {
            return set;
        }

        var type = module.Class?.Fields.TryGetValue(name, out var annotation) is true ? _types.Read(annotation) : ModelValueType.Unknown;
        return module.Attributes.TryGetValue(name, out var value) ? OnEdge(Owned(OfPickle(value, type, 0), module), module.QualifiedName.Length == 0 ? name : $"{module.QualifiedName}.{name}")
            : module.Class?.Constants.TryGetValue(name, out var constant) is true ? Eval(new(module.Class.File), constant)
            : ScriptValue.Of(type);
    }

    private static ScriptValue Owned(ScriptValue value, ScriptModule module) => value switch
    {
        { Kind: ScriptKind.Tensor } => new(ScriptKind.Tensor) { Type = value.Type, Owner = module },
        { Kind: ScriptKind.List, Items: { } items } => new(ScriptKind.List) { Type = value.Type, Items = items.ConvertAll(i => Owned(i, module)) }, // the weights of an LSTM
        _ => value,
    };

    /// <summary>A value of <c>data.pkl</c>.</summary>
    private ScriptValue OfPickle(PickleValue value, ModelValueType type, int depth) => value switch
    {
        PickleNone => ScriptValue.None,
        PickleBoolean b => ScriptValue.Of(b.Value),
        PickleInteger { IsExact: true } i => ScriptValue.Of(i.Value),
        PickleInteger => ScriptValue.Number,
        PickleFloat d => ScriptValue.Of(d.Value),
        PickleText t => ScriptValue.Of(t.Value),
        PickleObject { TypeName: { } name } when name.StartsWith("torch._utils.", StringComparison.Ordinal) => ScriptValue.Tensor,
        PickleObject { TypeName: "torch.jit._pickle.restore_type_tag", Arguments: PickleTuple { Items: [var inner, ..] } } when depth < 8 => OfPickle(inner, type, depth + 1),
        PickleDict { Items: { Count: <= 4096 } entries } when depth < 8 && entries.TrueForAll(e => e.Key is PickleText) => new(ScriptKind.Dict)
        {
            Keys = entries.ConvertAll(e => e.Key.Text!),
            Items = entries.ConvertAll(e => OfPickle(e.Value, ModelValueType.Unknown, depth + 1)),
            Type = type,
        },
        _ when depth < 8 && value.IsSequence && value.Elements is { Length: <= 4096 } items && value is not PickleObject { TypeName: "collections.OrderedDict" } =>
            new(value is PickleTuple ? ScriptKind.Tuple : ScriptKind.List) { Items = [.. items.Select(i => OfPickle(i, ModelValueType.Unknown, depth + 1))], Type = type },
        _ => ScriptValue.Of(type),
    };

    private static ScriptValue Item(ScriptValue owner, ScriptValue index)
    {
        switch (owner.Kind)
        {
            case ScriptKind.Tensor:
                return owner.Edge is null ? ScriptValue.Tensor : owner;
            case ScriptKind.Dict when owner is { Items: { } values, Keys: { } keys } && index.Literal is string key && keys.LastIndexOf(key) is >= 0 and var at:
                return values[at];
            case ScriptKind.List or ScriptKind.Tuple when owner.Items is { } items && index.Literal is long i && (i < 0 ? i + items.Count : i) is >= 0 and var position && position < items.Count:
                return items[(int)position];
            case ScriptKind.Module when owner.Module!.Children.GetValueOrDefault(index.Literal is long n ? Text(n) : index.Literal as string ?? "") is { } child:
                return new(ScriptKind.Module) { Module = child };
            case ScriptKind.List or ScriptKind.Tuple or ScriptKind.Dict:
                return owner.Element ?? (owner.Items is { } all ? ScriptValue.Common(all) : ScriptValue.Unknown);
            default:
                return owner.IsTensor ? ScriptValue.Tensor : ScriptValue.Unknown;
        }
    }

    // ---- calls

    private ScriptValue Call(Frame frame, CallExpression call)
    {
        switch (call.Function)
        {
            case NameExpression { Name: var name } when !frame.Locals.ContainsKey(name):
                return BuiltIn(frame, name, call);
            case AttributeExpression attribute:
                var owner = Eval(frame, attribute.Value);
                return owner.Kind is ScriptKind.Name ? Function(frame, $"{owner.Name}.{attribute.Name}", call) : Method(frame, owner, attribute.Name, call);
            default:
                var function = Eval(frame, call.Function);
                return function.Kind is ScriptKind.Name ? Function(frame, function.Name!, call) : UnknownCall(frame, call, "");
        }
    }

    private (List<ScriptValue> Positional, Dictionary<string, ScriptValue> Keywords) Arguments(Frame frame, CallExpression call)
    {
        var positional = new List<ScriptValue>(call.Arguments.Length);
        var keywords = new Dictionary<string, ScriptValue>(StringComparer.Ordinal);
        foreach (var argument in call.Arguments)
        {
            var value = Eval(frame, argument.Value);
            if (argument.Name is null)
            {
                positional.Add(value);
            }
            else
            {
                keywords[argument.Name] = value;
            }
        }

        return (positional, keywords);
    }

    private ScriptValue UnknownCall(Frame frame, CallExpression call, string method)
    {
        Arguments(frame, call);
        HasUnknownCalls |= ScriptNames.IsForward(method);
        return ScriptValue.Unknown;
    }

    private ScriptValue BuiltIn(Frame frame, string name, CallExpression call)
    {
        if (name is "annotate" or "unchecked_cast" or "uninitialized" && call.Arguments.Length > 0)
        {
            var type = _types.Read(call.Arguments[0].Value);
            var value = call.Arguments.Length > 1 ? Eval(frame, call.Arguments[1].Value) : ScriptValue.Unknown;
            return value.Kind switch
            {
                ScriptKind.Unknown => ScriptValue.Of(type),
                ScriptKind.List or ScriptKind.Dict when value.Items is { Count: 0 } && name is "annotate" => new(value.Kind)
                {
                    Items = [],
                    Keys = value.Kind is ScriptKind.Dict ? [] : null,
                    Element = ScriptValue.Of(type).Element,
                    Type = type,
                    Uncertainty = _uncertainty,
                },
                _ => value,
            };
        }

        var (arguments, _) = Arguments(frame, call);
        var first = arguments is [var a, ..] ? a : ScriptValue.Unknown;
        return name switch
        {
            "getattr" when arguments is [_, { Literal: string attribute }] => Attribute(first, attribute),
            "int" => first.Literal switch { long => first, bool b => ScriptValue.Of(b ? 1L : 0L), double d when Math.Abs(d) < 1e15 => ScriptValue.Of((long)d), _ => ScriptValue.Number },
            "float" => first.Literal switch { long i => ScriptValue.Of((double)i), double => first, _ => ScriptValue.Number },
            "bool" => first.AsBoolean is { } b ? ScriptValue.Of(b) : ScriptValue.Boolean,
            "str" => first.Literal is string ? first : ScriptValue.Text,
            "isinstance" => ScriptValue.Boolean,
            _ => ScriptValue.Unknown,
        };
    }

    private ScriptValue Method(Frame frame, ScriptValue owner, string name, CallExpression call)
    {
        if (owner.Module is { } module)
        {
            return ModuleMethod(frame, module, name, call);
        }

        if (owner is { Kind: ScriptKind.Object, Name: { } type } && _code.FindClass(type) is { } found && found.Methods.TryGetValue(name, out var method))
        {
            var (arguments, keywords) = Arguments(frame, call);
            return Invoke(found.File, method, owner, arguments, keywords);
        }

        return UnknownCall(frame, call, name);
    }

    /// <summary>A function or class by its full name: <c>torch.relu</c>, <c>ops.prim.min</c>, <c>__torch__.model.swish</c>.</summary>
    private ScriptValue Function(Frame frame, string name, CallExpression call)
    {
        if (!name.StartsWith("__torch__.", StringComparison.Ordinal))
        {
            var (values, named) = Arguments(frame, call);
            return name.StartsWith("ops.prim.", StringComparison.Ordinal) ? Primitive(frame, name["ops.prim.".Length..], values, call)
                : name.StartsWith("torch.", StringComparison.Ordinal) || name.StartsWith("ops.", StringComparison.Ordinal) ? Operator(frame, name[(name.LastIndexOf('.') + 1)..], name, values, named, call)
                : ScriptValue.Unknown;
        }

        if (name.EndsWith(".__new__", StringComparison.Ordinal))
        {
            Arguments(frame, call);
            return NewObject(name[..^".__new__".Length], [], []);
        }

        var (arguments, keywords) = Arguments(frame, call);
        if (_code.FindFunction(name) is var (file, function))
        {
            var plain = ScriptNames.Demangle(name);
            if (!ScriptNames.IsTorch(plain))
            {
                return Invoke(file, function, null, arguments, keywords);
            }

            // PyTorch's own functions are one operation each, whatever stands in them.
            if (arguments.Concat(keywords.Values).Any(HoldsTensor))
            {
                NoteOperation(frame, TorchOperations.NameOfFunction(plain[(plain.LastIndexOf('.') + 1)..]), plain, arguments, call);
            }

            return NoteNode(frame, plain, arguments, keywords, call, ScriptValue.Of(_types.Read(function.Returns)));
        }

        return _code.FindClass(name) is { } type ? NewObject(name, arguments, [.. type.Fields.Keys]) : ScriptValue.Unknown;
    }

    private ScriptValue NewObject(string name, List<ScriptValue> arguments, List<string> fields)
    {
        var found = _code.FindClass(name);
        var shortName = ScriptNames.Demangle(name);
        shortName = shortName[(shortName.LastIndexOf('.') + 1)..];
        var value = new ScriptValue(ScriptKind.Object)
        {
            Name = name,
            Type = new(found?.Kind is ScriptClassKind.NamedTuple ? ValueKind.NamedTuple : ValueKind.Object, shortName),
            Fields = new(StringComparer.Ordinal),
            Uncertainty = _uncertainty,
        };
        for (var i = 0; i < Math.Min(arguments.Count, fields.Count); i++)
        {
            value.Fields[fields[i]] = arguments[i];
        }

        return value;
    }

    // ---- PyTorch's operators

    private ScriptValue Primitive(Frame frame, string name, List<ScriptValue> arguments, CallExpression call)
    {
        var first = arguments is [var a, ..] ? a : ScriptValue.Unknown;
        switch (name)
        {
            case "ConstantMKLDNNTensor":
                return new(ScriptKind.Constant) { Name = "" };
            case "NumToTensor" or "abs" or "data":
                return name is "abs" ? first.Widen() : first;
            case "min" or "max":
                var items = arguments is [{ Items: { } list }] ? list : arguments;
                var numbers = items.Select(i => i.Literal as long?).ToList();
                return numbers.Count > 0 && numbers.TrueForAll(n => n is not null) ? ScriptValue.Of((name is "min" ? numbers.Min() : numbers.Max())!.Value) : ScriptValue.Number;
            case "device" or "dtype" or "layout" or "type":
                return ScriptValue.Number;
            default:
                if (arguments.Exists(HoldsTensor) && name.Contains("conv", StringComparison.Ordinal))
                {
                    NoteOperation(frame, AtenNames.Operator(name), name, arguments, call);
                }

                return name.StartsWith("is_", StringComparison.Ordinal) || name is "requires_grad" ? ScriptValue.Boolean : arguments.Exists(HoldsTensor) ? ScriptValue.Tensor : ScriptValue.Unknown;
        }
    }

    private ScriptValue Operator(Frame frame, string name, string fullName, List<ScriptValue> arguments, Dictionary<string, ScriptValue> keywords, CallExpression call)
    {
        if (Containers(name, arguments) is { } contained)
        {
            return contained;
        }

        if (arguments.Exists(HoldsTensor) || keywords.Values.Any(HoldsTensor))
        {
            if (TorchOperations.IsOperation(name))
            {
                NoteOperation(frame, null, fullName, arguments, call);
            }

            return NoteNode(frame, fullName, arguments, keywords, call, TorchOperations.ResultOf(name));
        }

        if (arguments.Count > 0 && arguments.TrueForAll(a => a.Kind is ScriptKind.Number or ScriptKind.Constant or ScriptKind.Boolean or ScriptKind.Text or ScriptKind.None))
        {
            return Scalars(name, arguments);
        }

        return arguments is [{ Kind: ScriptKind.List, Items: { } x }, { Kind: ScriptKind.List, Items: { } y }] && name is "add"
            ? new(ScriptKind.List) { Items = [.. x, .. y], Uncertainty = _uncertainty }
            : arguments is [{ Kind: ScriptKind.List } l, ..] && name is "add" or "mul" or "slice" ? new(ScriptKind.List) { Element = l.Element ?? (l.Items is { } known ? ScriptValue.Common(known) : null) }
            : TorchOperations.ResultOf(name);
    }

    /// <summary>Operators on lists and dictionaries; null for others.</summary>
    private ScriptValue? Containers(string name, List<ScriptValue> arguments)
    {
        if (arguments is not [var first, ..] || first.Kind is not (ScriptKind.List or ScriptKind.Dict or ScriptKind.Tuple))
        {
            return name switch
            {
                "__is__" when arguments is [var a, { Kind: ScriptKind.None }] => IsNone(a) is { } none ? ScriptValue.Of(none) : ScriptValue.Boolean,
                "__isnot__" when arguments is [var a, { Kind: ScriptKind.None }] => IsNone(a) is { } none ? ScriptValue.Of(!none) : ScriptValue.Boolean,
                "dict" => new(ScriptKind.Dict) { Items = [], Keys = [], Uncertainty = _uncertainty },
                _ => null,
            };
        }

        var isCertain = _uncertainty <= first.Uncertainty;
        switch (name)
        {
            case "len":
                return first.Items is { } counted ? ScriptValue.Of(counted.Count) : ScriptValue.Number;
            case "append" when arguments.Count == 2:
                if (isCertain && first.Items is { } list)
                {
                    list.Add(arguments[1]);
                }
                else
                {
                    Forget(first, arguments[1]);
                }

                return first;
            case "insert" or "extend" or "pop" or "clear" or "reverse" or "remove" or "sort" or "Delete":
                var item = first.Element ?? (first.Items is { } all ? ScriptValue.Common(all) : ScriptValue.Unknown);
                if (name is "insert" && isCertain && first.Items is { } into && arguments is [_, { Literal: long at }, var inserted] && at >= 0 && at <= into.Count)
                {
                    into.Insert((int)at, inserted);
                }
                else if (name is "extend" && isCertain && first.Items is { } longer && arguments is [_, { Items: { } more }] && more.Count <= MaxUnrolled)
                {
                    longer.AddRange(more.ToArray());
                }
                else
                {
                    Forget(first, arguments.Count > 1 && name is not "pop" ? arguments[^1] : item);
                }

                return name is "pop" ? item : ScriptValue.None;
            case "_set_item" when arguments.Count == 3:
                SetItem(first, arguments[1], arguments[2], isCertain);
                return ScriptValue.None;
            case "keys" when first.Kind is ScriptKind.Dict:
                return new(ScriptKind.List) { Items = first.Keys?.ConvertAll(ScriptValue.Of), Element = ScriptValue.Text, Uncertainty = _uncertainty };
            case "values" when first.Kind is ScriptKind.Dict:
                return new(ScriptKind.List) { Items = first.Items?.ToList(), Element = first.Element, Uncertainty = _uncertainty };
            case "items" when first.Kind is ScriptKind.Dict:
                return new(ScriptKind.List)
                {
                    Items = first.Keys?.Zip(first.Items!, (k, v) => new ScriptValue(ScriptKind.Tuple) { Items = [ScriptValue.Of(k), v] }).ToList(),
                    Element = new(ScriptKind.Tuple) { Items = [ScriptValue.Text, first.Element ?? ScriptValue.Unknown] },
                    Uncertainty = _uncertainty,
                };
            case "list" or "copy":
                return new(first.Kind) { Items = first.Items?.ToList(), Keys = first.Keys?.ToList(), Element = first.Element, Type = first.Type, Uncertainty = _uncertainty };
            case "__contains__" when arguments.Count == 2:
                return first.Kind is ScriptKind.Dict && first.Keys is { } keys && arguments[1].Literal is string key ? ScriptValue.Of(keys.Contains(key))
                    : first.Items is { } known && first.Kind is ScriptKind.List && arguments[1].Literal is { } wanted && known.TrueForAll(k => k.Literal is not null)
                        ? ScriptValue.Of(known.Exists(k => k.Literal!.Equals(wanted)))
                        : ScriptValue.Boolean;
            case "__getitem__" when arguments.Count == 2:
                return Item(first, arguments[1]);
            case "slice" when first.Items is { } sliced && arguments is [_, var lower, var upper, ..] && (arguments.Count == 3 || arguments[3].Literal is 1L):
                return Slice(sliced, lower, upper);
            case "__is__":
                return ScriptValue.False;
            case "__isnot__":
                return ScriptValue.True;
            default:
                return null;
        }
    }

    private ScriptValue Slice(List<ScriptValue> items, ScriptValue lower, ScriptValue upper)
    {
        long? from = lower.Kind is ScriptKind.None ? 0 : lower.Literal as long?;
        long? to = upper.Kind is ScriptKind.None ? items.Count : upper.Literal as long?;
        if (from is not { } start || to is not { } end)
        {
            return new(ScriptKind.List) { Element = ScriptValue.Common(items) };
        }

        start = Math.Clamp(start < 0 ? start + items.Count : start, 0, items.Count);
        end = Math.Clamp(end < 0 ? end + items.Count : end, start, items.Count);
        return new(ScriptKind.List) { Items = items.GetRange((int)start, (int)(end - start)), Uncertainty = _uncertainty };
    }

    private static void SetItem(ScriptValue container, ScriptValue key, ScriptValue value, bool isCertain)
    {
        if (container is { Kind: ScriptKind.Dict, Keys: { } keys, Items: { } values } && key.Literal is string name && (isCertain || keys.Contains(name)))
        {
            var at = keys.LastIndexOf(name);
            if (at >= 0)
            {
                values[at] = isCertain ? value : ScriptValue.Join(values[at], value);
            }
            else
            {
                keys.Add(name);
                values.Add(value);
            }
        }
        else if (isCertain && container is { Kind: ScriptKind.List, Items: { } items } && key.Literal is long i && (i < 0 ? i + items.Count : i) is >= 0 and var position && position < items.Count)
        {
            items[(int)position] = value;
        }
        else
        {
            Forget(container, value);
        }
    }

    private static bool? IsNone(ScriptValue value) => value.Kind switch
    {
        ScriptKind.None => true,
        ScriptKind.Unknown => null,
        _ => false,
    };

    private static ScriptValue Scalars(string name, List<ScriptValue> arguments)
    {
        var isFlag = name is "eq" or "ne" or "lt" or "le" or "gt" or "ge" or "__not__" or "__and__" or "__or__" or "__contains__" or "__is__" or "__isnot__" or "Bool" or "__xor__";
        if (arguments is [var left, var right] && (left.LoopIndex ?? right.LoopIndex) is { } loop)
        {
            switch (name)
            {
                case "eq" when left.Literal is long || right.Literal is long:
                    return new(ScriptKind.Boolean) { OnceIn = loop };
                case "lt" when left.LoopIndex is not null && right.Literal is <= 0L:
                    return ScriptValue.False;
                case "ge" when left.LoopIndex is not null && right.Literal is <= 0L:
                    return ScriptValue.True;
            }
        }

        var literals = arguments.ConvertAll(a => a.Literal);
        if (literals.Exists(l => l is double))
        {
            literals = literals.ConvertAll(l => l is long i ? (double)i : l);
        }

        switch (literals)
        {
            case [long x, long y]:
                return name switch
                {
                    "add" => ScriptValue.Of(unchecked(x + y)),
                    "sub" => ScriptValue.Of(unchecked(x - y)),
                    "mul" => ScriptValue.Of(unchecked(x * y)),
                    "floordiv" or "floor_divide" when y > 0 => ScriptValue.Of((long)Math.Floor((decimal)x / y)),
                    "remainder" when y > 0 => ScriptValue.Of(((x % y) + y) % y),
                    "eq" => ScriptValue.Of(x == y),
                    "ne" => ScriptValue.Of(x != y),
                    "lt" => ScriptValue.Of(x < y),
                    "le" => ScriptValue.Of(x <= y),
                    "gt" => ScriptValue.Of(x > y),
                    "ge" => ScriptValue.Of(x >= y),
                    _ => isFlag ? ScriptValue.Boolean : ScriptValue.Number,
                };
            case [double x, double y] when isFlag:
                return name switch { "eq" => ScriptValue.Of(x.Equals(y)), "ne" => ScriptValue.Of(!x.Equals(y)), "lt" => ScriptValue.Of(x < y), "le" => ScriptValue.Of(x <= y), "gt" => ScriptValue.Of(x > y), "ge" => ScriptValue.Of(x >= y), _ => ScriptValue.Boolean };
            case [string x, string y]:
                return name switch { "eq" => ScriptValue.Of(x == y), "ne" => ScriptValue.Of(x != y), _ => isFlag ? ScriptValue.Boolean : ScriptValue.Text };
            case [bool x, bool y] when isFlag:
                return name switch { "eq" => ScriptValue.Of(x == y), "ne" => ScriptValue.Of(x != y), "__and__" => ScriptValue.Of(x && y), "__or__" => ScriptValue.Of(x || y), _ => ScriptValue.Boolean };
            case [bool x] when name is "__not__":
                return ScriptValue.Of(!x);
            case [long x] when name is "neg":
                return ScriptValue.Of(unchecked(-x));
            // range(start, stop, step): how many, and which.
            case [long start, long stop, long step] when name is "__range_length" && step != 0:
                return ScriptValue.Of(Math.Max(0, (long)Math.Ceiling(((decimal)stop - start) / step)));
            case [long index, long start, long step] when name is "__derive_index":
                return ScriptValue.Of(unchecked(start + (index * step)));
        }

        if (isFlag)
        {
            return ScriptValue.Boolean;
        }

        // Operators that make tensors out of numbers.
        return name is "zeros" or "ones" or "full" or "arange" or "tensor" or "as_tensor" or "scalar_tensor" or "rand" or "randn" or "empty" or "eye" or "linspace" or "randint" or "randperm" or "hann_window" ? ScriptValue.Tensor
            : name is "format" or "str" || arguments.TrueForAll(a => a.Kind is ScriptKind.Text) ? ScriptValue.Text
            : ScriptValue.Number;
    }

    /// <summary>Whether a tensor is in it: whether the operator works on tensors.</summary>
    private static bool HoldsTensor(ScriptValue value) => value.Kind switch
    {
        ScriptKind.List or ScriptKind.Tuple => value.Items is { } items ? items.Exists(i => i.IsTensor) : value.Element?.IsTensor ?? false,
        _ => value.IsTensor,
    };
}
