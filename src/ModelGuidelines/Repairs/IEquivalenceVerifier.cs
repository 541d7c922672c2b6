using System.Collections.Immutable;

namespace ModelGuidelines.Repairs;

/// <summary>What running original and repaired model side by side showed.</summary>
public enum VerificationOutcome
{
    /// <summary>It could not be run; the reason says why.</summary>
    NotVerified,

    /// <summary>Every output of every draw was the same, bit for bit.</summary>
    Verified,

    /// <summary>Some output was not the same.</summary>
    Different,
}

/// <summary>The proof, or why there is none.</summary>
/// <param name="Outcome">What it showed.</param>
/// <param name="Reason">What was different or in the way; null when verified.</param>
/// <param name="Seeds">One per draw of random inputs: the same seed gives the same inputs.</param>
/// <param name="Inputs">The inputs' types and shapes, symbolic dimensions as chosen.</param>
public sealed record Verification(VerificationOutcome Outcome, string? Reason, ImmutableArray<int> Seeds, string? Inputs = null)
{
    public static Verification NotVerified(string reason) => new(VerificationOutcome.NotVerified, reason, []);

    public override string ToString() => Outcome switch
    {
        VerificationOutcome.Verified => $"all outputs equal, bit for bit, in {Seeds.Length} draws (seeds {string.Join(", ", Seeds)}; inputs {Inputs})",
        _ => Reason ?? "",
    };
}

/// <summary>Runs two models and compares what they compute. The engine itself runs none.</summary>
public interface IEquivalenceVerifier
{
    /// <summary>Compares the two models on random inputs. Never throws for what a model does: that is a reason.</summary>
    Verification Verify(string originalPath, string repairedPath, CancellationToken cancellation);
}
