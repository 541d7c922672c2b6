using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Whether the elements of a list of modules are only called, so that nobody changes one object through one of them and means all.</summary>
internal static class ContainerUses
{
    private static readonly HashSet<string> Iterators = ["enumerate", "zip", "reversed", "iter", "list", "tuple"];

    /// <summary>Where an element may be changed, hooked, kept or compared; null: nowhere.</summary>
    public static string? Touched(SourceFiles files, Func<SourceClass, ClassFamily> familyOf, string attribute)
    {
        foreach (var tree in files.All)
        {
            var uses = tree.Nodes.OfType<AttributeExpression>().Where(a => a.Name == attribute && tree.Resolve(a) is null && !AttributeUses.IsTarget(tree, a) && !IsOfAnother(files, familyOf, tree, a));
            if (uses.FirstOrDefault(a => !OnlyCalls(tree, a)) is { } use)
            {
                return $"line {tree.File.PositionOf(use.Start).Line} of {Path.GetFileName(tree.Path)} does more with the elements of '{attribute}' than calling them";
            }
        }

        return null;
    }

    /// <summary>Whether it is the own attribute of a class of another file that has nothing to do with this one's.</summary>
    private static bool IsOfAnother(SourceFiles files, Func<SourceClass, ClassFamily> familyOf, SourceTree tree, AttributeExpression attribute) =>
        tree != files.Main && AttributeUses.IsOfSelf(tree, attribute) && tree.Method(attribute).Class is { } owner && familyOf(new(tree, owner)) is { Unknown: null } family && !family.Members.Exists(m => m.Tree == files.Main);

    private static bool OnlyCalls(SourceTree tree, Expression list) => tree.Parent(list) switch
    {
        CallExpression call => call.Function == list,
        SubscriptExpression { Index: not SliceExpression } element => element.Value == list && tree.Parent(element) is CallExpression called && called.Function == element,
        ForStatement loop => loop.Iterable == list && CallsElements(tree, loop.Target, SourceTree.Below(loop)),
        ComprehensionClause clause => clause.Iterable == list && tree.Parent(clause) is { } around && CallsElements(tree, clause.Target, SourceTree.Below(around)),
        Argument { Stars: 0 } argument when tree.Parent(argument) is CallExpression { Function: NameExpression { Name: var name } } handed =>
            name == "len" || (Iterators.Contains(name) && OnlyCalls(tree, handed)),
        _ => false,
    };

    /// <summary>Whether each name that a loop gives is called, or a number beside the element.</summary>
    private static bool CallsElements(SourceTree tree, PythonNode target, IEnumerable<PythonNode> body)
    {
        var names = SourceTree.Below(target).OfType<NameExpression>().ToList();
        return body.OfType<NameExpression>().Where(n => !names.Contains(n) && names.Exists(t => t.Name == n.Name)).All(n => tree.Parent(n) switch
        {
            CallExpression call => call.Function == n,
            SubscriptExpression part => names.Count > 1 && part.Index == n,
            BinaryExpression or CompareExpression => names.Count > 1,
            _ => false,
        });
    }
}
