using System.Runtime.CompilerServices;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Python.Flow;

/// <summary>Makes the atoms and conditions of one analysis. Not thread-safe.</summary>
/// <remarks>Where a result would take more than <see cref="MaxWork"/> nodes, the larger condition goes by a name, the atom 'several tests together', of which nothing else is known:
/// what is always or never so whatever the name stands for is so for what it does stand for, and the ways of the smaller one still exclude each other.</remarks>
internal sealed class ConditionTable
{
    private const int MaxWork = 500;
    private const int MaxThoroughWork = 20_000;
    private const string Several = "several tests together";
    private readonly OperationCache _and = new();
    private readonly OperationCache _or = new();
    private readonly OperationCache _meets = new();
    private Condition?[] _nodes = new Condition?[256];
    private int _count;
    private int _atoms;
    private int _ids;
    private int _work;

    public ConditionTable()
    {
        Always = new(this, _ids++, null, null, null);
        Never = new(this, _ids++, null, null, null);
        (Always.Negation, Never.Negation) = (Never, Always);
    }

    public Condition Always { get; }

    public Condition Never { get; }

    /// <summary>A new atom: a test of which nothing else is known.</summary>
    public Condition NewAtom(string text, (string Name, object Which)? of = null) => Node(new(_atoms++, text, Of: of), Always, Never);

    private Condition NewName() => Node(new(_atoms++, Several, IsName: true), Always, Never);

    public Condition Not(Condition c)
    {
        if (c.Negation is { } known)
        {
            return known;
        }

        _work = 0;
        if (TryNot(c) is { } result)
        {
            return result;
        }

        result = Not(Named(c));
        (c.Negation, result.Negation) = (result, c);
        return result;
    }

    public Condition And(Condition a, Condition b)
    {
        if (Simple(a, b) is { } simple)
        {
            return simple;
        }

        _work = 0;
        if (TryAnd(a, b) is not { } result)
        {
            result = Named(a, b, TryAnd);
            _and.Set(a.Id, b.Id, result);
        }

        return result;
    }

    /// <summary>Whether both can hold together; where that would take too much, they may.</summary>
    /// <param name="a">One.</param>
    /// <param name="b">The other.</param>
    /// <param name="thoroughly">It is asked once, of what was recorded, and worth more work.</param>
    public bool Meets(Condition a, Condition b, bool thoroughly = false)
    {
        _work = thoroughly ? MaxWork - MaxThoroughWork : 0;
        return TryMeets(a, b) ?? true;
    }

    /// <summary>What is left of a world from which something is excluded; null where that would take too much.</summary>
    public Condition? TryExclude(Condition world, Condition excluded)
    {
        _work = 0;
        return TryNot(excluded) is { } not ? TryAnd(world, not) : null;
    }

    public Condition Or(Condition a, Condition b)
    {
        if (SimpleOr(a, b) is { } simple)
        {
            return simple;
        }

        _work = 0;
        if (TryOr(a, b) is not { } result)
        {
            result = Named(a, b, TryOr);
            _or.Set(a.Id, b.Id, result);
        }

        return result;
    }

    /// <summary>An operation of which the larger side goes by its name, or both do.</summary>
    private Condition Named(Condition a, Condition b, Func<Condition, Condition, Condition?> operation)
    {
        var (large, small) = a.Size >= b.Size ? (a, b) : (b, a);
        _work = 0;
        if (operation(Named(large), small) is { } result)
        {
            return result;
        }

        _work = 0;
        return operation(Named(large), Named(small)) ?? NewName();
    }

    /// <summary>The atom that stands for a condition, the same one each time.</summary>
    private static Condition Named(Condition c) => c.Atom is null ? c : c.Name ??= c.Table.NewName();

    /// <summary>Tests on the shortest way to 'always'.</summary>
    internal int Distance(Condition c)
    {
        if (c.Atom is null)
        {
            return c.IsAlways ? 0 : int.MaxValue / 2;
        }

        if (c.Distance is not { } known)
        {
            if (!FreshStack.IsLeft)
            {
                return FreshStack.Run(static (table, c) => table.Distance(c), this, c);
            }

            known = 1 + Math.Min(Distance(c.High!), Distance(c.Low!));
            c.Distance = known;
        }

        return known;
    }

