using System.Collections.Immutable;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Functions, classes, imports.</content>
internal sealed partial class Evaluator
{
    private readonly Dictionary<string, UnknownValue> _installed = new(StringComparer.Ordinal);
    private string? _missingImports;

    private void Define(FunctionDefinition s, Scope scope)
    {
        Value value = new FunctionValue(s.Name, s, s.Parameters, Defaults(s.Parameters, scope), Closure(scope)) { Owner = scope.Class };
        for (var i = s.Decorators.Length - 1; i >= 0; i--)
        {
            value = Decorate(s.Decorators[i], value, s.Name, scope);
        }

        SetName(s.Name, value, scope);
    }

    private Value?[] Defaults(ImmutableArray<Parameter> parameters, Scope scope)
    {
        var result = new Value?[parameters.Length];
        for (var i = 0; i < parameters.Length; i++)
        {
            result[i] = parameters[i].Default is { } d ? Evaluate(d, scope) : null;
        }

        return result;
    }

    /// <summary>Names of a class body are not seen by its methods.</summary>
    private static Scope Closure(Scope scope) => scope.Class is null ? scope : scope.Outer!;

    private Value Decorate(Expression decorator, Value value, string name, Scope scope)
    {
        // @name.setter
        if (decorator is AttributeExpression { Name: "setter" or "getter" or "deleter" } accessor && scope.Names.TryGetValue(name, out var known) && known is WrappedMethod { Kind: "property" } property)
        {
            return accessor.Name is "setter" ? new WrappedMethod("property", property.Function) { Setter = value } : property;
        }

        var function = Evaluate(decorator, scope);
        switch (function)
        {
            case ExternalValue e when Libraries.Row(e.Name) is { Wraps: true }:
                return Call(e, CallArguments.Of(value), scope.At(decorator.Start));
            case ExternalValue { LastPart: "property" or "cached_property" or "abstractproperty" or "lazyproperty" }:
                return new WrappedMethod("property", value);
            case ExternalValue { LastPart: "staticmethod" or "abstractstaticmethod" }:
                return new WrappedMethod("staticmethod", value);
            case ExternalValue { LastPart: "classmethod" or "abstractclassmethod" }:
                return new WrappedMethod("classmethod", value);
            case ExternalValue e when Libraries.Row(e.Name) is null && Libraries.Class(e.Name) is null && value is FunctionValue { Owner: not null } f && !e.Name.StartsWith("builtins.", StringComparison.Ordinal):
                Gap($"what the decorator '{e.LastPart}' makes of '{f.Name}' is not known", scope.At(decorator.Start), Hides.Values, Remedy(e.Name));
                return value;
            case FunctionValue or BoundValue or ClassValue or PartialValue or ObjectValue or MethodValue { Receiver: FunctionValue }:
                var (before, world) = (Now, _world);
                var decorated = Call(function, CallArguments.Of(value), scope.At(decorator.Start));
                if (Now.IsNever && _caught is null)
                {
                    // Then the file could not be imported: the decorator was not understood.
                    (Now, _world) = (before, world);
                    Gap($"the decorator of '{name}' raises on every way that was followed", scope.At(decorator.Start), Hides.Everything, "audit an exported file of the model");
                    return value;
                }

                return decorated is UnknownValue or ConstantValue or MissingValue ? value : decorated;
            default:
                return value; // registration, caching, scripting: the same function behind a library's wrapper
        }
    }

