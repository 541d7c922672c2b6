using System.Collections.Immutable;
using ModelGuidelines.Models;

namespace ModelGuidelines.Guidelines.Aimet;

/// <summary>A tool of AIMET, in the order in which a model meets them.</summary>
public enum AimetTool
{
    /// <summary>aimet_torch's model validator.</summary>
    Validator,

    /// <summary>aimet_torch's model preparer.</summary>
    Preparer,

    /// <summary>aimet_torch's QuantizationSimModel.</summary>
    QuantSim,

    /// <summary>aimet_onnx's QuantizationSimModel.</summary>
    Onnx,

    /// <summary>The Keras QuantizationSimModel.</summary>
    Keras,
}

/// <summary>What a tool does with a model that violates a guideline.</summary>
public enum ToolEffect
{
    /// <summary>It mends it.</summary>
    Mends,

    /// <summary>It works, and the quantized model is worse for it.</summary>
    Degrades,

    /// <summary>It reports the model as invalid.</summary>
    Reports,

    /// <summary>It raises.</summary>
    Raises,
}

/// <summary>What one tool does on the findings of one guideline.</summary>
/// <param name="Tool">Which.</param>
/// <param name="Guideline">Id.</param>
/// <param name="Effect">What it does.</param>
/// <param name="Text">The same as a sentence.</param>
/// <param name="Applies">Of which findings of the guideline this holds; null: all.</param>
public sealed record ToolEffectRow(AimetTool Tool, string Guideline, ToolEffect Effect, string Text, Func<Finding, bool>? Applies = null);

/// <summary>What AIMET's tools do on findings: measured on AIMET 2.42, nothing that was only read.</summary>
public static class ToolEffects
{
    /// <summary>Of one tool, in the order in which it fails.</summary>
    public static IEnumerable<ToolEffectRow> Of(AimetTool tool) => All.Where(r => r.Tool == tool);

    /// <summary>The name by which people know a tool.</summary>
    public static string Title(AimetTool tool) => tool switch
    {
        AimetTool.Validator => "model validator (aimet_torch)",
        AimetTool.Preparer => "model preparer (aimet_torch)",
        AimetTool.QuantSim => "quantization simulation (aimet_torch)",
        AimetTool.Onnx => "quantization simulation (aimet_onnx)",
        _ => "quantization simulation (Keras)",
    };

    /// <summary>What no file of a format tells of a tool, however complete its evidence is; null where that is nothing.</summary>
    /// <remarks>The preparer runs the Python code of forward, on proxies of torch.fx: seven of eight models that it was recorded to refuse look in exported files like any other.</remarks>
    public static string? NotTold(AimetTool tool, string? format) => tool is not AimetTool.Preparer || format == SourceFormat ? null
        : "whether torch.fx can trace the Python code of forward, which is not in this file; audit the source";

    private const string SourceFormat = "PythonSource";

    private static ImmutableArray<ToolEffectRow> All { get; } =
    [
        // Its check for reuse runs the model under hooks; the one for missing modules, behind it, traces it.
        new(AimetTool.Validator, "PyTorch.ModuleReuse", ToolEffect.Reports, "the module is named as reused", IsLeafReuse),
        new(AimetTool.Validator, "Aimet.ControlFlow", ToolEffect.Raises, "torch.cond and while_loop end in an exception", IsTorch),
        new(AimetTool.Validator, "PyTorch.TensorInterface", ToolEffect.Raises, "the tracer cannot take such an output of the model", IsUntraceableOutput),
        new(AimetTool.Validator, "PyTorch.FunctionalCall", ToolEffect.Reports, "the function is named as a missing module"),

        new(AimetTool.Preparer, "Aimet.ControlFlow", ToolEffect.Raises, "torch.cond and while_loop end in an exception", IsTorch),
        new(AimetTool.Preparer, "Aimet.ModuleName", ToolEffect.Raises, "the source that it writes is not valid, or names a module that the model does not have"),
        new(AimetTool.Preparer, "Aimet.ControlFlow", ToolEffect.Raises, "torch.fx, by which it traces forward, has no value here", IsPython),
        new(AimetTool.Preparer, "PyTorch.ModuleReuse", ToolEffect.Mends, "further uses become modules of their own"),
        new(AimetTool.Preparer, "PyTorch.FunctionalCall", ToolEffect.Mends, "the function becomes a module where the preparer has one for it"),

        new(AimetTool.QuantSim, "Aimet.QuantizedDefinition", ToolEffect.Raises, "a leaf module of a class without a quantized definition"),
        new(AimetTool.QuantSim, "Aimet.ControlFlow", ToolEffect.Raises, "torch.cond and while_loop end in an exception", IsTorch),
        new(AimetTool.QuantSim, "PyTorch.TensorInterface", ToolEffect.Raises, "the tracer cannot take such an output of the model", IsUntraceableOutput),
        new(AimetTool.QuantSim, "PyTorch.ModuleReuse", ToolEffect.Degrades, "all uses share one quantizer; a module without parameters loses its own, with a warning"),
        new(AimetTool.QuantSim, "PyTorch.FunctionalCall", ToolEffect.Degrades, "the function's output is not quantized"),

        new(AimetTool.Onnx, "Aimet.AlreadyQuantized", ToolEffect.Raises, "quantized files and bfloat16 borders are refused", f => f.Severity >= Severity.Warning),
        new(AimetTool.Onnx, "Aimet.SharedParameter", ToolEffect.Raises, "operators that share a parameter ask for different quantizers of it"),
        new(AimetTool.Onnx, "Aimet.ControlFlow", ToolEffect.Degrades, "what runs in the body is not quantized", f => !IsTorch(f) && f.Severity >= Severity.Warning),

        new(AimetTool.Keras, "Keras.LayerReuse", ToolEffect.Raises, "a layer with more than one inbound node is not implemented"),
    ];

    private static bool IsTorch(Finding finding) => finding.OpType is not (null or "If" or "Loop" or "Scan");

    /// <summary>Python's own control flow has no operator.</summary>
    private static bool IsPython(Finding finding) => finding.OpType is null;

    /// <summary>Hooks sit on leaves; a container is reported by the leaves inside.</summary>
    private static bool IsLeafReuse(Finding finding) => finding.Severity >= Severity.Warning;

    /// <summary>Dictionaries, data classes and numbers that the root returns; lists and named tuples are taken.</summary>
    private static bool IsUntraceableOutput(Finding finding) => finding is { Direction: ValueDirection.Output, Module: "" or null, ValueType: { } type }
        && !type.StartsWith("list", StringComparison.OrdinalIgnoreCase) && !type.StartsWith("tuple", StringComparison.OrdinalIgnoreCase) && !type.StartsWith("NamedTuple", StringComparison.OrdinalIgnoreCase)
        && type is not "None";
}
