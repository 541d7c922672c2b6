using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Names of a file by which another has an object of its classes without naming these.</summary>
internal static class ObjectMakers
{
    /// <summary>Functions that make such objects, and tables that hold the classes or such functions.</summary>
    /// <param name="main">The file.</param>
    /// <param name="classes">Names of its classes.</param>
    public static HashSet<string> Of(SourceTree main, HashSet<string> classes)
    {
        var makers = Tables(main, classes).ToHashSet(StringComparer.Ordinal);
        for (var found = -1; found != makers.Count && classes.Count > 0;)
        {
            found = makers.Count;
            makers.UnionWith(main.File.Statements.OfType<FunctionDefinition>().Where(f => f.Name is not "main" && f.Body.SelectMany(SourceTree.Below).Any(n => n is NameExpression { Name: var name } && (classes.Contains(name) || makers.Contains(name)))).Select(f => f.Name));
        }

        return makers;
    }

    /// <summary>What is written out with the classes in it, and what a function that decorates them puts them into.</summary>
    private static IEnumerable<string> Tables(SourceTree main, HashSet<string> classes)
    {
        var decorators = main.Nodes.OfType<ClassDefinition>().SelectMany(c => c.Decorators).Select(d => Chain.Last(d is CallExpression made ? made.Function : d)).ToHashSet(StringComparer.Ordinal);
        var kept = main.File.Statements.OfType<FunctionDefinition>().Where(f => decorators.Contains(f.Name)).SelectMany(SourceTree.Below).Select(n => n switch
        {
            SubscriptExpression { Value: NameExpression table } s when AttributeUses.IsTarget(main, s) => table.Name,
            CallExpression { Function: AttributeExpression { Name: var does, Value: NameExpression table } } when KnownNames.Method(does, Does.Changes) => table.Name,
            _ => null,
        }).OfType<string>();
        return main.File.Statements.OfType<AssignStatement>().Where(s => s.Value is DictExpression or ListExpression or TupleExpression && SourceTree.Below(s.Value).OfType<NameExpression>().Any(n => classes.Contains(n.Name))).SelectMany(s => s.Targets).OfType<NameExpression>().Select(n => n.Name).Concat(kept);
    }
}
