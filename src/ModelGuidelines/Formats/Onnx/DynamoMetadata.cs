using System.Collections.Immutable;
using System.Runtime.InteropServices;
using ModelGuidelines.Formats.PyTorch;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Evidence of the torch.export-based exporter: each node's metadata_props name the modules from the root down, their classes,
/// the FX node it was made from, and the Python stack.</summary>
/// <remarks>Which call of a module a node belongs to is lost. Two calls show as different call sites in the stack, or, on one line or in a
/// loop, as the whole pattern of FX nodes twice.</remarks>
internal static class DynamoMetadata
{
    public static GraphEvidence Collect(OnnxFacts facts)
    {
        var unplaced = new List<int>();
        var begin = Leftovers.Now;
        var calls = GroupByFxNode(facts, unplaced);
        Leftovers.GiveBackOfStep(ref begin);
        var weights = new OnnxWeights(facts);
        AddModules(facts, calls);
        weights.AddParameters(facts.Builder);
        var states = AddParametersOfSignature(facts);
        if (states.Count == 0)
        {
            AddParametersByName(facts, calls, states);
        }

        facts.Model.Texts = new(); // no more names are read
        Leftovers.GiveBackOfStep(ref begin);
        DynamoCalls.Add(facts, calls);
        Leftovers.GiveBackOfStep(ref begin);
        UnseenCalls.Add(facts, calls, states);
        MergeSharedObjects(facts, calls, states, weights);
        Leftovers.GiveBackOfStep(ref begin);
        AddOperations(facts, calls);
        UnplacedNodes.Add(facts, unplaced, calls, weights);
        var sharing = Evidence.BlindSpots("an object without parameters that is registered under several names looks like several modules in this file, and a module that runs no operation leaves no trace; only the source can show that reuse");
        return new()
        {
            ModuleCalls = sharing,
            ModuleTypes = Evidence.Absent("modules that leave no node (Dropout, Identity) are not in the file: a module may hold some, or be one; audit the exported program (.pt2), a TorchScript trace or the source"),
            Operations = Evidence.BlindSpots("functions that the exporter removes (dropout in evaluation mode, constant folding) leave no trace"),
            RootInterface = OnnxBorders.Root,
            SubmoduleInterfaces = OnnxBorders.Submodules,
        };
    }

    /// <param name="facts">Of the file.</param>
    /// <param name="unplaced">Receives nodes whose metadata name no module.</param>
    private static List<FxNode> GroupByFxNode(OnnxFacts facts, List<int> unplaced)
    {
        var byName = new Dictionary<string, FxNode>(StringComparer.Ordinal);
        var result = new List<FxNode>();
        var traces = new PythonTrace();
        var texts = facts.Model.Texts;
        var decoder = new MetadataDecoder();
        FxNode? last = null;
        (MetadataEntry? Scopes, MetadataEntry? Types) lastTexts = default;
        (List<string> Scopes, List<string> Types) lists = ([], []);
        (MetadataEntry? Stack, ImmutableArray<PythonFrame> Frames) trace = (null, []);
        for (var i = 0; i < facts.Nodes.Count; i++)
        {
            if ((i & 1023) == 0)
            {
                facts.Cancellation.ThrowIfCancellationRequested();
                lastTexts.Scopes?.ForgetBefore();
            }

            var node = facts.Nodes[i];
            var written = (Scopes: node.Metadata(MetadataKey.NameScopes), Types: node.Metadata(MetadataKey.ClassHierarchy));
            var (stack, text) = (node.Metadata(MetadataKey.StackTrace), node.Metadata(MetadataKey.FxNode));
            node.KeepMetadata(MetadataKey.RuleName);
            if (last is not null && IsSame(written.Scopes, lastTexts.Scopes) && IsSame(written.Types, lastTexts.Types))
            {
                last.Nodes.Add(i); // an operator that became several nodes
                continue;
            }

            lists = (PythonStrings.ParseList(decoder.Read(written.Scopes), lists.Scopes), PythonStrings.ParseList(decoder.Read(written.Types), lists.Types));
            var (scopes, types) = lists;
            if (scopes.Count < 2 || types.Count != scopes.Count)
            {
                unplaced.Add(i);
                continue;
            }

            if (!byName.TryGetValue(scopes[^1], out var fx))
            {
                if (!IsSame(stack, trace.Stack))
                {
                    trace = (stack, traces.Parse(decoder.Read(stack)));
                }

                fx = new()
                {
                    Name = texts.Get(scopes[^1]),
                    Modules = Shared(result.Count > 0 ? result[^1].Modules : [], scopes, texts),
                    Types = Shared(result.Count > 0 ? result[^1].Types : [], types, texts),
                    Target = texts.Get(types[^1]),
                    Frames = trace.Frames,
                    Arguments = FxArguments.Parse(decoder.Read(text), texts),
                };
                byName.Add(fx.Name, fx);
                result.Add(fx);
            }

            fx.Nodes.Add(i);
            (last, lastTexts) = (fx, written);
        }

        var isWhole = result.Exists(fx => fx.Frames.Any(f => f.IsTorch));
        var forwards = new List<int>();
        var known = new Dictionary<int, int[]>();
        result.ForEach(fx => fx.MatchFrames(isWhole, forwards, known));
        return result;
    }

