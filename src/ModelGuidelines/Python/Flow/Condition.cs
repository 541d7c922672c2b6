using System.Globalization;

namespace ModelGuidelines.Python.Flow;

/// <summary>A test that the code makes and that cannot be decided: <c>config.act == "gelu"</c>.</summary>
/// <param name="Index">Order of creation; a younger atom stands nearer to the root of a condition.</param>
/// <param name="Text">As a person would write it.</param>
/// <param name="IsName">It stands for a larger condition.</param>
/// <param name="Of">What is asked, by its name in the code, where the same may be asked again; and which object that is: another one of the same name is another round's, or another call's.</param>
internal sealed record Atom(int Index, string Text, bool IsName = false, (string Name, object Which)? Of = null);

/// <summary>What must hold for something to happen: and, or, not over atoms.</summary>
/// <remarks>A reduced binary decision diagram, one object per function within its <see cref="ConditionTable"/>: equal conditions are the same object,
/// so asking whether one holds always or never costs nothing. The youngest atom is the root: adding a new test to a long path is one node.</remarks>
internal sealed class Condition
{
    /// <summary>How many tests its text names.</summary>
    private const int Shown = 4;

    private const int MaxSize = 1 << 28;

    /// <summary>Conditions that are looked at to leave out of a text what it does not need.</summary>
    private const int MaxLooks = 2_000;

    internal Condition(ConditionTable table, int id, Atom? atom, Condition? high, Condition? low)
    {
        Table = table;
        Id = id;
        Atom = atom;
        High = high;
        Low = low;
        HasNames = atom is { IsName: true } || high is { HasNames: true } || low is { HasNames: true };
        Size = high is null || low is null ? 0 : Math.Min(MaxSize, 1 + high.Size + low.Size);
    }

    public ConditionTable Table { get; }

    public int Id { get; }

    /// <summary>Tests of all ways, at most so many.</summary>
    internal int Size { get; }

    /// <summary>A name of something larger is part of it: whether it can hold at all is not sure.</summary>
    public bool HasNames { get; }

    /// <summary>The atom that stands for it where it is too large, once it has been asked for.</summary>
    internal Condition? Name { get; set; }

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
    public override string ToString() => IsAlways ? "always" : IsNever ? "never" : Table.TextOf(this);

    /// <summary>The text of a condition that holds at times.</summary>
    internal string Written()
    {
        // Only the oldest few are written, and those stand at the end of the way: of a long one no more is kept than may be needed.
        // Thousands of conditions end in the same long way (one for each elif): who has gone it leaves what stands at its end.
        var parts = new (Atom Atom, bool Holds)[Shown * 4];
        var passed = new List<int>();
        var walked = 0;
        Ways.Way? end = null;
        for (var c = this; c.Atom is { } atom; walked++)
        {
            if ((end = Table.Ways.Of(c)) is not null)
            {
                break;
            }

            if (walked % Ways.Every == 1)
            {
                passed.Add(c.Id);
            }

            var takeHigh = !c.High!.IsNever && (c.Low!.IsNever || Table.Distance(c.High) <= Table.Distance(c.Low));
            parts[walked % parts.Length] = (atom, takeHigh);
            c = takeHigh ? c.High : c.Low!;
        }

        if (end is null && walked <= parts.Length && Needed(parts.AsSpan(0, walked)) is { } needed)
        {
            (parts, walked) = ([.. needed], needed.Count);
        }

        var count = walked + (end?.Count ?? 0);
        var oldest = end?.Oldest ?? [.. Enumerable.Range(1, Math.Min(walked, parts.Length)).Select(i => parts[(walked - i) % parts.Length])];
        for (var i = 0; i < passed.Count; i++)
        {
            Table.Ways.Leave(passed[i], count - 1 - (i * Ways.Every), oldest);
        }

        return string.Join(" and ", Written(oldest).Take(Shown)) + (count > Shown ? string.Create(CultureInfo.InvariantCulture, $" and {count - Shown} more") : "");
    }

    /// <summary>Those tests of a way without which it would not hold: the diagram asks some before the answer to an older one says that they are of no matter, so that a way may answer
    /// <c>act == "relu"</c> and <c>act == "gelu"</c> alike. Null where finding that out takes too much.</summary>
    private List<(Atom Atom, bool Holds)>? Needed(ReadOnlySpan<(Atom Atom, bool Holds)> way)
    {
        var needed = new List<(Atom Atom, bool Holds)>(way.Length);
        var tests = new Dictionary<int, bool>(way.Length);
        var looks = 0;
        foreach (var test in way)
        {
            // What stands under the name of something larger may ask again what was asked before.
            if (tests.TryAdd(test.Atom.Index, test.Holds))
            {
                needed.Add(test);
            }
            else if (tests[test.Atom.Index] != test.Holds)
            {
                return null;
            }
        }

        for (var i = 0; i < needed.Count;)
        {
            var (atom, holds) = needed[i];
            tests.Remove(atom.Index);
            var seen = new HashSet<int>();
            if (HoldsWhere(tests, seen))
            {
                needed.RemoveAt(i);
            }
            else
            {
                tests.Add(atom.Index, holds);
                i++;
            }

            if ((looks += seen.Count) > MaxLooks)
            {
                return null;
            }
        }

        return needed;
    }

    /// <summary>Whether it holds wherever these tests end so.</summary>
    private bool HoldsWhere(Dictionary<int, bool> tests, HashSet<int> seen) => Atom is not { } atom ? IsAlways
        : !seen.Add(Id) || (seen.Count <= MaxLooks
            && (tests.TryGetValue(atom.Index, out var holds) ? (holds ? High! : Low!).HoldsWhere(tests, seen) : High!.HoldsWhere(tests, seen) && Low!.HoldsWhere(tests, seen)));

    /// <summary>Each test once. What is asked of another object of the same name does not say the opposite of what was said of the first: it is said to be another.</summary>
    private static IEnumerable<string> Written(IEnumerable<(Atom Atom, bool Holds)> parts)
    {
        var first = new Dictionary<string, object>(StringComparer.Ordinal);
        var said = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (atom, holds) in parts)
        {
            var (name, which) = atom.Of ?? (atom.Text, atom);
            var text = holds ? atom.Text : Negated(atom.Text);
            if (!said.Add(text))
            {
                continue;
            }

            var isFirst = first.TryAdd(name, which) || ReferenceEquals(first[name], which);
            yield return isFirst ? text : atom.IsName ? "several others" : $"another time {text}";
        }
    }

    private static string Negated(string text) =>
        text.EndsWith(" is None", StringComparison.Ordinal) ? text[..^4] + "not None"
        : text.Contains(" == ", StringComparison.Ordinal) && !text.Contains(" and ", StringComparison.Ordinal) && !text.Contains(" or ", StringComparison.Ordinal) ? text.Replace(" == ", " != ", StringComparison.Ordinal)
        : text.Contains(' ', StringComparison.Ordinal) ? $"not ({text})" : $"not {text}";
}
