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
        IsCertain ? other : other.IsCertain ? this : new(Doubt ?? other.Doubt, Both(Conditions, other.Conditions));

    /// <remarks>Most are of few tests, and nearly the same.</remarks>
    private static ImmutableArray<string> Both(ImmutableArray<string> first, ImmutableArray<string> second)
    {
        var added = 0;
        for (var i = 0; i < second.Length; i++)
        {
            added += IsNew(first, second, i) ? 1 : 0;
        }

        if (added == 0)
        {
            return first;
        }

        var both = ImmutableArray.CreateBuilder<string>(first.Length + added);
        both.AddRange(first);
        for (var i = 0; i < second.Length; i++)
        {
            if (IsNew(first, second, i))
            {
                both.Add(second[i]);
            }
        }

        return both.MoveToImmutable();

        static bool IsNew(ImmutableArray<string> first, ImmutableArray<string> second, int at) =>
            !first.AsSpan().Contains(second[at]) && !second.AsSpan(0, at).Contains(second[at]);
    }

    public bool Equals(Certainty other) => Doubt == other.Doubt && Conditions.SequenceEqual(other.Conditions, StringComparer.Ordinal);

    public override int GetHashCode() => Conditions.Aggregate(Doubt?.GetHashCode(StringComparison.Ordinal) ?? 0, (hash, c) => HashCode.Combine(hash, c));

    public override string ToString() => IsCertain ? "Certain" : "Likely";
}
