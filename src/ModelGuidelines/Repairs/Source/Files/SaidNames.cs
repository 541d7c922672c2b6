using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>The names that a function's code says: those of its parameters and variables, and of what it reads from outside. Attributes are none.</summary>
internal static class SaidNames
{
    public static HashSet<string> In(FunctionDefinition function) => SourceTree.Below(function).Where(n => n != function).SelectMany(Of).ToHashSet(StringComparer.Ordinal);

    private static IEnumerable<string> Of(PythonNode node) => node switch
    {
        NameExpression e => [e.Name],
        Parameter p => [p.Name],
        FunctionDefinition f => [f.Name],
        ClassDefinition c => [c.Name],
        ScopeStatement s => s.Names,
        ExceptHandler { Name: { } name } => [name],
        ImportStatement i => i.Names.Select(a => a.Alias ?? a.Name.Split('.')[0]),
        ImportFromStatement i => i.Names.Select(a => a.Alias ?? a.Name),
        TypeAliasStatement t => [t.Name.Name],
        MatchCase c => Of(c.Pattern),
        _ => [],
    };

    /// <summary>What a pattern says; it is no node's child.</summary>
    private static IEnumerable<string> Of(Pattern pattern) => pattern switch
    {
        ValuePattern p => Read(p.Value),
        SequencePattern p => p.Patterns.SelectMany(Of),
        MappingPattern p => p.Keys.SelectMany(Read).Concat(p.Patterns.SelectMany(Of)).Concat(p.Rest is null ? [] : [p.Rest]),
        ClassPattern p => Read(p.Type).Concat(p.Patterns.Concat(p.KeywordPatterns).SelectMany(Of)),
        StarPattern { Name: { } name } => [name],
        AsPattern p => (p.Name is null ? Enumerable.Empty<string>() : [p.Name]).Concat(p.Pattern is null ? [] : Of(p.Pattern)),
        OrPattern p => p.Patterns.SelectMany(Of),
        _ => [],
    };

    private static IEnumerable<string> Read(Expression expression) => SourceTree.Below(expression).OfType<NameExpression>().Select(n => n.Name);
}
