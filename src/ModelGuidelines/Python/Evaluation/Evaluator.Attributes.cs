using System.Collections.Immutable;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Shapes;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Attributes.</content>
internal sealed partial class Evaluator
{
    private UnknownValue? _training;

    private UnknownValue TrainingFlag => _training ??= Unknown("self.training", "whether the model trains is not known", default, UnknownKind.Boolean);

    /// <summary>The condition that the model trains.</summary>
    public Condition Training => _tests.IsTrue(TrainingFlag);

    private Value Attribute(Value target, string name, Place place, Expression written, Scope scope) => Plain(target, name, place) ?? AttributeOf(target, name, place, written, scope);

    /// <summary>What is read most: an attribute that an object has on every way, its class's method, a name of a library.</summary>
    private Value? Plain(Value target, string name, Place place)
    {
        switch (target)
        {
            case ExternalValue external:
                return ExternalAttribute(external, name, place);
            case ObjectValue own when OwnLookup(own) is not null:
                return null;
            case ObjectValue { Class: var type } o:
                var found = type?.Find(name)?.Value;
                return o.Attributes.Find(name) is { } set ? (set is ChoiceValue or MissingValue || found is WrappedMethod { Kind: "property" } || IsDescriptor(found, "__set__") ? null : set)
                    : found is FunctionValue method ? new BoundValue(o, method) : null;
            default:
                return null;
        }
    }

    private Value AttributeOfEach(Value target, string name, Place place, Expression? written, Scope? scope) => ForEach(target, t => AttributeOf(t, name, place, written, scope));

    internal Value Attribute(Value target, string name, Place place) => AttributeOf(target, name, place, null, null);

    private Value AttributeOf(Value target, string name, Place place, Expression? written, Scope? scope)
    {
        var text = new AttributeText(name, written, scope);
        switch (target)
        {
            case ChoiceValue:
                return AttributeOfEach(target, name, place, written, scope);
            case NamespaceValue { Module: var names } when name == OwnNamesAttribute:
                return NamesOf(names, place);
            case NamespaceValue file:
                return ModuleName(file.Module, name) ?? (_project.Find($"{file.Module.DottedName}.{name}", file.Module) is { } inner ? new NamespaceValue(inner) : Unknown(text.ToString(), $"'{name}' is not in '{file.Module.DottedName}'", place));
            case ExternalValue external:
                return ExternalAttribute(external, name, place);
            case ClassValue type:
                return ClassAttribute(type, name, place, text);
            case ObjectValue o:
                return OwnLookup(o) is { } lookup ? Call(new BoundValue(o, lookup), CallArguments.Of(ConstantValue.Of(name)), place) : ObjectAttribute(o, name, place, text);
            case SuperValue super:
                return SuperAttribute(super, name, place);
            case SequenceValue s:
                // What torch.max and the like give is a tuple with names.
                return s.Kind is SequenceKind.Tuple && name is "values" or "indices" or "output" && s.Items.Count > 1 ? s.Items[name is "indices" ? 1 : 0] : new MethodValue(s, name);
            case DictValue d:
                return d.Find(name) is { } entry && Libraries.Row("builtins.dict." + name) is null ? entry : new MethodValue(d, name);
            case ConstantValue c:
                return !c.IsNone ? new MethodValue(c, name) : Unknown(text.ToString(), "None has no attributes", place) is var none && name.StartsWith("__", StringComparison.Ordinal) ? none : Raised("AttributeError", none);
            case InputValue input when TensorMethod(name).Row is null && !HasTensorAttribute(name):
                if (name is "keys" or "items" or "values" or "get" or "pop" or "update" or "setdefault")
                {
                    return new MethodValue(input, name);
                }

                Use(input, BuiltinText.IsOnlyOfTexts(name) ? InputUse.AsText : InputUse.AsObject, place);
                return input.Facts(input.Name, place).Derive("." + name, text.ToString(), mayBeTensor: true);
            case TensorValue t:
                Use(t, InputUse.AsTensor, place);
                return TensorAttribute(t, name, written is null || scope is null ? "a tensor" : TextOf(written, scope), place) is { } known ? known : IsTensorOfTensor(name) ? new TensorValue() : (TensorMethod(name).Row is not null ? new MethodValue(t, name) : Symbol(t, name, text.ToString(), "tensors have no such attribute", place));
            case GraphTensor g:
                return name is "shape" or "ndim" && KerasShapes.Written(g, Here) is { } sizes ? name is "shape" ? sizes : ConstantValue.Of((long)sizes.Items.Count)
                    : name is "shape" or "dtype" or "name" or "ndim" ? Symbol(g, name, text.ToString(), "it is known when the model is built", place, name is "shape" or "ndim" ? UnknownKind.Number : UnknownKind.Any) : new MethodValue(g, name);
            case UnknownValue u:
                return UnknownAttribute(u, name, text);
            case BoundValue b:
                return name is "__call__" ? b : name is "__self__" ? b.Self : name is "__func__" ? b.Function : AttributeOf(b.Function, name, place, written, scope);
            case FunctionValue f:
                return FunctionAttribute(f, name, text, place);
            case PartialValue p:
                return name is "func" ? p.Function : name is "args" ? SequenceValue.Tuple([.. p.Arguments.Positional]) : name is "keywords" ? Keywords(p) : Symbol(p, name, text.ToString(), "attributes of functions are not followed", place);
            case MethodValue m when name is "__name__":
                return ConstantValue.Of(m.Name);
            default:
                return Unknown(text.ToString(), "what it is read from cannot be told", place);
        }
    }

