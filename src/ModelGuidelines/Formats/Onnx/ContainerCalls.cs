using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

internal static class ContainerCalls
{
    public static void Add(OnnxFacts facts)
    {
        _ = facts;
    }
}
