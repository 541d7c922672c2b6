using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Values;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>Follows Python code over values that are known, known to be tensors, or unknown symbols, and tells an observer what modules do.</summary>
/// <remarks>Not thread-safe. Where a test cannot be decided both ways are followed from the same state and what they leave is joined (see <see cref="Condition"/>).
/// Bounded in steps and depth: <see cref="BudgetException"/> ends a run that needs more.</remarks>
internal sealed partial class Evaluator
{
    private const int MaxDepth = 900;
    private readonly Project _project;
    private readonly ReadBudget _budget;
    private readonly Journal _journal = new();
    private readonly Tests _tests;
    private readonly InertFunctions _inert;
    private readonly Stack<LoopFrame> _loops = new();
    private Condition _world;
    private Condition? _caught;
    private int _depth;
    private Way? _way;
    private int _branches;
    private long _steps;
    private long _work;
    private int _looks;
    private bool _isOutOfTime;
    private long _stepLimit = long.MaxValue;
    private long _runLimit = long.MaxValue;

    public Evaluator(Project project, LibraryCatalog libraries, ReadBudget budget)
    {
        _project = project;
        _budget = budget;
        Libraries = libraries;
        Conditions = new();
        _tests = new(Conditions);
        _inert = new(libraries, Evaluate, Import);
        (_holdsTensor, _holdsCertainTensor, _holdsModule, _here) = (HoldsTensor, HoldsCertainTensor, HoldsModule, Here);
        Now = _world = Conditions.Always;
    }

    public LibraryCatalog Libraries { get; }

    public ConditionTable Conditions { get; }

    /// <summary>The condition under which the running code runs.</summary>
    public Condition Now { get; private set; }

    /// <summary>Excludes what raises: a fact is certain when it holds wherever this does.</summary>
    public Condition World => _world;

    /// <summary>Set while a forward pass is followed; nothing is recorded otherwise.</summary>
    public IObserver? Observer { get; set; }

    /// <summary>Keras models and modules of files' classes, in the order in which they are constructed.</summary>
    public List<ObjectValue> Created { get; } = [];

    /// <summary>Files of libraries that are not read, and of which it is known all the same what they call.</summary>
    public Dictionary<string, SourceModule> Outlines { get; } = new(StringComparer.Ordinal);

    /// <summary>Functions of files that were called, while it is set.</summary>
    public HashSet<FunctionValue>? Called { get; set; }

    /// <summary>Parameters of these functions stand for anything when nothing is given, though they have a default.</summary>
    public Func<FunctionValue, bool>? IgnoresDefaults { get; set; }

    /// <summary>Modules do not train, as <c>eval()</c> leaves them; otherwise both ways are followed.</summary>
    public bool IsInference { get; set; }

    /// <summary>The environment variables of the process; null: they are not known.</summary>
    public DictValue? Environment { get; set; }

    /// <summary>Where a function that is called raises on every way that was followed, the code behind the call runs all the same: the function was not understood, or a model with
    /// other arguments does not raise there.</summary>
    public bool GoesOnBehindRaises { get; set; }

    /// <summary>Steps that were taken, but for those of imported files, which have their own.</summary>
    public long Steps => _steps - _stepsOfImports;

    /// <summary>How often anything was changed but the names of scopes.</summary>
    public long Changes => _journal.Changes;

    /// <summary>Runs something from a clean state with so many steps; false when they did not suffice.</summary>
    public bool Run(Action code, long steps)
    {
        _stepLimit = _runLimit = _steps + steps;
        _isOutOfTime = _budget.IsOutOfTime;
        Now = _world = Conditions.Always;
        (_caught, _way) = (null, null);
        _loops.Clear();
        _looped.Clear();
        (_looping, _elements, _laterRound) = (0, null, 0);
        (_isBegun, _partly) = (false, null);
        var depth = _depth;
        try
        {
            code();
            return true;
        }
        catch (BudgetException)
        {
            _journal.Abandon();
            Leave(0);
            return false;
        }
        finally
        {
            _depth = depth;
            _rounds = 1;
            _stepLimit = _runLimit = long.MaxValue;
        }
    }

    /// <summary>Runs a file's own statements, once.</summary>
    public void Run(SourceModule module)
    {
        if (module.IsRun)
        {
            return;
        }

        module.IsRun = true;
        _runs++;
        if (!Enter())
        {
            return;
        }

        // A file is run where a name of it is first needed, but belongs to no way of the code there.
        var (observer, now, world, caught, shared) = (Observer, Now, _world, _caught, _journal.SharedIsWritten);
        (Observer, Now, _world, _caught, _journal.SharedIsWritten) = (null, Conditions.Always, Conditions.Always, null, null);
        using (_journal.Suspend())
        {
            try
            {
                RunStatements(module);
            }
            finally
            {
                Share(module);
            }
        }

        (Observer, Now, _world, _caught, _journal.SharedIsWritten) = (observer, now, world, caught, shared);
        _depth--;
    }

