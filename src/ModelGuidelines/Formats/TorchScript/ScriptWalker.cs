using System.Collections.Immutable;
using System.Globalization;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.TorchScript;

/// <summary>Follows the code from the root's forward on, as one run would, and notes calls of modules, operations and what crosses borders.</summary>
/// <remarks>Nothing is computed but what decides the way: flags, numbers and texts that stand in the code or in <c>data.pkl</c>, and lengths of lists.
/// What the input decides goes both ways; a loop of unknown length is followed once. Work and depth are bounded.</remarks>
internal sealed partial class ScriptWalker
{
    /// <summary>Elements of a list that are kept, and rounds of a <c>while</c> that are followed.</summary>
    private const int MaxUnrolled = 4096;

    /// <summary>Rounds of counting loops within each other that are followed one by one.</summary>
    private const int MaxRounds = 256;
    private const string BranchDoubt = "it stands in a branch that the input decides";
    private const string LoopDoubt = "it stands in a loop whose length the input decides, and two rounds are assumed";

    private readonly ScriptCode _code;
    private readonly ScriptTypes _types;
    private readonly ModelGraphBuilder _graph;
    private readonly TorchArchive _archive;
    private readonly bool _isTraced;
    private readonly bool _includeNodes;
    private readonly Dictionary<string, int> _nodeNames = new(StringComparer.Ordinal);

    /// <summary>Arguments and parameters of the root, whose names no node may bear.</summary>
    private readonly HashSet<string> _rootEdges = new(StringComparer.Ordinal);
    private readonly TraceStacks _stacks = new();
    private readonly Dictionary<(int Module, ValueDirection Direction, string Argument), int> _interfaces = [];
    private readonly List<(int Call, int Depth)> _unlocated = [];
    private readonly Stack<(int Id, int Times, Certainty Certainty)> _loops = new();
    private readonly Dictionary<int, Dictionary<(string, SourceLocation?), int>> _shown = [];
    private readonly InlinedModules _inlined;
    private readonly FrozenOperations? _frozen;
    private readonly Dictionary<string, string> _sameConstants;
    private Dictionary<(string, SourceLocation?), int> _inCall = [];
    private ImmutableArray<BranchArm> _arms = [];
    private Certainty _certainty;
    private SourceLocation? _callSite;
    private int _times = 1;
    private int _rounds = 1;
    private int _uncertainty;
    private int _branches;
    private int _current;
    private int _moduleDepth;
    private int _depth;
    private int _expanded;
    private long _steps;

    /// <param name="code">The archive's code.</param>
    /// <param name="graph">Where what is found goes; modules are in it.</param>
    /// <param name="archive">For limits and cancellation.</param>
    /// <param name="isTraced">Whether the root was traced.</param>
    /// <param name="includeNodes">Whether every operation becomes a node.</param>
    /// <param name="isFrozen">Whether the root's submodules were frozen into its code.</param>
    public ScriptWalker(ScriptCode code, ModelGraphBuilder graph, TorchArchive archive, bool isTraced, bool includeNodes, bool isFrozen)
    {
        _frozen = isFrozen ? new(graph, _stacks) : null;
        _sameConstants = isFrozen && archive.ReadPickle("constants.pkl") is { } constants ? FrozenOperations.SameConstants(constants) : [];
        _includeNodes = includeNodes;
        _code = code;
        _types = new(code);
        _graph = graph;
        _archive = archive;
        _isTraced = isTraced;
        _inlined = new(graph, AddInlinedCall);
    }

    /// <summary>Whether the bounds were reached: what follows is not in the graph.</summary>
    public bool IsExhausted { get; private set; }

    /// <summary>Whether operations of a frozen archive keep no place.</summary>
    public bool HasUnplaced => _frozen is { HasUnplaced: true };

    /// <summary>Whether something was called of which it is not known what it is.</summary>
    public bool HasUnknownCalls { get; private set; }