    private Value FunctionAttribute(FunctionValue f, string name, AttributeText text, Place place) => f.Attributes?.Find(name) is { } own && Here(own).Present().Value is { } set ? set : name switch
    {
        "__name__" => ConstantValue.Of(f.Name),
        "__call__" => f,
        "__qualname__" => ConstantValue.Of(f.Owner is { } owner ? $"{owner.Name}.{f.Name}" : f.Name),
        "__module__" => ConstantValue.Of(f.Closure.Module.DottedName),
        "register" when f.DispatchedAt is not null => new MethodValue(f, name),
        "__get__" => new PartialValue(new ExternalValue("types.MethodType"), CallArguments.Of(f)),
        "__doc__" => f.Node is FunctionDefinition d ? Documentation(d.Body) : ConstantValue.None,
        _ => Symbol(f, name, text.ToString(), $"'{name}' of the function '{f.Name}' is not set in what is read", place),
    };

    /// <summary>The text that a body begins with.</summary>
    private static ConstantValue Documentation(ImmutableArray<Statement> body) => body is [ExpressionStatement { Value: StringExpression { Value: { } text } }, ..] ? ConstantValue.Of(text) : ConstantValue.None;

    private static DictValue Keywords(PartialValue partial)
    {
        var result = new DictValue { Rest = partial.Arguments.NamedRest };
        partial.Arguments.Named.ForEach(n => result.Set(n.Name, n.Value));
        return result;
    }

    /// <summary>What is read from an object and cannot be told: the same symbol each time.</summary>
    private static UnknownValue Symbol(Value holder, string name, string text, string reason, Place place, UnknownKind kind = UnknownKind.Any, string? remedy = null)
    {
        var symbols = holder.Symbols ??= new(StringComparer.Ordinal);
        if (!symbols.TryGetValue(name, out var known))
        {
            symbols[name] = known = new(text, reason, place, kind) { Remedy = remedy };
        }

        return known;
    }

    private Value ClassAttribute(ClassValue type, string name, Place place, AttributeText text)
    {
        if (type.Find(name) is { } found)
        {
            return found.Value switch
            {
                WrappedMethod { Kind: "staticmethod" } w => w.Function,
                WrappedMethod { Kind: "classmethod" } w => new BoundValue(type, w.Function),
                var value when type.Kind is ClassKind.Enum && value is not (FunctionValue or WrappedMethod) => EnumMember(type, name, value),
                var value => Here(value) is var v && v is MissingValue ? Unknown(text.ToString(), "it is not set on this way", place) : v,
            };
        }

        return name switch
        {
            "__name__" or "__qualname__" => ConstantValue.Of(type.Name),
            "__doc__" => Documentation(type.Definition.Body),
            "__module__" => ConstantValue.Of(type.Module.DottedName),
            "__mro__" or "__bases__" => SequenceValue.Tuple([.. type.ResolutionOrder]),
            "apply" when IsAutograd(type) => new MethodValue(type, name),
            "register" when IsAbstract(type) => new MethodValue(type, name),
            "__new__" => new MethodValue(type, name),
            "__init__" or "forward" or "__call__" or "call" or "build" when type.ExternalBase is { } external => new ExternalValue($"{external}.{name}"),
            _ when type.ExternalBase is { } external && Libraries.Class(external) is { } known && (Libraries.Method(known, name) is not null || Libraries.MethodRow(known, name) is not null) => new ExternalValue($"{external}.{name}"),
            _ => Symbol(type, name, text.ToString(), $"'{type.Name}' has no '{name}' in what is read", place),
        };
    }

