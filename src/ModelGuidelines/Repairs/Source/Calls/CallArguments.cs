using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>What a call of a function says: its name, what it is called on, which arguments are inputs, and those that a module's constructor takes instead.</summary>
internal sealed class CallArguments(SourceTree tree)
{
    /// <summary>Classes whose constructors take keywords only.</summary>
    private static readonly HashSet<string> KeywordOnly = ["torch.nn.GaussianNLLLoss", "torch.nn.TripletMarginWithDistanceLoss"];

    /// <summary>The function's name, without what it is an attribute of.</summary>
    public string? NameOf(CallExpression call) => call.Function switch
    {
        NameExpression name => tree.Resolve(name) is { } path ? path[(path.LastIndexOf('.') + 1)..] : name.Name,
        AttributeExpression attribute => attribute.Name,
        _ => null,
    };

    /// <summary>Whether it changes what it is called on, as the underscore behind its name says.</summary>
    public bool IsInPlace(CallExpression call) => NameOf(call) is { Length: > 1 } name && name[^1] == '_';

    /// <summary>The object of a method's call, or null for a function's; and the arguments between the parentheses.</summary>
    public (Expression? Receiver, IReadOnlyList<Argument> Arguments)? CallStyle(CallExpression call, OperationInfo info)
    {
        if (call.Arguments.Any(a => a.Stars > 0))
        {
            return null;
        }

        if (tree.Resolve(call.Function) is { } path)
        {
            return path.StartsWith("torch.", StringComparison.Ordinal) ? (null, call.Arguments) : null;
        }

        return call.Function is AttributeExpression { Value: var receiver } && info.TensorInputs > 0 ? (receiver, call.Arguments) : null;
    }

    /// <summary>The constructor's arguments as written in the call; null with the reason when one of them is not fixed.</summary>
    public string? Constructor(OperationInfo info, IReadOnlyList<Argument> arguments, int inputCount, bool isInPlace, string self, HashSet<string> read, out List<Argument> inputs, out string? reason)
    {
        inputs = [];
        reason = null;
        var skipped = info.TensorInputs - inputCount;
        var values = new Dictionary<string, Argument>(StringComparer.Ordinal);
        for (var i = 0; i < arguments.Count; i++)
        {
            var position = arguments[i].Name is { } keyword ? IndexOf(info, keyword) : i + skipped;
            if (position < 0 || position >= info.Parameters.Length)
            {
                reason = $"argument '{arguments[i].Name ?? tree.File.TextOf(arguments[i]).ToString()}' has no counterpart in {info.ModuleClass}";
                return null;
            }

            if (position < info.TensorInputs)
            {
                inputs.Add(arguments[i]);
            }
            else
            {
                values[info.Parameters[position]] = arguments[i];
            }
        }

        if (inputs.Count != inputCount || inputs.Select(a => IndexOf(info, a.Name ?? "")).Where(p => p >= 0).Order().Zip(inputs.Select(a => IndexOf(info, a.Name ?? "")).Where(p => p >= 0)).Any(p => p.First != p.Second))
        {
            reason = "the inputs of the call are not understood";
            return null;
        }

        if (info.Parameters.Contains("training", StringComparer.Ordinal))
        {
            var isModules = values.Remove("training", out var training) && training.Value is AttributeExpression { Name: "training", Value: NameExpression { Name: var owner } } && owner == self;
            if (!isModules)
            {
                reason = $"it does not take 'training' from its module ({self}.training), as {info.ModuleClass} would";
                return null;
            }
        }

        var parts = new List<string>();
        var isPositional = !KeywordOnly.Contains(info.ModuleClass!);
        foreach (var name in info.ConstructorParameters)
        {
            if (name == "inplace" && isInPlace)
            {
                parts.Add("inplace=True");
                isInPlace = false;
                values.Remove(name);
                continue;
            }

            if (!values.Remove(name, out var value))
            {
                isPositional = false;
                continue;
            }

            // A loss registers the tensor as a buffer, which a checkpoint would have to hold.
            if (name is "weight" or "pos_weight")
            {
                reason = $"argument '{name}' would become a buffer of {info.ModuleClass}";
                return null;
            }

            if (!IsKnownInInit(value.Value, self, read))
            {
                reason = $"argument '{name}' ({tree.File.TextOf(value.Value)}) only exists at run time";
                return null;
            }

            // Upsample makes a number of whatever is no tuple.
            var text = name == "scale_factor" && value.Value is ListExpression list ? $"({string.Join(", ", list.Elements.Select(e => tree.Text(e)))}{(list.Elements.Length == 1 ? "," : "")})" : tree.Text(value.Value);
            isPositional &= value.Name is null;
            parts.Add(isPositional ? text : $"{name}={text}");
        }

        if (values.Count > 0 || isInPlace)
        {
            reason = isInPlace ? $"it changes its argument in place, which {info.ModuleClass} cannot" : $"argument '{values.Keys.First()}' has no counterpart in {info.ModuleClass}";
            return null;
        }

        return string.Join(", ", parts);
    }

    private static int IndexOf(OperationInfo info, string keyword) => keyword switch
    {
        "x1" => 0,
        "x2" => 1,
        _ => info.Parameters.IndexOf(keyword),
    };

    /// <summary>A value that is written out, or an attribute of the object; <c>__init__</c> decides whether it is there.</summary>
    private bool IsKnownInInit(Expression value, string self, HashSet<string> read) => value switch
    {
        NumberExpression or StringExpression or ConstantExpression => true,
        UnaryExpression { Operator: PythonOperator.Minus or PythonOperator.Plus, Operand: NumberExpression } => true,
        TupleExpression t => t.Elements.All(e => IsKnownInInit(e, self, read)),
        ListExpression l => l.Elements.All(e => IsKnownInInit(e, self, read)),
        AttributeExpression { Value: NameExpression owner, Name: var name } when owner.Name == self && name != "training" => read.Add(name) || true,
        _ => false,
    };
}
