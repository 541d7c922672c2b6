using ModelGuidelines.Formats.Onnx.AfterTools;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>Who wrote an ONNX file: decides what its names mean.</summary>
internal enum OnnxExporterKind
{
    /// <summary>Unknown, or one that keeps no modules.</summary>
    Other,

    /// <summary>PyTorch's TorchScript-based exporter from 1.13 on: node names are scopes.</summary>
    TorchScriptScopes,

    /// <summary>The same with <c>export_modules_as_functions=True</c>: modules are local functions.</summary>
    TorchScriptFunctions,

    /// <summary>PyTorch before 1.13, or a file whose names and metadata were taken away: no scopes.</summary>
    PyTorchWithoutScopes,

    /// <summary>PyTorch's torch.export-based exporter: scopes in metadata_props.</summary>
    Dynamo,

    /// <summary><c>torch.onnx.dynamo_export</c> of PyTorch 2.1 to 2.6: modules are local functions, or the beginnings of nodes' names.</summary>
    DynamoExport,

    /// <summary>tf2onnx, from Keras or plain TensorFlow: node names are layer scopes.</summary>
    TensorFlow,
}

/// <summary>Recognises the exporter by what it leaves in the graph; the producer's name, which later tools overwrite, only helps where that is silent.</summary>
internal sealed record OnnxExporter(OnnxExporterKind Kind, string? Description)
{
    public static OnnxExporter Detect(OnnxModel model, List<OnnxNode> nodes)
    {
        var producer = model.Producer;
        var isPyTorch = producer is "pytorch" || producer.StartsWith("torch", StringComparison.OrdinalIgnoreCase);
        if (nodes.Exists(n => n.Metadata(MetadataKey.NameScopes) is not null))
        {
            return Of(OnnxExporterKind.Dynamo, "torch.export-based exporter");
        }

        if (producer.Contains("tf2onnx", StringComparison.OrdinalIgnoreCase) || producer.Contains("keras", StringComparison.OrdinalIgnoreCase))
        {
            return new(OnnxExporterKind.TensorFlow, $"{producer} {model.ProducerVersion}".Trim());
        }

        if (DynamoExportNames.Applies(model))
        {
            return Of(OnnxExporterKind.DynamoExport, "torch.onnx.dynamo_export");
        }

        if (FunctionModules.Applies(model))
        {
            return Of(OnnxExporterKind.TorchScriptFunctions, "TorchScript-based exporter, modules as functions");
        }

        if (nodes.Exists(HasScopeForm))
        {
            return Of(OnnxExporterKind.TorchScriptScopes, "TorchScript-based exporter");
        }

        if (isPyTorch || model.Graph.Initializers.Exists(i => i.Name.EndsWith(".weight", StringComparison.Ordinal) || i.Name.EndsWith(".weight_quantized", StringComparison.Ordinal)))
        {
            return new(OnnxExporterKind.PyTorchWithoutScopes, isPyTorch ? $"PyTorch {model.ProducerVersion}".Trim() : Other());
        }

        return new(OnnxExporterKind.Other, Other());

        OnnxExporter Of(OnnxExporterKind kind, string exporter) => new(kind, isPyTorch
            ? $"PyTorch {model.ProducerVersion} ({exporter})".Replace("  ", " ", StringComparison.Ordinal)
            : $"PyTorch ({exporter}){(Other() is { } tool ? $", then {tool}" : "")}");

        string? Other() => producer.Length == 0 ? null : $"{producer} {model.ProducerVersion}".Trim();
    }

    private static bool HasScopeForm(OnnxNode node) =>
        (ScopeForm.Node(node.Name) is { } name && ScopeForm.Names(name, node.OpType)) || (node.Proto.Output.Length > 0 && !ScopeForm.ProducerOf(node.Proto.Output[0]).IsEmpty);
}
