using System.Collections.Immutable;
using ModelGuidelines.Models;

namespace ModelGuidelines.Guidelines;

/// <summary>P1: functions for which torch.nn has a module are defined as modules in __init__ and called.</summary>
public sealed class FunctionalCall : IGuideline
{
    public GuidelineDescriptor Descriptor { get; } = new(
        "PyTorch.FunctionalCall",
        "Call modules instead of functions",
        "AIMET quantizes the outputs of modules. A function called in forward is invisible to it: define the equivalent module in __init__ and call that.",
        Framework.PyTorch,
        Severity.Warning,
        "AIMET, PyTorch model guidelines: Model should use modules instead of functional",
        GraphFacts.Operations);

    public GuidelineResult Evaluate(ModelGraph graph)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        var isHolder = graph.Operations.IsEmpty ? [] : graph.Holders();
        var count = new int[isHolder.Length];
        foreach (var operation in graph.Operations)
        {
            count[operation.Module]++;
        }

        foreach (var operation in graph.Operations)
        {
            // A custom leaf of one operation is that operation's module: AIMET treats it as one.
            var module = graph.Modules[operation.Module];
            var isLeaf = module.Parent is not null && count[operation.Module] == 1 && !isHolder[operation.Module] && !module.RunsInherited;
            if (module.Origin is not ModuleOrigin.Framework && !isLeaf && Describe(graph, operation) is { } finding)
            {
                findings.Add(finding);
            }
        }

        return GuidelineResult.From(Descriptor, graph, findings.ToImmutable());
    }

    private Finding? Describe(ModelGraph graph, Operation operation)
    {
        var info = OperationTable.Find(operation.Function);
        if (info?.Category is not (OperationCategory.Module or OperationCategory.AimetModule))
        {
            return null;
        }

        var module = graph.Modules[operation.Module];
        var isModule = info.Category is OperationCategory.Module;
        var replacement = operation.Replacement ?? info.ModuleClass;
        var where = ModuleTitles.Describe(module);
        var doubt = operation.Certainty.Explanation is { } d ? $"; {d}" : "";
        return new Finding
        {
            Guideline = Descriptor.Id,
            Severity = isModule ? Severity.Warning : Severity.Information,
            Module = module.QualifiedName,
            ModuleType = module.Type,
            Model = module.Model,
            Operator = info.Name,
            Replacement = replacement,
            Node = operation.Node,
            OpType = operation.OpType,
            Location = operation.Location,
            Message = isModule
                ? $"function '{info.Name}' is called in the forward of {where}{doubt}"
                : $"function '{info.Name}' is called in the forward of {where}; only AIMET has a module for it{doubt}",
            Recommendation = isModule ? $"define {replacement} in __init__ and call it" : "use the class of aimet_torch.nn.modules.custom, or let AIMET's model preparer convert it",
        }.Under(operation.Certainty);
    }
}
