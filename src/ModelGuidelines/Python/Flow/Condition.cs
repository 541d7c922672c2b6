using System.Globalization;

namespace ModelGuidelines.Python.Flow;

/// <summary>A test that the code makes and that cannot be decided: <c>config.act == "gelu"</c>.</summary>
/// <param name="Index">Order of creation; a younger atom stands nearer to the root of a condition.</param>
/// <param name="Text">As a person would write it.</param>
internal sealed record Atom(int Index, string Text);

/// <summary>What must hold for something to happen: and, or, not over atoms.</summary>
/// <remarks>A reduced binary decision diagram, one object per function within its <see cref="ConditionTable"/>: equal conditions are the same object,
/// so asking whether one holds always or never costs nothing. The youngest atom is the root: adding a new test to a long path is one node.</remarks>
internal sealed class Condition
{
    internal Condition(ConditionTable table, int id, Atom? atom, Condition? high, Condition? low)
    {
        Table = table;
        Id = id;
        Atom = atom;
        High = high;
        Low = low;
    }

    public ConditionTable Table { get; }

    public int Id { get; }

    /// <summary>Null for always and never.</summary>
    public Atom? Atom { get; }

    /// <summary>What remains where the atom holds.</summary>
    public Condition? High { get; }

    /// <summary>What remains where it does not.</summary>
    public Condition? Low { get; }

    /// <summary>What holds where this does not, once it has been asked for.</summary>
    internal Condition? Negation { get; set; }

    /// <summary>Tests on the shortest way to 'always', once it has been asked for.</summary>
    internal int? Distance { get; set; }

    /// <summary>The next one of the same slot of the table.</summary>
    internal Condition? Next { get; set; }

    public bool IsAlways => ReferenceEquals(this, Table.Always);

    public bool IsNever => ReferenceEquals(this, Table.Never);

    public Condition And(Condition other) => Table.And(this, other);

    public Condition Or(Condition other) => Table.Or(this, other);

    public Condition Not() => Table.Not(this);

    /// <summary>Whether both can hold together.</summary>
    public bool Meets(Condition other) => Table.Meets(this, other);

    /// <summary>Whether the other holds wherever this does.</summary>
    public bool Implies(Condition other) => !Table.Meets(this, Table.Not(other));

    /// <summary>One shortest way in which it holds, as source text: <c>config.act == "gelu" and not self.training</c>.</summary>
    public override string ToString()
    {
        if (IsAlways || IsNever)
        {
            return IsAlways ? "always" : "never";
        }

        // Only the oldest few are written: of a long path no more texts are made than that.
        var parts = new List<(string Text, bool Holds)>();
        for (var c = this; c.Atom is { } atom;)
        {
            var takeHigh = !c.High!.IsNever && (c.Low!.IsNever || Table.Distance(c.High) <= Table.Distance(c.Low));
            parts.Add((atom.Text, takeHigh));
            c = takeHigh ? c.High : c.Low!;
        }

        parts.Reverse();
        return string.Join(" and ", parts.Select(p => p.Holds ? p.Text : Negated(p.Text)).Distinct(StringComparer.Ordinal).Take(4)) + (parts.Count > 4 ? string.Create(CultureInfo.InvariantCulture, $" and {parts.Count - 4} more") : "");
    }

    private static string Negated(string text) =>
        text.EndsWith(" is None", StringComparison.Ordinal) ? text[..^4] + "not None"
        : text.Contains(" == ", StringComparison.Ordinal) && !text.Contains(" and ", StringComparison.Ordinal) && !text.Contains(" or ", StringComparison.Ordinal) ? text.Replace(" == ", " != ", StringComparison.Ordinal)
        : text.Contains(' ', StringComparison.Ordinal) ? $"not ({text})" : $"not {text}";
}