    private static bool IsSame(MetadataEntry? a, MetadataEntry? b) => ReferenceEquals(a, b) || (a is not null && b is not null && a.Value.SequenceEqual(b.Value));

    /// <summary>All but the last of a list: the array before where that is the same.</summary>
    private static string[] Shared(string[] before, List<string> list, TextPool texts)
    {
        if (before.AsSpan().SequenceEqual(CollectionsMarshal.AsSpan(list)[..^1]))
        {
            return before;
        }

        var part = new string[list.Count - 1];
        for (var i = 0; i < part.Length; i++)
        {
            part[i] = i < before.Length && before[i] == list[i] ? before[i] : texts.Get(list[i]);
        }

        return part;
    }

    private static void AddModules(OnnxFacts facts, List<FxNode> calls)
    {
        var builder = facts.Builder;
        FxNode? before = null;
        foreach (var fx in calls)
        {
            fx.ModuleIndices = fx.Modules == before?.Modules ? before.ModuleIndices : new int[fx.Modules.Length];
            before = fx;
            for (var depth = 0; depth < fx.Modules.Length; depth++)
            {
                var index = fx.ModuleIndices[depth] = builder.FindOrAdd(fx.Modules[depth]);
                if (builder.Modules[index].Type is null)
                {
                    var type = fx.Types[depth];
                    builder.Modules[index] = builder.Modules[index] with { Type = type, Origin = ModuleTypes.IsTorchNn(type) ? ModuleOrigin.Framework : ModuleOrigin.User };
                }
            }

            var location = UserFrame(fx)?.Location;
            foreach (var node in fx.Nodes)
            {
                facts.NodeModules[node] = fx.ModuleIndices[^1];
                facts.NodeLocations[node] = location;
            }
        }
    }

    /// <summary>The graph's signature names every parameter of the program, also those that were folded away.</summary>
    /// <returns>Qualified names of parameters and buffers by the names that FX nodes use.</returns>
    private static Dictionary<string, string> AddParametersOfSignature(OnnxFacts facts)
    {
        var states = new Dictionary<string, string>(StringComparer.Ordinal);
        if (!facts.Model.Graph.Metadata.TryGetValue("pkg.torch.export.ExportedProgram.graph_signature", out var signature))
        {
            return states;
        }

        var added = new Dictionary<int, List<string>>();
        foreach (var (argument, name, isParameter) in signature.StartsWith("ExportGraphSignature(", StringComparison.Ordinal) ? SpecsOfRepr(signature) : SpecsOfText(signature, facts.Model.Texts))
        {
            states[argument] = name;
            if (isParameter)
            {
                var module = facts.Builder.FindOrAdd(OnnxWeights.Owner(name));
                (CollectionsMarshal.GetValueRefOrAddDefault(added, module, out _) ??= []).Add(name[(name.LastIndexOf('.') + 1)..]);
            }
        }

        foreach (var (module, names) in added)
        {
            var known = facts.Builder.Modules[module];
            if (names.TrueForAll(known.Parameters.Contains))
            {
                continue; // its weights have told them
            }

            facts.Builder.Modules[module] = known with { Parameters = [.. known.Parameters.Union(names, StringComparer.Ordinal)] };
        }

        return states;
    }

