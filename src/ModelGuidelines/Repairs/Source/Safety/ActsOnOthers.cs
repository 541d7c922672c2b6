using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Whether code that is run for each module of a module does nothing with one of certain classes: <c>if isinstance(m, nn.Conv2d): ...</c></summary>
/// <param name="tree">The file in which it stands.</param>
/// <param name="types">Names of these classes, and of those that they derive from.</param>
/// <param name="byName">What else is the module that a walk has come to; null: nothing.</param>
internal sealed class ActsOnOthers(SourceTree tree, IReadOnlyCollection<string> types, SubmodulesByName? byName = null)
{
    /// <summary>Further names of the module: <c>old = model.get_submodule(name)</c>.</summary>
    private readonly HashSet<string> _sameModule = new(StringComparer.Ordinal);

    /// <summary>Names by which the code knows the name of the module's class.</summary>
    private readonly HashSet<string> _classNames = new(StringComparer.Ordinal);

    /// <summary>Whether none of the statements does anything with such a module.</summary>
    public bool Only(IEnumerable<Statement> body, string module) => body.TakeWhile(s => !LeavesOut(s, module)).All(s => s switch
    {
        IfStatement { OrElse: var rest } i => i.Clauses.All(c => IsTest(c.Test, module) || c.Body is [ContinueStatement or PassStatement]) && Only(rest, module),
        ForStatement { OrElse.IsEmpty: true, Target: NameExpression inner, Iterable: CallExpression { Function: AttributeExpression { Name: "modules" or "children", Value: NameExpression of }, Arguments.IsEmpty: true } } f when of.Name == module => Only(f.Body, inner.Name),

        // classname = m.__class__.__name__
        AssignStatement { Targets: [NameExpression name], Value: var value } when tree.Find(name.Name, name) is { All.Count: 1 } && IsClassName(value, module) => _classNames.Add(name.Name) || true,
        AssignStatement { Targets: [NameExpression name], Value: var value } when byName?.Is(tree, value) == true && tree.Find(name.Name, name) is { All.Count: 1 } => _sameModule.Add(name.Name) || true,
        ExpressionStatement { Value: StringExpression } or PassStatement or ContinueStatement => true,
        _ => false,
    });

    /// <summary>Whether a test holds for none of these classes' modules.</summary>
    public bool IsTest(Expression test, string module) => test switch
    {
        BooleanExpression { IsAnd: true } b => b.Values.Any(v => IsTest(v, module)),
        BooleanExpression b => b.Values.All(v => IsTest(v, module)),
        CallExpression { Function: NameExpression { Name: "isinstance" }, Arguments: [{ Value: NameExpression n }, { Value: var tested }] } when IsModule(n, module) =>
            (tested is TupleExpression t ? t.Elements : [tested]).All(e => LastPart(tree.Text(e)) is var name && name is not ("Module" or "object" or "Sequential" or "ModuleList" or "ModuleDict") && !types.Contains(name, StringComparer.Ordinal) && IsTypeName(name)),
        CallExpression { Function: NameExpression { Name: "hasattr" }, Arguments: [{ Value: NameExpression n }, { Value: StringExpression { Value: "init_weights" or "zero_init_last" or "weight" or "bias" or "reset_parameters" or "_init_weights" or "fuse" or "switch_to_deploy" or "reparameterize" } }] } => IsModule(n, module),

        // classname.find("Conv") != -1, and what else asks for a part of the class' name.
        CompareExpression { Operators: [PythonOperator.NotEqual or PythonOperator.Greater], Operands: [CallExpression { Function: AttributeExpression { Name: "find", Value: var asked }, Arguments: [{ Name: null, Value: StringExpression part }] }, UnaryExpression { Operator: PythonOperator.Minus, Operand: NumberExpression { Text: "1" } }] } =>
            IsPartOfOthers(asked, part, module),
        CompareExpression { Operators: [PythonOperator.GreaterEqual], Operands: [CallExpression { Function: AttributeExpression { Name: "find", Value: var asked }, Arguments: [{ Name: null, Value: StringExpression part }] }, NumberExpression { Text: "0" }] } =>
            IsPartOfOthers(asked, part, module),
        CompareExpression { Operators: [PythonOperator.In], Operands: [StringExpression part, var asked] } => IsPartOfOthers(asked, part, module),
        CompareExpression { Operators: [PythonOperator.Equal], Operands: [var asked, StringExpression whole] } => IsClassName(asked, module) && !types.Contains(whole.Value, StringComparer.Ordinal),
        CallExpression { Function: AttributeExpression { Name: "startswith" or "endswith", Value: var asked }, Arguments: [{ Name: null, Value: StringExpression part }] } => IsPartOfOthers(asked, part, module),

        // type(m) is nn.Conv2d, m.__class__ == nn.Conv2d, type(m) in (nn.Conv2d, nn.Linear)
        CompareExpression { Operators: [PythonOperator.Equal or PythonOperator.Is], Operands: [var asked, NameExpression or AttributeExpression] } c => IsType(asked, module) && LastPart(tree.Text(c.Operands[1])) is var name && IsTypeName(name) && !types.Contains(name, StringComparer.Ordinal),
        CompareExpression { Operators: [PythonOperator.In], Operands: [var asked, TupleExpression or ListExpression] } c => IsType(asked, module)
            && PythonTree.Children(c.Operands[1]).All(e => e is NameExpression or AttributeExpression && LastPart(tree.Text(e)) is var name && IsTypeName(name) && !types.Contains(name, StringComparer.Ordinal)),
        _ => false,
    };

    /// <summary><c>if not isinstance(m, nn.Conv2d): continue</c></summary>
    private bool LeavesOut(Statement statement, string module) =>
        statement is IfStatement { Clauses: [{ Test: UnaryExpression { Operator: PythonOperator.Not, Operand: var test }, Body: [ContinueStatement or ReturnStatement] }], OrElse.IsEmpty: true } && IsTest(test, module);

    /// <summary>Whether a text is asked for in the name of the class, and stands in none of theirs.</summary>
    private bool IsPartOfOthers(Expression asked, StringExpression part, string module) => IsClassName(asked, module) && !types.Any(t => t.Contains(part.Value, StringComparison.Ordinal));

    private bool IsClassName(Expression name, string module) => name switch
    {
        NameExpression n => _classNames.Contains(n.Name),
        AttributeExpression { Name: "__name__", Value: var type } => IsType(type, module),
        _ => false,
    };

    private bool IsType(Expression type, string module) => type switch
    {
        AttributeExpression { Name: "__class__", Value: NameExpression n } => IsModule(n, module),
        CallExpression { Function: NameExpression { Name: "type" }, Arguments: [{ Name: null, Stars: 0, Value: NameExpression n }] } c => IsModule(n, module) && tree.Find("type", c) is null,
        _ => false,
    };

    private bool IsModule(NameExpression name, string module) => name.Name == module || _sameModule.Contains(name.Name);

    private static bool IsTypeName(string name) => name.Length > 0 && (char.IsUpper(name[0]) || (name[0] == '_' && name.Length > 1 && char.IsUpper(name[1])));

    private static string LastPart(string name) => name[(name.LastIndexOf('.') + 1)..];
}
