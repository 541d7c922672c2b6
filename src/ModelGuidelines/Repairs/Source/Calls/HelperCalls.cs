using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>A method that several calls run in one pass: it gets a parameter for the module that it calls, and each call after the first hands on one of its own.</summary>
/// <remarks>The parameter is None by default, and then the method does what it did before: who calls it elsewhere notices nothing.</remarks>
/// <param name="files">All files at hand.</param>
/// <param name="home">The method's.</param>
internal sealed class HelperCalls(SourceFiles files, SourceTree home)
{
    /// <summary>The calls of a method by its own object, in order; or why they cannot hand on a module.</summary>
    public (List<(SourceTree Tree, CallExpression Call)> Calls, string? Reason) Of(ClassFamily family, FunctionDefinition helper)
    {
        var place = $"'{helper.Name}' is called several times in one pass";
        if (!helper.Decorators.IsEmpty || helper.IsAsync || helper.Name is "forward" || helper.Name.StartsWith("__", StringComparison.Ordinal) || ClassFamily.Self(helper) is null || helper.Parameters.Any(p => p.Kind is ParameterKind.VariadicKeyword or ParameterKind.PositionalOnly)
            || (helper.Parameters[^1].Default is { } last && (last is not (NumberExpression or StringExpression or ConstantExpression or NameExpression) || home.File.Text[last.Start - 1] == '(')))
        {
            return ([], $"{place}, and takes no further parameter");
        }

        if (family.Members.Count(c => c.Tree.ScopeOf(c.Node).Find(helper.Name) is not null) > 1)
        {
            return ([], $"{place}, and several classes define it");
        }

        if (TorchScriptForm.IsCompiled(files))
        {
            return ([], $"{place}, and the file is meant for TorchScript, which hands no module to a method");
        }

        var calls = files.All.OrderBy(t => t != home).SelectMany(t => t.Nodes.OfType<AttributeExpression>().Where(a => a.Name == helper.Name && AttributeUses.IsOfSelf(t, a) && t.Method(a).Class is { } owner && family.Members.Contains(new(t, owner)))
            .OrderBy(a => a.Start).Select(a => (Tree: t, Call: t.Parent(a) is CallExpression call && call.Function == a ? call : null))).ToList();
        return calls.Count < 2 || calls.Exists(c => c.Call is null || !CanHandOn(c.Tree, c.Call, helper))
            ? ([], $"{place}: by a loop, by itself, or in a way that hands on no further argument")
            : (calls.ConvertAll(c => (c.Tree, c.Call!)), null);
    }

    /// <summary>A name for the parameter, which means nothing else in the method.</summary>
    public static string? ParameterFor(FunctionDefinition helper, string attribute)
    {
        bool IsFree(string name) => !SourceTree.Below(helper).Any(n => n is NameExpression e && e.Name == name || n is Parameter p && p.Name == name);
        return new[] { attribute, attribute + "_module" }.FirstOrDefault(IsFree);
    }

    /// <summary>What the method needs to be handed the module, and to call it in place of what it called.</summary>
    public static IEnumerable<SourceEdit> Taking(FunctionDefinition helper, string parameter)
    {
        var last = helper.Parameters[^1];
        var end = Math.Max(last.End, Math.Max(last.Annotation?.End ?? 0, last.Default?.End ?? 0));
        return [new(new(end, end), $", {parameter}=None")];
    }

    /// <summary>The module that is called: the object's own, where none is handed on.</summary>
    public static string Called(string own, string parameter) => $"({own} if {parameter} is None else {parameter})";

    /// <summary>A call that hands on a module.</summary>
    public static SourceEdit Handing(SourceTree tree, CallExpression call, string parameter, string module)
    {
        var end = call.End - 1;
        var at = end;
        while (char.IsWhiteSpace(tree.File.Text[at - 1]))
        {
            at--;
        }

        var comma = tree.File.Text[at - 1] is ',' ? " " : call.Arguments.IsEmpty ? "" : ", ";
        return new SourceEdit(new(at, at), $"{comma}{parameter}={module}").In(tree);
    }

    private static bool CanHandOn(SourceTree tree, CallExpression call, FunctionDefinition helper) =>
        tree.Method(call) is ({ }, { } method) && method != helper && call.Arguments.All(a => a.Stars == 0 && a.Value is not ComprehensionExpression) && tree.File.Text[call.End - 1] == ')'
        && !tree.HasComment(call.Arguments.IsEmpty ? call.Function.End : call.Arguments[^1].End, call.End)
        && !tree.Ancestors(call).TakeWhile(a => a != method).Any(a => a is WhileStatement or ForStatement or ComprehensionExpression or LambdaExpression or FunctionDefinition or ClassDefinition);
}
