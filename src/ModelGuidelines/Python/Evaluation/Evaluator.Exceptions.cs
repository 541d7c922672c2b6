using System.Collections.Immutable;
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
        var missing = _missingImports;
        _missingImports = null;

        // Any statement may raise; a handler that does more than give up is followed as the other way.
        var handler = s.Handlers.FirstOrDefault(h => IsWorthFollowing(h.Body));
        var raises = s.Body.Any(b => b is RaiseStatement);
        var isImport = s.Body.All(b => b is ImportStatement or ImportFromStatement or AssignStatement or ExpressionStatement or IfStatement) && s.Body.Any(b => b is ImportStatement or ImportFromStatement);
        if (handler is not null && !isImport && !raises && Observer is not null)
        {
            scope.AtYield = null; // what stands within runs whether the handler does or not
            var line = scope.Module.File.PositionOf(s.Start).Line;
            var fails = Conditions.NewAtom(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"an exception in the block of line {line}"));
            Fork(fails, () =>
            {
                ForgetFlags(s.Body, scope);
                Handle(handler, scope, caught);
            }, () =>
            {
                TryBody(s, scope);
                Catch(s, before, scope, caught);
            });
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
            else
            {
                Catch(s, before, scope, caught);
            }
        }

        _missingImports = missing;
        _caught = caught;
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
            Handle(s.Handlers.FirstOrDefault(h => IsWorthFollowing(h.Body)) ?? s.Handlers[0], scope, caught);
            Now = Now.Or(after);
        }
    }

    /// <summary>Flags that a body sets: where something in it raised, whether that was before or after cannot be told.</summary>
    private void ForgetFlags(ImmutableArray<Statement> body, Scope scope)
    {
        var set = new Dictionary<string, List<Expression?>>(StringComparer.Ordinal);
        foreach (var statement in body)
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
}
