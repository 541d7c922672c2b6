using System.Collections.Immutable;
using System.Text;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>Where an expression stands, for the texts of conditions and the places of what is recorded.</summary>
internal readonly record struct At(Scope Scope, Expression Expression)
{
    public Place Place => new(Scope.Module, Expression.Start);
}

/// <content>Expressions.</content>
internal sealed partial class Evaluator
{
    private const int MaxText = 90;

    internal Value Evaluate(Expression expression, Scope scope)
    {
        if (!FreshStack.IsLeft)
        {
            return FreshStack.Run(Evaluate, expression, scope);
        }

        Step();
        if (!Enter())
        {
            return TooDeep(expression, scope);
        }

        var value = EvaluateInner(expression, scope);
        if (expression is BinaryExpression or SubscriptExpression or AttributeExpression { Value: not NameExpression })
        {
            MayRaise();
        }

        _depth--;
        Spend(expression, value);
        return value is ChoiceValue or MissingValue ? NotMissing(Here(value), expression, scope) : value;
    }

    private UnknownValue TooDeep(Expression expression, Scope scope)
    {
        Gap("the code is nested deeper than is followed", scope.At(expression.Start), Libraries_Hides);
        return Unknown("a value", "the code is nested deeper than is followed", scope.At(expression.Start));
    }

    private const Python.Libraries.Hides Libraries_Hides = Python.Libraries.Hides.Everything;

    private Value NotMissing(Value value, Expression expression, Scope scope) => value.Present().Value ?? Unknown(TextOf(expression, scope), "it is not set on this way", scope.At(expression.Start));

    private Value EvaluateInner(Expression expression, Scope scope)
    {
        switch (expression)
        {
            case NameExpression e:
                return Name(e, scope);
            case ConstantExpression e:
                return e.Value switch { PythonConstant.None => ConstantValue.None, PythonConstant.True => ConstantValue.True, PythonConstant.False => ConstantValue.False, _ => ConstantValue.Ellipsis };
            case NumberExpression e:
                return e.IsImaginary ? Unknown(e.Text, "complex numbers are not followed", scope.At(e.Start), UnknownKind.Number)
                    : e.TryGetInteger(out var integer) ? ConstantValue.Of(integer) : e.IsInteger ? Unknown(e.Text, "the number is too large", scope.At(e.Start), UnknownKind.Number) : new ConstantValue(e.ToDouble());
            case StringExpression e:
                return e.IsBytes ? Unknown("bytes", "bytes are not followed", scope.At(e.Start)) : new ConstantValue(e.Value);
            case FormattedStringExpression e:
                return Formatted(e, scope);
            case AttributeExpression e:
                return Attribute(Evaluate(e.Value, scope), e.Name, scope.At(e.NameStart(scope.Module.File.Text)), e.Value, scope);
            case SubscriptExpression e:
                var of = Evaluate(e.Value, scope);
                var index = Evaluate(e.Index, scope);
                CheckIndex(e, of, scope);
                return Item(of, index, new At(scope, e));
            case SliceExpression e:
                return Slice(e, scope);
            case CallExpression e:
                return Invoke(e, scope);
            case UnaryExpression e:
                return Unary(e, scope);
            case BinaryExpression e:
                var left = Evaluate(e.Left, scope);
                return Binary(e.Operator, left, Evaluate(e.Right, scope), new(scope, e));
            case BooleanExpression e:
                return Boolean(e, 0, scope);
            case CompareExpression e:
                return Compare(e, scope);
            case ConditionalExpression e:
                return Conditional(e, scope);
            case LambdaExpression e:
                return new FunctionValue("<lambda>", e, e.Parameters, Defaults(e.Parameters, scope), scope.Class is null ? scope : scope.Outer!);
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
                var namedAs = TracedParts(e.Value, scope);
                SetName(e.Target.Name, named, scope);
                Trace(e.Target, namedAs, named, scope);
                return named;
            default:
                Gap("this expression cannot be parsed", scope.At(expression.Start), Libraries_Hides, "correct the syntax");
                return Unknown("an expression", "it cannot be parsed", scope.At(expression.Start));
        }
    }

