using System.Globalization;
using ModelGuidelines.Models;

namespace ModelGuidelines.Guidelines;

/// <summary>P2: each module is used once; a second use gets an identical module of its own.</summary>
public sealed class ModuleReuse : IGuideline
{
    public GuidelineDescriptor Descriptor { get; } = new(
        "PyTorch.ModuleReuse",
        "Use each module once",
        "AIMET attaches one quantizer to each module. A module that is called twice has two value ranges and one quantizer: define an identical module for each further use.",
        Framework.PyTorch,
        Severity.Error,
        "AIMET, PyTorch model guidelines: Avoid reuse of class defined modules",
        GraphFacts.ModuleCalls);

    public GuidelineResult Evaluate(ModelGraph graph) => GuidelineResult.From(
        Descriptor, graph, [.. Reuse.Find(graph).Select(r => Describe(graph, r))]);

    private Finding Describe(ModelGraph graph, ReusedModule reused) => ReuseFinding.Create(
        Descriptor,
        graph,
        reused,
        "module",
        name => $"define an identical module for each further use, for example '{name}{2.ToString(CultureInfo.InvariantCulture)}'");
}