    private readonly Dictionary<(ClassValue, string), ObjectValue> _members = [];

    /// <summary>The members of an enumeration, in the order in which they are written.</summary>
    private IEnumerable<ObjectValue> EnumMembers(ClassValue type) => type.Members
        .Where(m => !m.Key.StartsWith('_') && m.Value is not (FunctionValue or WrappedMethod or ClassValue)).Select(m => EnumMember(type, m.Key, Here(m.Value)));

    private ObjectValue EnumMember(ClassValue type, string name, Value value)
    {
        if (!_members.TryGetValue((type, name), out var member))
        {
            _members[(type, name)] = member = new(type, null, ClassKind.Plain);
            member.Attributes.Set("value", value);
            member.Attributes.Set("name", ConstantValue.Of(name));
        }

        return member;
    }

    /// <summary>What a class of a file does for every attribute of its objects, in place of Python: <c>def __getattribute__(self, name)</c>.</summary>
    private static FunctionValue? OwnLookup(ObjectValue o) => o.Class?.Find("__getattribute__")?.Value as FunctionValue;

    private Value ObjectAttribute(ObjectValue o, string name, Place place, AttributeText text)
    {
        if (o.Attributes.TryGet(name, out var own) && (o.Class?.Find(name) is not { Value: WrappedMethod { Kind: "property" } }) && Descriptor(o, name, "__set__") is null)
        {
            var here = Here(own);
            var (there, missing) = here.Present();
            if (there is not null && (missing is null || o.Class?.Find(name) is null))
            {
                return missing is null ? there : here;
            }

            if (there is not null)
            {
                return OwnOrInherited(o, name, place, text, missing!, there);
            }
        }

        return Inherited(o, name, place, text);
    }

    private Value OwnOrInherited(ObjectValue o, string name, Place place, AttributeText text, Condition missing, Value there) => Either(missing, () => Inherited(o, name, place, text), () => there);

