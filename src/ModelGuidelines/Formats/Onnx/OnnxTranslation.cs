using ModelGuidelines.Formats.Onnx.AfterTools;
using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Translates an ONNX file by the evidence its exporter leaves.</summary>
internal static class OnnxTranslation
{
    public static ModelGraph Translate(OnnxModel model, ModelSource source)
    {
        var written = OnnxNode.Flatten(model);
        var exporter = OnnxExporter.Detect(model, written);
        model.Texts = exporter.Kind is OnnxExporterKind.Dynamo ? model.Texts : new();
        var original = exporter.Kind is OnnxExporterKind.TensorFlow or OnnxExporterKind.Other ? OriginalGraph.AsWritten(model, written) : OriginalGraph.Of(model, written);
        var facts = new OnnxFacts(model, original, source.Limits, source.Cancellation);
        facts.Builder.FindOrAdd("");
        var (framework, evidence) = exporter.Kind switch
        {
            OnnxExporterKind.Dynamo => (Framework.PyTorch, DynamoMetadata.Collect(facts)),
            OnnxExporterKind.DynamoExport => (Framework.PyTorch, DynamoExportNames.Collect(facts)),
            OnnxExporterKind.TorchScriptScopes => (Framework.PyTorch, TorchScriptScopes.Collect(facts)),
            OnnxExporterKind.TorchScriptFunctions => (Framework.PyTorch, FunctionModules.Collect(facts)),
            OnnxExporterKind.TensorFlow => (Framework.Keras, KerasScopes.Collect(facts)),
            OnnxExporterKind.PyTorchWithoutScopes => (Framework.PyTorch, WeightReads.Collect(facts)),
            _ => (Framework.Unknown, GraphEvidence.AllAbsent("the exporter keeps neither modules nor layers; audit the source or another export")),
        };
        if (framework is Framework.PyTorch)
        {
            ControlFlowCalls.Qualify(facts);
            AddGapsOfTools(facts, original, exporter.Kind);
        }

        if (exporter.Kind is not OnnxExporterKind.Dynamo)
        {
            evidence = evidence with { ModuleTypes = Evidence.Absent("this exporter does not write the class of every module; audit the exported program (.pt2), a TorchScript trace, a torch.export-based ONNX file or the source") };
        }

        evidence = evidence with { ControlFlow = Evidence.Complete, Initializers = Evidence.Complete, Quantization = Evidence.Complete };
        OnnxObservations.Add(model, written, facts.Builder.Observations);
        if (source.IncludeNodes)
        {
            OnnxGraphNodes.Add(facts, written);
        }

        return facts.Builder.Build(framework, exporter.Description, evidence);
    }

    private static void AddGapsOfTools(OnnxFacts facts, OriginalGraph original, OnnxExporterKind kind)
    {
        const string Remedy = "audit the export before the tool, or the source";
        // Where weights and operators are counted, these are counted too.
        foreach (var node in kind is OnnxExporterKind.PyTorchWithoutScopes ? [] : original.Lost.Take(20))
        {
            facts.Builder.Gaps.Add(new(node.Proto.Domain.Length > 0
                ? $"the node '{node.Name}' ({node.OpType}) was fused from several calls, and no name tells of them"
                : $"a {node.OpType} was fused into the node '{node.Name}', and no name tells whether a function or a module called it", null, GraphFacts.Operations | GraphFacts.ModuleCalls, Remedy));
        }

        if (original.MaybeCut is { } value)
        {
            facts.Builder.Gaps.Add(new($"the quantizer may have removed an activation before '{value}', whose range begins at zero", null, GraphFacts.Operations | GraphFacts.ModuleCalls, Remedy));
        }
    }
}
