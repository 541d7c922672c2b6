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

    /// <summary>PyTorch before 1.13, or a file whose node names were taken away: no scopes.</summary>
    PyTorchWithoutScopes,

    /// <summary>PyTorch's torch.export-based exporter: scopes in metadata_props.</summary>
    Dynamo,

    /// <summary>tf2onnx, from Keras or plain TensorFlow: node names are layer scopes.</summary>
    TensorFlow,
}

/// <summary>Recognises the exporter by producer, metadata and the form of names.</summary>
internal sealed record OnnxExporter(OnnxExporterKind Kind, string? Description)
{
    /// <summary>Key of the module names from the root down to the operation, in a node's metadata_props.</summary>
    public const string NameScopes = "pkg.torch.onnx.name_scopes";

    public static OnnxExporter Detect(OnnxModel model, List<OnnxNode> nodes)
    {
        var producer = model.Producer;
        var isPyTorch = producer is "pytorch" || producer.StartsWith("torch", StringComparison.OrdinalIgnoreCase);
        if (nodes.Exists(n => n.Metadata(NameScopes) is not null))
        {
            return new(OnnxExporterKind.Dynamo, $"PyTorch {model.ProducerVersion} (torch.export-based exporter)".Replace("  ", " ", StringComparison.Ordinal));
        }

        if (producer.Contains("tf2onnx", StringComparison.OrdinalIgnoreCase) || producer.Contains("keras", StringComparison.OrdinalIgnoreCase))
        {
            return new(OnnxExporterKind.TensorFlow, $"{producer} {model.ProducerVersion}".Trim());
        }

        if (isPyTorch && FunctionModules.Applies(model))
        {
            return new(OnnxExporterKind.TorchScriptFunctions, $"PyTorch {model.ProducerVersion} (TorchScript-based exporter, modules as functions)");
        }

        if (isPyTorch)
        {
            return nodes.Exists(n => n.Name.StartsWith('/'))
                ? new(OnnxExporterKind.TorchScriptScopes, $"PyTorch {model.ProducerVersion} (TorchScript-based exporter)")
                : new(OnnxExporterKind.PyTorchWithoutScopes, $"PyTorch {model.ProducerVersion}");
        }

        return new(OnnxExporterKind.Other, producer.Length == 0 ? null : $"{producer} {model.ProducerVersion}".Trim());
    }
}
