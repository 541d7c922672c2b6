using System.Collections.Immutable;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Evaluation;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Finds the models of one file, follows each, and writes one graph.</summary>
/// <remarks>A root is a model that no other model of the file holds. It is built as the file itself builds it, by a function that needs no arguments
/// or at the file's own level; else from its class, with unknown arguments for parameters without defaults. What no root runs is followed by itself.</remarks>
internal sealed partial class SourceReader
{
    private const long StepsPerFile = 600_000;
    private const long StepsPerFunction = 300_000;
    private const long StepsPerModel = 400_000;
    private const long StepsPerAudit = 2_500_000;
    private const long StepsPerEntry = 12_000_000;
    private readonly PythonFile _file;
    private readonly ModelSource _source;
    private readonly IReadOnlyDictionary<string, PythonFile>? _texts;
    private readonly Project _project;
    private readonly Evaluator _evaluator;
    private readonly ModelGraphBuilder _graph = new();
    private readonly RootInputs _inputs;

    /// <summary>Functions that build nothing new, one after the other, after which the others are taken to do so, too.</summary>
    private const int MaxOfTheSame = 20;
    private bool? _mentionsKeras;

    public SourceReader(PythonFile file, ModelSource source, IReadOnlyDictionary<string, PythonFile>? texts)
    {
        _file = file;
        _source = source;
        _texts = texts;
        var libraries = LibraryCatalog.Default;
        _project = new(source.Path, file, new(source.Cache.Get<KnownPaths>(), source.Cache.Get<ParsedFiles>()) { Trace = source.Trace, Hashes = source.Trace is null ? null : source.Cache.Get<Storage.FileHashes>(), Texts = texts }, source.Options, libraries, source.Budget);
        _evaluator = new(_project, libraries, source.Budget);
        _inputs = new(_evaluator);
    }

    private sealed record Root(ObjectValue Model, string Name, HashSet<ClassValue> Classes, FunctionDefinition? Factory)
    {
        /// <summary>The user said how it is built: forward is called as its users call it, with its defaults.</summary>
        public bool IsEntry { get; init; }

        /// <summary>What was set beside it by what builds it.</summary>
        public SharedState State { get; init; } = SharedState.None;

        /// <summary>Under which condition it is built so; null where nothing is left out.</summary>
        public Condition? When { get; init; }

        /// <summary>Whether it is made in every setting that its constructor asks for.</summary>
        public bool IsOpen { get; init; }

        /// <summary>Whether its constructor reads a file that stands beside the code: that is a model, whatever classes derive from it.</summary>
        public bool IsConfigured { get; init; }

        /// <summary>The size of the images that the model says it is made for; null: any.</summary>
        public IReadOnlyList<long>? InputSizes { get; init; }

        /// <summary>It is made in settings that nobody in the file gives: what it does in them is found, and what cannot be told of them is asked by nobody.</summary>
        public bool IsSetting { get; init; }

        /// <summary>What the function that made it was called with, where it needs arguments.</summary>
        public CallArguments? MadeWith { get; init; }

        /// <summary>What it looked like when it was built, where other functions may build its like.</summary>
        public ValueShape? Shape { get; init; }

        /// <summary>Arguments of forward that the user gives.</summary>
        public IReadOnlyDictionary<string, Value> Arguments { get; init; } = ImmutableDictionary<string, Value>.Empty;
    }

    public ModelGraph Read()
    {
        if (_source.Options.Entry is { } entry)
        {
            return ReadEntry(entry);
        }

        if (HuggingFaceModel.Of(_source.Path, _file.Text, name => _project.ReadData(name, null)) is { } folder && new SourceReader(_file, _source, _texts).ReadFolder(folder) is { } model)
        {
            return model;
        }

        var mayHoldModels = MayHoldModels();
        _puts = !mayHoldModels && PutsTogether();
        if (!_puts && !mayHoldModels)
        {
            throw NoModel();
        }

        Bounded(() => _evaluator.Run(_project.Main), StepsPerFile, "the file's own statements");
        var classes = Classes();
        // Nothing is built for them: a tokenizer that fills its tables may take longer than a model.
        if (classes.Count > 0 && classes.Count(IsNoModel) == classes.Count)
        {
            throw new ModelReadException(PythonSourceFormat.NoModelId, $"the file holds no model: {Roles.Of(classes[0], Stem)} '{classes[0].Name}'{(classes.Count > 1 ? " and others" : "")} is audited with --include-role {Roles.Of(classes[0], Stem)}") { IsNotAModel = true };
        }

        var roots = FindRoots(classes);
        if (roots.Count == 0 && classes.Count == 0 && (_puts || !_evaluator.Gaps.Exists(g => g.Hides is Hides.Everything)))
        {
            throw NoModel();
        }

        if (!_puts && !NamesFramework() && !roots.Exists(r => r.Model.Kind is not ClassKind.TorchModule) && !classes.Exists(c => c.ExternalBases.Any(b => _evaluator.Libraries.Class(b) is { Kind: not ClassKind.Plain })))
        {
            throw NoModel(); // a class with a forward whose base nobody knows, in a file that names no framework
        }

        var framework = roots.Exists(r => r.Model.Kind is ClassKind.TorchModule) || (roots.Count == 0 && !MentionsKeras()) ? Framework.PyTorch : Framework.Keras;
        bool Fits(ClassKind kind) => kind is ClassKind.TorchModule == framework is Framework.PyTorch;
        var ran = new HashSet<ClassValue>();
        foreach (var root in roots.Where(r => Fits(r.Model.Kind)))
        {
            Follow(root, ran);
        }

        if (framework is Framework.PyTorch)
        {
            FollowVariants(ran);
            FollowSettings(roots, ran);
        }

        // What no model ran is followed by itself, but for bases of what ran.
        foreach (var type in OuterFirst([.. classes.Where(c => Fits(c.Kind))]))
        {
            if (ran.Contains(type) || IsNoModel(type) || !HasForward(type) || OwnForward(type) is not { } own || (_followed.Contains(own) && !HasPartLeft(type, ran)))
            {
                continue;
            }

            if (_evaluator.Steps >= StepsPerAudit)
            {
                _evaluator.Gap($"'{type.Name}' is not followed: what stands before it takes all the steps that a file has", type.Place, Hides.Everything, $"audit it as an entry, '{type.Name}(...)'");
            }
            else if (Alone(type) is { } root)
            {
                Follow(root, ran);
            }
        }

        if (framework is Framework.PyTorch && _programs.Count > 0)
        {
            FollowPrograms(classes, ran);
        }

        if (_graph.Modules.Count == 0 && _evaluator.Gaps.Count == 0)
        {
            throw NoModel();
        }

        return Graph(framework);
    }

