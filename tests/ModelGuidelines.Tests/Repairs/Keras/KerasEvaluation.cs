using System.Globalization;
using System.Text.Json;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Repairs.Keras;

/// <summary>What a model computes, as a term: each output is the class and config of a layer without its name, its weights, and what it is applied to.
/// Two models with equal terms compute the same, however their layers are called and however many there are.</summary>
/// <remarks>Written apart from the product's code, which it judges. Terms are numbered, so that equal ones are equal numbers within one evaluation.</remarks>
internal sealed class KerasEvaluation
{
    private readonly Dictionary<string, int> _terms = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _calls = new(StringComparer.Ordinal);
    private readonly Func<string, string> _weightsOf;

    /// <param name="terms">Of the model to compare with; null for the first.</param>
    /// <param name="weightsOf">A digest of the weights of the layer at a path; null where the file holds none.</param>
    public KerasEvaluation(KerasEvaluation? terms = null, Func<string, string>? weightsOf = null)
    {
        _terms = terms?._terms ?? _terms;
        _weightsOf = weightsOf ?? (_ => "");
    }

    /// <summary>How often each layer is called, by its path.</summary>
    public IReadOnlyDictionary<string, int> Calls => _calls;

    public int[] Outputs(byte[] config)
    {
        using var document = KerasJsonText.Parse(config, ReadLimits.Default, "config", CancellationToken.None);
        var entry = document.RootElement.Get("model_config") is { ValueKind: JsonValueKind.Object } inner ? inner : document.RootElement;
        var inputs = entry.Get("config").Get("input_layers") is { ValueKind: not JsonValueKind.Undefined } border ? Border(border).Count : 1;
        return Run(entry, "", [.. Enumerable.Range(0, inputs).Select(i => Term($"input {i}"))]);
    }

    private int[] Run(JsonElement entry, string path, int[] inputs) =>
        IsGraph(entry) ? new Graph(this, entry, path, inputs).Outputs()
        : IsContainer(entry) ? RunList(entry, path, inputs)
        : [Term($"{entry.Get("class_name").Text()} {Plain(entry.Get("config"))} {_weightsOf(path)} ({string.Join(',', inputs)})")];

    private int[] RunList(JsonElement entry, string path, int[] value)
    {
        var layers = entry.Get("config") is { ValueKind: JsonValueKind.Array } bare ? bare : entry.Get("config").Get("layers");
        foreach (var layer in layers.EnumerateArray().Where(l => l.Get("class_name").Text() is not "InputLayer"))
        {
            var inner = Join(path, NameOf(layer));
            Count(inner);
            value = Run(layer, inner, value);
        }

        return value;
    }

    private void Count(string path) => _calls[path] = _calls.GetValueOrDefault(path) + 1;

    private int Term(string text)
    {
        if (!_terms.TryGetValue(text, out var number))
        {
            _terms.Add(text, number = _terms.Count);
        }

        return number;
    }

