using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Shapes;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Methods that libraries and Python's own types define.</content>
internal sealed partial class Evaluator
{
    private Value CallMethod(MethodValue m, CallArguments arguments, Place place)
    {
        switch (m.Receiver)
        {
            case ClassValue or SuperValue when m.Name == "__new__":
                return Allocate(arguments, place);
            case ClassValue function when m.Name == "apply":
                return Apply(function, arguments, place);
            case ObjectValue { Kind: ClassKind.NamedTuple } tuple when m.Name == "_replace":
                var copy = new ObjectValue(tuple.Class, tuple.ExternalType, tuple.Kind) { Place = place };
                foreach (var (name, value) in tuple.Attributes.All)
                {
                    copy.Attributes.Set(name, arguments.Find(name) ?? value);
                }

                return copy;
            case ObjectValue { Kind: ClassKind.NamedTuple, Class: { } type } tuple when m.Name == "_asdict":
                var fields = new DictValue();
                foreach (var field in type.Fields)
                {
                    fields.Set(field, tuple.Attributes.Find(field) ?? Unknown(field, "the field is not set", place));
                }

                return fields;
            case ObjectValue list when m.Name == "__iter__":
                return SequenceValue.List(OwnElements(list, place));
            case SuperValue { Self: ObjectValue list } when m.Name == "__iter__":
                return SequenceValue.List(OwnElements(list, place));
            case ObjectValue o:
                return LibraryMethod(o, o.ExternalType, m.Name, arguments, place);
            case SuperValue { Self: ObjectValue self }:
                if (m.Name == "__init__" && self.Class is { } own && own.ResolutionOrder.OfType<ClassValue>().FirstOrDefault(c => c.IsDataClass) is { } data && !own.IsDataClass)
                {
                    SetFields(self, data, arguments, place);
                    return ConstantValue.None;
                }

                return LibraryMethod(self, self.ExternalType, m.Name, arguments, place);
            case SuperValue { Self: ClassValue wanted } when m.Name == "__instancecheck__" && arguments.Positional is [var asked]:
                return IsInstance(Here(asked), wanted) is { } isInstance ? ConstantValue.Of(isInstance) : Unknown("isinstance(...)", "its class cannot be told", place, UnknownKind.Boolean);
            case ClassValue type when m.Name == "register":
                return RegisterInstances(type, arguments);
            case FunctionValue f when m.Name == "register":
                return Register(f, arguments);
            case SequenceValue { Form: SequenceForm.Iterator } iterator when m.Name is "send" or "__next__":
                _sent = m.Name is "send" ? arguments.Positional.FirstOrDefault() : null;
                var next = CallExternal("builtins.next", CallArguments.Of(iterator), place);
                _sent = null;
                return next;
            case SequenceValue { Form: SequenceForm.Iterator } iterator when m.Name == "close":
                Close(iterator);
                return ConstantValue.None;
            case SequenceValue s:
                return TypeMethod(s.Kind switch { SequenceKind.List => "list", SequenceKind.Tuple => "tuple", _ => "set" }, m, arguments, place);
            case DictValue { AttributesOf: not null } names:
                var others = names.Rest;
                var given = TypeMethod("dict", m, arguments, place);
                WriteBack(names, others);
                return given;
            case DictValue:
                return TypeMethod("dict", m, arguments, place);
            case ConstantValue { Peek: string } or UnknownValue { Kind: UnknownKind.Text }:
            case UnknownValue { Kind: UnknownKind.Any } when BuiltinText.IsOnlyOfTexts(m.Name):
                return TypeMethod("str", m, arguments, place);
            case ConstantValue:
                return m.Name is "item" or "tolist" or "conjugate" ? m.Receiver : Unknown(m.Name + "()", "methods of numbers are not followed", place, UnknownKind.Number);
            case UnknownValue { Kind: UnknownKind.Array } array:
                return Libraries.Row("numpy.ndarray." + m.Name) is { } method ? CallRow(method, "numpy.ndarray." + m.Name, arguments.Prepend(array), place) : Unknown(m.Name, "arrays are not followed", place, UnknownKind.Array);
            case InputValue input when TensorMethod(m.Name).Row is null:
                if (m.Name is "keys" or "items" or "values" or "get" or "pop")
                {
                    Use(input, InputUse.AsDictionary, place);
                    return m.Name is "get" or "pop" ? new TensorValue() : SequenceValue.Open(SequenceKind.List, m.Name is "items" ? SequenceValue.Tuple(Unknown("a key", "keys are not known", place, UnknownKind.Text), new TensorValue()) : m.Name is "keys" ? Unknown("a key", "keys are not known", place, UnknownKind.Text) : new TensorValue());
                }

                if (m.Name is "update" or "setdefault" && !arguments.Any(_holdsModule) && (m.Name is "setdefault" ? arguments.Positional.Count > 1 : arguments.Positional is [DictValue] || (arguments.Positional.Count == 0 && arguments.Named.Count > 0)))
                {
                    Use(input, InputUse.AsDictionary, place);
                    return m.Name is "update" ? ConstantValue.None : new TensorValue();
                }

                Use(input, BuiltinText.IsOnlyOfTexts(m.Name) ? InputUse.AsText : InputUse.AsObject, place);
                return CallUnknown(input.Facts(input.Name, place).Derive("." + m.Name, $"{input.Name}.{m.Name}"), arguments, place);
            case TensorValue t:
                return TensorMethod(m.Name) is ({ } row, var named) ? CallRow(row, named, arguments.Prepend(t), place) : Unknown(m.Name + "()", "tensors have no such method", place);
            case UnknownValue u:
                // It may be a tensor: what it was given were some.
                return Libraries.Row("torch.Tensor." + m.Name) is { } maybe ? MaybeTensorMethod(u, maybe, m.Name, arguments, place) : CallUnknown(u.Derive("." + m.Name, $"{u.Text}.{m.Name}"), arguments, place);
            case GraphTensor g:
                return m.Name is "get_shape" && KerasShapes.Written(g, Here) is { } sizes ? sizes : m.Name is "get_shape" or "numpy" or "set_shape" ? Unknown(m.Name, "it is known when the model is built", place) : NewGraphTensor(null, [g], place);
            default:
                return CallUnknown(Unknown(m.Name, "what it is called on cannot be told", place), arguments, place);
        }
    }

