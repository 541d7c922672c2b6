using System.Collections.Immutable;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Onnx;

/// <summary>The changes of an ONNX model, and the model they make.</summary>
internal sealed class OnnxPlan(MappedFile file, SegmentList segments, ImmutableArray<string> externalFiles) : RepairPlan
{
    public override ImmutableArray<string> CompanionFiles => externalFiles;

    public override void Write(Stream output, CancellationToken cancellation) => segments.WriteTo(output, file, cancellation);
}
