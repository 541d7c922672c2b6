using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Shapes;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Operators.</content>
internal sealed partial class Evaluator
{
    private Value Unary(UnaryExpression e, Scope scope)
    {
        var operand = Evaluate(e.Operand, scope);
        if (e.Operator is PythonOperator.Not)
        {
            return operand is GraphTensor ? operand : Tests.AsValue(Test(operand, e.Operand, scope).Not());
        }

        return ForEach(operand, o => Unary(e.Operator, o, new(scope, e)));
    }

    /// <summary>An operator's operands are tensors; of an element of an argument and a number this is not said: it may be a number, too.</summary>
    private void UseTogether(Value left, Value right, Place place)
    {
        static bool IsSure(Value v) => v is TensorValue and not InputValue { Of: not null, IsEntry: false };
        foreach (var (value, other) in new[] { (left, right), (right, left) })
        {
            if (value is InputValue { Of: null } || IsSure(other))
            {
                Use(value, value is InputValue { Of: null } ? InputUse.AsOperand : InputUse.AsTensor, place);
            }
        }
    }

    private Value Unary(PythonOperator op, Value operand, At at)
    {
        switch (operand)
        {
            case ConstantValue { Raw: long i }:
                return ConstantValue.Of(op switch { PythonOperator.Minus => -i, PythonOperator.Invert => ~i, _ => i });
            case ConstantValue { Peek: bool b }:
                return ConstantValue.Of(op switch { PythonOperator.Minus => b ? -1 : 0, PythonOperator.Invert => b ? -2 : -1, _ => b ? 1 : 0 });
            case ConstantValue { Raw: double d }:
                return new ConstantValue(op is PythonOperator.Minus ? -d : d);
            case TensorValue:
                Operation(op is PythonOperator.Minus ? "neg" : op is PythonOperator.Invert ? "bitwise_not" : "positive", CallArguments.Of(operand), at.Place, MayBeNumbers(operand, null, at.Place));
                return new TensorValue { Shape = ((TensorValue)operand).Shape };
            case GraphTensor t:
                return NewGraphTensor(null, [t], at.Place, t.Shape);
            case UnknownValue u:
                return u.Derive("-", "-" + u.Text, u.Kind);
            case ObjectValue { Class: { } type } when type.Find(op is PythonOperator.Minus ? "__neg__" : "__invert__") is { } method:
                return Call(new BoundValue(operand, method.Value), new(), at.Place);
            default:
                return Unknown(TextOf(at.Expression, at.Scope), "what the operator gives is not known", at.Place);
        }
    }

    // Apart: what a lambda takes along is made where its method begins, also where no lambda is reached.
    private Value BinaryOfEach(PythonOperator op, Value left, Value right, At at) => left is ChoiceValue ? ForEach(left, l => Binary(op, l, right, at)) : ForEach(right, r => Binary(op, left, r, at));

    private static SequenceValue CombinedSets(PythonOperator op, SequenceValue a, SequenceValue b, Func<Value, Value, Condition?> equal) => op is PythonOperator.BitOr
        ? new(a.Kind, [.. a.Items, .. b.Items], a.Rest ?? b.Rest)
        : new(a.Kind, [.. a.Items.Where(i => b.Items.Exists(j => equal(i, j)?.IsAlways == true) == (op is PythonOperator.BitAnd))], a.Rest);

