using System.Collections.Immutable;
using ModelGuidelines.Formats;

namespace ModelGuidelines.Repairs.Onnx;

/// <summary>The changes of an ONNX model, and the model they make.</summary>
internal sealed class OnnxPlan(string path, SegmentList segments, ImmutableArray<string> externalFiles) : RepairPlan
{
    public override ImmutableArray<string> CompanionFiles => externalFiles;

    public override void Write(Stream output, CancellationToken cancellation) => segments.WriteTo(output, path, cancellation);

    public override StructureProof Prove(ModelSource original, ModelSource result) => OnnxProof.Compare(original, result, segments);
}