    private Value Inherited(ObjectValue o, string name, Place place, AttributeText text)
    {
        if (OfOwnNames(o, name) is { } entry && o.Class?.Find(name) is not { Value: WrappedMethod { Kind: "property" } })
        {
            return entry;
        }

        if (o.Class?.Find(name) is { } found)
        {
            return Bound(found.Value, o, o.Class, place) is { } given ? OrSetByOthers(given, o, name, place) : Unknown(text.ToString(), "it is not set on this way", place);
        }

        switch (name)
        {
            case var _ when o.Class is { Kind: ClassKind.Enum } members && members.IsData && o.Attributes.Find("value") is { } data:
                return AttributeOf(data, name, place, null, null);
            case "_replace" or "_asdict" when o.Kind is ClassKind.NamedTuple && o.Class is not null:
                return new MethodValue(o, name);
            case "_fields" when o.Kind is ClassKind.NamedTuple && o.Class is { } tuple:
                return SequenceValue.Tuple([.. tuple.Fields.Select(f => ConstantValue.Of(f))]);
            case "__class__":
                return o.Class is { } type ? type : o.ExternalType is { } e ? new ExternalValue(e) : Unknown(text.ToString(), "its class cannot be told", place);
            case "__dict__":
                return OwnNames(o, text, place);
            case "training" when o.Kind is ClassKind.TorchModule && Observer is not null && IsInference:
                return ConstantValue.False;
            case "training" when o.Kind is ClassKind.TorchModule:
                return TrainingFlag;
            case "_modules" when o.Kind is ClassKind.TorchModule:
                var modules = new DictValue { AttributesOf = o, HoldsModules = true };
                foreach (var (childName, child) in Children(o))
                {
                    modules.Set(childName, child);
                }

                return modules;
            case "layers" when o.Kind is ClassKind.KerasModel:
                return SequenceValue.List(Children(o).Select(c => c.Module));
        }

        if (o.ExternalType is { } external && Libraries.Class(external) is { } known)
        {
            if (Libraries.Up(known, t => t.Attributes.Any(a => a.Name == name) ? t : null) is { } holder)
            {
                var attribute = holder.Attributes.First(a => a.Name == name);
                return attribute.Is is Returns.Tensor ? ParameterOf(o, name) : attribute.Is is Returns.KerasTensor ? new GraphTensor(null)
                    : Symbol(o, name, text.ToString(), "the library's attribute is not followed", place, attribute.Is switch { Returns.Boolean => UnknownKind.Boolean, Returns.Number or Returns.Numbers => UnknownKind.Number, Returns.Text => UnknownKind.Text, _ => UnknownKind.Any });
            }

            if (name is "forward" or "call" or "__call__" or "__init__" or "__len__" or "__getitem__" or "__setattr__" or "__getattr__" or "_call_impl" || Libraries.Method(known, name) is not null || Libraries.MethodRow(known, name) is not null)
            {
                return new MethodValue(o, name);
            }
        }

        if (o.Attributes.Find(Items) is { } items && AttributeOf(items, name, place, null, null) is MethodValue method)
        {
            return method;
        }

        if (o.Class?.Find("__getattr__") is { Value: FunctionValue get } && name is not "__len__" && !name.StartsWith("__", StringComparison.Ordinal))
        {
            return Call(new BoundValue(o, get), CallArguments.Of(ConstantValue.Of(name)), place);
        }

        var hidden = o.Doubt ?? (IsUnread(o) ? NotRead(o, name) : null);
        if (hidden is null && RaisesWithout(o, name))
        {
            Raise(new ExternalValue("builtins.AttributeError"));
        }

        return Symbol(o, name, text.ToString(), hidden?.Reason ?? $"'{name}' is not set in what is read", place, remedy: hidden?.Remedy);
    }

    private readonly Dictionary<(ObjectValue, string), ParameterValue> _ownParameters = [];

    private ParameterValue ParameterOf(ObjectValue o, string name)
    {
        if (!_ownParameters.TryGetValue((o, name), out var parameter))
        {
            _ownParameters[(o, name)] = parameter = new() { Shape = ModuleShapes.OfParameter(o, name) };
        }

        return parameter;
    }

    private Value SuperAttribute(SuperValue super, string name, Place place)
    {
        var type = super.Self is ObjectValue { Class: { } c } ? c : super.Self as ClassValue;

        // A library's class that stands before the next class of a file has a constructor of its own.
        var isLibrarys = name == "__init__" && type is not null && type.ResolutionOrder.SkipWhile(b => b != super.Owner).Skip(1)
            .FirstOrDefault(b => (b is ClassValue c && c.Members.ContainsKey(name)) || (b is ExternalValue e && Libraries.Class(e.Name) is { IsAbstract: false, Kind: ClassKind.TorchModule })) is ExternalValue;
        if (!isLibrarys && type?.Find(name, super.Owner) is { } found)
        {
            return name is "__new__" && found.Value is FunctionValue ? found.Value : Bound(found.Value, super.Self, type, place) ?? Unknown(name, "it is not set on this way", place);
        }

        return new MethodValue(super, name);
    }

    /// <summary>What a member of a class is for an object of it: a method has the object as its first argument, be it one of several, one a way
    /// (<c>if FUSED: return method</c> in a decorator). Null where it is not set on this way.</summary>
    private Value? Bound(Value member, Value self, ClassValue type, Place place) => member switch
    {
        FunctionValue f => new BoundValue(self, f),
        WrappedMethod { Kind: "property" } w => Call(new BoundValue(self, w.Function), new(), place),
        WrappedMethod { Kind: "staticmethod" } w => w.Function,
        WrappedMethod { Kind: "classmethod" } w => new BoundValue(type, w.Function),
        WrappedMethod { Kind: "partialmethod", Function: PartialValue p } => new PartialValue(new BoundValue(self, p.Function), p.Arguments),
        MissingValue => null,
        ObjectValue descriptor when IsDescriptor(descriptor, "__get__") => Call(Attribute(descriptor, "__get__", place), CallArguments.Of(self, type), place),
        ChoiceValue choice => Here(choice) switch
        {
            ChoiceValue several when several.Options.Any(o => o.Value is FunctionValue or WrappedMethod) => ForEach(several, m => Bound(m, self, type, place)!),
            ChoiceValue several => several,
            var one => Bound(one, self, type, place),
        },
        _ => member,
    };

