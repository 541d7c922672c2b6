using System.Collections.Immutable;
using System.Text.Json;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>Reads a serialized pytree specification: <c>[1, {"type": "builtins.tuple", "context": ..., "children_spec": [...]}]</c>.</summary>
/// <remarks>Source: torch.utils._pytree.treespec_dumps, version 1. A node without a type is a leaf.</remarks>
internal sealed class TreeSpecification
{
    private readonly ReadLimits _limits;
    private readonly Dictionary<string, List<string>> _namedTuples;
    private readonly Queue<ModelValueType> _leaves;

    private TreeSpecification(ReadLimits limits, Dictionary<string, List<string>> namedTuples, IEnumerable<ModelValueType> leaves)
    {
        _limits = limits;
        _namedTuples = namedTuples;
        _leaves = new(leaves);
    }

    /// <param name="text">The specification.</param>
    /// <param name="leaves">Kinds of the leaves, in order; those beyond its end are unknown.</param>
    /// <param name="namedTuples">Field names by class.</param>
    /// <param name="limits">Bounds.</param>
    /// <returns>The type; null when the text is no specification that can be read.</returns>
    public static ModelValueType? Read(string? text, IEnumerable<ModelValueType> leaves, Dictionary<string, List<string>> namedTuples, ReadLimits limits)
    {
        if (text is null)
        {
            return null;
        }

        try
        {
            using var document = SoundJson.Parse(text, limits.Depth);
            var root = document.RootElement;
            if (root.ValueKind is not JsonValueKind.Array || root.GetArrayLength() != 2)
            {
                return null;
            }

            return new TreeSpecification(limits, namedTuples, leaves).Read(root[1], 0);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Recursion is bounded by the document's depth.</summary>
    private ModelValueType Read(JsonElement node, int depth)
    {
        if (node.ValueKind is not JsonValueKind.Object || depth > _limits.Depth)
        {
            return ModelValueType.Unknown;
        }

        var type = Text(node, "type");
        if (type is null)
        {
            return _leaves.TryDequeue(out var leaf) ? leaf : ModelValueType.Unknown;
        }

        var children = node.TryGetProperty("children_spec", out var list) && list.ValueKind is JsonValueKind.Array
            ? list.EnumerateArray().Select(c => Read(c, depth + 1)).ToImmutableArray()
            : [];
        var name = type[(type.LastIndexOf('.') + 1)..];
        return type switch
        {
            "builtins.tuple" or "torch.Size" => new(ValueKind.Tuple, Elements: children),
            "builtins.list" or "collections.deque" or "torch.fx.immutable_collections.immutable_list" => new(ValueKind.List, Elements: children),
            "builtins.dict" or "torch.fx.immutable_collections.immutable_dict" => new(ValueKind.Dict, Elements: children, Fields: Keys(node)),
            "collections.OrderedDict" or "collections.defaultdict" => new(ValueKind.Dict, name, children, Keys(node)),
            "builtins.NoneType" => ModelValueType.None,
            "builtins.slice" => new(ValueKind.Tuple, Elements: children),
            "collections.namedtuple" => NamedTuple(node, children),
            _ when _namedTuples.TryGetValue(type, out var fields) => new(ValueKind.NamedTuple, name, children, [.. fields]),
            _ when type.StartsWith("torch.return_types.", StringComparison.Ordinal) => new(ValueKind.NamedTuple, type, children),
            _ => new(ValueKind.DataClass, name, children, Keys(node)),
        };
    }

    private ModelValueType NamedTuple(JsonElement node, ImmutableArray<ModelValueType> children)
    {
        // The context is the class' qualified name, as JSON text or plain.
        var type = Text(node, "context")?.Trim('"') ?? "";
        return new(
            ValueKind.NamedTuple,
            type[(type.LastIndexOf('.') + 1)..],
            children,
            _namedTuples.TryGetValue(type, out var fields) ? [.. fields] : default(ImmutableArray<string>));
    }

    /// <summary>A dictionary's context is the list of its keys, as JSON text; other contexts give none.</summary>
    private ImmutableArray<string> Keys(JsonElement node)
    {
        if (Text(node, "context") is not { } context)
        {
            return default;
        }

        try
        {
            using var keys = SoundJson.Parse(context, _limits.Depth);
            return keys.RootElement.ValueKind is JsonValueKind.Array ? [.. keys.RootElement.EnumerateArray().Select(k => k.ToString())] : default(ImmutableArray<string>);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    private static string? Text(JsonElement node, string name) =>
        node.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;
}
