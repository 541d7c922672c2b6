using System.Collections.Immutable;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.KerasHdf5;

/// <summary>What <c>model_weights</c> tells by its names: each top-level layer's variables, all of a nested model's in its own group.</summary>
internal sealed class Hdf5WeightNames : IKerasEvidence
{
    // More than any model has: files that claim more are audited without this evidence.
    private const int MaximumVariables = 100_000;
    private const int MaximumChildren = 1000;

    private readonly ImmutableArray<string> _layers;
    private readonly Dictionary<string, ImmutableArray<string>> _variables;

    private Hdf5WeightNames(ImmutableArray<string> layers, Dictionary<string, ImmutableArray<string>> variables)
    {
        _layers = layers;
        _variables = variables;
    }

    /// <summary>Null when the file has no such group.</summary>
    public static Hdf5WeightNames? Read(Hdf5File file)
    {
        if (file.Find(file.Root, "model_weights") is not { } group)
        {
            return null;
        }

        var variables = new Dictionary<string, ImmutableArray<string>>(StringComparer.Ordinal);
        var count = 0;
        foreach (var link in file.Links(group))
        {
            if (link.Address is not null)
            {
                var names = List(file, file.Open(link), "weight_names");
                if ((count += names.Length) > MaximumVariables)
                {
                    return null;
                }

                variables.TryAdd(link.Name, names);
            }
        }

        return new(List(file, group, "layer_names"), variables);
    }

    public KerasLayout LayoutOf(KerasLayer layer)
    {
        if (layer.Parent is null)
        {
            // A graph lists its input among its layers: the name Keras gives it unasked, and no variables.
            return _layers.Any(n => IsInputName(n) && _variables.TryGetValue(n, out var none) && none.IsEmpty) ? KerasLayout.GraphOfLayers : KerasLayout.Unknown;
        }

        if (layer.Parent.Parent is not null || VariablesOf(layer) is not { IsDefault: false } variables)
        {
            return KerasLayout.Unknown;
        }

        // block_0/dense/kernel belongs to a layer inside, block_0/kernel to the layer itself. A model has layers, and they have variables.
        return variables.All(v => v.StartsWith($"{layer.Name}/", StringComparison.Ordinal) && v.IndexOf('/', layer.Name.Length + 1) < 0)
            ? KerasLayout.OwnVariables
            : KerasLayout.Unknown;
    }

    public ImmutableArray<string> VariablesOf(KerasLayer layer)
    {
        var top = layer;
        while (top.Parent?.Parent is not null)
        {
            top = top.Parent;
        }

        if (!_variables.TryGetValue(top.Name, out var variables))
        {
            return default;
        }

        if (top == layer)
        {
            return variables;
        }

        // A nested model's variables carry its layers' names, not always its own: kernel:0 of dense is dense/kernel:0 or dense_2/dense/kernel.
        return layer.IsContainer
            ? layer.Children.Count > MaximumChildren ? default : [.. layer.Children.Select(VariablesOf).Where(v => !v.IsDefault).SelectMany(v => v).Distinct(StringComparer.Ordinal)]
            : [.. variables.Where(v => v.StartsWith($"{layer.Name}/", StringComparison.Ordinal) || v.Contains($"/{layer.Name}/", StringComparison.Ordinal))];
    }

    private static bool IsInputName(string name)
    {
        foreach (var prefix in (string[])["input_layer", "input"])
        {
            if (name.StartsWith(prefix, StringComparison.Ordinal))
            {
                var rest = name.AsSpan(prefix.Length);
                return rest.IsEmpty || (rest[0] == '_' && rest.Length > 1 && rest[1..].IndexOfAnyExceptInRange('0', '9') < 0);
            }
        }

        return false;
    }

    /// <summary>A list of names; Keras splits lists that exceed the 64 KB of an attribute into <c>layer_names0</c>, <c>layer_names1</c> ...</summary>
    private static ImmutableArray<string> List(Hdf5File file, Hdf5Object item, string name)
    {
        if (file.Strings(item, name) is { } whole)
        {
            return [.. whole];
        }

        var parts = ImmutableArray.CreateBuilder<string>();
        for (var i = 0; file.Strings(item, $"{name}{i}") is { } part; i++)
        {
            parts.AddRange(part);
        }

        return parts.ToImmutable();
    }
}
