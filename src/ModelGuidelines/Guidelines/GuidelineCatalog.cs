using System.Collections.Immutable;
using System.IO.Enumeration;
using ModelGuidelines.Guidelines.Aimet;

namespace ModelGuidelines.Guidelines;

/// <summary>All guidelines of the product, in the order of reports: one line each.</summary>
public static class GuidelineCatalog
{
    /// <summary>AIMET's written guidelines.</summary>
    public static ImmutableArray<IGuideline> Written { get; } =
    [
        new FunctionalCall(),
        new ModuleReuse(),
        new TensorInterface(),
        new ModelApi(),
        new LayerReuse(),
    ];

    /// <summary>What AIMET's tools were seen to refuse beside its written guidelines: <c>Aimet.*</c>.</summary>
    public static ImmutableArray<IGuideline> Measured { get; } =
    [
        new QuantizedDefinition(),
        new ControlFlow(),
        new SharedParameter(),
        new AlreadyQuantized(),
        new ModuleName(),
    ];

    /// <summary>Both groups: what is audited unless guidelines are named.</summary>
    public static ImmutableArray<IGuideline> All { get; } = [.. Written, .. Measured];

    /// <summary>Those of the patterns (ids with * and ?) that name no guideline.</summary>
    public static IEnumerable<string> Unknown(IEnumerable<string> patterns) => patterns.Where(p => !All.Any(g => Matches(p, g.Descriptor.Id)));

    /// <summary>Whether an id is meant by a pattern; case does not matter.</summary>
    public static bool Matches(string pattern, string id) => FileSystemName.MatchesSimpleExpression(pattern, id);
}
