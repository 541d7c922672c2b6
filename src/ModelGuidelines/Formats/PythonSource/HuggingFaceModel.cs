using System.Text.Json;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>A model of a Hugging Face folder: <c>modeling_*.py</c> and, beside it, the <c>config.json</c> that says which of its classes the model is and what its configuration holds.</summary>
/// <param name="Class">The class of the model; null where config.json names only <c>model_type</c>: the class whose configuration says that it is its.</param>
/// <param name="ConfigModule">The file that defines the configuration's class, without extension; null where config.json names none.</param>
/// <param name="ConfigClass">That class.</param>
/// <param name="Config">The text of config.json.</param>
internal sealed record HuggingFaceModel(string? Class, string? ConfigModule, string? ConfigClass, string Config)
{
    private const string ConfigName = "config.json";

    /// <summary><c>model_type</c>.</summary>
    public string? Type { get; private init; }

    /// <summary>The model whose code a Python file is; null for every other file.</summary>
    /// <param name="path">The Python file.</param>
    /// <param name="text">What it holds.</param>
    /// <param name="read">The text of a file of data beside it; null where there is none that may be read.</param>
    public static HuggingFaceModel? Of(string path, string text, Func<string, string?> read)
    {
        var stem = Path.GetFileNameWithoutExtension(path);
        if (!stem.StartsWith("modeling_", StringComparison.Ordinal) || read(ConfigName) is not { } config || new FileInfo(Path.Join(Path.GetDirectoryName(path), ConfigName)).LinkTarget is not null)
        {
            return null;
        }

        try
        {
            using var json = SoundJson.Parse(config, ReadLimits.Default.Depth);
            if (json.RootElement.ValueKind is not JsonValueKind.Object)
            {
                return null;
            }

            var named = Map(json.RootElement).ToList();
            var classes = Texts(json.RootElement, "architectures")
                .Concat(named.Where(n => n.Name.StartsWith("AutoModel", StringComparison.Ordinal) && n.Module == stem).Select(n => n.Class));
            var (_, module, type) = named.Find(n => n.Name == "AutoConfig");
            if (classes.FirstOrDefault(c => Defines(text, c)) is { } model)
            {
                return new(model, module, type, config);
            }

            // What is named stands elsewhere; where nothing is, the type tells.
            return !classes.Any() && json.RootElement.TryGetProperty("model_type", out var kind) && kind.ValueKind is JsonValueKind.String && text.Contains("config_class", StringComparison.Ordinal)
                ? new(null, module, type, config) { Type = kind.GetString() } : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or JsonException)
        {
            return null;
        }
    }

    private static bool Defines(string text, string type) => type.Length > 0 && text.Contains($"class {type}(", StringComparison.Ordinal);

    private static IEnumerable<string> Texts(JsonElement root, string name) =>
        root.TryGetProperty(name, out var list) && list.ValueKind is JsonValueKind.Array ? list.EnumerateArray().Where(e => e.ValueKind is JsonValueKind.String).Select(e => e.GetString()!) : [];

    /// <summary><c>auto_map</c>: <c>"AutoModel": "modeling_net.NetModel"</c>, or a list of them; a repository of another owner stands before <c>--</c>.</summary>
    private static IEnumerable<(string Name, string Module, string Class)> Map(JsonElement root)
    {
        if (!root.TryGetProperty("auto_map", out var map) || map.ValueKind is not JsonValueKind.Object)
        {
            yield break;
        }

        foreach (var entry in map.EnumerateObject())
        {
            var value = entry.Value.ValueKind is JsonValueKind.Array ? entry.Value.EnumerateArray().FirstOrDefault() : entry.Value;
            if (value.ValueKind is JsonValueKind.String && value.GetString()!.Split("--")[^1].Split('.') is [var module, var type])
            {
                yield return (entry.Name, module, type);
            }
        }
    }
}
