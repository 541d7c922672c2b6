using System.Globalization;
using ModelGuidelines.Formats;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Onnx;

/// <summary>Proves that two models compute the same, by numbering values: two values have one number when the same operator, with the same attributes,
/// computes them of values of the same numbers; an initializer's number is that of the bytes that it holds.</summary>
/// <remarks>Names of nodes and initializers are free. Operators that draw random numbers, and those of other domains, which may, are told apart by their
/// order. Bodies of control flow are numbered as functions of their inputs; local functions are followed from each call, once per different inputs.</remarks>
internal static class OnnxProof
{
    public static StructureProof Compare(ModelSource original, ModelSource result, SegmentList segments)
    {
        if (result.File.Length != segments.Length)
        {
            return StructureProof.Fails($"the result has {result.File.Length} bytes instead of {segments.Length}");
        }

        var before = new ProofReader(original.File, r => r, original.Limits, original.Cancellation).Read();
        var after = new ProofReader(result.File, segments.Origin, original.Limits, original.Cancellation).Read();
        if (before.Main is null || after.Main is null || !before.Rest.SequenceEqual(after.Rest))
        {
            return StructureProof.Fails("what the model says of itself has changed");
        }

        if (!before.Functions.Keys.ToHashSet().SetEquals(after.Functions.Keys) || before.Functions.Any(f => !f.Value.Rest.SequenceEqual(after.Functions[f.Key].Rest)))
        {
            return StructureProof.Fails("the model has other local functions");
        }

        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var old = new Numbering(before, numbers, original.Limits, original.Cancellation).Main();
        var now = new Numbering(after, numbers, original.Limits, original.Cancellation).Main();
        return Difference(before, after, old, now) is { } difference
            ? StructureProof.Fails(difference)
            : StructureProof.Equal(string.Create(CultureInfo.InvariantCulture,
                $"the same {old.Events.Count} operations on the same values in the same order; {after.Main.Initializers.Count - before.Main.Initializers.Count} new initializers hold what those they copy hold"));
    }

    private static string? Difference(ProofModel before, ProofModel after, Body old, Body now)
    {
        // Before IR version 4 every initializer is named as an input too.
        IEnumerable<(string Name, string Identity)> Inputs(ProofModel m) => m.Main!.Inputs.Where(i => !m.InitializersAreInputs || !m.Main.Initializers.ContainsKey(i.Name));
        if (!Inputs(before).SequenceEqual(Inputs(after)) || !before.Main!.Outputs.SequenceEqual(after.Main!.Outputs) || !before.Main.Rest.SequenceEqual(after.Main.Rest))
        {
            return "the model's inputs, outputs or what else its graph says have changed";
        }

        for (var i = 0; i < Math.Min(old.Events.Count, now.Events.Count); i++)
        {
            if (old.Events[i].Number != now.Events[i].Number)
            {
                return $"operation {i} ({old.Events[i].Operator}, output '{old.Events[i].Output}') became {now.Events[i].Operator} ('{now.Events[i].Output}') or works on other values";
            }
        }

        if (old.Events.Count != now.Events.Count)
        {
            return $"the result has {now.Events.Count} different operations instead of {old.Events.Count}";
        }

        var output = Enumerable.Range(0, old.Outputs.Count).FirstOrDefault(i => i >= now.Outputs.Count || old.Outputs[i] != now.Outputs[i], -1);
        return output < 0 && old.Outputs.Count == now.Outputs.Count ? null : $"output {output} is another value";
    }

    private readonly record struct Event(int Number, string Operator, string Output);

    /// <summary>What a graph does: each different operation where it first stands, and the numbers of its outputs.</summary>
    private sealed record Body(List<Event> Events, List<int> Outputs, bool IsPure)
    {
        public string Key => $"{string.Join(',', Events.Select(e => e.Number))}>{string.Join(',', Outputs)}";
    }

    /// <summary>Names that are visible in a graph, with the values' numbers.</summary>
    private sealed class Names(Names? outer)
    {
        private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

        public void Set(string name, int number) => _numbers[name] = number;

        public int? Find(string name)
        {
            for (var names = this; names is not null; names = names.Outer)
            {
                if (names._numbers.TryGetValue(name, out var number))
                {
                    return number;
                }
            }

            return null;
        }

        private Names? Outer { get; } = outer;
    }

    private sealed class Numbering(ProofModel model, Dictionary<string, int> numbers, ReadLimits limits, CancellationToken cancellation)
    {
        private static readonly HashSet<string> Random = ["RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike", "Multinomial", "Bernoulli", "Dropout"];
        private readonly Dictionary<string, (int Number, Body Body)> _calls = new(StringComparer.Ordinal);
        private int _drawn;
        private int _followed;

        public Body Main()
        {
            var graph = model.Main!;
            var names = new Names(null);
            foreach (var (name, identity) in graph.Inputs.Where(i => !model.InitializersAreInputs || !graph.Initializers.ContainsKey(i.Name)))
            {
                names.Set(name, Number($"input {name} {identity}"));
            }

            return Follow(graph, names, "", 0);
        }

