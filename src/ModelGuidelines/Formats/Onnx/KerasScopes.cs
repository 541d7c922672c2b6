using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

internal static class KerasScopes
{
    public static GraphEvidence Collect(OnnxFacts facts) => GraphEvidence.AllAbsent("TODO");
}
