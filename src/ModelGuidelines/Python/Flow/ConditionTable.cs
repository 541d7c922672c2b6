namespace ModelGuidelines.Python.Flow;

/// <summary>Makes the atoms and conditions of one analysis. Not thread-safe.</summary>
/// <remarks>A result that would take more than <see cref="MaxWork"/> nodes is replaced by a new atom, 'several tests together': it is neither always nor never, and
/// excludes nothing, so what stands under it is Likely and is never taken for exclusive.</remarks>
internal sealed class ConditionTable
{
    private const int MaxWork = 500;
    private const int MaxMemory = 60_000;
    private readonly Dictionary<(int Atom, int High, int Low), Condition> _nodes = [];
    private readonly Dictionary<(int Left, int Right), Condition> _and = [];
    private readonly Dictionary<int, Condition> _not = [];
    private readonly Dictionary<int, int> _distance = [];
    private int _atoms;
    private int _ids;
    private int _work;

    public ConditionTable()
    {
        Always = new(this, _ids++, null, null, null);
        Never = new(this, _ids++, null, null, null);
    }

    public Condition Always { get; }

    public Condition Never { get; }

    /// <summary>A new atom: a test of which nothing else is known.</summary>
    public Condition NewAtom(string text) => Node(new(_atoms++, text), Always, Never);

    public Condition Not(Condition c)
    {
        if (c.Atom is null)
        {
            return c.IsAlways ? Never : Always;
        }

        _work = 0;
        return TryNot(c) ?? NewAtom("several tests together");
    }

    public Condition And(Condition a, Condition b)
    {
        if (ReferenceEquals(a, b) || b.IsAlways)
        {
            return a;
        }

        if (a.IsAlways)
        {
            return b;
        }

        if (a.IsNever || b.IsNever)
        {
            return Never;
        }

        _work = 0;
        return TryAnd(a, b) ?? NewAtom("several tests together");
    }

    /// <summary>What is left of a world from which something is excluded; null where that would take too much.</summary>
    public Condition? TryExclude(Condition world, Condition excluded)
    {
        _work = 0;
        return TryNot(excluded) is { } not ? TryAnd(world, not) : null;
    }

    public Condition Or(Condition a, Condition b)
    {
        if (ReferenceEquals(a, b) || a.IsAlways || b.IsNever)
        {
            return a;
        }

        if (b.IsAlways || a.IsNever)
        {
            return b;
        }

        return Not(And(Not(a), Not(b)));
    }

    /// <summary>Tests on the shortest way to 'always'.</summary>
    internal int Distance(Condition c)
    {
        if (c.Atom is null)
        {
            return c.IsAlways ? 0 : int.MaxValue / 2;
        }

        if (!_distance.TryGetValue(c.Id, out var known))
        {
            // Long chains are walked without recursion into both sides: an upper bound serves.
            known = c.High!.Atom is null || c.Low!.Atom is null || System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack()
                ? 1 + Math.Min(Distance(c.High!), Distance(c.Low!)) : 1_000;
            _distance[c.Id] = known;
        }

        return known;
    }

    /// <summary>What all operations took so far: it counts against what a run may take.</summary>
    public long Work { get; private set; }

    private int Works()
    {
        Work++;
        return ++_work;
    }

    private Condition Node(Atom atom, Condition high, Condition low)
    {
        if (ReferenceEquals(high, low))
        {
            return high;
        }

        var key = (atom.Index, high.Id, low.Id);
        if (!_nodes.TryGetValue(key, out var node))
        {
            node = new(this, _ids++, atom, high, low);
            _nodes.Add(key, node);
        }

        return node;
    }

    private Condition? TryNot(Condition c)
    {
        if (c.Atom is null)
        {
            return c.IsAlways ? Never : Always;
        }

        if (_not.TryGetValue(c.Id, out var known))
        {
            return known;
        }

        if (Works() > MaxWork || !System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack() || TryNot(c.High!) is not { } high || TryNot(c.Low!) is not { } low)
        {
            return null;
        }

        var result = Node(c.Atom, high, low);
        Remember(_not, c.Id, result);
        Remember(_not, result.Id, c);
        return result;
    }

    private Condition? TryAnd(Condition a, Condition b)
    {
        if (ReferenceEquals(a, b) || b.IsAlways)
        {
            return a;
        }

        if (a.IsAlways)
        {
            return b;
        }

        if (a.IsNever || b.IsNever)
        {
            return Never;
        }

        var key = a.Id < b.Id ? (a.Id, b.Id) : (b.Id, a.Id);
        if (_and.TryGetValue(key, out var known))
        {
            return known;
        }

        if (Works() > MaxWork || !System.Runtime.CompilerServices.RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            return null;
        }

        var (x, y) = (a.Atom!, b.Atom!);
        var top = x.Index >= y.Index ? x : y;
        var (aHigh, aLow) = x.Index == top.Index ? (a.High!, a.Low!) : (a, a);
        var (bHigh, bLow) = y.Index == top.Index ? (b.High!, b.Low!) : (b, b);
        if (TryAnd(aHigh, bHigh) is not { } high || TryAnd(aLow, bLow) is not { } low)
        {
            return null;
        }

        var result = Node(top, high, low);
        Remember(_and, key, result);
        return result;
    }

    private static void Remember<TKey>(Dictionary<TKey, Condition> memory, TKey key, Condition value)
        where TKey : notnull
    {
        if (memory.Count >= MaxMemory)
        {
            memory.Clear();
        }

        memory[key] = value;
    }
}
