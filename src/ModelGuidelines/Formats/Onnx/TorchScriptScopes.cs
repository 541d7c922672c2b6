using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

internal static class TorchScriptScopes
{
    public static GraphEvidence Collect(OnnxFacts facts) => GraphEvidence.AllAbsent("TODO");
}
