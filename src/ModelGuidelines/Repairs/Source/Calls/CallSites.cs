using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>A place that calls a module.</summary>
/// <param name="Tree">The file that it stands in.</param>
/// <param name="Call">The call; that of the function where the module is handed to one.</param>
/// <param name="Location">As the finding has it, or where the module is handed on.</param>
/// <param name="Function">What stands for the module there.</param>
/// <param name="Loop">The loop or comprehension around it whose rounds call it one by one; null where it stands in none.</param>
/// <param name="Element">Which element of what <c>map</c> goes over; null for a call.</param>
/// <param name="Through">Where the module is read to be called by another name: a local one's, or a property's.</param>
internal sealed record CallSite(SourceTree Tree, CallExpression Call, SourceLocation Location, Expression Function, PythonNode? Loop, int? Element = null, AttributeExpression? Through = null);

/// <summary>Where a method calls what an attribute of its object holds: by the attribute, by a local name or a property, by <c>map</c>, or by handing it to a function that calls it.</summary>
internal sealed class CallSites(SourceFiles files, Func<SourceClass, ClassFamily> familyOf)
{
    private const int MaxDepth = 4;
    private readonly SourceTree _tree = files.Main;

    /// <summary>The places in order, or why they are not understood.</summary>
    public (List<CallSite> Sites, string? Reason) Of(Finding finding, string attribute)
    {
        var sites = new List<CallSite>();
        string? unclear = null;
        foreach (var location in finding.Calls.Select(c => c.Location).OfType<SourceLocation>().Distinct())
        {
            if (files.TreeOf(location) is not { } tree)
            {
                unclear ??= $"it is called in another file, {location.File}";
                continue;
            }

            var calls = tree.CallsAt(location.Line, location.Column);
            var found = calls.Where(c => c.Function is AttributeExpression a && a.Name == attribute && AttributeUses.IsOfSelf(tree, a)).Select(c => (Call: c, Through: (AttributeExpression?)null))
                .Concat(calls.Select(c => (Call: c, Through: NamedBy(tree, c.Function, attribute))).Where(c => c.Through is not null)).ToList();
            if (found.Count == 0 && Mapped(tree, location, attribute) is { } mapped)
            {
                sites.AddRange(mapped);
                continue;
            }

            if (found is not [var (call, through)] || tree.Method(call) is not ({ }, { } method))
            {
                unclear ??= $"it is not called as an attribute of its own module (line {location.Line})";
                continue;
            }

            var (loop, noLoop) = LoopRounds.Around(tree, call, method);
            if (noLoop is not null)
            {
                return ([], $"line {location.Line} calls it in {noLoop}");
            }

            sites.Add(new(tree, call, location, call.Function, loop, Through: through));
        }

        // What is called in a function that it is handed to stands where it is handed on; an inner call comes before the outer.
        if (unclear is not null)
        {
            var handed = HandedOn(attribute);
            sites = handed is null || sites.Exists(s => s.Element is not null || s.Tree != _tree) ? [] : [.. sites.Concat(handed).OrderBy(s => s.Call.End)];
            return sites.Count < 2 && sites is not [{ Loop: not null }] ? ([], unclear) : (sites, null);
        }

        return sites.Count == 0 ? ([], "the file does not say where its calls stand") : (sites, null);
    }

    /// <summary>Where <c>act = self.act</c>, or a property that returns it, gives the name that is called; null for other names.</summary>
    private AttributeExpression? NamedBy(SourceTree tree, Expression function, string attribute)
    {
        if (function is NameExpression name)
        {
            return tree.Method(name).Method is { } method && tree.ScopeOf(method).Find(name.Name) is { All: [{ By: AssignStatement { Targets: [NameExpression], Value: AttributeExpression held } }] }
                && held.Name == attribute && AttributeUses.IsOfSelf(tree, held) && tree.Find(name.Name, name) == tree.ScopeOf(method).Find(name.Name)
                && SourceTree.Below(method).OfType<NameExpression>().Where(n => n.Name == name.Name && !AttributeUses.IsTarget(tree, n)).All(n => tree.Parent(n) is CallExpression call && call.Function == n) ? held : null;
        }

        return function is AttributeExpression of && of.Name != attribute && AttributeUses.IsOfSelf(tree, of) && tree.Method(of).Class is { } type
            && familyOf(new(tree, type)) is var family && family.Members.Where(m => m.Tree.ScopeOf(m.Node).Find(of.Name) is not null).ToList() is [var owner] && owner.Tree == tree
            && owner.MethodNamed(of.Name) is { Decorators: [NameExpression { Name: "property" }] } property && property.Body.SkipWhile(s => s is ExpressionStatement { Value: StringExpression }).ToList() is [ReturnStatement { Value: AttributeExpression returned }]
            && returned.Name == attribute && AttributeUses.IsOfSelf(tree, returned)
            && AttributeUses.Of(files, family, of.Name).All(u => u.Tree.Parent(u.Node) is CallExpression call && call.Function == u.Node && AttributeUses.IsOfSelf(u.Tree, u.Node)) ? returned : null;
    }