    private Value MaybeTensorMethod(UnknownValue u, LibraryRow row, string name, CallArguments arguments, Place place)
    {
        if (row.Does is Does.Operation)
        {
            Operation(row.Operation ?? name, arguments.Prepend(u), place, u);
        }

        return new UnknownValue($"{u.Text}.{name}(...)", u.Reason, u.Begin, row.Returns is Returns.Number or Returns.Numbers ? UnknownKind.Number : row.Returns is Returns.Boolean ? UnknownKind.Boolean : UnknownKind.Any)
        {
            Remedy = u.Remedy,
            MayBeTensor = row.Returns is Returns.Tensor or Returns.First or Returns.TwoTensors or Returns.TensorTuple,
        };
    }

    private Value TypeMethod(string type, MethodValue m, CallArguments arguments, Place place)
    {
        var name = $"builtins.{type}.{m.Name}";
        return Libraries.Row(name) is { } row ? CallRow(row, name, arguments.Prepend(m.Receiver), place)
            : m.Name is "tolist" or "item" or "as_list" ? m.Receiver
            : Unknown(m.Name + "()", $"a {type} has no such method", place);
    }

    private Value LibraryMethod(ObjectValue self, string? external, string name, CallArguments arguments, Place place)
    {
        if (name is not "__init__" && self.Attributes.Find(Items) is { } items)
        {
            return name switch
            {
                "__getitem__" when arguments.Positional is [var key] => Item(items, key, place),
                "__setitem__" when arguments.Positional is [var key, var entry] => Set(key, entry),
                _ => Call(new MethodValue(items, name), arguments, place),
            };

            ConstantValue Set(Value key, Value entry)
            {
                AssignItem(items, key, entry, place);
                return ConstantValue.None;
            }
        }

        switch (name)
        {
            case "__init__":
                if (external is not null)
                {
                    Initialize(self, external, arguments, place);
                }

                return ConstantValue.None;
            case "forward" or "call" when self.IsModule:
                Observer?.Inherited(self);
                return LibraryForward(self, arguments, place);
            case "__call__" or "_call_impl" when self.IsModule:
                return CallModule(self, arguments, place);
            case "__setattr__" when arguments.Positional is [ConstantValue { Peek: string attribute }, var assigned]:
                SetOwn(self, attribute, assigned, place);
                return ConstantValue.None;
            case "__len__":
                return ConstantValue.Of(Children(self).Count());
            case "__getitem__" when arguments.Positional is [var index]:
                return Item(self, index, place);
            case "__getattribute__" when arguments.Positional is [ConstantValue { Peek: string usual }]:
                return ObjectAttribute(self, usual, place, new(usual, null, null));
            case "__getattr__" when arguments.Positional is [ConstantValue { Peek: string wanted }]:
                return self.Attributes.Find(wanted) is { } own ? Here(own) : Symbol(self, wanted, wanted, "it is not set in what is read", place);
        }

        if (external is not null && Libraries.Class(external) is { } known)
        {
            var context = new LibraryContext(this, $"{external}.{name}", place);
            if (Libraries.Method(known, name) is { } function && function(context, self, arguments) is { } computed)
            {
                return computed;
            }

            if (Libraries.MethodRow(known, name) is { } row)
            {
                if (row.Hides is not Hides.Nothing)
                {
                    Gap($"what '{name}' adds is not followed", place, row.Hides);
                }

                return row.Returns is Returns.Receiver or Returns.First ? self : Result(row.Returns, $"{external}.{name}", arguments, place);
            }
        }

        return name.StartsWith("__", StringComparison.Ordinal) ? ConstantValue.None : CallUnknown(Symbol(self, name, name, self.Doubt?.Reason ?? $"'{name}' is not set in what is read", place, remedy: self.Doubt?.Remedy), arguments, place);
    }

