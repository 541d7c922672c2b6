namespace ModelGuidelines.Python.Syntax;

/// <summary>Walks a tree without knowing what it looks for.</summary>
public static class PythonTree
{
    /// <summary>The nodes right below a node, in the order of the text as far as the grammar fixes it.</summary>
    public static PythonNode[] Children(PythonNode node)
    {
        PythonNode?[] children = node switch
        {
            ErrorStatement s => [.. s.Body],
            ExpressionStatement s => [s.Value],
            AssignStatement s => [.. s.Targets, s.Value],
            AugmentedAssignStatement s => [s.Target, s.Value],
            AnnotatedAssignStatement s => [s.Target, s.Annotation, s.Value],
            ReturnStatement s => [s.Value],
            RaiseStatement s => [s.Exception, s.Cause],
            DeleteStatement s => [.. s.Targets],
            AssertStatement s => [s.Test, s.Message],
            IfStatement s => [.. s.Clauses, .. s.OrElse],
            IfClause c => [c.Test, .. c.Body],
            WhileStatement s => [s.Test, .. s.Body, .. s.OrElse],
            ForStatement s => [s.Target, s.Iterable, .. s.Body, .. s.OrElse],
            WithStatement s => [.. s.Items, .. s.Body],
            WithItem i => [i.Context, i.Target],
            TryStatement s => [.. s.Body, .. s.Handlers, .. s.OrElse, .. s.FinalBody],
            ExceptHandler h => [h.Type, .. h.Body],
            FunctionDefinition f => [.. f.Decorators, .. f.Parameters, f.Returns, .. f.Body],
            ClassDefinition c => [.. c.Decorators, .. c.Arguments, .. c.Body],
            MatchStatement s => [s.Subject, .. s.Cases],
            MatchCase c => [c.Guard, .. c.Body],
            TypeAliasStatement s => [s.Value],
            Argument a => [a.Value],
            Parameter p => [p.Annotation, p.Default],
            FormattedStringExpression e => [.. e.Parts],
            FormattedValueExpression e => [e.Value, e.Format],
            AttributeExpression e => [e.Value],
            SubscriptExpression e => [e.Value, e.Index],
            SliceExpression e => [e.Lower, e.Upper, e.Step],
            CallExpression e => [e.Function, .. e.Arguments],
            UnaryExpression e => [e.Operand],
            BinaryExpression e => [e.Left, e.Right],
            BooleanExpression e => [.. e.Values],
            CompareExpression e => [.. e.Operands],
            ConditionalExpression e => [e.Body, e.Test, e.OrElse],
            LambdaExpression e => [.. e.Parameters, e.Body],
            TupleExpression e => [.. e.Elements],
            ListExpression e => [.. e.Elements],
            SetExpression e => [.. e.Elements],
            DictExpression e => [.. e.Keys, .. e.Values],
            ComprehensionExpression e => [e.Element, e.Value, .. e.Clauses],
            ComprehensionClause c => [c.Target, c.Iterable, .. c.Conditions],
            AwaitExpression e => [e.Value],
            YieldExpression e => [e.Value],
            StarredExpression e => [e.Value],
            NamedExpression e => [e.Target, e.Value],
            _ => [],
        };
        return Array.IndexOf(children, null) < 0 ? (PythonNode[])children! : [.. children.OfType<PythonNode>()];
    }
}
