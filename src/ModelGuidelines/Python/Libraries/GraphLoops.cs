using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>Functions of TensorFlow and keras.ops that run a model's code in the loops and branches of a graph: as often as only the run tells.</summary>
internal static class GraphLoops
{
    private const string Left = "what the loop leaves";

    /// <summary>Rows of <c>keras.ops</c>.</summary>
    public static IEnumerable<LibraryRow> OfKeras =>
    [
        Row("ops.while_loop", (c, a) => While(c, a.Find(0, "cond"), a.Find(1, "body"), a.Find(2, "loop_vars"))),
        Row("ops.fori_loop", (c, a) => Again(c, a.Find(2, "body_fun"), [Number(c), a.Find(3, "init_val")]) ? Like(c, a.Find(3, "init_val")!) : null),
        Row("ops.scan", (c, a) => Again(c, a.Find(0, "f"), [a.Find(1, "init"), Element(c, a.Find(2, "xs"))]) ? Keras.Pair(c, a) : null),
        Row("ops.associative_scan", (c, a) => Again(c, a.Find(0, "f"), [Element(c, a.Find(1, "elems")), Element(c, a.Find(1, "elems"))]) ? c.Result(Returns.KerasTensor, a) : null),
        Row("ops.switch", (c, a) => OneOf(c, Functions(a.Find(1, "branches")), [.. a.Positional.Skip(2)])),
    ];

    /// <summary>Rows of <c>tensorflow</c>.</summary>
    public static IEnumerable<LibraryRow> OfTensorFlow =>
    [
        Row("while_loop", (c, a) => While(c, a.Find(0, "cond"), a.Find(1, "body"), a.Find(2, "loop_vars"))),
        .. new[] { "scan", "foldl", "foldr" }.Select(n => Row(n, (c, a) =>
            Again(c, a.Find(0, "fn"), [a.Find(2, "initializer") ?? Element(c, a.Find(1, "elems")), Element(c, a.Find(1, "elems"))]) ? c.Result(Returns.KerasTensor, a) : null)),
        Row("switch_case", (c, a) => OneOf(c, Functions(a.Find(1, "branch_fns"), a.Find(2, "default")), [])),
        Row("case", (c, a) => OneOf(c, Functions(a.Find(0, "pred_fn_pairs"), a.Find(1, "default")), [])),
    ];

    private static LibraryRow Row(string name, Func<ILibraryContext, CallArguments, Value?> code) => LibraryRow.Of(name, (c, a) =>
    {
        if (code(c, a) is { } result)
        {
            return result;
        }

        c.Gap($"what '{c.Name}' calls is not followed", Hides.Calls);
        return c.Result(Returns.KerasTensor, a);
    });

    private static Value? While(ILibraryContext context, Value? test, Value? body, Value? variables)
    {
        if (test is null || body is null || variables is not SequenceValue { Rest: null } given)
        {
            return null;
        }

        Value?[] values = [.. given.Items.Select(v => Inside(context, v))];
        return Again(context, test, values) && Again(context, body, values) ? Like(context, given) : null;
    }

    /// <summary>Calls a function once, and perhaps again.</summary>
    /// <returns>Whether all that it is called with is there.</returns>
    private static bool Again(ILibraryContext context, Value? code, Value?[] arguments)
    {
        if (code is null || arguments.Contains(null))
        {
            return false;
        }

        BuiltinIterators.Map(context, CallArguments.Of([code, .. arguments.Select(a => SequenceValue.Open(SequenceKind.List, Inside(context, a!)))]));
        return true;
    }

    /// <summary>Calls one of several functions, whichever; null where none is known.</summary>
    private static Value? OneOf(ILibraryContext context, List<Value> functions, Value[] operands) =>
        functions.Count == 0 ? null : context.ForEach(context.OneOf(functions, "the branch that is taken"), f => context.Call(f, CallArguments.Of(operands)));

    /// <summary>The functions of a list of them, of pairs with tests or numbers, or of a dictionary; and the one that runs otherwise. None where the branches are not all known.</summary>
    private static List<Value> Functions(Value? branches, Value? otherwise = null)
    {
        IEnumerable<Value>? named = branches switch
        {
            SequenceValue { Rest: null } list => list.Items.Select(i => i is SequenceValue { Items: [_, var function] } ? function : i),
            DictValue { Rest: null } dictionary => dictionary.Entries.Select(e => e.Value),
            _ => null,
        };
        return named is null ? [] : otherwise is null or ConstantValue ? [.. named] : [.. named, otherwise];
    }

    private static UnknownValue Number(ILibraryContext context) => context.Unknown("the round", "it is known when the model runs", UnknownKind.Number);

    /// <summary>In a Keras graph a loop is no node: what it calls gets plain tensors.</summary>
    private static Value Inside(ILibraryContext context, Value value) => value is not (SequenceValue or DictValue) && context.GraphTensors(value).Any() ? new TensorValue() : value;

    private static Value? Element(ILibraryContext context, Value? elements) => elements switch
    {
        null => null,
        SequenceValue { Rest: null } several => new SequenceValue(several.Kind, several.Items.ConvertAll(i => Element(context, i)!)),
        _ when context.GraphTensors(elements).Any() => new TensorValue(),
        _ => context.Item(elements, ConstantValue.Of(0L)),
    };

    /// <summary>What was put into a loop comes out as tensors of the same structure.</summary>
    private static Value Like(ILibraryContext context, Value value) => value switch
    {
        SequenceValue { Rest: null } s => new SequenceValue(s.Kind, s.Items.ConvertAll(i => Like(context, i))),
        _ when context.HoldsTensor(value) || context.GraphTensors(value).Any() => context.Result(Returns.KerasTensor, CallArguments.Of(value)),
        _ => context.Unknown(Left, "it is known when the model runs", UnknownKind.Number),
    };
}
