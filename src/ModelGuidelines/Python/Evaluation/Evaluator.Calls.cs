using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Calls of functions and classes of files.</content>
internal sealed partial class Evaluator
{
    /// <summary>After a run that was broken off: what it was in is left.</summary>
    private void Leave(int running)
    {
        while (_runningNow.Count > running)
        {
            _running[_runningNow.Pop().Node]--;
        }
    }

    private Value Invoke(CallExpression e, Scope scope)
    {
        // Where CPython says a call is: the line of a method's name when the call spans lines.
        var place = scope.At(e.Function is AttributeExpression a && scope.Module.File.Text.AsSpan(a.Start, a.End - a.Start).ContainsAny('\r', '\n') ? a.NameStart(scope.Module.File.Text) : e.Start);
        if (e.Function is NameExpression { Name: "super" } && !HasName("super", scope))
        {
            return Super(e, scope);
        }

        var function = Evaluate(e.Function, scope);
        if (function is ExternalValue { Name: "builtins.locals" } && scope.Function is not null && Locals(scope) is { } names)
        {
            return names;
        }

        if (function is ExternalValue { Name: "builtins.locals" or "builtins.globals" } || (function is ExternalValue { Name: "builtins.vars" } && e.Arguments.IsEmpty))
        {
            return NamesOf(function is ExternalValue { Name: "builtins.globals" } ? scope.Module : null, place);
        }

        var arguments = Arguments(e.Arguments, scope);
        if (function is ExternalValue { Name: "builtins.vars" } && arguments.Positional is [ObjectValue or NamespaceValue])
        {
            return AttributeOf(arguments.Positional[0], OwnNamesAttribute, place, null, null);
        }

        if (Now.IsNever)
        {
            return Unknown(TextOf(e, scope), "what it is called with raises", place);
        }

        Spend(function, arguments);
        if (Observer is not null && e.Function is AttributeExpression { Name: "forward" })
        {
            CallsForward(function, scope, place);
        }

        if (function is ExternalValue { Name: var name } && Reflects(name) && Reflect(name[9..], arguments, new(scope, e), place) is { } reflected)
        {
            return reflected;
        }

        var given = Traces ? OfArguments(e, arguments, scope) : Traced.No;
        if (Traces)
        {
            CheckCall(e, function, given, scope);
        }

        _returned = null;
        var isWrapped = Traces && function is FunctionValue named && IsWrapped(named);
        IsTraced = IsTraced && !isWrapped;
        _atYield = _entering is (var call, var block) && ReferenceEquals(call, e) ? block : null;
        var result = Call(function, arguments, place);
        _atYield = null;
        IsTraced = IsTraced || isWrapped;
        if (Traces)
        {
            _levels[e] = isWrapped ? given is Traced.No ? given : Traced.Proxy : OfCall(e, function, given, result, scope);
        }

        return result;
    }

    /// <summary>A module's forward is called by its name, by other code than its own: that is a use of the module, too.</summary>
    private void CallsForward(Value function, Scope scope, Place place)
    {
        var module = (function as BoundValue)?.Self as ObjectValue ?? (function as MethodValue)?.Receiver as ObjectValue;
        if (module is { Kind: ClassKind.TorchModule } && module != Self(scope) && Hears(module))
        {
            Observer!.Direct(module, place, Now, _way);
        }

        static Value? Self(Scope? scope) => scope is null ? null : scope.Self ?? Self(scope.Outer);
    }

    private static bool HasName(string name, Scope scope)
    {
        for (var s = scope; s is not null; s = s.Outer)
        {
            if (s.Names.ContainsKey(name))
            {
                return true;
            }
        }

        return false;
    }

    private Value Super(CallExpression e, Scope scope)
    {
        if (e.Arguments.Length >= 2 && Evaluate(e.Arguments[0].Value, scope) is ClassValue type)
        {
            return new SuperValue(type, Evaluate(e.Arguments[1].Value, scope));
        }

        for (var s = scope; s is not null; s = s.Outer)
        {
            if (s.Function?.Owner is { } owner && s.Self is { } self)
            {
                return new SuperValue(owner, self);
            }
        }

        return Unknown("super()", "the class it stands in cannot be told", scope.At(e.Start));
    }

    private CallArguments Arguments(ImmutableArray<Argument> written, Scope scope)
    {
        var result = new CallArguments(written.Length);
        foreach (var argument in written)
        {
            var value = Evaluate(argument.Value, scope);
            if (argument.Stars == 1)
            {
                Spread(result, value, scope.At(argument.Start));
            }
            else if (argument.Stars == 2)
            {
                SpreadNamed(result, value, scope.At(argument.Start));
            }
            else if (argument.Name is { } name)
            {
                result.SetNamed(name, value);
            }
            else
            {
                result.Positional.Add(value);
            }
        }

        return result;
    }

