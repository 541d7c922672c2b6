using System.Collections.Immutable;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Finds the models of one file, follows each, and writes one graph.</summary>
/// <remarks>A root is a model that no other model of the file holds. It is built as the file itself builds it, by a function that needs no arguments
/// or at the file's own level; else from its class, with unknown arguments for parameters without defaults. Its forward is followed in evaluation mode.</remarks>
internal sealed class SourceReader
{
    private const long StepsPerFile = 400_000;
    private const long StepsPerFunction = 150_000;
    private const long StepsPerModel = 1_500_000;
    private readonly PythonFile _file;
    private readonly ModelSource _source;
    private readonly SourceProject _project;
    private readonly Interpreter _interpreter;
    private bool? _mentionsKeras;
    private readonly ModelGraphBuilder _graph = new();
    private readonly List<string> _blindSpots = [];

    public SourceReader(PythonFile file, ModelSource source)
    {
        _file = file;
        _source = source;
        _project = new(source, file);
        _interpreter = new(_project, source.Limits, source.Cancellation);
    }

    private sealed record Root(ObjectValue Model, string Name, HashSet<ClassValue> Classes, FunctionDefinition? Factory);

    public ModelGraph Read()
    {
        if (!MayHoldModels())
        {
            throw NoModel();
        }

        Bounded(() => _interpreter.Run(_project.Main), StepsPerFile, "the file's own statements");
        var classes = Classes();
        var roots = FindRoots(classes);
        if (roots.Count == 0)
        {
            throw NoModel();
        }

        var framework = roots.Exists(r => r.Model.Kind is ClassKind.TorchModule) ? Framework.PyTorch : Framework.Keras;
        foreach (var root in roots.Where(r => r.Model.Kind is ClassKind.TorchModule == framework is Framework.PyTorch))
        {
            _source.Cancellation.ThrowIfCancellationRequested();
            Follow(root);
        }

        foreach (var suppression in SuppressionComments.Find(_file))
        {
            _graph.Suppressions.Add(suppression with { File = _project.Main.DisplayName });
        }

        return _graph.Build(framework, null, Evidence());
    }

    private ModelReadException NoModel()
    {
        var errors = _file.Errors.IsEmpty ? "" : $"; line {_file.PositionOf(_file.Errors[0].Offset).Line} cannot be parsed: {_file.Errors[0].Message}";
        return new(PythonSourceFormat.NoModelId, $"{PythonSourceFormat.NoModelMessage}{errors}") { IsNotAModel = _file.Errors.IsEmpty };
    }

    /// <summary>A look at the tree before anything is followed: a class with bases, or a name of Keras.</summary>
    private bool MayHoldModels() => _file.Text.Contains("keras", StringComparison.Ordinal) || HasClass(_file.Statements, 0);

    private static bool HasClass(ImmutableArray<Statement> statements, int depth) => depth < 20 && statements.Any(s => s switch
    {
        ClassDefinition c => c.Arguments.Length > 0,
        IfStatement i => i.Clauses.Any(c => HasClass(c.Body, depth + 1)) || HasClass(i.OrElse, depth + 1),
        TryStatement t => HasClass(t.Body, depth + 1) || HasClass(t.OrElse, depth + 1) || t.Handlers.Any(h => HasClass(h.Body, depth + 1)),
        FunctionDefinition f => HasClass(f.Body, depth + 1),
        ErrorStatement e => HasClass(e.Body, depth + 1),
        WithStatement w => HasClass(w.Body, depth + 1),
        _ => false,
    });

    private bool Bounded(Action run, long steps, string what)
    {
        _interpreter.Allow(steps);
        try
        {
            run();
            return true;
        }
        catch (BudgetException)
        {
            _interpreter.Reset();
            _blindSpots.Add($"{what} took more steps than are followed");
            return false;
        }
    }

    private List<ClassValue> Classes() =>
        [.. _project.Main.Scope.Names.Values.OfType<ClassValue>().Where(c => c.Module == _project.Main && c.Kind is ClassKind.TorchModule or ClassKind.KerasModel or ClassKind.KerasLayer).Distinct().OrderBy(c => c.Definition.Start)];

