using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.TorchScript;

/// <summary>Translates a TorchScript archive, traced or scripted.</summary>
internal static class ScriptArchive
{
    private const string FrozenBlindSpot = "the archive is frozen: its modules are gone, and one object without weights that several modules hold would look like several";
    private const string TracedBlindSpot = "a trace keeps the one way that the example input took: other branches are not in the file";
    private const string ScriptedBlindSpot = "a module without parameters that is registered under several names is saved as several modules; the source or a traced archive would tell";

    public static ModelGraph Read(TorchArchive archive, bool includeNodes)
    {
        var code = new ScriptCode(archive);
        var graph = new ModelGraphBuilder();
        var data = archive.ReadPickle("data.pkl")!;
        if (new ScriptModules(code, graph, archive.Limits, archive.Cancellation).Read(data) is not { Class: { } type } root)
        {
            return graph.Build(Framework.PyTorch, Exporter(archive, null), GraphEvidence.AllAbsent("the archive's data.pkl holds no module whose class is in its code"));
        }

        if (!type.Methods.TryGetValue("forward", out var forward))
        {
            return graph.Build(Framework.PyTorch, Exporter(archive, null), GraphEvidence.AllAbsent("the root module has no forward; audit the source, or save the module whose forward is called"));
        }

        var isTraced = type.FindIsTraced() ?? archive.Has("traced_inputs.pkl");
        // Every module has the flag; freezing takes all attributes away that the code does not read.
        var isFrozen = !type.Fields.ContainsKey("training");
        var walker = new ScriptWalker(code, graph, archive, isTraced, includeNodes, isFrozen);
        walker.Run(root, forward);
        return graph.Build(Framework.PyTorch, Exporter(archive, isTraced), EvidenceOf(isTraced, isFrozen, walker, archive));
    }

    private static GraphEvidence EvidenceOf(bool isTraced, bool isFrozen, ScriptWalker walker, TorchArchive archive)
    {
        if (walker.IsExhausted)
        {
            return GraphEvidence.AllAbsent($"following the code takes more than {archive.Limits.ExpandedCalls} calls or {archive.Limits.Items} steps");
        }

        if (isFrozen)
        {
            var seen = Evidence.BlindSpots(walker.HasUnplaced ? FrozenBlindSpot + "; a convolution or linear layer that was prepacked keeps no stack, and may be a function's" : FrozenBlindSpot);
            return new()
            {
                ModuleCalls = seen,
                Operations = seen,
                RootInterface = isTraced ? Evidence.BlindSpots("tracing turns objects into tuples") : Evidence.Complete,
                SubmoduleInterfaces = Evidence.Absent("the archive is frozen (torch.jit.freeze or optimize_for_inference): its modules are gone; audit the archive from before freezing, or the source"),
            };
        }

        var missing = walker.HasUnknownCalls ? "a module is called that the code picks in a way that was not followed" : null;
        var blind = Evidence.BlindSpots(missing ?? (isTraced ? TracedBlindSpot : ScriptedBlindSpot));
        return new()
        {
            ModuleTypes = Evidence.Complete,
            Quantization = Evidence.Complete,
            ModuleCalls = blind,
            Operations = isTraced || missing is not null ? blind : Evidence.Complete,
            RootInterface = isTraced ? Evidence.BlindSpots("tracing turns objects such as named tuples and data classes into tuples")
                : walker.ReturnsDifferInPython ? Evidence.BlindSpots("a module returns a named tuple only when scripted (torch.jit.is_scripting); what it returns in Python the file does not tell")
                : Evidence.Complete,
            SubmoduleInterfaces = walker.HasTracedModules
                ? Evidence.Absent("tracing takes lists, dictionaries and objects between modules apart; script the model, or audit the source")
                : walker.HidesBorders ? Evidence.Absent("modules were inlined, and what they take and return is gone; audit the archive from before inlining, or the source")
                : Evidence.Complete,
        };
    }

    private static string Exporter(TorchArchive archive, bool? isTraced)
    {
        var how = isTraced switch { true => "torch.jit.trace", false => "torch.jit.script", null => "TorchScript" };
        return archive.Version is { } version ? $"PyTorch ({how}, file format {version})" : $"PyTorch ({how})";
    }
}
