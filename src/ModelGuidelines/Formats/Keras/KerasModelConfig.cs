using System.Text;
using System.Text.Json;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Keras;

/// <summary>Finds the model's entry in what a file calls its config: the entry itself, or a wrapping around it.</summary>
internal static class KerasModelConfig
{
    /// <param name="root">The parsed text.</param>
    /// <param name="facts">What else the file says; the version is taken from the config where it stands there.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="cancellation">Passed on.</param>
    /// <exception cref="ModelReadException">The config describes no model, is damaged, or exceeds a limit.</exception>
    public static ModelGraph Read(JsonElement root, KerasFacts facts, ReadLimits limits, CancellationToken cancellation)
    {
        (var entry, facts) = Find(root, facts);
        if (entry.ValueKind is not JsonValueKind.String)
        {
            return KerasGraph.Read(entry, facts, limits, cancellation);
        }

        using var inner = KerasJsonText.Parse(Encoding.UTF8.GetBytes(entry.Text()!), limits, facts.Where, cancellation);
        return KerasGraph.Read(inner.RootElement, facts, limits, cancellation);
    }

    /// <summary>The model's entry, or a string that holds it; and the facts, with what stands beside it.</summary>
    public static (JsonElement Entry, KerasFacts Facts) Find(JsonElement root, KerasFacts facts)
    {
        // tfjs: {"modelTopology": {"keras_version", "model_config": {...}}}; h5 tools: {"model_config": {...}}.
        var topology = root.Get("modelTopology") is { ValueKind: JsonValueKind.Object } t ? t : root;
        facts = facts with
        {
            KerasVersion = facts.KerasVersion ?? topology.Get("keras_version").Text(),
            Backend = facts.Backend ?? topology.Get("backend").Text(),
        };
        return (topology.Get("model_config") is { ValueKind: JsonValueKind.Object or JsonValueKind.String } entry ? entry : topology, facts);
    }
}
