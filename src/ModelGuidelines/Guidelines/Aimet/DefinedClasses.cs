using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;

namespace ModelGuidelines.Guidelines.Aimet;

/// <summary>The module classes that AIMET's quantization simulation has a definition for, by exact qualified name.</summary>
/// <remarks>Data: defined-classes.json, read out of aimet_torch at run time. A subclass, however empty, is another class.</remarks>
public sealed class DefinedClasses
{
    private readonly FrozenSet<string> _names;

    private DefinedClasses(string version, IReadOnlyCollection<string> names)
    {
        Version = version;
        _names = names.Select(Short).ToFrozenSet(StringComparer.Ordinal);
    }

    private const string TorchNnModules = "torch.nn.modules.";

    /// <summary>The version of aimet_torch that the table was read from.</summary>
    public string Version { get; }

    /// <summary>The table of the product.</summary>
    public static DefinedClasses Default { get; } = Load();

    /// <summary>The table with classes that the user has registered definitions for, by exact qualified name.</summary>
    public DefinedClasses With(ImmutableArray<string> further) => further.IsDefaultOrEmpty ? this : new(Version, [.. _names, .. further]);

    /// <summary>Whether a class has a definition. Classes of torch.nn may be named by the module that defines them or by torch.nn itself.</summary>
    public bool Contains(string type) => _names.Contains(Short(type));

    private static string Short(string type) => type.StartsWith(TorchNnModules, StringComparison.Ordinal) ? $"torch.nn.{type[(type.LastIndexOf('.') + 1)..]}" : type;

    private static DefinedClasses Load()
    {
        using var stream = typeof(DefinedClasses).Assembly.GetManifestResourceStream("defined-classes.json")!;
        using var table = JsonDocument.Parse(stream);
        return new(table.RootElement.GetProperty("aimet_torch").GetString()!, [.. table.RootElement.GetProperty("defined").EnumerateArray().Select(e => e.GetString()!)]);
    }
}