    /// <summary>The source of an expression on one line, for conditions.</summary>
    private static string TextOf(Expression expression, Scope scope)
    {
        var text = scope.Module.File.TextOf(expression);
        if (text.Length > MaxText)
        {
            return string.Concat(text[..(MaxText - 3)].ToString().ReplaceLineEndings(" "), "...");
        }

        return text.ContainsAny('\r', '\n') ? string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)) : text.ToString();
    }

    /// <summary>One of two values, each followed in a way of its own.</summary>
    private Value Either(Condition test, Func<Value> then, Func<Value> otherwise)
    {
        if (Decide(test) is { } decided)
        {
            return decided ? then() : otherwise();
        }

        Value? a = null, b = null;
        Condition? aLeft = null, bLeft = null;
        Fork(test, () => (a, aLeft) = (then(), Now), () => (b, bLeft) = (otherwise(), Now));
        return aLeft?.IsNever == true ? b! : bLeft?.IsNever == true ? a! : Choices.Join(test, a!, b!);
    }

    private Value Conditional(ConditionalExpression e, Scope scope)
    {
        var test = Test(Evaluate(e.Test, scope), e.Test, scope);
        if (Decide(test) is not { } decided)
        {
            return BothWays(e, test, scope);
        }

        var way = decided ? e.Body : e.OrElse;
        var value = Evaluate(way, scope);
        Level(e, TracedAs(way, scope));
        return value;
    }

    private Value BothWays(ConditionalExpression e, Condition test, Scope scope)
    {
        Traced? level = null;
        Value Way(Expression way)
        {
            var value = Evaluate(way, scope);
            level = Merged(level, TracedAs(way, scope));
            return value;
        }

        var result = Either(test, () => Way(e.Body), () => Way(e.OrElse));
        Level(e, level ?? Traced.No);
        return result;
    }

    private readonly Dictionary<string, string?> _builtins = new(StringComparer.Ordinal);

    /// <summary>The full name of something of Python's own; null for other names. A file names the same few thousands of times.</summary>
    private string? Builtin(string name)
    {
        if (!_builtins.TryGetValue(name, out var known))
        {
            _builtins[name] = known = name is "super" or "locals" or "globals" or "vars" || IsBuiltin(name) ? "builtins." + name : null;
        }

        return known;
    }

    private Value Name(NameExpression e, Scope scope)
    {
        var name = e.Name;
        for (var s = scope; s is not null; s = s.Outer)
        {
            if (s.Names.TryGetValue(name, out var value))
            {
                value = Here(value is ImportedValue or ChoiceValue ? Resolve(value, name, s) : value);
                if (value is not MissingValue)
                {
                    return value;
                }
            }
        }

        if (name == "__class__" && scope.Function?.Owner is { } owner)
        {
            return owner;
        }

        if (FromStar(scope.Module, name) is { } imported)
        {
            return imported;
        }

        if (Builtin(name) is { } builtin)
        {
            return new ExternalValue(builtin);
        }

        return name switch
        {
            "__name__" => ConstantValue.Of(scope.Module.DottedName),
            "__package__" => ConstantValue.Of(scope.Module.PackageName),
            "__file__" => ConstantValue.Of(scope.Module.DisplayName), // from where paths of data are sought
            "__doc__" => Unknown(name, "where the file lies is the machine's", scope.At(e.Start), UnknownKind.Text),
            _ => FileOfPackage(scope.Module, name) ?? Undefined(name, scope, e.Start),
        };
    }

    /// <summary>In the file of a package a name that is not set is one of its files: importing from that file has set it.</summary>
    private NamespaceValue? FileOfPackage(SourceModule module, string name) =>
        Path.GetFileName(module.Path) == "__init__.py" && _project.Find($"{module.DottedName}.{name}", module) is { } file ? new(file) : null;

    private SequenceValue Display(SequenceKind kind, ImmutableArray<Expression> elements, Scope scope)
    {
        var result = new SequenceValue(kind, new(elements.Length));
        foreach (var element in elements)
        {
            if (element is StarredExpression starred)
            {
                CheckElements(starred.Value, scope);
                Extend(result, Evaluate(starred.Value, scope), scope.At(starred.Start));
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
                AssignItem(result, Evaluate(key, scope), value, scope.At(key.Start));
            }
            else
            {
                Spread(result, value, scope.At(e.Start));
            }
        }

        return result;
    }

    private void Spread(DictValue target, Value value, Place place)
    {
        value = Here(value);
        if (value is DictValue dict)
        {
            foreach (var (k, v) in dict.Entries)
            {
                // What is there at times hides what was there before only then.
                target.Set(k, v.Present() is { Missing: { } missing, Value: { } there } && target.Find(k) is { } old ? Choices.Join([(missing, old), (missing.Not(), there)]) : v);
            }

            target.Rest ??= dict.Rest;
        }
        else if (value is ChoiceValue choice)
        {
            foreach (var (when, option) in choice.Options)
            {
                if (option is DictValue d)
                {
                    foreach (var (k, v) in d.Entries)
                    {
                        target.Set(k, Choices.Join([(when, v), (when.Not(), target.Find(k) ?? MissingValue.Instance)]));
                    }

                    target.Rest ??= d.Rest;
                }
                else if (option is InputValue given)
                {
                    Fork(when, () => target.Rest ??= EntriesOf(given, place));
                }
            }
        }
        else if (value is ObjectValue o && AsDictionary(o) is { } held)
        {
            Spread(target, held, place);
        }
        else if (value is UnknownValue u)
        {
            target.Rest ??= u.Derive("[]", u.Text + "[...]");
        }
        else if (value is InputValue input)
        {
            target.Rest ??= EntriesOf(input, place);
        }
    }

    /// <summary>What an object holds that is a dictionary: a ModuleDict its modules.</summary>
    private DictValue? AsDictionary(ObjectValue o)
    {
        if (o.Attributes.Find(Items) is DictValue own)
        {
            return own;
        }

        if (!o.IsA("ModuleDict") || o.Doubt is not null)
        {
            return null;
        }

        var result = new DictValue();
        foreach (var (name, module) in Children(o))
        {
            result.Set(name, module);
        }

        return result;
    }

    /// <summary>What an argument that is spread holds: its caller knows.</summary>
    private UnknownValue EntriesOf(InputValue input, Place place)
    {
        Use(input, InputUse.AsDictionary, place);
        return input.Facts(input.Name, place).Derive("[...]", input.Name + "[...]");
    }

    private Value Boolean(BooleanExpression e, int at, Scope scope)
    {
        var value = Evaluate(e.Values[at], scope);
        if (at == e.Values.Length - 1)
        {
            Level(e, TracedAs(e.Values[at], scope));
            return value;
        }

        var test = Test(value, e.Values[at], scope);
        var goesOn = e.IsAnd ? test : test.Not();
        switch (Decide(goesOn))
        {
            case true:
                return Rest(e, at + 1, scope);
            case false:
                Level(e, TracedAs(e.Values[at], scope));
                return value;
        }

        return BothWays(e, at, value, goesOn, scope);
    }

    private Value BothWays(BooleanExpression e, int at, Value value, Condition goesOn, Scope scope)
    {
        Value? rest = null;
        Fork(goesOn, () => rest = Rest(e, at + 1, scope));
        Level(e, Merged(TracedAs(e.Values[at], scope), _levels.GetValueOrDefault(e)));
        // Of a value whose truth decided, only the truth is kept where it is no more than that.
        return Choices.Join([(goesOn.Not(), value), (goesOn, rest!)]);
    }

    /// <summary>What follows a test stands within it, as the operands of an expression do: it is bounded like those.</summary>
    private Value Rest(BooleanExpression e, int at, Scope scope)
    {
        if (!FreshStack.IsLeft)
        {
            return FreshStack.Run((expression, i) => Rest(expression, i, scope), e, at);
        }

        if (!Enter())
        {
            return TooDeep(e.Values[at], scope);
        }

        var value = Boolean(e, at, scope);
        _depth--;
        return value;
    }
}
