using System.Collections.Immutable;
using ModelGuidelines.Models;

namespace ModelGuidelines.Guidelines.Aimet;

/// <summary>Every leaf module is of a class that AIMET's quantization simulation has a definition for.</summary>
/// <remarks>Measured, aimet_torch 2.42: QuantizationSimModel raises on the first leaf module whose exact class has none; containers, and modules with children of any class, are taken.</remarks>
public sealed class QuantizedDefinition(DefinedClasses classes) : IGuideline
{
    public QuantizedDefinition()
        : this(DefinedClasses.Default)
    {
    }

    public GuidelineDescriptor Descriptor { get; } = new(
        "Aimet.QuantizedDefinition",
        "Leaf modules have a quantized definition",
        $"QuantizationSimModel raises on a leaf module whose exact class has no quantized definition, empty subclasses of torch.nn's classes included (measured on aimet_torch {classes.Version}).",
        Framework.PyTorch,
        Severity.Warning,
        $"measured on aimet_torch {classes.Version}: aimet_torch.v2.nn.QuantizationMixin",
        GraphFacts.ModuleTypes);

    public GuidelineResult Evaluate(ModelGraph graph)
    {
        var parents = graph.Modules.Select(m => m.Parent).OfType<int>().ToHashSet();
        var leaves = graph.Modules.Where((m, i) => m.Parent is not null && !parents.Contains(i)).ToList();
        var findings = leaves
            .Where(m => m.Type is { } type && !classes.Contains(type))
            .GroupBy(m => (m.Type, m.Model))
            .Select(g => Describe([.. g], graph.Evidence.ModuleTypes))
            .ToImmutableArray();
        var evidence = graph.Evidence.ModuleTypes;
        if (evidence.Completeness is not Completeness.Absent && leaves.Find(m => m.Type is null) is { } unknown)
        {
            evidence = Evidence.Absent($"the file does not keep the class of module '{unknown.QualifiedName}'; audit the source or a TorchScript trace");
        }

        return GuidelineResult.From(Descriptor, graph, findings, evidence);
    }

    private Finding Describe(ImmutableArray<ModelModule> modules, Evidence evidence)
    {
        var first = modules[0];
        var type = first.Type!;

        // A class of torch.nn is known to have no children; another may hold some that the file leaves out.
        var doubt = first.Origin is ModuleOrigin.Framework || evidence.Completeness is Completeness.Complete ? null : evidence.Reason;
        var more = modules.Length == 1 ? "" : $" and {modules.Length - 1} more";
        return new()
        {
            Guideline = Descriptor.Id,
            Severity = Severity.Warning,
            Confidence = doubt is null ? Confidence.Certain : Confidence.Likely,
            Doubt = doubt,
            Module = first.QualifiedName,
            ModuleType = type,
            Model = first.Model,
            Location = first.Location,
            Affected = [.. modules.Skip(1).Select(m => m.QualifiedName)],
            Message = $"AIMET has no quantized definition for {type}: QuantizationSimModel raises on module '{first.QualifiedName}'{more}{(doubt is null ? "" : $"; {doubt}")}",
            Recommendation = $"use the class of torch.nn that computes the same; or register a definition: {Registration(type)}; or leave it unquantized: QuantizationMixin.ignore({Short(type)})",
        };
    }

    private static string Registration(string type) =>
        $"@QuantizationMixin.implements({Short(type)}) class Quantized{Short(type)}(QuantizationMixin, {Short(type)})";

    private static string Short(string type) => type[(type.LastIndexOf('.') + 1)..];
}
