using System.Collections.Immutable;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Evaluation;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <content>Which models a file holds.</content>
internal sealed partial class SourceReader
{
    private List<ClassValue> Classes() =>
        [.. _project.Main.Scope.Names.Values.OfType<ClassValue>().Where(c => c.Module == _project.Main && c.Kind is ClassKind.TorchModule or ClassKind.KerasModel or ClassKind.KerasLayer).Distinct().OrderBy(c => c.Definition.Start)];

    private List<Root> FindRoots(List<ClassValue> classes)
    {
        var roots = new List<Root>();
        AddBuilt(roots, classes);
        var covered = roots.SelectMany(r => r.Classes).ToHashSet();

        // Classes that nothing in the file builds with known arguments: each by itself.
        List<ClassValue> candidates = [.. classes.OrderBy(RequiredArguments)];
        var order = candidates.Select((type, i) => (type, i)).ToDictionary(c => c.type, c => c.i);
        var built = new SortedDictionary<int, List<Root>>();
        var outerFirst = OuterFirst(candidates);
        void Find(Func<ClassValue, List<Root>> find)
        {
            foreach (var type in outerFirst.Where(t => !covered.Contains(t)))
            {
                if (find(type) is { Count: > 0 } found)
                {
                    covered.UnionWith(found.SelectMany(r => r.Classes));
                    built.Add(order[type], found); // what __new__ gives may be of another class
                }
            }
        }

        Find(t => Made(t, classes, isPart: false));
        Find(t => Made(t, classes, isPart: true));
        Find(t => Alone(t) is { } root ? [root] : []);
        List<Root> alone = [.. built.Values.SelectMany(r => r)];
        var isBase = classes.SelectMany(c => c.ResolutionOrder.Skip(1)).OfType<ClassValue>().ToHashSet();
        var held = alone.SelectMany(r => r.Classes.Where(c => c != r.Model.Class)).ToHashSet();
        alone.RemoveAll(r => IsNoModel(r.Model.Class!));
        roots.AddRange(alone.Where(r => !held.Contains(r.Model.Class!) && (r.IsConfigured || !isBase.Contains(r.Model.Class!)) && HasForward(r.Model.Class!)));
        if (roots.Count == 0)
        {
            // Each is inside another, or a base of one: the first that can run.
            roots.AddRange(alone.Where(r => HasForward(r.Model.Class!)).Take(1));
        }

        if (roots.Count == 0)
        {
            roots.AddRange(alone.Take(1));
        }

        // A block that another root builds itself is no root.
        var nested = roots.SelectMany(r => r.Classes.Where(c => c != r.Model.Class)).ToHashSet();
        var top = roots.Where(r => r.Model.Class is null || !nested.Contains(r.Model.Class)).ToList();
        if (top.Count > 0)
        {
            // Unless it is built there in another way than the model has it.
            var inside = roots.Except(top).Where(r => r.Shape is not null).ToList();
            _variants.AddRange(inside.Select(r => new Variant(r.Shape!, r.Factory, null, r.Model) { State = r.State }));
            _parts.UnionWith(inside.Select(r => r.Model.Class!));
        }

        return [.. (top.Count > 0 ? top : roots).OrderBy(r => r.Model.Class?.Definition.Start ?? int.MaxValue).ThenBy(r => r.Factory?.Start ?? 0)];
    }

    /// <summary>What stands beside a model.</summary>
    private bool IsNoModel(ClassValue type)
    {
        if (Roles.Of(type, Stem) is not { } role || _source.Options.IncludedRoles.Contains(role, StringComparer.Ordinal))
        {
            return false;
        }

        _source.Options.LeftOut?.Add(role, _source.Path, type.Name);
        return true;
    }

    private string Stem => Path.GetFileNameWithoutExtension(_source.Path);

    /// <summary>A class by itself, with unknown arguments.</summary>
    private Root? Alone(ClassValue type)
    {
        var (from, read) = (_evaluator.Created.Count, _project.DataFiles);
        ObjectValue? built = null;
        var state = SharedState.None;
        Condition? when = null;
        if (!Build(isOpen: true) && HasDefaults(type))
        {
            // In every setting it is too large to follow; as it is by default it may not be.
            var part = _evaluator.Created.Skip(from).ToList();
            _evaluator.Created.RemoveRange(from, part.Count);
            if (Build(isOpen: false) && built is not null)
            {
                when = ByDefault(type);
            }
            else
            {
                _evaluator.Created.RemoveRange(from, _evaluator.Created.Count - from);
                _evaluator.Created.AddRange(part);
            }
        }

        if (_evaluator.Now.IsNever && built is not null)
        {
            _evaluator.Created.RemoveRange(from, _evaluator.Created.Count - from);
            _evaluator.GoesOnBehindRaises = true;
            Build(isOpen: when is null);
            _evaluator.GoesOnBehindRaises = false;
        }

        _evaluator.OpenParameters = null;
        built ??= _evaluator.Created.Skip(from).FirstOrDefault(o => o.Class == type);
        bool Build(bool isOpen)
        {
            var isWhole = false;
            _evaluator.OpenParameters = null;
            state = _evaluator.Sharing(SharedState.None, () =>
                isWhole = Bounded(() => built = Filled(_evaluator.Call(type, isOpen ? _evaluator.Open(type) : _evaluator.ByDefault(type), type.Place) as ObjectValue), StepsPerFunction, $"building '{type.Name}'", type.Definition.Start));
            return isWhole;
        }

        return built is null ? null : new(built, type.Name, [.. _evaluator.Created.Skip(from).Select(o => o.Class).OfType<ClassValue>(), type], null) { State = state, When = when, IsConfigured = _project.DataFiles > read, IsOpen = when is null };
    }