    private Value Binary(PythonOperator op, Value left, Value right, At at)
    {
        // x = a | b where one is chosen: each pair that can be.
        if (left is ConstantValue { IsNumber: true } one && right is ConstantValue { IsNumber: true } other)
        {
            return Arithmetic.Compute(op, one, other) ?? Unknown(TextOf(at.Expression, at.Scope), "the number is too large or not defined", at.Place, UnknownKind.Number);
        }

        if (left is ChoiceValue || right is ChoiceValue)
        {
            return BinaryOfEach(op, left, right, at);
        }

        if (op is PythonOperator.Divide && left is ObjectValue { Class: null } path && path.Is("Path"))
        {
            return LibraryMethod(path, path.ExternalType, "__truediv__", CallArguments.Of(right), at.Place);
        }

        if (left is GraphTensor || right is GraphTensor)
        {
            return NewGraphTensor(null, GraphTensors(left).Concat(GraphTensors(right)), at.Place, op is PythonOperator.MatrixMultiply ? KerasShapes.OfProduct(left, right, Here) : KerasShapes.Combined([left, right], Here));
        }

        if (Special(op, left, right, at) is { } special)
        {
            return special;
        }

        if (((Value?)Written(op, left, right, at) ?? Logical(op, left, right)) is { } known)
        {
            return known;
        }

        // A list is repeated: the tensor says how often.
        if ((left is TensorValue || right is TensorValue) && !(op is PythonOperator.Multiply && (left is SequenceValue || right is SequenceValue)))
        {
            UseTogether(left, right, at.Place);
            Operation(OperationName(op), CallArguments.Of(left, right), at.Place, MayBeNumbers(left, right, at.Place));
            return NumberTensors.Compute(OperationName(op), CallArguments.Of(left, right)) ?? new TensorValue { Shape = ShapeRules.OfOperator(OperationName(op), left, right, Here) };
        }

        switch (left, right)
        {
            case (ConstantValue { Peek: string a }, ConstantValue { Peek: string b }) when op is PythonOperator.Add && a.Length + b.Length < MaxMade:
                return Made(a + b);
            case (ConstantValue { Peek: string a }, _) when op is PythonOperator.Modulo:
                return TextFormat.Percent(a, right, (text, parts) => _texts.Get(text, at.Place, parts));
            case (ConstantValue { Peek: string s }, ConstantValue { Raw: long n }) when op is PythonOperator.Multiply && n * s.Length < 10_000:
                return ConstantValue.Of(string.Concat(Enumerable.Repeat(s, (int)Math.Max(0, n))));
            case (ConstantValue { Peek: string a }, UnknownValue u) when op is PythonOperator.Add:
                return _texts.Get($"{a}{{{u.Text}}}", at.Place, [u]);
            case (UnknownValue u, ConstantValue { Peek: string a }) when op is PythonOperator.Add:
                return _texts.Get($"{{{u.Text}}}{a}", at.Place, [u]);
            case (SequenceValue a, SequenceValue b) when op is PythonOperator.Add && a.Items.Count + b.Items.Count < 1_000_000:
                return new SequenceValue(a.Kind, [.. a.Items, .. b.Items], a.Rest ?? b.Rest) { Growth = a.Growth ?? b.Growth };
            case (SequenceValue a, _) when op is PythonOperator.Multiply:
                return Repeat(a, right, at);
            case (_, SequenceValue b) when op is PythonOperator.Multiply:
                return Repeat(b, left, at);
            case (SequenceValue a, UnknownValue u) when op is PythonOperator.Add:
                return new SequenceValue(a.Kind, [.. a.Items], a.Rest ?? u.Derive("[]", u.Text + "[i]"));
            case (UnknownValue u, SequenceValue b) when op is PythonOperator.Add:
                return new SequenceValue(b.Kind, [u.Derive("[0]", u.Text + "[0]"), .. b.Items], b.Rest ?? u.Derive("[]", u.Text + "[i]"));
            case (DictValue a, DictValue b) when op is PythonOperator.BitOr:
                var union = a.Copy();
                Spread(union, b, at.Place);
                return union;
            case (SequenceValue a, SequenceValue b) when op is PythonOperator.Subtract or PythonOperator.BitAnd or PythonOperator.BitOr:
                return CombinedSets(op, a, b, AreEqual);
        }

        if (left is ConstantValue x && right is ConstantValue y)
        {
            return Arithmetic.Compute(op, x, y) ?? Unknown(TextOf(at.Expression, at.Scope), "the number is too large or not defined", at.Place, UnknownKind.Number);
        }

        if (left is UnknownValue || right is UnknownValue)
        {
            var (l, r) = (left as UnknownValue, right as UnknownValue);
            if (l is { MayBeTensor: true } || r is { MayBeTensor: true })
            {
                Operation(OperationName(op), CallArguments.Of(left, right), at.Place, l is { MayBeTensor: true } ? l : r);
            }

            if (SizeOf(op, left, right) is { } size)
            {
                return size;
            }

            var symbol = l ?? r!;
            var name = TextOf(at.Expression, at.Scope);
            var kind = Kinds(left) is UnknownKind.Number && Kinds(right) is UnknownKind.Number ? UnknownKind.Number : Kinds(left) is UnknownKind.Array || Kinds(right) is UnknownKind.Array ? UnknownKind.Array
                : l?.Kind is UnknownKind.Text || r?.Kind is UnknownKind.Text ? UnknownKind.Text : UnknownKind.Any;
            var second = ReferenceEquals(symbol, left) ? right : left;
            var key = second switch { ConstantValue c => Text.Of(c), UnknownValue u => "u" + System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(u).ToString(System.Globalization.CultureInfo.InvariantCulture), _ => null };
            var identity = $"{op}{(ReferenceEquals(symbol, left) ? "" : "r")}{(second as UnknownValue)?.Identity ?? key}";
            var result = key is null ? new UnknownValue(name, symbol.Reason, symbol.Begin, kind) { Remedy = symbol.Remedy, MayBeTensor = symbol.MayBeTensor, IsArgument = symbol.IsArgument }
                : symbol.Derive($"{op}{(ReferenceEquals(symbol, left) ? "" : "r")}{key}", name, kind, l is { MayBeTensor: true } || r is { MayBeTensor: true }, identity);
            result.IsComputed = true;
            result.IsLess |= op is PythonOperator.Subtract or PythonOperator.FloorDivide;
            return result;
        }

        var given = Unknown(TextOf(at.Expression, at.Scope), "what the operator gives is not known", at.Place);
        return (left, right) is (ConstantValue { IsNone: true }, ConstantValue { IsNone: true } or SequenceValue) or (SequenceValue, ConstantValue { IsNone: true }) ? Raised("TypeError", given) : given;
    }

