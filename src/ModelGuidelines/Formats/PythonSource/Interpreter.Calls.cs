using System.Collections.Immutable;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Formats.PythonSource;

/// <content>Attributes and calls.</content>
internal sealed partial class Interpreter
{
    private Value Attribute(Value target, string name, SourceLocation? location)
    {
        switch (target)
        {
            case ObjectValue o:
                return ObjectAttribute(o, name, location);
            case ClassValue c:
                if (c.Find(name) is { } member)
                {
                    return member.Value is WrappedMethod { Kind: "classmethod" } m ? new BoundValue(c, m.Function) : member.Value is WrappedMethod { Kind: "staticmethod" } s ? s.Function : member.Value;
                }

                return name == "__name__" ? new ConstantValue(c.Name) : c.ExternalBases.FirstOrDefault() is { } external ? new ExternalValue($"{external}.{name}") : UnknownValue.Instance;
            case NamespaceValue n:
                Run(n.Module);
                return n.Module.Scope.Names.GetValueOrDefault(name) ?? Imported($"{n.Module.DottedName}.{name}");
            case ExternalValue e:
                return e.Name == "math" && name is "pi" or "e" or "inf" or "nan" ? new ConstantValue(name switch { "pi" => Math.PI, "e" => Math.E, "inf" => double.PositiveInfinity, _ => double.NaN }) : new ExternalValue($"{e.Name}.{name}");
            case SuperValue super:
                return SuperAttribute(super, name);
            case TensorValue:
                return name switch
                {
                    "shape" => SequenceValue.Open(SequenceKind.Tuple, ScalarValue.Number),
                    "ndim" => ScalarValue.Number,
                    "requires_grad" or "is_cuda" or "is_sparse" or "is_quantized" or "is_nested" => ScalarValue.Boolean,
                    "dtype" or "device" or "layout" => UnknownValue.Instance,
                    "T" or "mT" or "H" or "data" or "grad" or "real" or "imag" => TensorValue.Instance,
                    _ => new MethodValue(target, name),
                };
            case GraphTensor t:
                return name is "shape" ? SequenceValue.Open(SequenceKind.Tuple, ScalarValue.Number) : name is "dtype" or "ndim" or "name" ? UnknownValue.Instance : new MethodValue(t, name);
            case PartialValue p:
                return name switch { "func" => p.Function, _ => UnknownValue.Instance };
            case FunctionValue f when name is "__name__":
                return new ConstantValue(f.Name);
            case ChoiceValue choice:
                return Join([.. choice.Options.Select(o => o is ChoiceValue ? UnknownValue.Instance : Attribute(o, name, location))]);
            case ScalarValue:
                return UnknownValue.Instance;
            default:
                return new MethodValue(target, name);
        }
    }

    private Value ObjectAttribute(ObjectValue o, string name, SourceLocation? location)
    {
        if (o.Attributes.TryGetValue(name, out var value))
        {
            return value;
        }

        if (o.Class?.Find(name) is { } member)
        {
            switch (member.Value)
            {
                case WrappedMethod { Kind: "property" } property:
                    return Call(new BoundValue(o, property.Function), new(), location);
                case WrappedMethod { Kind: "staticmethod" } wrapped:
                    return wrapped.Function;
                case WrappedMethod wrapped:
                    return new BoundValue(o.Class, wrapped.Function);
                case FunctionValue:
                    return new BoundValue(o, member.Value);
                default:
                    return member.Value;
            }
        }

        if (o.Children.Find(c => c.Name == name).Module is { } child)
        {
            return child;
        }

        switch (name)
        {
            case "training":
                return ConstantValue.False; // the guidelines are about inference
            case "__class__":
                return o.Class is not null ? o.Class : o.ExternalType is not null ? new ExternalValue(o.ExternalType) : UnknownValue.Instance;
            case "_modules" when o.IsModule:
                var modules = new DictValue();
                o.Children.ForEach(c => modules.Set(c.Name, c.Module));
                return modules;
        }

        if (o.IsModule && ModuleMethods.Contains(name) && !(name is "add" && o.Kind is ClassKind.TorchModule))
        {
            return new MethodValue(o, name);
        }

        if (o.ConstructedWith?.Find(name) is { } given)
        {
            return given;
        }

        if (o.Kind is ClassKind.TorchModule && o.ExternalType is not null)
        {
            return name is "weight" or "bias" or "running_mean" or "running_var" or "in_proj_weight" or "in_proj_bias" ? TensorValue.Instance : o.Is("FloatFunctional") ? new ExternalValue("torch." + name) : UnknownValue.Instance;
        }

        if (o.Kind is ClassKind.KerasModel && name is "input" or "output" or "inputs" or "outputs")
        {
            return new GraphTensor(null);
        }

        return o.IsModule ? UnknownValue.Instance : new MethodValue(o, name);
    }

