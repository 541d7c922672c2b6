using System.Globalization;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Loops that call a module: what counts their rounds, and how many there are, as <c>__init__</c> can say it.</summary>
internal sealed class LoopRounds(SourceFiles files, Func<SourceClass, ClassFamily> familyOf)
{
    private readonly SourceTree _tree = files.Main;

    /// <summary>The one loop or comprehension of a method whose rounds evaluate a call; or why it may run several times otherwise.</summary>
    public static (PythonNode? Loop, string? Reason) Around(SourceTree tree, CallExpression call, FunctionDefinition method)
    {
        var around = tree.Ancestors(call).TakeWhile(a => a != method).Where(a => a is WhileStatement or ForStatement or ComprehensionExpression or LambdaExpression or FunctionDefinition).ToList();
        return around switch
        {
            [] => (null, null),
            [ForStatement or ComprehensionExpression] => (IsRepeated(around[0], call) ? around[0] : null, null),
            [WhileStatement w] when CountedWhile.Of(tree, w) is not null && !SourceTree.Below(w.Test).Contains(call) => (w, null),
            [ForStatement inner, ForStatement outer] when IsRepeated(inner, call) && IsRepeated(outer, call) && RangeOf(tree, inner) is not null => (inner, null),
            _ => (null, around.Count > 1 ? "loops inside loops" : "a loop without a count, or an inner function"),
        };
    }

    /// <summary>The loop around a loop, in the same method; null where there is none.</summary>
    public static ForStatement? Outer(SourceTree tree, PythonNode loop) => tree.Ancestors(loop).TakeWhile(a => a is not FunctionDefinition).OfType<ForStatement>().FirstOrDefault();

    /// <summary>The number of <c>range(number)</c> over which a loop goes.</summary>
    public static Expression? RangeOf(SourceTree tree, PythonNode loop) =>
        loop is ForStatement { Iterable: CallExpression { Function: NameExpression { Name: "range" }, Arguments: [{ Name: null, Stars: 0, Value: var number }] } range } && tree.Find("range", range) is null ? number : null;

    /// <summary>Whether each round evaluates the call: not what is iterated, nor the else.</summary>
    public static bool IsRepeated(PythonNode loop, CallExpression call) => loop switch
    {
        ForStatement f => !(call.Start >= f.Iterable.Start && call.End <= f.Iterable.End) && !f.OrElse.Any(s => call.Start >= s.Start && call.End <= s.End),
        ComprehensionExpression c => !(call.Start >= c.Clauses[0].Iterable.Start && call.End <= c.Clauses[0].Iterable.End),
        _ => true,
    };

    /// <summary>Whether a loop's own words say how many rounds it has: <c>range(3)</c>.</summary>
    public static bool IsWrittenOut(PythonNode loop) => loop is not WhileStatement && IterableOf(loop) is CallExpression { Function: NameExpression { Name: "range" }, Arguments: [{ Name: null, Stars: 0, Value: NumberExpression }] };