    /// <summary>Multiples of a size and their parts: <c>batch * 64 // 64</c>.</summary>
    private static Value? SizeOf(PythonOperator op, Value left, Value right) => (op, left, right) switch
    {
        (PythonOperator.Multiply, UnknownValue { IsCount: true } u, ConstantValue { Raw: long and > 0 and var n, IsOpen: false }) => Size.Multiple(u, n),
        (PythonOperator.Multiply, ConstantValue { Raw: long and > 0 and var n, IsOpen: false }, UnknownValue { IsCount: true } u) => Size.Multiple(u, n),
        (PythonOperator.FloorDivide, UnknownValue { IsCount: true } u, ConstantValue { Raw: long and > 0 and var n, IsOpen: false }) => Size.Part(u, n),
        _ => null,
    };

    private static UnknownKind Kinds(Value value) => value switch
    {
        UnknownValue u => u.Kind is UnknownKind.Boolean ? UnknownKind.Number : u.Kind,
        ConstantValue { Peek: long or double or bool } => UnknownKind.Number,
        ConstantValue { Peek: string } => UnknownKind.Text,
        _ => UnknownKind.Any,
    };

    private Value? Special(PythonOperator op, Value left, Value right, At at)
    {
        var (name, reflected) = op switch
        {
            PythonOperator.Add => ("__add__", "__radd__"),
            PythonOperator.Subtract => ("__sub__", "__rsub__"),
            PythonOperator.Multiply => ("__mul__", "__rmul__"),
            PythonOperator.Divide => ("__truediv__", "__rtruediv__"),
            PythonOperator.MatrixMultiply => ("__matmul__", "__rmatmul__"),
            PythonOperator.BitOr => ("__or__", "__ror__"),
            _ => ("", ""),
        };
        if (name.Length == 0)
        {
            return null;
        }

        if (left is ObjectValue { Class: { } type } && type.Find(name) is { } method)
        {
            return Call(new BoundValue(left, method.Value), CallArguments.Of(right), at.Place);
        }

        return right is ObjectValue { Class: { } other } && other.Find(reflected) is { } back ? Call(new BoundValue(right, back.Value), CallArguments.Of(left), at.Place) : null;
    }

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

