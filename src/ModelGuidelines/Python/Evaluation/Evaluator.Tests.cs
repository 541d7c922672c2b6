using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Truth, equality, membership, types.</content>
internal sealed partial class Evaluator
{
    private Condition Test(Value value, Expression expression, Scope scope)
    {
        CheckTruth(expression, value, scope);
        return value is TensorValue and not InputValue ? Conditions.NewAtom(TextOf(expression, scope)) : TestOf(value, "");
    }

    private readonly Dictionary<InputValue, Condition> _inputTruths = new(ReferenceEqualityComparer.Instance);

    /// <summary>An argument of a model is as true when it is asked again as it was before: a flag, most often.</summary>
    private Condition IsTrue(InputValue input) => _inputTruths.TryGetValue(input, out var known) ? known : _inputTruths[input] = Conditions.NewAtom(input.Name);

    /// <summary>The condition under which a value is true.</summary>
    private Condition TestOf(Value value, string text)
    {
        switch (value)
        {
            case ConstantValue c:
                return c.Raw switch { null => false, bool b => b, long i => i != 0, double d => d != 0, string s => s.Length > 0, _ => true } ? Conditions.Always : Conditions.Never;
            case UnknownValue { IsCount: true } u:
                return _tests.IsMore(u, 0, isStrict: true, u.Text);
            case UnknownValue { IsNeverEmpty: true }:
                return Conditions.Always;
            case UnknownValue u:
                return _tests.IsTrue(u);
            case ObjectValue { Doubt: { } doubt }:
                return _tests.IsTrue(doubt);
            case MethodValue { Receiver: UnknownValue { Kind: UnknownKind.Any } of } method:
                // By its name a method, but it is not called: an attribute of any kind.
                return _tests.IsTrue(of.Derive("." + method.Name, $"{of.Text}.{method.Name}"));
            case ChoiceValue choice:
                var result = Conditions.Never;
                foreach (var (when, option) in choice.Options)
                {
                    result = result.Or(when.And(TestOf(option, text)));
                }

                return result;
            case MissingValue:
                return Conditions.Never;
            case SequenceValue { Form: SequenceForm.Iterator }:
                return Conditions.Always;
            case SequenceValue { Growth: { Shrinks: true } growth } s:
                return TestOf(growth.Length(s.Items.Count), text);
            case SequenceValue s:
                return s.Items.Exists(i => Here(i).Present() is { Missing: null, Value: not null }) ? Conditions.Always
                    : s.Rest is not null ? Conditions.NewAtom(text.Length == 0 ? "the list has elements" : text)
                    : s.Items.Aggregate(Conditions.Never, (c, i) => Here(i).Present() is { Missing: { } m } ? c.Or(m.Not()) : c);
            case DictValue d:
                return d.Entries.Exists(e => Here(e.Value).Present() is { Missing: null, Value: not null }) ? Conditions.Always
                    : d.Rest is not null ? Conditions.NewAtom(text.Length == 0 ? "the dictionary has entries" : text)
                    : d.Entries.Aggregate(Conditions.Never, (c, e) => Here(e.Value).Present() is { Missing: { } m } ? c.Or(m.Not()) : c);
            case InputValue input:
                return IsTrue(input);
            case TensorValue or GraphTensor:
                return Conditions.NewAtom(text.Length == 0 ? "a value of a tensor" : text);
            case ObjectValue { IsModule: true, Doubt: null } o when o.IsA("ModuleList") || o.IsA("Sequential") || o.IsA("ModuleDict"):
                return Children(o).Any() ? Conditions.Always : Conditions.Never;
            case ObjectValue { Class: { } type } o when (type.Find("__bool__") ?? type.Find("__len__")) is { } method:
                return TestOf(Call(new BoundValue(o, method.Value), new(), type.Place), text);
            case ObjectValue { Kind: ClassKind.NamedTuple }:
                return Conditions.Always;
            default:
                return Conditions.Always;
        }
    }