    /// <summary>A model of a file's class; one that is a container and runs its modules itself has some.</summary>
    private ObjectValue? Filled(ObjectValue? built)
    {
        if (built is { Class: { } type } && CalledOf(type) is not null)
        {
            _evaluator.Fill(built);
        }

        return built is { Class: not null } ? built : null;
    }

    private Condition ByDefault(ClassValue type) => _evaluator.Conditions.NewAtom($"'{type.Name}' is built with its defaults");

    /// <summary>A class whose forward is too large to follow in every setting, as it is by default; null where that is too large to build, or nothing is by default.</summary>
    private Root? UsualOf(ClassValue type)
    {
        var (from, gaps) = (_evaluator.Created.Count, _evaluator.Gaps.Count);
        ObjectValue? built = null;
        var isWhole = false;
        var state = !HasDefaults(type) ? SharedState.None : _evaluator.Sharing(SharedState.None, () =>
            isWhole = Bounded(() => built = _evaluator.Call(type, _evaluator.ByDefault(type), type.Place) as ObjectValue, StepsPerFunction, $"building '{type.Name}'", type.Definition.Start) && !_evaluator.Now.IsNever);
        if (!isWhole || built?.Class is null)
        {
            _evaluator.Created.RemoveRange(from, _evaluator.Created.Count - from);
            _evaluator.ForgetGaps(gaps); // what is asked for is the class in every setting, of which is said that it is too large
            return null;
        }

        return new(built, type.Name, [.. _evaluator.Created.Skip(from).Select(o => o.Class).OfType<ClassValue>(), type], null) { State = state, When = ByDefault(type) };
    }

    private bool HasDefaults(ClassValue type) => type.Find("__init__")?.Value is not FunctionValue init || init.Defaults.Any(d => d is not null) || _evaluator.HasSettings(type);

    private static int RequiredArguments(ClassValue type) => type.Find("__init__")?.Value is FunctionValue init
        ? init.Parameters.Where((p, i) => i > 0 && init.Defaults[i] is null && p.Kind is not (ParameterKind.VariadicPositional or ParameterKind.VariadicKeyword)).Count() : 0;

    /// <summary>Models of other settings than those before, of one file.</summary>
    private const int MaxModels = 24;

    private bool HasForward(ClassValue type) => CalledOf(type) is not null
        || type.Kind is ClassKind.KerasModel
        || (type.Kind is ClassKind.TorchModule && type.ExternalBases.Any(b => _evaluator.Libraries.Class(b) is { Kind: ClassKind.TorchModule, IsAbstract: false }));

    /// <summary>What a call of an instance runs: its forward, or where there is none a <c>__call__</c> of its own, which then is the whole of it.</summary>
    private static Value? CalledOf(ClassValue type) => type.Kind is ClassKind.TorchModule ? (type.Find("forward") ?? type.Find("__call__"))?.Value : type.Find("call")?.Value;

    private static PythonNode? OwnForward(ClassValue type) => CalledOf(type) switch
    {
        FunctionValue f => f.Node,
        WrappedMethod { Function: FunctionValue f } => f.Node,
        _ => null,
    };