    private static Value SuperAttribute(SuperValue super, string name)
    {
        var type = super.Self is ObjectValue o ? o.Class : super.Self as ClassValue;
        if (type?.Find(name, super.Owner) is { } member)
        {
            return member.Value switch
            {
                WrappedMethod { Kind: "staticmethod" } w => w.Function,
                WrappedMethod w => new BoundValue(super.Self, w.Function),
                FunctionValue f => new BoundValue(super.Self, f),
                var other => other,
            };
        }

        return new MethodValue(super, name);
    }

    /// <summary>Where CPython says a call is: the line of a method's name when the call spans lines.</summary>
    private static SourceLocation PlaceOf(CallExpression e, Scope scope) =>
        scope.At(e.Function is AttributeExpression a && scope.Module.File.Text.AsSpan(a.Start, a.End - a.Start).ContainsAny('\r', '\n') ? a.End - a.Name.Length : e.Start);

    private Value Invoke(CallExpression e, Scope scope)
    {
        var function = Evaluate(e.Function, scope);
        var location = PlaceOf(e, scope);
        if (function is ExternalValue { Name: "builtins.super" })
        {
            return Super(e, scope);
        }

        var arguments = new CallArguments();
        foreach (var argument in e.Arguments)
        {
            var value = Evaluate(argument.Value, scope);
            if (argument.Name is not null)
            {
                arguments.Named.Add((argument.Name, value));
            }
            else if (argument.Stars == 0)
            {
                arguments.Positional.Add(value);
            }
            else if (argument.Stars == 1)
            {
                var (items, rest) = Iterate(value);
                arguments.Positional.AddRange(items);
                if (rest is not null)
                {
                    arguments.HasUnknown = true;
                    arguments.Rest = rest;
                }
            }
            else if (value is DictValue dict)
            {
                arguments.Named.AddRange(dict.Entries.Where(d => d.Key is ConstantValue { Raw: string }).Select(d => ((string)((ConstantValue)d.Key).Raw!, d.Value)));
                arguments.HasUnknown |= dict.Rest is not null;
            }
            else
            {
                arguments.HasUnknown = true;
            }
        }

        return function is ExternalValue { Name: "builtins.locals" or "builtins.globals" or "builtins.vars" } ? UnknownValue.Instance : Call(function, arguments, location);
    }

    private Value Super(CallExpression e, Scope scope)
    {
        if (e.Arguments.Length >= 2)
        {
            return Evaluate(e.Arguments[0].Value, scope) is ClassValue named ? new SuperValue(named, Evaluate(e.Arguments[1].Value, scope)) : UnknownValue.Instance;
        }

        for (var s = scope; s is not null; s = s.Outer)
        {
            if (s.Function?.Owner is { } owner && s.Self is not null)
            {
                return new SuperValue(owner, s.Self);
            }
        }

        return UnknownValue.Instance;
    }

    internal Value Call(Value function, CallArguments arguments, SourceLocation? location)
    {
        Step();
        if (!Enter())
        {
            return UnknownValue.Instance;
        }

        var result = CallInner(function, arguments, location);
        _depth--;
        return result;
    }

    private Value CallInner(Value function, CallArguments arguments, SourceLocation? location)
    {
        switch (function)
        {
            case FunctionValue f:
                return CallFunction(f, arguments);
            case BoundValue { Self: ObjectValue { IsModule: true } module, Function: FunctionValue { Name: "__call__" } } when module.Class?.Find("__call__") is null:
                return CallModule(module, arguments, location);
            case BoundValue b:
                return Call(b.Function, arguments.Prepend(b.Self), location);
            case MethodValue m:
                return CallMethod(m, arguments, location);
            case ExternalValue e:
                return CallExternal(e.Name, arguments, location);
            case ClassValue c:
                return Construct(c, arguments, location);
            case ObjectValue { IsModule: true } o:
                return CallModule(o, arguments, location);
            case ObjectValue { Class: { } type } o when type.Find("__call__") is { } method:
                return Call(new BoundValue(o, method.Value), arguments, location);
            case PartialValue p:
                var merged = new CallArguments { HasUnknown = arguments.HasUnknown || p.Arguments.HasUnknown };
                merged.Positional.AddRange([.. p.Arguments.Positional, .. arguments.Positional]);
                merged.Named.AddRange(p.Arguments.Named.Where(n => arguments.Find(n.Name) is null));
                merged.Named.AddRange(arguments.Named);
                return Call(p.Function, merged, location);
            case WrappedMethod w:
                return Call(w.Function, arguments, location);
            case ChoiceValue c:
                var callable = c.Options.Where(o => o is not (ConstantValue or ScalarValue)).ToList();
                var scratch = new Scope(_project.Main, null);
                return callable.Count == 1 ? Call(callable[0], arguments, location)
                    : Either(scratch, [.. callable.Select(o => (Func<Value>)(() => Call(o, arguments, location)))]);
            case GraphTensor:
                return UnknownValue.Instance;
            default:
                if (arguments.All.Any(a => a is TensorValue))
                {
                    Recorder?.UnknownCall(location);
                }

                return arguments.All.SelectMany(Tensors).ToList() is { Count: > 0 } tensors ? Derived(tensors, location) : UnknownValue.Instance;
        }
    }