    /// <summary>Whether a traced module was called: tracing flattens lists and objects.</summary>
    public bool HasTracedModules { get; private set; }

    /// <summary>Whether the borders of modules are gone because their code was inlined.</summary>
    public bool HidesBorders => _inlined.HidesBorders;

    /// <summary>Whether a module returns an object only because it is scripted.</summary>
    public bool ReturnsDifferInPython { get; private set; }

    /// <summary>Follows the root's forward.</summary>
    public void Run(ScriptModule root, FunctionDefinition forward)
    {
        var arguments = forward.Parameters.Skip(1)
            .Select(p => OnEdge(ScriptValue.Of(_types.Read(p.Annotation), defaultsToNone: p.Default is ConstantExpression { Value: PythonConstant.None }), p.Name))
            .ToList();
        _rootEdges.UnionWith(forward.Parameters.Select(p => p.Name).Concat(_graph.Modules[root.Index].Parameters));
        _current = root.Index;
        var file = root.Class!.File;
        var result = Invoke(file, forward, new(ScriptKind.Module) { Module = root }, arguments, new Dictionary<string, ScriptValue>(StringComparer.Ordinal));
        NoteInterfaces(root, forward, arguments, result);
        _inlined.AddGaps();
        _frozen?.Resolve();
    }

    /// <summary>What runs in one call of one function.</summary>
    private sealed class Frame(ScriptFile file)
    {
        public ScriptFile File { get; } = file;

        public Dictionary<string, ScriptValue> Locals { get; set; } = new(StringComparer.Ordinal);

        public ScriptValue? Returned { get; set; }

        /// <summary>The call of a functional to which the last traced operation belonged.</summary>
        public FunctionalCallFold? Fold { get; set; }
    }

    private enum Flow
    {
        Next,
        Returned,
        Raised,
    }

    private void Step(int cost = 1)
    {
        var before = _steps >> 12;
        _steps += cost;
        if (_steps >> 12 != before)
        {
            _archive.Cancellation.ThrowIfCancellationRequested();
            IsExhausted |= _steps > _archive.Limits.Items;
        }
    }

    private static ModelReadException TooDeep() => new("MG.TorchScript.TooDeep", "calls in the archive's code are nested too deeply");

    /// <summary>Runs a function; what it returns.</summary>
    private ScriptValue Invoke(ScriptFile file, FunctionDefinition function, ScriptValue? self, IReadOnlyList<ScriptValue> arguments, IReadOnlyDictionary<string, ScriptValue> keywords)
    {
        if (++_expanded > _archive.Limits.ExpandedCalls)
        {
            IsExhausted = true;
        }

        var declared = _types.Read(function.Returns);
        if (IsExhausted)
        {
            return ScriptValue.Of(declared);
        }

        if (_depth >= _archive.Limits.Depth)
        {
            throw TooDeep();
        }

        _depth++;
        var frame = new Frame(file);
        Bind(frame, function, self, arguments, keywords);
        Block(frame, function.Body, 0);
        _depth--;
        return frame.Returned is not { } value || value.Kind is ScriptKind.Unknown ? ScriptValue.Of(declared) : value;
    }

    private void Bind(Frame frame, FunctionDefinition function, ScriptValue? self, IReadOnlyList<ScriptValue> arguments, IReadOnlyDictionary<string, ScriptValue> keywords)
    {
        var position = 0;
        var first = true;
        foreach (var parameter in function.Parameters)
        {
            ScriptValue value;
            if (first && self is not null)
            {
                value = self;
            }
            else if (position < arguments.Count)
            {
                value = arguments[position++];
            }
            else if (!keywords.TryGetValue(parameter.Name, out value!))
            {
                value = parameter.Default is null ? ScriptValue.Of(_types.Read(parameter.Annotation)) : Eval(frame, parameter.Default);
            }

            first = false;
            if (value.Kind is ScriptKind.Unknown && value.Type is null)
            {
                value = ScriptValue.Of(_types.Read(parameter.Annotation));
            }

            frame.Locals[parameter.Name] = value;
        }
    }

