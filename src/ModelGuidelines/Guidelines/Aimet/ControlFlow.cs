using ModelGuidelines.Models;

namespace ModelGuidelines.Guidelines.Aimet;

/// <summary>The graph decides nothing by data.</summary>
/// <remarks>Measured, AIMET 2.42: torch.cond and while_loop raise in validator, preparer and quantization simulation; aimet_onnx places no quantizer in the bodies of If and Loop and says nothing.</remarks>
public sealed class ControlFlow : IGuideline
{
    public GuidelineDescriptor Descriptor { get; } = new(
        "Aimet.ControlFlow",
        "No control flow in the graph",
        "AIMET's PyTorch tools raise on torch.cond and while_loop; aimet_onnx leaves the bodies of If and Loop without quantizers (measured on AIMET 2.42).",
        Framework.Unknown,
        Severity.Warning,
        "measured on aimet_torch 2.42.0 and aimet_onnx 2.42.0",
        GraphFacts.ControlFlow);

    public GuidelineResult Evaluate(ModelGraph graph) => GuidelineResult.From(
        Descriptor,
        graph,
        [
            .. graph.Observations.Where(o => o.Kind is ObservationKind.ControlFlow or ObservationKind.ControlFlowOfShapes).Select(o => Describe(graph, o)),
            .. graph.Observations.Where(o => o.Kind is ObservationKind.Untraceable).Select(o => OfPython(graph, o)),
        ]);

    /// <summary>Only the preparer minds: it traces forward by torch.fx, while validator and quantization simulation run it.</summary>
    private Finding OfPython(ModelGraph graph, Observation seen)
    {
        var module = seen.Module is { } index ? graph.Modules[index] : null;
        return new Finding
        {
            Guideline = Descriptor.Id,
            Severity = Severity.Information,
            Module = module?.QualifiedName,
            ModuleType = module?.Type,
            Model = module?.Model,
            Location = seen.Location,
            Subject = FindingSubject.Code,
            Message = $"'{seen.Name}' {seen.Detail}, and is known only when the model runs: AIMET's model preparer, which traces forward with torch.fx, {(seen.Certainty.IsCertain ? "raises" : "may raise")}",
            Recommendation = "decide it in __init__ or by what the constructor is given, or write it with functions of tensors (torch.where, view, new_zeros, unflatten); who does without the preparer can leave it",
        }.Under(seen.Certainty);
    }

    private Finding Describe(ModelGraph graph, Observation seen)
    {
        // ONNX names its operators in capitals; torch's higher order operators are functions.
        var isOnnx = char.IsUpper(seen.OpType![0]);
        var module = seen.Module is { } index ? graph.Modules[index] : null;
        return new Finding
        {
            Guideline = Descriptor.Id,
            Severity = !isOnnx ? Severity.Error : seen.Kind is ObservationKind.ControlFlow ? Severity.Warning : Severity.Information,
            Module = module?.QualifiedName,
            ModuleType = module?.Type,
            Model = module?.Model,
            Node = seen.Name,
            OpType = seen.OpType,
            Location = seen.Location,
            Subject = FindingSubject.Code,
            Message = isOnnx
                ? $"'{seen.Name}' ({seen.OpType}) {(seen.Kind is ObservationKind.ControlFlow ? $"runs {seen.Detail} in its body" : "only moves data or computes shapes in its body")}: aimet_onnx places no quantizer there"
                : $"'{seen.Name}' is torch.{seen.OpType}: AIMET's validator, preparer and quantization simulation raise",
            Recommendation = "export the branch that is deployed, or write the choice with torch.where, so that the graph is the same for all data",
        }.Under(seen.Certainty);
    }
}