    private ModelReadException NoModel()
    {
        var errors = _file.Errors.IsEmpty ? "" : $"; line {_file.PositionOf(_file.Errors[0].Offset).Line} cannot be parsed: {_file.Errors[0].Message}";
        return new(PythonSourceFormat.NoModelId, $"{PythonSourceFormat.NoModelMessage}{errors}") { IsNotAModel = _file.Errors.IsEmpty || !PythonSourceFormat.NamesModel(_source.File.Span(0, (int)_source.File.Length)) };
    }

    /// <summary>A look at the tree before anything is followed: a class with bases, a name of Keras, or a forward that is set.</summary>
    private bool MayHoldModels() => MentionsKeras() || HasClass(_file.Statements, 0) || SetsForward(_file.Text);

    private bool NamesFramework() => _file.Text.Contains("torch", StringComparison.Ordinal) || _file.Text.Contains("keras", StringComparison.Ordinal);

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

    private bool Bounded(Action run, long steps, string what, int offset = 0)
    {
        try
        {
            if (_evaluator.Run(run, steps))
            {
                return true;
            }
        }
        catch (OperationCanceledException) when (_source.Budget.IsOutOfTime)
        {
            // While a file was parsed that the code imports: the rest of what was asked for is a gap all the same.
        }

        var (needs, remedy) = _source.Budget.IsOutOfTime ? ("time than a file is given", "give it more time with --time-limit (-TimeLimit), or audit an exported file of the model") : ("steps than are followed", "audit an exported file of the model");
        _evaluator.Gap($"{what} takes more {needs}", new(_project.Main, offset), Hides.Everything, remedy);
        return false;
    }

    private bool MentionsKeras() => _mentionsKeras ??= _file.Text.Contains("keras", StringComparison.Ordinal) || (!_file.Text.Contains("torch", StringComparison.Ordinal) && PythonSourceFormat.BuildsModel(_file.Text));

    /// <summary>Writes one root's modules, then follows its forward.</summary>
    private void Follow(Root root, HashSet<ClassValue> ran)
    {
        _evaluator.Sharing(root.State, () => FollowAlone(root, ran));
        if (!_isWhole && root.IsOpen && _evaluator.Steps < StepsPerAudit && UsualOf(root.Model.Class!) is { } usual)
        {
            _evaluator.Sharing(usual.State, () => FollowAlone(usual, ran));
        }
    }

