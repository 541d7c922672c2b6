using System.Collections.Immutable;
using System.Text.Json;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.NoGraph;

/// <summary>Files that hold or pack a model and keep nothing of its modules: recognised by their header, and answered with what they are and what to audit instead.</summary>
public sealed class NoGraphFormat : IModelFormat
{
    private const string Manifest = "MAR-INF/MANIFEST.json";
    private const string Id = "MG.NoGraph.";

    /// <summary>Flatbuffers and others with an identifier at a fixed place: one row each.</summary>
    private static readonly ImmutableArray<Kind> Kinds =
    [
        new("ExecuTorch", 4, "ET12", "an ExecuTorch program (.pte) holds instructions for a device and no modules; audit the program it was lowered from, saved with torch.export.save"),
        new("TensorFlowLite", 4, "TFL3", "a TensorFlow Lite model (.tflite) holds operators and no layers; audit the Keras model it was converted from"),
        new("OrtFormat", 4, "ORTM", "a model in ONNX Runtime's own format (.ort) was optimized for one runtime; audit the .onnx it was made from"),
        new("Gguf", 0, "GGUF", "a GGUF file holds weights and settings and no code; audit the source of the model"),
    ];

    private sealed record Kind(string Name, int Offset, string Identifier, string Sentence)
    {
        public bool Matches(ReadOnlySpan<byte> header) => header.Length > Offset + 4 && System.Text.Encoding.ASCII.GetString(header.Slice(Offset, 4)) == Identifier;
    }

    public string Name => "NoGraph";

    public IReadOnlyCollection<string> Extensions => [".mar"];

    /// <remarks>In a folder they are passed over: the model that they were made from is what counts.</remarks>
    public IReadOnlyCollection<string> SharedExtensions => [".pte", ".tflite", ".ort", ".gguf"];

    public bool Matches(ModelSource source) => !source.IsDirectory && (KindOf(source) is not null || IsTorchServe(source));

    /// <exception cref="ModelReadException">Always, but for an archive of TorchServe: there is nothing to read.</exception>
    public ModelGraph Read(ModelSource source)
    {
        if (KindOf(source) is { } kind)
        {
            throw new ModelReadException(Id + kind.Name, kind.Sentence) { IsNotAModel = true };
        }

        return new()
        {
            Framework = Framework.PyTorch,
            Exporter = "TorchServe",
            Evidence = GraphEvidence.AllAbsent($"a TorchServe archive packs a model with its handler; unpack it and audit {Packed(source)}"),
        };
    }

    private static Kind? KindOf(ModelSource source)
    {
        foreach (var kind in Kinds)
        {
            if (kind.Matches(source.Header))
            {
                return kind;
            }
        }

        return null;
    }

    private static bool IsTorchServe(ModelSource source)
    {
        if (!source.IsZip)
        {
            return false;
        }

        try
        {
            return source.Zip.Find(Manifest) is not null;
        }
        catch (ModelReadException)
        {
            return source.Extension is ".mar"; // what is wrong with it, reading says
        }
    }

    /// <summary>The model's files as the manifest names them.</summary>
    private static string Packed(ModelSource source)
    {
        if (source.Zip.Find(Manifest) is { } entry)
        {
            try
            {
                using var manifest = SoundJson.Parse(source.Zip.Read(entry), source.Limits.Depth);
                if (manifest.RootElement is { ValueKind: JsonValueKind.Object } root && root.TryGetProperty("model", out var model) && model.ValueKind is JsonValueKind.Object)
                {
                    var names = new[] { "serializedFile", "modelFile" }.Select(n => model.TryGetProperty(n, out var v) && v.ValueKind is JsonValueKind.String ? v.GetString() : null).Where(n => !string.IsNullOrEmpty(n)).ToList();
                    if (names.Count > 0)
                    {
                        return $"'{string.Join("' or '", names)}' in it";
                    }
                }
            }
            catch (JsonException)
            {
                // A manifest that cannot be read names nothing.
            }
        }

        return "the model in it";
    }
}
