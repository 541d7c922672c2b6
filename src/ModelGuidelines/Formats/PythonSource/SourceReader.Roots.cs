using System.Collections.Immutable;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Evaluation;
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
        var alone = new List<Root>();
        foreach (var type in classes.OrderBy(RequiredArguments))
        {
            if (!covered.Contains(type) && Alone(type) is { } root)
            {
                covered.UnionWith(root.Classes);
                alone.Add(root);
            }
        }

        var isBase = classes.SelectMany(c => c.ResolutionOrder.Skip(1)).OfType<ClassValue>().ToHashSet();
        var held = alone.SelectMany(r => r.Classes.Where(c => c != r.Model.Class)).ToHashSet();
        alone.RemoveAll(r => IsNoModel(r.Model.Class!));
        roots.AddRange(alone.Where(r => !held.Contains(r.Model.Class!) && !isBase.Contains(r.Model.Class!) && HasForward(r.Model.Class!)));
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
        var from = _evaluator.Created.Count;
        ObjectValue? built = null;
        Build();
        if (_evaluator.Now.IsNever && built is not null)
        {
            _evaluator.Created.RemoveRange(from, _evaluator.Created.Count - from);
            _evaluator.GoesOnBehindRaises = true;
            Build();
            _evaluator.GoesOnBehindRaises = false;
        }

        _evaluator.OpenParameters = null;
        built ??= _evaluator.Created.Skip(from).FirstOrDefault(o => o.Class == type);
        void Build()
        {
            _evaluator.OpenParameters = (type.Find("__init__")?.Value as FunctionValue)?.Node;
            Bounded(() => built = _evaluator.Call(type, new(), type.Place) as ObjectValue, StepsPerFunction, $"building '{type.Name}'", type.Definition.Start);
        }

        return built is null ? null : new(built, type.Name, [.. _evaluator.Created.Skip(from).Select(o => o.Class).OfType<ClassValue>(), type], null);
    }

    private static int RequiredArguments(ClassValue type) => type.Find("__init__")?.Value is FunctionValue init
        ? init.Parameters.Where((p, i) => i > 0 && init.Defaults[i] is null && p.Kind is not (ParameterKind.VariadicPositional or ParameterKind.VariadicKeyword)).Count() : 0;

    /// <summary>Models of other settings than those before, of one file.</summary>
    private const int MaxModels = 12;

    private bool HasForward(ClassValue type) => type.Find(type.Kind is ClassKind.TorchModule ? "forward" : "call") is not null
        || type.Kind is ClassKind.KerasModel
        || (type.Kind is ClassKind.TorchModule && type.ExternalBases.Any(b => _evaluator.Libraries.Class(b) is { Kind: ClassKind.TorchModule, IsAbstract: false }));

    private static PythonNode? OwnForward(ClassValue type) => type.Find(type.Kind is ClassKind.TorchModule ? "forward" : "call")?.Value switch
    {
        FunctionValue f => f.Node,
        WrappedMethod { Function: FunctionValue f } => f.Node,
        _ => null,
    };

    /// <summary>Models that the file itself builds: at its own level, by functions that can be called without arguments, or when it is run as a program.</summary>
    private void AddBuilt(List<Root> roots, List<ClassValue> classes)
    {
        var covered = new HashSet<ClassValue>();
        foreach (var value in _project.Main.Scope.Names.Values.OfType<ObjectValue>().Where(o => o.Kind is ClassKind.TorchModule && o.Class is not null && classes.Contains(o.Class)).Distinct().ToList())
        {
            var inside = _evaluator.Modules(value).Select(m => m.Module.Class).OfType<ClassValue>().ToHashSet();
            if (!inside.IsSubsetOf(covered))
            {
                roots.Add(new(value, value.Class!.Name, inside, null));
                covered.UnionWith(inside);
            }
        }

        var keras = new List<(ObjectValue Model, FunctionDefinition? Factory)>(_evaluator.Created.Where(o => o.Kind is ClassKind.KerasModel).Select(o => (o, (FunctionDefinition?)null)));
        var calledByOthers = new HashSet<PythonNode>(ReferenceEqualityComparer.Instance);
        var built = new List<(FunctionDefinition Function, Value? Result, List<ObjectValue> Created)>();
        var met = new HashSet<string>(StringComparer.Ordinal);
        var same = 0;
        var models = new BuiltModels(_project.Main);
        foreach (var (definition, owner) in Functions(_file.Statements))
        {
            if (!IsCandidate(definition, classes.Count > 0, owner is not null) || _evaluator.Steps > StepsPerAudit || same >= MaxOfTheSame)
            {
                continue;
            }

            var from = _evaluator.Created.Count;
            Value? result = null;
            void Call()
            {
                // What a decorator made of the function is what callers get.
                if (owner is null && _project.Main.Scope.Names.GetValueOrDefault(definition.Name) is FunctionValue function)
                {
                    result = _evaluator.Call(function, new(), function.Place);
                }
                else if (owner is not null && _project.Main.Scope.Names.GetValueOrDefault(owner.Name) is ClassValue { Kind: ClassKind.Plain } type && _evaluator.Call(type, new(), type.Place) is ObjectValue self)
                {
                    result = _evaluator.Call(_evaluator.Attribute(self, definition.Name, type.Place), new(), type.Place);
                }
            }

            void Run() => Bounded(Call, StepsPerFunction, $"function '{definition.Name}'", definition.Start);
            HashSet<string> Settings(IReadOnlySet<object>? changed) =>
                (result is null ? [] : Possible(result)).OfType<ObjectValue>().Where(o => o.IsModule).SelectMany(o => ModelSettings.Of(_evaluator, o, classes, changed)).ToHashSet(StringComparer.Ordinal);

            _evaluator.Called = [];
            HashSet<string> settings = [];
            _evaluator.With(models, Run, written => settings = Settings(models.IsUsed ? written : null));
            var isLike = models.IsUsed && settings.IsSubsetOf(met);
            if (models.IsUsed && !isLike)
            {
                // It makes something else of what is alike.
                _evaluator.Created.RemoveRange(from, _evaluator.Created.Count - from);
                Run();
                settings = Settings(null);
            }

            calledByOthers.UnionWith(_evaluator.Called.Select(f => f.Node).Where(n => n != definition));
            var created = _evaluator.Created.Skip(from).ToList();
            var isNew = created.Exists(o => o.Kind is not ClassKind.TorchModule) || !settings.IsSubsetOf(met);
            same = isNew || (created.Count == 0 && !isLike) ? 0 : same + 1;
            met.UnionWith(settings);
            models.Settle(isNew);
            if (isNew)
            {
                built.Add((definition, result, created));
            }
            else
            {
                _evaluator.Created.RemoveRange(from, created.Count);
            }
        }

        foreach (var guard in _file.Statements.OfType<IfStatement>().Where(IsMain).SelectMany(i => i.Clauses.Take(1)))
        {
            var from = _evaluator.Created.Count;
            if (MentionsKeras())
            {
                Bounded(() => _evaluator.Follow(guard.Body, _project.Main), StepsPerFunction, "the code that runs the file as a program", guard.Start);
                built.Add((new(guard.Start, guard.End, "__main__", [], [], null, guard.Body, [], false), null, [.. _evaluator.Created.Skip(from)]));
            }
        }

        _evaluator.Called = null;
        var followed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (function, result, created) in built.Where(b => !calledByOthers.Contains(b.Function)))
        {
            foreach (var model in (result is null ? [] : Possible(result)).OfType<ObjectValue>().Where(m => m.Kind is ClassKind.TorchModule && m.Class is not null && classes.Contains(m.Class)))
            {
                var type = model.Class!;
                var inside = created.Select(o => o.Class).OfType<ClassValue>().Where(classes.Contains).Append(type).ToHashSet();
                var settings = ModelSettings.Of(_evaluator, model, classes);
                if (!inside.IsSubsetOf(covered) || (roots.Count < MaxModels && !settings.IsSubsetOf(followed)))
                {
                    followed.UnionWith(settings);
                    roots.Add(new(model, roots.Exists(r => r.Name == type.Name) ? $"{type.Name} ({function.Name})" : type.Name, inside, function));
                    covered.UnionWith(inside);
                }
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

        var needs = function.Parameters.Any(p => p.Default is null && p.Kind is not (ParameterKind.VariadicPositional or ParameterKind.VariadicKeyword));
        return needs ? mayBuildKeras : hasClasses || MentionsKeras();
    }
}
