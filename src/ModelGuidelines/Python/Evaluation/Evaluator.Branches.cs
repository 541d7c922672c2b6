using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>If and loops.</content>
internal sealed partial class Evaluator
{
    /// <summary>Rounds of a loop whose end is not known: the first, and one that stands for all later ones.</summary>
    private const int UnknownRounds = 2;
    private const int MaxRounds = 25_000;
    private const int MaxNestedRounds = 10_000;

    /// <summary>How often the running code runs in the loops around it.</summary>
    private long _rounds = 1;

    private void If(IfStatement s, Scope scope)
    {
        if (s.Clauses.Length == 1)
        {
            var test = Test(Evaluate(s.Clauses[0].Test, scope), s.Clauses[0].Test, scope);
            if (!Now.IsNever)
            {
                Fork(test, () => Block(s.Clauses[0].Body, scope), s.OrElse.IsEmpty ? null : () => Block(s.OrElse, scope));
                if (IsTypeChecking(s.Clauses[0].Test))
                {
                    Block(s.OrElse, scope);
                }
            }

            return;
        }

        // Clauses that are decided before anything is undecided are no branch.
        var first = 0;
        Condition? firstTest = null;
        for (; first < s.Clauses.Length; first++)
        {
            Step();
            firstTest = Test(Evaluate(s.Clauses[first].Test, scope), s.Clauses[first].Test, scope);
            var decided = Decide(firstTest);
            if (decided is true)
            {
                Block(s.Clauses[first].Body, scope);
                return;
            }

            if (decided is null)
            {
                break;
            }
        }

        if (first == s.Clauses.Length)
        {
            Block(s.OrElse, scope);
        }
        else
        {
            IfElse(s, scope, first, firstTest!);
        }
    }

    /// <summary>Clauses from the first that is undecided on. Thousands of elif are no recursion: each way is followed and taken back, then all are joined from the last on.</summary>
    private void IfElse(IfStatement s, Scope scope, int first, Condition firstTest)
    {
        var before = Now;
        var world = _world;
        var mark = _journal.Begin();
        var (outer, branch) = (_way, ++_branches);
        var ways = new List<(Condition Test, Journal.Writes Writes, Condition Left)>();
        var isDecided = false;
        for (var i = first; i < s.Clauses.Length; i++)
        {
            var clause = s.Clauses[i];
            var test = firstTest;
            if (i > first)
            {
                Step();
                test = Test(Evaluate(clause.Test, scope), clause.Test, scope);
            }

            var decided = i == first ? null : Decide(test);
            if (decided is false)
            {
                continue;
            }

            _way = new(branch, ways.Count, outer);
            if (decided is true)
            {
                Block(clause.Body, scope);
                isDecided = true;
                break;
            }

            var here = Now;
            var inner = _journal.Begin();
            Now = here.And(test);
            Block(clause.Body, scope);
            var left = Now;
            ways.Add((test, _journal.Undo(inner), left));
            _journal.End();
            Now = here.And(test.Not());
            _way = outer;
        }

        if (!isDecided)
        {
            _way = new(branch, ways.Count, outer);
            Block(s.OrElse, scope);
        }

        _way = outer;
        var rest = Now;
        var writes = _journal.Undo(mark);
        _journal.End();
        foreach (var (slot, value) in MergeWays(ways, writes, rest.IsNever))
        {
            _journal.Set(slot, value);
        }

        for (var i = ways.Count - 1; i >= 0; i--)
        {
            rest = ways[i].Left.Or(rest);
        }

        Now = AfterFork(before, rest, world);
    }

    private static bool IsTypeChecking(Expression test) => test is NameExpression { Name: "TYPE_CHECKING" } or AttributeExpression { Name: "TYPE_CHECKING" };

