using System.Collections.Immutable;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Statements but for loops, branches and assignments.</content>
internal sealed partial class Evaluator
{
    private void Block(ImmutableArray<Statement> statements, Scope scope)
    {
        if (!FreshStack.IsLeft)
        {
            FreshStack.Run(Follow, statements, scope);
            return;
        }

        Follow(statements, scope);
    }

    /// <summary>Whether the last of the statements ends and does not leave.</summary>
    private bool Follow(ImmutableArray<Statement> statements, Scope scope)
    {
        var partings = new Partings(this, scope);
        foreach (var statement in statements)
        {
            if (Now.IsNever)
            {
                break;
            }

            partings.Part();
            Step();
            Execute(statement, scope);
        }

        partings.Join();
        return !Now.IsNever;
    }

    private void Execute(Statement statement, Scope scope)
    {
        Ran?.Add(statement);
        switch (statement)
        {
            case ExpressionStatement s:
                Evaluate(s.Value, scope);
                break;
            case AssignStatement s:
                var raising = new Partings(this, scope);
                var value = Evaluate(s.Value, scope);
                var traced = TracedParts(s.Value, scope);
                raising.Part();
                foreach (var target in Now.IsNever ? [] : s.Targets) // what raises sets nothing
                {
                    Assign(target, value, scope);
                    Trace(target, traced, value, scope);
                }

                raising.Join();
                break;
            case AugmentedAssignStatement s:
                var added = Augmented(s, scope);
                if (Now.IsNever)
                {
                    break;
                }

                MayRaise();
                Spend(added is SequenceValue { Kind: SequenceKind.List } ? ConstantValue.None : added);
                var sum = Traces ? Together(TracedAs(s.Target, scope), TracedAs(s.Value, scope)) : Traced.No;
                Assign(s.Target, added, scope);
                Trace(s.Target, (sum, []), added, scope);
                break;
            case AnnotatedAssignStatement s:
                Annotated(s, scope);
                break;
            case ReturnStatement s:
                var returned = s.Value is null ? ConstantValue.None : Evaluate(s.Value, scope);
                if (Now.IsNever)
                {
                    break;
                }

                (scope.Returned ??= []).Add((Now, returned));
                scope.TracedReturn = Merged(scope.TracedReturn, s.Value is null ? Traced.No : TracedAs(s.Value, scope));
                LastReturn = scope.At(s.Start);
                Now = Conditions.Never;
                break;
            case RaiseStatement s:
                RaisedAt = _caught is null ? scope.At(s.Start) : RaisedAt;
                Raise(_caught is null ? null : Raised(s, scope));
                break;
            case IfStatement s:
                If(s, scope);
                break;
            case ForStatement s:
                For(s, scope);
                break;
            case WhileStatement s:
                While(s, scope);
                break;
            case WithStatement s:
                With(s, scope);
                break;
            case TryStatement s:
                Try(s, scope);
                break;
            case FunctionDefinition s:
                Define(s, scope);
                break;
            case ClassDefinition s:
                Define(s, scope);
                break;
            case ImportStatement s:
                Import(s, scope);
                break;
            case ImportFromStatement s:
                Import(s, scope);
                break;
            case ScopeStatement s:
                (s.IsGlobal ? scope.Globals ??= new(StringComparer.Ordinal) : scope.Nonlocals ??= new(StringComparer.Ordinal)).UnionWith(s.Names);
                break;
            case BreakStatement when _loops.TryPeek(out var loop):
                loop.Broken = loop.Broken.Or(Now);
                Now = Conditions.Never;
                break;
            case ContinueStatement when _loops.TryPeek(out var loop):
                loop.Continued = loop.Continued.Or(Now);
                Now = Conditions.Never;
                break;
            case DeleteStatement s:
                Delete(s, scope);
                break;
            case MatchStatement s:
                Match(s, scope);
                break;
            case AssertStatement s:
                Assert(s, scope);
                break;
            case ErrorStatement s:
                Gap("this line cannot be parsed", scope.At(s.Start), Hides.Everything, "correct the syntax");
                break;
        }
    }

    /// <summary>Where the return statement stands that ran last.</summary>
    public Place LastReturn { get; private set; }

    /// <summary>Where the raise statement stands that ran last and that nothing catches.</summary>
    public Place RaisedAt { get; private set; }

    /// <summary>Statements that ran, while it is set.</summary>
    public HashSet<Statement>? Ran { get; set; }

    private void Raise(Value? type = null)
    {
        if (_caught is not null)
        {
            _raised.Add((Now, type));
            _caught = _caught.Or(Now);
        }
        else if (!Now.IsAlways && Conditions.TryExclude(_world, Now) is { } world)
        {
            _world = world;
        }

        Now = Conditions.Never;
    }

    private void Assert(AssertStatement s, Scope scope)
    {
        var test = Test(Evaluate(s.Test, scope), s.Test, scope);
        MayRaise();
        if (_caught is null && Decide(test) is null && Conditions.TryExclude(_world, Now.And(test.Not())) is { IsNever: false } world)
        {
            _world = world;
        }
    }

    private void Delete(DeleteStatement s, Scope scope)
    {
        foreach (var target in s.Targets)
        {
            switch (target)
            {
                case NameExpression name when scope.Names.ContainsKey(name.Name):
                    _journal.Set(new(scope.Names, name.Name), null);
                    break;
                case AttributeExpression attribute when Evaluate(attribute.Value, scope) is ObjectValue o:
                    RemoveAttribute(o, attribute.Name);
                    break;
                case SubscriptExpression subscript:
                    switch (Evaluate(subscript.Value, scope))
                    {
                        case DictValue d:
                            _journal.Change(d);
                            d.Remove(Evaluate(subscript.Index, scope));
                            WriteBack(d, d.Rest);
                            break;
                        case SequenceValue { Rest: null } list when Evaluate(subscript.Index, scope) is SliceValue slice && Bounds(slice, list.Items.Count) is var (from, to, step):
                            _journal.Change(list);
                            list.Items = [.. list.Items.Where((_, at) => step > 0 ? at < from || at >= to || (at - from) % step != 0 : at > from || at <= to || (from - at) % -step != 0)];
                            break;
                        case SequenceValue list when Evaluate(subscript.Index, scope) is ConstantValue { Raw: long i }:
                            i = i < 0 ? i + list.Items.Count : i;
                            if (i >= 0 && i < list.Items.Count)
                            {
                                _journal.Change(list);
                                list.Items.RemoveAt((int)i);
                            }

                            break;
                        case ObjectValue { IsModule: true } container when Evaluate(subscript.Index, scope) is ConstantValue index:
                            var children = Children(container).ToList();
                            var at = index.Raw is long n ? (int)(n < 0 ? n + children.Count : n) : children.FindIndex(c => c.Name == index.Raw as string);
                            if (at >= 0 && at < children.Count)
                            {
                                RemoveAttribute(container, children[at].Name);
                            }

                            break;
                    }

                    break;
            }
        }
    }
}