    /// <summary>Flags that are put together by bits: <c>after ^ self.normalize_before</c>; null where they are no flags, or both are known.</summary>
    private Value? Logical(PythonOperator op, Value left, Value right)
    {
        Condition? Flag(Value v) => v is UnknownValue { Kind: UnknownKind.Boolean } u ? _tests.IsTrue(u) : v is ConstantValue { Peek: bool b } ? b ? Conditions.Always : Conditions.Never : null;
        return op is PythonOperator.BitXor or PythonOperator.BitAnd or PythonOperator.BitOr && Flag(left) is { } a && Flag(right) is { } b
            ? Tests.AsValue(op is PythonOperator.BitAnd ? a.And(b) : op is PythonOperator.BitOr ? a.Or(b) : a.And(b.Not()).Or(b.And(a.Not()))) : null;
    }

    private Condition IsSame(Value left, Value right, At at)
    {
        left = left is ObjectValue { Doubt: { } l } && right is ConstantValue ? l : left;
        right = right is ObjectValue { Doubt: { } r } && left is ConstantValue or UnknownValue ? r : right;
        if (left is ChoiceValue choice)
        {
            var result = Conditions.Never;
            foreach (var (when, option) in choice.Options)
            {
                result = result.Or(when.And(IsSame(option, right, at)));
            }

            return result;
        }

        if (right is ChoiceValue)
        {
            return IsSame(right, left, at);
        }

        switch (left, right)
        {
            case (UnknownValue u, ConstantValue { IsNone: true }):
                return _tests.IsNone(u);
            case (ConstantValue { IsNone: true }, UnknownValue u):
                return _tests.IsNone(u);
            case (UnknownValue u, ConstantValue { Peek: bool or string or long } c):
                return _tests.Equals(u, c);
            case (ConstantValue a, ConstantValue b):
                return Equals(a.Raw, b.Raw) ? Conditions.Always : Conditions.Never;
            case (ExternalValue x, ExternalValue y):
                return Libraries.Canonical(x.Name) == Libraries.Canonical(y.Name) ? Conditions.Always : Conditions.Never;
            case (UnknownValue a, UnknownValue b) when ReferenceEquals(a, b):
                return Conditions.Always;
            case (UnknownValue, _) or (_, UnknownValue):
                return Ask(left, right, "is", at, false);
            case (MissingValue, _) or (_, MissingValue):
                return Conditions.Never;
            case (InputValue { Of: null }, ConstantValue { IsNone: true }):
                Observer?.Used(left, InputUse.OrNone, at.Place, Now);
                return Conditions.Never;
            default:
                return IsSameOfSeveral(left, right, at) ?? (ReferenceEquals(left, right) ? Conditions.Always : Conditions.Never);
        }
    }

    private const int MaxCompared = 200;
    private uint _compared;

    /// <summary>Lists in lists that are each other's elements twice are few objects and many pairs: each costs a step.</summary>
    private Condition? AreItemsEqual(SequenceValue a, SequenceValue b)
    {
        if (!FreshStack.IsLeft)
        {
            return FreshStack.Run(AreItemsEqual, a, b);
        }

        Step();
        if (!Enter())
        {
            return null;
        }

        try
        {
            var all = Conditions.Always;
            for (var i = 0; i < a.Items.Count && all is not null; i++)
            {
                all = a.Items[i] is ChoiceValue || b.Items[i] is ChoiceValue ? null : AreEqual(a.Items[i], b.Items[i]) is { } equal ? all.And(equal) : null;
            }

            return all;
        }
        finally
        {
            _depth--;
        }
    }

    /// <summary>Sets of texts and numbers, in whatever order they were put in.</summary>
    private Condition? HaveSameElements(SequenceValue a, SequenceValue b) => !a.Items.Concat(b.Items).All(i => i is ConstantValue) ? null
        : a.Items.Select(i => ((ConstantValue)i).Raw).ToHashSet().SetEquals(b.Items.Select(i => ((ConstantValue)i).Raw)) ? Conditions.Always : Conditions.Never;

