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
        foreach (var statement in statements)
        {
            if (Now.IsNever)
            {
                return false;
            }

            Step();
            Execute(statement, scope);
        }

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
                var value = Evaluate(s.Value, scope);
                var traced = TracedParts(s.Value, scope);
                foreach (var target in s.Targets)
                {
                    Assign(target, value, scope);
                    Trace(target, traced, value, scope);
                }

                break;
            case AugmentedAssignStatement s:
                var added = Augmented(s, scope);
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
                (scope.Returned ??= []).Add((Now, returned));
                scope.TracedReturn = Merged(scope.TracedReturn, s.Value is null ? Traced.No : TracedAs(s.Value, scope));
                LastReturn = scope.At(s.Start);
                Now = Conditions.Never;
                break;
            case RaiseStatement s:
                RaisedAt = _caught is null ? scope.At(s.Start) : RaisedAt;
                Raise();
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

    private void Raise()
    {
        if (_caught is not null)
        {
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
        if (_caught is null && Decide(test) is null && Conditions.TryExclude(_world, Now.And(test.Not())) is { IsNever: false } world)
        {
            _world = world;
        }
    }

    private void With(WithStatement s, Scope scope)
    {
        foreach (var item in s.Items)
        {
            var context = Evaluate(item.Context, scope);
            var entered = context is ObjectValue o && o.Class?.Find("__enter__") is not null
                ? Call(Attribute(o, "__enter__", scope.At(item.Start)), new(), scope.At(item.Start))
                : context is SequenceValue yielded ? Entered(yielded, item, scope)
                : context is ObjectValue ? context : Unknown(TextOf(item.Context, scope), "it is what a context manager gives", scope.At(item.Start));
            if (item.Target is not null)
            {
                Assign(item.Target, entered, scope);
            }
        }

        Block(s.Body, scope);
    }

    /// <summary>A generator as a context manager gives what it yields first.</summary>
    private Value Entered(SequenceValue yielded, WithItem item, Scope scope) => Iterate(yielded, scope.At(item.Start), "") is [var first, ..] ? first : Unknown(TextOf(item.Context, scope), "its context manager yields nothing", scope.At(item.Start));

    private void Try(TryStatement s, Scope scope)
    {
        var (caught, before) = (_caught, Now);
        _caught = s.Handlers.IsEmpty ? caught : Conditions.Never;
        var missing = _missingImports;
        _missingImports = null;

        // Any statement may raise; a handler that does more than give up is followed as the other way.
        var handler = s.Handlers.FirstOrDefault(h => IsWorthFollowing(h.Body));
        var isImport = s.Body.All(b => b is ImportStatement or ImportFromStatement or AssignStatement or ExpressionStatement or IfStatement) && s.Body.Any(b => b is ImportStatement or ImportFromStatement);
        if (handler is not null && !isImport && Observer is not null)
        {
            var line = scope.Module.File.PositionOf(s.Start).Line;
            var fails = Conditions.NewAtom(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"an exception in the block of line {line}"));
            Fork(fails, () => Handle(handler, scope, caught), () => TryBody(s, scope));
        }
        else
        {
            TryBody(s, scope);
            if (_missingImports is { } name && s.Handlers.Length > 0)
            {
                // A library that is not there may be there where the model runs.
                var after = Now;
                Fork(_tests.Ask(InstalledSymbol(name), "installed", $"{name} is installed"), () => { }, () => Handle(s.Handlers[0], scope, caught));
                Now = after;
            }
            else if (_caught is { IsNever: false } raised && s.Handlers.Length > 0 && before.Meets(raised))
            {
                var after = Now;
                Now = raised;
                Handle(handler ?? s.Handlers[0], scope, caught);
                Now = Now.Or(after);
            }
        }

        _missingImports = missing;
        _caught = caught;
        var left = Now;
        if (!s.FinalBody.IsEmpty)
        {
            Now = Now.IsNever ? before : Now;
            Block(s.FinalBody, scope);
            Now = left.IsNever ? left : Now;
        }
    }

    private void TryBody(TryStatement s, Scope scope)
    {
        Block(s.Body, scope);
        Block(s.OrElse, scope);
    }

    private void Handle(ExceptHandler handler, Scope scope, Condition? caught)
    {
        var inner = _caught;
        _caught = caught;
        if (handler.Name is not null)
        {
            SetName(handler.Name, Unknown(handler.Name, "it is an exception", scope.At(handler.Start)), scope);
        }

        Block(handler.Body, scope);
        _caught = inner;
    }

    private static bool IsWorthFollowing(ImmutableArray<Statement> body) => body.Any(s => s is not (RaiseStatement or PassStatement or ContinueStatement or BreakStatement
        or ExpressionStatement { Value: StringExpression or ConstantExpression } or ImportStatement or ImportFromStatement)
        && !(s is ExpressionStatement { Value: CallExpression { Function: NameExpression { Name: "print" } or AttributeExpression { Value: NameExpression { Name: "logger" or "logging" or "warnings" or "log" } } } }));

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
