using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Names of attributes that code puts together: <c>self.add_module(f"act{i}", ...)</c>, <c>hasattr(self, "act%d" % i)</c>. A new attribute must be none of them.</summary>
internal static class ComputedNames
{
    private static readonly HashSet<string> Functions = ["getattr", "setattr", "hasattr", "delattr"];
    private static readonly HashSet<string> Methods = ["add_module", "register_module", "register_buffer", "register_parameter", "get_submodule", "__setattr__", "__getattr__", "__getattribute__", "__delattr__", "get", "pop", "update", "setdefault"];
    private static readonly HashSet<string> Tables = ["_modules", "__dict__"];

    /// <summary>The line that may put a name together; null: none.</summary>
    /// <param name="trees">All files at hand.</param>
    /// <param name="near">Those of the class and its family, where a text in a list, or one that is handed to some function, may be a name; elsewhere only what is one at its place.</param>
    /// <param name="attribute">The new attribute.</param>
    public static string? Of(IEnumerable<SourceTree> trees, IReadOnlyCollection<SourceTree> near, string attribute)
    {
        foreach (var tree in trees)
        {
            if (tree.Nodes.OfType<Expression>().FirstOrDefault(n => Ends(tree, n) is var (head, tail) && head.Length + tail.Length > 0 && attribute.Length >= head.Length + tail.Length
                && attribute.StartsWith(head, StringComparison.Ordinal) && attribute.EndsWith(tail, StringComparison.Ordinal) && IsName(tree, n, near.Contains(tree))) is { } found)
            {
                return $"line {tree.File.PositionOf(found.Start).Line} of {Path.GetFileName(tree.Path)} puts names of attributes together, of which '{attribute}' may be one";
            }
        }

        return null;
    }

    /// <summary>Whether a text is put together of which a part at its begin or end is written out.</summary>
    public static bool IsPartlyWritten(SourceTree tree, Expression text) => Ends(tree, text) is var (head, tail) && head.Length + tail.Length > 0;

    /// <summary>What a text that is put together begins and ends with; null for what is none.</summary>
    private static (string Head, string Tail)? Ends(SourceTree tree, Expression text) => text switch
    {
        FormattedStringExpression f when f.Parts.Any(p => p is FormattedValueExpression) => (Written(f.Parts[0]), Written(f.Parts[^1])),
        BinaryExpression { Operator: PythonOperator.Modulo, Left: StringExpression s } => (s.Value.Split('%')[0], After(s.Value[(s.Value.LastIndexOf('%') + 1)..].TrimStart('.', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'))),
        BinaryExpression { Operator: PythonOperator.Add } b when tree.Parent(b) is not BinaryExpression => (Written(Leftmost(b)), Written(b.Right)),
        CallExpression { Function: AttributeExpression { Name: "format", Value: StringExpression s } } => (s.Value.Split('{')[0], s.Value[(s.Value.LastIndexOf('}') + 1)..]),
        _ => null,
    };

    private static string After(string conversion) => conversion.Length > 0 ? conversion[1..] : "";

    private static Expression Leftmost(BinaryExpression sum) => sum.Left is BinaryExpression { Operator: PythonOperator.Add } inner ? Leftmost(inner) : sum.Left;

    private static string Written(PythonNode part) => part is StringExpression { IsBytes: false } s ? s.Value : "";

    /// <summary>Whether it is the object whose method it stands in, or what that holds: elsewhere, of another class.</summary>
    private static bool IsOfOwn(SourceTree tree, Expression holder) => Chain.Name(holder, throughCalls: true) is { } name && tree.Method(holder) is ({ }, { } method) && ClassFamily.Self(method) == name;

    /// <summary>Whether a text names an attribute, at its place or by a variable.</summary>
    private static bool IsName(SourceTree tree, Expression text, bool isNear, int depth = 0) => tree.Parent(text) switch
    {
        Argument a => tree.Parent(a) switch
        {
            CallExpression { Function: NameExpression { Name: var f } } call => Functions.Contains(f) ? call.Arguments.IndexOf(a) == 1 && (isNear || !IsOfOwn(tree, call.Arguments[0].Value)) : isNear && f is not ("print" or "len" or "str" or "int" or "float"),
            CallExpression { Function: AttributeExpression { Name: var m, Value: var of } } => isNear ? Methods.Contains(m) : m is "add_module" or "register_module" or "get_submodule" && !IsOfOwn(tree, of),
            _ => false,
        },
        SubscriptExpression { Value: AttributeExpression { Name: var table } } s => s.Index == text && Tables.Contains(table) && (isNear || !IsOfOwn(tree, s.Value)),
        AssignStatement { Targets: [NameExpression name] } s when depth == 0 => SourceTree.Below((PythonNode?)tree.Method(s).Method ?? s).OfType<NameExpression>().Any(n => n.Name == name.Name && n != name && IsName(tree, n, isNear, 1)),
        ListExpression or TupleExpression or ComprehensionExpression or DictExpression => isNear,
        _ => false,
    };
}
