using System.Collections.Immutable;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>What a symbolic tracer (torch.fx) has where a running model has a value.</summary>
internal enum Traced
{
    /// <summary>The value itself.</summary>
    No,

    /// <summary>A list, tuple or dictionary with some proxies in it.</summary>
    Some,

    /// <summary>One with nothing but proxies in it.</summary>
    All,

    /// <summary>A proxy on some ways, or where the caller does not name the argument as a constant.</summary>
    Perhaps,

    /// <summary>A proxy: it stands for a tensor, for its shape, or for what is computed from them.</summary>
    Proxy,
}

/// <content>What torch.fx would have for each value of a forward pass: it runs forward on proxies, which have no truth, no length, no number and no elements.</content>
/// <remarks>Names are known by what was assigned to them last, values that cross a call by reference; the rest is read off expressions.</remarks>
internal sealed partial class Evaluator
{
    private const int MaxTracedDepth = 64;

    /// <summary>Calls, and expressions of which one part became the value: what that was, when it ran last.</summary>
    private readonly Dictionary<Expression, Traced> _levels = new(ReferenceEqualityComparer.Instance);
    private readonly HashSet<(ObjectValue Holder, string Name)> _tracedAttributes = [];
    private Traced? _returned;

    /// <summary>The forward that a tracer would run: its arguments are proxies. For one call.</summary>
    public FunctionValue? TracedForward { get; set; }

    /// <summary>Set while the forward pass of a PyTorch model is followed.</summary>
    public bool IsTraced { get; set; }

    private bool Traces => IsTraced && Observer is not null;

    private Traced TracedAs(Expression expression, Scope scope, int depth = 0) => !Traces || depth > MaxTracedDepth ? Traced.No : expression switch
    {
        NameExpression e => OfName(e.Name, scope),
        AttributeExpression e => TracedAs(e.Value, scope, depth + 1) is var of and (Traced.Proxy or Traced.Perhaps) ? of : OfAttribute(e, scope),
        SubscriptExpression e => TracedAs(e.Value, scope, depth + 1) switch
        {
            Traced.All => Traced.Proxy,
            Traced.Some => Traced.No,
            Traced.No => TracedAs(e.Index, scope, depth + 1) is Traced.Proxy ? Traced.Proxy : Traced.No,
            var of => of,
        },
        CallExpression or BooleanExpression or ConditionalExpression => _levels.GetValueOrDefault(expression),
        BinaryExpression e => Together(TracedAs(e.Left, scope, depth + 1), TracedAs(e.Right, scope, depth + 1)),
        UnaryExpression e => e.Operator is PythonOperator.Not ? Traced.No : TracedAs(e.Operand, scope, depth + 1),
        CompareExpression e => e.Operators is not [var only] || only is PythonOperator.Is or PythonOperator.IsNot or PythonOperator.In or PythonOperator.NotIn ? Traced.No // asked for each test of a chain
            : Most([.. e.Operands], scope, depth) is var most and >= Traced.Perhaps ? most : Traced.No,
        TupleExpression e => OfElements(e.Elements, scope, depth),
        ListExpression e => OfElements(e.Elements, scope, depth),
        SetExpression e => OfElements(e.Elements, scope, depth),
        DictExpression e => OfElements(e.Values, scope, depth),
        SliceExpression e => Most([e.Lower, e.Upper, e.Step], scope, depth),
        ComprehensionExpression e => TracedAs(e.Clauses[0].Iterable, scope, depth + 1) is Traced.No ? Traced.No : Traced.Some,
        StarredExpression e => TracedAs(e.Value, scope, depth + 1),
        NamedExpression e => TracedAs(e.Value, scope, depth + 1),
        AwaitExpression e => TracedAs(e.Value, scope, depth + 1),
        _ => Traced.No,
    };

    private Traced Most(IEnumerable<Expression?> parts, Scope scope, int depth) => parts.Max(p => p is null ? Traced.No : TracedAs(p, scope, depth + 1));

    private static Traced Together(Traced a, Traced b) => a > b ? a : b;

    /// <summary>Of two ways.</summary>
    private static Traced Merged(Traced? one, Traced other) => one is not { } first || first == other ? other : Together(first, other) is >= Traced.Perhaps ? Traced.Perhaps : Together(first, other);

    private Traced OfElements(ImmutableArray<Expression> elements, Scope scope, int depth)
    {
        var (any, all) = (false, elements.Length > 0);
        foreach (var element in elements)
        {
            var level = TracedAs(element, scope, depth + 1);
            any |= level is not Traced.No;
            all &= level is Traced.Proxy && element is not StarredExpression;
        }

        return all ? Traced.All : any ? Traced.Some : Traced.No;
    }

    private Traced OfName(string name, Scope scope)
    {
        for (var s = scope; s is not null; s = s.Outer)
        {
            if (s.TracedNames is { } known && known.TryGetValue(name, out var level))
            {
                return level;
            }

            if (s.Names.TryGetValue(name, out var value))
            {
                return s.Function is null ? Traced.No : OfValue(Here(value), 0);
            }
        }

        return Traced.No;
    }

