using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <content>What changes a value, hands it out, or uses it up.</content>
internal sealed partial class HeldUses
{
    /// <summary>What every module has to change itself, or to hand out what it holds.</summary>
    private static readonly HashSet<string> OfModule =
    [
        "eval", "train", "apply", "to", "half", "float", "double", "cuda", "cpu", "bfloat16", "type", "requires_grad_", "zero_grad", "load_state_dict", "buffers", "named_buffers", "get_buffer", "state_dict", "add_module", "register_module", "register_buffer", "register_parameter",
        "share_memory", "compile", "to_empty", "set_extra_state", "_apply", "__dict__", "__setattr__", "__delattr__", "__getattribute__", "_buffers", "_parameters", "_modules", "children", "named_children", "modules", "named_modules",
    ];

    /// <summary>Whether a node may change what the object made for itself, hand it out, or use it up.</summary>
    private bool Changes(SourceTree tree, FunctionDefinition function, PythonNode node)
    {
        bool IsUsedUp(Expression of) => (Value(tree, function, of) & Held.Unknown) != Held.Nothing;
        switch (node)
        {
            case AttributeExpression { Name: "__dict__" or "__setattr__" or "__delattr__" or "__getattribute__" }:
                return true;
            case AttributeExpression { Name: var own } a when OfModule.Contains(own) && IsObject(tree, function, a.Value):
                return !family.Bases.Exists(b => b.MethodNamed(own) is not null);
            case CallExpression { Function: NameExpression { Name: "exec" or "eval" or "vars" or "locals" or "globals" or "setattr" or "delattr" } of } when tree.Find(of.Name, of) is null:
                return true;
            case AttributeExpression { Value: var of } when AttributeUses.IsTarget(tree, node):
                return Value(tree, function, of) is not Held.Nothing;
            case SubscriptExpression { Value: var of } when AttributeUses.IsTarget(tree, node):
                return (Value(tree, function, of) & Held.Itself) != Held.Nothing;
            case AugmentedAssignStatement { Target: NameExpression name }:
                return (_names[function].GetValueOrDefault(name.Name) & Held.Itself & ~Held.Module) != Held.Nothing;
            case AssignStatement { Targets: var targets, Value: var value }:
                return targets.Any(t => t is TupleExpression or ListExpression) && value is not TupleExpression && IsUsedUp(value) || targets.Any(t => t is AttributeExpression or SubscriptExpression && !IsLocal(tree, function, t)) && (Value(tree, function, value) & Held.AnyMutable) != Held.Nothing;
            case ForStatement { Iterable: var iterable }:
                return IsUsedUp(iterable);
            case ComprehensionClause { Iterable: var iterable }:
                return IsUsedUp(iterable);
            case CompareExpression { Operators: var operators, Operands: var operands }:
                return operators.Any(o => o is PythonOperator.In or PythonOperator.NotIn) && operands.Skip(1).Any(IsUsedUp);
            case StarredExpression { Value: var of }:
                return IsUsedUp(of);
            case WithItem { Context: var context }:
                return IsUsedUp(context);
            case MatchStatement { Subject: var subject }:
                return Value(tree, function, subject) is not Held.Nothing;
            case ReturnStatement { Value: { } value } when function.Name is "forward" or "__call__":
                return (Value(tree, function, value) & Held.AnyMutable) != Held.Nothing;
            case CallExpression call:
                return Changes(tree, function, call);
            default:
                return false;
        }
    }

    /// <summary>Whether it is the object itself, or the object as its bases have it.</summary>
    private static bool IsObject(SourceTree tree, FunctionDefinition function, Expression value) => value is NameExpression { Name: var name } && name == ClassFamily.Self(function) && tree.Parent(function) is ClassDefinition
        || value is CallExpression { Function: NameExpression { Name: "super" } };

