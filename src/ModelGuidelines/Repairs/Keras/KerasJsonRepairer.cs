using ModelGuidelines.Formats;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>Repairs a model's config as text. It holds no weights, so there are none to copy.</summary>
public sealed class KerasJsonRepairer : IFormatRepairer
{
    private const string Where = "the .json file";

    internal const string RunsInPython = "Keras runs its models in Python, which is not started here";

    internal const string NotShared = "a Keras file has no way of giving two layers one weight, so sharing parameters is for ONNX and source: repair it without, and further layers get copies of the weights, which train apart";

    public string Format => "KerasJson";

    public RepairPlan Plan(ModelSource source, ModelGraph graph, IReadOnlyList<Finding> findings, RepairSettings settings)
    {
        if (settings.ShareParameters)
        {
            return Refuse(findings, NotShared);
        }

        var text = KerasConfigText.Read(source.File.Memory(0, (int)source.File.Length), source.Limits, Where, source.Cancellation);
        if (text.Root["weightsManifest"] is not null)
        {
            return Refuse(findings, "its weights are in TensorFlow.js files, which are not rewritten: repair the Keras model and convert it again");
        }

        var repairer = new ConfigRepairer(text, new KerasFacts { Where = Where }, source.Limits, source.Cancellation);
        var repair = repairer.Repair(findings, training: text.Root["training_config"], needsOrder: false);
        return repair.Text is { } bytes ? new TextPlan(bytes, repairer.Model) { Changes = [.. repair.Changes], Left = [.. repair.Left] } : new EmptyPlan { Left = [.. repair.Left] };
    }

    /// <summary>All findings left for one reason.</summary>
    internal static RepairPlan Refuse(IReadOnlyList<Finding> findings, string reason) => new EmptyPlan { Left = [.. findings.Select(f => new LeftFinding(f.Guideline, f.Module, reason))] };

    private sealed class TextPlan(byte[] text, ConfigLayers model) : RepairPlan
    {
        public override string? NotRunnable => RunsInPython;

        public override StructureProof Prove(ModelSource original, ModelSource result) => KerasProof.Or(() =>
        {
            var written = KerasConfigText.Read(result.File.Memory(0, (int)result.File.Length), result.Limits, Where, result.Cancellation);
            return KerasProof.Compare(model, _ => "", new(written, new KerasFacts { Where = Where }, result.Limits, result.Cancellation), _ => "", result.Limits, result.Cancellation);
        });

        public override void Write(Stream output, CancellationToken cancellation) => output.Write(text);
    }
}
