using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Objects of classes.</content>
internal sealed partial class Evaluator
{
    private Value Construct(ClassValue type, CallArguments arguments, Place place)
    {
        if (type.Kind is ClassKind.Enum)
        {
            return arguments.Positional is [var given] && EnumMembers(type).FirstOrDefault(m => ReferenceEquals(m, given) || AreEqual(m.Attributes.Find("value")!, given)?.IsAlways == true) is { } member ? member
                : Unknown(type.Name, "which member it is cannot be told", place);
        }

        if (type.Find("__new__") is { Value: FunctionValue or WrappedMethod { Kind: "staticmethod" } } made)
        {
            return Made(type, made.Value, arguments, place);
        }

        if (Observer is not null || Built is not { Depth: 0 } built || built.KeyOf(type, arguments) is not { } key)
        {
            return New(type, arguments, place);
        }

        if (built.Use(key) is { } known)
        {
            return known;
        }

        if (!built.IsUsed)
        {
            _journal.Keep();
        }

        built.Depth++;
        var model = New(type, arguments, place);
        built.Depth--;
        if (Now.IsAlways)
        {
            built.Add(key, model);
        }

        return model;
    }

    /// <summary>Models that stand for others of their like, while it is set.</summary>
    private BuiltModels? Built { get; set; }

    /// <summary>Runs something where models of the file that were built before stand for others of their like (<see cref="BuiltModels.IsUsed"/> says whether any did). Then what it wrote is
    /// taken back, after a look at it: they are left as they were.</summary>
    public void With(BuiltModels models, Action run, Action look)
    {
        Built = models;
        models.Begin();
        var mark = _journal.Begin();
        run();
        Built = null;
        look();
        if (_journal.IsOpen)
        {
            if (models.IsUsed)
            {
                _journal.Undo(mark);
            }

            _journal.Reset();
        }
    }

    private ObjectValue New(ClassValue type, CallArguments arguments, Place place)
    {
        var result = Allocate(type, arguments, place);
        Initialize(result, type, arguments, place);
        return result;
    }

    /// <summary>What a class's own <c>__new__</c> gives: an object of the class, which is then initialized, or anything else.</summary>
    private Value Made(ClassValue type, Value function, CallArguments arguments, Place place)
    {
        return ForEach(Call(function, arguments.Prepend(type), place), made =>
        {
            if (made is ObjectValue { Class: { } own } instance && own.ResolutionOrder.Contains(type) && instance.Kind is not ClassKind.NamedTuple)
            {
                Initialize(instance, own, arguments, place);
            }

            return made;
        });
    }

    /// <summary>What <c>__new__</c> of Python's own types makes: an object without attributes; of a named tuple one with its fields.</summary>
    private Value Allocate(CallArguments arguments, Place place)
    {
        if (Making(arguments) is { } made)
        {
            return made;
        }

        if (arguments.Positional is not [ClassValue type, ..])
        {
            return Unknown("__new__(...)", "the class that it makes cannot be told", place);
        }

        var fields = new CallArguments { Rest = arguments.Rest, NamedRest = arguments.NamedRest };
        fields.Positional.AddRange(arguments.Positional.Skip(1));
        fields.Named.AddRange(arguments.Named);
        var result = Allocate(type, fields, place);
        if (type.Kind is ClassKind.NamedTuple)
        {
            SetFields(result, type, fields, place);
        }

        return result;
    }

    private ObjectValue Allocate(ClassValue type, CallArguments arguments, Place place)
    {
        var result = new ObjectValue(type, type.ExternalBase, type.Kind) { Place = place, ConstructedWith = arguments, IsSeveral = _laterRound > 0 };
        result.Attributes.Born = ++_born;
        if (result.IsModule)
        {
            Created.Add(result);
            _made++;
        }

        if (CollectionBase(type) is { } collection)
        {
            SetAttribute(result, Items, Call(collection, new(), place));
        }

        return result;
    }

    private void Initialize(ObjectValue result, ClassValue type, CallArguments arguments, Place place)
    {
        if (type.Find("__init__")?.Value is (FunctionValue or ChoiceValue or WrappedMethod or PartialValue) and var init && Bound(init, result, type, place) is { } bound)
        {
            Call(bound, arguments, place);
        }
        else if (type.IsDataClass || type.Kind is ClassKind.NamedTuple || type.ResolutionOrder.OfType<ClassValue>().Any(c => c.IsDataClass))
        {
            SetFields(result, type, arguments, place);
            if (type.Find("__post_init__") is { Value: FunctionValue after })
            {
                Call(new BoundValue(result, after), new(), place);
            }
        }
        else if (type.ExternalBase is { } external)
        {
            Initialize(result, external, arguments, place);
        }
    }

    private void SetFields(ObjectValue target, ClassValue type, CallArguments arguments, Place place)
    {
        var position = 0;
        foreach (var name in type.Fields)
        {
            var written = type.Find(name)?.Value;
            var isGiven = written is not FieldValue { IsGiven: false };
            var given = isGiven ? arguments.Find(type.NamedFields.Contains(name) ? -1 : position++, name) : null;
            var value = given ?? (written is FieldValue field ? field.Default ?? (field.Factory is { } factory ? Call(factory, new(), place) : null) : written);
            if (value is not null || isGiven)
            {
                SetAttribute(target, name, value ?? Unknown(name, $"the field '{name}' is not given", place));
            }
        }
    }

    /// <summary>Under which attribute an object of a class that derives from dict or list keeps what it holds.</summary>
    private const string Items = "*items";

    /// <summary>The type of Python that a class derives from and that holds things.</summary>
    private ExternalValue? CollectionBase(ClassValue type) => type.Kind is not ClassKind.Plain ? null : type.ExternalBases.Select(Libraries.Canonical).FirstOrDefault(IsCollection) switch
    {
        null => null,
        "builtins.list" or "collections.UserList" => new("builtins.list"),
        _ => new("builtins.dict"),
    };

    private static bool IsCollection(string name) => name is "builtins.dict" or "builtins.list" or "collections.OrderedDict" or "collections.UserDict" or "collections.UserList" or "collections.defaultdict";

    /// <summary>A library's constructor on an object of its class, or of one that derives from it.</summary>
    private void Initialize(ObjectValue target, string external, CallArguments arguments, Place place)
    {
        if (IsCollection(external) && target.Class is { } own && CollectionBase(own) is { } collection)
        {
            SetAttribute(target, Items, Call(collection, arguments, place));
            return;
        }

        if (Libraries.Class(external) is not { } known)
        {
            return;
        }

        target.ConstructedWith = arguments;
        foreach (var (name, value) in Libraries.Up(known, t => t.Parameters.Length > 0 ? t : null)?.Keeps(arguments) ?? [])
        {
            SetAttribute(target, name, value);
        }

        Libraries.Up(known, t => t.Construct)?.Invoke(new LibraryContext(this, external, place), target, arguments);
    }
}
