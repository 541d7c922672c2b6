using System.Collections.Immutable;
using System.Text.RegularExpressions;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.KerasArchive;

/// <summary>What the groups of <c>model.weights.h5</c> tell of classes whose layers the config does not list.</summary>
/// <remarks>Keras 3 and tf_keras write <c>layers/&lt;class&gt;[_N]/...</c>; a graph's input layer is among its layers. TensorFlow 2.12 and 2.13 write
/// <c>_layer_checkpoint_dependencies</c>, which only graphs and lists have. The file is opened when first asked, names are all that is read.</remarks>
internal sealed partial class ArchiveWeightNames(Func<Hdf5File?> open) : IKerasEvidence
{
    private const string OldLayers = "_layer_checkpoint_dependencies";

    private Hdf5File? _weights;
    private bool _opened;

    public KerasLayout LayoutOf(KerasLayer layer)
    {
        if (Weights() is not { } weights)
        {
            return KerasLayout.Unknown;
        }

        var isOld = Names(weights, weights.Root).Contains(OldLayers);
        if (layer.Parent is null)
        {
            return isOld || HasInput(weights, weights.Root) ? KerasLayout.GraphOfLayers : KerasLayout.Model;
        }

        if (layer.Parent.Parent is not null || weights.Find(weights.Root, isOld ? OldLayers : "layers") is not { } layers)
        {
            return KerasLayout.Unknown;
        }

        // Groups are numbered per class in an order that generations differ on: all of one class must agree.
        var prefix = GroupOf(layer);
        var layouts = weights.Links(layers)
            .Where(l => l.Address is not null && IsNumbered(l.Name, prefix))
            .Select(l => LayoutOf(weights, weights.Open(l), isOld)).Distinct().Take(2).ToList();
        return layouts is [var only] ? only : KerasLayout.Unknown;
    }

    public ImmutableArray<string> VariablesOf(KerasLayer layer) => default;

    private static KerasLayout LayoutOf(Hdf5File weights, Hdf5Object group, bool isOld)
    {
        var names = Names(weights, group);
        if (names.Contains(OldLayers) || HasInput(weights, group))
        {
            return KerasLayout.GraphOfLayers;
        }

        if (names.Contains("layers"))
        {
            return KerasLayout.Model;
        }

        names.Remove("vars");
        return names.Count == 0 ? KerasLayout.OwnVariables : isOld ? KerasLayout.Unknown : KerasLayout.Attributes;
    }

    private static bool HasInput(Hdf5File weights, Hdf5Object group) =>
        weights.Find(group, "layers") is { } layers && weights.Links(layers).Any(l => IsNumbered(l.Name, "input_layer"));

    private static HashSet<string> Names(Hdf5File weights, Hdf5Object group) => weights.Links(group).Select(l => l.Name).ToHashSet(StringComparer.Ordinal);

    private static bool IsNumbered(string name, string prefix) =>
        name.StartsWith(prefix, StringComparison.Ordinal)
        && (name.Length == prefix.Length || (name[prefix.Length] == '_' && name.Length > prefix.Length + 1 && name.AsSpan(prefix.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0));

    /// <summary>The name of a layer's group, before its number: that of its class in Python, which is not always the name that it is exported and written in configs under.</summary>
    public static string GroupOf(KerasLayer layer) => layer.ClassName[(layer.ClassName.LastIndexOf('>') + 1)..] switch
    {
        "GroupQueryAttention" => "grouped_query_attention",
        var name => SnakeCase(name),
    };

    /// <summary>As keras.src.utils.naming.to_snake_case does it.</summary>
    public static string SnakeCase(string className)
    {
        var name = NoWord().Replace(className, "");
        name = Capitalised().Replace(name, "${left}_${right}");
#pragma warning disable CA1308 // the files hold lower case
        return Humps().Replace(name, "${left}_${right}").ToLowerInvariant();
#pragma warning restore CA1308
    }

    /// <summary>Null when there are none that can be read: they are evidence of second rank, the config says what it can.</summary>
    private Hdf5File? Weights()
    {
        if (!_opened)
        {
            _opened = true;
            try
            {
                _weights = open();
            }
            catch (ModelReadException)
            {
                // The audit goes on without them.
            }
        }

        return _weights;
    }

    [GeneratedRegex(@"\W+", RegexOptions.None, Timeout.Infinite)]
    private static partial Regex NoWord();

    [GeneratedRegex("(?<left>.)(?<right>[A-Z][a-z]+)", RegexOptions.None, Timeout.Infinite)]
    private static partial Regex Capitalised();

    [GeneratedRegex("(?<left>[a-z])(?<right>[A-Z])", RegexOptions.None, Timeout.Infinite)]
    private static partial Regex Humps();
}