    /// <summary>Of what no name or expression tells: tensors that forward is given or computes are proxies.</summary>
    private static Traced OfValue(Value value, int depth) => value switch
    {
        ParameterValue or NumbersValue or NumberTensorValue => Traced.No,
        TensorValue => Traced.Proxy,
        UnknownValue { MayBeTensor: true } => Traced.Perhaps,
        SequenceValue s when depth < 3 => Most([.. s.Made.Take(64), .. s.MadeRest is null ? [] : new[] { s.MadeRest }], depth),
        DictValue d when depth < 3 => Most([.. d.Entries.Take(64).Select(e => e.Value), .. d.Rest is null ? [] : new[] { d.Rest }], depth),
        ChoiceValue c when depth < 3 => c.Options.Max(o => OfValue(o.Value, depth + 1)) is Traced.Proxy && c.Options.Any(o => OfValue(o.Value, depth + 1) is Traced.No) ? Traced.Perhaps : c.Options.Max(o => OfValue(o.Value, depth + 1)),
        _ => Traced.No,
    };

    private static Traced Most(List<Value> values, int depth)
    {
        var levels = values.ConvertAll(v => OfValue(v, depth + 1));
        return levels.Count == 0 || levels.TrueForAll(l => l is Traced.No) ? Traced.No : levels.TrueForAll(l => l is Traced.Proxy) ? Traced.All : Traced.Some;
    }

    /// <summary>Parameters of modules are proxies, buffers are the tensors that they are; what forward keeps on a module is what it is.</summary>
    private Traced OfAttribute(AttributeExpression e, Scope scope)
    {
        var chain = new Stack<string>([e.Name]);
        var at = e.Value;
        while (at is AttributeExpression outer)
        {
            chain.Push(outer.Name);
            at = outer.Value;
        }

        if (at is not NameExpression root || Look(root.Name, scope) is not { } holder)
        {
            return Traced.No;
        }

        while (chain.Count > 1)
        {
            if (holder.Attributes.Find(chain.Pop()) is not { } next || Here(next) is not ObjectValue inner)
            {
                return Traced.No;
            }

            holder = inner;
        }

        var name = chain.Pop();
        return _tracedAttributes.Contains((holder, name)) ? Traced.Proxy
            : holder.Attributes.Find(name) is { } own ? Here(own) is ParameterValue { IsParameter: true } ? Traced.Proxy : Traced.No
            : holder is { IsModule: true, ExternalType: not null } && name is "weight" or "bias" ? Traced.Proxy
            : Traced.No;
    }

    private ObjectValue? Look(string name, Scope scope)
    {
        for (var s = scope; s is not null; s = s.Outer)
        {
            if (s.Names.TryGetValue(name, out var value))
            {
                return Here(value) as ObjectValue;
            }
        }

        return null;
    }

    /// <summary>What is assigned: asked before the assignment, which changes what names are.</summary>
    private (Traced Whole, ImmutableArray<Traced> Parts) TracedParts(Expression value, Scope scope) => !Traces ? (Traced.No, [])
        : (TracedAs(value, scope), value switch { TupleExpression t => [.. t.Elements.Select(p => TracedAs(p, scope))], ListExpression l => [.. l.Elements.Select(p => TracedAs(p, scope))], _ => [] });

    /// <summary>After an assignment: what the names now are.</summary>
    private void Trace(Expression target, (Traced Whole, ImmutableArray<Traced> Parts) of, Value value, Scope scope)
    {
        if (!Traces)
        {
            return;
        }

        switch (target)
        {
            case NameExpression e when of.Whole is Traced.No && value is SequenceValue or DictValue:
                ForgetTraced(e.Name, scope); // what is put into it is seen
                break;
            case NameExpression e:
                SetTraced(e.Name, of.Whole, scope);
                break;
            case AttributeExpression { Value: NameExpression holder } e when Look(holder.Name, scope) is { } o:
                _ = of.Whole >= Traced.Perhaps ? _tracedAttributes.Add((o, e.Name)) : _tracedAttributes.Remove((o, e.Name));
                break;
            case SubscriptExpression e when TracedAs(e.Value, scope) is Traced.Proxy or Traced.Perhaps:
                Untraceable(Untraced.Items, e, scope, true);
                break;
            case TupleExpression e:
                TraceEach(e.Elements);
                break;
            case ListExpression e:
                TraceEach(e.Elements);
                break;
        }

        void TraceEach(ImmutableArray<Expression> targets)
        {
            if (of.Whole is Traced.Proxy && targets.FirstOrDefault(t => t is StarredExpression) is { } star)
            {
                Untraceable(Untraced.Elements, star, scope, true);
            }

            for (var i = 0; i < targets.Length; i++)
            {
                if (of.Parts.Length == targets.Length)
                {
                    Trace(targets[i], (of.Parts[i], []), ConstantValue.None, scope);
                }
                else if (of.Whole is Traced.All or >= Traced.Perhaps)
                {
                    Trace(targets[i] is StarredExpression s ? s.Value : targets[i], (of.Whole is Traced.All ? Traced.Proxy : of.Whole, []), ConstantValue.None, scope);
                }
            }
        }
    }

