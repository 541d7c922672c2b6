using System.Text;
using System.Text.Json;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.KerasJson;

/// <summary>A model's config as text: what <c>model.to_json()</c> returns, as an object or as a JSON string that holds it; tfjs' <c>model.json</c>.</summary>
public sealed class KerasJsonFormat : IModelFormat
{
    // Enough to reach what tells a model from another object with a class name; a model's first layers at least.
    private const int ScannedBytes = 256 << 10;

    private const string GraphOfOperations =
        "a graph model of TensorFlow.js: TensorFlow's operations, no layers. Audit the Keras model that it was converted from (.keras, .h5, source), or a layers model (--output_format=tfjs_layers_model)";

    public string Name => "KerasJson";

    public IReadOnlyCollection<string> Extensions => [];

    public IReadOnlyCollection<string> SharedExtensions => [".json"];

    public bool Matches(ModelSource source)
    {
        if (source.IsDirectory || !StartsLikeJson(source.Header))
        {
            return false;
        }

        var complete = source.File.Length <= ScannedBytes;
        return KerasJsonProbe.LooksLikeModel(source.File.Span(0, complete ? (int)source.File.Length : ScannedBytes), complete, source.Limits.Depth);
    }

    public ModelGraph Read(ModelSource source)
    {
        const string where = "the .json file";
        if (source.File.Length > source.Limits.EntryBytes)
        {
            throw new ModelReadException("MG.Keras.TooLarge", $"the file has {source.File.Length} bytes, more than the {source.Limits.EntryBytes} an audit reads");
        }

        using var outer = KerasJsonText.Parse(source.File.Memory(0, (int)source.File.Length), source.Limits, where, source.Cancellation);
        if (outer.RootElement.ValueKind is JsonValueKind.String)
        {
            using var inner = KerasJsonText.Parse(Encoding.UTF8.GetBytes(outer.RootElement.Text()!), source.Limits, where, source.Cancellation);
            return KerasModelConfig.Read(inner.RootElement, new() { Where = where }, source.Limits, source.Cancellation);
        }

        return IsGraphOfOperations(outer.RootElement)
            ? new() { Framework = Framework.Keras, Exporter = outer.RootElement.Get("convertedBy").Text(), Evidence = GraphEvidence.AllAbsent(GraphOfOperations) }
            : KerasModelConfig.Read(outer.RootElement, new() { Where = where }, source.Limits, source.Cancellation);
    }

    /// <summary>Whether it is a graph model of TensorFlow.js: <c>{"format": "graph-model", "modelTopology": {"node": [...]}}</c>; its layers models hold a Keras config.</summary>
    private static bool IsGraphOfOperations(JsonElement root) =>
        root.Get("format").Text() is "graph-model" || (root.Get("modelTopology") is var topology && topology.Get("node").ValueKind is JsonValueKind.Array && topology.Get("model_config").ValueKind is JsonValueKind.Undefined);

    private static bool StartsLikeJson(ReadOnlySpan<byte> header)
    {
        if (header.StartsWith("\uFEFF"u8))
        {
            header = header[3..];
        }

        header = header.TrimStart(" \t\r\n"u8);
        return header.Length > 0 && header[0] is (byte)'{' or (byte)'"';
    }
}
