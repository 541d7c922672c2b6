namespace ModelGuidelines.Formats.PyTorch;

/// <summary>PyTorch's own files, by their paths in recorded stacks.</summary>
internal static class TorchFiles
{
    /// <summary>Whether a file holds modules of torch.nn or torch.ao.nn, quantized and fused ones included: <c>.../torch/ao/nn/intrinsic/quantized/modules/conv_relu.py</c>.</summary>
    public static bool IsModule(string file)
    {
        var path = file.Replace('\\', '/');
        var start = path.LastIndexOf("/torch/nn/", StringComparison.Ordinal) is >= 0 and var plain ? plain : path.LastIndexOf("/torch/ao/nn/", StringComparison.Ordinal);
        return start >= 0 && path.IndexOf("/modules/", start, StringComparison.Ordinal) > 0;
    }
}
