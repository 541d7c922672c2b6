using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Formats.PythonSource;

/// <content>Expressions.</content>
internal sealed partial class Interpreter
{
    internal Value Evaluate(Expression expression, Scope scope)
    {
        Step();
        if (!Enter())
        {
            return UnknownValue.Instance;
        }

        var value = EvaluateInner(expression, scope);
        _depth--;
        return value;
    }

    private Value EvaluateInner(Expression expression, Scope scope)
    {
        switch (expression)
        {
            case NameExpression e:
                return Name(e.Name, scope);
            case ConstantExpression e:
                return e.Value switch { PythonConstant.None => ConstantValue.None, PythonConstant.True => ConstantValue.True, PythonConstant.False => ConstantValue.False, _ => ConstantValue.Ellipsis };
            case NumberExpression e:
                return e.IsImaginary ? ScalarValue.Number : e.TryGetInteger(out var integer) ? ConstantValue.Of(integer) : e.IsInteger ? ScalarValue.Number : new ConstantValue(e.ToDouble());
            case StringExpression e:
                return e.IsBytes ? UnknownValue.Instance : new ConstantValue(e.Value);
            case FormattedStringExpression e:
                return Formatted(e, scope);
            case AttributeExpression e:
                return Attribute(Evaluate(e.Value, scope), e.Name, scope.At(e.End - e.Name.Length));
            case SubscriptExpression e:
                return Item(Evaluate(e.Value, scope), Evaluate(e.Index, scope), scope.At(e.Start));
            case SliceExpression e:
                return new SliceValue(Optional(e.Lower), Optional(e.Upper), Optional(e.Step));
            case CallExpression e:
                return Invoke(e, scope);
            case UnaryExpression e:
                return Unary(e, scope);
            case BinaryExpression e:
                var left = Evaluate(e.Left, scope);
                return Binary(e.Operator, left, Evaluate(e.Right, scope), scope.At(e.Start));
            case BooleanExpression e:
                return Boolean(e, scope);
            case CompareExpression e:
                return Compare(e, scope);
            case ConditionalExpression e:
                return Truth(Evaluate(e.Test, scope)) switch
                {
                    true => Evaluate(e.Body, scope),
                    false => Evaluate(e.OrElse, scope),
                    _ => Either(scope, () => Evaluate(e.Body, scope), () => Evaluate(e.OrElse, scope)),
                };
            case LambdaExpression e:
                return new FunctionValue("<lambda>", e, e.Parameters, Defaults(e.Parameters, scope), Closure(scope));
            case TupleExpression e:
                return Display(SequenceKind.Tuple, e.Elements, scope);
            case ListExpression e:
                return Display(SequenceKind.List, e.Elements, scope);
            case SetExpression e:
                return Display(SequenceKind.Set, e.Elements, scope);
            case DictExpression e:
                return Dict(e, scope);
            case ComprehensionExpression e:
                return Comprehension(e, scope);
            case AwaitExpression e:
                return Evaluate(e.Value, scope);
            case YieldExpression e:
                return Yield(e, scope);
            case StarredExpression e:
                return Evaluate(e.Value, scope);
            case NamedExpression e:
                var named = Evaluate(e.Value, scope);
                SetName(e.Target.Name, named, scope);
                return named;
            default:
                return UnknownValue.Instance;
        }

        Value? Optional(Expression? part) => part is null ? null : Evaluate(part, scope);
    }

    /// <summary>One of two values, each followed in an arm of its own.</summary>
    private Value Either(Scope scope, params Func<Value>[] ways)
    {
        var values = new List<Value>();
        Arm([.. ways.Select(w => (Func<Flow>)(() =>
        {
            values.Add(w());
            return Flow.Next;
        }))], scope);
        return Join(values);
    }