    /// <summary>The same with one round less.</summary>
    public static string Less(string count) => count.StartsWith("range(", StringComparison.Ordinal) && !count.Contains(',', StringComparison.Ordinal)
        ? int.TryParse(count[6..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? string.Create(CultureInfo.InvariantCulture, $"range({number - 1})") : $"range({(count.Contains(" or ", StringComparison.Ordinal) ? $"({count[6..^1]})" : count[6..^1])} - 1)"
        : $"{count}[1:]";

    /// <summary>The name that counts the loop's rounds from 0, and what gives it that name.</summary>
    public (string? Index, List<SourceEdit> Edits, string? Reason) Index(PythonNode loop, CallExpression call)
    {
        if (loop is WhileStatement w)
        {
            return (CountedWhile.Of(_tree, w)!.Value.Counter, [], null);
        }

        if (Outer(_tree, loop) is not { } outer)
        {
            return Index(loop, call, []);
        }

        // Of loops in each other: so many rounds of the inner one for each of the outer.
        var (first, edits, no) = Index(outer, call, []);
        var (second, further, noFurther) = first is null ? (null, [], no) : Index(loop, call, [first]);
        return second is null || RangeOf(_tree, loop) is not { } number ? (null, [], noFurther ?? "it leaves out rounds, or has several clauses") : ($"{Factor(first!)} * {Factor(_tree.Text(number))} + {second}", [.. edits, .. further], null);
    }

    /// <summary>A part of a product.</summary>
    private static string Factor(string text) => text.Contains(' ', StringComparison.Ordinal) ? $"({text})" : text;

    private (string? Index, List<SourceEdit> Edits, string? Reason) Index(PythonNode loop, CallExpression call, string[] taken)
    {
        var (target, iterable) = loop switch
        {
            ForStatement f => (f.Target, f.Iterable),
            ComprehensionExpression { Clauses: [{ IsAsync: false, Conditions.IsEmpty: true } only] } c when call.Start >= c.Element.Start && call.End <= c.Element.End => (only.Target, only.Iterable),
            _ => (null, null),
        };
        if (target is null || iterable is null || _tree.Method(call).Method is not { } method)
        {
            return (null, [], "it leaves out rounds, or has several clauses");
        }

        var isRange = iterable is CallExpression { Function: NameExpression { Name: "range" }, Arguments: [{ Name: null, Stars: 0 }] } && _tree.Find("range", iterable) is null;
        var body = loop is ForStatement statement ? statement.Body.Cast<PythonNode>() : [loop];
        bool IsFree(string name) => !_tree.Nodes.OfType<NameExpression>().Any(n => n.Name == name && n.Start >= method.Start && n.End <= method.End) && !method.Parameters.Any(p => p.Name == name) && _tree.Module.Find(name) is null;
        bool IsAssigned(string name) => body.SelectMany(SourceTree.Below).OfType<NameExpression>().Any(n => n.Name == name && n != target && AttributeUses.IsTarget(_tree, n));
        if (isRange && target is NameExpression { Name: not "_" } index && !IsAssigned(index.Name))
        {
            return (index.Name, [], null);
        }

        if (iterable is CallExpression { Function: NameExpression { Name: "enumerate" }, Arguments.Length: 1 } && target is TupleExpression { Elements: [NameExpression { Name: not "_" } counted, _] } && !IsAssigned(counted.Name))
        {
            return (counted.Name, [], null);
        }

        if (iterable is CallExpression { Function: NameExpression { Name: "enumerate" }, Arguments: [{ Name: null, Stars: 0 }, { Name: null or "start", Stars: 0, Value: NumberExpression start }] } && target is TupleExpression { Elements: [NameExpression { Name: not "_" } from, _] } && !IsAssigned(from.Name))
        {
            return ($"{from.Name} - {_tree.Text(start)}", [], null);
        }

        var free = new[] { "i", "j", "k", "index", "step_index" }.FirstOrDefault(n => !taken.Contains(n) && IsFree(n));
        if (free is null)
        {
            return (null, [], "no name is free for its count");
        }

        if (isRange && target is NameExpression unused && !SourceTree.Below(method).OfType<NameExpression>().Any(n => n.Name == unused.Name && n != target))
        {
            return (free, [new(new(unused.Start, unused.End), free)], null);
        }

        var text = _tree.Text(target);
        var isTuple = target is TupleExpression && text.Length > 0 && text[0] != '(';
        return (free,
        [
            new(new(target.Start, target.End), $"{free}, {(isTuple ? $"({text})" : text)}"),
            new(new(iterable.Start, iterable.Start), "enumerate(", iterable.End),
            new(new(iterable.End, iterable.End), ")"),
        ], null);
    }

    /// <summary><c>for i, f in enumerate(self.fs)</c> becomes <c>for i, (f, act) in enumerate(zip(self.fs, self.act))</c>, with the name of the element; null where a loop is written otherwise.</summary>
    public (string Element, List<SourceEdit> Edits)? Together(PythonNode loop, CallExpression call, string attribute)
    {
        if (Outer(_tree, loop) is not null)
        {
            return null;
        }

        var (over, iterable) = loop switch
        {
            ForStatement { OrElse.IsEmpty: true } f => (f.Target, f.Iterable),
            ComprehensionExpression { Clauses: [{ IsAsync: false, Conditions.IsEmpty: true } only] } => (only.Target, only.Iterable),
            _ => (null, null),
        };
        if (over is null || iterable is null || Leaves(loop) || _tree.Method(call).Method is not { } method)
        {
            return null;
        }

        bool IsFree(string name) => !SourceTree.Below(method).OfType<NameExpression>().Any(n => n.Name == name) && !method.Parameters.Any(p => p.Name == name) && _tree.Module.Find(name) is null;
        var element = new[] { attribute, $"{attribute}_module", $"each_{attribute}" }.FirstOrDefault(IsFree);
        if (element is null || _tree.HasComment(over.Start, iterable.End))
        {
            return null;
        }

        var list = $"{ClassFamily.Self(method)}.{attribute}";
        var target = _tree.Text(over);
        var each = target.StartsWith('(') || over is not TupleExpression ? target : $"({target})";
        var (variables, walked) = iterable switch
        {
            CallExpression { Function: NameExpression { Name: "range" }, Arguments: [{ Name: null, Stars: 0 }] } => over is NameExpression n ? (SourceTree.Below(method).OfType<NameExpression>().Any(u => u.Name == n.Name && u != n) ? $"{target}, {element}" : element, "") : default,
            CallExpression { Function: NameExpression { Name: "enumerate" }, Arguments: [{ Name: null, Stars: 0, Value: CallExpression { Function: NameExpression { Name: "zip" }, Arguments: var zipped } }] }
                when over is TupleExpression { Elements: [NameExpression i, TupleExpression all] } && zipped.All(a => a is { Name: null, Stars: 0 }) && all.Elements.Length == zipped.Length =>
                ($"{i.Name}, ({string.Join(", ", all.Elements.Select(e => _tree.Text(e)))}, {element})", $"enumerate(zip({string.Join(", ", zipped.Select(a => _tree.Text(a)))}, {list}))"),
            CallExpression { Function: NameExpression { Name: "enumerate" }, Arguments: [{ Name: null, Stars: 0, Value: var of }] } when over is TupleExpression { Elements: [NameExpression i, var other] } =>
                ($"{i.Name}, ({(other is TupleExpression && _tree.File.Text[other.Start] != '(' ? $"({_tree.Text(other)})" : _tree.Text(other))}, {element})", $"enumerate(zip({_tree.Text(of)}, {list}))"),
            CallExpression { Function: NameExpression { Name: "zip" }, Arguments: var given } when given.All(a => a is { Name: null, Stars: 0 }) && over is TupleExpression t && t.Elements.Length == given.Length => ($"{string.Join(", ", t.Elements.Select(e => _tree.Text(e)))}, {element}", $"zip({string.Join(", ", given.Select(a => _tree.Text(a)))}, {list})"),
            AttributeExpression a => ($"{each}, {element}", $"zip({_tree.Text(a)}, {list})"),
            _ => default,
        };
        if (variables is null)
        {
            return null;
        }

        var walk = walked!.Length > 0 ? walked : variables == element ? list : $"enumerate({list})";
        return (element, [new(new(over.Start, over.End), variables), new(new(iterable.Start, iterable.End), walk)]);
    }

    /// <summary>Whether it has a break or continue of its own: TorchScript, which unrolls loops over modules, takes none there.</summary>
    private static bool Leaves(PythonNode loop)
    {
        var pending = new Stack<PythonNode>(loop is ForStatement f ? f.Body : []);
        while (pending.TryPop(out var node))
        {
            if (node is BreakStatement or ContinueStatement)
            {
                return true;
            }

            if (node is not (ForStatement or WhileStatement or FunctionDefinition or ClassDefinition))
            {
                PythonTree.Children(node).ToList().ForEach(pending.Push);
            }
        }

        return false;
    }

    /// <summary>What a list in <c>__init__</c> is built over so that it has an element for each round.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="definition">The statement of <c>__init__</c> behind which the list is to stand.</param>
    /// <param name="owner">The class.</param>
    /// <param name="last">The statement behind which it can stand: that, or one that sets what counts the rounds.</param>
    /// <param name="read">Gets the attributes that count the rounds.</param>
    public (string? Count, string? Reason) Count(PythonNode loop, Statement definition, SourceClass owner, ref Statement last, HashSet<string>? read = null)
    {
        if (Outer(_tree, loop) is not { } outer)
        {
            return CountOne(loop, definition, owner, ref last, read);
        }

        var (all, no) = CountOne(outer, definition, owner, ref last, read);
        var (each, noEach) = all is null ? (null, no) : CountOne(loop, definition, owner, ref last, read);
        var times = RangeOf(_tree, outer) is not null ? all?[6..^1] : outer.Iterable is AttributeExpression ? $"len({Bare(all ?? "")})" : null;
        return each is null || times is null ? (null, noEach ?? "its rounds are not known in __init__") : ($"range({Factor(times)} * {Factor(each[6..^1])})", null);
    }

    private (string? Count, string? Reason) CountOne(PythonNode loop, Statement definition, SourceClass owner, ref Statement last, HashSet<string>? read)
    {
        var iterable = loop is WhileStatement ? null : IterableOf(loop);

        // What is counted from another number, or gone over from behind, has as many rounds.
        while (iterable is CallExpression { Function: NameExpression { Name: "enumerate" or "reversed" } of, Arguments: [{ Name: null, Stars: 0 } inner, .. { Length: 0 or 1 }] } && _tree.Find(of.Name, iterable) is null)
        {
            iterable = inner.Value;
        }

        if (iterable is TupleExpression or ListExpression)
        {
            var elements = iterable is TupleExpression t ? t.Elements : ((ListExpression)iterable).Elements;
            return elements.Any(e => e is StarredExpression) ? (null, "its rounds are not known in __init__") : ($"range({elements.Length})", null);
        }

        if (Unpacked(loop) is { } count)
        {
            return (string.Create(CultureInfo.InvariantCulture, $"range({count})"), null);
        }

        var init = owner.MethodNamed("__init__");
        if (init is null || !init.Body.Contains(definition) || ClassFamily.Self(init) is not { } self || _tree.Method(loop).Method is not { } method || ClassFamily.Self(method) is not { } own)
        {
            return (null, "the module is not defined at the level of __init__ itself");
        }

        var isSure = AlwaysRuns(loop, method);
        var reason = "how many rounds it has is not fixed in __init__ before the module is defined";
        if (loop is WhileStatement w)
        {
            return Fixed(CountedWhile.Of(_tree, w)!.Value.Limit, own, self, init, isSure ? null : "0", ref last, read) is { } limit ? ($"range({Bare(limit)})", null) : (null, reason);
        }

        if (iterable is CallExpression { Function: NameExpression { Name: "range" }, Arguments: { Length: 1 or 2 or 3 } arguments } && _tree.Find("range", iterable) is null && arguments.All(a => a.Name is null && a.Stars == 0))
        {
            var parts = new List<string?>();
            foreach (var argument in arguments)
            {
                parts.Add(Fixed(argument.Value, own, self, init, isSure ? null : "0", ref last, read) is { } part ? Bare(part) : null);
            }

            return parts.Contains(null) ? (null, reason) : ($"range({string.Join(", ", parts)})", null);
        }

        // Of several lists side by side one is as long as there can be rounds.
        var lists = iterable is CallExpression { Function: NameExpression { Name: "zip" } } zip && zip.Arguments.All(a => a.Name is null && a.Stars == 0) ? zip.Arguments.Select(a => a.Value) : [iterable!];
        foreach (var list in lists)
        {
            var (held, part) = list switch
            {
                AttributeExpression a => (a, ""),
                SubscriptExpression { Value: AttributeExpression a, Index: SliceExpression { Lower: var lower, Upper: var upper, Step: null } s } when IsNumber(lower) && IsNumber(upper) => (a, $"[{_tree.Text(s)}]"),
                CallExpression { Function: AttributeExpression { Name: "items" or "values" or "keys", Value: AttributeExpression a }, Arguments.IsEmpty: true } => (a, ""),
                _ => (null, ""),
            };
            if (held is not null && Fixed(held, own, self, init, isSure ? null : "()", ref last, read) is { } text)
            {
                return (text + part, null);
            }
        }

        return (null, reason);
    }

    private static bool IsNumber(Expression? bound) => bound is null or NumberExpression or UnaryExpression { Operator: PythonOperator.Minus, Operand: NumberExpression };

    /// <summary>How many values a generator or list has to give so that as many names take them: <c>q, k = (self.split(t) for t in qk)</c>.</summary>
    private int? Unpacked(PythonNode loop)
    {
        if (loop is not ComprehensionExpression { Value: null, Clauses: [{ Conditions.IsEmpty: true }] } || _tree.Method(loop).Method is null)
        {
            return null;
        }

        var whole = loop;
        if (_tree.Parent(whole) is Argument { Name: null, Stars: 0 } argument && _tree.Parent(argument) is CallExpression { Function: NameExpression { Name: "tuple" or "list" }, Arguments.Length: 1 } made && _tree.Find("tuple", made) is null && _tree.Find("list", made) is null)
        {
            whole = made;
        }

        return _tree.Parent(whole) is AssignStatement { Targets: [TupleExpression targets] } && !targets.Elements.Any(t => t is StarredExpression) ? targets.Elements.Length : null;
    }

    private static Expression IterableOf(PythonNode loop) => loop is ForStatement f ? f.Iterable : ((ComprehensionExpression)loop).Clauses[0].Iterable;

    /// <summary>Whether each pass runs the loop, so that what it counts is there to be counted in <c>__init__</c> too.</summary>
    private bool AlwaysRuns(PythonNode loop, FunctionDefinition method)
    {
        var within = _tree.Ancestors(loop).TakeWhile(a => a != method).ToList();
        var statement = loop as Statement ?? within.OfType<Statement>().FirstOrDefault();
        return method.Name == "forward" && statement is not null && method.Body.Contains(statement)
            && !within.Exists(a => a is ConditionalExpression or BooleanExpression or LambdaExpression or ComprehensionExpression)
            && !method.Body.TakeWhile(s => s != statement).SelectMany(SourceTree.Below).Any(n => n is ReturnStatement or RaiseStatement);
    }

    /// <summary>An attribute's value, or what has no rounds where it is None and the loop would not be reached.</summary>
    private static string OrNothing(string text, string nothing, bool isSure) => isSure ? text : $"({text} or {nothing})";

    /// <summary>A sum or product with the parentheses around its parts, which their texts leave out; null where a remark stands between them.</summary>
    private string? Joined(BinaryExpression whole, string left, string right)
    {
        var between = _tree.File.Text[whole.Left.End..whole.Right.Start].Trim();
        var op = between.Trim('(', ')', ' ', '\\', '\r', '\n', '\t');
        return _tree.HasComment(whole.Left.End, whole.Right.Start) ? null : $"{(between[0] == ')' ? $"({left})" : left)} {op} {(between[^1] == '(' ? $"({right})" : right)}";
    }

    private static string Bare(string text) => text.Length > 1 && text[0] == '(' && text.IndexOf(')', StringComparison.Ordinal) == text.Length - 1 ? text[1..^1] : text;

    /// <summary>The text of a number or a list that is the same in the method as in <c>__init__</c> where the module is defined; null where that is not sure.</summary>
    private string? Fixed(Expression value, string own, string self, FunctionDefinition init, string? nothing, ref Statement last, HashSet<string>? read)
    {
        switch (value)
        {
            case NumberExpression or UnaryExpression { Operator: PythonOperator.Minus, Operand: NumberExpression }:
                return _tree.Text(value);
            case CallExpression { Function: NameExpression { Name: "len" }, Arguments: [{ Name: null, Stars: 0 } of] }:
                return Fixed(of.Value, own, self, init, nothing is null ? null : "()", ref last, read) is { } inner ? $"len({Bare(inner)})" : null;
            case BinaryExpression { Operator: PythonOperator.Add or PythonOperator.Subtract or PythonOperator.Multiply or PythonOperator.FloorDivide } b:
                return Fixed(b.Left, own, self, init, nothing, ref last, read) is { } left && Fixed(b.Right, own, self, init, nothing, ref last, read) is { } right ? Joined(b, left, right) : null;
            case AttributeExpression { Value: NameExpression owner } a when owner.Name == own:
                // Other classes' own attributes of that name are theirs.
                var family = familyOf(new(_tree, _tree.Method(init.Body[0]).Class!));
                var targets = files.All.SelectMany(t => t.Nodes.OfType<AttributeExpression>().Where(n => n.Name == a.Name && AttributeUses.IsTarget(t, n)).Select(n => (Tree: t, Node: n)))
                    .Where(u => !AttributeUses.IsOfSelf(u.Tree, u.Node) || u.Tree.Method(u.Node).Class is not { } other || family.Members.Contains(new(u.Tree, other))).ToList();
                // Nobody makes a list longer later.
                var filled = files.All.SelectMany(t => t.Nodes.OfType<AttributeExpression>().Where(n => n.Name == a.Name && SetInInit.IsFilled(t, n)).Select(n => (Tree: t, Node: n)))
                    .Where(u => !AttributeUses.IsOfSelf(u.Tree, u.Node) || u.Tree.Method(u.Node).Class is not { } other || family.Members.Contains(new(u.Tree, other))).ToList();
                if (targets.Concat(filled).Any(t => t.Tree != _tree) || SetInInit.Of(_tree, init, targets.ConvertAll(t => t.Node), filled.ConvertAll(t => t.Node)) is not [.., var statement] || _tree.Behind(statement) is null)
                {
                    return null;
                }

                // What a checkpoint sets may be another number later.
                var values = targets.Select(t => _tree.Parent(t.Node)).OfType<AssignStatement>().Select(s => s.Value).ToList();
                if (values.Exists(IsTensor))
                {
                    return null;
                }

                if (statement.End > last.End)
                {
                    // Behind a return the list would not be there.
                    var from = last.Start;
                    if (statement is not AssignStatement && init.Body.SkipWhile(s => s.End <= from).TakeWhile(s => s.Start <= statement.Start).Any(InitBody.Returns))
                    {
                        return null;
                    }

                    last = statement;
                }

                read?.Add(a.Name);
                return OrNothing($"{self}.{a.Name}", nothing ?? "", nothing is null || values.TrueForAll(v => v is NumberExpression or ListExpression || (v is CallExpression made && _tree.Resolve(made.Function) is "torch.nn.ModuleList" or "torch.nn.Sequential" or "torch.nn.ModuleDict")));
            default:
                return null;
        }
    }

    private bool IsTensor(Expression value) => value is CallExpression call
        && (_tree.Resolve(call.Function) is { } path ? path.StartsWith("torch.", StringComparison.Ordinal) && path is not ("torch.nn.ModuleList" or "torch.nn.Sequential")
            : call.Function is AttributeExpression { Value: CallExpression inner } && IsTensor(inner));
}
