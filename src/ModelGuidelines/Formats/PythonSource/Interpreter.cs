using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Follows Python code over values that are known, known to be tensors, or unknown, and tells a recorder what modules do.</summary>
/// <remarks>Where a condition is unknown both ways are followed, one after the other, and what they leave is joined. A loop of unknown length is followed once.
/// Bounded in steps and in depth: <see cref="BudgetException"/> ends a run that needs more.</remarks>
internal sealed partial class Interpreter
{
    private const int MaxDepth = 120;
    private const int MaxSplits = 6;
    private readonly SourceProject _project;
    private readonly CancellationToken _cancellation;
    private readonly List<(ObjectValue Object, string Name, Value? Old)> _journal = [];
    private readonly List<(BranchArm Arm, bool EndsWithIteration)> _arms = [];
    private ImmutableArray<BranchArm>? _armsNow = [];
    private int _branches;
    private int _depth;
    private int _splits;
    private long _steps;
    private long _stepLimit;

    public Interpreter(SourceProject project, ReadLimits limits, CancellationToken cancellation)
    {
        _project = project;
        _cancellation = cancellation;
        Limits = limits;
        _stepLimit = limits.ExpandedCalls;
    }

    public ReadLimits Limits { get; }

    /// <summary>Set while a forward pass is followed; nothing is recorded otherwise.</summary>
    public Recorder? Recorder { get; set; }

    /// <summary>Keras models and modules of the file's classes, in the order in which they are constructed.</summary>
    public List<ObjectValue> Created { get; } = [];

    /// <summary>Functions of files that were called, while it is set.</summary>
    public HashSet<FunctionValue>? Called { get; set; }

    private enum Flow
    {
        Next,
        Break,
        Continue,
        Return,
    }

    /// <summary>The branches in which the current code stands, outermost first.</summary>
    public ImmutableArray<BranchArm> Arms => _armsNow ??= [.. _arms.Select(a => a.Arm)];

    /// <summary>Allows so many further steps.</summary>
    public void Allow(long steps) => _stepLimit = _steps + steps;

    /// <summary>Forgets the branches and depth of a run that was ended.</summary>
    public void Reset()
    {
        _arms.Clear();
        _armsNow = [];
        _journal.Clear();
        _journaling = 0;
        _depth = 0;
        _splits = 0;
    }

    /// <summary>Runs a file's own statements, once.</summary>
    public void Run(SourceModule module)
    {
        if (module.IsRun)
        {
            return;
        }

        module.IsRun = true;
        if (!Enter())
        {
            return;
        }

        var recorder = Recorder;
        Recorder = null;
        Block(module.File.Statements, 0, module.Scope);
        Recorder = recorder;
        _depth--;
    }

    private void Step()
    {
        if (++_steps > _stepLimit)
        {
            throw new BudgetException();
        }

        if ((_steps & 0xfff) == 0)
        {
            _cancellation.ThrowIfCancellationRequested();
        }
    }

