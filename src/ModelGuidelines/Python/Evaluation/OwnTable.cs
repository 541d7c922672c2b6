using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>Tells of a dictionary at a file's own level, or at that of a class, whether only the file's own statements fill it: a table of settings, in which other files register nothing.</summary>
/// <remarks>Proven from the code alone: functions and classes of the file read it and hand it to nobody, and so do its statements, which may change it. Another file that would change it must say
/// one of its names. Where the proof does not succeed, others may fill it.</remarks>
internal sealed class OwnTable
{
    private const int MaxDepth = 60;
    private readonly HashSet<string> _own;
    private readonly HashSet<string> _holders;

    private OwnTable(HashSet<string> own, HashSet<string> holders) => (_own, _holders) = (own, holders);

    /// <summary>The names by which other files would reach it; null where it may be reached by others.</summary>
    public static IReadOnlyCollection<string>? NamesOf(DictValue table, SourceModule home)
    {
        var names = home.Scope.Names;
        if (names.Values.OfType<ClassValue>().Where(c => c.Module == home).SelectMany(c => c.Members).FirstOrDefault(m => ReferenceEquals(m.Value, table)).Key is { } member)
        {
            // Whoever fills a class' dictionary says it as an attribute, be it of another class that has it from this one.
            return home.File.Statements.Any(s => Reaches(s, member, 0)) ? null : ["." + member];
        }

        HashSet<string> Named(Func<Value, bool> fits) => names.Where(n => fits(n.Value)).Select(n => n.Key).ToHashSet(StringComparer.Ordinal);
        var use = new OwnTable(Named(v => ReferenceEquals(v, table)), Named(v => v is SequenceValue s && s.Items.Contains(table)));
        if (use._own.Count == 0 || !home.File.Statements.All(s => use.Keeps(s, 0)))
        {
            return null;
        }

        // Nobody imports what a loop goes by.
        var rounds = home.File.Statements.OfType<ForStatement>().Select(s => s.Target).OfType<NameExpression>().Select(n => n.Name)
            .Except(home.File.Statements.OfType<AssignStatement>().SelectMany(s => s.Targets).OfType<NameExpression>().Select(n => n.Name));
        return use._own.Concat(use._holders).Except(rounds).ToList() is { Count: > 0 } reached ? reached : null;
    }

    /// <summary>Whether code says an attribute of that name, or changes what its own class calls so.</summary>
    private static bool Reaches(PythonNode node, string member, int depth) => depth >= MaxDepth || node switch
    {
        AttributeExpression a => a.Name == member || (a.Value is NameExpression n && n.Name == member) || Reaches(a.Value, member, depth + 1),
        SubscriptExpression { Value: NameExpression n } when n.Name == member => true,
        CallExpression c when c.Arguments.Any(a => a.Value is NameExpression n && n.Name == member) => true,
        _ => PythonTree.Children(node).Any(c => Reaches(c, member, depth + 1)),
    };

    /// <summary>Whether a statement of the file's own level hands it to nobody.</summary>
    private bool Keeps(Statement statement, int depth)
    {
        bool All(IEnumerable<Statement> body) => depth < MaxDepth && body.All(s => Keeps(s, depth + 1));
        switch (statement)
        {
            case AssignStatement { Value: NameExpression or TupleExpression or ListExpression } s when s.Targets.All(t => t is NameExpression n && (_own.Contains(n.Name) || _holders.Contains(n.Name))):
                return PythonTree.Children(s.Value).All(e => e is NameExpression || Reads(e, depth));
            case AssignStatement s when s.Targets.All(t => t is NameExpression || IsElement(t)):
                return s.Targets.OfType<SubscriptExpression>().All(t => Reads(t.Index, depth)) && Reads(s.Value, depth);
            case AnnotatedAssignStatement { Target: NameExpression } s:
                return s.Value is null || Reads(s.Value, depth);
            case ExpressionStatement { Value: CallExpression { Function: AttributeExpression { Value: NameExpression n } } call } when _own.Contains(n.Name):
                return call.Arguments.All(a => Reads(a.Value, depth));
            case DeleteStatement s when s.Targets.All(t => IsElement(t) || (t is NameExpression n && !_own.Contains(n.Name) && !_holders.Contains(n.Name))):
                return true;
            case ForStatement { Target: NameExpression round, Iterable: NameExpression list } s when _holders.Contains(list.Name):
                _own.Add(round.Name);
                return All(s.Body) && All(s.OrElse);
            case ForStatement s:
                return Reads(s.Target, depth) && IsRead(s.Iterable, depth) && All(s.Body) && All(s.OrElse);
            case IfStatement s:
                return s.Clauses.All(c => Reads(c.Test, depth) && All(c.Body)) && All(s.OrElse);
            case TryStatement s:
                return All(s.Body) && s.Handlers.All(h => All(h.Body)) && All(s.OrElse) && All(s.FinalBody);
            default:
                return Reads(statement, depth);
        }
    }

    private bool IsElement(Expression target) => target is SubscriptExpression { Value: NameExpression n } && _own.Contains(n.Name);

    /// <summary>Whether code only asks what is in it.</summary>
    private bool Reads(PythonNode node, int depth) => depth < MaxDepth && node switch
    {
        NameExpression n => !_own.Contains(n.Name) && !_holders.Contains(n.Name) && n.Name is not ("globals" or "vars"),
        ScopeStatement s => !s.Names.Any(n => _own.Contains(n) || _holders.Contains(n)),
        AssignStatement s => s.Targets.All(t => Sets(t, depth)) && Reads(s.Value, depth + 1),
        AugmentedAssignStatement s => Sets(s.Target, depth) && Reads(s.Value, depth + 1),
        AnnotatedAssignStatement s => Sets(s.Target, depth) && (s.Value is null || Reads(s.Value, depth + 1)),
        DeleteStatement s => s.Targets.All(t => Sets(t, depth)),
        CompareExpression c => c.Operands.All(o => IsRead(o, depth)),
        SubscriptExpression s => IsRead(s.Value, depth) && Reads(s.Index, depth + 1),
        CallExpression { Function: AttributeExpression { Value: NameExpression, Name: "get" or "keys" or "values" or "items" or "copy" } } c => c.Arguments.All(a => Reads(a.Value, depth + 1)),
        CallExpression { Function: NameExpression { Name: "len" or "list" or "sorted" or "set" or "tuple" or "dict" or "iter" or "enumerate" or "isinstance" or "str" or "repr" } } c => c.Arguments.All(a => IsRead(a.Value, depth)),
        ForStatement s => Sets(s.Target, depth) && IsRead(s.Iterable, depth) && s.Body.Concat(s.OrElse).All(b => Reads(b, depth + 1)),
        ComprehensionClause c => IsRead(c.Iterable, depth) && Reads(c.Target, depth + 1) && c.Conditions.All(t => Reads(t, depth + 1)),
        _ => PythonTree.Children(node).All(c => Reads(c, depth + 1)),
    };

    private bool IsRead(Expression expression, int depth) => (expression is NameExpression n && !_holders.Contains(n.Name)) || Reads(expression, depth + 1);

    /// <summary>Whether a target is none of its elements.</summary>
    private bool Sets(Expression target, int depth) => !(target is SubscriptExpression { Value: NameExpression n } && _own.Contains(n.Name)) && (target is TupleExpression or ListExpression ? PythonTree.Children(target).OfType<Expression>().All(t => Sets(t, depth)) : Reads(target, depth + 1));
}
