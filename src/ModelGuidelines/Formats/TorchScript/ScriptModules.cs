using System.Globalization;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.TorchScript;

/// <summary>One module object of <c>data.pkl</c>.</summary>
internal sealed class ScriptModule
{
    /// <summary>Its entry in the graph; several objects of the file may be one module.</summary>
    public required int Index { get; init; }

    public required string QualifiedName { get; init; }

    public required ScriptClass? Class { get; init; }

    /// <summary>Why this object may be another module than the one of its <see cref="Index"/>.</summary>
    public Certainty Certainty { get; init; }

    /// <summary>What <c>data.pkl</c> keeps of it, by name.</summary>
    public required IReadOnlyDictionary<string, PickleValue> Attributes { get; init; }

    public Dictionary<string, ScriptModule> Children { get; } = new(StringComparer.Ordinal);

    /// <summary>Attributes that the code sets while it runs.</summary>
    public Dictionary<string, ScriptValue> Set { get; } = new(StringComparer.Ordinal);
}

/// <summary>Finds the tree of modules in <c>data.pkl</c>, and which objects are one module.</summary>
/// <remarks>A module that is registered under two names is saved as two objects. Those that read the same tensors are taken for one.</remarks>
internal sealed class ScriptModules(ScriptCode code, ModelGraphBuilder graph, ReadLimits limits, CancellationToken cancellation)
{
    private const string SharedDoubt = "two modules of one class that share all their parameters would look the same in this file";

    /// <summary>More names of one module are not listed.</summary>
    private const int MaxAliases = 1000;

    private readonly Dictionary<PickleObject, ScriptModule> _modules = [];
    private readonly Dictionary<string, ScriptModule> _bySignature = new(StringComparer.Ordinal);
    private readonly Dictionary<PickleObject, string?> _signatures = [];
    private readonly Dictionary<PickleValue, List<PickleEntry>> _attributes = [];

    private readonly record struct PickleEntry(string Name, PickleValue Value);

    /// <summary>The tree under the root; null when the root is no module.</summary>
    public ScriptModule? Read(PickleValue root) => root is PickleObject o && ClassOf(o) is { Kind: ScriptClassKind.Module } ? Add(o, "", null, null, 0) : null;

    private ScriptClass? ClassOf(PickleObject o) => o.TypeName is { } name ? code.FindClass(name) : null;

    private bool IsModule(PickleValue value) => value is PickleObject o && ClassOf(o) is { Kind: ScriptClassKind.Module };

    private List<PickleEntry> AttributesOf(PickleObject o)
    {
        if (!_attributes.TryGetValue(o, out var list))
        {
            list = [.. (o.State?.Entries ?? []).Where(e => e.Key is PickleText).Select(e => new PickleEntry(e.Key.Text!, e.Value))];
            _attributes.Add(o, list);
        }

        return list;
    }

