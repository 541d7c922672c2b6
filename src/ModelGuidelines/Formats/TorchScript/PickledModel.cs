using System.Globalization;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.TorchScript;

/// <summary>Answers for what <c>torch.save</c> pickled: weights, checkpoints, or a whole model. None of them holds a forward.</summary>
internal static class PickledModel
{
    private const string Advice = "export the model with torch.export, torch.jit or torch.onnx, or audit the source";

    /// <summary>How deep, and among how many values, models are looked for in a checkpoint.</summary>
    private const int MaxSearchDepth = 4;
    private const int MaxSearched = 10_000;

    /// <summary>More names of one module are not listed.</summary>
    private const int MaxAliases = 1000;

    public static ModelGraph Read(PickleValue root, ReadLimits limits, CancellationToken cancellation)
    {
        if (Models(root) is { Count: > 0 } models)
        {
            return ModelGraphs.Join(models.ConvertAll(m => (m.Name, ReadModules(m.Module, limits, cancellation))));
        }

        var reason = root.Entries is { } entries && CountTensors(entries) is > 0 and var tensors
            ? string.Create(CultureInfo.InvariantCulture, $"a state_dict file holds weights only ({tensors} {(tensors == 1 ? "tensor" : "tensors")} and no code); {Advice}")
            : root.Entries is not null && root.Entries.Any(e => e.Value.Entries is { } inner && CountTensors(inner) > 0)
                ? $"a checkpoint holds weights and training state, and no code; {Advice}"
                : $"a pickle of PyTorch that holds no model; {Advice}";
        return new() { Framework = Framework.PyTorch, Exporter = "PyTorch (torch.save)", Evidence = GraphEvidence.AllAbsent(reason) };
    }

    /// <summary>The models in it, each once, with the keys that lead there: a checkpoint may hold several beside other things.</summary>
    private static List<(string Name, PickleObject Module)> Models(PickleValue root)
    {
        var models = new List<(string, PickleObject)>();
        var seen = new HashSet<PickleValue> { root };
        var pending = new Queue<(PickleValue Value, string Name, int Depth)>([(root, "", 0)]);
        while (pending.TryDequeue(out var item))
        {
            if (IsModule(item.Value))
            {
                models.Add((item.Name, (PickleObject)item.Value));
                continue;
            }

            var inner = item.Value.Entries?.Select(e => (Key: e.Key.Text ?? "?", e.Value))
                ?? (item.Value.IsSequence ? item.Value.Elements.Select((e, i) => (Key: i.ToString(CultureInfo.InvariantCulture), Value: e)) : []);
            foreach (var (key, value) in item.Depth < MaxSearchDepth ? inner : [])
            {
                if (seen.Count < MaxSearched && value is PickleObject or PickleDict or PickleList or PickleTuple && !IsTensor(value) && seen.Add(value))
                {
                    pending.Enqueue((value, item.Name.Length == 0 ? key : $"{item.Name}.{key}", item.Depth + 1));
                }
            }
        }

        return models;
    }

    private static int CountTensors(IEnumerable<KeyValuePair<PickleValue, PickleValue>> entries) => entries.Count(e => IsTensor(e.Value));

    private static bool IsTensor(PickleValue value) => value is PickleObject { TypeName: { } name } && (name.StartsWith("torch._utils._rebuild_", StringComparison.Ordinal) || name is "torch.Tensor" or "torch.nn.parameter.Parameter");

    /// <summary>A module's state has its submodules and parameters, whatever its class.</summary>
    private static bool IsModule(PickleValue value) => StateOf(value) is { } state && state["_modules"] is not null && state["_parameters"] is not null;

    /// <summary>The attributes of an object. A GraphModule of torch.fx hands them to the function that makes it anew: its class is made when it is loaded.</summary>
    private static PickleValue? StateOf(PickleValue value) => value is not PickleObject made ? null
        : made.State ?? (IsTraced(made) && made.Arguments.Elements is [var body, ..] ? body : null);

    private static bool IsTraced(PickleObject made) => made.TypeName?.StartsWith("torch.fx.graph_module.reduce_", StringComparison.Ordinal) == true;

    /// <summary>The tree of modules of a pickled model: the same object under two names is as good as called twice, unless it is not called.</summary>
    private static ModelGraph ReadModules(PickleObject root, ReadLimits limits, CancellationToken cancellation)
    {
        var graph = new ModelGraphBuilder();
        var isTraced = false;
        var indexes = new Dictionary<PickleObject, int>();
        var names = new List<int>();
        var pending = new Stack<(PickleObject Module, string Name, int? Parent, int Depth)>([(root, "", null, 0)]);
        while (pending.TryPop(out var item))
        {
            cancellation.ThrowIfCancellationRequested();
            if (graph.Modules.Count + names.Count > limits.Items || item.Depth > limits.Depth)
            {
                throw new ModelReadException("MG.Pickle.TooManyValues", "the pickled model has too many modules, or they are nested too deeply");
            }

            if (indexes.TryGetValue(item.Module, out var known))
            {
                if (graph.Modules[known].Aliases.Length >= MaxAliases)
                {
                    continue;
                }

                graph.Modules[known] = graph.Modules[known] with { Aliases = graph.Modules[known].Aliases.Add(item.Name) };
                names.Add(known);
                continue;
            }

            var state = StateOf(item.Module)!;
            isTraced |= IsTraced(item.Module);
            var index = graph.Add(new()
            {
                QualifiedName = item.Name,
                Type = IsTraced(item.Module) ? "torch.fx.graph_module.GraphModule" : item.Module.TypeName ?? TypeOfCopyReg(item.Module),
                Parent = item.Parent,
                Parameters = [.. Names(state["_parameters"]), .. Names(state["_buffers"])],
                Origin = item.Module.TypeName is { } type && ModuleTypes.IsTorchNn(type) ? ModuleOrigin.Framework : ModuleOrigin.User,
            });
            indexes.Add(item.Module, index);
            foreach (var (key, value) in (state["_modules"]?.Entries ?? []).Reverse())
            {
                if (key.Text is { } name && IsModule(value))
                {
                    pending.Push(((PickleObject)value, item.Name.Length == 0 ? name : $"{item.Name}.{name}", index, item.Depth + 1));
                }
            }
        }

        foreach (var shared in names.Distinct().Order())
        {
            for (var i = 0; i <= graph.Modules[shared].Aliases.Length; i++)
            {
                var name = i == 0 ? graph.Modules[shared].QualifiedName : graph.Modules[shared].Aliases[i - 1];
                graph.Calls.Add(new() { Module = shared, Node = name, Certainty = Certainty.Likely("it is registered under these names, and the file does not tell whether it is called through each of them") });
            }
        }

        return graph.Build(Framework.PyTorch, "PyTorch (torch.save of a whole model)", GraphEvidence.AllAbsent(isTraced ? $"a pickled GraphModule of torch.fx holds its forward as text, which is not read; {Advice}" : $"a pickled model holds its modules and weights, but no forward; {Advice}") with { ModuleTypes = Evidence.Complete, Quantization = Evidence.Complete });
    }

    /// <summary><c>copyreg._reconstructor(class, object, None)</c> and <c>copyreg.__newobj__(class)</c>: what older protocols write.</summary>
    private static string? TypeOfCopyReg(PickleObject module) => (module.Arguments.Elements is [PickleGlobal type, ..] ? type : null)?.FullName;

    private static IEnumerable<string> Names(PickleValue? values) => (values?.Entries ?? []).Where(e => e.Value is not PickleNone).Select(e => e.Key.Text).OfType<string>();
}