    /// <summary>Where methods hand the module to functions that do nothing but call it; null where one may do more.</summary>
    private List<CallSite>? HandedOn(string attribute)
    {
        var sites = new List<CallSite>();
        foreach (var use in _tree.Nodes.OfType<AttributeExpression>().Where(a => a.Name == attribute && AttributeUses.IsOfSelf(_tree, a)))
        {
            if (_tree.Parent(use) is not Argument { Stars: 0 } argument || _tree.Parent(argument) is not CallExpression call || _tree.Method(use) is not ({ }, { Name: not "__init__" } method))
            {
                continue;
            }

            var (loop, noLoop) = LoopRounds.Around(_tree, call, method);
            if (noLoop is not null || !OnlyCalls(_tree, call, argument, 0))
            {
                return null;
            }

            var (line, column) = _tree.File.PositionOf(use.Start);
            sites.Add(new(_tree, call, files.LocationOf(_tree, line, column), use, loop));
        }

        return sites;
    }

    /// <summary>Whether a call's function does nothing with an argument but calling it.</summary>
    private bool OnlyCalls(SourceTree tree, CallExpression call, Argument argument, int depth)
    {
        if (depth > MaxDepth || call.Arguments.Any(a => a.Stars > 0))
        {
            return false;
        }

        if (tree.Resolve(call.Function) is "torch.utils.checkpoint.checkpoint")
        {
            return call.Arguments.IndexOf(argument) == 0;
        }

        return ModuleWalks.FunctionsOf(files, tree, call.Function) is [var (owner, function)] && function.Decorators.IsEmpty && !function.IsAsync
            && call.Arguments.IndexOf(argument) + (call.Function is AttributeExpression a && AttributeUses.IsOfSelf(tree, a) ? 1 : 0) is var position
            && (argument.Name is { } name ? function.Parameters.FirstOrDefault(p => p.Name == name) : function.Parameters.ElementAtOrDefault(position)) is { Kind: not (ParameterKind.VariadicPositional or ParameterKind.VariadicKeyword) } parameter
            && owner.ScopeOf(function).Find(parameter.Name) is { All.Count: 1 }
            && !SourceTree.Below(function).Any(n => n is ScopeStatement or LambdaExpression || (n is FunctionDefinition && n != function))
            && function.Body.SelectMany(SourceTree.Below).OfType<NameExpression>().Where(n => n.Name == parameter.Name).All(n => owner.Parent(n) switch
            {
                CallExpression of => of.Function == n,
                CompareExpression { Operators: [PythonOperator.Is or PythonOperator.IsNot], Operands: [_, ConstantExpression { Value: PythonConstant.None }] } => true,
                IfClause or BooleanExpression or UnaryExpression { Operator: PythonOperator.Not } => IsTest(owner, n),
                Argument { Stars: 0 } on => owner.Parent(on) is CallExpression further && OnlyCalls(owner, further, on, depth + 1),
                _ => false,
            });
    }

    /// <summary>Whether it is only asked whether a value is true: <c>act or other</c> may be the module itself.</summary>
    private static bool IsTest(SourceTree tree, PythonNode value) => tree.Parent(value) switch
    {
        IfClause or UnaryExpression { Operator: PythonOperator.Not } => true,
        BooleanExpression both => IsTest(tree, both),
        _ => false,
    };

    /// <summary><c>q, k, v = map(self.split, (q, k, v))</c>: a site for each element; null for anything else.</summary>
    private static IEnumerable<CallSite>? Mapped(SourceTree tree, SourceLocation location, string attribute)
    {
        var found = tree.CallsAt(location.Line, location.Column).Where(c => c is { Function: NameExpression { Name: "map" }, Arguments: [{ Name: null, Stars: 0, Value: AttributeExpression of }, { Name: null, Stars: 0, Value: TupleExpression or ListExpression }] }
            && of.Name == attribute && AttributeUses.IsOfSelf(tree, of) && tree.Find("map", c) is null).ToList();
        if (found is not [var map] || tree.Parent(map) is not AssignStatement { Targets: [TupleExpression targets] } || tree.Method(map) is not ({ }, { } method)
            || tree.Ancestors(map).TakeWhile(a => a != method).Any(a => a is WhileStatement or ForStatement or ComprehensionExpression or LambdaExpression or FunctionDefinition) || tree.HasComment(map.Start, map.End))
        {
            return null;
        }

        // The elements are there before the first call: what they are must not change by it.
        var elements = PythonTree.Children(map.Arguments[1].Value).OfType<Expression>().ToList();
        return elements.Count == targets.Elements.Length && elements.TrueForAll(e => e is NameExpression) && !targets.Elements.Any(t => t is StarredExpression)
            ? elements.Select((_, i) => new CallSite(tree, map, location, (AttributeExpression)map.Arguments[0].Value, null, i))
            : null;
    }
}