    private SourceModule Outline(string file) => Outlines.TryGetValue(file, out var known) ? known
        : Outlines[file] = new(Syntax.PythonParser.Parse("\n"u8.ToArray(), _budget.Token), file, file, file[..^".py".Length].Replace('/', '.')) { IsExternal = true, IsRun = true };

    /// <summary>Evaluates an expression in the names of a file.</summary>
    public Value Evaluate(Syntax.Expression expression, SourceModule written, SourceModule names)
    {
        written.StarImports.AddRange(names.StarImports);
        return Evaluate(expression, new Scope(written, names.Scope));
    }

    /// <summary>Runs statements of a file behind its own: what runs only where it is a program.</summary>
    public void Follow(System.Collections.Immutable.ImmutableArray<Syntax.Statement> statements, SourceModule module) => Block(statements, module.Scope);

    /// <summary>Conditions that a file may take: what holds them all is some 200 MB.</summary>
    private const int MaxConditions = 2_000_000;

    private void Step()
    {
        // Conditions cost, too.
        _steps += 1 + ((Conditions.Work - _work) >> 1);
        _work = Conditions.Work;
        if (_steps > _stepLimit || Conditions.Count > MaxConditions)
        {
            throw new BudgetException();
        }

        if ((++_looks & 0xfff) == 0 || _isOutOfTime)
        {
            _isOutOfTime = _budget.IsOutOfTime;
            if (_isOutOfTime)
            {
                throw new BudgetException();
            }

            _budget.Token.ThrowIfCancellationRequested();
        }
    }

    private bool Enter()
    {
        if (_depth >= MaxDepth)
        {
            return false;
        }

        _depth++;
        return true;
    }

    /// <summary>Decides a condition where the running code stands; null when both are possible.</summary>
    private bool? Decide(Condition condition)
    {
        if (condition.Atom is null)
        {
            return condition.IsAlways;
        }

        var here = Now.And(_world);
        return !here.Meets(condition) ? false : here.Implies(condition) ? true : null;
    }

    /// <summary>A value as it is where the running code stands.</summary>
    private Value Here(Value value) => value is ChoiceValue ? value.Under(Now.And(_world)) : value;

    private UnknownValue Unknown(string text, string reason, Place place, UnknownKind kind = UnknownKind.Any) => new(text, reason, place, kind);

    /// <summary>Follows two ways of which one runs, each from the same state, and joins what they leave.</summary>
    private void Fork(Condition test, Action then, Action? otherwise = null)
    {
        switch (Decide(test))
        {
            case true:
                then();
                return;
            case false:
                otherwise?.Invoke();
                return;
        }

        var before = Now;
        var world = _world;
        var mark = _journal.Begin();
        var (outer, branch) = (_way, ++_branches);
        Now = before.And(test);
        _way = new(branch, 0, outer);
        var leaving = Leaving;
        then();
        var thenNow = Now;
        var (thenEnded, between) = (Ended(leaving), Leaving);
        var thenWrites = _journal.Undo(mark);
        Now = before.And(test.Not());
        _way = new(branch, 1, outer);
        otherwise?.Invoke();
        _way = outer;
        var (elseNow, elseEnded) = (Now, Ended(between));
        var elseWrites = _journal.Undo(mark);
        _journal.End();
        Merge(test, thenWrites, elseWrites, thenEnded, elseEnded);
        Now = AfterFork(before, thenNow.Or(elseNow), world);
    }

    /// <summary>Ways that raised are no ways: what follows runs under what ran before, not under 'it did not raise'.</summary>
    private Condition AfterFork(Condition before, Condition left, Condition world) =>
        left.IsNever || (ReferenceEquals(world, _world) && !left.HasNames) ? left
        : before.And(_world).Implies(left) ? before : left.HasNames ? before.And(left) : left; // a name does not say that it lies within what ran before

    /// <summary>One of several values, each followed in a way of its own.</summary>
    private Value ForEach(Value value, Func<Value, Value> code)
    {
        value = Here(value);
        return value is ChoiceValue choice ? ForEachOption(choice, code)
            : value is MissingValue ? Unknown("a value", "it is not set on this way", default) : code(value);
    }

    private Value ForEachOption(ChoiceValue choice, Func<Value, Value> code)
    {
        var results = new List<(Condition, Value)>();
        void Next(int i)
        {
            if (i == choice.Options.Count - 1)
            {
                results.Add((Now, code(choice.Options[i].Value)));
                return;
            }

            var (when, option) = choice.Options[i];
            Fork(when, () => results.Add((Now, code(option))), () => Next(i + 1));
        }

        if (choice.Options.All(o => o.Value is MissingValue))
        {
            return Unknown("a value", "it is not set on this way", default);
        }

        if (choice.Options.Any(o => o.Value is MissingValue))
        {
            // Reading what is not there raises: only the ways on which it is there go on.
            choice = choice.Present().Value as ChoiceValue ?? new ChoiceValue([(Conditions.Always, choice.Present().Value!)]);
        }

        Next(0);
        return Choices.Join(results);
    }
}
