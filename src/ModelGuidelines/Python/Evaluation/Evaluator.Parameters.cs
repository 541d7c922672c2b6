using System.Collections.Immutable;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What a call gives to parameters.</content>
internal sealed partial class Evaluator
{
    private void Bind(FunctionValue f, CallArguments arguments, Scope scope, Place place)
    {
        var position = 0;
        var ignoresDefaults = IgnoresDefaults?.Invoke(f) == true;
        var isOpen = ReferenceEquals(OpenParameters, f.Node);
        OpenParameters = isOpen ? null : OpenParameters;
        isOpen |= ReferenceEquals(OpenThroughout, f.Node);
        for (var i = 0; i < f.Parameters.Length; i++)
        {
            var p = f.Parameters[i];
            switch (p.Kind)
            {
                case ParameterKind.VariadicPositional:
                    scope.Names[p.Name] = new SequenceValue(SequenceKind.Tuple, [.. arguments.Positional.Skip(position)], arguments.Rest ?? (isOpen && arguments.Positional.Count <= position ? OpenKeywords(f, p) : null));
                    position = arguments.Positional.Count;
                    continue;
                case ParameterKind.VariadicKeyword:
                    var rest = new DictValue { Rest = arguments.NamedRest ?? (isOpen ? OpenKeywords(f, p) : null) };
                    foreach (var (name, given) in arguments.Named)
                    {
                        if (!IsNamed(f.Parameters, name))
                        {
                            rest.Set(name, given);
                        }
                    }

                    scope.Names[p.Name] = rest;
                    continue;
            }

            Value? value = null;
            if (p.Kind is not ParameterKind.KeywordOnly && position < arguments.Positional.Count)
            {
                value = arguments.Positional[position++];
            }
            else if (p.Kind is not ParameterKind.PositionalOnly && arguments.Find(p.Name) is { } named)
            {
                value = named;
            }
            else if (p.Kind is not ParameterKind.KeywordOnly && arguments.Rest is { } more && !IsOpened(more))
            {
                value = Fresh(more);
            }
            else if (IsOpened(arguments.NamedRest) || IsOpened(arguments.Rest))
            {
                // The constructor of a base gets what its heir's is given beyond its own.
                value = f.Defaults[i] is { } ownDefault ? Opened(ownDefault, f, i) : null;
            }
            else if (arguments.NamedRest is { } others && (others is not UnknownValue { IsFromCaller: true } || OptionalArguments.IsGivenAtTimes(p.Name, f.Defaults[i])))
            {
                value = GivenOr(f.Defaults[i], others, p.Name, place);
            }

            value = value is MissingValue ? null : value;
            if (value is not null && Here(value).Present() is { Missing: { } missing } partly && f.Defaults[i] is { } fallback)
            {
                value = partly.Value is null ? fallback : Choices.Join([(missing.Not(), partly.Value), (missing, fallback)]);
            }

            value ??= f.Defaults[i] is not { } usual || ignoresDefaults ? (isOpen ? Declared(f, i) : (Value?)null) ?? ParameterSymbol(f, i) : isOpen ? Opened(usual, f, i) : usual;
            scope.Names[p.Name] = value;
            if (i == 0 && f.Owner is not null)
            {
                scope.Self = value;
            }

            if (arguments.Traced?.TryGetValue(value, out var level) == true)
            {
                SetTraced(p.Name, level, scope);
            }
        }

        if (ReferenceEquals(TracedForward?.Node, f.Node))
        {
            TraceArguments(f, scope);
        }
    }

    /// <summary>A keyword of which it is not known whether it is given, or its default.</summary>
    private Value GivenOr(Value? usual, Value others, string name, Place place)
    {
        Value Given() => others is UnknownValue u ? u.Derive($"[{name}]", name) : others;
        return usual is null ? Given() : Either(_tests.Ask(others as UnknownValue ?? Unknown(name, "keywords are not known", place), "has " + name, $"{name} is given"), Given, () => usual);
    }

    private static bool IsNamed(ImmutableArray<Parameter> parameters, string name)
    {
        foreach (var p in parameters)
        {
            if (p.Name == name && p.Kind is not (ParameterKind.VariadicPositional or ParameterKind.VariadicKeyword))
            {
                return true;
            }
        }

        return false;
    }

    private readonly HashSet<ClassValue> _declared = [];

    /// <summary>A module of the class that the annotation of a parameter names, or that the function insists on: <c>assert isinstance(vit, ViT)</c>; null where neither does.</summary>
    private ObjectValue? Declared(FunctionValue f, int at)
    {
        var p = f.Parameters[at];
        var named = p.Annotation is NameExpression or AttributeExpression ? p.Annotation
            : (f.Node as FunctionDefinition)?.Body.OfType<AssertStatement>().Select(a => a.Test).OfType<CallExpression>()
                .Where(c => c.Function is NameExpression { Name: "isinstance" } && c.Arguments is [{ Value: NameExpression subject }, _] && subject.Name == p.Name).Select(c => c.Arguments[1].Value).FirstOrDefault(v => v is NameExpression or AttributeExpression);
        if (named is null || Evaluate(named, f.Closure) is not ClassValue { Kind: ClassKind.TorchModule } type || type.Find("forward") is null || !_declared.Add(type))
        {
            return null;
        }

        var (now, world) = (Now, _world);
        var made = Call(type, new(), type.Place) as ObjectValue;
        _declared.Remove(type);
        if (Now.IsNever)
        {
            (Now, _world, made) = (now, world, null);
        }

        return made;
    }

    private readonly Dictionary<(PythonNode, int), UnknownValue> _parameters = [];

    /// <summary>A parameter to which nothing is given: the same symbol each time.</summary>
    private UnknownValue ParameterSymbol(FunctionValue f, int at)
    {
        if (!_parameters.TryGetValue((f.Node, at), out var known))
        {
            var p = f.Parameters[at];
            var kind = p.Annotation is NameExpression { Name: "int" or "float" } ? UnknownKind.Number : p.Annotation is NameExpression { Name: "bool" } || p.Default is ConstantExpression { Value: PythonConstant.True or PythonConstant.False } ? UnknownKind.Boolean : p.Annotation is NameExpression { Name: "str" } || p.Default is StringExpression ? UnknownKind.Text : UnknownKind.Any;
            _parameters[(f.Node, at)] = known = new(p.Name, $"'{p.Name}' is a parameter of '{f.Name}'", new(f.Closure.Module, p.Start), kind)
            {
                Settings = kind is UnknownKind.Any ? SettingsClass(f, p) : null,
                MayBeModule = f is { Name: "__init__", Owner.Kind: ClassKind.TorchModule } && kind is UnknownKind.Any && (p.Annotation is null || !f.Closure.Module.File.TextOf(p.Annotation).Contains("Callable", StringComparison.Ordinal)),
            };
        }

        return known;
    }
}
