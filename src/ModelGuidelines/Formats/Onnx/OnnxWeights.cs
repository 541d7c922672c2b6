using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>What initializers' names tell: <c>encoder.conv1.weight</c> is the parameter weight of the module encoder.conv1.</summary>
internal sealed class OnnxWeights
{
    private readonly Dictionary<string, (OnnxInitializer Weight, string? Owner)> _byName;
    private readonly HashSet<string> _modules = new(StringComparer.Ordinal);
    private readonly HashSet<string> _holders = new(StringComparer.Ordinal);
    private readonly HashSet<string> _submodules = new(StringComparer.Ordinal);

    private long _characters;
    private string _latest = "";

    public OnnxWeights(OnnxFacts facts)
        : this(facts.Initializers, facts.Nodes)
    {
    }

    public OnnxWeights(List<OnnxInitializer> initializers, List<OnnxNode> nodes)
    {
        _byName = new(initializers.Count, StringComparer.Ordinal);
        foreach (var weight in initializers)
        {
            AddName(weight.Name, weight);
        }

        // Equal initializers are merged, the others stay behind as Identity nodes of the merged one, under their own names.
        foreach (var node in nodes)
        {
            if (node.OpType == "Identity" && node.Proto.Input.Length == 1 && Find(node.Proto.Input[0]) is { } merged && node.Proto.Output.Length == 1)
            {
                AddName(node.Proto.Output[0], merged);
            }
        }
    }

    /// <summary>Modules that own a parameter.</summary>
    public IEnumerable<string> Modules => _modules;

    /// <summary>The initializer behind a name, merged ones included; null when the name is no weight's.</summary>
    public OnnxInitializer? Find(string name) => _byName.GetValueOrDefault(name).Weight;

    /// <summary>Whether a name is a weight's and tells its module, not a generated one like <c>onnx::Conv_41</c>.</summary>
    public bool IsNamed(string name) => OwnerOf(name) is not null;

    /// <summary>The module that owns the weight of that name; null where it is no weight's, or tells no module.</summary>
    public string? OwnerOf(string name) => _byName.GetValueOrDefault(name).Owner;

    /// <summary>The modules whose weights a node reads, in order, each once where they stand side by side.</summary>
    public List<string> Owners(OnnxNode node, List<string> owners)
    {
        var inputs = node.Proto.Input;
        for (var i = 0; i < inputs.Length; i++)
        {
            if (OwnerOf(inputs[i]) is { } owner && !(owners.Count > 0 && owners[^1] == owner))
            {
                owners.Add(owner);
            }
        }

        return owners;
    }

    /// <summary>The module that owns the named parameter.</summary>
    public static string Owner(string name) => name.LastIndexOf('.') is > 0 and var dot ? name[..dot] : "";

    /// <summary>Whether a module of that name, or one below it, owns a parameter.</summary>
    public bool Owns(string module) => _holders.Contains(module);

    /// <summary>Modules strictly below that one that own parameters, those of torch.nn's own parametrizations left out.</summary>
    public bool HasSubmodules(string module) => _holders.Contains(module) && _submodules.Contains(module);

    public void AddParameters(ModelGraphBuilder builder)
    {
        var parameters = new Dictionary<string, ImmutableArray<string>.Builder>(StringComparer.Ordinal);
        foreach (var (name, (_, owner)) in _byName)
        {
            if (owner is not null)
            {
                (CollectionsMarshal.GetValueRefOrAddDefault(parameters, owner, out _) ??= ImmutableArray.CreateBuilder<string>(2)).Add(Last(name));
            }
        }

        foreach (var (owner, names) in parameters)
        {
            var index = builder.FindOrAdd(owner);
            builder.Modules[index] = builder.Modules[index] with { Parameters = names.DrainToImmutable() };
        }
    }

    /// <summary>The last part of a name; most are of a few.</summary>
    private static string Last(string name) => name.AsSpan(name.LastIndexOf('.') + 1) switch
    {
        "weight" => "weight",
        "bias" => "bias",
        var last => last.ToString(),
    };

    /// <summary>The module that owns a parameter, as the same object for those that stand one after the other.</summary>
    private string OwnerLike(string name)
    {
        var dot = name.LastIndexOf('.');
        return _latest.Length == dot && name.StartsWith(_latest, StringComparison.Ordinal) ? _latest : _latest = Owner(name);
    }

    private void AddName(string name, OnnxInitializer weight)
    {
        var owner = IsParameterName(name) ? OwnerLike(name) : null;
        if (!_byName.TryAdd(name, (weight, owner)) || owner is null || !_modules.Add(owner))
        {
            return;
        }

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
