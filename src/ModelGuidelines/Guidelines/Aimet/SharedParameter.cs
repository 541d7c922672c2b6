using ModelGuidelines.Models;

namespace ModelGuidelines.Guidelines.Aimet;

/// <summary>In ONNX, a weight is read by operators of one type, and a bias once.</summary>
/// <remarks>Measured, aimet_onnx 2.42: quantization simulation raises RuntimeError otherwise; Transpose and Identity between hide nothing.</remarks>
public sealed class SharedParameter : IGuideline
{
    public GuidelineDescriptor Descriptor { get; } = new(
        "Aimet.SharedParameter",
        "Parameters of an ONNX model are read by operators of one type",
        "aimet_onnx raises on a weight of Conv, ConvTranspose, MatMul or Gemm that another type of operator reads too, and on a bias with several uses (measured on aimet_onnx 2.42).",
        Framework.Unknown,
        Severity.Warning,
        "measured on aimet_onnx 2.42.0",
        GraphFacts.Initializers);

    public GuidelineResult Evaluate(ModelGraph graph) => GuidelineResult.From(
        Descriptor,
        graph,
        [.. graph.Observations.Where(o => o.Kind is ObservationKind.SharedWeight or ObservationKind.SharedBias).Select(Describe)]);

    private Finding Describe(Observation seen) => new()
    {
        Guideline = Descriptor.Id,
        Severity = Severity.Warning,
        Node = seen.Name,
        OpType = seen.OpType,
        Message = seen.Kind is ObservationKind.SharedWeight
            ? $"the weight '{seen.Name}' is read by {seen.Detail}: aimet_onnx raises on it"
            : $"the bias '{seen.Name}' is read by {seen.Detail}: aimet_onnx raises on a bias with several uses",
        Recommendation = "give each operator an initializer of its own",
    };
}