    private void FollowAlone(Root root, HashSet<ClassValue> ran)
    {
        var separator = root.Model.Kind is ClassKind.TorchModule ? '.' : '/';
        var index = new Dictionary<ObjectValue, int>();
        if (separator == '/')
        {
            BuildLayers(root.Model);
        }

        var there = new Dictionary<ObjectValue, (Condition Exists, Condition Holds)>();
        var aliases = new Dictionary<int, List<string>>();
        foreach (var (name, module, parent, isHeld) in ModuleTree.Enumerate(_evaluator, root.Model, separator))
        {
            var when = root.When is { } only ? isHeld.And(only) : isHeld;
            if (_graph.Modules.Count >= _source.Limits.Items)
            {
                break;
            }

            if (parent is not null && there.TryGetValue(parent, out var holder))
            {
                there[parent] = (holder.Exists, holder.Holds.Or(when));
            }

            there[module] = there.TryGetValue(module, out var before) ? (before.Exists.Or(when), before.Holds) : (when, when.Table.Never);
            if (index.TryGetValue(module, out var known))
            {
                var others = aliases.TryGetValue(known, out var list) ? list : aliases[known] = [];
                if (others.Count < ModuleTree.MaxAliases && _graph.Modules[known].QualifiedName != name)
                {
                    others.Add(name);
                }

                continue;
            }

            index.Add(module, Entry(root, name, module, parent is null ? null : index[parent]));
        }

        foreach (var (known, names) in aliases)
        {
            _graph.Modules[known] = _graph.Modules[known] with { Aliases = [.. names] };
        }

        var shapes = separator == '.' ? Watch(root, index.Keys) : [];
        Describe(index, there, root);
        var late = new LateModules(index, (name, module, holder, when) =>
        {
            var own = _graph.Modules[holder].QualifiedName;
            var entry = Entry(root, own.Length == 0 ? name : $"{own}{separator}{name}", module, holder);
            Describe(new() { [module] = entry }, new() { [module] = (when, when) }, root);
            return entry;
        });
        var recorder = Passes(root, index, late);
        if (root.IsSetting && !_isWhole)
        {
            return;
        }

        // Who gives nothing gets the defaults: what holds then is certain, unless the model cannot run so, or it is not sure that it can.
        var usual = _evaluator.World.And(_inputs.NoneGiven);
        recorder.Write(usual.IsNever || usual.HasNames ? _evaluator.World : usual, _evaluator.World);
        shapes.ForEach(s => s.Settle());
        _shapes.AddRange(shapes.Select(s => (s, root.State)));
        ran.UnionWith(recorder.Ran);
        _followed.UnionWith(recorder.Ran.Select(OwnForward).OfType<PythonNode>());
    }

    private int Entry(Root root, string name, ObjectValue module, int? parent)
    {
        var construction = ConstructionOf(module);
        return _graph.Add(new()
        {
            QualifiedName = name,
            Type = module.TypeName,
            ExactType = ModuleContents.ExactTypeOf(_evaluator, module),
            Parent = parent,
            Origin = module.Class is not null || module.Doubt is not null || OwnFunction(module) is not null || (module.ExternalType is { } external && _evaluator.Libraries.Class(external) is { IsOutlined: true }) ? ModuleOrigin.User : ModuleOrigin.Framework,
            Construction = construction,
            Making = Makings.Print(module),
            Model = root.Name,
            Definition = LocationOfForward(module),
            Location = construction is ModuleConstruction.SubclassedModel || parent is null ? LocationOfClass(module) ?? LocationOf(module) : LocationOf(module) ?? LocationOfClass(module),
        });
    }

    private readonly HashSet<string> _unknownContents = new(StringComparer.Ordinal);

    /// <summary>Says of each module when it is there, and when it holds none.</summary>
    private void Describe(Dictionary<ObjectValue, int> index, Dictionary<ObjectValue, (Condition Exists, Condition Holds)> there, Root root)
    {
        foreach (var (module, at) in index)
        {
            var (exists, holds) = there[module];
            var empty = exists.And(holds.Not());
            var (inside, reason, remedy) = ModuleContents.Of(_evaluator, module);
            var entry = _graph.Modules[at];
            _graph.Modules[at] = entry with
            {
                Existence = Under(exists),
                MayHoldModules = inside is not false || empty.IsNever,
                Emptiness = Under(empty),
            };
            if (inside is null && !empty.IsNever && module.Kind is ClassKind.TorchModule && !root.IsSetting && _unknownContents.Add(entry.Type!))
            {
                _graph.Gaps.Add(new(reason!, entry.Location, GraphFacts.ModuleTypes, remedy));
            }
        }

        static Certainty Under(Condition when) => when.IsAlways ? Certainty.Certain : Certainty.Under(when.ToString());
    }

    private readonly HashSet<PythonNode> _followed = new(ReferenceEqualityComparer.Instance);

    /// <summary>How deep layers that make layers are followed.</summary>
    private const int MaxBuiltLevels = 100;

    /// <summary>Layers that layers make when they are built.</summary>
    private void BuildLayers(ObjectValue model)
    {
        var built = new HashSet<ObjectValue>();
        var levels = 0;
        for (var isNew = true; isNew;)
        {
            isNew = false;
            if (levels++ == MaxBuiltLevels)
            {
                _evaluator.Gap($"building '{model.TypeName}' makes layers that make layers, further than is followed", model.Place, Hides.Everything, "audit a saved file of the model");
                return;
            }

            foreach (var (_, module, _) in _evaluator.Modules(model))
            {
                if (built.Add(module))
                {
                    isNew = true;
                    Bounded(() => _evaluator.Build(module), StepsPerFunction, $"building '{module.TypeName}'");
                }
            }
        }
    }

    private static SourceLocation? LocationOf(ObjectValue module) => module.Place.Module?.At(module.Place.Offset);

    private static SourceLocation? LocationOfForward(ObjectValue module) => OwnFunction(module) is { } own ? own.Closure.Module.At(own.Node.Start) : (module.Class is { } type ? CalledOf(type) : null) switch
    {
        FunctionValue f => f.Closure.Module.At(f.Node.Start),
        WrappedMethod { Function: FunctionValue f } => f.Closure.Module.At(f.Node.Start),
        _ => null,
    };

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
}
