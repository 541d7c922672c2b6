using System.Collections.Immutable;

namespace ModelGuidelines.Guidelines;

/// <summary>All guidelines of the product, in the order of reports: one line each.</summary>
public static class GuidelineCatalog
{
    public static ImmutableArray<IGuideline> All { get; } =
    [
        new FunctionalCall(),
        new ModuleReuse(),
        new TensorInterface(),
        new ModelApi(),
        new LayerReuse(),
    ];
}