        private int Number(string key)
        {
            if (!numbers.TryGetValue(key, out var number))
            {
                numbers[key] = number = numbers.Count + 1;
            }

            return number;
        }

        private Body Follow(ProofGraph graph, Names names, string attributes, int depth)
        {
            if (depth > limits.Depth || ++_followed > limits.ExpandedFunctions)
            {
                throw new ModelReadException("MG.Onnx.TooManyCalls", $"graphs and functions are nested more than {limits.Depth} deep or entered more than {limits.ExpandedFunctions} times");
            }

            foreach (var (name, identity) in graph.Initializers)
            {
                // One that is an input too may be given at run time.
                if (names.Find(name) is null || depth > 0)
                {
                    names.Set(name, Number($"initializer {identity}"));
                }
            }

            var events = new List<Event>();
            var seen = new HashSet<int>();
            var isPure = true;
            foreach (var node in graph.Nodes)
            {
                cancellation.ThrowIfCancellationRequested();
                var inputs = node.Inputs.ConvertAll(i => i.Length == 0 ? 0 : names.Find(i) ?? Number($"free {i}"));
                if (node is { Operator: { Domain: "" or "ai.onnx", Type: "Identity" }, Inputs.Count: 1, Outputs.Count: 1 })
                {
                    names.Set(node.Outputs[0], inputs[0]); // another name of the same value
                    continue;
                }

                var number = model.Functions.TryGetValue(node.Operator, out var function)
                    ? Call(node, function, inputs, names, attributes, depth, out var outputs, out var nodeIsPure)
                    : Compute(node, inputs, names, attributes, depth, out outputs, out nodeIsPure);
                isPure &= nodeIsPure;
                for (var i = 0; i < node.Outputs.Count; i++)
                {
                    names.Set(node.Outputs[i], i < outputs.Count ? outputs[i] : Number($"output {i} of {number}"));
                }

                if (seen.Add(number))
                {
                    events.Add(new(number, node.Operator.Type, node.Outputs.Count > 0 ? node.Outputs[0] : ""));
                }
            }

            return new(events, graph.Outputs.ConvertAll(o => names.Find(o.Name) ?? Number($"free {o.Name}")), isPure);
        }

        private int Call(ProofNode node, ProofGraph function, List<int> inputs, Names names, string attributesOfCall, int depth, out List<int> outputs, out bool isPure)
        {
            // What is inside may refer to the attributes of the calls around it.
            var attributes = $"{Attributes(node, names, attributesOfCall, depth, out var attributesArePure)} {attributesOfCall}";
            var key = $"{node.Operator} {attributes} {string.Join(',', inputs)}";
            if (!_calls.TryGetValue(key, out var call))
            {
                var inside = new Names(null);
                for (var i = 0; i < function.Inputs.Count; i++)
                {
                    inside.Set(function.Inputs[i].Name, i < inputs.Count ? inputs[i] : 0);
                }

                var body = Follow(function, inside, attributes, depth + 1);
                call = (Number($"call {node.Operator} {attributes} {body.Key}"), body);
                if (body.IsPure)
                {
                    _calls[key] = call;
                }
            }

            outputs = call.Body.Outputs;
            isPure = call.Body.IsPure && attributesArePure;
            return call.Number;
        }

        private int Compute(ProofNode node, List<int> inputs, Names names, string attributesOfCall, int depth, out List<int> outputs, out bool isPure)
        {
            var attributes = Attributes(node, names, attributesOfCall, depth, out isPure);
            var isRandom = node.Operator.Domain is not ("" or "ai.onnx" or "ai.onnx.ml") || Random.Contains(node.Operator.Type);
            isPure &= !isRandom;
            outputs = [];
            return Number($"{node.Operator} {attributes} {attributesOfCall} {string.Join(',', inputs)} {node.Outputs.Count}{(isPure ? "" : $" {_drawn++}")}");
        }

        /// <summary>A body's inputs are numbered by their position: it is a function of them, and of the values around it.</summary>
        private string Attributes(ProofNode node, Names names, string attributesOfCall, int depth, out bool isPure)
        {
            isPure = true;
            var result = new List<string>();
            foreach (var (identity, graphs) in node.Attributes)
            {
                result.Add(identity);
                foreach (var graph in graphs)
                {
                    var inside = new Names(names);
                    for (var i = 0; i < graph.Inputs.Count; i++)
                    {
                        inside.Set(graph.Inputs[i].Name, Number($"parameter {depth} {i} {graph.Inputs[i].Identity}"));
                    }

                    var body = Follow(graph, inside, attributesOfCall, depth + 1);
                    isPure &= body.IsPure;
                    result.Add($"[{body.Key} {string.Join(' ', graph.Outputs.Select(o => o.Identity))} {string.Join(' ', graph.Rest)}]");
                }
            }

            return string.Join(' ', result);
        }
    }
}