    /// <summary>The expression that a text is. A name that is not defined is left as the text: code that tries it keeps the text (<c>suppress(NameError)</c>), other code raises.</summary>
    private Value EvaluateText(string code, Scope scope)
    {
        var written = Syntax.PythonParser.Parse(System.Text.Encoding.UTF8.GetBytes(code.Trim()), _budget.Token);
        if (written is not { Errors.IsEmpty: true, Statements: [Syntax.ExpressionStatement { Value: var expression }] })
        {
            return ConstantValue.Of(code);
        }

        // Its places are those of no file.
        var module = new Projects.SourceModule(written, scope.Module.Path, scope.Module.DisplayName, scope.Module.DottedName) { IsExpression = true };
        module.StarImports.AddRange(scope.Module.StarImports);
        return Evaluate(expression, new Scope(module, scope)) is var value && expression is Syntax.NameExpression && value is UnknownValue { Reason: var reason } && reason.EndsWith("is not defined in what is read", StringComparison.Ordinal)
            ? ConstantValue.Of(code) : value;
    }

    /// <summary>Functions of Python that look into the running code; null for others.</summary>
    private Value? Reflect(string name, CallArguments arguments, At at, Place place)
    {
        if (name is not "isinstance" || arguments.Positional is not [var value, var type])
        {
            return ReflectOn(name, arguments, at, place);
        }

        NoteTypes(Here(value), Here(type), place);
        return Tests.AsValue(IsInstance(Here(value), Here(type), at.Expression, at.Scope));
    }

    /// <summary>Whether it is one of these, by its full name.</summary>
    private static bool Reflects(string name) => name is "builtins.isinstance" or "builtins.issubclass" or "builtins.callable" or "builtins.hasattr" or "builtins.getattr" or "builtins.setattr" or "builtins.eval" or "builtins.exec";

