using ModelGuidelines.Python.Evaluation;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>What a module is and holds beside what the code registers in it: what a library's constructor makes is not followed.</summary>
internal static class ModuleContents
{
    /// <summary>The class as a running model names it: <c>torch.nn.modules.linear.Linear</c>.</summary>
    public static string ExactTypeOf(Evaluator evaluator, ObjectValue module) => module.Class?.ExactName
        ?? (module.ExternalType is { } external ? evaluator.Libraries.Class(external)?.ExactName ?? TorchNnFiles.ExactName(external) : module.TypeName);

    /// <summary>Whether it holds modules that the code does not show.</summary>
    /// <returns>False: none. True: its library's own. Null: that is not known, for a reason, and perhaps something would tell.</returns>
    public static (bool? Holds, string? Reason, string? Remedy) Of(Evaluator evaluator, ObjectValue module)
    {
        if (module.Doubt is { } doubt)
        {
            return (null, $"what '{doubt.Text}' is and which modules it holds is not known ({doubt.Reason})", doubt.Remedy);
        }

        if (module.Class is { HasUnknownBase: true } type)
        {
            return (null, $"'{type.Name}' derives from a class that is not known, which may hold modules", null);
        }

        if (module.ExternalType is not { } external || evaluator.Libraries.Class(external) is not { } known || known.IsAbstract || known.HoldsModules is false)
        {
            return (false, null, null);
        }

        if (external == $"torch.nn.{LibraryRow.AnyName}")
        {
            return (null, "which class of torch.nn it is cannot be told", null);
        }

        return known.HoldsModules is true ? (true, null, null)
            : external.StartsWith("torch.nn.", StringComparison.Ordinal) ? (false, null, null)
            : (null, $"which modules '{external}' holds is not known", Evaluator.Remedy(external));
    }
}
