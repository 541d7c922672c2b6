using ModelGuidelines.Models;

namespace ModelGuidelines.Guidelines.Aimet;

/// <summary>What AIMET's model preparer writes into source is valid Python.</summary>
/// <remarks>Measured, aimet_torch 2.42: the preparer writes the traced model as source; a submodule named by a keyword is a SyntaxError there, a slice of a Sequential called in forward a NameError.</remarks>
public sealed class ModuleName : IGuideline
{
    /// <summary>Python 3.14's keyword.kwlist; soft keywords are names.</summary>
    private static bool IsKeyword(ReadOnlySpan<char> name) => name is
        "False" or "None" or "True" or "and" or "as" or "assert" or "async" or "await" or "break" or "class" or "continue" or "def" or "del" or "elif" or "else" or "except" or "finally" or "for" or "from" or "global"
        or "if" or "import" or "in" or "is" or "lambda" or "nonlocal" or "not" or "or" or "pass" or "raise" or "return" or "try" or "while" or "with" or "yield";

    public GuidelineDescriptor Descriptor { get; } = new(
        "Aimet.ModuleName",
        "Submodules have names that can be written in source",
        "AIMET's model preparer writes the model as Python source: a submodule named by a Python keyword is a SyntaxError, a sliced Sequential a NameError (measured on aimet_torch 2.42).",
        Framework.PyTorch,
        Severity.Warning,
        "measured on aimet_torch 2.42.0: aimet_torch.model_preparer",
        GraphFacts.ModuleCalls | GraphFacts.ContainerSlices);

    public GuidelineResult Evaluate(ModelGraph graph) => GuidelineResult.From(
        Descriptor,
        graph,
        [
            .. graph.Modules.Where(m => m.Parent is not null && IsKeyword(LastPart(m.QualifiedName))).Select(Keyword),
            .. graph.Observations.Where(o => o.Kind is ObservationKind.SlicedContainer).Select(o => Slice(graph, o)),
            .. graph.Observations.Where(o => o.Kind is ObservationKind.UnregisteredModule).Select(o => Unregistered(graph, o)),
        ]);

    private static ReadOnlySpan<char> LastPart(string name) => name.AsSpan(name.LastIndexOf('.') + 1);

    private Finding Keyword(ModelModule module) => new Finding
    {
        Guideline = Descriptor.Id,
        Severity = Severity.Warning,
        Module = module.QualifiedName,
        ModuleType = module.Type,
        Model = module.Model,
        Location = module.Location,
        Message = $"the submodule '{module.QualifiedName}' is named by the Python keyword '{LastPart(module.QualifiedName)}': AIMET's model preparer ends in a SyntaxError",
        Recommendation = "give it another name",
    }.Under(module.Existence);

    private Finding Unregistered(ModelGraph graph, Observation seen) => new Finding
    {
        Guideline = Descriptor.Id,
        Severity = Severity.Information,
        Module = seen.Module is { } module ? graph.Modules[module].QualifiedName : null,
        ModuleType = seen.Module is { } typed ? graph.Modules[typed].Type : null,
        Model = seen.Module is { } owner ? graph.Modules[owner].Model : null,
        Location = seen.Location,
        Subject = FindingSubject.Code,
        Message = $"the module {seen.Name} that is called here is registered nowhere in the model: AIMET's model preparer ends in a NameError",
        Recommendation = "build it in __init__ and hold it in an attribute, a ModuleList or a ModuleDict",
    }.Under(seen.Certainty);

    private Finding Slice(ModelGraph graph, Observation seen) => new Finding
    {
        Guideline = Descriptor.Id,
        Severity = Severity.Warning,
        Module = seen.Module is { } module ? graph.Modules[module].QualifiedName : null,
        ModuleType = seen.Module is { } typed ? graph.Modules[typed].Type : null,
        Model = seen.Module is { } owner ? graph.Modules[owner].Model : null,
        Location = seen.Location,
        Subject = FindingSubject.Code,
        Message = $"'{seen.Name}' is sliced in forward: AIMET's model preparer ends in a NameError",
        Recommendation = "hold the part that is called in a container of its own",
    }.Under(seen.Certainty);
}
