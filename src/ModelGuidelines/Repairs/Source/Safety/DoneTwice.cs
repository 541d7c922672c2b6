using System.Collections.Frozen;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>What may be done to parameters that two modules share, once for each module: what sets them, whatever they held, leaves them as it would leave one module's; what goes by what they
/// held (<c>m.weight.data.mul_(0.5)</c>) is done to them twice.</summary>
/// <param name="tree">The file in which it stands.</param>
internal sealed class DoneTwice(SourceTree tree)
{
    /// <summary>Attributes of torch.nn's modules, and of tensors, that are numbers and settings: none holds a parameter.</summary>
    private static readonly FrozenSet<string> Settings = ("in_features out_features in_channels out_channels kernel_size stride padding dilation groups eps momentum num_features normalized_shape embedding_dim num_embeddings padding_idx "
        + "hidden_size input_size num_layers num_heads head_dim embed_dim affine elementwise_affine track_running_stats inplace p training shape ndim dtype device is_cuda requires_grad grad").Split(' ').ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Whether a call of a method or function leaves what two share as it leaves what one has.</summary>
    /// <param name="call">The call.</param>
    /// <param name="own">Names of the module and of what belongs to it.</param>
    /// <param name="changed">Where what is changed stands among the arguments: from there on they may not go by what it held.</param>
    public bool IsOnce(CallExpression call, HashSet<string> own, int changed) =>
        KnownNames.Method(Chain.Last(call.Function), Does.Sets)
        && Chain.Of(call.Function, throughCalls: true).OfType<CallExpression>().All(c => KnownNames.Method(Chain.Last(c.Function), Does.Sets | Does.Part))
        && call.Arguments.Skip(changed).All(a => !Reads(a.Value, own));

    /// <summary>Whether an assignment does: <c>m.eps = 0.1</c>, <c>m.bias = None</c>, <c>m.weight.data = torch.zeros(4)</c>; what gives a module another parameter, which the two would not share any more, does not.</summary>
    public bool IsOnce(AssignStatement assignment, HashSet<string> own) => assignment.Targets.All(t => t switch
    {
        NameExpression => !Reads(assignment.Value, own),
        AttributeExpression { Name: var name } => assignment.Value is ConstantExpression or NumberExpression or StringExpression || ((name == "data" || Settings.Contains(name)) && !Reads(assignment.Value, own)),
        _ => false,
    });

    /// <summary>Whether an expression goes by what a parameter holds, and not only by its shape, its type, or whether it is there.</summary>
    public bool Reads(Expression expression, HashSet<string> own) => SourceTree.Below(expression).OfType<NameExpression>().Any(n =>
    {
        if (!own.Contains(n.Name))
        {
            return false;
        }

        Expression read = n;
        while (tree.Parent(read) is AttributeExpression or SubscriptExpression && Chain.Of((Expression)tree.Parent(read)!).Skip(1).First() == read)
        {
            read = (Expression)tree.Parent(read)!;
            if (read is AttributeExpression { Name: var name } && (Settings.Contains(name) || (KnownNames.Method(name, Does.Number) && name != "item")))
            {
                return false;
            }
        }

        return tree.Parent(read) switch
        {
            CompareExpression { Operators: [PythonOperator.Is or PythonOperator.IsNot or PythonOperator.In] } => false,
            IfClause or BooleanExpression or UnaryExpression { Operator: PythonOperator.Not } => false,
            Argument a when tree.Parent(a) is CallExpression { Function: var f } => !(f is NameExpression { Name: var function } && KnownNames.Function(function, Does.Form)) && !KnownNames.Method(Chain.Last(f), Does.Form),
            _ => true,
        };
    });
}