    private void For(ForStatement s, Scope scope)
    {
        var items = Iterate(Evaluate(s.Iterable, scope), scope.At(s.Iterable.Start), TextOf(s.Iterable, scope));
        CheckElements(s.Iterable, scope);
        var ofAll = s.Target is NameExpression && TracedAs(s.Iterable, scope) is Traced.All;
        var loop = new LoopFrame(Conditions.Never);
        _loops.Push(loop);
        var start = Now;
        var rounds = 0;
        var around = _rounds;
        items = Counted(items, around, s, scope);
        _rounds = around * Math.Max(1, items.Count);
        var from = _steps;
        foreach (var item in items)
        {
            if (NamesOfTable(s, scope, rounds, from) is { } names)
            {
                foreach (var name in names)
                {
                    SetName(name, LaterRound(Evaluate(new NameExpression(s.Start, s.Start, name), scope), name, scope.At(s.Start)), scope);
                }

                break;
            }

            if (Now.IsNever || ++rounds > MaxRounds)
            {
                break;
            }

            Step();
            var (there, missing) = item.Present();
            if (there is null)
            {
                continue;
            }

            void Round()
            {
                Assign(s.Target, there, scope);
                if (ofAll)
                {
                    SetTraced(((NameExpression)s.Target).Name, Traced.Proxy, scope);
                }

                Block(s.Body, scope);
                Now = Now.Or(loop.Continued);
                loop.Continued = Conditions.Never;
            }

            if (missing is null)
            {
                Round();
            }
            else
            {
                OpenRound(missing.Not(), Round);
            }
        }

        if (rounds > MaxRounds)
        {
            Gap("the loop has more rounds than are followed", scope.At(s.Start), Hides.Calls | Hides.Values);
        }

        _rounds = around;
        _loops.Pop();
        if (!s.OrElse.IsEmpty)
        {
            Block(s.OrElse, scope);
        }

        AfterLoop(loop, start);
    }

    /// <summary>Loops within loops over nothing but numbers and texts, where they would take too many rounds: the first, and one that stands for all later ones, as if the end were not known.</summary>
    private IReadOnlyList<Value> Counted(IReadOnlyList<Value> items, long around, ForStatement s, Scope scope)
    {
        static bool IsData(Value value) => value is ConstantValue { IsOpen: false } || (value is SequenceValue { Kind: SequenceKind.Tuple, Rest: null } t && t.Items.TrueForAll(IsData));
        if (around <= 1 || items.Count < 3 || around * items.Count <= MaxNestedRounds || !items.All(IsData))
        {
            return items;
        }

        var (place, text) = (scope.At(s.Iterable.Start), TextOf(s.Iterable, scope));
        Value Any(Value value) => value is SequenceValue t ? SequenceValue.Tuple([.. t.Items.Select(Any)])
            : Unknown($"an element of {text}", "the loop is not followed round by round", place, Kinds(value));
        return [items[0], Later(Any(items[1]), Unknown($"len({text})", "the loop is not followed round by round", place, UnknownKind.Number))];
    }

    /// <summary>A round that may not run, and that stands for more than one.</summary>
    private void OpenRound(Condition test, Action round)
    {
        _openRounds++;
        Fork(test, round);
        _openRounds--;
    }

    private void AfterLoop(LoopFrame loop, Condition start)
    {
        Now = Now.Or(loop.Broken);
        if (!Now.IsNever && start.And(_world).Implies(Now))
        {
            Now = start;
        }
    }

    private void While(WhileStatement s, Scope scope)
    {
        var loop = new LoopFrame(Conditions.Never);
        _loops.Push(loop);
        var start = Now;
        var unknown = 0;
        var exits = Conditions.Never;
        for (var i = 0; !Now.IsNever; i++)
        {
            if (i > MaxRounds)
            {
                Gap("the loop has more rounds than are followed", scope.At(s.Start), Hides.Calls | Hides.Values);
                break;
            }

            Step();
            var test = Test(Evaluate(s.Test, scope), s.Test, scope);
            var decided = Decide(test);
            if (decided is false)
            {
                break;
            }

            var before = Now;
            void Round()
            {
                Block(s.Body, scope);
                Now = Now.Or(loop.Continued);
                loop.Continued = Conditions.Never;
            }

            if (decided is null)
            {
                if (unknown++ >= UnknownRounds)
                {
                    break;
                }

                // The first round of a loop that may not run at all is taken to run.
                if (unknown == 1)
                {
                    Round();
                }
                else
                {
                    OpenRound(test, Round);
                }
            }
            else
            {
                Round();
                if (!ReferenceEquals(before, Now) && ++unknown >= UnknownRounds)
                {
                    break;
                }
            }
        }

        _loops.Pop();
        Now = Now.Or(exits);
        if (!s.OrElse.IsEmpty)
        {
            Block(s.OrElse, scope);
        }

        AfterLoop(loop, start);
    }

