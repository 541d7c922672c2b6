using System.Collections.Immutable;
using System.Globalization;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What raises, and who catches it.</content>
internal sealed partial class Evaluator
{
    private void Try(TryStatement s, Scope scope)
    {
        var (caught, before) = (_caught, Now);
        _caught = s.Handlers.IsEmpty ? caught : Conditions.Never;
        var (raised, around) = (_raised, _raisedAround);
        (_raised, _raisedAround) = s.Handlers.IsEmpty ? (raised, around) : ([], raised);
        var missing = _missingImports;
        _missingImports = null;

        // Any statement may raise; a handler that does more than give up is followed as the other way.
        var handlers = s.Handlers.Where(h => IsWorthFollowing(h.Body) || (IsQuiet(h.Body) && Matters(s.Body, scope))).ToList();
        var raises = s.Body.Any(b => b is RaiseStatement);
        var isImport = s.Body.All(b => b is ImportStatement or ImportFromStatement or AssignStatement or ExpressionStatement or IfStatement) && s.Body.Any(b => b is ImportStatement or ImportFromStatement);
        if (handlers.Count > 0 && !isImport && !raises && Observer is not null)
        {
            scope.AtYield = null; // what stands within runs whether the handler does or not
            var line = scope.Module.File.PositionOf(s.Start).Line;
            var fails = Conditions.NewAtom(string.Create(CultureInfo.InvariantCulture, $"{(s.Body.Any(b => Holds<RaiseStatement>(b, 0)) ? "another" : "an")} exception in the block of line {line}"));
            Fork(fails, () =>
            {
                Begun(s.Body, scope);
                ForgetFlags(s.Body, scope);
                Handle(handlers, scope, caught);
            }, () =>
            {
                TryBody(s.Body, s.OrElse, scope);
                Catch(s, before, scope, caught);
            });
        }
        else if (TryImports(s, s.Body, scope, caught))
        {
            Catch(s, before, scope, caught);
        }
        else
        {
            TryBody(s.Body, s.OrElse, scope);
            if (_missingImports is { } name && s.Handlers.Length > 0)
            {
                // A library that is not there may be there where the model runs.
                var after = Now;
                Fork(_tests.Ask(InstalledSymbol(name), "installed", $"{name} is installed"), () => { }, () => Handle(s.Handlers[0], scope, caught));
                Now = after;
            }
            else
            {
                Catch(s, before, scope, caught);
            }
        }

        _missingImports = missing;
        _caught = caught;
        (_raised, _raisedAround) = (raised, around);
        if (!s.FinalBody.IsEmpty)
        {
            OnEveryWay(before, () => Block(s.FinalBody, scope));
        }
    }

    /// <summary>What the body raises itself, the handler goes on from: behind what ran before.</summary>
    private void Catch(TryStatement s, Condition before, Scope scope, Condition? caught)
    {
        if (_caught is { IsNever: false } raised && s.Handlers.Length > 0 && before.Meets(raised))
        {
            var after = Now;
            Now = raised;
            var types = _raised.Where(r => r.When.Meets(raised)).ToList();
            if (types.Count == 0)
            {
                Handle(s.Handlers, scope, caught);
            }
            else
            {
                HandleRaised(s.Handlers, 0, types, scope, caught);
            }

            Now = Now.Or(after);
        }
    }

    /// <summary>Flags that loops and branches of a body set: where something in them raised, whether that was before or after cannot be told.</summary>
    private void ForgetFlags(ImmutableArray<Statement> body, Scope scope)
    {
        var set = new Dictionary<string, List<Expression?>>(StringComparer.Ordinal);
        foreach (var statement in body.Where(b => b is IfStatement or ForStatement or WhileStatement or TryStatement or MatchStatement || _isBegun || body.Count(MayRaise) > MaxPlaces))
        {
            Assigned(statement, set, 0);
        }

        foreach (var (name, values) in set)
        {
            if (scope.Names.TryGetValue(name, out var value) && value is ConstantValue { Peek: var was } && values.TrueForAll(v => v is ConstantExpression or NumberExpression or StringExpression))
            {
                SetName(name, Unknown(name, "whether it was set before the exception cannot be told", scope.At(body[0].Start), was is bool ? UnknownKind.Boolean : was is string ? UnknownKind.Text : was is null ? UnknownKind.Any : UnknownKind.Number), scope);
            }
        }
    }

    private void TryBody(ImmutableArray<Statement> body, ImmutableArray<Statement> orElse, Scope scope)
    {
        var partings = new Partings(this, scope);
        Block(body, scope);
        partings.Part();
        Block(orElse, scope);
        partings.Join();
    }

    /// <summary>One of them catches it.</summary>
    private void Handle(IReadOnlyList<ExceptHandler> handlers, Scope scope, Condition? caught, int at = 0)
    {
        if (at == handlers.Count - 1)
        {
            Handle(handlers[at], scope, caught);
        }
        else
        {
            Fork(Conditions.NewAtom($"the exception is {(handlers[at].Type is { } type ? TextOf(type, scope) : "any other")}"), () => Handle(handlers[at], scope, caught), () => Handle(handlers, scope, caught, at + 1));
        }
    }

    private void Handle(ExceptHandler handler, Scope scope, Condition? caught)
    {
        var (inner, raised) = (_caught, _raised);
        (_caught, _raised) = (caught, _raisedAround);
        if (handler.Name is not null)
        {
            SetName(handler.Name, Unknown(handler.Name, "it is an exception", scope.At(handler.Start)), scope);
        }

        Block(handler.Body, scope);
        (_caught, _raised) = (inner, raised);
    }

    private static bool IsWorthFollowing(ImmutableArray<Statement> body) => !body.All(IsNothing);

    /// <summary>Nothing that a model does: it gives up, or goes on as if nothing had happened.</summary>
    private static bool IsNothing(Statement s) => s is RaiseStatement or PassStatement or ContinueStatement or BreakStatement
        or ExpressionStatement { Value: StringExpression or ConstantExpression } or ImportStatement or ImportFromStatement
        or ExpressionStatement { Value: CallExpression { Function: NameExpression { Name: "print" } or AttributeExpression { Value: NameExpression { Name: "logger" or "logging" or "warnings" or "log" } } } };

    private static bool IsQuiet(ImmutableArray<Statement> body) => !body.Any(s => s is RaiseStatement);

    /// <summary>Whether it makes a difference to what stands behind a block that it did not run to its end: it leaves, or sets what is asked there.</summary>
    private bool Matters(ImmutableArray<Statement> body, Scope scope)
    {
        var set = new Dictionary<string, List<Expression?>>(StringComparer.Ordinal);
        foreach (var statement in body)
        {
            Assigned(statement, set, 0);
        }

        return body.Any(s => Holds<ReturnStatement>(s, 0) || Holds<BreakStatement>(s, 0) || Holds<ContinueStatement>(s, 0))
            || set.Keys.Any(n => scope.Names.TryGetValue(n, out var was) && Here(was).Possible().Any(v => v is ConstantValue));
    }

    private static bool Holds<T>(PythonNode node, int depth)
        where T : Statement => node is T || (depth < 60 && node is not (FunctionDefinition or ClassDefinition or LambdaExpression) && PythonTree.Children(node).Any(c => Holds<T>(c, depth + 1)));
}