    private Value? ReflectOn(string name, CallArguments arguments, At at, Place place)
    {
        switch (name)
        {
            case "issubclass" when arguments.Positional is [var sub, var super]:
                return Tests.AsValue(IsSubclass(Here(sub), Here(super), TextOf(at.Expression, at.Scope)));
            case "callable" when arguments.Positional is [var called]:
                return ForEach(called, c => Tests.AsValue(IsCallable(c)));
            case "hasattr" when arguments.Positional is [var holder, var wanted] && wanted.Possible().All(w => w is ConstantValue { Peek: string } or MissingValue):
                return ForEach(wanted, w => ForEach(holder, h => Tests.AsValue(Has(h, (string)((ConstantValue)w).Peek!))));
            case "getattr" when arguments.Positional.Count >= 2:
                return ForEach(arguments.Positional[0], h => ForEach(arguments.Positional[1], n => GetAttribute(h, n, arguments.Positional.ElementAtOrDefault(2), place)));
            case "setattr" when arguments.Positional is [var target, var attribute, var set]:
                ForEach(target, t => ForEach(attribute, a =>
                {
                    if (a is ConstantValue { Peek: string known })
                    {
                        SetAttributeOf(t, known, set, place);
                    }
                    else if (t is ObjectValue o)
                    {
                        SetAttribute(o, a is UnknownValue u ? UnknownName(u) : "<?>", set);
                    }

                    return t;
                }));
                return ConstantValue.None;
            case "eval" when arguments.Positional is [ConstantValue { Peek: string { Length: < 1_000 } code }, ..]:
                return EvaluateText(code, at.Scope);
            case "exec" or "eval":
                Gap($"'{name}' runs code that is not read", place, Hides.Everything);
                return Unknown(name + "(...)", "it runs code that is not read", place);
            case "isinstance" or "issubclass" or "hasattr":
                return Unknown(TextOf(at.Expression, at.Scope), "it cannot be told", place, UnknownKind.Boolean);
            default:
                return null;
        }
    }

    /// <summary>The names that a running function has set so far; null where one of them may not be set.</summary>
    private DictValue? Locals(Scope scope)
    {
        var result = new DictValue();
        foreach (var (name, value) in scope.Names)
        {
            switch (Here(value).Present())
            {
                case { Value: null }:
                    continue;
                case { Missing: not null }:
                    return null;
                case { Value: { } set }:
                    result.Set(ConstantValue.Of(name), set);
                    break;
            }
        }

        return result;
    }

    /// <summary>Whether a name is one of Python's own functions and classes: of its library, or of those that the evaluation does itself.</summary>
    private bool IsBuiltin(string name) => Libraries.Row("builtins." + name) is not null || Libraries.Class("builtins." + name) is not null
        || name is "isinstance" or "issubclass" or "getattr" or "hasattr" or "setattr" or "callable" or "exec" or "eval" or "object" or "type" or "property" or "Ellipsis" or "NotImplemented" or "bytearray" or "__debug__";