    /// <summary>A number that is the same for conditions over tests of the same words that hold in the same cases, also in the table of another file, whichever test was
    /// made first.</summary>
    /// <remarks>The chance that it holds where each test holds with a chance of its own, modulo a prime: for two conditions that differ the numbers do, but in one of 2^50 cases.</remarks>
    internal ulong Print(Condition c)
    {
        if (c.Atom is not { } atom)
        {
            return c.IsAlways ? 1UL : 0UL;
        }

        if (!_prints.TryGetValue(c.Id, out var known))
        {
            if (!FreshStack.IsLeft)
            {
                return FreshStack.Run(static (table, c) => table.Print(c), this, c);
            }

            var (high, low) = (Print(c.High!), Print(c.Low!));
            if (!_chances.TryGetValue(atom.Index, out var chance))
            {
                _chances[atom.Index] = chance = ChanceOf(atom.Text);
            }

            _prints[c.Id] = known = (ulong)((((UInt128)chance * high) + ((UInt128)(Prime + 1 - chance) * low)) % Prime);
        }

        return known;
    }

    /// <summary>Where long ways end that texts of conditions have gone.</summary>
    internal Ways Ways { get; } = new();

    /// <summary>What a condition says; what many calls and operations stand under is written once.</summary>
    internal string TextOf(Condition c)
    {
        if (!_texts.TryGetValue(c.Id, out var known))
        {
            _texts[c.Id] = known = c.Written();
        }

        return known;
    }

    // Few conditions of those that are made are asked.
    private readonly Dictionary<int, string> _texts = [];
    private readonly Dictionary<int, ulong> _prints = [];
    private readonly Dictionary<int, ulong> _chances = [];

    private const ulong Prime = (1UL << 61) - 1;

    /// <summary>Of a test's words; the numbers of lines in them are left out, which change with what stands above.</summary>
    private static ulong ChanceOf(string text)
    {
        var hash = 14695981039346656037UL;
        for (var (i, isLine) = (0, false); i < text.Length; i++)
        {
            isLine = char.IsAsciiDigit(text[i]) ? isLine || (i >= 5 && text.AsSpan(i - 5, 5).SequenceEqual("line ")) : false;
            hash = isLine ? hash : (hash ^ text[i]) * 1099511628211UL;
        }

        return hash % Prime;
    }

    /// <summary>The conditions that there are: each takes some 100 bytes.</summary>
    public int Count => _count;

    /// <summary>What all operations took so far: it counts against what a run may take.</summary>
    public long Work { get; private set; }