    /// <summary>The condition under which two values are equal; null when it cannot be told.</summary>
    private Condition? AreEqual(Value left, Value right)
    {
        // A set is a list here: what is put into it is compared with all that it holds.
        if ((++_compared & 15) == 0)
        {
            Step();
        }

        if (ReferenceEquals(left, right) && left is ObjectValue)
        {
            return Conditions.Always;
        }

        // What a library made that is not read may be anything.
        left = left is ObjectValue { Doubt: { } l } ? l : left;
        right = right is ObjectValue { Doubt: { } r } ? r : right;
        switch (left, right)
        {
            case (ConstantValue a, ConstantValue b):
                if (a.IsOpen != b.IsOpen && Arithmetic.NumberOf(a) is { } p && Arithmetic.NumberOf(b) is { } q)
                {
                    return (a.IsOpen ? q < p : p < q) ? Conditions.Never : null;
                }

                return (Arithmetic.NumberOf(a) is { } x && Arithmetic.NumberOf(b) is { } y ? x == y : Equals(a.Raw, b.Raw)) ? Conditions.Always : Conditions.Never;
            case (UnknownValue { IsNeverEmpty: true }, ConstantValue { Peek: "" }):
                return Conditions.Never;
            case (UnknownValue u, ConstantValue c):
                return u.Kind is UnknownKind.Number && c.Raw is string or null || u.Kind is UnknownKind.Text && c.Raw is long or double or bool or null ? Conditions.Never : _tests.Equals(u, c);
            case (ConstantValue, UnknownValue):
                return AreEqual(right, left);
            case (UnknownValue a, UnknownValue b):
                return ReferenceEquals(a.Origin, b.Origin) ? Conditions.Always : null;
            case (SequenceValue { Rest: null } a, SequenceValue { Rest: null } b):
                if (a.Items.Count != b.Items.Count)
                {
                    return a.Items.Concat(b.Items).Any(i => i is ChoiceValue) ? null : Conditions.Never;
                }

                return a.Items.Count > MaxCompared ? null : AreItemsEqual(a, b) is var equal && a.Kind is SequenceKind.Set && b.Kind is SequenceKind.Set && equal is not { IsAlways: true } ? HaveSameElements(a, b) : equal;
            case (UnknownValue, ObjectValue { Class.Kind: ClassKind.Enum }) or (ExternalValue, UnknownValue):
                return AreEqual(right, left);
            case (UnknownValue u, ExternalValue e):
                return _tests.Ask(u, "== " + Libraries.Canonical(e.Name), $"{u.Text} == {e.Name}");
            case (SequenceValue, SequenceValue) or (DictValue, DictValue) or (UnknownValue, _) or (_, UnknownValue) when left is not ObjectValue { Class.Kind: ClassKind.Enum }:
                return null;
            case (TensorValue or GraphTensor, _) or (_, TensorValue or GraphTensor):
                return left is ConstantValue { IsNone: true } || right is ConstantValue { IsNone: true } ? Conditions.Never : null;
            case (ExternalValue a, ExternalValue b):
                return Libraries.Canonical(a.Name) == Libraries.Canonical(b.Name) ? Conditions.Always : Conditions.Never;
            case (ObjectValue { Class.Kind: ClassKind.Enum } a, ObjectValue { Class.Kind: ClassKind.Enum } b) when ReferenceEquals(a.Class, b.Class):
                return ReferenceEquals(a, b) ? Conditions.Always : Conditions.Never;
            case (ObjectValue { Class: { Kind: ClassKind.Enum } type } member, ConstantValue or UnknownValue):
                // A member that is a text or number is equal to it.
                return type.IsData && member.Attributes.Find("value") is { } value ? AreEqual(value, right) : right is ConstantValue ? Conditions.Never : null;
            case (ConstantValue, ObjectValue { Class.Kind: ClassKind.Enum }):
                return AreEqual(right, left);
            case (ObjectValue { Kind: ClassKind.Plain or ClassKind.NamedTuple, Class: not null }, _) or (_, ObjectValue { Kind: ClassKind.Plain or ClassKind.NamedTuple, Class: not null }):
                return ReferenceEquals(left, right) ? Conditions.Always : null;
            default:
                return ReferenceEquals(left, right) ? Conditions.Always : Conditions.Never;
        }
    }

