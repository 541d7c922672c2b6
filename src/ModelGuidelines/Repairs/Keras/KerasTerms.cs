using System.Globalization;
using System.Text;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>Numbers the values of Keras models: two have one number when layers of the same class, config and weights compute them of values of the same
/// numbers, whatever the layers are called and however many there are.</summary>
/// <remarks>Both models that are compared are numbered by one of these.</remarks>
internal sealed class KerasTerms(ReadLimits limits, CancellationToken cancellation)
{
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    /// <param name="model">Its layers.</param>
    /// <param name="weightsOf">What stands for the weights of an entry's object; "" where there are none.</param>
    /// <exception cref="ModelReadException"><see cref="RepairErrors.Unsupported"/>: what the model computes cannot be told; the message says where.</exception>
    public KerasMeaning Of(ConfigLayers model, Func<KerasLayer, string> weightsOf) => new Walk(this, model, weightsOf).Run();

    private int Number(string text)
    {
        if (!_numbers.TryGetValue(text, out var number))
        {
            _numbers.Add(text, number = _numbers.Count);
        }

        return number;
    }

    private static ModelReadException Unknown(string reason) => new(RepairErrors.Unsupported, reason);

    private sealed class Walk(KerasTerms terms, ConfigLayers model, Func<KerasLayer, string> weightsOf)
    {
        private readonly Dictionary<KerasLayer, string> _functions = [];
        private readonly Dictionary<KerasLayer, List<int>> _states = [];
        private readonly HashSet<(KerasLayerKind, bool, int)> _firstNumbers = [];
        private Dictionary<int, int> _calls = [];
        private int _spent;

        public KerasMeaning Run()
        {
            var root = model.Root;
            var entry = model.Entry;
            var config = entry["config"]!;
            var rest = string.Join(',', entry.Properties.Where(p => p.Name != "config").Select(p => $"{p.Name}:{Plain(p.Value)}"));
            string outputs;
            if (root.Kind is KerasLayerKind.Graph)
            {
                var graph = GraphOf(root);
                var inputs = graph.Inputs.Select((r, i) => terms.Number(string.Create(CultureInfo.InvariantCulture, $"input {i} {r.Layer} {Plain(model.SpanOf(graph.Find(r.Layer)!)["config"]!)}"))).ToArray();
                var results = Results(root, graph, inputs);
                outputs = $"{Raw(config["input_layers"])} -> {Arguments(config["output_layers"]!, graph, results, isBorder: true, [])}";
            }
            else
            {
                outputs = Text(Call(root, "", [terms.Number("input")]));
            }

            return new(outputs, $"{rest} {Shell(root)}", _calls, _firstNumbers);
        }

        /// <summary>What a layer makes of values; more than one of a model with several outputs.</summary>
        private int[] Call(KerasLayer layer, string arguments, int[] inputs)
        {
            if ((++_spent & 0xFF) == 0)
            {
                terms.Cancel();
            }

            if (_spent > terms.Limit)
            {
                throw Unknown("its nested models are called more often than is followed");
            }

            if (layer.Kind is not (KerasLayerKind.Graph or KerasLayerKind.Sequential) || (layer.Children.Count == 0 && layer.Kind is KerasLayerKind.Sequential))
            {
                return [Counted($"{Function(layer)} ({arguments}){StateOf(layer)}", layer)];
            }

            var outputs = Inside(layer, inputs);
            var called = $"{Shell(layer)} {weightsOf(layer)} ({arguments}) gives {Text(outputs)}";
            return outputs.Length == 1 ? [terms.Number(called)] : [.. outputs.Select((_, i) => terms.Number(string.Create(CultureInfo.InvariantCulture, $"output {i} of {called}")))];
        }

        private int[] Inside(KerasLayer container, int[] inputs)
        {
            if (container.Kind is KerasLayerKind.Graph)
            {
                var graph = GraphOf(container);
                var results = Results(container, graph, inputs);
                var outputs = new List<int>();
                Arguments(model.SpanOf(container)["config"]!["output_layers"]!, graph, results, isBorder: true, outputs);
                return [.. outputs];
            }

            foreach (var child in container.Children.Where(c => !c.IsInput))
            {
                inputs = Call(child, Text(inputs), inputs);
            }

            return inputs;
        }

        private int Counted(string text, KerasLayer layer)
        {
            var number = terms.Number(text);
            _calls[number] = _calls.GetValueOrDefault(number) + 1;
            if (IsStateful(layer))
            {
                (_states.TryGetValue(layer.Original ?? layer, out var earlier) ? earlier : _states[layer.Original ?? layer] = []).Add(number);
            }

            return number;
        }

        /// <summary>What went into a layer before that keeps a state from call to call.</summary>
        private string StateOf(KerasLayer layer) => IsStateful(layer) && _states.TryGetValue(layer.Original ?? layer, out var earlier) ? $" after {Text([.. earlier])}" : "";

