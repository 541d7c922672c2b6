using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <content>What may stand for a module or a function that was called: a new attribute, an element of a list, what a method is handed.</content>
internal sealed partial class TreeProof
{
    /// <summary>The parameter for a module of each method that got one.</summary>
    private readonly Dictionary<string, string> _handed = new(StringComparer.Ordinal);

    /// <summary>Methods that call what they are handed.</summary>
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);

    /// <summary>Methods that were handed a module by a new keyword.</summary>
    private readonly HashSet<string> _handing = new(StringComparer.Ordinal);

    /// <summary>What of the original is called, or handed on, by a new attribute now.</summary>
    private readonly Dictionary<PythonNode, SourceChange> _taken = new(ReferenceEqualityComparer.Instance);

    /// <summary>Where each new attribute is called or handed on, in the changed text.</summary>
    private readonly Dictionary<SourceChange, HashSet<PythonNode>> _users = new(ReferenceEqualityComparer.Instance);

    /// <summary>The calls of functions that new modules took over.</summary>
    private readonly Dictionary<SourceChange, CallExpression> _replaced = [];

    /// <summary>The loops that count the elements of a new list, and whether the first round calls the module of before.</summary>
    private readonly List<(SourceChange Change, PythonNode Loop, PythonNode? Outer, bool IsLess)> _counted = [];

    /// <summary>A module that a changed expression stands for.</summary>
    /// <param name="Change">What made its attribute.</param>
    /// <param name="IsLess">Whether the first round calls the module of before.</param>
    private readonly record struct NewModule(SourceChange Change, bool IsLess = false);

    /// <summary>Whether a node of the changed text is a known form of one of the original; null where it is none that a change makes.</summary>
    private bool? Known(PythonNode before, PythonNode after)
    {
        if (before is Expression and (AttributeExpression or NameExpression or SubscriptExpression) && after is Expression stands && !IsWritten(before) && Module((Expression)before, stands) is { Change.Kind: RepairKind.ModuleCopy } module && IsModule((Expression)before, module.Change))
        {
            // What a method calls of its own, where it is handed nothing, stays the first.
            return Take(before, after is ConditionalExpression { OrElse: NameExpression } ? null : after, module.Change) && Counted(module);
        }

        if (before is CallExpression call)
        {
            if (after is CallExpression replaced && Module(call, replaced.Function) is { Change.Kind: RepairKind.FunctionalToModule } made && IsOperation(call, made.Change))
            {
                Take(call, replaced, made.Change);
                _replaced[made.Change] = call;
                return Inputs(call, replaced, made.Change) && Counted(made);
            }

            if (after is CallExpression handing && Handing(call, handing) is { } handed)
            {
                return handed;
            }

            if (after is TupleExpression unfolded && Unfolded(call, unfolded) is { } mapped)
            {
                return mapped;
            }
        }

        return before is AssignStatement defined && after is AssignStatement redefined ? Redefined(defined, redefined) : before is Expression held && after is Expression copied ? Held(held, copied) : null;
    }

    private bool IsWritten(PythonNode node) => AttributeUses.IsTarget(_before, node);

    private bool Take(PythonNode before, PythonNode? after, SourceChange change)
    {
        _taken[before] = change;
        if (after is not null)
        {
            (_users.TryGetValue(change, out var users) ? users : _users[change] = new(ReferenceEqualityComparer.Instance)).Add(after);
        }

        return true;
    }

    private bool Counted(NewModule module)
    {
        if (module.Change.IsList)
        {
            _counted.Add((module.Change, _rounds[^1].Loop!, _rounds.Count > 1 ? _rounds[^2].Loop : null, module.IsLess));
        }

        return true;
    }

    /// <summary>The new module that an expression of the changed text stands for: <c>self.act2</c>, <c>self.act[i]</c>, <c>act</c> in a loop that walks the list, <c>(self.act if act is None else act)</c> in a method that is handed it.</summary>
    private NewModule? Module(Expression before, Expression after)
    {
        switch (after)
        {
            case AttributeExpression a when AttributeUses.IsOfSelf(_after, a) && _new.GetValueOrDefault(a.Name) is { IsList: false } change:
                // Of what stands in a loop, or in a function inside, each run is told by the walk.
                return new(change);

            case SubscriptExpression { Index: var index, Value: var list } when ListOf(list) is { } name && Counter() is { } counter && Bare(_after.Text(index)) == counter:
                return new(_new.GetValueOrDefault(name) ?? _lists[name]);

            case NameExpression name when _rounds is [{ Element: { } element }] && element.Name == name.Name:
                return new(_new.GetValueOrDefault(element.List) ?? _lists[element.List]);

            // (self.act2[i - 1] if i else self.act)
            case ConditionalExpression { Test: var test, Body: SubscriptExpression { Value: var list, Index: BinaryExpression { Operator: PythonOperator.Subtract, Right: NumberExpression { Text: "1" }, Left: var round } }, OrElse: AttributeExpression first }
                when ListOf(list) is { } name && Counter() is { } counter && Bare(_after.Text(test)) == counter && Bare(_after.Text(round)) == counter && _new.GetValueOrDefault(name) is { } change && AttributeUses.IsOfSelf(_after, first) && first.Name == change.Copied:
                return new(change, IsLess: true);

            case ConditionalExpression { Test: CompareExpression { Operators: [PythonOperator.Is], Operands: [NameExpression asked, ConstantExpression { Value: PythonConstant.None }] }, Body: AttributeExpression own, OrElse: NameExpression given }
                when given.Name == asked.Name && _before.Method(before).Method is { } method && _handed.GetValueOrDefault(method.Name) == given.Name && AttributeUses.IsOfSelf(_after, own):
                // The object's own is the module of before, or that of the function; which ones the calls hand on is told there.
                _asked.Add(method.Name);
                return _new.GetValueOrDefault(own.Name) is { IsList: false, Kind: RepairKind.FunctionalToModule } function ? new(function)
                    : _changes.FirstOrDefault(c => c is { Kind: RepairKind.ModuleCopy, Shared: null, IsList: false } && c.Copied == own.Name) is { } copy ? new(copy) : null;
            default:
                return null;
        }
    }

    /// <summary>What counts the rounds of the one loop around.</summary>
    private string? Counter() => _rounds switch
    {
        [{ Counter: { } counter, Loop: not null }] => counter,

        // i * 3 + j: so many rounds of the inner loop for each of the outer.
        [{ Counter: { } outer, Loop: ForStatement }, { Counter: { } inner, Loop: ForStatement loop }] when LoopRounds.RangeOf(_before, loop) is { } number =>
            $"{Factor(outer, outer.Contains('-', StringComparison.Ordinal))}*{Factor(Bare(_before.Text(number)), number is not (NumberExpression or AttributeExpression))}+{inner}",
        _ => null,
    };

    private static string Factor(string text, bool isSum) => isSum ? $"({text})" : text;

    private static string Bare(string text) => string.Concat(text.Where(c => !char.IsWhiteSpace(c)));

    /// <summary>Whether an expression of the original stands for the module that a change copies.</summary>
    private bool IsModule(Expression before, SourceChange change)
    {
        if (_before.Method(before).Class is not { } type || !IsKin(type, change.Class))
        {
            return false;
        }

        switch (before)
        {
            case AttributeExpression a when AttributeUses.IsOfSelf(_before, a) && a.Name == change.Copied:
                return true;

            case SubscriptExpression { Value: AttributeExpression held } element when AttributeUses.IsOfSelf(_before, held) && change.Copied.LastIndexOf('.') is var dot and > 0 && held.Name == change.Copied[..dot]:
                return Key(element.Index, held.Name, change) == change.Copied[(dot + 1)..];

            // A local name, or a property, that is the module and nothing else.
            case NameExpression name when _before.Method(name).Method is { } method && _before.ScopeOf(method).Find(name.Name) is { All: [{ By: AssignStatement { Targets: [NameExpression], Value: AttributeExpression held } }] } binding && _before.Find(name.Name, name) == binding:
                return IsModule(held, change);

            case AttributeExpression of when AttributeUses.IsOfSelf(_before, of):
                return Kin(change.Class).SelectMany(c => c.Body.OfType<FunctionDefinition>()).Where(f => f.Name == of.Name).ToList() is [{ Decorators: [NameExpression { Name: "property" }] } property]
                    && property.Body.SkipWhile(s => s is ExpressionStatement { Value: StringExpression }).ToList() is [ReturnStatement { Value: AttributeExpression returned }] && IsModule(returned, change);
            default:
                return false;
        }
    }

    private string? Key(Expression index, string holder, SourceChange change) => index switch
    {
        StringExpression { IsBytes: false } text => text.Value,
        NumberExpression number => number.Text,
        UnaryExpression { Operator: PythonOperator.Minus, Operand: NumberExpression back } when back.TryGetInteger(out var number) && Elements(holder, change.Class).Count is var count and > 0 => (count - number).ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => null,
    };

    /// <summary>Whether a call of the original calls the function of a finding.</summary>
    private bool IsOperation(CallExpression call, SourceChange change)
    {
        var name = call.Function switch
        {
            NameExpression n => _before.Resolve(n) is { } path ? path[(path.LastIndexOf('.') + 1)..] : null,
            AttributeExpression a => a.Name,
            _ => null,
        };
        return name is not null && change.Class == _before.Method(call).Class && OperationTable.Canonical(name) == OperationTable.Canonical(change.Finding.Operator ?? "");
    }

    /// <summary>What a call of a function says, by the function's parameters; null where that cannot be told.</summary>
    private (List<(int Position, Expression Value)> Inputs, Dictionary<string, Expression> Others)? Bound(CallExpression call, OperationInfo info)
    {
        if (call.Arguments.Any(a => a.Stars > 0) || info.Parameters.IsDefault)
        {
            return null;
        }

        var inputs = new List<(int Position, Expression Value)>();
        var rest = new Dictionary<string, Expression>(StringComparer.Ordinal);
        if (_before.Resolve(call.Function) is null)
        {
            inputs.Add((0, ((AttributeExpression)call.Function).Value));
        }

        var offset = inputs.Count;
        foreach (var (argument, i) in call.Arguments.Select((a, i) => (a, i)))
        {
            var position = argument.Name switch
            {
                null => i + offset,
                "x1" => 0,
                "x2" => 1,
                var name => info.Parameters.IndexOf(name),
            };
            if (position < 0 || position >= info.Parameters.Length)
            {
                return null;
            }

            if (position < info.TensorInputs)
            {
                inputs.Add((position, argument.Value));
            }
            else if (!rest.TryAdd(info.Parameters[position], argument.Value))
            {
                return null;
            }
        }

        return (inputs, rest);
    }

    private static OperationInfo? Info(CallExpression call, SourceChange change) => OperationTable.Find(change.Finding.Operator ?? "") switch
    {
        { Name: "pad" } pad => Padding.Of(call, pad),
        { Name: "interpolate" } upsample when call.Function is AttributeExpression { Name: "upsample_bilinear" or "upsample_nearest" } or NameExpression { Name: "upsample_bilinear" or "upsample_nearest" } =>
            upsample with { ModuleClass = (call.Function as AttributeExpression)?.Name == "upsample_bilinear" || (call.Function as NameExpression)?.Name == "upsample_bilinear" ? "torch.nn.UpsamplingBilinear2d" : "torch.nn.UpsamplingNearest2d", Parameters = ["input", "size", "scale_factor"], ConstructorParameters = ["size", "scale_factor"] },
        var other => other,
    };

    /// <summary>Whether the module is called with the inputs of the function, in order.</summary>
    private bool Inputs(CallExpression before, CallExpression after, SourceChange change)
    {
        if (Info(before, change) is not { } info || Bound(before, info) is not var (inputs, _))
        {
            return false;
        }

        return inputs.Count == after.Arguments.Length && inputs.Select(i => i.Position).SequenceEqual(Enumerable.Range(0, inputs.Count))
            && inputs.Zip(after.Arguments).All(p => p.Second is { Name: null, Stars: 0 } && Same(p.First.Value, p.Second.Value));
    }

    /// <summary><c>self.block(x)</c> becomes <c>self.block(x, act=self.act2)</c>; null for anything else.</summary>
    private bool? Handing(CallExpression before, CallExpression after)
    {
        if (after.Arguments.Length != before.Arguments.Length + 1 || after.Arguments[^1] is not { Name: { } name, Value: AttributeExpression { Name: var attribute } module } || !AttributeUses.IsOfSelf(_after, module) || _new.GetValueOrDefault(attribute) is not { IsList: false } change
            || before.Function is not AttributeExpression { Name: var helper } called || !AttributeUses.IsOfSelf(_before, called) || _before.Text(called) != _after.Text(after.Function) || _rounds.Count > 0)
        {
            return null;
        }

        // The method may stand below: that it takes the module is asked at the end.
        _handing.Add($"{helper} {name}");
        Take(before, after, change);
        return before.Arguments.Zip(after.Arguments).All(p => Same(p.First, p.Second));
    }

    /// <summary><c>map(self.split, (q, k))</c> becomes <c>self.split(q), self.split2(k)</c>.</summary>
    private bool? Unfolded(CallExpression before, TupleExpression after)
    {
        if (before is not { Function: NameExpression { Name: "map" }, Arguments: [{ Name: null, Stars: 0, Value: AttributeExpression of }, { Name: null, Stars: 0, Value: TupleExpression or ListExpression }] } || _before.Find("map", before) is not null
            || _before.Parent(before) is not AssignStatement { Targets: [TupleExpression targets] } || targets.Elements.Any(t => t is StarredExpression))
        {
            return null;
        }

        var elements = PythonTree.Children(before.Arguments[1].Value).OfType<Expression>().ToList();
        return elements.Count == after.Elements.Length && elements.Count == targets.Elements.Length && elements.TrueForAll(e => e is NameExpression)
            && elements.Zip(after.Elements).All(p => p.Second is CallExpression { Arguments: [{ Name: null, Stars: 0, Value: NameExpression given }] } call && given.Name == ((NameExpression)p.First).Name && Same(of, call.Function));
    }
}