    /// <summary>What a class holds that takes or gives an attribute of its objects.</summary>
    private static ObjectValue? Descriptor(ObjectValue o, string name, string does) => o.Class?.Find(name) is { Value: ObjectValue held } && IsDescriptor(held, does) ? held : null;

    private static bool IsDescriptor(Value? member, string does) => member is ObjectValue { Class: { } type } && type.Find(does) is not null;

    private bool HasTensorAttribute(string name) => Libraries.Class("torch.Tensor")?.Attributes.Any(a => a.Name == name) == true;

    /// <summary>A method of tensors, with its full name; of a model that is no module of PyTorch's also one of TensorFlow's ragged tensors.</summary>
    private (LibraryRow? Row, string Name) TensorMethod(string name) => Libraries.Row("torch.Tensor." + name) is { } row ? (row, "torch.Tensor." + name)
        : TensorFlow.VariableMethods.Contains(name) ? (Libraries.Row("tensorflow.Variable." + name), "tensorflow.Variable." + name)
        : IsTraced || !TensorFlow.RaggedMethods.Contains(name) ? default : (Libraries.Row("tensorflow.RaggedTensor." + name), "tensorflow.RaggedTensor." + name);

    private bool IsTensorOfTensor(string name) => Libraries.Class("torch.Tensor")?.Attributes.Any(a => a.Name == name && a.Is is Returns.Tensor) == true;

    private Value? TensorAttribute(TensorValue t, string name, string text, Place place)
    {
        if (name is "shape" or "ndim" && new ShapeCall(new(), Here).ShapeOf(t) is { } shape)
        {
            return name is "ndim" ? ConstantValue.Of((long)shape.Rank) : SequenceValue.Tuple([.. shape.Sizes]);
        }

        if (name is "T" or "mT" && t.Shape is { } whole)
        {
            return new TensorValue { Shape = ShapeRules.Turned(whole, name) };
        }

        if (Libraries.Class("torch.Tensor")?.Attributes.FirstOrDefault(a => a.Name == name) is not { Name: not null } attribute)
        {
            return null;
        }

        if (attribute.Is is Returns.Tensor)
        {
            return null;
        }

        var fact = t.Facts(text, place).Derive("." + name, $"{text}.{name}", attribute.Is switch { Returns.Number or Returns.Numbers => UnknownKind.Number, Returns.Boolean => UnknownKind.Boolean, _ => UnknownKind.Any }, false);
        fact.InstanceOf = InstanceTypes.OfTensors(name);
        return fact;
    }

    private Value UnknownAttribute(UnknownValue u, string name, AttributeText text)
    {
        if (u.Attributes?.TryGetValue(name, out var set) == true)
        {
            return Here(set);
        }

        if (Setting(u, name) is { } setting)
        {
            return setting;
        }

        var isMethod = u.Kind switch
        {
            UnknownKind.Text => Libraries.Row("builtins.str." + name) is not null,
            UnknownKind.Array => Libraries.Row("numpy.ndarray." + name) is not null && name is not ("T" or "shape" or "dtype" or "ndim"),
            _ => BuiltinText.IsOnlyOfTexts(name) || (u.MayBeTensor && Libraries.Row("torch.Tensor." + name) is not null),
        };
        return isMethod ? new MethodValue(u, name)
            : u.Derive("." + name, $"{u.Text}.{name}", u.Kind is UnknownKind.Array ? name is "shape" or "ndim" or "size" ? UnknownKind.Number : UnknownKind.Array : UnknownKind.Any, u.MayBeTensor && name is not ("shape" or "dtype" or "device" or "ndim"));
    }
}
