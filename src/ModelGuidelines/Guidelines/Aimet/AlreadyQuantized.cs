using ModelGuidelines.Models;

namespace ModelGuidelines.Guidelines.Aimet;

/// <summary>The model is in floating point, and not bfloat16 at its border.</summary>
/// <remarks>Measured, AIMET 2.42: aimet_onnx refuses files with QuantizeLinear or DequantizeLinear, and bfloat16 inputs or outputs.</remarks>
public sealed class AlreadyQuantized : IGuideline
{
    private const string Unmeasured = "; what AIMET does with it was not measured";

    public GuidelineDescriptor Descriptor { get; } = new(
        "Aimet.AlreadyQuantized",
        "The model is not quantized yet",
        "AIMET starts from a model in floating point: aimet_onnx refuses files that hold QuantizeLinear or DequantizeLinear, and bfloat16 inputs or outputs (measured on aimet_onnx 2.42).",
        Framework.Unknown,
        Severity.Warning,
        "measured on aimet_onnx 2.42.0",
        GraphFacts.Quantization);

    public GuidelineResult Evaluate(ModelGraph graph)
    {
        if (!graph.Observations.Any(o => o.Kind is ObservationKind.Quantized or ObservationKind.BFloat16Border) && !graph.Modules.Any(m => m.Type is { } type && IsQuantized(type)))
        {
            return GuidelineResult.From(Descriptor, graph, []);
        }

        var nodes = graph.Observations.Where(o => o.Kind is ObservationKind.Quantized).GroupBy(o => o.OpType, StringComparer.Ordinal).Select(g => Describe(graph, g.First(), g.Count()));
        var borders = graph.Observations.Where(o => o.Kind is ObservationKind.BFloat16Border).Select(Border);
        var modules = graph.Modules.Where(m => m.Type is { } type && IsQuantized(type)).GroupBy(m => m.Type, StringComparer.Ordinal).Select(g => Describe(g.First(), g.Count()));
        return GuidelineResult.From(Descriptor, graph, [.. nodes, .. borders, .. modules]);
    }

    /// <summary>Source: torch.ao.nn (torch.nn.quantized and torch.nn.intrinsic before 1.13).</summary>
    private static bool IsQuantized(string type) =>
        (type.StartsWith("torch.ao.nn.", StringComparison.Ordinal) || type.StartsWith("torch.nn.", StringComparison.Ordinal))
        && (type.Contains(".quantized.", StringComparison.Ordinal) || type.Contains(".qat.", StringComparison.Ordinal));

    /// <summary>What aimet_onnx was seen to refuse; of the rest only what the file holds is said.</summary>
    private static bool IsMeasured(Observation seen) => seen.OpType is "QuantizeLinear" or "DequantizeLinear";

    private Finding Describe(ModelGraph graph, Observation first, int count) => new()
    {
        Guideline = Descriptor.Id,
        Severity = IsMeasured(first) ? Severity.Warning : Severity.Information,
        Module = first.Module is { } module ? graph.Modules[module].QualifiedName : null,
        Node = first.Name,
        OpType = first.OpType,
        Location = first.Location,
        Message = $"the model is quantized already: {count} {(count == 1 ? "node" : "nodes")} of type {first.OpType}, the first is '{first.Name}'{(IsMeasured(first) ? "" : Unmeasured)}",
        Recommendation = "start from the model in floating point",
    };

    private Finding Border(Observation value) => new()
    {
        Guideline = Descriptor.Id,
        Severity = Severity.Warning,
        Node = value.Name,
        Message = $"'{value.Name}' is {value.Detail} of type bfloat16: aimet_onnx refuses the model",
        Recommendation = "export the model in float32",
    };

    private Finding Describe(ModelModule first, int count) => new()
    {
        Guideline = Descriptor.Id,
        Severity = Severity.Information,
        Module = first.QualifiedName,
        ModuleType = first.Type,
        Model = first.Model,
        Location = first.Location,
        Message = $"the model is quantized already: {count} {(count == 1 ? "module" : "modules")} of class {first.Type}, the first is '{first.QualifiedName}'{Unmeasured}",
        Recommendation = "start from the model in floating point",
    };
}