    /// <summary>What iterating gives, one value a round. A value that is missing at times stands for a round that runs only then.</summary>
    internal IReadOnlyList<Value> Iterate(Value value, Place place, string text)
    {
        value = Here(value);
        switch (value)
        {
            case SequenceValue s:
                if (s.Rest is null)
                {
                    return s.Items.Count == 0 ? [] : [.. s.Items.Select(Here).Where(i => i is not MissingValue)];
                }

                s.Length ??= new UnknownValue(text.Length == 0 ? "the length of the list" : $"len({text})", "how many elements there are is not known", place, UnknownKind.Number) { IsCount = true };
                return [.. s.Items.Select(Here).Where(i => i is not MissingValue), .. s.Items.Count > 0 && s.Kind is not SequenceKind.Tuple ? [] : new[] { Fresh(s.Rest) }, Later(s.Rest is UnknownValue { Kind: UnknownKind.Any, MayBeModule: false } other ? other.Derive("[1:]", other.Text) : Fresh(s.Rest), s.Length)];
            case DictValue d:
                return [.. d.Entries.Select(e => e.Value is ChoiceValue c && Here(c).Present() is { Missing: { } m } ? Sometimes(e.Key, m.Not()) : e.Key),
                    .. d.Rest is null ? [] : new[] { Unknown("a key", "which keys there are is not known", place, UnknownKind.Text) }];
            case ConstantValue { Peek: string t } when t.Length < 1_000:
                return [.. t.Select(c => ConstantValue.Of(c.ToString()))];
            case NumbersValue row:
                return [.. row.Numbers.Select(n => new NumberTensorValue(n))];
            case TensorValue tensor:
                return [tensor is InputValue first ? first.Element("0") : new TensorValue(), Later(tensor is InputValue later ? later.Element("i") : new TensorValue(), tensor.Facts(text.Length == 0 ? "the tensor" : text, place).Derive(".shape", $"{(text.Length == 0 ? "the tensor" : text)}.shape", UnknownKind.Number).Derive("[0]", $"{(text.Length == 0 ? "the tensor" : text)}.shape[0]", UnknownKind.Number))];
            case GraphTensor graph:
                return [new GraphTensor(graph.Call), new GraphTensor(graph.Call)];
            case UnknownValue u:
                return [u.Derive("[0]", $"{u.Text}[0]", u.Kind is UnknownKind.Any ? UnknownKind.Any : u.Kind), Later(u.Derive("[1:]", $"{u.Text}[i]", u.Kind), u.Count)];
            case ChoiceValue choice:
                return [.. choice.Options.Where(o => o.Value is not (MissingValue or ConstantValue { IsNone: true })).SelectMany(o => Iterate(o.Value, place, text).Select(i => Sometimes(i, o.When)))];
            case ObjectValue o:
                return IterateObject(o, place);
            case ClassValue { Kind: ClassKind.Enum } type:
                return [.. EnumMembers(type)];
            default:
                return [];
        }
    }

    private IReadOnlyList<Value> IterateObject(ObjectValue o, Place place)
    {
        if (o.Class?.Find("__iter__") is not null)
        {
            return Iterate(Call(Attribute(o, "__iter__", place), new(), place), place, "");
        }

        if (o.Kind is ClassKind.NamedTuple && o.Class is { } type)
        {
            return [.. type.Fields.Select(f => o.Attributes.Find(f) ?? Unknown(f, "the field is not set", place))];
        }

        if (o.IsModule && o.Is("ModuleDict"))
        {
            return [.. Children(o).Select(c => (Value)ConstantValue.Of(c.Name))];
        }

        if (o.IsModule && (o.IsA("ModuleList") || o.IsA("Sequential") || o.IsA("ParameterList")))
        {
            return o.Doubt is null ? Elements(o) : [];
        }

        if (o.Class?.Find("__getitem__") is not null)
        {
            return [Item(o, ConstantValue.Of(0), place), Sometimes(Item(o, new ConstantValue(1L) { IsOpen = true }, place), Conditions.NewAtom("it has more than one element"))];
        }

        return o.Attributes.Find(Items) is { } items ? Iterate(items, place, "") : [];
    }

    /// <summary>What a list of modules holds, in order: None, too.</summary>
    private List<Value> Elements(ObjectValue list)
    {
        var children = Children(list).Select(c => c.Name).ToHashSet(StringComparer.Ordinal);
        return [.. list.Attributes.All.Where(a => children.Contains(a.Name) || (a.Name.Length > 0 && a.Name.All(char.IsAsciiDigit))).Select(a => Here(a.Value)).Where(v => v is not MissingValue)];
    }

    /// <summary>The element that stands for all after the first.</summary>
    private Value Later(Value value, UnknownValue length) => Sometimes(value, _tests.IsMore(length, 1, isStrict: true, $"{length.Text} > 1"));

    private static Value Sometimes(Value value, Condition when) => when.IsAlways ? value : Choices.Join([(when, value), (when.Not(), MissingValue.Instance)]);

    /// <summary>Another element like this one.</summary>
    private static Value Fresh(Value value) => value switch
    {
        InputValue => new TensorValue(),
        TensorValue => new TensorValue(),
        SequenceValue { Kind: SequenceKind.Tuple } s => new SequenceValue(s.Kind, [.. s.Items.Select(Fresh)], s.Rest),
        _ => value,
    };
}