    private List<Root> FindRoots(List<ClassValue> classes)
    {
        var roots = new List<Root>();
        var covered = new HashSet<ClassValue>();
        AddBuilt(roots, classes);
        roots.ForEach(r => covered.UnionWith(r.Classes));

        // Classes that nothing in the file builds with known arguments: each by itself.
        var alone = new List<Root>();
        foreach (var type in classes.OrderBy(RequiredArguments))
        {
            if (covered.Contains(type))
            {
                continue;
            }

            var from = _interpreter.Created.Count;
            ObjectValue? built = null;
            var spots = _blindSpots.Count;
            Bounded(() => built = _interpreter.Call(type, new(), _project.Main.At(type.Definition.Start)) as ObjectValue, StepsPerFunction, $"building '{type.Name}'");
            _interpreter.Reset();
            HashSet<ClassValue> inside = [.. _interpreter.Created.Skip(from).Select(o => o.Class).OfType<ClassValue>(), type];
            covered.UnionWith(inside);
            built ??= _interpreter.Created.Skip(from).FirstOrDefault(o => o.Class == type);
            if (built is not null)
            {
                alone.Add(new(built, type.Name, inside, null));
            }

            if (_blindSpots.Count > spots && !HasForward(type))
            {
                _blindSpots.RemoveRange(spots, _blindSpots.Count - spots);
            }
        }

        var isBase = classes.SelectMany(c => c.ResolutionOrder.Skip(1)).OfType<ClassValue>().ToHashSet();
        var held = alone.SelectMany(r => r.Classes.Where(c => c != r.Model.Class)).ToHashSet();
        foreach (var root in alone)
        {
            var type = root.Model.Class!;
            if (!held.Contains(type) && !isBase.Contains(type) && HasForward(type))
            {
                roots.Add(root);
            }
        }

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

    private static int RequiredArguments(ClassValue type) => type.Find("__init__")?.Value is FunctionValue init
        ? init.Parameters.Where((p, i) => i > 0 && init.Defaults[i] is null && p.Kind is not (ParameterKind.VariadicPositional or ParameterKind.VariadicKeyword)).Count() : 0;

    private static bool HasForward(ClassValue type) => type.Find(type.Kind is ClassKind.TorchModule ? "forward" : "call") is not null
        || type.ExternalBases.Any(b => b is not ("torch.nn.Module" or "torch.nn.modules.module.Module") && type.Kind is ClassKind.TorchModule && Libraries.IsTorchNnClass(b))
        || type.Kind is ClassKind.KerasModel;

    /// <summary>Models that the file itself builds: at its own level, or by functions that can be called without arguments.</summary>
    private void AddBuilt(List<Root> roots, List<ClassValue> classes)
    {
        var covered = new HashSet<ClassValue>();
        foreach (var value in _project.Main.Scope.Names.Values.OfType<ObjectValue>().Where(o => o.Kind is ClassKind.TorchModule && o.Class is not null && classes.Contains(o.Class)).Distinct().ToList())
        {
            var inside = ModuleTree.Enumerate(value).Select(m => m.Module.Class).OfType<ClassValue>().ToHashSet();
            if (!inside.IsSubsetOf(covered))
            {
                roots.Add(new(value, value.Class!.Name, inside, null));
                covered.UnionWith(inside);
            }
        }

        var keras = new List<(ObjectValue Model, FunctionDefinition? Factory)>(_interpreter.Created.Where(o => o.Kind is ClassKind.KerasModel).Select(o => (o, (FunctionDefinition?)null)));
        var calledByOthers = new HashSet<PythonNode>();
        var built = new List<(FunctionDefinition Function, Value Result, List<ObjectValue> Created)>();
        foreach (var definition in Functions(_file.Statements).Where(f => IsCandidate(f, classes.Count > 0)))
        {
            // What a decorator made of the function is what callers get.
            if (_project.Main.Scope.Names.GetValueOrDefault(definition.Name) is not FunctionValue function)
            {
                continue;
            }

            var from = _interpreter.Created.Count;
            Value result = UnknownValue.Instance;
            _interpreter.Called = [];
            Bounded(() => result = _interpreter.Call(function, new(), null), StepsPerFunction, $"function '{function.Name}'");
            _interpreter.Reset();
            calledByOthers.UnionWith(_interpreter.Called.Select(f => f.Node).Where(n => n != definition));
            built.Add((definition, result, [.. _interpreter.Created.Skip(from)]));
        }

        _interpreter.Called = null;
        foreach (var (function, result, created) in built.Where(b => !calledByOthers.Contains(b.Function)))
        {
            if (result is ObjectValue { Kind: ClassKind.TorchModule, Class: { } type } model && classes.Contains(type))
            {
                var inside = created.Select(o => o.Class).OfType<ClassValue>().Where(classes.Contains).Append(type).ToHashSet();
                if (!inside.IsSubsetOf(covered))
                {
                    roots.Add(new(model, roots.Exists(r => r.Name == type.Name) ? $"{type.Name} ({function.Name})" : type.Name, inside, function));
                    covered.UnionWith(inside);
                }
            }

            keras.AddRange(created.Where(o => o.Kind is ClassKind.KerasModel).Select(o => (o, (FunctionDefinition?)function)));
        }

        // A Keras model is a root when no other holds it.
        var held = keras.SelectMany(k => ModuleTree.Enumerate(k.Model).Skip(1).Select(m => m.Module)).ToHashSet();
        foreach (var (model, factory) in keras.Where(k => !held.Contains(k.Model) && (k.Model.Class is not null || k.Model.Graph is not null || k.Model.Children.Count > 0 || k.Model.ExternalType is not null)).DistinctBy(k => k.Model))
        {
            var name = model.LayerName ?? factory?.Name ?? model.Class?.Name ?? "model";
            roots.Add(new(model, name, ModuleTree.Enumerate(model).Select(m => m.Module.Class).OfType<ClassValue>().ToHashSet(), factory));
        }
    }

    private static IEnumerable<FunctionDefinition> Functions(ImmutableArray<Statement> statements) => statements.SelectMany(s => s switch
    {
        FunctionDefinition f => [f],
        IfStatement i => i.Clauses.SelectMany(c => c.Body.OfType<FunctionDefinition>()).Concat(i.OrElse.OfType<FunctionDefinition>()),
        TryStatement t => t.Body.OfType<FunctionDefinition>(),
        _ => [],
    });

    /// <summary>Whether a function may build a model: it needs no arguments (for Keras it may: they stay unknown), and is no test or example.</summary>
    private bool IsCandidate(FunctionDefinition function, bool hasClasses)
    {
        var name = function.Name;
        if (name.StartsWith("test", StringComparison.Ordinal) || name is "main" or "example" || name.StartsWith("__", StringComparison.Ordinal))
        {
            return false;
        }

        var needs = function.Parameters.Where(p => p.Default is null && p.Kind is not (ParameterKind.VariadicPositional or ParameterKind.VariadicKeyword)).Any();
        return !needs ? hasClasses || MentionsKeras() : MentionsKeras() && _file.TextOf(function).Contains("Model", StringComparison.Ordinal);
    }

    private bool MentionsKeras() => _mentionsKeras ??= _file.Text.Contains("keras", StringComparison.Ordinal);

    /// <summary>Writes one root's modules, then follows its forward.</summary>
    private void Follow(Root root)
    {
        var separator = root.Model.Kind is ClassKind.TorchModule ? '.' : '/';
        var index = new Dictionary<ObjectValue, int>();
        foreach (var (name, module, parent) in ModuleTree.Enumerate(root.Model, separator))
        {
            if (_graph.Modules.Count >= _source.Limits.Items)
            {
                break;
            }

            if (index.TryGetValue(module, out var known))
            {
                var entry = _graph.Modules[known];
                if (entry.Aliases.Length < 1000 && entry.QualifiedName != name)
                {
                    _graph.Modules[known] = entry with { Aliases = entry.Aliases.Add(name) };
                }

                continue;
            }

            index.Add(module, _graph.Add(new()
            {
                QualifiedName = name,
                Type = module.TypeName,
                Parent = parent is null ? null : index[parent],
                Parameters = [.. module.Parameters],
                Origin = module.Class is not null || module.Doubt is not null ? ModuleOrigin.User : ModuleOrigin.Framework,
                Construction = ConstructionOf(module),
                Model = root.Name,
                Location = ConstructionOf(module) is ModuleConstruction.SubclassedModel || parent is null ? LocationOfClass(module) ?? module.Location : module.Location ?? LocationOfClass(module),
            }));
        }

        var recorder = new Recorder(_graph, index, index[root.Model], _source.Limits);
        _interpreter.Recorder = recorder;
        Bounded(() => Forward(root.Model), StepsPerModel, $"the forward pass of '{root.Name}'");
        _interpreter.Recorder = null;
        _interpreter.Reset();
        if (recorder.UnknownCalls > 0)
        {
            _blindSpots.Add($"'{root.Name}' calls what this file does not tell{(recorder.FirstUnknownCall is { } place ? $" ({place})" : "")}");
        }
    }

    private static SourceLocation? LocationOfClass(ObjectValue module) => module.Class is { } type ? type.Module.At(type.Definition.Start) : null;

    private static ModuleConstruction ConstructionOf(ObjectValue module)
    {
        if (module.Kind is ClassKind.KerasLayer)
        {
            return module.Class is null ? ModuleConstruction.BuiltIn : ModuleConstruction.CustomLayer;
        }

        if (module.Kind is not ClassKind.KerasModel)
        {
            return ModuleConstruction.Unknown;
        }

        return module.Graph is not null ? ModuleConstruction.Functional
            : module.Class?.Find("call") is not null ? ModuleConstruction.SubclassedModel
            : module.IsA("Sequential") ? ModuleConstruction.Sequential
            : module.Class is null ? ModuleConstruction.Functional : ModuleConstruction.Unknown;
    }

    private void Forward(ObjectValue model)
    {
        var name = model.Kind is ClassKind.TorchModule ? "forward" : "call";
        var arguments = new CallArguments();
        SourceLocation? location = null;
        if (model.Class?.Find(name)?.Value is FunctionValue forward)
        {
            location = forward.Closure.Module.At(forward.Node.Start);
            var position = 0;
            for (var i = 1; i < forward.Parameters.Length; i++)
            {
                var p = forward.Parameters[i];
                if (p.Kind is ParameterKind.VariadicPositional)
                {
                    arguments.Rest = TensorValue.Instance;
                }
                else if (forward.Defaults[i] is null && p.Kind is not ParameterKind.VariadicKeyword)
                {
                    var value = ValueTypes.FromAnnotation(p, position++.ToString(System.Globalization.CultureInfo.InvariantCulture));
                    if (p.Kind is ParameterKind.KeywordOnly)
                    {
                        arguments.Named.Add((p.Name, value));
                    }
                    else
                    {
                        arguments.Positional.Add(value);
                    }
                }
            }
        }
        else
        {
            arguments.Positional.Add(TensorValue.Instance);
        }

        _interpreter.Call(model, arguments, location);
    }

    private GraphEvidence Evidence()
    {
        if (!_file.Errors.IsEmpty)
        {
            // Python runs no file with such a line, and what stands there is unknown: what the rest shows are findings, their absence is no Pass.
            var (line, _) = _file.PositionOf(_file.Errors[0].Offset);
            return GraphEvidence.AllAbsent($"line {line} cannot be parsed: {_file.Errors[0].Message}");
        }

        var evidence = _blindSpots.Count == 0 ? Models.Evidence.Complete
            : Models.Evidence.BlindSpots(string.Join("; ", _blindSpots.Distinct().Take(3)) + (_blindSpots.Count > 3 ? $"; and {_blindSpots.Count - 3} more" : ""));
        return new() { ModuleCalls = evidence, Operations = evidence, RootInterface = evidence, SubmoduleInterfaces = evidence, Construction = evidence };
    }
}