    private Value Repeat(SequenceValue sequence, Value times, At at)
    {
        if (times is ConstantValue { Raw: long n, IsOpen: false })
        {
            n = Math.Max(0, n);
            if (sequence.Items.Count * n <= 100_000)
            {
                return new SequenceValue(sequence.Kind, [.. Enumerable.Repeat(sequence.Items, (int)n).SelectMany(i => i)], n == 0 ? null : sequence.Rest);
            }
        }

        if (sequence.Items.Count == 0 && sequence.Rest is null)
        {
            return sequence;
        }

        var result = new SequenceValue(sequence.Kind, [.. sequence.Items]);
        if (times is UnknownValue u)
        {
            result.Length = u;
            result.Items.AddRange(sequence.Items.Select(i => Sometimes(i, _tests.HoldsMore(u, 1))));
        }
        else
        {
            result.Rest = sequence.Items.FirstOrDefault() ?? sequence.Rest;
        }

        return result;
    }

    private Value Compare(CompareExpression e, Scope scope)
    {
        var left = Evaluate(e.Operands[0], scope);
        if (e.Operators.Length == 1)
        {
            var other = Evaluate(e.Operands[1], scope);
            CheckContains(e, scope);
            return Compare(e.Operators[0], left, other, new(scope, e));
        }

        var all = Conditions.Always;
        for (var i = 0; i < e.Operators.Length; i++)
        {
            var right = Evaluate(e.Operands[i + 1], scope);
            all = all.And(Test(Compare(e.Operators[i], left, right, new(scope, e)), e, scope));
            left = right;
        }

        CheckChain(e, scope);
        return Tests.AsValue(all);
    }

    private Value CompareEach(PythonOperator op, Value left, Value right, At at) => left is ChoiceValue ? ForEach(left, l => Compare(op, l, right, at)) : ForEach(right, r => Compare(op, left, r, at));

    private Value Compare(PythonOperator op, Value left, Value right, At at)
    {
        if (op is PythonOperator.Is or PythonOperator.IsNot)
        {
            var same = IsSame(left, right, at);
            return Tests.AsValue(op is PythonOperator.Is ? same : same.Not());
        }

        if (left is ChoiceValue || right is ChoiceValue)
        {
            return CompareEach(op, left, right, at);
        }

        NoteComparison(op, left, right, at.Place);
        if (op is PythonOperator.In or PythonOperator.NotIn)
        {
            var contains = Contains(right, left, at);
            return Tests.AsValue(op is PythonOperator.In ? contains : contains.Not());
        }

        if (op is PythonOperator.Equal or PythonOperator.NotEqual && (left is TensorValue || right is TensorValue) && (left is ConstantValue { Peek: string or null } || right is ConstantValue { Peek: string or null }))
        {
            return ConstantValue.Of(op is PythonOperator.NotEqual);
        }

        // A list is repeated: the tensor says how often.
        if ((left is TensorValue || right is TensorValue) && !(op is PythonOperator.Multiply && (left is SequenceValue || right is SequenceValue)))
        {
            UseTogether(left, right, at.Place);
            Operation(op switch { PythonOperator.Equal => "eq", PythonOperator.NotEqual => "ne", PythonOperator.Less => "less", PythonOperator.LessEqual => "le", PythonOperator.Greater => "greater", _ => "ge" }, CallArguments.Of(left, right), at.Place, MayBeNumbers(left, right, at.Place));
            return new TensorValue { Shape = ShapeRules.OfOperator("eq", left, right, Here) };
        }

        if (left is GraphTensor || right is GraphTensor)
        {
            return NewGraphTensor(null, GraphTensors(left).Concat(GraphTensors(right)), at.Place);
        }

        if (op is PythonOperator.Equal or PythonOperator.NotEqual)
        {
            var equal = IsSameOfSeveral(left, right, at) ?? AreEqual(left, right) ?? InRound(left, right, at) ?? Ask(left, right, op is PythonOperator.NotEqual ? "" : "eq", at, op is PythonOperator.NotEqual);
            return Tests.AsValue(op is PythonOperator.Equal ? equal : equal.Not());
        }

        if (Arithmetic.NumberOf(left) is { } a && Arithmetic.NumberOf(right) is { } b)
        {
            var (isOpenLeft, isOpenRight) = (left is ConstantValue { IsOpen: true }, right is ConstantValue { IsOpen: true });
            if (!isOpenLeft && !isOpenRight)
            {
                return ConstantValue.Of(op switch { PythonOperator.Less => a < b, PythonOperator.LessEqual => a <= b, PythonOperator.Greater => a > b, _ => a >= b });
            }

            // The later rounds of a loop: at least a.
            if (isOpenLeft && !isOpenRight && (op is PythonOperator.Greater && a > b || op is PythonOperator.GreaterEqual && a >= b))
            {
                return ConstantValue.True;
            }

            if (isOpenLeft && !isOpenRight && (op is PythonOperator.Less && a >= b || op is PythonOperator.LessEqual && a > b))
            {
                return ConstantValue.False;
            }
        }

        return Tests.AsValue(Ordered(op, left, right, at) ?? Ask(left, right, op.ToString(), at, false));
    }