    private Value Name(string name, Scope scope)
    {
        for (var s = scope; s is not null; s = s.Outer)
        {
            if (s.Names.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        if (name == "__class__" && scope.Function?.Owner is { } owner)
        {
            return owner;
        }

        if (_starImports?.Find(s => s.Module == scope.Module).Dotted is { } library && !Builtins.IsBuiltin(name))
        {
            return new ExternalValue($"{library}.{name}");
        }

        return name switch
        {
            "__name__" => new ConstantValue(scope.Module.DottedName),
            "__file__" => ScalarValue.Text,
            "NotImplemented" => UnknownValue.Instance,
            _ when Builtins.IsBuiltin(name) => new ExternalValue("builtins." + name),
            _ => UnknownValue.Instance,
        };
    }

    private SequenceValue Display(SequenceKind kind, ImmutableArray<Expression> elements, Scope scope)
    {
        var result = new SequenceValue(kind, new(elements.Length));
        foreach (var element in elements)
        {
            if (element is StarredExpression starred)
            {
                var (items, rest) = Iterate(Evaluate(starred.Value, scope));
                result.Items.AddRange(items);
                result.Rest ??= rest;
            }
            else
            {
                result.Items.Add(Evaluate(element, scope));
            }
        }

        return result;
    }

    private DictValue Dict(DictExpression e, Scope scope)
    {
        var result = new DictValue();
        for (var i = 0; i < e.Values.Length; i++)
        {
            var value = Evaluate(e.Values[i], scope);
            if (e.Keys[i] is { } key)
            {
                AssignItem(result, Evaluate(key, scope), value);
            }
            else
            {
                Spread(result, value);
            }
        }

        return result;
    }

    private static void Spread(DictValue target, Value value)
    {
        if (value is DictValue dict)
        {
            foreach (var (k, v) in dict.Entries)
            {
                target.Set(k, v);
            }

            target.Rest ??= dict.Rest;
        }
        else
        {
            target.Rest ??= UnknownValue.Instance;
        }
    }

    private Value Comprehension(ComprehensionExpression e, Scope scope)
    {
        var inner = new Scope(scope.Module, scope) { Function = scope.Function, Self = scope.Self };
        var list = new SequenceValue(e.Kind is ComprehensionKind.Set ? SequenceKind.Set : SequenceKind.List, []);
        var dict = e.Kind is ComprehensionKind.Dict ? new DictValue() : null;
        Clause(0, open: false);
        return dict is not null ? dict : list;

        void Clause(int at, bool open)
        {
            if (at == e.Clauses.Length)
            {
                var element = Evaluate(e.Element, inner);
                var value = e.Value is null ? element : Evaluate(e.Value, inner);
                if (dict is not null && !open)
                {
                    AssignItem(dict, element, value);
                }
                else if (dict is not null)
                {
                    dict.Rest = dict.Rest is null ? value : Join([dict.Rest, value]);
                }
                else if (open)
                {
                    list.Rest = list.Rest is null ? value : Join([list.Rest, value]);
                }
                else
                {
                    list.Items.Add(value);
                }

                return;
            }

            var clause = e.Clauses[at];
            var (items, rest) = Iterate(Evaluate(clause.Iterable, inner));
            foreach (var item in items)
            {
                Step();
                Assign(clause.Target, item, inner);
                var test = Conditions(clause);
                if (test is not false)
                {
                    Clause(at + 1, open || test is null);
                }
            }

            if (rest is not null)
            {
                Assign(clause.Target, rest, inner);
                Unknown(
                    () =>
                    {
                        if (Conditions(clause) is not false)
                        {
                            Clause(at + 1, open: true);
                        }

                        return 0;
                    },
                    "how often the loop runs is not known");
            }
        }

        bool? Conditions(ComprehensionClause clause)
        {
            bool? all = true;
            foreach (var condition in clause.Conditions)
            {
                switch (Truth(Evaluate(condition, inner)))
                {
                    case false:
                        return false;
                    case null:
                        all = null;
                        break;
                }
            }

            return all;
        }
    }

    private Value Yield(YieldExpression e, Scope scope)
    {
        var value = e.Value is null ? ConstantValue.None : Evaluate(e.Value, scope);
        if (scope.Yielded is { } yielded)
        {
            if (e.IsFrom)
            {
                var (items, rest) = Iterate(value);
                yielded.Items.AddRange(items);
                yielded.Rest ??= rest;
            }
            else if (Recorder?.Doubt is not null)
            {
                yielded.Rest ??= value;
            }
            else
            {
                yielded.Items.Add(value);
            }
        }

        return UnknownValue.Instance;
    }

    private Value Formatted(FormattedStringExpression e, Scope scope)
    {
        var text = new StringBuilder();
        foreach (var part in e.Parts)
        {
            if (part is StringExpression s)
            {
                text.Append(s.Value);
            }
            else if (part is FormattedValueExpression { Format: null, Conversion: null } field && Evaluate(field.Value, scope) is ConstantValue constant && TextOf(constant) is { } known)
            {
                text.Append(known);
            }
            else
            {
                return ScalarValue.Text;
            }
        }

        return new ConstantValue(text.ToString());
    }

    /// <summary>As <c>str()</c> writes it; null for floats, whose digits are Python's business.</summary>
    internal static string? TextOf(ConstantValue constant) => constant.Raw switch
    {
        null => "None",
        string s => s,
        long l => l.ToString(CultureInfo.InvariantCulture),
        bool b => b ? "True" : "False",
        double d when d == Math.Floor(d) && Math.Abs(d) < 1e15 => d.ToString("0.0", CultureInfo.InvariantCulture),
        double d => d.ToString("R", CultureInfo.InvariantCulture),
        _ => null,
    };

    private Value Unary(UnaryExpression e, Scope scope)
    {
        var operand = Evaluate(e.Operand, scope);
        if (e.Operator is PythonOperator.Not)
        {
            return Truth(operand) is { } truth ? ConstantValue.Of(!truth) : operand is GraphTensor ? operand : ScalarValue.Boolean;
        }

        switch (operand)
        {
            case ConstantValue { Raw: long i }:
                return ConstantValue.Of(e.Operator switch { PythonOperator.Minus => -i, PythonOperator.Invert => ~i, _ => i });
            case ConstantValue { Raw: double d }:
                return new ConstantValue(e.Operator is PythonOperator.Minus ? -d : d);
            case TensorValue:
                Operation(e.Operator is PythonOperator.Minus ? "neg" : e.Operator is PythonOperator.Invert ? "bitwise_not" : "positive", CallArguments.Of(operand), scope.At(e.Start));
                return TensorValue.Instance;
            case GraphTensor t:
                return Derived([t], scope.At(e.Start));
            default:
                return operand is ScalarValue ? operand : UnknownValue.Instance;
        }
    }

    private Value Boolean(BooleanExpression e, Scope scope)
    {
        var possible = new List<Value>();
        foreach (var part in e.Values)
        {
            var value = Evaluate(part, scope);
            var truth = Truth(value);
            if (truth == !e.IsAnd)
            {
                possible.Add(value);
                return Join(possible);
            }

            if (truth is null || ReferenceEquals(part, e.Values[^1]))
            {
                possible.Add(value);
            }
        }

        return Join(possible);
    }

    private Value Compare(CompareExpression e, Scope scope)
    {
        var left = Evaluate(e.Operands[0], scope);
        Value result = ConstantValue.True;
        for (var i = 0; i < e.Operators.Length; i++)
        {
            var right = Evaluate(e.Operands[i + 1], scope);
            result = Compare(e.Operators[i], left, right, scope.At(e.Start));
            if (e.Operators.Length > 1 && Truth(result) is not true)
            {
                return Truth(result) is false ? ConstantValue.False : ScalarValue.Boolean;
            }

            left = right;
        }

        return result;
    }

    private Value Compare(PythonOperator op, Value left, Value right, SourceLocation location)
    {
        switch (op)
        {
            case PythonOperator.Is or PythonOperator.IsNot:
                return IsSame(left, right) is { } same ? ConstantValue.Of(same == (op is PythonOperator.Is)) : ScalarValue.Boolean;
            case PythonOperator.In or PythonOperator.NotIn:
                return Contains(right, left) is { } contains ? ConstantValue.Of(contains == (op is PythonOperator.In)) : ScalarValue.Boolean;
        }

        if (left is TensorValue || right is TensorValue)
        {
            Operation(op switch { PythonOperator.Equal => "eq", PythonOperator.NotEqual => "ne", PythonOperator.Less => "less", PythonOperator.LessEqual => "le", PythonOperator.Greater => "greater", _ => "ge" }, CallArguments.Of(left, right), location);
            return TensorValue.Instance;
        }

        if (op is PythonOperator.Equal or PythonOperator.NotEqual)
        {
            return AreEqual(left, right) is { } equal ? ConstantValue.Of(equal == (op is PythonOperator.Equal)) : ScalarValue.Boolean;
        }

        if (NumberOf(left) is { } a && NumberOf(right) is { } b)
        {
            return ConstantValue.Of(op switch { PythonOperator.Less => a < b, PythonOperator.LessEqual => a <= b, PythonOperator.Greater => a > b, _ => a >= b });
        }

        return ScalarValue.Boolean;
    }

    private static double? NumberOf(Value value) => value switch
    {
        ConstantValue { Raw: long i } => i,
        ConstantValue { Raw: double d } => d,
        ConstantValue { Raw: bool b } => b ? 1 : 0,
        _ => null,
    };

    private static bool? IsSame(Value left, Value right)
    {
        if (left is UnknownValue or ChoiceValue || right is UnknownValue or ChoiceValue)
        {
            // A choice among things of which none (or all) are None is as good as known.
            if (right is ConstantValue { Raw: null } && left is ChoiceValue choice && choice.Options.All(o => IsSame(o, right) is false))
            {
                return false;
            }

            return null;
        }

        if (left is ConstantValue a && right is ConstantValue b)
        {
            return Equals(a.Raw, b.Raw);
        }

        if (left is ExternalValue x && right is ExternalValue y)
        {
            return x.Name == y.Name;
        }

        if (left is ScalarValue s && right is ConstantValue c)
        {
            return c.Raw is null ? false : s.Kind is ValueKind.Boolean or ValueKind.Number && c.Raw is bool ? null : c.Raw is bool ? false : null;
        }

        return left is ScalarValue && right is ScalarValue ? null : ReferenceEquals(left, right);
    }

    private static bool? AreEqual(Value left, Value right)
    {
        switch (left, right)
        {
            case (ConstantValue a, ConstantValue b):
                return NumberOf(a) is { } x && NumberOf(b) is { } y ? x == y : Equals(a.Raw, b.Raw);
            case (SequenceValue { Rest: null } a, SequenceValue { Rest: null } b):
                if (a.Items.Count != b.Items.Count)
                {
                    return false;
                }

                bool? all = true;
                for (var i = 0; i < a.Items.Count && i < 1000; i++)
                {
                    switch (a.Items[i] is SequenceValue ? null : AreEqual(a.Items[i], b.Items[i]))
                    {
                        case false:
                            return false;
                        case null:
                            all = null;
                            break;
                    }
                }

                return all;
            case (SequenceValue, SequenceValue) or (DictValue, DictValue):
                return null;
            case (UnknownValue or ScalarValue or ChoiceValue or TensorValue or GraphTensor, _) or (_, UnknownValue or ScalarValue or ChoiceValue or TensorValue or GraphTensor):
                return left is ScalarValue or TensorValue && right is ConstantValue { Raw: null } ? false : null;
            case (ExternalValue a, ExternalValue b):
                return a.Name == b.Name;
            default:
                return ReferenceEquals(left, right);
        }
    }

    private static bool? Contains(Value container, Value item)
    {
        switch (container)
        {
            case DictValue dict:
                return item is UnknownValue or ScalarValue or ChoiceValue ? null : dict.Find(item) is not null ? true : dict.Rest is null ? false : null;
            case SequenceValue sequence:
                var unknown = sequence.Rest is not null;
                foreach (var element in sequence.Items)
                {
                    switch (AreEqual(element, item))
                    {
                        case true:
                            return true;
                        case null:
                            unknown = true;
                            break;
                    }
                }

                return unknown ? null : false;
            case ConstantValue { Raw: string text } when item is ConstantValue { Raw: string part }:
                return text.Contains(part, StringComparison.Ordinal);
            case ObjectValue { IsModule: true } module when item is ConstantValue { Raw: string name }:
                return module.Children.Exists(c => c.Name == name);
            default:
                return null;
        }
    }

    /// <summary>What an if makes of it; null when that is not known.</summary>
    internal static bool? Truth(Value value) => value switch
    {
        ConstantValue { Raw: var raw } => raw switch { null => false, bool b => b, long i => i != 0, double d => d != 0, string s => s.Length > 0, _ => true },
        SequenceValue s => s.Items.Count > 0 ? true : s.Rest is null ? false : null,
        DictValue d => d.Entries.Count > 0 ? true : d.Rest is null ? false : null,
        FunctionValue or BoundValue or ClassValue or PartialValue => true,
        ObjectValue { Kind: ClassKind.TorchModule } o when o.IsA("ModuleList") || o.IsA("Sequential") || o.IsA("ModuleDict") => o.Children.Count > 0,
        ObjectValue o => o.Class?.Find("__len__") is null && o.Class?.Find("__bool__") is null && o.Doubt is null ? true : null,
        ChoiceValue c when c.Options.All(o => Truth(o) is true) => true,
        ChoiceValue c when c.Options.All(o => Truth(o) is false) => false,
        _ => null,
    };

    private Value Binary(PythonOperator op, Value left, Value right, SourceLocation location)
    {
        if (left is GraphTensor || right is GraphTensor)
        {
            return Derived([.. Tensors(left), .. Tensors(right)], location);
        }

        if (left is TensorValue || right is TensorValue)
        {
            Operation(OperationName(op), CallArguments.Of(left, right), location);
            return TensorValue.Instance;
        }

        switch (left, right)
        {
            case (ConstantValue { Raw: string a }, ConstantValue { Raw: string b }) when op is PythonOperator.Add && a.Length + b.Length < 100_000:
                return new ConstantValue(a + b);
            case (ConstantValue { Raw: string a }, _) when op is PythonOperator.Modulo:
                return Builtins.Percent(a, right);
            case (ConstantValue { Raw: string }, _):
                return ScalarValue.Text;
            case (SequenceValue a, SequenceValue b) when op is PythonOperator.Add && a.Items.Count + b.Items.Count < 1_000_000:
                return new SequenceValue(a.Kind, [.. a.Items, .. b.Items], a.Rest ?? b.Rest);
            case (SequenceValue a, _) when op is PythonOperator.Multiply:
                return Repeat(a, right);
            case (_, SequenceValue b) when op is PythonOperator.Multiply:
                return Repeat(b, left);
            case (SequenceValue a, _) when op is PythonOperator.Add:
                return new SequenceValue(a.Kind, [.. a.Items], a.Rest ?? UnknownValue.Instance);
            case (_, SequenceValue b) when op is PythonOperator.Add && left is UnknownValue:
                return new SequenceValue(b.Kind, [], UnknownValue.Instance);
            case (ExternalValue or ClassValue, _) when op is PythonOperator.BitOr:
                return UnknownValue.Instance; // a type
        }

        if (left is ConstantValue x && right is ConstantValue y && Arithmetic(op, x, y) is { } number)
        {
            return number;
        }

        if (left is ObjectValue { Class: { } type } && Special(op) is { } name && type.Find(name) is { } method)
        {
            return Call(new BoundValue(left, method.Value), CallArguments.Of(right), location);
        }

        return left is ScalarValue or ConstantValue && right is ScalarValue or ConstantValue ? ScalarValue.Number : UnknownValue.Instance;
    }

    private static string? Special(PythonOperator op) => op switch
    {
        PythonOperator.Add => "__add__",
        PythonOperator.Subtract => "__sub__",
        PythonOperator.Multiply => "__mul__",
        PythonOperator.Divide => "__truediv__",
        PythonOperator.MatrixMultiply => "__matmul__",
        _ => null,
    };

    private static string OperationName(PythonOperator op) => op switch
    {
        PythonOperator.Add => "add",
        PythonOperator.Subtract => "sub",
        PythonOperator.Multiply => "mul",
        PythonOperator.Divide => "div",
        PythonOperator.FloorDivide => "floor_divide",
        PythonOperator.Modulo => "remainder",
        PythonOperator.Power => "pow",
        PythonOperator.MatrixMultiply => "matmul",
        PythonOperator.BitAnd => "bitwise_and",
        PythonOperator.BitOr => "bitwise_or",
        PythonOperator.BitXor => "bitwise_xor",
        _ => "shift",
    };

    private static SequenceValue Repeat(SequenceValue sequence, Value times)
    {
        if (times is ConstantValue { Raw: long n } && sequence.Rest is null && n * sequence.Items.Count < 100_000)
        {
            var items = new List<Value>();
            for (var i = 0; i < n; i++)
            {
                items.AddRange(sequence.Items);
            }

            return new(sequence.Kind, items);
        }

        return new(sequence.Kind, [], sequence.Items.Count == 0 ? UnknownValue.Instance : Join(sequence.Items));
    }

    private static ConstantValue? Arithmetic(PythonOperator op, ConstantValue left, ConstantValue right)
    {
        if (left.Raw is bool l && right.Raw is bool r && op is PythonOperator.BitAnd or PythonOperator.BitOr or PythonOperator.BitXor)
        {
            return ConstantValue.Of(op switch { PythonOperator.BitAnd => l & (bool)right.Raw!, PythonOperator.BitOr => (bool)left.Raw! | (bool)right.Raw!, _ => (bool)left.Raw! ^ (bool)right.Raw! });
        }

        var a = left.Raw is bool x ? (x ? 1L : 0L) : left.Raw;
        var b = right.Raw is bool y ? (y ? 1L : 0L) : right.Raw;
        if (a is long i && b is long j)
        {
            try
            {
                switch (op)
                {
                    case PythonOperator.Add:
                        return ConstantValue.Of(checked(i + j));
                    case PythonOperator.Subtract:
                        return ConstantValue.Of(checked(i - j));
                    case PythonOperator.Multiply:
                        return ConstantValue.Of(checked(i * j));
                    case PythonOperator.FloorDivide when j is not (0 or -1):
                        return ConstantValue.Of((long)Math.Floor((decimal)i / j));
                    case PythonOperator.Modulo when j is not (0 or -1):
                        return ConstantValue.Of(((i % j) + j) % j);
                    case PythonOperator.Power when j is >= 0 and < 63 && Math.Pow(Math.Abs((double)i), j) < 1e18:
                        return ConstantValue.Of((long)Math.Round(Math.Pow(i, j)));
                    case PythonOperator.LeftShift when j is >= 0 and < 40 && Math.Abs(i) < 1 << 20:
                        return ConstantValue.Of(i << (int)j);
                    case PythonOperator.RightShift when j is >= 0 and < 63:
                        return ConstantValue.Of(i >> (int)j);
                    case PythonOperator.BitAnd:
                        return ConstantValue.Of(i & j);
                    case PythonOperator.BitOr:
                        return ConstantValue.Of(i | j);
                    case PythonOperator.BitXor:
                        return ConstantValue.Of(i ^ j);
                }
            }
            catch (OverflowException)
            {
                return null;
            }
        }

        if (NumberOf(left) is { } p && NumberOf(right) is { } q)
        {
            return op switch
            {
                PythonOperator.Add => new(p + q),
                PythonOperator.Subtract => new(p - q),
                PythonOperator.Multiply => new(p * q),
                PythonOperator.Divide when q != 0 => new(p / q),
                PythonOperator.FloorDivide when q != 0 => new(Math.Floor(p / q)),
                PythonOperator.Modulo when q != 0 => new(p - q * Math.Floor(p / q)),
                PythonOperator.Power => new(Math.Pow(p, q)),
                _ => null,
            };
        }

        return null;
    }

    /// <summary>The elements of a value, and what further ones would be when their number is not known.</summary>
    internal (IReadOnlyList<Value> Items, Value? More) Iterate(Value value)
    {
        switch (value)
        {
            case SequenceValue s:
                return ([.. s.Items], s.Rest);
            case DictValue d:
                return ([.. d.Entries.Select(e => e.Key)], d.Rest is null ? null : UnknownValue.Instance);
            case ConstantValue { Raw: string text }:
                return ([.. text.Select(c => new ConstantValue(c.ToString()))], null);
            case ObjectValue { Kind: ClassKind.TorchModule } o when o.Class?.Find("__iter__") is null && (o.IsA("Sequential") || o.IsA("ModuleList") || o.IsA("ParameterList")):
                return ([.. o.Children.Select(c => c.Module)], null);
            case ObjectValue { Kind: ClassKind.TorchModule } o when o.IsA("ModuleDict"):
                return ([.. o.Children.Select(c => new ConstantValue(c.Name))], null);
            case ObjectValue { Class.Kind: ClassKind.NamedTuple } o:
                return ([.. o.Class!.Fields.Select(f => o.Attributes.GetValueOrDefault(f, UnknownValue.Instance))], null);
            case ObjectValue { Class: { } type } o when type.Find("__iter__") is { } iterator:
                return Iterate(Call(new BoundValue(o, iterator.Value), new(), null) is var iterated && iterated is SequenceValue ? iterated : UnknownValue.Instance);
            case TensorValue:
                return ([], TensorValue.Instance);
            case GraphTensor:
                return ([], value);
            case ChoiceValue c:
                var parts = c.Options.Where(o => o is not ChoiceValue).Select(Iterate).ToList();
                return ([], Join([.. parts.SelectMany(p => p.Items.Append(p.More)).OfType<Value>()]));
            default:
                return ([], UnknownValue.Instance);
        }
    }

    private Value Item(Value target, Value index, SourceLocation location)
    {
        switch (target)
        {
            case SequenceValue s:
                return SequenceItem(s, index);
            case DictValue d:
                return d.Find(index) ?? (index is ScalarValue or UnknownValue && d.Entries.Count > 0 ? Join([.. d.Entries.Select(e => e.Value), .. d.Rest is null ? Array.Empty<Value>() : [d.Rest]]) : d.Rest ?? UnknownValue.Instance);
            case ConstantValue { Raw: string text } when index is ConstantValue { Raw: long i }:
                i = i < 0 ? i + text.Length : i;
                return i >= 0 && i < text.Length ? new ConstantValue(text[(int)i].ToString()) : UnknownValue.Instance;
            case InputValue input when index is ConstantValue { Raw: string }:
                Recorder?.UsedAsDictionary(input);
                return TensorValue.Instance;
            case TensorValue:
                Operation("getitem", CallArguments.Of(target), location);
                return TensorValue.Instance;
            case GraphTensor t:
                return Derived([t], location);
            case ObjectValue { IsModule: true } module when module.Class?.Find("__getitem__") is null:
                return ModuleItem(module, index);
            case ObjectValue { Class.Kind: ClassKind.NamedTuple } tuple:
                return Item(new SequenceValue(SequenceKind.Tuple, [.. Iterate(tuple).Items]), index, location);
            case ObjectValue { Class: { } type } o when type.Find("__getitem__") is { } method:
                return Call(new BoundValue(o, method.Value), CallArguments.Of(index), location);
            case ClassValue or ExternalValue:
                return target; // a generic type
            case ChoiceValue choice:
                return Join([.. choice.Options.Select(o => o is ChoiceValue ? UnknownValue.Instance : Item(o, index, location))]);
            default:
                return UnknownValue.Instance;
        }
    }

    private static Value SequenceItem(SequenceValue s, Value index)
    {
        switch (index)
        {
            case ConstantValue { Raw: long i }:
                if (i >= 0 && i < s.Items.Count)
                {
                    return s.Items[(int)i];
                }

                if (i < 0 && s.Rest is null && i + s.Items.Count >= 0)
                {
                    return s.Items[(int)(i + s.Items.Count)];
                }

                return s.Rest ?? UnknownValue.Instance;
            case SliceValue slice when s.Rest is null && Bounds(slice, s.Items.Count) is { } bounds:
                return new SequenceValue(s.Kind, [.. bounds.Select(b => s.Items[b])]);
            case SliceValue:
                return new SequenceValue(s.Kind, [], s.Items.Count == 0 ? s.Rest : Join([.. s.Items, .. s.Rest is null ? Array.Empty<Value>() : [s.Rest]]));
            default:
                return s.Items.Count == 0 ? s.Rest ?? UnknownValue.Instance : Join([.. s.Items.Take(64), .. s.Rest is null ? Array.Empty<Value>() : [s.Rest]]);
        }
    }

    /// <summary>The indices that a slice takes, or null when a bound is not known.</summary>
    internal static List<int>? Bounds(SliceValue slice, int count)
    {
        long? Of(Value? value, long missing) => value switch { null or ConstantValue { Raw: null } => missing, ConstantValue { Raw: long i } => i, _ => null };
        if (Of(slice.Step, 1) is not { } step || step == 0)
        {
            return null;
        }

        if (Of(slice.Lower, step > 0 ? 0 : count - 1) is not { } lower || Of(slice.Upper, step > 0 ? count : long.MinValue) is not { } upper)
        {
            return null;
        }

        lower = lower < 0 ? Math.Max(lower + count, step > 0 ? 0 : -1) : Math.Min(lower, step > 0 ? count : count - 1);
        upper = upper == long.MinValue ? -1 : upper < 0 ? Math.Max(upper + count, -1) : Math.Min(upper, count);
        var result = new List<int>();
        for (var i = lower; step > 0 ? i < upper : i > upper; i += step)
        {
            result.Add((int)i);
        }

        return result;
    }
}