    /// <summary>Models that the file itself builds: at its own level, by functions that can be called without arguments, or when it is run as a program.</summary>
    private void AddBuilt(List<Root> roots, List<ClassValue> classes)
    {
        var covered = new HashSet<ClassValue>();
        foreach (var value in _project.Main.Scope.Names.Values.OfType<ObjectValue>().Where(o => IsOfFile(o, classes)).Distinct().ToList())
        {
            var inside = _evaluator.Modules(value).Select(m => m.Module.Class).OfType<ClassValue>().ToHashSet();
            var shape = ValueShape.Of(value);
            if (!inside.IsSubsetOf(covered) || !HasForm(roots, shape, SharedState.None))
            {
                roots.Add(new(value, NameOf(value), inside, null) { Shape = shape });
                covered.UnionWith(inside);
            }
            else
            {
                _variants.Add(new(shape, null, null, value));
            }
        }

        var keras = new List<(ObjectValue Model, FunctionDefinition? Factory)>(_evaluator.Created.Where(o => o.Kind is ClassKind.KerasModel).Select(o => (o, (FunctionDefinition?)null)));
        var calledByOthers = new HashSet<PythonNode>(ReferenceEqualityComparer.Instance);
        var built = new List<(FunctionDefinition Function, Value? Result, List<ObjectValue> Created, Dictionary<ObjectValue, ValueShape> Looks, SharedState State)>();
        var met = new Dictionary<string, List<ValueShape>>(StringComparer.Ordinal);
        var states = new List<SharedState> { SharedState.None };
        var same = 0;
        var left = new List<FunctionDefinition>();
        var models = new BuiltModels(_project.Main, () => _evaluator.Changes);
        foreach (var (definition, owner) in Functions(_file.Statements))
        {
            if (!IsCandidate(definition, classes.Count > 0 || SetsForward(_file.Text), owner is not null))
            {
                continue;
            }

            if (_evaluator.Steps > StepsPerAudit || same >= MaxOfTheSame)
            {
                left.Add(definition);
                continue;
            }

            var from = _evaluator.Created.Count;
            Value? result = null;
            var state = SharedState.None;
            void Run() => state = _evaluator.Sharing(SharedState.None, () => result = Called(definition, owner));
            List<ValueShape>? known = null;
            _evaluator.Called = [];
            _evaluator.With(models, Run, () => known = models.IsUsed ? models.Shapes(ModulesOf(result)) : null);
            var isKnown = known is not null;
            if (models.IsUsed && !isKnown)
            {
                // It makes something else of what is alike.
                _evaluator.Created.RemoveRange(from, _evaluator.Created.Count - from);
                Run();
            }

            var like = states.FindIndex(state.IsLike);
            if (like < 0)
            {
                (like, states) = (states.Count, [.. states, state]);
            }

            string Key(string form) => like == 0 ? form : $"{like} {form}";
            calledByOthers.UnionWith(_evaluator.Called.Select(f => f.Node).Where(n => n != definition));
            var created = _evaluator.Created.Skip(from).ToList();
            var looks = known is null ? ModulesOf(result).Where(m => IsOfFile(m, classes)).Distinct().ToDictionary(m => m, ValueShape.Of) : [];
            var shapes = known ?? [.. ModulesOf(result).Select(m => looks.GetValueOrDefault(m)).OfType<ValueShape>()];
            var isNew = !isKnown && (created.Exists(o => o.Kind is not ClassKind.TorchModule) || shapes.Exists(s => s.Form is null || !met.ContainsKey(Key(s.Form))));
            same = isNew || (created.Count == 0 && !isKnown) ? 0 : same + 1;
            models.Settle(isNew, looks);
            foreach (var shape in shapes.Where(s => s.Form is not null))
            {
                var others = met.TryGetValue(Key(shape.Form!), out var list) ? list : met[Key(shape.Form!)] = [];
                if (!others.Exists(shape.IsEqual))
                {
                    others.Add(shape);
                    if (!isNew)
                    {
                        _variants.Add(new(shape, definition, owner, null) { State = state });
                    }
                }
            }

            if (isNew)
            {
                built.Add((definition, result, created, looks, state));
            }
            else
            {
                _evaluator.Created.RemoveRange(from, created.Count);
            }
        }

        NotTried(left);
        foreach (var guard in _file.Statements.OfType<IfStatement>().Where(IsMain).SelectMany(i => i.Clauses.Take(1)))
        {
            var from = _evaluator.Created.Count;
            if (MentionsKeras())
            {
                Bounded(() => _evaluator.Follow(guard.Body, _project.Main), StepsPerFunction, "the code that runs the file as a program", guard.Start);
                built.Add((Program(guard), null, [.. _evaluator.Created.Skip(from)], [], SharedState.None));
            }
            else
            {
                _programs.Add(guard);
            }
        }

        _evaluator.Called = null;
        foreach (var (function, result, created, looks, state) in built)
        {
            var isPart = calledByOthers.Contains(function);
            foreach (var model in ModulesOf(result).Where(m => IsOfFile(m, classes)))
            {
                var type = NameOf(model);
                var inside = created.Select(o => o.Class).Append(model.Class).OfType<ClassValue>().Where(classes.Contains).ToHashSet();
                var shape = looks.GetValueOrDefault(model) ?? ValueShape.Of(model);
                if (!isPart && (!inside.IsSubsetOf(covered) || (roots.Count < MaxModels && !HasForm(roots, shape, state))))
                {
                    roots.Add(new(model, roots.Exists(r => r.Name == type) ? $"{type} ({function.Name})" : type, inside, function) { Shape = shape, State = state });
                    covered.UnionWith(inside);
                }
                else
                {
                    _variants.Add(new(shape, function, null, model) { State = state });
                }
            }

            if (isPart)
            {
                continue;
            }

            keras.AddRange(created.Where(o => o.Kind is ClassKind.KerasModel).Select(o => (o, (FunctionDefinition?)function)));
        }

        // A Keras model is a root when no other holds it.
        var held = keras.SelectMany(k => _evaluator.Modules(k.Model).Skip(1).Select(m => m.Module)).ToHashSet();
        foreach (var (model, factory) in keras.Where(k => !held.Contains(k.Model) && (k.Model.Class is not null || k.Model.Graph is not null || _evaluator.Children(k.Model).Any() || k.Model.ExternalType is not null)).DistinctBy(k => k.Model))
        {
            var name = model.LayerName ?? factory?.Name ?? model.Class?.Name ?? "model";
            roots.Add(new(model, name, _evaluator.Modules(model).Select(m => m.Module.Class).OfType<ClassValue>().ToHashSet(), factory));
        }
    }

