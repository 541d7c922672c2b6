using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>What initializers' names tell: <c>encoder.conv1.weight</c> is the parameter weight of the module encoder.conv1.</summary>
internal sealed class OnnxWeights
{
    private readonly Dictionary<string, OnnxInitializer> _byName = new(StringComparer.Ordinal);
    private readonly HashSet<string> _modules = new(StringComparer.Ordinal);
    private readonly HashSet<string> _holders = new(StringComparer.Ordinal);
    private readonly HashSet<string> _submodules = new(StringComparer.Ordinal);

    private long _characters;

    public OnnxWeights(OnnxFacts facts)
        : this(facts.Initializers, facts.Nodes)
    {
    }

    public OnnxWeights(List<OnnxInitializer> initializers, List<OnnxNode> nodes)
    {
        foreach (var weight in initializers)
        {
            AddName(weight.Name, weight);
        }

        // Equal initializers are merged, the others stay behind as Identity nodes of the merged one, under their own names.
        foreach (var node in nodes)
        {
            if (node.OpType == "Identity" && node.Proto.Input.Count == 1 && _byName.TryGetValue(node.Proto.Input[0], out var merged) && node.Proto.Output.Count == 1)
            {
                AddName(node.Proto.Output[0], merged);
            }
        }
    }

    /// <summary>Modules that own a parameter.</summary>
    public IEnumerable<string> Modules => _modules;

    /// <summary>The initializer behind a name, merged ones included; null when the name is no weight's.</summary>
    public OnnxInitializer? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Whether a name is a weight's and tells its module, not a generated one like <c>onnx::Conv_41</c>.</summary>
    public bool IsNamed(string name) => _byName.ContainsKey(name) && IsParameterName(name);

    /// <summary>The module that owns the named parameter.</summary>
    public static string Owner(string name) => name.LastIndexOf('.') is > 0 and var dot ? name[..dot] : "";

    /// <summary>Whether a module of that name, or one below it, owns a parameter.</summary>
    public bool Owns(string module) => _holders.Contains(module);

    /// <summary>Modules strictly below that one that own parameters, those of torch.nn's own parametrizations left out.</summary>
    public bool HasSubmodules(string module) => _holders.Contains(module) && _submodules.Contains(module);

    public void AddParameters(ModelGraphBuilder builder)
    {
        foreach (var group in _byName.Keys.Where(IsParameterName).GroupBy(Owner, StringComparer.Ordinal))
        {
            var index = builder.FindOrAdd(group.Key);
            builder.Modules[index] = builder.Modules[index] with { Parameters = [.. group.Select(n => n[(n.LastIndexOf('.') + 1)..])] };
        }
    }

    private void AddName(string name, OnnxInitializer weight)
    {
        if (!_byName.TryAdd(name, weight) || !IsParameterName(name))
        {
            return;
        }

        var owner = Owner(name);
        _modules.Add(owner);
        for (var module = owner; _holders.Add(module) && module.Length > 0;)
        {
            module = Owner(module);
            _characters += module.Length;
            if (_characters > ReadLimits.QualifiedNames)
            {
                throw new ModelReadException("MG.Graph.NamesTooLong", $"the names of all weights' modules have more than {ReadLimits.QualifiedNames} characters together");
            }
        }

        // torch.nn's MultiheadAttention reads its out_proj itself; parametrizations stand below the module whose weight they compute.
        if (owner.Contains(".parametrizations", StringComparison.Ordinal))
        {
            return;
        }

        var first = owner.EndsWith(".out_proj", StringComparison.Ordinal) ? Owner(Owner(owner)) : Owner(owner);
        for (var module = first; owner.Length > 0 && _submodules.Add(module) && module.Length > 0;)
        {
            module = Owner(module);
        }
    }

    /// <summary>For each module the one of its weights that is read most often, the first of several: a call may read more than one (a recurrent cell, attention), and each once.</summary>
    /// <param name="reads">The module and the weight of each read.</param>
    public static Dictionary<string, string> MostRead(IEnumerable<(string Module, string Weight)> reads) =>
        reads.GroupBy(r => r.Module, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.GroupBy(r => r.Weight, StringComparer.Ordinal).MaxBy(w => w.Count())!.Key, StringComparer.Ordinal);

    /// <summary>Names as a module gives them. <c>x.11</c> is a value that tracing numbered, and <c>weights.1</c> one of a ParameterList, which no call reads as its own.</summary>
    private static bool IsParameterName(string name) =>
        name.Length > 0 && (char.IsAsciiLetter(name[0]) || name[0] == '_') && name.AsSpan(name.LastIndexOf('.') + 1).ContainsAnyExceptInRange('0', '9') && name.AsSpan().IndexOfAny("/: ") < 0 && (name.Contains('.', StringComparison.Ordinal) || !name.StartsWith("val_", StringComparison.Ordinal)) && !name.Contains("Fusion_", StringComparison.Ordinal); // ONNX Runtime: ConvBnFusion_W_conv.weight
}
