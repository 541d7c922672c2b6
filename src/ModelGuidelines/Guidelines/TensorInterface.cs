using ModelGuidelines.Models;

namespace ModelGuidelines.Guidelines;

/// <summary>P3: inputs and outputs of the model and of every submodule are tensors or (nested) tuples of tensors.</summary>
public sealed class TensorInterface : IGuideline
{
    public GuidelineDescriptor Descriptor { get; } = new(
        "PyTorch.TensorInterface",
        "Pass tensors and tuples of tensors",
        "AIMET's quantizers wrap the tensors that enter and leave each module, and see through tuples only: do not pass lists, dictionaries or objects.",
        Framework.PyTorch,
        Severity.Error,
        "AIMET, PyTorch model guidelines: Inputs and outputs of the model and of submodules",
        GraphFacts.RootInterface | GraphFacts.SubmoduleInterfaces);

    public GuidelineResult Evaluate(ModelGraph graph)
    {
        var findings = graph.Interfaces.Where(i => i.Type.IsViolation || i.Type.IsSoft).Select(i => Describe(graph, i));
        return GuidelineResult.From(Descriptor, graph, [.. findings]);
    }

    private Finding Describe(ModelGraph graph, ModuleInterface border)
    {
        var module = graph.Modules[border.Module];
        var where = ModuleTitles.Describe(module);
        var value = border.Direction is ValueDirection.Input ? $"input '{border.Argument}'" : $"output '{border.Argument}'";
        var doubt = border.Certainty.Explanation is { } d ? $"; {d}" : "";
        return new Finding
        {
            Guideline = Descriptor.Id,
            Severity = border.Type.IsViolation ? Severity.Error : Severity.Information,
            Module = module.QualifiedName,
            ModuleType = module.Type,
            Model = module.Model,
            Direction = border.Direction,
            Argument = border.Argument,
            ValueType = border.Type.ToString(),

            // What a forward takes is settled where it is defined; who passes it something else stands beside it.
            Location = (border.Direction is ValueDirection.Input ? module.Definition : null) ?? border.Location ?? module.Location,
            IsAtDefinition = border.Direction is ValueDirection.Input && module.Definition is not null,
            Calls = border.Direction is ValueDirection.Input && module.Definition is not null && border.Location is not null && border.Location != module.Definition ? [new(null, null, border.Location)] : [],
            Message = $"{value} of {where} is {border.Type}, not a tensor or a tuple of tensors{doubt}",
            Recommendation = border.Direction is ValueDirection.Input ? "pass tensors as separate arguments or in a tuple" : "return a tensor or a tuple of tensors",
        }.Under(border.Certainty);
    }
}