    private void Spread(CallArguments result, Value value, Place place)
    {
        value = Here(value);
        switch (value)
        {
            case SequenceValue s:
                result.Positional.AddRange(s.Items.Select(Here).Where(i => i is not MissingValue));
                result.Rest ??= s.Rest;
                UseUp(s);
                break;
            case UnknownValue u:
                result.Rest ??= u.Derive("[]", u.Text + "[i]");
                break;
            case TensorValue:
                result.Rest ??= new TensorValue();
                break;
            default:
                result.Positional.AddRange(Iterate(value, place, ""));
                break;
        }
    }

    private void SpreadNamed(CallArguments result, Value value, Place place)
    {
        switch (Here(value) is ObjectValue o && AsDictionary(o) is { } held ? held : Here(value))
        {
            case DictValue d:
                foreach (var (key, entry) in d.Entries)
                {
                    if (key is ConstantValue { Peek: string name } && Here(entry).Present().Value is not null)
                    {
                        result.SetNamed(name, Here(entry));
                    }
                    else if (key is UnknownValue)
                    {
                        result.NamedRest ??= Kept(entry);
                    }
                }

                result.NamedRest ??= d.Rest;
                break;
            case UnknownValue u:
                result.NamedRest ??= u.Derive("[]", u.Text + "[...]");
                break;
            case InputValue input:
                result.NamedRest ??= EntriesOf(input, place);
                break;
            case ChoiceValue choice:
                foreach (var (when, option) in choice.Options)
                {
                    if (option is DictValue d)
                    {
                        foreach (var (key, entry) in d.Entries)
                        {
                            if (key is ConstantValue { Peek: string name })
                            {
                                result.SetNamed(name, Choices.Join([(when, entry), (when.Not(), result.Find(name) ?? MissingValue.Instance)]));
                            }
                        }

                        result.NamedRest ??= d.Rest;
                    }
                }

                break;
        }
    }

    /// <summary>What stands under a key that cannot be told: keywords that whoever builds the class may give stay those where code keeps some of them.</summary>
    private Value? Kept(Value entry) => Here(entry).Present().Value switch
    {
        ChoiceValue c when c.Options.Select(o => o.Value).OfType<UnknownValue>().FirstOrDefault(_openKeywords.ContainsValue) is { } open => open,
        var value => value,
    };

    internal Value Call(Value function, CallArguments arguments, Place place)
    {
        Step();
        function = Here(function);
        if (function is ExternalValue or MethodValue or UnknownValue)
        {
            MayRaise();
        }

        switch (function)
        {
            case ChoiceValue choice:
                return CallEach(choice, arguments, place);
            case FunctionValue f:
                return CallFunction(f, arguments, place);
            case BoundValue { Function: FunctionValue f } bound:
                return CallFunction(f, arguments.Prepend(bound.Self), place);
            case BoundValue bound:
                return Call(bound.Function, arguments.Prepend(bound.Self), place);
            case PartialValue p:
                return Call(p.Function, p.Arguments.Before(arguments), place);
            case ClassValue type:
                return Construct(type, arguments, place);
            case ExternalValue e:
                return CallExternal(e.Name, arguments, place);
            case MethodValue m:
                return CallMethod(m, arguments, place);
            case WrappedMethod w:
                return Call(w.Function, arguments, place);
            case ObjectValue { Kind: ClassKind.TorchModule, Class: { } own } o when own.Find("__call__") is { } around:
                return Call(new BoundValue(o, around.Value), arguments, place);
            case ObjectValue o when o.IsModule:
                return CallModule(o, arguments, place);
            case ObjectValue { Class: { } type } o when type.Find("__call__") is { } method:
                return Call(new BoundValue(o, method.Value), arguments, place);
            case ObjectValue { ExternalType: { } library } o when Libraries.Class(library) is { } known && Libraries.MethodRow(known, "__call__") is { } row:
                return CallRow(row, library, arguments.Prepend(o), place);
            case ObjectValue { Class: { } type } o when IsAutograd(type):
                return Apply(type, arguments, place, o);
            case ObjectValue o:
                return CallUnknown(Unknown(o.TypeName, $"what calling '{o.TypeName}' does is not known", place), arguments, place);
            case UnknownValue u:
                return CallUnknown(u, arguments, place);
            case ConstantValue { IsNone: true } when Observer is null:
                // A function whose argument has no default that it could call is none that builds a model without it.
                Raise();
                return Unknown("a call", "what is called is None", place);
            case TensorValue or ConstantValue or MissingValue:
                return Unknown("a call", "what is called is no function", place);
            case var other:
                return CallUnknown(Unknown("a call", "what is called cannot be told", place), arguments, place, other is SuperValue or NamespaceValue);
        }
    }

