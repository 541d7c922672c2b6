using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>inspect: what kind of thing something is, and which parameters it has.</summary>
internal sealed class StandardInspect : PythonLibrary
{
    /// <summary>Wrappers around wrappers that are looked through.</summary>
    private const int MaxWrappers = 100;

    private static readonly string[] Kinds = ["POSITIONAL_ONLY", "POSITIONAL_OR_KEYWORD", "VAR_POSITIONAL", "KEYWORD_ONLY", "VAR_KEYWORD"];
    private static readonly ExternalValue Empty = new("inspect.Parameter.empty");

    public override IReadOnlyList<string> Prefixes => ["inspect"];

    public override IReadOnlyDictionary<string, string> Aliases { get; } = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["inspect._empty"] = Empty.Name,
        ["inspect.Signature.empty"] = Empty.Name,
        ["inspect.getargspec"] = "inspect.getfullargspec",
    };

    public override IReadOnlyDictionary<string, Value> Constants { get; } = Kinds.Select((k, i) => ("Parameter." + k, (Value)ConstantValue.Of(i))).ToDictionary(p => p.Item1, p => p.Item2, StringComparer.Ordinal);

    public override IEnumerable<LibraryRow> Rows =>
    [
        Asks("isclass", (c, v) => v switch { ClassValue => true, ExternalValue e => IsClass(c, e) ? true : IsFunction(c, e) ? false : null, _ => false }),
        Asks("isfunction", (c, v) => v switch { FunctionValue => true, ExternalValue e => IsClass(c, e) || e.FirstPart is "builtins" or "math" ? false : null, _ => false }),
        Asks("isroutine", (c, v) => v switch { FunctionValue or BoundValue or MethodValue => true, ExternalValue e => IsClass(c, e) ? false : IsFunction(c, e) ? true : null, _ => false }),
        Asks("isbuiltin", (c, v) => v switch { ExternalValue e => IsClass(c, e) ? false : null, MethodValue => null, _ => false }),
        Asks("ismethod", (_, v) => v switch { BoundValue => true, MethodValue => null, _ => false }),
        Asks("ismodule", (_, v) => v switch { NamespaceValue => true, ExternalValue => null, _ => false }),
        LibraryRow.Of("signature", (c, a) => a.Find(0, "obj") is { } given ? c.ForEach(given, v => c.ForEach(Unwrapped(v), f => Signature(c, f))) : null),
        LibraryRow.Of("getfullargspec", (c, a) => a.Find(0, "func") is { } given ? c.ForEach(given, v => Arguments(c, v)) : null),
    ];

    public override IEnumerable<LibraryClass> Classes => LibraryClass.For("Signature Parameter FullArgSpec", ClassKind.Plain, Returns.Unknown);

    private static bool IsFunction(ILibraryContext context, ExternalValue external) => context.Libraries.Row(external.Name) is not null;

    private static bool IsClass(ILibraryContext context, ExternalValue external) => context.Libraries.Class(external.Name) is not null;

    /// <summary>A question to a value, answered once for each that it may be; of an unknown value it is a test like any other.</summary>
    private static LibraryRow Asks(string name, Func<ILibraryContext, Value, bool?> ask) => LibraryRow.Of(
        name,
        (c, a) => a.Find(0, "object") is { } given ? c.ForEach(given, v => v switch
        {
            UnknownValue u => u.Derive("." + name, $"{name}({u.Text})", UnknownKind.Boolean),
            _ => ask(c, v) is { } answer ? (answer ? ConstantValue.True : ConstantValue.False) : c.Unknown($"{name}(...)", "what kind of thing the library's is cannot be told", UnknownKind.Boolean),
        }) : null,
        Returns.Boolean);

    /// <summary>The function that a call of something runs, and whether its first parameter is given already.</summary>
    private static (FunctionValue Function, bool IsBound)? Called(Value value) => value switch
    {
        FunctionValue f => (f, false),
        BoundValue { Function: FunctionValue f } => (f, true),
        ClassValue c when c.Find("__init__")?.Value is FunctionValue f => (f, true),
        _ => null,
    };

    /// <summary>What a wrapper wraps in the end: its parameters are those that <c>signature</c> tells.</summary>
    private static Value Unwrapped(Value value)
    {
        for (var depth = 0; depth < MaxWrappers && value is FunctionValue { Attributes: { } own } && own.Find("__wrapped__") is { } wrapped; depth++)
        {
            value = wrapped;
        }

        return value;
    }

    /// <summary>Its parameters, with what each is by default: torch.nn's modules take whatever their forward takes.</summary>
    private static (IEnumerable<(Parameter Parameter, Value? Default)> All, bool IsBound)? Parameters(Value value) =>
        Called(value) is var (function, isBound) ? (function.Parameters.Zip(function.Defaults), isBound)
        : value is ObjectValue { Kind: ClassKind.TorchModule, Doubt: null } module && module.Class?.Find("__call__") is null ? (Whatever, true) : null;

    private static readonly (Parameter, Value?)[] Whatever = [.. new[] { ("self", ParameterKind.Ordinary), ("args", ParameterKind.VariadicPositional), ("kwargs", ParameterKind.VariadicKeyword) }.Select(p => (new Parameter(0, 0, p.Item1, p.Item2, null, null), (Value?)null))];

    private static Value Signature(ILibraryContext context, Value value)
    {
        if (Parameters(value) is not var (all, isBound))
        {
            return value as UnknownValue ?? context.Unknown("signature(...)", "which parameters the library's function has is not read");
        }

        var parameters = new DictValue();
        foreach (var (written, usual) in all.Skip(isBound ? 1 : 0))
        {
            var parameter = context.NewObject("inspect.Parameter", new());
            context.SetAttribute(parameter, "name", ConstantValue.Of(written.Name));
            context.SetAttribute(parameter, "default", usual ?? Empty);
            context.SetAttribute(parameter, "annotation", written.Annotation is null ? Empty : context.Unknown(written.Name + ".annotation", "annotations are not followed"));
            context.SetAttribute(parameter, "kind", ConstantValue.Of(written.Kind switch { ParameterKind.PositionalOnly => 0, ParameterKind.Ordinary => 1, ParameterKind.VariadicPositional => 2, ParameterKind.KeywordOnly => 3, _ => 4 }));
            for (var k = 0; k < Kinds.Length; k++)
            {
                context.SetAttribute(parameter, Kinds[k], ConstantValue.Of(k));
            }

            parameters.Set(written.Name, parameter);
        }

        var signature = context.NewObject("inspect.Signature", new());
        context.SetAttribute(signature, "parameters", parameters);
        return signature;
    }

    private static Value Arguments(ILibraryContext context, Value value)
    {
        if (Parameters(value) is not var (all, _))
        {
            return value as UnknownValue ?? context.Unknown("getfullargspec(...)", "which parameters the library's function has is not read");
        }

        IEnumerable<Value> Named(ParameterKind kind) => all.Where(p => p.Parameter.Kind == kind).Select(p => (Value)ConstantValue.Of(p.Parameter.Name));
        var arguments = context.NewObject("inspect.FullArgSpec", new());
        context.SetAttribute(arguments, "args", SequenceValue.List([.. Named(ParameterKind.PositionalOnly), .. Named(ParameterKind.Ordinary)]));
        context.SetAttribute(arguments, "kwonlyargs", SequenceValue.List(Named(ParameterKind.KeywordOnly)));
        context.SetAttribute(arguments, "varargs", Named(ParameterKind.VariadicPositional).FirstOrDefault() ?? ConstantValue.None);
        context.SetAttribute(arguments, "varkw", Named(ParameterKind.VariadicKeyword).FirstOrDefault() ?? ConstantValue.None);
        return arguments;
    }
}