    private int Works()
    {
        Work++;
        return ++_work;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Condition Node(Atom atom, Condition high, Condition low)
    {
        if (ReferenceEquals(high, low))
        {
            return high;
        }

        var slot = Slot(atom.Index, high.Id, low.Id);
        for (var known = _nodes[slot]; known is not null; known = known.Next)
        {
            if (ReferenceEquals(known.High, high) && ReferenceEquals(known.Low, low) && ReferenceEquals(known.Atom, atom))
            {
                return known;
            }
        }

        if (++_count > _nodes.Length)
        {
            var old = _nodes;
            _nodes = new Condition?[old.Length * 2];
            foreach (var first in old)
            {
                for (var node = first; node is not null;)
                {
                    var next = node.Next;
                    var at = Slot(node.Atom!.Index, node.High!.Id, node.Low!.Id);
                    (node.Next, _nodes[at]) = (_nodes[at], node);
                    node = next;
                }
            }

            slot = Slot(atom.Index, high.Id, low.Id);
        }

        return _nodes[slot] = new(this, _ids++, atom, high, low) { Next = _nodes[slot] };
    }

    private int Slot(int atom, int high, int low) => (int)((((((uint)atom * 0x9E3779B1u) ^ (uint)high) * 0x85EBCA6Bu) ^ (uint)low) * 0xC2B2AE35u >> 7) & (_nodes.Length - 1);

    /// <summary>Whether an operation may go on: it has taken little.</summary>
    private bool MayGoOn() => Works() <= MaxWork;

    private Condition? TryNot(Condition c)
    {
        if (c.Negation is { } known)
        {
            return known;
        }

        if (!FreshStack.IsLeft)
        {
            return FreshStack.Run(static (table, c) => table.TryNot(c), this, c);
        }

        if (!MayGoOn() || TryNot(c.High!) is not { } high || TryNot(c.Low!) is not { } low)
        {
            return null;
        }

        var result = Node(c.Atom!, high, low);
        (c.Negation, result.Negation) = (result, c);
        return result;
    }

    private Condition? Simple(Condition a, Condition b) =>
        ReferenceEquals(a, b) || b.IsAlways ? a : a.IsAlways ? b : a.IsNever || b.IsNever || ReferenceEquals(a.Negation, b) ? Never : _and.Find(a.Id, b.Id);

    private Condition? SimpleOr(Condition a, Condition b) =>
        ReferenceEquals(a, b) || b.IsNever ? a : a.IsNever ? b : a.IsAlways || b.IsAlways || ReferenceEquals(a.Negation, b) ? Always : _or.Find(a.Id, b.Id);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Condition? TryAnd(Condition a, Condition b)
    {
        if (Simple(a, b) is { } simple)
        {
            return simple;
        }

        if (!FreshStack.IsLeft)
        {
            return FreshStack.Run(TryAnd, a, b);
        }

        if (!MayGoOn())
        {
            return null;
        }

        var (top, aHigh, aLow, bHigh, bLow) = Split(a, b);
        if (TryAnd(aHigh, bHigh) is not { } high || TryAnd(aLow, bLow) is not { } low)
        {
            return null;
        }

        var result = Node(top, high, low);
        _and.Set(a.Id, b.Id, result);
        return result;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private Condition? TryOr(Condition a, Condition b)
    {
        if (SimpleOr(a, b) is { } simple)
        {
            return simple;
        }

        if (!FreshStack.IsLeft)
        {
            return FreshStack.Run(TryOr, a, b);
        }

        if (!MayGoOn())
        {
            return null;
        }

        var (top, aHigh, aLow, bHigh, bLow) = Split(a, b);
        if (TryOr(aHigh, bHigh) is not { } high || TryOr(aLow, bLow) is not { } low)
        {
            return null;
        }

        var result = Node(top, high, low);
        _or.Set(a.Id, b.Id, result);
        return result;
    }

    /// <summary>Asks without making anything, and ends with the first way in which both hold.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private bool? TryMeets(Condition a, Condition b)
    {
        if ((Simple(a, b) ?? _meets.Find(a.Id, b.Id)) is { } known)
        {
            return !known.IsNever;
        }

        if (!FreshStack.IsLeft)
        {
            return FreshStack.Run(TryMeets, a, b);
        }

        if (!MayGoOn())
        {
            return null;
        }

        var (_, aHigh, aLow, bHigh, bLow) = Split(a, b);
        var result = TryMeets(aHigh, bHigh);
        if (result is false)
        {
            result = TryMeets(aLow, bLow);
        }

        if (result is { } met)
        {
            _meets.Set(a.Id, b.Id, met ? Always : Never);
        }

        return result;
    }

    private static (Atom Top, Condition AHigh, Condition ALow, Condition BHigh, Condition BLow) Split(Condition a, Condition b)
    {
        var (x, y) = (a.Atom!, b.Atom!);
        var top = x.Index >= y.Index ? x : y;
        var (aHigh, aLow) = x.Index == top.Index ? (a.High!, a.Low!) : (a, a);
        var (bHigh, bLow) = y.Index == top.Index ? (b.High!, b.Low!) : (b, b);
        return (top, aHigh, aLow, bHigh, bLow);
    }
}