    private static string NameOf(JsonElement layer) => layer.Get("name").Text() ?? layer.Get("config").Get("name").Text() ?? "";

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}/{name}";

    private static bool IsGraph(JsonElement entry) => entry.Get("config").Get("layers").ValueKind is JsonValueKind.Array && entry.Get("config").Get("output_layers").ValueKind is not JsonValueKind.Undefined;

    private static bool IsContainer(JsonElement entry) => entry.Get("config").Get("layers").ValueKind is JsonValueKind.Array || entry.Get("config").ValueKind is JsonValueKind.Array;

    /// <summary>A config without what tells objects apart.</summary>
    private static string Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "{" + string.Join(',', value.EnumerateObject().Where(p => p.Name is not ("name" or "shared_object_id" or "build_config")).Select(p => $"{p.Name}:{Plain(p.Value)}")) + "}",
        JsonValueKind.Array => "[" + string.Join(',', value.EnumerateArray().Select(Plain)) + "]",
        _ => value.GetRawText(),
    };

    private static List<JsonElement> Border(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => [.. value.EnumerateObject().OrderBy(p => p.Name, StringComparer.Ordinal).SelectMany(p => Border(p.Value))],
        JsonValueKind.Array when value.GetArrayLength() == 3 && value[0].ValueKind is JsonValueKind.String => [value],
        JsonValueKind.Array => [.. value.EnumerateArray().SelectMany(Border)],
        _ => [],
    };

    private sealed class Graph
    {
        private readonly KerasEvaluation _all;
        private readonly JsonElement _config;
        private readonly string _path;
        private readonly Dictionary<string, JsonElement> _layers;
        private readonly Dictionary<(string, int), int[]> _results = [];
        private readonly bool _isKeras3;

        public Graph(KerasEvaluation all, JsonElement entry, string path, int[] inputs)
        {
            _all = all;
            _config = entry.Get("config");
            _path = path;
            _layers = _config.Get("layers").EnumerateArray().ToDictionary(NameOf, StringComparer.Ordinal);
            _isKeras3 = _layers.Values.Any(l => l.Get("inbound_nodes").EnumerateArray().Any(n => n.ValueKind is JsonValueKind.Object));
            foreach (var (tensor, value) in Border(_config.Get("input_layers")).Zip(inputs, (t, v) => (t, v)))
            {
                _results[(tensor[0].GetString()!, 0)] = [value];
            }
        }

        public int[] Outputs() => [.. Border(_config.Get("output_layers")).Select(t => Tensor(t, isBorder: true))];

        private int Tensor(JsonElement tensor, bool isBorder)
        {
            var (name, call, output) = (tensor[0].GetString()!, tensor[1].GetInt32(), tensor[2].GetInt32());
            var layer = _layers[name];
            if (layer.Get("class_name").Text() is not "InputLayer")
            {
                call -= FirstNumber(layer, isBorder);
            }

            var values = Call(name, layer, call);
            return output < values.Length && values.Length > 1 ? values[output] : output == 0 ? values[0] : _all.Term($"output {output} of {values[0]}");
        }

        /// <summary>Keras 2 counts a nested model's own definition as its call 0, Keras 3 only where a graph's outputs are listed.</summary>
        private int FirstNumber(JsonElement layer, bool isBorder)
        {
            if (_isKeras3 || !IsContainer(layer))
            {
                return isBorder && IsGraph(layer) ? 1 : 0;
            }

            var first = IsGraph(layer) ? default : layer.Get("config").Get("layers")[0];
            return IsGraph(layer) || first.Get("class_name").Text() is "InputLayer" || first.Get("config").Get("batch_input_shape").ValueKind is JsonValueKind.Array ? 1 : 0;
        }

        private int[] Call(string name, JsonElement layer, int call)
        {
            if (_results.TryGetValue((name, call), out var known))
            {
                return known;
            }

            var path = Join(_path, name);
            _all.Count(path);
            var tensors = new List<int>();
            var arguments = Arguments(layer.Get("inbound_nodes")[call], tensors);
            var result = IsContainer(layer) ? _all.Run(layer, path, [.. tensors]) : _all.Run(layer, path, [_all.Term(arguments)]);
            _results[(name, call)] = result;
            return result;
        }

        /// <summary>The call's arguments as text, with terms for tensors; and the tensors alone.</summary>
        private string Arguments(JsonElement value, List<int> tensors)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object when value.Get("class_name").Text() is "__keras_tensor__":
                    tensors.Add(Tensor(value.Get("config").Get("keras_history"), isBorder: false));
                    return string.Create(CultureInfo.InvariantCulture, $"#{tensors[^1]}");
                case JsonValueKind.Object:
                    return "{" + string.Join(',', value.EnumerateObject().Select(p => $"{p.Name}:{Arguments(p.Value, tensors)}")) + "}";
                case JsonValueKind.Array when value.GetArrayLength() >= 3 && value[0].Text() is { } name && _layers.ContainsKey(name) && value[1].ValueKind is JsonValueKind.Number && value[2].ValueKind is JsonValueKind.Number:
                    tensors.Add(Tensor(value, isBorder: false));
                    return string.Create(CultureInfo.InvariantCulture, $"#{tensors[^1]}{(value.GetArrayLength() > 3 ? Arguments(value[3], tensors) : "")}");
                case JsonValueKind.Array:
                    return "[" + string.Join(',', value.EnumerateArray().Select(v => Arguments(v, tensors)).ToList()) + "]";
                default:
                    return value.GetRawText();
            }
        }
    }
}
