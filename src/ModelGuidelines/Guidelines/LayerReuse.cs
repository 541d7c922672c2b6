using ModelGuidelines.Models;

namespace ModelGuidelines.Guidelines;

/// <summary>K2: each layer is used once; a second use gets an identical layer of its own.</summary>
public sealed class LayerReuse : IGuideline
{
    public GuidelineDescriptor Descriptor { get; } = new(
        "Keras.LayerReuse",
        "Use each layer once",
        "AIMET wraps each layer once. Its quantsim raises NotImplementedError for a layer with more than one inbound node: define an identical layer for each further use.",
        Framework.Keras,
        Severity.Error,
        "AIMET, Keras model guidelines: Avoid reuse of layers",
        GraphFacts.ModuleCalls);

    public GuidelineResult Evaluate(ModelGraph graph) => GuidelineResult.From(
        Descriptor,
        graph,
        [
            // AIMET refuses a second inbound node whatever the layer does, so a reused Dropout is no mere information here (the recorded truth counts it too).
            .. Reuse.Find(graph).Select(r => ReuseFinding.Create(
                Descriptor, graph, r, "layer", name => $"define an identical layer for each further use, for example '{name}_2'", passive: Severity.Warning)),
        ]);
}
