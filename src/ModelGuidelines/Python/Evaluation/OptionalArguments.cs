using System.Collections.Frozen;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>Which arguments with a default whoever calls a forward gives at times.</summary>
internal static class OptionalArguments
{
    /// <summary>How the field names flags that ask for further outputs; models are called with and without them.</summary>
    private static readonly string[] Asking = ["return_", "output_", "need_", "get_"];

    /// <summary>How it names flags that say whether the model is trained or used, and which way a flow runs: every such model is called both ways.</summary>
    private static readonly FrozenSet<string> Modes = "train is_train is_training train_mode test is_test is_testing test_mode eval is_eval eval_mode inference is_inference infer gen generate reverse inverse invert".Split(' ').ToFrozenSet(StringComparer.Ordinal);

    /// <summary>What is None by default is an input that may be there or not; a flag that asks for an output or says what the model is used for is set at times. Of any other the default is what callers use.</summary>
    public static bool IsGivenAtTimes(string name, Value? usual) => usual switch
    {
        null => true,
        ConstantValue { IsNone: true } => name is not "training",
        ConstantValue { Peek: bool } => Modes.Contains(name) || Array.Exists(Asking, a => name.StartsWith(a, StringComparison.Ordinal)),
        _ => false,
    };
}
