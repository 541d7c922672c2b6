using ModelGuidelines.Formats;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Formats.KerasArchive;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Repairs.Hdf5;
using ModelGuidelines.Repairs.Onnx;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>Repairs <c>.keras</c> archives: the config, and the weights beside it.</summary>
public sealed class KerasArchiveRepairer : IFormatRepairer
{
    public string Format => "KerasArchive";

    public RepairPlan Plan(ModelSource source, ModelGraph graph, IReadOnlyList<Finding> findings, RepairSettings settings)
    {
        if (settings.ShareParameters)
        {
            return KerasJsonRepairer.Refuse(findings, KerasJsonRepairer.NotShared);
        }

        if (source.IsDirectory)
        {
            return KerasJsonRepairer.Refuse(findings, "the model is a folder, which cannot be replaced as a whole: save it as one .keras file");
        }

        var weights = source.Zip.Find(KerasArchiveFormat.WeightsName);
        if (source.Zip.Entries.Any(e => e.Name.StartsWith("assets/", StringComparison.Ordinal) && e.Name.Length > 7))
        {
            return KerasJsonRepairer.Refuse(findings, "the archive holds vocabularies that go with layers by their numbers, which are not renumbered: repair the source");
        }

        var (config, facts) = KerasArchiveFormat.Open(source);
        var text = KerasConfigText.Read(config, source.Limits, KerasArchiveFormat.ConfigName, source.Cancellation);
        var repairer = new ConfigRepairer(text, facts, source.Limits, source.Cancellation);
        var repair = repairer.Repair(findings, training: null, needsOrder: weights is not null);
        if (repair.Text is not { } bytes)
        {
            return new EmptyPlan { Left = [.. repair.Left] };
        }

        var zip = new ZipRewriter(source.File, source.Zip, source.Path);
        zip.Replace(KerasArchiveFormat.ConfigName, (output, _) => output.Write(bytes));
        try
        {
            var (copied, state, segments) = Weights(source, weights, repair.Root!, IsKeras2(facts), zip);
            return new ArchivePlan(zip, segments, repairer.Model) { Changes = [.. WeightsOfChanges.Add(repair, copied)], Left = [.. repair.Left, .. state] };
        }
        catch (ModelReadException e) when (e.Id is RepairErrors.Unsupported)
        {
            return KerasJsonRepairer.Refuse(findings, e.Message);
        }
    }

    /// <summary>The archive's weights for the new layers; they are read from the original when they are written.</summary>
    private static (IReadOnlyList<(string Layer, string Original, string Copy)> Copied, IEnumerable<LeftFinding> State, SegmentList? Segments) Weights(ModelSource source, ZipEntry? entry, NewLayer model, bool isKeras2, ZipRewriter zip)
    {
        if (entry is null)
        {
            return ([], [], null);
        }

        var start = KerasArchiveFormat.PlaceOfWeights(source, entry)
            ?? throw new ModelReadException(RepairErrors.Unsupported, "the archive's weights are compressed, as Keras does not write them: save the model again with Keras");
        var editor = Hdf5Editor.Open(source.File, start, entry.Length, source.Limits, source.Cancellation);
        var weights = new KerasArchiveWeights();
        weights.Apply(editor.Root, model, isKeras2);
        if (weights.Copied.Count > 0 && OptimizerState.Problem(editor.Root) is { } problem)
        {
            throw new ModelReadException(RepairErrors.Unsupported, problem);
        }

        var state = OptimizerState.Left(editor.Root, weights.Copied.Count > 0).ToList();
        var segments = editor.Finish();
        zip.Replace(entry.Name, (output, cancellation) => segments.WriteTo(output, source.Path, cancellation));
        return (weights.Copied, state, segments);
    }

    private static bool IsKeras2(KerasFacts facts) => facts.KerasVersion?.StartsWith("2.", StringComparison.Ordinal) is true;

    private sealed class ArchivePlan(ZipRewriter zip, SegmentList? segments, ConfigLayers model) : RepairPlan
    {
        public override string? NotRunnable => KerasJsonRepairer.RunsInPython;

        public override StructureProof Prove(ModelSource original, ModelSource result) => KerasProof.Or(() =>
        {
            var (config, facts) = KerasArchiveFormat.Open(result);
            var written = new ConfigLayers(KerasConfigText.Read(config, result.Limits, KerasArchiveFormat.ConfigName, result.Cancellation), facts, result.Limits, result.Cancellation);
            if (segments is null)
            {
                return KerasProof.Compare(model, _ => "", written, _ => "", result.Limits, result.Cancellation);
            }

            var (before, start) = WeightsOf(original);
            var (after, writtenStart) = WeightsOf(result);
            var weights = new ArchiveProofWeights(before, model.Root, IsKeras2(facts), ProofDatasets.OfOriginal(original.File, start));
            var writtenWeights = new ArchiveProofWeights(after, written.Root, IsKeras2(facts), new(result.File, writtenStart, segments.Origin));
            return KerasProof.Compare(model, weights.Of, written, writtenWeights.Of, result.Limits, result.Cancellation);
        });

        private static (Hdf5Node Root, long Start) WeightsOf(ModelSource source)
        {
            var entry = source.Zip.Find(KerasArchiveFormat.WeightsName)!;
            var start = KerasArchiveFormat.PlaceOfWeights(source, entry) ?? throw new ModelReadException(RepairErrors.Unsupported, "the weights that were written are not all there");
            return (Hdf5Editor.Open(source.File, start, entry.Length, source.Limits, source.Cancellation).Root, start);
        }

        public override void Write(Stream output, CancellationToken cancellation) => zip.Write(output, cancellation);
    }
}