    /// <summary>A model of PyTorch whose class the file defines, or whose forward: <c>model.forward = types.MethodType(forward, model)</c>.</summary>
    private bool IsOfFile(ObjectValue model, List<ClassValue> classes) => model.Kind is ClassKind.TorchModule && ((model.Class is { } type && (classes.Contains(type) || (_puts && !type.Module.IsExternal && HasForward(type) && Roles.Of(type, Stem) is null) || Holds(model, classes))) || OwnFunction(model)?.Closure.Module == _project.Main);

    /// <summary>The function that code set as forward of that one module.</summary>
    private static FunctionValue? OwnFunction(ObjectValue module) => module.Attributes.Find("forward")?.Possible().Select(f => f is BoundValue b ? b.Function : f).OfType<FunctionValue>().FirstOrDefault();

    /// <summary>Whether a text may set a module's forward.</summary>
    internal static bool SetsForward(string text) => text.Contains(".forward = ", StringComparison.Ordinal) && text.Contains("torch", StringComparison.Ordinal);

    private static string NameOf(ObjectValue model) => model.Class?.Name ?? model.TypeName[(model.TypeName.LastIndexOf('.') + 1)..];

    private static List<ObjectValue> ModulesOf(Value? value) => value is null ? [] : [.. Possible(value).OfType<ObjectValue>().Where(o => o.IsModule)];

    private static IEnumerable<Value> Possible(Value value) => value switch
    {
        ChoiceValue c => c.Options.Select(o => o.Value),
        SequenceValue { Items.Count: < 16 } s => s.Items,
        _ => [value],
    };

    private static bool IsMain(IfStatement s) => s.Clauses is [{ Test: CompareExpression { Operands: [NameExpression { Name: "__name__" }, StringExpression { Value: "__main__" }] } }, ..];

    private static IEnumerable<(FunctionDefinition Function, ClassDefinition? Owner)> Functions(ImmutableArray<Statement> statements) => statements.SelectMany(s => s switch
    {
        FunctionDefinition f => [(f, (ClassDefinition?)null)],
        IfStatement i => i.Clauses.SelectMany(c => c.Body.OfType<FunctionDefinition>()).Concat(i.OrElse.OfType<FunctionDefinition>()).Select(f => (f, (ClassDefinition?)null)),
        TryStatement t => t.Body.OfType<FunctionDefinition>().Select(f => (f, (ClassDefinition?)null)),
        ClassDefinition c => c.Body.OfType<FunctionDefinition>().Select(f => (f, (ClassDefinition?)c)),
        _ => [],
    });

    /// <summary>Whether a function may build a model: it needs no arguments (for Keras it may: they stay unknown), and is no test or example.</summary>
    private bool IsCandidate(FunctionDefinition function, bool hasClasses, bool isMethod)
    {
        var name = function.Name;
        if ((name.StartsWith("test", StringComparison.Ordinal) && (!MentionsKeras() || Roles.OfFile(Stem) is not null)) || name.StartsWith("__", StringComparison.Ordinal) || (name is "main" or "example" && !MentionsKeras()))
        {
            return false;
        }

        var mayBuildKeras = MentionsKeras() && (_file.TextOf(function).Contains("Model", StringComparison.Ordinal) || _file.TextOf(function).Contains("Sequential", StringComparison.Ordinal));
        if (isMethod)
        {
            return mayBuildKeras;
        }

        if (_puts)
        {
            return PutsTogether(function);
        }

        return NeedsArguments(function) ? mayBuildKeras : (hasClasses && GivesBack(function)) || MentionsKeras();
    }
}
