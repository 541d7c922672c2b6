using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>What is written like a walk over modules and is none.</summary>
internal static class NoWalks
{
    /// <summary>Whether an attribute with the name of such a walk is another's, or looks at one module by a name that is written there.</summary>
    /// <param name="files">All files at hand.</param>
    /// <param name="tree">The file in which it stands.</param>
    /// <param name="attribute">The attribute.</param>
    /// <param name="isOfFamily">Whether the file defines the class that gets a module, or one that it derives from: what names are put together there is asked elsewhere (<see cref="ComputedNames"/>).</param>
    public static bool IsNone(SourceFiles files, SourceTree tree, AttributeExpression attribute, bool isOfFamily) => attribute.Name switch
    {
        // nn.modules.batchnorm._BatchNorm, sys.modules
        "modules" => tree.Resolve(attribute) is { } path && path is "sys.modules" or "torch.nn.modules" && !(tree.Parent(attribute) is CallExpression call && call.Function == attribute),

        // A function of one's own with gradients of its own: SpecialSpmm.apply(x)
        "apply" => IsFunction(files, tree, attribute.Value, 0),

        // self._modules["block" + str(i)]
        "_modules" => isOfFamily && tree.Parent(attribute) is SubscriptExpression { Index: var index } element && element.Value == attribute && !AttributeUses.IsTarget(tree, element) && (index is StringExpression || ComputedNames.IsPartlyWritten(tree, index)),

        // model.get_submodule(n) where n comes from model.named_modules(): that walk is asked.
        "get_submodule" => tree.Parent(attribute) is CallExpression { Arguments: [{ Name: null, Value: NameExpression name }] } && attribute.Value is NameExpression of
            && tree.Ancestors(attribute).OfType<ForStatement>().Any(l => l is { Target: TupleExpression { Elements: [NameExpression dotted, _] }, Iterable: CallExpression { Function: AttributeExpression { Name: "named_modules", Value: NameExpression whole } } } && dotted.Name == name.Name && whole.Name == of.Name),

        // "{stride}".format(**self.__dict__): modules stand in a table of their own.
        "__dict__" => tree.Parent(attribute) is Argument { Stars: 2 } given && tree.Parent(given) is CallExpression { Function: AttributeExpression { Name: "format" } },
        _ => false,
    };

    /// <summary>Whether <c>vars(...)</c> looks at what the command line gave: <c>parser.parse_args()</c>, a name of it, or a function that gives it.</summary>
    public static bool IsOfCommandLine(SourceFiles files, SourceTree tree, Expression given, int depth = 0) => depth < 4 && given switch
    {
        CallExpression { Function: AttributeExpression { Name: "parse_args" or "parse_known_args" } } => true,
        CallExpression { Function: var function } => ModuleWalks.FunctionsOf(files, tree, function) is [var made] && SourceTree.Below(made.Function).OfType<ReturnStatement>().ToList() is { Count: > 0 } returns && returns.TrueForAll(r => r.Value is { } value && IsOfCommandLine(files, made.Tree, value, depth + 1)),
        NameExpression name => tree.Find(name.Name, name) is { } binding && binding.All.TrueForAll(b => b.By is AssignStatement { Targets: [NameExpression], Value: var value } && IsOfCommandLine(files, tree, value, depth + 1)),
        _ => false,
    };

    private static bool IsFunction(SourceFiles files, SourceTree tree, Expression type, int depth) =>
        (depth > 0 && tree.Resolve(type) is "torch.autograd.Function" or "torch.autograd.function.Function" or "torch.autograd.function.InplaceFunction")
        || (depth < 8 && files.ClassOf(tree, type) is { } own && own.Node.Arguments.Any(a => a.Name is null && IsFunction(files, own.Tree, a.Value, depth + 1)));
}
