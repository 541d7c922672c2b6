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
        .. LibraryRow.For("hash id ord", Returns.Number),
        .. LibraryRow.For("repr chr ascii bin hex oct format", Returns.Text),
        LibraryRow.Of("__import__", (c, a) => a.Find(0, "name") is ConstantValue { Peek: string name } && a.Positional.Count < 4 ? c.Import(name.Split('.')[0]) : null),
        .. LibraryRow.For("bytes bytearray complex memoryview compile", Returns.Unknown),
        .. new[] { "dir", "vars" }.Select(n => LibraryRow.Of(n, (_, a) => a.Positional is [ExternalValue e] ? new ExternalValue(e.Name + ".__dict__") : null)),
    ];
}