    private Value CallEach(ChoiceValue choice, CallArguments arguments, Place place) => ForEach(choice, f => Call(f, arguments, place));

    private Value CallFunction(FunctionValue f, CallArguments arguments, Place place) => f.DispatchedAt is { } at ? Dispatch(f, at, arguments, place) : f.Results is null ? Follow(f, arguments, place) : Remembered(f, f.Results, arguments, place);

    private Value Follow(FunctionValue f, CallArguments arguments, Place place)
    {
        var depth = _running.GetValueOrDefault(f.Node);
        if (Observer is null && (_inert.ResultOf(f, arguments, _caught is not null) ?? (depth > 0 && IsSilentWithin(f, arguments) ? ConstantValue.None : null)) is { } same)
        {
            return same;
        }

        if (depth == 0 && _deepCalls.Count > 0)
        {
            _deepCalls.Remove(f.Node);
        }

        if (depth >= MaxRecursion || (depth >= DeepRecursion && IsDeepTooOften(f.Node)) || !Enter())
        {
            Gap($"'{f.Name}' calls itself more often than is followed", place, Hides.Everything);
            return Unknown(f.Name + "(...)", "it calls itself more often than is followed", place);
        }

        if (depth > 0 && IsToldNoMore(f, arguments, depth))
        {
            _depth--;
            return Unknown(f.Name + "(...)", $"how often '{f.Name}' calls itself cannot be told", place);
        }

        _running[f.Node] = depth + 1;
        _runningNow.Push((f.Node, Now, arguments));
        Called?.Add(f);
        var scope = new Scope(f.Closure.Module, f.Closure, f.Parameters.Length + 2) { Function = f };
        Bind(f, arguments, scope, place);
        Value result;
        if (f.Node is LambdaExpression lambda)
        {
            result = Evaluate(lambda.Body, scope);
            scope.TracedReturn = TracedAs(lambda.Body, scope);
        }
        else
        {
            var definition = (FunctionDefinition)f.Node;
            f.IsGenerator ??= Yields(definition.Body, 0);
            result = f.IsGenerator == true && _atYield is null ? Generator(definition, f, scope, place) : Body(definition, f, scope, place);
        }

        _running[f.Node] = depth;
        _runningNow.Pop();
        _depth--;
        _returned = scope.Yielded is null ? scope.TracedReturn ?? Traced.No : null;
        return result;
    }

    private Value Body(FunctionDefinition definition, FunctionValue f, Scope scope, Place place)
    {
        if (f.IsGenerator == true)
        {
            // A context manager: what it yields to runs within it.
            scope.Yielded = new SequenceValue(SequenceKind.List, []) { Form = SequenceForm.Iterator };
            (scope.AtYield, _atYield) = (_atYield, null);
        }

        var (before, world) = (Now, _world);
        Block(definition.Body, scope);
        var returned = scope.Returned ?? [];
        if (!Now.IsNever)
        {
            returned.Add((Now, ConstantValue.None));
            LastReturn = returned.Count == 1 ? place : LastReturn;
        }

        if (returned.Count == 0)
        {
            if (GoesOnBehindRaises && _depth > 1 && _caught is null)
            {
                (Now, _world) = (before, world);
                if (OnlyRaises(definition))
                {
                    return OfNoRun(f, place); // no run is left unseen: there is none
                }

                Gap($"'{f.Name}' raises on every way that was followed", RaisedAt, Hides.Everything, "audit an exported file of the model, or the model by an entry that builds it as you do");
            }

            return OfNoRun(f, place); // Now is never
        }

        _lastReturned = returned;
        Now = returned.Count == 1 && ReferenceEquals(returned[0].When, before) ? before
            : AfterFork(before, returned.Aggregate(Conditions.Never, (c, r) => c.Or(r.When)), world);
        return scope.Yielded ?? (returned.Count == 1 ? returned[0].Value : Choices.Join(returned));
    }

    private static UnknownValue OfNoRun(FunctionValue f, Place place) => new(f.Name + "(...)", "it raises", place) { IsOfNoRun = true };

    /// <summary>Its whole body is that it raises, whatever it is called with: it is left to subclasses, or nothing for who calls it.</summary>
    private static bool OnlyRaises(FunctionDefinition definition) => definition.Body.SkipWhile(s => s is ExpressionStatement { Value: StringExpression }).ToList() is [RaiseStatement { Exception: not null }];
}
