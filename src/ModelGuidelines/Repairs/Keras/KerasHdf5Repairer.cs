using System.Text;
using ModelGuidelines.Formats;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Formats.KerasHdf5;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Repairs.Hdf5;
using ModelGuidelines.Repairs.Onnx;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>Repairs whole models in <c>.h5</c>: the attribute <c>model_config</c>, and the weights in <c>model_weights</c>.</summary>
public sealed class KerasHdf5Repairer : IFormatRepairer
{
    private const string Training = "training_config";

    public string Format => "KerasHdf5";

    public RepairPlan Plan(ModelSource source, ModelGraph graph, IReadOnlyList<Finding> findings, RepairSettings settings)
    {
        if (settings.ShareParameters)
        {
            return KerasJsonRepairer.Refuse(findings, KerasJsonRepairer.NotShared);
        }

        var (config, facts, file) = KerasHdf5Format.OpenModel(source);
        if (config is null)
        {
            return KerasJsonRepairer.Refuse(findings, "the file holds weights only, no model");
        }

        var text = KerasConfigText.Read(config, source.Limits, KerasHdf5Format.ConfigName, source.Cancellation);
        var training = file.Text(file.Root, Training) is { } written ? KerasConfigText.Read(written, source.Limits, Training, source.Cancellation).Root : null;
        var repairer = new ConfigRepairer(text, facts, source.Limits, source.Cancellation);
        var repair = repairer.Repair(findings, training, needsOrder: true);
        if (repair.Text is not { } bytes)
        {
            return new EmptyPlan { Left = [.. repair.Left] };
        }

        try
        {
            var editor = Hdf5Editor.Open(source.File, 0, source.File.Length, source.Limits, source.Cancellation);
            editor.Root.SetAttribute(KerasHdf5Format.ConfigName, Encoding.UTF8.GetString(bytes));
            var weights = new KerasHdf5Weights();
            weights.Apply(editor.Root, repair.Root!);
            var state = OptimizerState.Left(editor.Root, weights.Copied.Count > 0).ToList();
            return new Hdf5Plan(editor.Finish(), source.Path, repairer.Model) { Changes = [.. WeightsOfChanges.Add(repair, weights.Copied)], Left = [.. repair.Left, .. state] };
        }
        catch (ModelReadException e) when (e.Id is RepairErrors.Unsupported)
        {
            return KerasJsonRepairer.Refuse(findings, e.Message);
        }
    }

    private sealed class Hdf5Plan(SegmentList segments, string path, ConfigLayers model) : RepairPlan
    {
        public override string? NotRunnable => KerasJsonRepairer.RunsInPython;

        public override StructureProof Prove(ModelSource original, ModelSource result) => KerasProof.Or(() =>
        {
            var (config, facts, _) = KerasHdf5Format.OpenModel(result);
            var written = new ConfigLayers(KerasConfigText.Read(config ?? [], result.Limits, KerasHdf5Format.ConfigName, result.Cancellation), facts, result.Limits, result.Cancellation);
            var before = Hdf5Editor.Open(original.File, 0, original.File.Length, original.Limits, original.Cancellation).Root;
            var after = Hdf5Editor.Open(result.File, 0, result.File.Length, result.Limits, result.Cancellation).Root;
            var datasets = ProofDatasets.OfOriginal(original.File, 0);
            var weights = new Hdf5ProofWeights(before, model.Root, datasets, isOriginal: true);
            var writtenWeights = new Hdf5ProofWeights(after, written.Root, new ProofDatasets(result.File, 0, segments.Origin).KnowingWhat(datasets), isOriginal: false);
            return KerasProof.Compare(model, weights.Of, written, writtenWeights.Of, result.Limits, result.Cancellation);
        });

        public override void Write(Stream output, CancellationToken cancellation) => segments.WriteTo(output, path, cancellation);
    }
}