    // ---- statements

    private Flow Block(Frame frame, ImmutableArray<Statement> statements, int start)
    {
        for (var i = start; i < statements.Length; i++)
        {
            Step();
            if (IsExhausted)
            {
                return Flow.Raised;
            }

            Flow flow;
            switch (statements[i])
            {
                case AssignStatement assign:
                    var value = Eval(frame, assign.Value);
                    foreach (var target in assign.Targets)
                    {
                        Assign(frame, target, value);
                    }

                    continue;
                case AnnotatedAssignStatement { Value: { } v } assign:
                    Assign(frame, assign.Target, Eval(frame, v));
                    continue;
                case ExpressionStatement { Value: CallExpression { Function: AttributeExpression { Name: "RaiseException" } } }:
                    return Flow.Raised;
                case ExpressionStatement expression:
                    Eval(frame, expression.Value);
                    continue;
                case ReturnStatement statement:
                    var returned = statement.Value is null ? ScriptValue.None : Eval(frame, statement.Value);
                    frame.Returned = frame.Returned is null ? returned : ScriptValue.Join(frame.Returned, returned);
                    return Flow.Returned;
                case IfStatement statement:
                    flow = If(frame, statement, 0, statements, i + 1);
                    break;
                case ForStatement statement:
                    flow = For(frame, statement);
                    break;
                case WhileStatement statement:
                    flow = While(frame, statement);
                    break;
                case WithStatement statement:
                    foreach (var item in statement.Items)
                    {
                        Eval(frame, item.Context);
                    }

                    flow = Nested(frame, statement.Body);
                    break;
                case RaiseStatement:
                    return Flow.Raised;
                case AssertStatement statement:
                    Eval(frame, statement.Test);
                    continue;
                default:
                    continue;
            }

            if (flow is not Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    private Flow Nested(Frame frame, ImmutableArray<Statement> body)
    {
        return FreshStack.IsLeft ? Block(frame, body, 0) : FreshStack.Run(Nested, frame, body);
    }

    /// <param name="frame">Where it runs.</param>
    /// <param name="statement">The statement.</param>
    /// <param name="clause">Which of its conditions is asked.</param>
    /// <param name="following">The block it stands in.</param>
    /// <param name="next">What follows it there: part of the other arm when one arm returns.</param>
    private Flow If(Frame frame, IfStatement statement, int clause, ImmutableArray<Statement> following, int next)
    {
        Flow Else() => clause + 1 < statement.Clauses.Length ? If(frame, statement, clause + 1, following, following.Length) : Nested(frame, statement.OrElse);

        var test = Eval(frame, statement.Clauses[clause].Test);
        if (test.AsBoolean is { } decided)
        {
            return decided ? Nested(frame, statement.Clauses[clause].Body) : Else();
        }

        var branch = _branches++;
        var before = frame.Locals;
        Step(before.Count / 8);
        frame.Locals = new(before, StringComparer.Ordinal);
        var (times, certainty) = (_times, _certainty);
        if (test.OnceIn is { } id && _loops.TryPeek(out var loop) && loop.Id == id)
        {
            // "if i == 2" in a loop over i: in one round at most.
            (_times, _certainty) = (loop.Times, loop.Certainty);
        }

        var then = Arm(branch, 0, () => Nested(frame, statement.Clauses[clause].Body));
        (_times, _certainty) = (times, certainty);
        var thenLocals = frame.Locals;
        frame.Locals = new(before, StringComparer.Ordinal);
        var orElse = Arm(branch, 1, Else);
        var elseLocals = frame.Locals;
        switch (then, orElse)
        {
            case (Flow.Next, Flow.Next):
                frame.Locals = Merge(thenLocals, elseLocals);
                return Flow.Next;
            case (Flow.Next, _):
                frame.Locals = thenLocals;
                return orElse is Flow.Raised ? Flow.Next : Rest(0);
            case (_, Flow.Next):
                frame.Locals = elseLocals;
                return then is Flow.Raised ? Flow.Next : Rest(1);
            default:
                return then is Flow.Raised && orElse is Flow.Raised ? Flow.Raised : Flow.Returned;
        }

        // What follows an early return runs in the other arm only.
        Flow Rest(int arm)
        {
            var flow = next < following.Length ? Arm(branch, arm, () => Block(frame, following, next)) : Flow.Next;
            return flow is Flow.Next && next < following.Length ? Flow.Returned : flow;
        }
    }

    private Flow Arm(int branch, int arm, Func<Flow> body)
    {
        var (arms, certainty) = (_arms, _certainty);
        _arms = _arms.Add(new(branch, arm));
        _certainty = _certainty.And(Certainty.Likely(BranchDoubt));
        _uncertainty++;
        var flow = body();
        _uncertainty--;
        (_arms, _certainty) = (arms, certainty);
        return flow;
    }

    private static Dictionary<string, ScriptValue> Merge(Dictionary<string, ScriptValue> a, Dictionary<string, ScriptValue> b)
    {
        foreach (var (name, value) in b)
        {
            a[name] = a.TryGetValue(name, out var other) ? ScriptValue.Join(other, value) : value;
        }

        return a;
    }

    private Flow For(Frame frame, ForStatement statement)
    {
        if (statement.Iterable is CallExpression { Function: NameExpression { Name: "range" }, Arguments: [{ Value: var length }] })
        {
            if (Eval(frame, length).Literal is not long count)
            {
                return UnknownLoop(frame, statement.Target, null, statement.Body);
            }

            if (count > MaxRounds / _rounds)
            {
                // Loops that count far are followed once, as if their length were unknown; only how often they run is known.
                return UnknownLoop(frame, statement.Target, null, statement.Body, count);
            }

            var outer = _rounds;
            _rounds *= (int)Math.Max(1, count);
            var flow = Flow.Next;
            for (long i = 0; i < count && !IsExhausted && flow is Flow.Next; i++)
            {
                Assign(frame, statement.Target, ScriptValue.Of(i));
                flow = Nested(frame, statement.Body);
            }

            _rounds = outer;
            return flow;
        }

        var items = Eval(frame, statement.Iterable);
        if (items is { Kind: ScriptKind.List or ScriptKind.Tuple, Items: { } known })
        {
            foreach (var item in known.ToArray())
            {
                Assign(frame, statement.Target, item);
                var flow = Nested(frame, statement.Body);
                if (flow is not Flow.Next)
                {
                    return flow;
                }
            }

            return Flow.Next;
        }

        return UnknownLoop(frame, statement.Target, items.Element ?? ScriptValue.Unknown, statement.Body);
    }

    private Flow While(Frame frame, WhileStatement statement)
    {
        for (var round = 0; round < MaxUnrolled && !IsExhausted; round++)
        {
            if (Eval(frame, statement.Test).AsBoolean is not { } decided)
            {
                return UnknownLoop(frame, null, ScriptValue.Unknown, statement.Body);
            }

            if (!decided)
            {
                return Flow.Next;
            }

            var flow = Nested(frame, statement.Body);
            if (flow is not Flow.Next)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    /// <summary>One round, with nothing known of what the rounds before it changed.</summary>
    private Flow UnknownLoop(Frame frame, Expression? target, ScriptValue? item, ImmutableArray<Statement> body, long? count = null)
    {
        var id = _branches++;
        var before = frame.Locals;
        Step(before.Count / 8);
        var changed = new HashSet<string>(StringComparer.Ordinal);
        CollectAssigned(body, changed);
        frame.Locals = new(before, StringComparer.Ordinal);
        foreach (var name in changed)
        {
            if (frame.Locals.TryGetValue(name, out var value))
            {
                frame.Locals[name] = value.Widen();
            }
        }

        if (target is not null)
        {
            Assign(frame, target, item ?? new(ScriptKind.Number) { LoopIndex = id });
        }

        var (times, certainty) = (_times, _certainty);
        _times = (int)Math.Min(_times * (count ?? 2), 1 << 20);
        _certainty = count is null ? _certainty.And(Certainty.Likely(LoopDoubt)) : _certainty;
        _uncertainty++;
        _loops.Push((id, times, certainty));
        Nested(frame, body);
        _loops.Pop();
        _uncertainty--;
        (_times, _certainty) = (times, certainty);
        foreach (var (name, value) in before)
        {
            frame.Locals[name] = frame.Locals.TryGetValue(name, out var other) ? ScriptValue.Join(value, other) : value;
        }

        return Flow.Next; // a return inside may or may not have happened
    }

    private static void CollectAssigned(ImmutableArray<Statement> body, HashSet<string> names)
    {
        // Blocks nest at most as deeply as the parser allows.
        foreach (var statement in body)
        {
            switch (statement)
            {
                case AssignStatement assign:
                    foreach (var target in assign.Targets)
                    {
                        foreach (var name in target is TupleExpression tuple ? tuple.Elements : [target])
                        {
                            if (name is NameExpression n)
                            {
                                names.Add(n.Name);
                            }
                        }
                    }

                    break;
                case IfStatement branch:
                    foreach (var clause in branch.Clauses)
                    {
                        CollectAssigned(clause.Body, names);
                    }

                    CollectAssigned(branch.OrElse, names);
                    break;
                case ForStatement loop:
                    CollectAssigned(loop.Body, names);
                    break;
                case WhileStatement loop:
                    CollectAssigned(loop.Body, names);
                    break;
                case WithStatement with:
                    CollectAssigned(with.Body, names);
                    break;
            }
        }
    }

    private void Assign(Frame frame, Expression target, ScriptValue value)
    {
        switch (target)
        {
            case NameExpression name:
                // A constant of optimize_for_inference bears the name of the variable.
                frame.Locals[name.Name] = value is { Kind: ScriptKind.Constant, Name: "" } ? new(ScriptKind.Constant) { Name = FrozenOperations.PlainName(name.Name) } : value;
                break;
            case TupleExpression tuple:
                AssignAll(frame, tuple.Elements, value);
                break;
            case ListExpression list:
                AssignAll(frame, list.Elements, value);
                break;
            case AttributeExpression attribute:
                var owner = Eval(frame, attribute.Value);
                if (owner.Module is { } module)
                {
                    module.Set[attribute.Name] = value.Widen();
                }
                else if (owner.Fields is { } fields)
                {
                    fields[attribute.Name] = _uncertainty > owner.Uncertainty ? value.Widen() : value;
                }

                break;
            case SubscriptExpression subscript:
                Forget(Eval(frame, subscript.Value), value);
                break;
        }
    }

    private void AssignAll(Frame frame, ImmutableArray<Expression> targets, ScriptValue value)
    {
        for (var i = 0; i < targets.Length; i++)
        {
            Assign(frame, targets[i], value switch
            {
                { Kind: ScriptKind.List or ScriptKind.Tuple, Items: { } items } => i < items.Count ? items[i] : ScriptValue.Unknown,
                { Kind: ScriptKind.List, Element: { } element } => element,
                { IsTensor: true } => value.Edge is null ? ScriptValue.Tensor : value, // an operator with several results
                { Kind: ScriptKind.Number } => ScriptValue.Number,
                _ => ScriptValue.Unknown,
            });
        }
    }

    /// <summary>The content of a list or dictionary has changed in a way that is not followed.</summary>
    private static void Forget(ScriptValue container, ScriptValue item)
    {
        if (container.Kind is ScriptKind.List or ScriptKind.Dict)
        {
            container.Element = container.Items is { } items ? ScriptValue.Common([.. items, item])
                : container.Element is { } element ? ScriptValue.Join(element, item)
                : item.WidenElement();
            container.Items = null;
            container.Keys = null;
        }
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