    private void SetTraced(string name, Traced level, Scope scope)
    {
        scope.TracedNames ??= new(StringComparer.Ordinal);
        scope.TracedNames[name] = !Now.IsAlways && scope.TracedNames.TryGetValue(name, out var before) ? Merged(before, level) : level;
    }

    /// <summary>A name gets a value of which no expression tells what it is.</summary>
    private void ForgetTraced(string name, Scope scope)
    {
        if (scope.TracedNames is { } known && Now.IsAlways)
        {
            known.Remove(name);
        }
    }

    /// <summary>Whatever a caller may leave out is a proxy, too, unless it is named as a constant; *args and **kwargs are one each.</summary>
    private void TraceArguments(FunctionValue f, Scope scope)
    {
        TracedForward = null;
        for (var i = f.Owner is null || scope.Self is null ? 0 : 1; i < f.Parameters.Length; i++)
        {
            var p = f.Parameters[i];
            SetTraced(p.Name, p.Kind is ParameterKind.VariadicPositional or ParameterKind.VariadicKeyword || f.Defaults[i] is null ? Traced.Proxy : Traced.Perhaps, scope);
        }
    }

    private readonly Dictionary<Projects.SourceModule, HashSet<string>> _wrapped = [];

    /// <summary>A function that its file names to <c>torch.fx.wrap</c>: it is recorded as one call and not looked into.</summary>
    private bool IsWrapped(FunctionValue f)
    {
        static bool IsWrap(Expression e) => e is AttributeExpression { Name: "wrap", Value: NameExpression { Name: "fx" } or AttributeExpression { Name: "fx" } };
        var module = f.Closure.Module;
        if (!_wrapped.TryGetValue(module, out var names))
        {
            _wrapped[module] = names = module.File.Statements.OfType<ExpressionStatement>()
                .Select(s => s.Value is CallExpression { Arguments: [{ Value: StringExpression name }] } c && IsWrap(c.Function) ? name.Value : null).OfType<string>().ToHashSet(StringComparer.Ordinal);
        }

        return f.Owner is null && (names.Contains(f.Name) || (f.Node is FunctionDefinition d && d.Decorators.Any(x => IsWrap(x))));
    }

    /// <summary>What a call gives back.</summary>
    private Traced OfCall(CallExpression e, Value function, Traced given, Value result, Scope scope)
    {
        if (function is FunctionValue or BoundValue { Function: FunctionValue } or ObjectValue { Class: not null } && _returned is { } returned)
        {
            return returned;
        }

        if (function is ExternalValue { Name: var name })
        {
            var last = name[(name.LastIndexOf('.') + 1)..];
            return FxCalls.IsPlain(name) ? Traced.No : FxCalls.Collect.Contains(name) ? given is >= Traced.Perhaps ? Traced.No : given
                : given is Traced.No || last.Length == 0 ? Traced.No : given is Traced.Perhaps ? given : Traced.Proxy;
        }

        if (e.Function is AttributeExpression { Value: var self } && TracedAs(self, scope) is var of and not Traced.No)
        {
            return of is Traced.Some or Traced.All ? function is MethodValue { Name: "values" or "items" or "copy" } ? of : result is TensorValue ? Traced.Proxy : Traced.No : of;
        }

        return given is Traced.No || result is ConstantValue { Peek: bool or null or string } or ObjectValue { IsModule: true } ? Traced.No : function is UnknownValue or ChoiceValue ? Traced.Perhaps
            : result is TensorValue or SequenceValue or UnknownValue || function is ObjectValue { IsModule: true } ? Traced.Proxy : Traced.No;
    }

    /// <summary>How proxies reach a function: as arguments, or within them.</summary>
    private Traced OfArguments(CallExpression e, CallArguments arguments, Scope scope)
    {
        var most = Traced.No;
        for (var i = 0; i < e.Arguments.Length; i++)
        {
            var level = TracedAs(e.Arguments[i].Value, scope);
            most = Together(most, level);
            if (level is Traced.Proxy && e.Arguments[i].Stars > 0)
            {
                Untraceable(Untraced.Elements, e.Arguments[i].Value, scope, true);
            }
            else if (level is not Traced.No && e.Arguments[i].Stars == 0)
            {
                var value = e.Arguments[i].Name is { } name ? arguments.Find(name) : i < arguments.Positional.Count ? arguments.Positional[i] : null;
                if (value is UnknownValue or ConstantValue { IsNumber: true } or SequenceValue)
                {
                    (arguments.Traced ??= new(ReferenceEqualityComparer.Instance))[value] = level;
                }
            }
        }

        return most;
    }
}
