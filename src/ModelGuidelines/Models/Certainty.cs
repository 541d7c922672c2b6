using System.Collections.Immutable;

namespace ModelGuidelines.Models;

/// <summary>How sure a reader is of one fact: certain, or likely with the conditions under which it holds, or with the rarer reading that the evidence also allows.</summary>
public readonly record struct Certainty
{
    private readonly ImmutableArray<string> _conditions;

    private Certainty(string? doubt, ImmutableArray<string> conditions)
    {
        Doubt = doubt;
        _conditions = conditions;
    }

    /// <summary>The other reading, as a clause that a message can end with; null when there is none.</summary>
    public string? Doubt { get; }

    /// <summary>Tests that must all hold, as source text: <c>config.hidden_act == "gelu"</c>; in the order in which the code makes them.</summary>
    public ImmutableArray<string> Conditions => _conditions.IsDefault ? [] : _conditions;

    /// <summary>The evidence has one reading, and it holds in every run.</summary>
    public static Certainty Certain => default;

    public bool IsCertain => Doubt is null && Conditions.IsEmpty;

    /// <summary>Conditions and doubt as one clause that a message can end with; null when certain.</summary>
    public string? Explanation => (Conditions.IsEmpty, Doubt) switch
    {
        (true, var doubt) => doubt,
        (false, null) => $"only where {string.Join(" and ", Conditions)}",
        (false, var doubt) => $"only where {string.Join(" and ", Conditions)}; {doubt}",
    };

    /// <summary>The evidence has another, rarer reading.</summary>
    public static Certainty Likely(string doubt) => new(doubt, []);

    /// <summary>It holds where all these tests hold.</summary>
    /// <param name="conditions">Source text; none: certain.</param>
    public static Certainty Under(params string[] conditions) => new(null, [.. conditions]);

    /// <summary>Where both hold: the conditions of both, and the first doubt.</summary>
    public Certainty And(Certainty other) =>
        IsCertain ? other : other.IsCertain ? this : new(Doubt ?? other.Doubt, [.. Conditions.Union(other.Conditions, StringComparer.Ordinal)]);

    public bool Equals(Certainty other) => Doubt == other.Doubt && Conditions.SequenceEqual(other.Conditions, StringComparer.Ordinal);

    public override int GetHashCode() => Conditions.Aggregate(Doubt?.GetHashCode(StringComparison.Ordinal) ?? 0, (hash, c) => HashCode.Combine(hash, c));

    public override string ToString() => IsCertain ? "Certain" : "Likely";
}
