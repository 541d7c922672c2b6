using System.Collections.Immutable;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Libraries;

namespace ModelGuidelines.Formats.PythonSource;

/// <content>What was seen, and what was not, as one graph.</content>
internal sealed partial class SourceReader
{
    /// <summary>Sizes of images that decided ways.</summary>
    private readonly SortedSet<string> _madeFor = new(StringComparer.Ordinal);

    private ModelGraph Graph(Framework framework)
    {
        foreach (var gap in _evaluator.Gaps)
        {
            _graph.Gaps.Add(new(gap.What, gap.Place.Module?.At(gap.Place.Offset), FactsOf(gap.Hides), gap.Remedy));
        }

        for (var i = 0; i < _graph.Gaps.Count; i++)
        {
            _graph.Gaps[i] = _graph.Gaps[i] with { Remedy = _graph.Gaps[i].Remedy ?? Remedies.For(_graph.Gaps[i].What) };
        }

        // What a file accepts is accepted however it is reached.
        foreach (var module in _project.Modules)
        {
            _graph.Suppressions.AddRange(SuppressionComments.Find(module.File).Select(s => s with { File = module.DisplayName }));
        }

        return _graph.Build(framework, null, Evidence()) with
        {
            ExternalFiles = _project.Modules.Concat(_evaluator.Outlines.Values).Where(m => m.IsExternal).ToImmutableSortedDictionary(m => m.DisplayName, m => m.DottedName.Split('.')[0], StringComparer.Ordinal),
            OutlinedFiles = [.. _evaluator.Outlines.Keys],
        };
    }

    private static GraphFacts FactsOf(Hides hides) =>
        (hides.HasFlag(Hides.Calls) ? GraphFacts.ModuleCalls | GraphFacts.ModuleTypes | GraphFacts.ContainerSlices : GraphFacts.None)
        | (hides.HasFlag(Hides.Functions) ? GraphFacts.Operations | GraphFacts.ControlFlow : GraphFacts.None)
        | (hides.HasFlag(Hides.Values) ? GraphFacts.RootInterface | GraphFacts.SubmoduleInterfaces : GraphFacts.None) | (hides.HasFlag(Hides.Models) ? GraphFacts.Construction : GraphFacts.None);

    private GraphEvidence Evidence()
    {
        if (!_file.Errors.IsEmpty)
        {
            // Python runs no file with such a line, and what stands there is unknown: what the rest shows are findings, their absence is no Pass.
            var (line, _) = _file.PositionOf(_file.Errors[0].Offset);
            return GraphEvidence.AllAbsent($"line {line} cannot be parsed: {_file.Errors[0].Message}");
        }

        var sizes = _madeFor.Count == 0 ? null : $"the model is followed for images of {string.Join(" and ", _madeFor)}, for which it says it is made; with others it may go other ways, which 'arguments' of the entry in the settings file name";
        var evidence = sizes is null ? Models.Evidence.Complete : Models.Evidence.BlindSpots(sizes);
        return new()
        {
            ModuleCalls = evidence,
            Operations = evidence,
            RootInterface = evidence,
            SubmoduleInterfaces = evidence,
            ContainerSlices = evidence,
            ControlFlow = evidence,

            // What a model is made of no input changes.
            Construction = Models.Evidence.Complete,
            ModuleTypes = Models.Evidence.Complete,
        };
    }
}