    private void Define(ClassDefinition s, Scope scope)
    {
        var bases = new List<Value>();
        foreach (var argument in s.Arguments.Where(a => a.Name is null && a.Stars == 0))
        {
            var value = Evaluate(argument.Value is SubscriptExpression generic ? generic.Value : argument.Value, scope);
            bases.Add(BaseOf(value, argument.Value, scope));
        }

        var type = new ClassValue(s.Name, bases, s, scope.Module);
        foreach (var member in bases.OfType<ClassValue>().Where(b => b.IsDataClass || b.Kind is ClassKind.NamedTuple))
        {
            type.Fields.AddRange(member.Fields.Where(f => !type.Fields.Contains(f)));
            type.NamedFields.UnionWith(member.NamedFields);
        }

        (type.Kind, type.ExternalBase) = KindOf(type);
        var body = new Scope(scope.Module, scope) { Class = type };
        if (Enter())
        {
            Block(s.Body, body);
            _depth--;
        }

        foreach (var (name, value) in body.Names)
        {
            type.Members[name] = value;
        }

        if (type.HasMoreBases)
        {
            Gap($"'{s.Name}' has more bases than are followed", scope.At(s.Start), Hides.Everything, "audit an exported file of the model");
        }

        _inert.Add(type);
        (type.Kind, type.ExternalBase) = KindOf(type);
        foreach (var (name, held) in body.Names.Where(m => IsDescriptor(m.Value, "__set_name__")))
        {
            Call(Attribute(held, "__set_name__", scope.At(s.Start)), CallArguments.Of(type, ConstantValue.Of(name)), scope.At(s.Start));
        }

        Metaclass(type, s, scope);
        if (type.Find("__init_subclass__", after: type) is { } hook)
        {
            var arguments = Arguments([.. s.Arguments.Where(a => (a.Name is not null && a.Name != "metaclass") || a.Stars == 2)], scope);
            Call(hook.Value is WrappedMethod { Kind: "classmethod" } wrapped ? wrapped.Function : hook.Value, arguments.Prepend(type), scope.At(s.Start));
        }

        Value result = type;
        for (var i = s.Decorators.Length - 1; i >= 0; i--)
        {
            var decorator = s.Decorators[i];
            var called = decorator is CallExpression c ? c.Function : decorator;
            if (Evaluate(called, scope) is ExternalValue { LastPart: "dataclass" or "define" or "attrs" or "frozen" or "dataclass_json" })
            {
                type.IsDataClass = true;
                NameFields(type, decorator is CallExpression { Arguments: var given } && given.FirstOrDefault(a => a.Name == "kw_only") is { } named && Evaluate(named.Value, scope) is ConstantValue { Raw: true });
            }
            else if (Evaluate(decorator, scope) is var f && f is FunctionValue or BoundValue or PartialValue or ObjectValue or MethodValue { Receiver: ClassValue } && Call(f, CallArguments.Of(result), scope.At(decorator.Start)) is ClassValue decorated)
            {
                result = decorated;
            }
        }

        SetName(s.Name, result, scope);
    }

    /// <summary>Which fields of a data class's own are given by name only: all, those behind a field of the type <c>KW_ONLY</c>, and those that say so.</summary>
    private static void NameFields(ClassValue type, bool isNamed)
    {
        foreach (var field in type.Definition.Body.OfType<AnnotatedAssignStatement>().Where(f => f.IsSimple))
        {
            var name = ((NameExpression)field.Target).Name;
            if (field.Annotation is NameExpression { Name: "KW_ONLY" } or AttributeExpression { Name: "KW_ONLY" })
            {
                type.Fields.Remove(name);
                isNamed = true;
            }
            else if ((type.Members.GetValueOrDefault(name) as FieldValue)?.IsNamed ?? isNamed)
            {
                type.NamedFields.Add(name);
            }
            else
            {
                type.NamedFields.Remove(name);
            }
        }
    }

    private Value BaseOf(Value value, Expression written, Scope scope) => Here(value) switch
    {
        ClassValue or ExternalValue => Here(value),
        ChoiceValue choice when choice.Options.Select(o => o.Value).FirstOrDefault(o => o is ClassValue or ExternalValue) is { } first => first,
        NamespaceValue or MissingValue => Unknown(TextOf(written, scope), "the base class cannot be told", scope.At(written.Start)),
        UnknownValue u => u,
        PartialValue p => BaseOf(p.Function, written, scope),
        _ => Unknown(TextOf(written, scope), "the base class cannot be told", scope.At(written.Start)),
    };

    /// <summary>What a class's bases make of its instances, as far as the libraries say.</summary>
    private (ClassKind Kind, string? Base) KindOf(ClassValue type)
    {
        string? first = null;
        foreach (var name in type.ExternalBases)
        {
            first ??= name;
            if (Libraries.Class(name) is { Kind: not ClassKind.Plain } known)
            {
                return (known.Kind, Libraries.Canonical(name));
            }
        }

        // An unknown base: what has a forward, there, is a module.
        var isOther = type.HasUnknownBase || type.ExternalBases.Any(b => !b.StartsWith("builtins.", StringComparison.Ordinal) && Libraries.Class(b) is null && Libraries.Row(b) is not { Function: null });
        return isOther && type.Find("forward")?.Value is FunctionValue or WrappedMethod or ChoiceValue ? (ClassKind.TorchModule, first) : (ClassKind.Plain, first);
    }
}