    private bool Enter()
    {
        if (_depth >= MaxDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
        {
            return false;
        }

        _depth++;
        return true;
    }

    private Flow Block(ImmutableArray<Statement> statements, int from, Scope scope)
    {
        for (var i = from; i < statements.Length; i++)
        {
            Step();
            if (statements[i] is IfStatement branch)
            {
                var flow = If(branch, 0, scope, statements, i + 1, out var restDone);
                if (flow is not Flow.Next || restDone)
                {
                    return flow;
                }
            }
            else if (Execute(statements[i], scope) is not Flow.Next and var flow)
            {
                return flow;
            }
        }

        return Flow.Next;
    }

    private Flow Execute(Statement statement, Scope scope)
    {
        switch (statement)
        {
            case ExpressionStatement s:
                Evaluate(s.Value, scope);
                return Flow.Next;
            case AssignStatement s:
                var value = Evaluate(s.Value, scope);
                foreach (var target in s.Targets)
                {
                    Assign(target, value, scope);
                }

                return Flow.Next;
            case AugmentedAssignStatement s:
                Assign(s.Target, Augmented(s, scope), scope);
                return Flow.Next;
            case AnnotatedAssignStatement s:
                Annotated(s, scope);
                return Flow.Next;
            case ReturnStatement s:
                scope.Returned.Add(s.Value is null ? ConstantValue.None : Evaluate(s.Value, scope));
                if (Recorder is not null)
                {
                    Recorder.LastReturn = scope.At(s.Start);
                }

                return Flow.Return;
            case RaiseStatement:
                return Flow.Return; // nothing is returned, and nothing of the model runs after it
            case ForStatement s:
                return For(s, scope);
            case WhileStatement s:
                return While(s, scope);
            case WithStatement s:
                foreach (var item in s.Items)
                {
                    var context = Evaluate(item.Context, scope);
                    if (item.Target is not null)
                    {
                        Assign(item.Target, context is ObjectValue ? context : UnknownValue.Instance, scope);
                    }
                }

                return Block(s.Body, 0, scope);
            case TryStatement s:
                return Try(s, scope);
            case FunctionDefinition s:
                Define(s, scope);
                return Flow.Next;
            case ClassDefinition s:
                Define(s, scope);
                return Flow.Next;
            case ImportStatement s:
                Import(s, scope);
                return Flow.Next;
            case ImportFromStatement s:
                Import(s, scope);
                return Flow.Next;
            case ScopeStatement s:
                (s.IsGlobal ? scope.Globals ??= new(StringComparer.Ordinal) : scope.Nonlocals ??= new(StringComparer.Ordinal)).UnionWith(s.Names);
                return Flow.Next;
            case BreakStatement:
                return Flow.Break;
            case ContinueStatement:
                return Flow.Continue;
            case DeleteStatement s:
                Delete(s, scope);
                return Flow.Next;
            case MatchStatement s:
                Evaluate(s.Subject, scope);
                return Arm([.. s.Cases.Select(c => (Func<Flow>)(() => Block(c.Body, 0, scope)))], scope);
            case AssertStatement s:
                return Flow.Next;
            default:
                return Flow.Next;
        }
    }

    private void Annotated(AnnotatedAssignStatement s, Scope scope)
    {
        if (s.IsSimple && scope.Class is { } type)
        {
            type.Fields.Add(((NameExpression)s.Target).Name);
        }

        if (s.Value is not null)
        {
            Assign(s.Target, Evaluate(s.Value, scope), scope);
        }
    }

    private Value Augmented(AugmentedAssignStatement s, Scope scope)
    {
        var left = Evaluate(s.Target, scope);
        var right = Evaluate(s.Value, scope);
        if (s.Operator is PythonOperator.Add && left is SequenceValue { Kind: SequenceKind.List } list)
        {
            var (items, rest) = Iterate(right);
            list.Items.AddRange(items);
            list.Rest ??= rest;
            return list;
        }

        if (s.Operator is PythonOperator.Add && left is ObjectValue { IsModule: true } container && container.IsA("ModuleList"))
        {
            CallMethod(new MethodValue(container, "extend"), CallArguments.Of(right), scope.At(s.Start));
            return container;
        }

        return Binary(s.Operator, left, right, scope.At(s.Start));
    }

    private Flow Try(TryStatement s, Scope scope)
    {
        // An exception is not the ordinary way of a forward pass: handlers are not followed, except where they define what an import did not.
        var flow = Block(s.Body, 0, scope);
        if (flow is Flow.Next)
        {
            flow = Block(s.OrElse, 0, scope);
        }

        var final = Block(s.FinalBody, 0, scope);
        return final is Flow.Next ? flow : final;
    }

    private Flow If(IfStatement s, int clause, Scope scope, ImmutableArray<Statement> rest, int restFrom, out bool restDone)
    {
        restDone = false;
        if (clause == s.Clauses.Length)
        {
            return Block(s.OrElse, 0, scope);
        }

        var test = s.Clauses[clause];
        var condition = Evaluate(test.Test, scope);
        switch (Truth(condition))
        {
            case true:
                return Block(test.Body, 0, scope);
            case false:
                return If(s, clause + 1, scope, rest, restFrom, out restDone);
        }

        // Each way may return early or not: then each is followed to its own end.
        var split = restFrom < rest.Length && _splits < MaxSplits && (IsMixed(test.Body) || s.Clauses.Skip(clause + 1).Any(c => IsMixed(c.Body)) || IsMixed(s.OrElse));
        Flow After(Flow flow) => split && flow is Flow.Next ? Block(rest, restFrom, scope) : flow;
        _splits += split ? 1 : 0;
        var result = Arm(
            [
                () => After(Block(test.Body, 0, scope)),
                () =>
                {
                    var flow = If(s, clause + 1, scope, rest, restFrom, out var done);
                    return done ? flow : After(flow);
                },
            ],
            scope);
        _splits -= split ? 1 : 0;
        restDone = split;
        return result;
    }

    /// <summary>Whether a block may leave the function, but need not.</summary>
    private static bool IsMixed(ImmutableArray<Statement> body) => MayLeave(body, 0) && !MustLeave(body);

    private static bool MayLeave(ImmutableArray<Statement> body, int depth) => depth < 50 && body.Any(s => s switch
    {
        ReturnStatement or BreakStatement or ContinueStatement => true,
        IfStatement i => i.Clauses.Any(c => MayLeave(c.Body, depth + 1)) || MayLeave(i.OrElse, depth + 1),
        WithStatement w => MayLeave(w.Body, depth + 1),
        ForStatement f => MayLeave(f.Body, depth + 1),
        WhileStatement w => MayLeave(w.Body, depth + 1),
        TryStatement t => MayLeave(t.Body, depth + 1),
        _ => false,
    });

    private static bool MustLeave(ImmutableArray<Statement> body) => body.Any(s => s is ReturnStatement or RaiseStatement or BreakStatement or ContinueStatement
        || (s is IfStatement { OrElse.IsEmpty: false } i && i.Clauses.All(c => MustLeave(c.Body)) && MustLeave(i.OrElse)));

    /// <summary>Follows alternatives of which one runs, each from the same state, and joins what they leave.</summary>
    private Flow Arm(IReadOnlyList<Func<Flow>> alternatives, Scope scope)
    {
        var branch = ++_branches;
        var before = scope.Names;
        var journalStart = _journal.Count;
        var armCount = _arms.Count;
        var left = new List<(int Arm, Flow Flow, Dictionary<string, Value> Names, Dictionary<(ObjectValue, string), Value?> Attributes)>();
        _journaling++;
        for (var i = 0; i < alternatives.Count; i++)
        {
            scope.Restore(new(before, StringComparer.Ordinal));
            PushArm(new(branch, i), false);
            var flow = alternatives[i]();
            PopArms(armCount);
            left.Add((i, flow, scope.Names, Undo(journalStart)));
        }

        _journaling--;
        var going = left.Where(l => l.Flow is Flow.Next).ToList();
        scope.Restore(going.Count == 0 ? before : JoinNames([.. going.Select(g => g.Names)]));
        JoinAttributes([.. left.Select(l => l.Attributes)]);
        if (going.Count == 0)
        {
            return left.Select(l => l.Flow).FirstOrDefault(f => f is Flow.Continue or Flow.Break, Flow.Return);
        }

        if (going.Count < left.Count)
        {
            // What follows runs only on the ways that went on.
            PushArm(new(branch, going[0].Arm), left.Exists(l => l.Flow is Flow.Continue));
        }

        return Flow.Next;
    }

    private int _journaling;

    private void PushArm(BranchArm arm, bool endsWithIteration)
    {
        _arms.Add((arm, endsWithIteration));
        _armsNow = null;
    }

    private void PopArms(int count)
    {
        if (_arms.Count > count)
        {
            _arms.RemoveRange(count, _arms.Count - count);
            _armsNow = null;
        }
    }

    private Dictionary<(ObjectValue Object, string Name), Value?> Undo(int journalStart)
    {
        var result = new Dictionary<(ObjectValue, string), Value?>();
        for (var i = _journal.Count - 1; i >= journalStart; i--)
        {
            var (target, name, old) = _journal[i];
            result.TryAdd((target, name), target.Attributes.GetValueOrDefault(name));
            if (old is null)
            {
                target.Attributes.Remove(name);
            }
            else
            {
                target.Attributes[name] = old;
            }
        }

        _journal.RemoveRange(journalStart, _journal.Count - journalStart);
        return result;
    }

    private void JoinAttributes(List<Dictionary<(ObjectValue Object, string Name), Value?>> ways)
    {
        foreach (var (target, name) in ways.SelectMany(w => w.Keys).Distinct().ToList())
        {
            var old = target.Attributes.GetValueOrDefault(name);
            var values = ways.Select(w => w.TryGetValue((target, name), out var v) ? v : old).OfType<Value>().ToList();
            if (values.Count > 0)
            {
                SetAttribute(target, name, Join(values));
            }
        }
    }

    private Dictionary<string, Value> JoinNames(List<Dictionary<string, Value>> ways)
    {
        var first = ways[0];
        if (ways.Count == 1)
        {
            return first;
        }

        // Most names are what they were before the branch: only those that differ are joined.
        var differ = new HashSet<string>(StringComparer.Ordinal);
        foreach (var way in ways.Skip(1))
        {
            foreach (var (name, value) in way)
            {
                if (!first.TryGetValue(name, out var known) || !ReferenceEquals(known, value))
                {
                    differ.Add(name);
                }
            }
        }

        foreach (var name in differ)
        {
            first[name] = Join([.. ways.Select(w => w.GetValueOrDefault(name)).OfType<Value>()]);
        }

        return first;
    }

    /// <summary>One value that stands for several.</summary>
    internal static Value Join(IReadOnlyList<Value> values)
    {
        var options = ImmutableArray.CreateBuilder<Value>();
        foreach (var value in values.SelectMany(v => v is ChoiceValue c ? c.Options : [v]))
        {
            if (!options.Any(o => Same(o, value)))
            {
                options.Add(value);
            }
        }

        return options.Count switch
        {
            0 => UnknownValue.Instance,
            1 => options[0],
            > 8 => UnknownValue.Instance,
            _ when options.All(o => o is TensorValue) => TensorValue.Instance,
            _ when options.All(o => o is ScalarValue or ConstantValue { Raw: long or double or bool }) => ScalarValue.Number,
            _ => new ChoiceValue(options.ToImmutable()),
        };
    }

    private static bool Same(Value a, Value b) => ReferenceEquals(a, b) || (a, b) switch
    {
        (ConstantValue x, ConstantValue y) => Equals(x.Raw, y.Raw),
        (ScalarValue x, ScalarValue y) => x.Kind == y.Kind,
        (TensorValue, TensorValue) => true,
        (UnknownValue, UnknownValue) => true,
        (ExternalValue x, ExternalValue y) => x.Name == y.Name,
        (SequenceValue x, SequenceValue y) => x.Kind == y.Kind && x.Items.Count == y.Items.Count && x.Items.Count < 64 && x.Rest is null == y.Rest is null && x.Items.Zip(y.Items).All(p => p.First is not SequenceValue && Same(p.First, p.Second)),
        _ => false,
    };

    private Flow For(ForStatement s, Scope scope)
    {
        var (items, rest) = Iterate(Evaluate(s.Iterable, scope));
        var armCount = _arms.Count;
        var broke = false;
        foreach (var item in items)
        {
            Step();
            Assign(s.Target, item, scope);
            var flow = Block(s.Body, 0, scope);
            EndIteration(armCount);
            if (flow is Flow.Return)
            {
                return flow;
            }

            if (flow is Flow.Break)
            {
                broke = true;
                break;
            }
        }

        if (!broke && rest is not null)
        {
            Assign(s.Target, rest, scope);
            MarkLoopModules(rest, 0);
            var flow = Unknown(() => Block(s.Body, 0, scope), "how often the loop runs is not known");
            EndIteration(armCount);
            if (flow is Flow.Return)
            {
                return flow;
            }
        }

        PopArms(armCount);
        return broke ? Flow.Next : Block(s.OrElse, 0, scope);
    }

    private Flow While(WhileStatement s, Scope scope)
    {
        var armCount = _arms.Count;
        for (var i = 0; i < 4096; i++)
        {
            Step();
            var truth = Truth(Evaluate(s.Test, scope));
            if (truth is false)
            {
                PopArms(armCount);
                return Block(s.OrElse, 0, scope);
            }

            // `while True` ends by a break, whose condition is as unknown as any.
            var isEndless = s.Test is ConstantExpression or NumberExpression;
            var flow = truth is null || isEndless ? Unknown(() => Block(s.Body, 0, scope), "how often the loop runs is not known") : Block(s.Body, 0, scope);
            EndIteration(armCount);
            if (flow is Flow.Return)
            {
                return flow;
            }

            if (flow is Flow.Break || truth is null || isEndless)
            {
                break;
            }
        }

        PopArms(armCount);
        return Flow.Next;
    }

    private void MarkLoopModules(Value value, int depth)
    {
        switch (value)
        {
            case ObjectValue { IsModule: true } module when Recorder is not null:
                Recorder.LoopModules.TryAdd(module, Recorder.Times);
                break;
            case ChoiceValue choice when depth < 4:
                choice.Options.ToList().ForEach(o => MarkLoopModules(o, depth + 1));
                break;
            case SequenceValue { Items.Count: < 16 } tuple when depth < 4:
                tuple.Items.ForEach(i => MarkLoopModules(i, depth + 1));
                break;
        }
    }

    private void EndIteration(int armCount)
    {
        for (var i = _arms.Count - 1; i >= armCount; i--)
        {
            if (_arms[i].EndsWithIteration)
            {
                _arms.RemoveAt(i);
                _armsNow = null;
            }
        }
    }

    /// <summary>Follows code once that may run any number of times.</summary>
    private T Unknown<T>(Func<T> code, string doubt)
    {
        if (Recorder is null)
        {
            return code();
        }

        var (times, old) = (Recorder.Times, Recorder.Doubt);
        Recorder.Times = Math.Min(times * 2, 1 << 10);
        Recorder.Doubt ??= doubt;
        var result = code();
        if (Recorder is not null)
        {
            (Recorder.Times, Recorder.Doubt) = (times, old);
        }

        return result;
    }

    private void Delete(DeleteStatement s, Scope scope)
    {
        foreach (var target in s.Targets)
        {
            switch (target)
            {
                case NameExpression name:
                    scope.Names.Remove(name.Name);
                    break;
                case AttributeExpression attribute when Evaluate(attribute.Value, scope) is ObjectValue o:
                    o.Attributes.Remove(attribute.Name);
                    o.Children.RemoveAll(c => c.Name == attribute.Name);
                    break;
                case SubscriptExpression subscript when Evaluate(subscript.Value, scope) is DictValue d:
                    d.Remove(Evaluate(subscript.Index, scope));
                    break;
                case SubscriptExpression subscript when Evaluate(subscript.Value, scope) is SequenceValue list && Evaluate(subscript.Index, scope) is ConstantValue { Raw: long i }:
                    i = i < 0 ? i + list.Items.Count : i;
                    if (i >= 0 && i < list.Items.Count)
                    {
                        list.Items.RemoveAt((int)i);
                    }

                    break;
            }
        }
    }

    private void Define(FunctionDefinition s, Scope scope)
    {
        Value value = new FunctionValue(s.Name, s, s.Parameters, Defaults(s.Parameters, scope), Closure(scope)) { Owner = scope.Class };
        foreach (var decorator in s.Decorators.Reverse())
        {
            value = Decorate(decorator, value, scope);
        }

        SetName(s.Name, value, scope);
    }

    private Value?[] Defaults(ImmutableArray<Parameter> parameters, Scope scope) =>
        [.. parameters.Select(p => p.Default is null ? null : Evaluate(p.Default, scope))];

    /// <summary>Names of a class body are not seen by its methods.</summary>
    private static Scope Closure(Scope scope) => scope.Class is null ? scope : scope.Outer!;

    private Value Decorate(Expression decorator, Value value, Scope scope)
    {
        var function = Evaluate(decorator, scope);
        return function switch
        {
            ExternalValue { LastPart: "property" or "cached_property" } => new WrappedMethod("property", value),
            ExternalValue { LastPart: "staticmethod" } => new WrappedMethod("staticmethod", value),
            ExternalValue { LastPart: "classmethod" } => new WrappedMethod("classmethod", value),
            FunctionValue or BoundValue or ClassValue or PartialValue when Call(function, CallArguments.Of(value), scope.At(decorator.Start)) is not (UnknownValue or ConstantValue) and var decorated => decorated,
            _ => value, // registration, caching, scripting: the same function behind a library's wrapper
        };
    }

    private void Define(ClassDefinition s, Scope scope)
    {
        var bases = s.Arguments.Where(a => a.Name is null && a.Stars == 0).Select(a => Evaluate(a.Value, scope)).Select(b => b is ClassValue or ExternalValue ? b : new ExternalValue("unknown." + BaseName(b))).ToList();
        var type = new ClassValue(s.Name, bases, s, scope.Module);
        foreach (var member in bases.OfType<ClassValue>().Where(b => b.IsDataClass || b.Kind is ClassKind.NamedTuple))
        {
            type.Fields.AddRange(member.Fields);
        }

        var body = new Scope(scope.Module, scope) { Class = type };
        if (Enter())
        {
            Block(s.Body, 0, body);
            _depth--;
        }

        foreach (var (name, value) in body.Names)
        {
            type.Members[name] = value;
        }

        Value result = type;
        foreach (var decorator in s.Decorators.Reverse())
        {
            var called = decorator is CallExpression c ? c.Function : decorator;
            if (Evaluate(called, scope) is ExternalValue { LastPart: "dataclass" or "define" or "attrs" or "frozen" })
            {
                type.IsDataClass = true;
            }
            else if (Evaluate(decorator, scope) is FunctionValue f && Call(f, CallArguments.Of(result), scope.At(decorator.Start)) is ClassValue decorated)
            {
                result = decorated;
            }
        }

        SetName(s.Name, result, scope);
    }

    private static string BaseName(Value value) => value is ObjectValue o ? o.TypeName : "base";

    private void Import(ImportStatement s, Scope scope)
    {
        foreach (var name in s.Names)
        {
            if (name.Alias is not null)
            {
                SetName(name.Alias, Imported(name.Name), scope);
            }
            else
            {
                var first = name.Name.Split('.')[0];
                SetName(first, Imported(first), scope);
            }
        }
    }

    private Value Imported(string dotted) => _project.Find(dotted) is { } module ? new NamespaceValue(module) : new ExternalValue(dotted);

    private void Import(ImportFromStatement s, Scope scope)
    {
        var dotted = SourceProject.Absolute(scope.Module, s.Level, s.Module);
        foreach (var name in s.Names)
        {
            if (name.Name == "*")
            {
                if (dotted is not null && _project.Find(dotted) is { } all)
                {
                    Run(all);
                    foreach (var (key, value) in all.Scope.Names.Where(n => !n.Key.StartsWith('_')).ToList())
                    {
                        scope.Names[key] = value;
                    }
                }
                else if (dotted is not null)
                {
                    (_starImports ??= []).Add((scope.Module, dotted));
                }

                continue;
            }

            SetName(name.Alias ?? name.Name, dotted is null ? UnknownValue.Instance : ImportedFrom(dotted, name.Name), scope);
        }
    }

    private List<(SourceModule Module, string Dotted)>? _starImports;

    private Value ImportedFrom(string dotted, string name)
    {
        if (_project.Find(dotted) is { } module)
        {
            Run(module);
            if (module.Scope.Names.TryGetValue(name, out var value))
            {
                return value;
            }
        }

        var full = dotted.Length == 0 ? name : $"{dotted}.{name}";
        return Imported(full);
    }

    private void SetName(string name, Value value, Scope scope)
    {
        if (value is ObjectValue { Kind: ClassKind.KerasLayer or ClassKind.KerasModel, LayerName: null } layer && scope.Class is null)
        {
            layer.LayerName = name;
        }

        if (scope.Globals?.Contains(name) == true)
        {
            scope.Module.Scope.Names[name] = value;
            return;
        }

        if (scope.Nonlocals?.Contains(name) == true)
        {
            for (var outer = scope.Outer; outer is not null; outer = outer.Outer)
            {
                if (outer.Names.ContainsKey(name))
                {
                    outer.Names[name] = value;
                    return;
                }
            }
        }

        scope.Names[name] = value;
    }

    private void Assign(Expression target, Value value, Scope scope)
    {
        switch (target)
        {
            case NameExpression e:
                SetName(e.Name, value, scope);
                break;
            case AttributeExpression e:
                if (Evaluate(e.Value, scope) is ObjectValue o)
                {
                    if (value is ObjectValue { IsModule: true, Location: null } module)
                    {
                        module.Location = scope.At(target.Start);
                    }

                    SetAttribute(o, e.Name, value);
                }
                else if (Evaluate(e.Value, scope) is ClassValue type)
                {
                    type.Members[e.Name] = value;
                }

                break;
            case SubscriptExpression e:
                AssignItem(Evaluate(e.Value, scope), Evaluate(e.Index, scope), value);
                break;
            case StarredExpression e:
                Assign(e.Value, value, scope);
                break;
            case TupleExpression e:
                Unpack(e.Elements, value, scope);
                break;
            case ListExpression e:
                Unpack(e.Elements, value, scope);
                break;
        }
    }

    private void Unpack(ImmutableArray<Expression> targets, Value value, Scope scope)
    {
        if (value is ChoiceValue choice)
        {
            // Each option that can be unpacked so gives its part.
            var parts = choice.Options.Select(Iterate).Where(p => p.More is not null || p.Items.Count == targets.Length).ToList();
            for (var i = 0; i < targets.Length; i++)
            {
                var at = i;
                Assign(targets[i], parts.Count == 0 ? UnknownValue.Instance : Join([.. parts.Select(p => at < p.Items.Count ? p.Items[at] : p.More ?? UnknownValue.Instance)]), scope);
            }

            return;
        }

        var (items, rest) = Iterate(value);
        var star = -1;
        for (var i = 0; i < targets.Length; i++)
        {
            star = targets[i] is StarredExpression ? i : star;
        }

        if (star < 0)
        {
            for (var i = 0; i < targets.Length; i++)
            {
                Assign(targets[i], i < items.Count ? items[i] : rest ?? UnknownValue.Instance, scope);
            }

            return;
        }

        var behind = targets.Length - star - 1;
        var middle = Math.Max(0, items.Count - star - behind);
        for (var i = 0; i < targets.Length; i++)
        {
            var at = i < star ? i : i - 1 + middle;
            var part = i == star
                ? new SequenceValue(SequenceKind.List, [.. items.Skip(star).Take(middle)], rest)
                : at < items.Count ? items[at] : rest ?? UnknownValue.Instance;
            Assign(targets[i], part, scope);
        }
    }

    private void AssignItem(Value target, Value index, Value value)
    {
        switch (target)
        {
            case DictValue dict when index is not (UnknownValue or ScalarValue or ChoiceValue):
                dict.Set(index, value);
                break;
            case DictValue dict:
                dict.Rest = dict.Rest is null ? value : Join([dict.Rest, value]);
                break;
            case SequenceValue list when index is ConstantValue { Raw: long i }:
                i = i < 0 ? i + list.Items.Count : i;
                if (i >= 0 && i < list.Items.Count)
                {
                    list.Items[(int)i] = value;
                }

                break;
            case ObjectValue { IsModule: true } container when index is ConstantValue { Raw: string or long }:
                var name = index is ConstantValue { Raw: long n } ? (n < 0 ? n + container.Children.Count : n).ToString(System.Globalization.CultureInfo.InvariantCulture) : (string)((ConstantValue)index).Raw!;
                if (value is ObjectValue or ChoiceValue)
                {
                    container.SetChild(name, value);
                }

                break;
            case ObjectValue o when o.Class?.Find("__setitem__") is { } method:
                Call(new BoundValue(o, method.Value), CallArguments.Of(index, value), null);
                break;
        }
    }

    /// <summary>Sets an attribute; a module of a module is registered, as torch.nn and Keras do.</summary>
    private void SetAttribute(ObjectValue target, string name, Value value)
    {
        if (_journaling > 0)
        {
            _journal.Add((target, name, target.Attributes.GetValueOrDefault(name)));
        }

        if (target.Class?.Find(name) is { Value: WrappedMethod { Kind: "property" } })
        {
            return; // its setter is not followed
        }

        target.Attributes[name] = value;
        if (target.IsModule)
        {
            Register(target, name, value);
        }
    }

    private static void Register(ObjectValue target, string name, Value value)
    {
        if (value is ObjectValue { IsModule: true } || (value is ChoiceValue choice && choice.Options.Any(o => o is ObjectValue { IsModule: true })))
        {
            target.SetChild(name, value);
        }
        else if (target.Kind is not ClassKind.TorchModule && value is SequenceValue or DictValue)
        {
            // Keras tracks layers in lists and dictionaries.
            target.SetChild(name, value);
        }
        else if (value is ParameterValue && !target.Parameters.Contains(name))
        {
            target.Parameters.Add(name);
        }
        else if (target.Children.FindIndex(c => c.Name == name) is >= 0 and var old && value is ConstantValue)
        {
            target.Children.RemoveAt(old);
        }
    }
}

/// <summary>A run needed more steps than it may take.</summary>
internal sealed class BudgetException : Exception;

/// <summary>A parameter: a tensor that a module registers.</summary>
internal sealed class ParameterValue : TensorValue
{
    public static new readonly ParameterValue Instance = new();
}
