using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using ModelGuidelines.Formats;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Repairs.Keras;

/// <summary>Finds a model's weights as the loaders of the generations find them; written apart from the product's code, which it judges.</summary>
internal sealed class StoredWeights : IDisposable
{
    private readonly ModelSource _source;
    private readonly Hdf5File _file;
    private readonly Dictionary<string, List<string>> _weights = new(StringComparer.Ordinal);
    private readonly Dictionary<(string?, string?), Hdf5Object?> _objects = [];
    private bool _goesPast;

    public StoredWeights(string path)
    {
        _source = new(path, ReadLimits.Default, TestContext.Current.CancellationToken);
        _file = Hdf5File.Open(_source.File, 0, _source.File.Length, ReadLimits.Default, TestContext.Current.CancellationToken);
    }

    /// <summary>The root attribute of that name.</summary>
    public byte[]? Attribute(string name) => _file.Text(_file.Root, name);

    public string Of(string path) => _weights.TryGetValue(path, out var found) ? string.Join(' ', found) : "";

    /// <summary>By class and order: model.weights.h5 of a .keras archive. tf_keras goes past an object that it has met.</summary>
    public StoredWeights OfArchive(byte[] config, byte[] metadata)
    {
        _goesPast = System.Text.Encoding.UTF8.GetString(metadata).Contains("\"keras_version\": \"2.", StringComparison.Ordinal);
        using var document = KerasJsonText.Parse(config, ReadLimits.Default, "config", CancellationToken.None);
        ReadArchive(document.RootElement, _file.Root, "", _file.Find(_file.Root, "layers") is null ? "_layer_checkpoint_dependencies" : "layers");
        return this;
    }

    /// <summary>By layer_names and weight_names: model_weights of a .h5 file. Inside nested models by the number of weights that each class has.</summary>
    public StoredWeights OfModel(byte[] config)
    {
        using var document = KerasJsonText.Parse(config, ReadLimits.Default, "config", CancellationToken.None);
        var group = _file.Find(_file.Root, "model_weights")!;
        var names = List(group, "layer_names").ToHashSet(StringComparer.Ordinal);
        foreach (var layer in Layers(document.RootElement).Where(l => names.Remove(Name(l))))
        {
            var own = Name(layer).Split('/').Aggregate(group, (g, n) => _file.Find(g, n)!);
            var row = new Queue<string>(List(own, "weight_names").Select(w => Digest(w.Split('/').Aggregate(own, (g, n) => _file.Find(g, n)!))));
            if (Layers(layer).Count == 0)
            {
                _weights[Name(layer)] = [.. row];
            }
            else
            {
                Share(layer, Name(layer), row);
            }
        }

        Assert.Empty(names); // each is a layer of the config
        return this;
    }

    public void Dispose() => _source.Dispose();

    private static List<JsonElement> Layers(JsonElement entry)
    {
        var layers = entry.Get("config") is { ValueKind: JsonValueKind.Array } bare ? bare : entry.Get("config").Get("layers");
        return layers.ValueKind is JsonValueKind.Array ? [.. layers.EnumerateArray()] : [];
    }

    private static string Name(JsonElement layer) => layer.Get("name").Text() ?? layer.Get("config").Get("name").Text()!;

    private void Share(JsonElement container, string path, Queue<string> row)
    {
        foreach (var layer in Layers(container))
        {
            var own = $"{path}/{Name(layer)}";
            Share(layer, own, row);
            var count = layer.Get("class_name").Text() switch
            {
                "Dense" or "Conv2D" or "BatchNormalization" or "LayerNormalization" => 2,
                "Embedding" => 1,
                "LSTM" or "GRU" => 3,
                _ => 0,
            };
            _weights[own] = [.. Enumerable.Range(0, Math.Min(count, row.Count)).Select(_ => row.Dequeue())];
        }
    }

    private void ReadArchive(JsonElement container, Hdf5Object? group, string path, string folder)
    {
        var isList = container.Get("config").Get("output_layers").ValueKind is JsonValueKind.Undefined;
        var layers = group is null ? null : _file.Find(group, folder);
        var used = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var layer in Layers(container).Where(l => !(isList && l.Get("class_name").Text() is "InputLayer") && l.Get("module").Text()?.StartsWith("keras.src.ops", StringComparison.Ordinal) is not true))
        {
            var stem = string.Concat(layer.Get("class_name").Text()!.Split('>')[^1].Select((c, i) => i > 0 && char.IsUpper(c) && IsHump(layer.Get("class_name").Text()!.Split('>')[^1], i) ? "_" + c : c.ToString())).ToLowerInvariant();
            var number = used.GetValueOrDefault(stem);
            var isMet = layer.Get("shared_object_id").ValueKind is not JsonValueKind.Undefined && _objects.ContainsKey((layer.Get("class_name").Text(), layer.Get("config").Get("name").Text()));
            var own = layers is null || isMet ? null : _file.Find(layers, number == 0 ? stem : string.Create(CultureInfo.InvariantCulture, $"{stem}_{number}"));
            var key = (layer.Get("class_name").Text(), layer.Get("config").Get("name").Text());
            own = isMet ? _objects.GetValueOrDefault(key) : own;
            _objects.TryAdd(key, own);
            var inner = layer.Get("config").Get("layer");
            if (inner.ValueKind is JsonValueKind.Object && own is not null)
            {
                _objects.TryAdd((inner.Get("class_name").Text(), inner.Get("config").Get("name").Text()), _file.Find(own, "layer"));
            }

            var full = path.Length == 0 ? Name(layer) : $"{path}/{Name(layer)}";
            _weights[full] = own is null ? [] : [.. All(own, "")];
            used[stem] = number + (folder[0] == '_' ? _weights[full].Count > 0 ? 2 : 1 : isMet && _goesPast ? 0 : 1);
            if (Layers(layer).Count > 0)
            {
                ReadArchive(layer, own, full, folder);
            }
        }
    }

    private static bool IsHump(string name, int at) => char.IsLower(name[at - 1]) || (at + 1 < name.Length && char.IsLower(name[at + 1]));

    private IEnumerable<string> All(Hdf5Object item, string path) => item.IsDataset
        ? [path + Digest(item)]
        : _file.Links(item).OrderBy(l => l.Name, StringComparer.Ordinal).SelectMany(l => All(_file.Open(l), $"{path}/{l.Name}"));

    private string Digest(Hdf5Object dataset)
    {
        var layout = _source.File.Span(dataset.Messages.Single(m => m.Type == Hdf5ObjectHeader.DataLayout).Address, 18);
        var (address, size) = (BitConverter.ToInt64(layout[2..]), BitConverter.ToInt64(layout[10..]));
        return layout[1] == 1 && address >= 0 ? Convert.ToHexString(SHA256.HashData(_source.File.Span(address, (int)size))) : "none";
    }

    private List<string> List(Hdf5Object item, string name)
    {
        if (_file.Strings(item, name) is { } whole)
        {
            return [.. whole];
        }

        var parts = new List<string>();
        for (var i = 0; _file.Strings(item, string.Create(CultureInfo.InvariantCulture, $"{name}{i}")) is { } part; i++)
        {
            parts.AddRange(part);
        }

        return parts;
    }
}
