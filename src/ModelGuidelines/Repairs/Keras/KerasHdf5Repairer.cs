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
        var repair = new ConfigRepairer(text, facts, source.Limits, source.Cancellation).Repair(findings, training, needsOrder: true);
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
            return new Hdf5Plan(editor.Finish(), source.Path) { Changes = [.. WeightsOfChanges.Add(repair, weights.Copied)], Left = [.. repair.Left, .. state] };
        }
        catch (ModelReadException e) when (e.Id is RepairErrors.Unsupported)
        {
            return KerasJsonRepairer.Refuse(findings, e.Message);
        }
    }

    private sealed class Hdf5Plan(SegmentList segments, string path) : RepairPlan
    {
        public override string? NotRunnable => KerasJsonRepairer.RunsInPython;

        public override void Write(Stream output, CancellationToken cancellation) => segments.WriteTo(output, path, cancellation);
    }
}
