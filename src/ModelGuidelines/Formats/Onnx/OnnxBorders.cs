using ModelGuidelines.Models;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>What every exporter's ONNX file tells of values at modules' borders.</summary>
internal static class OnnxBorders
{
    public static readonly Evidence Root = Evidence.Absent("ONNX flattens lists, dictionaries and tuples into tensors; audit the source, a scripted archive or the exported program (.pt2)");
    public static readonly Evidence Submodules = Evidence.Absent("ONNX keeps no interfaces of submodules; audit the source or a scripted archive");
}