        private bool IsStateful(KerasLayer layer) => model.SpanOf(layer)["config"]?["stateful"]?.Kind is System.Text.Json.JsonTokenType.True || layer.Children.Exists(IsStateful);

        private ContainerGraph GraphOf(KerasLayer container) => model.GraphOf(container) switch
        {
            { Graph: { } graph } => graph,
            var (problem, _) => throw Unknown(problem ?? $"the calls in {KerasText.Quote(container)} cannot be told"),
        };

        /// <summary>The values of all calls of a graph, each after those that feed it.</summary>
        private Dictionary<(KerasLayer Layer, int Call), int[]> Results(KerasLayer container, ContainerGraph graph, int[] inputs)
        {
            var results = new Dictionary<(KerasLayer, int), int[]>();
            for (var i = 0; i < graph.Inputs.Count; i++)
            {
                results[(graph.Find(graph.Inputs[i].Layer)!, 0)] = [i < inputs.Length ? inputs[i] : throw Unknown($"{KerasText.Quote(container)} is called with fewer values than it has inputs")];
            }

            var open = new HashSet<(KerasLayer, int)>();
            var pending = new Stack<(KerasLayer Layer, int Call)>(container.Children.AsEnumerable().Reverse().SelectMany(c => Enumerable.Range(0, Math.Max(1, c.Nodes.Count)).Reverse().Select(i => (c, i))));
            while (pending.TryPeek(out var at))
            {
                if (results.ContainsKey(at))
                {
                    pending.Pop();
                    continue;
                }

                var calls = graph.Calls[at.Layer];
                if (calls.Count <= at.Call)
                {
                    results[at] = [terms.Number($"{Function(at.Layer)} without a call")];
                    continue;
                }

                var needed = calls[at.Call].Select(r => Target(r, graph, isBorder: false)).Where(t => !results.ContainsKey(t)).ToList();
                if (needed.Count > 0)
                {
                    if (!open.Add(at))
                    {
                        throw Unknown($"the calls of {KerasText.Quote(at.Layer)} go in a circle");
                    }

                    needed.ForEach(pending.Push);
                    continue;
                }

                var tensors = new List<int>();
                var arguments = Arguments(model.SpanOf(at.Layer)["inbound_nodes"]!.Items[at.Call], graph, results, isBorder: false, tensors);
                results[at] = Call(at.Layer, arguments, [.. tensors]);
                pending.Pop();
            }

            return results;
        }

        private (KerasLayer Layer, int Call) Target(LayerReference reference, ContainerGraph graph, bool isBorder)
        {
            var layer = graph.Find(reference.Layer)!;
            var call = graph.CallOf(reference, layer, isBorder);
            _firstNumbers.Add((layer.Kind, isBorder, reference.Node - call));
            return (layer, call);
        }

        /// <summary>The number of one output of a call.</summary>
        private int Value(LayerReference reference, int output, ContainerGraph graph, Dictionary<(KerasLayer, int), int[]> results, bool isBorder)
        {
            var values = results.GetValueOrDefault(Target(reference, graph, isBorder)) ?? throw Unknown($"a result of '{reference.Layer}' is used that no call makes");
            return values.Length > 1 && output < values.Length ? values[output] : output == 0 ? values[0] : terms.Number(string.Create(CultureInfo.InvariantCulture, $"output {output} of {values[0]}"));
        }

        /// <summary>A call's arguments as text with numbers for tensors, and the tensors alone; as deep as the JSON.</summary>
        private string Arguments(JsonSpan value, ContainerGraph graph, Dictionary<(KerasLayer, int), int[]> results, bool isBorder, List<int> tensors)
        {
            if (value.IsObject && value["class_name"]?.Text is "__keras_tensor__" && value["config"]?["keras_history"] is { } history)
            {
                return Arguments(history, graph, results, isBorder, tensors);
            }

            if (value.IsObject)
            {
                return "{" + string.Join(',', value.Properties.Select(p => $"{p.Name}:{Arguments(p.Value, graph, results, isBorder, tensors)}")) + "}";
            }

            if (value is { IsArray: true, Items: [{ Text: { } name } layer, { Number: { } node } number, { Number: { } output }, ..] } && graph.Find(name) is not null)
            {
                tensors.Add(Value(new(name, node, layer, number), output, graph, results, isBorder));
                return string.Create(CultureInfo.InvariantCulture, $"#{tensors[^1]}") + string.Concat(value.Items.Skip(3).Select(i => Arguments(i, graph, results, isBorder, tensors)));
            }

            return value.IsArray ? "[" + string.Join(',', value.Items.ConvertAll(i => Arguments(i, graph, results, isBorder, tensors))) + "]" : Raw(value);
        }

