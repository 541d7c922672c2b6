using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Python's own functions and types. What needs the running code itself (super, locals, isinstance, getattr) the evaluator does.</summary>
internal sealed class Builtins : PythonLibrary
{
    public override IReadOnlyList<string> Prefixes => ["builtins"];

    public override IEnumerable<LibraryRow> Rows =>
    [
        .. LibraryRow.For("print breakpoint delattr input", Returns.None),
        .. LibraryRow.For("callable issubclass", Returns.Boolean),
        .. LibraryRow.For("hash", Returns.Number),
        .. LibraryRow.For("repr ascii bin hex oct format", Returns.Text),
        LibraryRow.Of("ord", (_, a) => a.Positional is [ConstantValue { Peek: string text }] && CodeOf(text) is { } code ? ConstantValue.Of(code) : null, Returns.Number),
        LibraryRow.Of("chr", (_, a) => a.Positional is [ConstantValue { IsOpen: false, Raw: long code }] && code is >= 0 and <= char.MaxValue && !char.IsSurrogate((char)code) ? ConstantValue.Of(((char)code).ToString()) : null, Returns.Text),
        LibraryRow.Of("object.__setattr__", (c, a) => a.Positional is [ObjectValue o, ConstantValue { Peek: string name }, var value] ? Set(c, o, name, value) : null),
        LibraryRow.Of("object.__getattribute__", (c, a) => a.Positional is [ObjectValue o, ConstantValue { Peek: string } name] ? c.Call(new MethodValue(o, "__getattribute__"), CallArguments.Of(name)) : null),
        LibraryRow.Of("__import__", (c, a) => a.Find(0, "name") is ConstantValue { Peek: string name } && a.Positional.Count < 4 ? c.Import(name.Split('.')[0]) : null),
        .. LibraryRow.For("bytes bytearray complex memoryview compile", Returns.Unknown),
        .. new[] { "dir", "vars" }.Select(n => LibraryRow.Of(n, (_, a) => a.Positional is [ExternalValue e] ? new ExternalValue(e.Name + ".__dict__") : null)),
    ];

    private static ConstantValue Set(ILibraryContext context, ObjectValue target, string name, Value value)
    {
        context.SetUnregistered(target, name, value);
        return ConstantValue.None;
    }

    private static long? CodeOf(string character) => character switch
    {
        [var one] when !char.IsSurrogate(one) => one,
        [var high, var low] when char.IsSurrogatePair(high, low) => char.ConvertToUtf32(high, low),
        _ => null,
    };
}