    private bool Changes(SourceTree tree, FunctionDefinition function, CallExpression call)
    {
        var given = Given(tree, function, call);
        var isMutable = (given & Held.AnyMutable) != Held.Nothing;
        var first = call.Arguments.IsEmpty ? Held.Nothing : Value(tree, function, call.Arguments[0].Value);
        if (tree.Resolve(call.Function) is { } path)
        {
            if (path.StartsWith("torch.", StringComparison.Ordinal))
            {
                return (given & Held.AnyUnknown) != Held.Nothing || KnownNames.IsInPlace(path) && given is not Held.Nothing
                    || call.Arguments.Any(a => a.Name is "out" && Value(tree, function, a.Value) is not Held.Nothing)
                    || (first & ~Held.Module) != Held.Nothing && call.Arguments.Skip(1).Any(a => a is { Name: null or "inplace", Value: ConstantExpression { Value: PythonConstant.True } });
            }

            if (path.StartsWith("math.", StringComparison.Ordinal) || path.StartsWith("einops.", StringComparison.Ordinal) || path.StartsWith("warnings.", StringComparison.Ordinal) || path is "copy.deepcopy" or "typing.cast")
            {
                return (given & Held.AnyUnknown) != Held.Nothing;
            }
        }

        var called = Called(tree, call).ToList();
        if (called.Count > 0)
        {
            return false; // followed by itself
        }

        switch (call.Function)
        {
            case NameExpression { Name: var name } when tree.Find(name, call) is null && tree.Resolve(call.Function) is null:
                return !KnownNames.Function(name, Does.Asks) && ((given & Held.AnyUnknown) != Held.Nothing || (given is not Held.Nothing && !(KnownNames.Function(name, Does.Part | Does.Pure) || name is "any" or "all" or "id")));
            case NameExpression:
                return (Value(tree, function, call.Function) & Held.Unknown) != Held.Nothing || (isMutable && Value(tree, function, call.Function) is Held.Nothing);
            case AttributeExpression { Name: var name } a when AttributeUses.IsOfSelf(tree, a):
                var own = values.Of(name);
                return (own & Held.Unknown) != Held.Nothing || (given & (Held.Collection | Held.Unknown | Held.InnerCollection | Held.InnerUnknown)) != Held.Nothing || ((given & (Held.Tensor | Held.InnerTensor)) != Held.Nothing && ((own & Held.Module) == Held.Nothing || family.Bases.Exists(b => b.Tree.File.Text.Contains("inplace", StringComparison.Ordinal))));
            case AttributeExpression { Name: var name, Value: var receiver }:
                var of = Value(tree, function, receiver);
                return (of & Held.Unknown) != Held.Nothing
                    || ((of & Held.Collection) != Held.Nothing ? !KnownNames.Method(name, Does.Collection) && !((of & Held.Module) != Held.Nothing && name is "forward")
                        : (of & (Held.Tensor | Held.Parameter)) != Held.Nothing ? KnownNames.IsInPlace(name) || name is "register_hook" or "resize" or "fill" or "put"
                        : (of & Held.Module) != Held.Nothing ? !(KnownNames.Method(name, Does.Collection | Does.Module) || name is "forward" or "__call__" or "size" || isQuietMethod(name))
                        : isMutable && ((given & Held.AnyUnknown) != Held.Nothing || tree.Resolve(receiver) is not null || !IsLocal(tree, function, receiver)));
            default:
                return (Value(tree, function, call.Function) & Held.Unknown) != Held.Nothing || (isMutable && (Value(tree, function, call.Function) & Held.Module) == Held.Nothing);
        }
    }

    /// <summary>Whether an expression begins with a name of the function, its object left out.</summary>
    private static bool IsLocal(SourceTree tree, FunctionDefinition function, Expression expression) =>
        Chain.Root(expression) is NameExpression root && root.Name != ClassFamily.Self(function) && (tree.ScopeOf(function).Find(root.Name) is not null || tree.Find(root.Name, root) is { } binding && binding.All.TrueForAll(b => tree.Ancestors(b.By).Contains(function)));
}
