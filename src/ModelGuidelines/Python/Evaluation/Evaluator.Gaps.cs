using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Places that were not followed, and what each may hide.</content>
internal sealed partial class Evaluator
{
    private const int MaxGaps = 2_000;
    private readonly HashSet<(Place, Hides)> _gapPlaces = [];

    public List<UnfollowedPlace> Gaps { get; } = [];

    public void Gap(string what, Place place, Hides hides, string? remedy = null)
    {
        if (hides is Hides.Nothing || Gaps.Count >= MaxGaps || !_gapPlaces.Add((place, hides)))
        {
            return;
        }

        // The last one kept stands for all that come behind it, whatever those hide.
        Gaps.Add(Gaps.Count < MaxGaps - 1 ? new(what, place, hides, remedy) : new("more places than are kept could not be followed", place, Hides.Everything, "audit an exported file of the model"));
    }

    /// <summary>Gaps of code that says nothing of a model.</summary>
    public void ForgetGaps(int from)
    {
        foreach (var gap in Gaps.Skip(from))
        {
            _gapPlaces.Remove((gap.Place, gap.Hides));
        }

        Gaps.RemoveRange(from, Gaps.Count - from);
    }
}