    /// <param name="o">The object.</param>
    /// <param name="name">Its qualified name.</param>
    /// <param name="parent">Index of the module that holds it.</param>
    /// <param name="same">The module that it is, when its parent is one that was met before.</param>
    /// <param name="depth">Bounds the recursion.</param>
    private ScriptModule Add(PickleObject o, string name, int? parent, ScriptModule? same, int depth)
    {
        cancellation.ThrowIfCancellationRequested();
        if (_modules.TryGetValue(o, out var known))
        {
            AddAlias(known.Index, name);
            return known;
        }

        if (depth > limits.Depth || graph.Modules.Count >= limits.Items)
        {
            throw new ModelReadException("MG.TorchScript.TooDeep", string.Create(CultureInfo.InvariantCulture, $"modules are nested deeper than {limits.Depth} levels"));
        }

        var type = ClassOf(o);
        if (same is null && Signature(o, 0) is { } signature && !_bySignature.TryGetValue(signature, out same))
        {
            _bySignature.Add(signature, null!);
        }

        var attributes = new Dictionary<string, PickleValue>(StringComparer.Ordinal);
        foreach (var attribute in AttributesOf(o))
        {
            attributes[attribute.Name] = attribute.Value;
        }

        ScriptModule module;
        if (same is not null)
        {
            // A trace knows objects: a class without methods is another name of the module that was called.
            module = new() { Index = same.Index, QualifiedName = same.QualifiedName, Class = type, Attributes = attributes, Certainty = Certainty.Likely(SharedDoubt).And(same.Certainty) };
            AddAlias(same.Index, name);
        }
        else
        {
            var index = graph.Add(new()
            {
                QualifiedName = name,
                Type = type?.Name,
                Parent = parent,
                Parameters = type?.Tensors ?? [],
                Origin = type is null ? ModuleOrigin.Unknown : ModuleTypes.IsTorchNn(type.Name) ? ModuleOrigin.Framework : ModuleOrigin.User,
            });
            module = new() { Index = index, QualifiedName = name, Class = type, Attributes = attributes };
        }

        _modules.Add(o, module);
        if (same is null && Signature(o, 0) is { } own)
        {
            _bySignature[own] = module;
        }

        foreach (var attribute in AttributesOf(o))
        {
            if (IsModule(attribute.Value))
            {
                var child = Add((PickleObject)attribute.Value, name.Length == 0 ? attribute.Name : $"{name}.{attribute.Name}", module.Index, same?.Children.GetValueOrDefault(attribute.Name), depth + 1);
                module.Children.TryAdd(attribute.Name, child);
            }
        }

        return module;
    }

    private void AddAlias(int index, string name)
    {
        var module = graph.Modules[index];
        if (module.QualifiedName != name && module.Aliases.Length < MaxAliases && !module.Aliases.Contains(name))
        {
            graph.Modules[index] = module with { Aliases = module.Aliases.Add(name) };
        }
    }

    /// <summary>What two objects of one module have in common and others have not: class, and every tensor below it; null without tensors.</summary>
    private string? Signature(PickleObject o, int depth)
    {
        if (_signatures.TryGetValue(o, out var known))
        {
            return known;
        }

        _signatures[o] = null; // an object that contains itself
        if (ClassOf(o) is not { } type || depth > limits.Depth || type.FindIsTraced() is true)
        {
            // In a trace every object has a class of its own, and calls tell which are one.
            return null;
        }

        var parts = new List<string> { type.QualifiedName }; // one object is scripted to one class
        var tensors = 0;
        foreach (var attribute in AttributesOf(o))
        {
            if (TensorKey(attribute.Value) is { } key)
            {
                parts.Add($"{attribute.Name}={key}");
                tensors++;
            }
            else if (IsModule(attribute.Value))
            {
                var child = Signature((PickleObject)attribute.Value, depth + 1);
                parts.Add($"{attribute.Name}:{child ?? ClassOf((PickleObject)attribute.Value)!.QualifiedName}");
                tensors += child is null ? 0 : 1;
            }
        }

        // Hashed, so that nesting does not multiply lengths.
        return _signatures[o] = tensors == 0 ? null
            : Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(string.Join('\n', parts))));
    }

    /// <summary><c>_rebuild_tensor_v2(('storage', type, key, device, length), offset, size, ...)</c>: where its bytes are.</summary>
    private static string? TensorKey(PickleValue value, int depth = 0)
    {
        if (value is not PickleObject { TypeName: { } name, Arguments: PickleTuple arguments } || !name.StartsWith("torch._utils._rebuild_", StringComparison.Ordinal))
        {
            return null;
        }

        return arguments.Items switch
        {
            [PicklePersistent { Id: PickleTuple { Items: [_, _, PickleText key, ..] } }, PickleInteger offset, ..] => string.Create(CultureInfo.InvariantCulture, $"{key.Value}+{offset.Value}"),
            [PickleObject inner, ..] when depth < 4 => TensorKey(inner, depth + 1), // _rebuild_parameter
            _ => null,
        };
    }
}