    private Condition Has(Value holder, string name)
    {
        switch (holder)
        {
            case ObjectValue o:
                if (o.Attributes.TryGet(name, out var own))
                {
                    return Here(own).Present() is { Missing: { } missing } ? o.Class?.Find(name) is not null ? Conditions.Always : missing.Not() : Here(own) is MissingValue ? Conditions.Never : Conditions.Always;
                }

                if (o.Class?.Find(name) is not null)
                {
                    return Conditions.Always;
                }

                if (o.Doubt is { } doubt)
                {
                    return _tests.Ask(doubt, "has " + name, $"{doubt.Text} has '{name}'");
                }

                var known = o.ExternalType is { } external ? Libraries.Class(external) : null;
                if (known is not null && HasMember(known, name))
                {
                    return Conditions.Always;
                }

                // What is not set its class may give all the same.
                var isGiven = o.Class?.Find("__getattr__") is not null && !name.StartsWith("__", StringComparison.Ordinal);
                return isGiven || o.Class?.HasUnknownBase == true || (o.ExternalType is not null && known is null) ? Conditions.NewAtom($"'{o.TypeName}' has '{name}'") : Conditions.Never;
            case ClassValue type:
                return type.Find(name) is not null ? Conditions.Always : type.HasUnknownBase ? Conditions.NewAtom($"'{type.Name}' has '{name}'") : type.ExternalBase is not { } outer ? Conditions.Never
                    : Libraries.Class(outer) is not { } above ? Conditions.NewAtom($"'{type.Name}' has '{name}'") : HasMember(above, name) || name.StartsWith("__", StringComparison.Ordinal) ? Conditions.Always : Conditions.Never;
            case FunctionValue f:
                return f.Attributes?.Find(name) is { } set ? Here(set).Missing() is { } unset ? unset.Not() : Conditions.Always : name is "__name__" or "__doc__" or "__qualname__" or "__module__" ? Conditions.Always : Conditions.Never;
            case NamespaceValue file:
                return ModuleName(file.Module, name) is not null ? Conditions.Always : Conditions.Never;
            case ExternalValue when name is "__file__" or "__name__" or "__doc__" or "__dict__":
                return Conditions.Always;
            case ExternalValue e:
                return Libraries.Has($"{e.Name}.{name}") is { } has ? has ? Conditions.Always : Conditions.Never : _tests.Ask(InstalledSymbol(e.Name), "has " + name, $"{e.LastPart} has '{name}'");
            case UnknownValue u:
                return u.Attributes?.ContainsKey(name) == true || (u.Settings is { } settings && Usual(settings, name) is not null) ? Conditions.Always : _tests.Ask(u, "has " + name, $"{u.Text} has '{name}'");
            case TensorValue:
                return Libraries.Row("torch.Tensor." + name) is not null || Libraries.Class("torch.Tensor")!.Attributes.Any(a => a.Name == name) ? Conditions.Always : holder is InputValue ? Conditions.NewAtom($"the input has '{name}'") : Conditions.Never;
            case SequenceValue or DictValue or ConstantValue:
                return Attribute(holder, name, default) is MethodValue m && Libraries.Row($"builtins.{(holder is DictValue ? "dict" : holder is SequenceValue ? "list" : "str")}.{m.Name}") is not null ? Conditions.Always : Conditions.Never;
            default:
                return Conditions.NewAtom($"it has '{name}'");
        }
    }

    private Condition IsCallable(Value value) => value switch
    {
        FunctionValue or BoundValue or ClassValue or PartialValue or ExternalValue or MethodValue or WrappedMethod or ObjectValue { IsModule: true } => Conditions.Always,
        ObjectValue { Class: { } type } when type.Find("__call__") is not null => Conditions.Always,
        ObjectValue { Class: { HasUnknownBase: false, ExternalBase: null } } => Conditions.Never,
        ObjectValue o => Conditions.NewAtom($"callable({o.TypeName})"),
        UnknownValue u => _tests.Ask(u, "callable", $"callable({u.Text})"),
        _ => Conditions.Never,
    };

    private bool HasMember(LibraryClass known, string name) => Libraries.Method(known, name) is not null || Libraries.MethodRow(known, name) is not null || Libraries.Up(known, t => t.Attributes.Any(a => a.Name == name) ? t : null) is not null || name is "forward";

    private Value GetAttribute(Value holder, Value name, Value? otherwise, Place place)
    {
        if (name is ConstantValue { Peek: string known })
        {
            return otherwise is null ? Attribute(holder, known, place) : Either(Has(holder, known), () => Attribute(holder, known, place), () => otherwise);
        }

        name = UseAsName(name, place);

        // One of the children, where the name is not known: which, the name says.
        if (holder is ObjectValue { IsModule: true } o && name is UnknownValue u)
        {
            if (o.Attributes.Find(UnknownName(u)) is { } same)
            {
                return OfRound(Here(same));
            }

            var children = Children(o).Where(c => c.Module is ObjectValue).ToList();
            if (children.Count is > 0 and <= 24)
            {
                return Choices.Join(children.Select(c => (_tests.Equals(u, ConstantValue.Of(c.Name)), One(c.Module, u))));
            }
        }

        // A function, class or layer of the framework, whichever.
        if (holder is ExternalValue { Name: var library } && Libraries.Canonical(library) is "torch.nn.functional" or "torch.nn" or "keras.layers")
        {
            return new ExternalValue($"{library}.{LibraryRow.AnyName}");
        }

        return name is UnknownValue text ? text.Derive("getattr", $"getattr({(holder as ExternalValue)?.LastPart ?? "..."}, {text.Text})") : Unknown("getattr(...)", "the name cannot be told", place);
    }
}
