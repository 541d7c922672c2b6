using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>Which arguments with a default whoever calls a forward gives at times.</summary>
internal static class OptionalArguments
{
    /// <summary>How the field names flags that ask for further outputs; models are called with and without them.</summary>
    private static readonly string[] Asking = ["return_", "output_", "need_", "get_"];

    /// <summary>What is None by default is an input that may be there or not; a flag that asks for an output is set at times. Of any other the default is what callers use.</summary>
    public static bool IsGivenAtTimes(string name, Value? usual) => usual switch
    {
        null => true,
        ConstantValue { IsNone: true } => name is not "training",
        ConstantValue { Peek: bool } => Array.Exists(Asking, a => name.StartsWith(a, StringComparison.Ordinal)),
        _ => false,
    };
}