    private Value CallFunction(FunctionValue f, CallArguments arguments)
    {
        Called?.Add(f);
        var scope = new Scope(f.Closure.Module, f.Closure) { Function = f };
        Bind(f, arguments, scope);
        if (f.Node is LambdaExpression lambda)
        {
            return Evaluate(lambda.Body, scope);
        }

        var definition = (FunctionDefinition)f.Node;
        f.IsGenerator ??= HasYield(definition.Body, 0);
        if (f.IsGenerator is true)
        {
            scope.Yielded = new(SequenceKind.List, []);
        }

        var arms = _arms.Count;
        var flow = Block(definition.Body, 0, scope);
        PopArms(arms);
        if (scope.Yielded is { } yielded)
        {
            return yielded;
        }

        if (flow is Flow.Next && !AlwaysLeaves(scope, definition))
        {
            scope.Returned.Add(ConstantValue.None);
        }

        return scope.Returned.Count == 0 ? flow is Flow.Return ? UnknownValue.Instance : ConstantValue.None : Join(scope.Returned);
    }

    /// <summary>Whether the end of the body is reached only by ways that the interpreter takes for possible and Python does not: a loop of unknown length that returns.</summary>
    private static bool AlwaysLeaves(Scope scope, FunctionDefinition definition) => scope.Returned.Count > 0 && definition.Body[^1] is ReturnStatement or RaiseStatement;

    private static bool HasYield(ImmutableArray<Statement> body, int depth) => depth < 50 && body.Any(s => s switch
    {
        ExpressionStatement { Value: YieldExpression } => true,
        AssignStatement { Value: YieldExpression } => true,
        IfStatement i => i.Clauses.Any(c => HasYield(c.Body, depth + 1)) || HasYield(i.OrElse, depth + 1),
        ForStatement f => HasYield(f.Body, depth + 1),
        WhileStatement w => HasYield(w.Body, depth + 1),
        WithStatement w => HasYield(w.Body, depth + 1),
        TryStatement t => HasYield(t.Body, depth + 1),
        _ => false,
    });

    private static void Bind(FunctionValue f, CallArguments arguments, Scope scope)
    {
        var position = 0;
        var used = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < f.Parameters.Length; i++)
        {
            var p = f.Parameters[i];
            Value value;
            switch (p.Kind)
            {
                case ParameterKind.VariadicPositional:
                    value = new SequenceValue(SequenceKind.Tuple, [.. arguments.Positional.Skip(position)], arguments.Rest);
                    position = arguments.Positional.Count;
                    break;
                case ParameterKind.VariadicKeyword:
                    var rest = new DictValue { Rest = arguments.HasUnknown && arguments.Rest is null ? UnknownValue.Instance : null };
                    foreach (var (name, given) in arguments.Named)
                    {
                        if (!used.Contains(name))
                        {
                            rest.Set(name, given);
                        }
                    }

                    value = rest;
                    break;
                default:
                    if (p.Kind is not ParameterKind.KeywordOnly && position < arguments.Positional.Count)
                    {
                        value = arguments.Positional[position++];
                    }
                    else if (arguments.Find(p.Name) is { } named)
                    {
                        value = named;
                        used.Add(p.Name);
                    }
                    else
                    {
                        // What an unknown spread holds overrides defaults, but seldom does.
                        value = p.Kind is not ParameterKind.KeywordOnly && arguments.Rest is { } spread ? spread : f.Defaults[i] ?? UnknownValue.Instance;
                    }

                    if (i == 0 && scope.Self is null)
                    {
                        scope.Self = value;
                    }

                    break;
            }

            scope.Names[p.Name] = value;
        }
    }

    private Value Construct(ClassValue type, CallArguments arguments, SourceLocation? location)
    {
        if (type.ResolutionOrder.Any(b => b is ExternalValue { LastPart: "Enum" or "IntEnum" or "StrEnum" or "Flag" }))
        {
            return arguments.Positional.FirstOrDefault() ?? UnknownValue.Instance;
        }

        var external = type.ExternalBases.FirstOrDefault(b => Libraries.KindOfClass(b) == type.Kind) ?? type.ExternalBases.FirstOrDefault();
        var result = new ObjectValue(type, external, type.Kind) { Location = location };
        if (type.Kind is ClassKind.NamedTuple || (type.IsDataClass && type.Find("__init__") is null))
        {
            SetFields(result, type, arguments);
            if (type.Find("__post_init__") is { } after)
            {
                Call(new BoundValue(result, after.Value), new(), location);
            }

            return result;
        }

        if (result.IsModule)
        {
            result.LayerName = LiteralName(arguments);
            Created.Add(result);
        }

        var recorder = Recorder;
        Recorder = null;
        if (type.Find("__init__") is { } init)
        {
            Call(new BoundValue(result, init.Value), arguments, location);
        }
        else
        {
            Initialize(result, arguments, location);
        }

        Recorder = recorder;
        return result;
    }

    private static string? LiteralName(CallArguments arguments) => arguments.Find("name") is ConstantValue { Raw: string name } ? name : null;
}
