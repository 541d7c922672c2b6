using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Configuration objects that a constructor is handed: nobody says what they hold, but their class says what it sets by default.</content>
internal sealed partial class Evaluator
{
    private readonly Dictionary<ClassValue, ObjectValue?> _usualSettings = [];
    private readonly Dictionary<(ClassValue Settings, string Name), Value?> _lookedUp = [];

    /// <summary>The class of the configuration that a parameter is: by its annotation, or, as transformers has it, by the attribute <c>config_class</c> of the model; null where neither names one.</summary>
    private ClassValue? SettingsClass(FunctionValue f, Parameter p)
    {
        var named = p.Annotation is NameExpression or AttributeExpression ? Evaluate(p.Annotation, f.Closure) : p.Annotation is null && p.Name is "config" ? f.Owner?.Find("config_class")?.Value ?? OnlySettings(f) : null;
        return named is not null && Here(named) is ClassValue { Kind: ClassKind.Plain } type && (type.IsDataClass || type.Find("__init__") is not null) ? type : null;
    }

    /// <summary>Whether the constructor of a class is handed a configuration whose class says what it holds by default.</summary>
    public bool HasSettings(ClassValue type) => SettingsOf(type).Any();

    /// <summary>What whoever builds a class as it is by default gives it: configurations that are made without arguments, too.</summary>
    public CallArguments ByDefault(ClassValue type)
    {
        var given = new CallArguments();
        foreach (var (name, settings) in SettingsOf(type))
        {
            given.Named.Add((name, Call(settings, new(), settings.Place)));
        }

        return given;
    }

    private IEnumerable<(string Name, ClassValue Settings)> SettingsOf(ClassValue type)
    {
        var init = type.Find("__init__")?.Value as FunctionValue;
        for (var i = 1; i < init?.Parameters.Length; i++)
        {
            if (init.Parameters[i].Kind is ParameterKind.Ordinary or ParameterKind.KeywordOnly && init.Defaults[i] is null && SettingsClass(init, init.Parameters[i]) is { } settings)
            {
                yield return (init.Parameters[i].Name, settings);
            }
        }
    }

    /// <summary>The configuration of all models of a file, where that is one class: its layers are handed it, too.</summary>
    private static ClassValue? OnlySettings(FunctionValue f)
    {
        var known = f.Owner?.Kind is not ClassKind.TorchModule ? [] : f.Closure.Module.Scope.Names.Values.OfType<ClassValue>().Where(c => ReferenceEquals(c.Module, f.Closure.Module))
            .Select(c => c.Members.GetValueOrDefault("config_class")).OfType<Value>().Distinct().Take(2).ToList();
        return known is [ClassValue one] ? one : null;
    }

    /// <summary>What an attribute of such a configuration is by default; null where that cannot be told.</summary>
    private Value? Usual(ClassValue settings, string name)
    {
        if (!_usualSettings.TryGetValue(settings, out var usual))
        {
            _usualSettings[settings] = null;
            _usualSettings[settings] = usual = Aside(() => Call(settings, new(), settings.Place)) as ObjectValue;
        }

        return usual is null ? null
            : OwnLookup(usual) is { } lookup ? LookedUp(usual, lookup, settings, name)
            : usual.Attributes.Find(name) is { } set && set.Present() is { Missing: null, Value: { } own } ? own
            : settings.Find(name)?.Value is WrappedMethod { Kind: "property" } property ? Aside(() => Call(new BoundValue(usual, property.Function), new(), settings.Place)) : null;
    }

    /// <summary>By the lookup that its class has in place of Python's.</summary>
    private Value? LookedUp(ObjectValue usual, FunctionValue lookup, ClassValue settings, string name)
    {
        if (!_lookedUp.TryGetValue((settings, name), out var value))
        {
            _lookedUp[(settings, name)] = value = Aside(() => Call(new BoundValue(usual, lookup), CallArguments.Of(ConstantValue.Of(name)), settings.Place));
        }

        return value;
    }

    /// <summary>What code gives that belongs to no way of the running code; null where it raises.</summary>
    private Value? Aside(Func<Value> code)
    {
        var (observer, now, world, caught, open) = (Observer, Now, _world, _caught, OpenParameters);
        (Observer, Now, _world, _caught, OpenParameters) = (null, Conditions.Always, Conditions.Always, null, null);
        Value? result;
        using (_journal.Suspend())
        {
            result = code();
            result = Now.IsNever ? null : result;
        }

        (Observer, Now, _world, _caught, OpenParameters) = (observer, now, world, caught, open);
        return result;
    }

    /// <summary>An attribute of a configuration: unknown, but of the kind of its default. Comparisons of more and less are those of the default number, as of other parameters' defaults; a
    /// dictionary that is empty by default is so: asking whether something is in it is no more than that.</summary>
    private Value? Setting(UnknownValue configuration, string name)
    {
        if (configuration.Settings is not { } type || Usual(type, name) is not { } usual)
        {
            return null;
        }

        if (usual is DictValue { Rest: null } nothing && nothing.Entries.Count == 0)
        {
            var own = new DictValue();
            (configuration.Attributes ??= new(StringComparer.Ordinal))[name] = own; // one and the same, whoever puts something into it
            return own;
        }

        var kind = usual switch
        {
            ConstantValue { Peek: bool } or UnknownValue { Kind: UnknownKind.Boolean } => UnknownKind.Boolean,
            ConstantValue { Peek: long or double } => UnknownKind.Number,
            ConstantValue { Peek: string } => UnknownKind.Text,
            _ => UnknownKind.Any,
        };
        var setting = configuration.Derive("." + name, $"{configuration.Text}.{name}", kind);
        setting.Usual ??= usual is ConstantValue { Peek: long or double } number ? Arithmetic.NumberOf(number) : null;
        setting.Settings ??= usual is ObjectValue { Class: { Kind: ClassKind.Plain } inner } ? inner : null;
        return setting;
    }
}