    /// <summary>The signature as text: <c>p_fc_weight: PARAMETER target='fc.weight'</c>.</summary>
    private static IEnumerable<(string Argument, string Name, bool IsParameter)> SpecsOfText(string signature, TextPool texts)
    {
        for (int start = 0, end; start < signature.Length; start = end + 1)
        {
            end = signature.IndexOf('\n', start) is >= 0 and var found ? found : signature.Length;
            if (SpecOfLine(signature.AsSpan(start, end - start), texts) is { } spec)
            {
                yield return spec;
            }
        }
    }

    private static (string Argument, string Name, bool IsParameter)? SpecOfLine(ReadOnlySpan<char> line, TextPool texts)
    {
        const string Target = " target='";
        var at = line.IndexOf(Target, StringComparison.Ordinal);
        var colon = line.IndexOf(':');
        if (at < 0 || colon < 0 || colon > at)
        {
            return null;
        }

        var name = line[(at + Target.Length)..];
        return name.IndexOf('\'') is >= 0 and var end ? (texts.Get(line[..colon].Trim()), texts.Get(name[..end]), line[colon..at].EndsWith(" PARAMETER", StringComparison.Ordinal)) : null;
    }

    /// <summary>The signature as Python's repr, before PyTorch 2.8: <c>InputSpec(kind=&lt;InputKind.PARAMETER: 2&gt;, arg=TensorArgument(name='p_fc_weight'), target='fc.weight', ...)</c>.</summary>
    private static IEnumerable<(string Argument, string Name, bool IsParameter)> SpecsOfRepr(string signature)
    {
        const string Kind = "InputSpec(kind=<InputKind.";
        const string Argument = "(name='";
        const string Target = " target='";
        for (var at = signature.IndexOf(Kind, StringComparison.Ordinal); at >= 0;)
        {
            var next = signature.IndexOf(Kind, at + Kind.Length, StringComparison.Ordinal);
            var spec = signature[at..(next < 0 ? signature.Length : next)];
            if (Quoted(spec, Argument) is { } argument && Quoted(spec, Target) is { } name && spec.AsSpan(Kind.Length) is var kind && (kind.StartsWith("PARAMETER", StringComparison.Ordinal) || kind.StartsWith("BUFFER", StringComparison.Ordinal)))
            {
                yield return (argument, name, kind.StartsWith("PARAMETER", StringComparison.Ordinal));
            }

            at = next;
        }

        static string? Quoted(string text, string before) =>
            text.IndexOf(before, StringComparison.Ordinal) is >= 0 and var at && text.IndexOf('\'', at + before.Length) is > 0 and var end ? text[(at + before.Length)..end] : null;
    }