    /// <summary>The condition under which a value is an instance of a type.</summary>
    /// <param name="value">It.</param>
    /// <param name="type">A type, or several.</param>
    /// <param name="written">The test, for people; null where it is not written.</param>
    /// <param name="scope">Where it stands.</param>
    private Condition IsInstance(Value value, Value type, Expression? written, Scope scope)
    {
        Step();
        if (value is ChoiceValue or UnknownValue || type is SequenceValue or ChoiceValue)
        {
            return IsInstanceOfOne(value, type, written, scope);
        }

        if (type is ClassValue wanted && value is not ObjectValue { Doubt: not null } && OwnInstanceCheck(value, wanted, written is null ? wanted.Place : scope.At(written.Start)) is { } own)
        {
            return own;
        }

        // An argument, and its elements, are what its callers give: what the code asks for, some do.
        if (value is InputValue input && type is ClassValue)
        {
            return _tests.Ask(input.Facts(input.Name, scope.At(written?.Start ?? 0)), "isinstance " + NameOf(type), $"isinstance({input.Name}, {NameOf(type)})");
        }

        return IsInstance(value, type) is { } yes ? yes ? Conditions.Always : Conditions.Never : Conditions.NewAtom(written is null ? $"isinstance(..., {NameOf(type)})" : TextOf(written, scope));
    }

    private Condition IsInstanceOfOne(Value value, Value type, Expression? written, Scope scope)
    {
        if (value is ChoiceValue choice)
        {
            return choice.Options.Aggregate(Conditions.Never, (c, o) => c.Or(o.When.And(IsInstance(o.Value, type, written, scope))));
        }

        if (type is SequenceValue types)
        {
            return types.Items.Aggregate(Conditions.Never, (c, t) => c.Or(IsInstance(value, t, written, scope)));
        }

        if (type is ChoiceValue either)
        {
            return either.Options.Aggregate(Conditions.Never, (c, o) => c.Or(o.When.And(IsInstance(value, o.Value, written, scope))));
        }

        var unknown = (UnknownValue)value;
        var typeName = NameOf(type);
        return unknown.Kind is not UnknownKind.Any && type is ExternalValue known && InstanceTypes.Is(unknown.Kind, known.LastPart) is { } sure ? sure ? Conditions.Always : Conditions.Never
            : _tests.Ask(unknown, "isinstance " + typeName, $"isinstance({unknown.Text}, {typeName})");
    }

    private bool? IsInstance(Value value, Value type)
    {
        if (type is ClassValue wanted)
        {
            return value is ObjectValue { Doubt: null } o ? o.Class is null ? false : Derives(o.Class, wanted) : value is ObjectValue ? null : false;
        }

        if (type is not ExternalValue external)
        {
            return null;
        }

        var last = external.LastPart;
        if (value is not ObjectValue instance)
        {
            return InstanceTypes.Is(value, last);
        }

        if (instance.Doubt is not null)
        {
            return null;
        }

        if (last is "Module" or "Layer")
        {
            return instance.IsModule;
        }

        var canonical = Libraries.Canonical(external.Name);
        return (instance.ExternalType is { } t && DerivesFrom(t, canonical)) || (instance.Class is not null && instance.Class.ExternalBases.Any(b => DerivesFrom(b, canonical)))
            || (last is "Callable" && instance.Class?.Find("__call__") is not null) || last is "Hashable" || (instance.Kind is ClassKind.NamedTuple && InstanceTypes.Is(SequenceValue.Tuple(), last) is true);
    }

    /// <summary>Whether a library's class is another or derives from it, as far as the tables say.</summary>
    private bool DerivesFrom(string type, string wanted)
    {
        type = Libraries.Canonical(type);
        for (var depth = 0; depth < 16; depth++)
        {
            if (type == wanted)
            {
                return true;
            }

            if (Libraries.Class(type)?.Base is not { } up)
            {
                break;
            }

            type = Libraries.Canonical(up);
        }

        // nn.BatchNorm2d is a torch.nn.modules.batchnorm._BatchNorm, nn.Conv2d a _ConvNd: by name.
        var (last, want) = (type[(type.LastIndexOf('.') + 1)..], wanted[(wanted.LastIndexOf('.') + 1)..]);
        return last == want || (want is "_ConvNd" && last.StartsWith("Conv", StringComparison.Ordinal)) || (want is "_BatchNorm" or "_NormBase" && last.Contains("BatchNorm", StringComparison.Ordinal));
    }
}