    /// <summary>A comparison as what it asks for: of <c>a not in b</c> the condition is that of <c>a in b</c>, which does not hold.</summary>
    private string Asserted(At at) => at.Expression is CompareExpression { Operators: [(PythonOperator.NotIn or PythonOperator.IsNot) and var op], Operands: [var item, var other] }
        ? $"{TextOf(item, at.Scope)} {(op is PythonOperator.NotIn ? "in" : "is")} {TextOf(other, at.Scope)}" : TextOf(at.Expression, at.Scope);

    /// <summary>An unknown value is compared with a number; null otherwise.</summary>
    private Condition? Ordered(PythonOperator op, Value left, Value right, At at)
    {
        var (symbol, constant, isMirrored) = left is UnknownValue l ? (l, right as ConstantValue, false) : (right as UnknownValue, left as ConstantValue, true);
        if (symbol is null || constant is null or { IsOpen: true } || Arithmetic.NumberOf(constant) is not { } number)
        {
            return null;
        }

        // x < 3 is 'not x >= 3', 3 < x is 'x > 3'.
        var isLess = (op is PythonOperator.Less or PythonOperator.LessEqual) != isMirrored;
        var isStrict = (op is PythonOperator.Less or PythonOperator.Greater) != isLess;
        var more = _tests.IsMore(symbol, number, isStrict, TextOf(at.Expression, at.Scope), isNegated: isLess);
        return isLess ? more.Not() : more;
    }

    /// <summary>A question about an unknown value: the same question is the same atom.</summary>
    private Condition Ask(Value left, Value right, string op, At at, bool isNegated)
    {
        var text = Asserted(at);
        text = isNegated ? text.Replace("!=", "==", StringComparison.Ordinal) : text;
        if (left is UnknownValue first && right is UnknownValue second)
        {
            switch (op)
            {
                case "eq" or "":
                    return _tests.AreEqual(first, second, text);
                case nameof(PythonOperator.Less):
                    return _tests.IsLess(first, second, text, isNegated: false);
                case nameof(PythonOperator.Greater):
                    return _tests.IsLess(second, first, text, isNegated: false);
                case nameof(PythonOperator.GreaterEqual):
                    return _tests.IsLess(first, second, text, isNegated: true).Not();
                case nameof(PythonOperator.LessEqual):
                    return _tests.IsLess(second, first, text, isNegated: true).Not();
            }
        }

        var symbol = left as UnknownValue ?? right as UnknownValue;
        var other = ReferenceEquals(symbol, left) ? right : left;
        var key = other switch { ConstantValue c => Text.Of(c), UnknownValue u => "u" + System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(u).ToString(System.Globalization.CultureInfo.InvariantCulture), ExternalValue e => e.Name, _ => null };
        return symbol is null || key is null ? Conditions.NewAtom(text) : _tests.Ask(symbol, $"{(ReferenceEquals(symbol, left) ? "" : "r")}{op} {key}", text);
    }
}