    /// <summary>Where no signature is kept, a parameter is called after its module, <c>p_layers_0_weight</c>.</summary>
    private static void AddParametersByName(OnnxFacts facts, List<FxNode> calls, Dictionary<string, string> states)
    {
        var modules = new Dictionary<string, string>(facts.Builder.Modules.Count, StringComparer.Ordinal);
        foreach (var name in facts.Builder.Modules.Select(m => m.QualifiedName).Where(n => n.Length > 0))
        {
            modules.TryAdd(name.Replace('.', '_'), name);
        }

        foreach (var name in calls.SelectMany(fx => fx.Arguments.Names).Where(n => n.StartsWith("p_", StringComparison.Ordinal) || n.StartsWith("b_", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal))
        {
            for (var at = name.LastIndexOf('_'); at > 2; at = name.LastIndexOf('_', at - 1))
            {
                if (modules.TryGetValue(name[2..at], out var module))
                {
                    states[name] = $"{module}.{name[(at + 1)..]}";
                    break;
                }
            }
        }
    }

    /// <summary>Initializers of equal value are merged, so their names show no sharing; what an FX node says it reads does.
    /// Both must agree: a repair gives a module initializers of its own and leaves the recorded text.</summary>
    private static void MergeSharedObjects(OnnxFacts facts, List<FxNode> calls, Dictionary<string, string> states, OnnxWeights weights)
    {
        var callOf = new int[facts.Nodes.Count];
        Array.Fill(callOf, -1);
        for (var call = 0; call < facts.CallNodes.Count; call++)
        {
            foreach (var node in facts.CallNodes[call])
            {
                if (facts.NodeModules[node] == facts.Builder.Calls[call].Module)
                {
                    callOf[node] = call;
                }
            }
        }

        var shared = new SharedModules();
        foreach (var fx in calls)
        {
            var call = callOf[fx.Nodes[0]];
            if (call < 0)
            {
                continue;
            }

            var arguments = new HashCode();
            arguments.Add(fx.Arguments.Constants, StringComparer.Ordinal);
            foreach (var node in fx.Nodes)
            {
                var inputs = facts.Nodes[node].Proto.Input;
                for (var i = 0; i < inputs.Length; i++)
                {
                    if (weights.IsNamed(inputs[i]))
                    {
                        arguments.Add(inputs[i], StringComparer.Ordinal);
                    }
                }
            }

            shared.Read(fx.ModuleIndices[^1], call, fx.Target, arguments.ToHashCode(), fx.Arguments.Names.AsSpan(), states);
        }

        shared.Merge(facts.Builder);
    }

    /// <summary>The frame of the user's code that made the call: the last one before PyTorch's own.</summary>
    private static PythonFrame? UserFrame(FxNode fx)
    {
        var start = Math.Max(0, fx.CallFrames[^1]);
        PythonFrame? frame = null;
        for (var i = start; i < fx.Frames.Length && !fx.Frames[i].IsTorch; i++)
        {
            frame = fx.Frames[i];
        }

        return frame ?? fx.LastOfUser();
    }

    private static void AddOperations(OnnxFacts facts, List<FxNode> calls)
    {
        (FxNode Fx, int Functional, string? Written)? open = null;
        var openTargets = new HashSet<string>(StringComparer.Ordinal);
        foreach (var fx in calls)
        {
            var owner = fx.ModuleIndices[^1];
            if (fx.Frames.Length > 0 && (fx.Frames[^1].IsTorchModule || fx.Frames[^1].CallsTorchHelper))
            {
                continue; // torch.nn's own code, also when a user's class inherits it; the helper's own frame is not kept
            }

            var start = Math.Max(0, fx.CallFrames[^1]);
            var functional = -1;
            for (var i = start; i < fx.Frames.Length; i++)
            {
                if (fx.Frames[i].IsFunctional)
                {
                    functional = i;
                    break;
                }
            }

            // Several operators below one line of torch.nn.functional's caller are one call, until one of them comes again.
            var written = functional < 0 && UserFrame(fx) is { } line ? WrittenFunctions.Find(line.Code, fx.Target) : null;
            (FxNode Fx, int Functional, string? Written)? key = functional < 0 && written is null ? null : (fx, functional, written);
            if (key is { } here && open is { } before && IsOneCall(before, here) && openTargets.Add(fx.Target))
            {
                continue;
            }

            open = key;
            openTargets.Clear();
            openTargets.Add(fx.Target);
            var node = facts.Nodes[fx.Nodes[0]];
            var function = functional < 0 ? written ?? AtenNames.Function(fx.Target, SpatialRank(node)) : OperationTable.Canonical(fx.Frames[functional].Function.TrimStart('_'));
            facts.Builder.Operations.Add(new()
            {
                Function = function,
                Module = owner,
                Node = node.Name,
                OpType = node.OpType,
                Location = UserFrame(fx)?.Location,
            });
        }
    }

    /// <summary>Whether two operators stand below the same lines of one module's code, and within the same function.</summary>
    private static bool IsOneCall((FxNode Fx, int Functional, string? Written) a, (FxNode Fx, int Functional, string? Written) b)
    {
        if (a.Functional != b.Functional || a.Written != b.Written || a.Fx.ModuleIndices[^1] != b.Fx.ModuleIndices[^1]
            || (a.Functional < 0 ? a.Fx.Frames.Length != b.Fx.Frames.Length : a.Fx.Frames[a.Functional].Function != b.Fx.Frames[b.Functional].Function))
        {
            return false;
        }

        var lines = a.Functional < 0 ? a.Fx.Frames.Length : a.Functional;
        for (var i = 0; i < lines; i++)
        {
            if (a.Fx.Frames[i].Line != b.Fx.Frames[i].Line || a.Fx.Frames[i].File != b.Fx.Frames[i].File)
            {
                return false;
            }
        }

        return true;
    }

    private static int SpatialRank(OnnxNode node) => node.Attribute("kernel_shape")?.Ints.Count ?? 2;
}
