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

    /// <summary>The same with classes that the user has registered definitions for.</summary>
    public IGuideline For(GuidelineOptions options) => options.DefinedClasses.IsDefaultOrEmpty ? this : new QuantizedDefinition(classes.With(options.DefinedClasses));

    public GuidelineResult Evaluate(ModelGraph graph)
    {
        var isHolder = graph.Holders();
        var leaves = new List<ModelModule>();
        for (var i = 0; i < isHolder.Length; i++)
        {
            if (graph.Modules[i] is { Parent: not null } module && !(module.MayHoldModules ?? isHolder[i]))
            {
                leaves.Add(module);
            }
        }

        // Where the file leaves modules out, one that holds none may be of a class that does: another of it shows.
        HashSet<string?>? classesOfHolders = null;
        HashSet<string?> Holders() => classesOfHolders ??= graph.Evidence.ModuleTypes.Completeness is Completeness.Complete ? [] : graph.Modules.Where((m, i) => m.MayHoldModules is null && isHolder[i]).Select(TypeOf).ToHashSet(StringComparer.Ordinal);
        var findings = leaves
            .Where(m => TypeOf(m) is { } type && !classes.Contains(type) && !(m.MayHoldModules is null && Holders().Contains(type)))
            .GroupBy(m => (TypeOf(m), m.Model))
            .Select(g => Describe([.. g], graph))
            .ToImmutableArray();
        var evidence = graph.Evidence.ModuleTypes;
        if (evidence.Completeness is not Completeness.Absent && leaves.Find(m => m.Type is null) is { } unknown)
        {
            evidence = Evidence.Absent($"the file does not keep the class of module '{unknown.QualifiedName}'; audit the source (with --entry where the module is handed in) or a TorchScript trace");
        }

        return GuidelineResult.From(Descriptor, graph, findings, evidence);
    }

    private static string? TypeOf(ModelModule module) => module.ExactType ?? module.Type;

    private Finding Describe(ImmutableArray<ModelModule> modules, ModelGraph graph)
    {
        // What is there in every run says most; of these what the user can edit.
        var first = modules.OrderBy(m => !m.Emptiness.IsCertain).ThenBy(m => m.Location is { } at && graph.ExternalFiles.ContainsKey(at.File)).First();
        var type = TypeOf(first)!;
        ImmutableArray<string> names = [first.QualifiedName, .. modules.Where(m => m != first).Select(m => m.QualifiedName)];

        // A class of torch.nn is known to have no children; another may hold some that the file leaves out.
        var evidence = graph.Evidence.ModuleTypes;
        var certainty = first.Origin is ModuleOrigin.Framework || evidence.Completeness is Completeness.Complete ? first.Emptiness : first.Emptiness.And(Certainty.Likely(evidence.Reason!));
        return new Finding
        {
            Guideline = Descriptor.Id,
            Severity = Severity.Warning,
            Module = first.QualifiedName,
            ModuleType = type,
            Model = first.Model,
            Location = first.Location,
            Instances = names,
            Affected = names[1..],
            Subject = FindingSubject.Class,
            Message = $"AIMET has no quantized definition for {type}: QuantizationSimModel raises on module '{first.QualifiedName}'{(certainty.IsCertain ? "" : $"; {certainty.Explanation}")}",
            Recommendation = $"use the class of torch.nn that computes the same; or register a definition: {Registration(type)}; or leave it unquantized: QuantizationMixin.ignore({Short(type)})",
        }.Under(certainty);
    }

    private static string Registration(string type) =>
        $"@QuantizationMixin.implements({Short(type)}) class Quantized{Short(type)}(QuantizationMixin, {Short(type)})";

    private static string Short(string type) => type[(type.LastIndexOf('.') + 1)..];
}
