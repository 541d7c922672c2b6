namespace ModelGuidelines.Models;

/// <summary>How sure a reader is of one fact: certain, or likely with the rarer reading that the evidence also allows.</summary>
/// <param name="Doubt">The other reading, as a clause that a message can end with; null when there is none.</param>
public readonly record struct Certainty(string? Doubt)
{
    /// <summary>The evidence has one reading.</summary>
    public static Certainty Certain => default;

    public bool IsCertain => Doubt is null;

    /// <summary>The evidence has another, rarer reading.</summary>
    public static Certainty Likely(string doubt) => new(doubt);

    /// <summary>The less certain of two.</summary>
    public Certainty And(Certainty other) => IsCertain ? other : this;

    public override string ToString() => IsCertain ? "Certain" : "Likely";
}
