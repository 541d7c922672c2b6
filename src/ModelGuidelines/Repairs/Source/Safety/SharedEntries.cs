using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Where the entries of a state_dict are gone through, which names parameters that two modules share twice (<c>parameters()</c> does not), and what is done goes by what they hold: a running mean
/// of weights (<c>v.mul_(0.9).add_(w)</c>) would move the shared ones twice, a sum of them would count them twice.</summary>
internal static class SharedEntries
{
    /// <summary>The first such place, and what is done there; null: none.</summary>
    /// <param name="files">All files at hand.</param>
    /// <param name="tree">The file.</param>
    /// <param name="nodes">What of it is looked at.</param>
    public static string? Twice(SourceFiles files, SourceTree tree, IEnumerable<PythonNode> nodes) =>
        nodes.OfType<AttributeExpression>().Where(a => a.Name == "state_dict").Select(a => GoneBy(files, tree, a)).FirstOrDefault(n => n is not null) is { } place
            ? $"line {tree.LineOf(place)} of {Path.GetFileName(tree.Path)} goes by what the entries of a state_dict hold, which names shared parameters twice" : null;

    /// <summary>The first place that goes by the entries that a call of <c>state_dict</c> gives; null: none.</summary>
    /// <param name="files">All files at hand.</param>
    /// <param name="tree">The file in which it stands.</param>
    /// <param name="read">The name that is called: <c>model.state_dict</c>.</param>
    private static PythonNode? GoneBy(SourceFiles files, SourceTree tree, AttributeExpression read)
    {
        if (tree.Ancestors(read).OfType<Argument>().FirstOrDefault(a => tree.Parent(a) is CallExpression { Function: var f } && KnownNames.IsInPlace(Chain.Last(f))) is { } whole)
        {
            return whole;
        }

        // What the entries are called from here on: in this function, or everywhere where an object keeps them.
        var names = tree.Ancestors(read).OfType<AssignStatement>().Take(1).SelectMany(s => s.Targets).Select(t => Chain.Last(t)).Where(n => n.Length > 0).ToHashSet(StringComparer.Ordinal);
        bool Gives(Expression e) => SourceTree.Below(e).Any(n => n == read || (n is NameExpression name && names.Contains(name.Name)) || (n is AttributeExpression kept && names.Contains(kept.Name)));
        foreach (var loop in tree.Nodes.OfType<ForStatement>().Where(l => Gives(l.Iterable)))
        {
            var entries = SourceTree.Below(loop.Target).OfType<NameExpression>().Select(n => n.Name).Concat(names).ToHashSet(StringComparer.Ordinal);
            if (loop.Body.Select(s => In(files, tree, s, entries, 0)).FirstOrDefault(n => n is not null) is { } found)
            {
                return found;
            }
        }

        return tree.Nodes.OfType<ComprehensionExpression>().FirstOrDefault(c => PythonTree.Children(c).OfType<ComprehensionClause>().Any(l => Gives(l.Iterable)) && tree.Ancestors(c).OfType<CallExpression>().FirstOrDefault() is { Function: NameExpression { Name: "sum" } });
    }

    private static PythonNode? In(SourceFiles files, SourceTree tree, PythonNode body, HashSet<string> entries, int depth) => SourceTree.Below(body).FirstOrDefault(n =>
    {
        bool Has(PythonNode e, Func<string, bool> name) => SourceTree.Below(e).OfType<NameExpression>().Any(o => name(o.Name));
        bool IsOf(Expression e) => Chain.Name(e, throughCalls: true) is { } root && entries.Contains(root);
        return n switch
        {
            AugmentedAssignStatement a => IsOf(a.Target) || Has(a.Value, entries.Contains),
            AssignStatement { Targets: [NameExpression target], Value: var value } => Has(value, o => o == target.Name) && Has(value, entries.Contains),
            AssignStatement { Targets: [AttributeExpression { Name: "data" } target], Value: var value } => IsOf(target) && Has(value, o => o == Chain.Name(target, throughCalls: true)),
            CallExpression { Function: AttributeExpression f } c when IsOf(f) && KnownNames.IsInPlace(f.Name) =>
                !KnownNames.Method(f.Name, Does.Sets) || c.Arguments.Any(a => Has(a.Value, o => o == Chain.Name(f, throughCalls: true))),
            CallExpression { Function: NameExpression or AttributeExpression } c when c.Arguments.Any(a => a.Value is NameExpression given && entries.Contains(given.Name)) =>
                (KnownNames.IsInPlace(Chain.Last(c.Function)) && !KnownNames.Method(Chain.Last(c.Function), Does.Sets))
                || (depth < 4 && ModuleWalks.FunctionsOf(files, tree, c.Function).Exists(f => In(files, f.Tree, f.Function, f.Function.Parameters.Select(p => p.Name).Where(p => p != "self").ToHashSet(StringComparer.Ordinal), depth + 1) is not null)),
            _ => false,
        };
    });
}
