using ModelGuidelines.Models;

namespace ModelGuidelines.Guidelines;

/// <summary>K1: models are built with the Functional or Sequential API, not by subclassing, nor by a mix.</summary>
public sealed class ModelApi : IGuideline
{
    public GuidelineDescriptor Descriptor { get; } = new(
        "Keras.ModelApi",
        "Build models with the Functional or Sequential API",
        "AIMET walks a model's layers and their connections, which only Functional and Sequential models have: a subclassed model is code that it cannot see into.",
        Framework.Keras,
        Severity.Error,
        "AIMET, Keras model guidelines: Functional or Sequential API",
        GraphFacts.Construction);

    public GuidelineResult Evaluate(ModelGraph graph)
    {
        var findings = graph.Modules
            .Where(m => m.Construction is ModuleConstruction.SubclassedModel or ModuleConstruction.CustomLayer)
            .Select(Describe);
        return GuidelineResult.From(Descriptor, graph, [.. findings]);
    }

    private Finding Describe(ModelModule module)
    {
        var isModel = module.Construction is ModuleConstruction.SubclassedModel;
        var name = module.Parent is null ? "the model" : isModel ? $"model '{module.QualifiedName}'" : $"layer '{module.QualifiedName}'";
        var doubt = module.ConstructionCertainty.Explanation is { } d ? $"; {d}" : "";
        var message = !isModel ? $"{name} is a custom layer ({module.Type}), whose code AIMET cannot see into{doubt}"
            : module.Parent is null ? $"the model subclasses keras.Model ({module.Type}){doubt}"
            : $"{name} subclasses keras.Model ({module.Type}) inside a model of layers: the two ways are mixed{doubt}";
        return new Finding
        {
            Guideline = Descriptor.Id,
            // A custom layer in a graph of layers breaks no guideline (the recorded truth of such models says clean); it is worth knowing.
            Severity = isModel ? Severity.Error : Severity.Information,
            Module = module.QualifiedName,
            ModuleType = module.Type,
            Model = module.Model,
            Location = module.Location,
            Message = message,
            Recommendation = isModel
                ? "build the same layers with keras.Sequential or keras.Model(inputs, outputs)"
                : "express it with Keras' own layers, or tell AIMET how to quantize it",
        }.Under(module.ConstructionCertainty);
    }
}
