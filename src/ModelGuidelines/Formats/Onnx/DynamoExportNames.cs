using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

internal static class DynamoExportNames
{
    public static bool Applies(OnnxModel model) => model.Opsets.Exists(o => o.Domain.StartsWith("pkg.torch.", StringComparison.Ordinal) && o.Domain.Length > 10 && char.IsAsciiDigit(o.Domain[10]));

    public static GraphEvidence Collect(OnnxFacts facts) => GraphEvidence.AllAbsent("todo");
}