        /// <summary>What a layer computes, without its name.</summary>
        private string Function(KerasLayer layer)
        {
            if (_functions.TryGetValue(layer, out var known))
            {
                return known;
            }

            if (layer.Kind is KerasLayerKind.Graph or KerasLayerKind.Sequential && layer.Children.Count > 0)
            {
                // As a function of its inputs: what a wrapper runs.
                var outer = _calls;
                _calls = [];
                var count = layer.Kind is KerasLayerKind.Graph ? GraphOf(layer).Inputs.Count : 1;
                var outputs = Inside(layer, [.. Enumerable.Range(0, count).Select(i => terms.Number(string.Create(CultureInfo.InvariantCulture, $"parameter {i}")))]);
                var calls = string.Join(' ', _calls.OrderBy(c => c.Key).Select(c => string.Create(CultureInfo.InvariantCulture, $"{c.Key}x{c.Value}")));
                _calls = outer;
                return _functions[layer] = string.Create(CultureInfo.InvariantCulture, $"#{terms.Number($"{Shell(layer)} {weightsOf(layer)} of {Text(outputs)} by {calls}")}");
            }

            return _functions[layer] = string.Create(CultureInfo.InvariantCulture, $"#{terms.Number($"{Class(layer)} {Config(layer)} {weightsOf(layer)}")}");
        }

        /// <summary>The config without the name; what a wrapper holds as functions.</summary>
        private string Config(KerasLayer layer)
        {
            var config = model.SpanOf(layer)["config"]!;
            var cells = new Queue<KerasLayer>(layer.Children.Where(c => c.Role is "cells"));
            return string.Join(',', config.Properties.Where(p => p.Name is not ("name" or "shared_object_id" or "build_config")).Select(p => $"{p.Name}:" + (
                layer.Children.Find(c => c.Role == p.Name && c.Role is not "cells") is { } child ? Function(child)
                : p.Name == "cells" && cells.Count > 0 ? "[" + string.Join(',', p.Value.Items.Select(i => i["class_name"] is not null ? Function(cells.Dequeue()) : Plain(i))) + "]"
                : Plain(p.Value))));
        }

        /// <summary>A container without its layers.</summary>
        private string Shell(KerasLayer container)
        {
            var config = model.SpanOf(container)["config"]!;
            return $"{Class(container)} " + string.Join(',', config.Properties.Where(p => p.Name is not ("name" or "layers" or "input_layers" or "output_layers" or "shared_object_id" or "build_config") || (p.Name == "name" && container.Parent is null)).Select(p => $"{p.Name}:{Plain(p.Value)}"));
        }

        private static string Class(KerasLayer layer) => $"{layer.Module}.{layer.ClassName} {layer.RegisteredName}";

        private string Plain(JsonSpan value) => value.IsObject
            ? "{" + string.Join(',', value.Properties.Where(p => p.Name is not ("shared_object_id" or "build_config")).Select(p => $"{p.Name}:{Plain(p.Value)}")) + "}"
            : value.IsArray ? "[" + string.Join(',', value.Items.ConvertAll(Plain)) + "]"
            : Raw(value);

        private string Raw(JsonSpan? value) => value is null ? "" : Encoding.UTF8.GetString(model.Text.Text[value.Start..value.End]);

        private static string Text(int[] numbers) => string.Join(' ', numbers.Select(n => string.Create(CultureInfo.InvariantCulture, $"#{n}")));
    }

    private int Limit => limits.ExpandedCalls;

    private void Cancel() => cancellation.ThrowIfCancellationRequested();
}

/// <summary>What a model computes.</summary>
/// <param name="Outputs">The numbers of its outputs, in the form in which the model gives them; and its inputs' names.</param>
/// <param name="Shell">The model itself, without its layers.</param>
/// <param name="Calls">How often each value is computed.</param>
/// <param name="FirstNumbers">How layers' first calls are counted: in a graph's own calls, or at its border.</param>
internal sealed record KerasMeaning(string Outputs, string Shell, IReadOnlyDictionary<int, int> Calls, IReadOnlySet<(KerasLayerKind Kind, bool IsBorder, int Number)> FirstNumbers)
{
    /// <summary>What differs from the original; null where nothing does.</summary>
    public string? Difference(KerasMeaning original) =>
        Shell != original.Shell ? "the model itself has other arguments"
        : Outputs != original.Outputs ? "an output is computed by other layers, or of other values or weights"
        : Calls.Count != original.Calls.Count || Calls.Any(c => original.Calls.GetValueOrDefault(c.Key) != c.Value) ? "layers are called that were not, or not as often"
        : !FirstNumbers.IsSubsetOf(original.FirstNumbers) ? "calls are counted otherwise than in the original"
        : null;
}
