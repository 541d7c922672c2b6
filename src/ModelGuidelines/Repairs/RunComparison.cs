using System.Collections.Immutable;
using System.Globalization;

namespace ModelGuidelines.Repairs;

/// <summary>What running original and repaired model side by side showed.</summary>
public enum RunOutcome
{
    /// <summary>They could not be run; the reason says why.</summary>
    NotRun,

    /// <summary>Every output of every draw was the same, bit for bit.</summary>
    BitEqual,

    /// <summary>The outputs differ by no more than the tolerance: another kernel was chosen for the same computation.</summary>
    WithinTolerance,

    /// <summary>Some output was another.</summary>
    Different,
}

/// <summary>What running both models showed: a second opinion beside the proof by structure.</summary>
/// <param name="Outcome">What it showed.</param>
/// <param name="Reason">What was different or in the way; null when equal.</param>
/// <param name="Seeds">One per draw of random inputs: the same seed gives the same inputs.</param>
/// <param name="Inputs">The inputs' types and shapes, symbolic dimensions as chosen.</param>
public sealed record RunComparison(RunOutcome Outcome, string? Reason, ImmutableArray<int> Seeds, string? Inputs = null)
{
    /// <summary>Relative to the largest magnitude in the output; 0 where the outputs were only compared bit for bit.</summary>
    public double Tolerance { get; init; }

    /// <summary>The largest difference seen, relative to the largest magnitude in the output.</summary>
    public double LargestDifference { get; init; }

    public static RunComparison NotRun(string reason) => new(RunOutcome.NotRun, reason, []);

    public override string ToString() => Outcome switch
    {
        RunOutcome.BitEqual => $"all outputs bit-equal in {Seeds.Length} draws (seeds {string.Join(", ", Seeds)}; inputs {Inputs})",
        RunOutcome.WithinTolerance => string.Create(CultureInfo.InvariantCulture,
            $"all outputs within {Tolerance:G2} of each other, at most {LargestDifference:G2}, in {Seeds.Length} draws (seeds {string.Join(", ", Seeds)}; inputs {Inputs})"),
        _ => Reason ?? "",
    };
}

/// <summary>Runs two models and compares what they compute. The engine itself runs none.</summary>
public interface IEquivalenceVerifier
{
    /// <summary>Compares the two models on random inputs. Never throws for what a model does: that is a reason.</summary>
    RunComparison Compare(string originalPath, string repairedPath, CancellationToken cancellation);
}
