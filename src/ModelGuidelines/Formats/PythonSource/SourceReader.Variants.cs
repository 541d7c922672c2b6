using ModelGuidelines.Python.Evaluation;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <content>Models that differ from one that was followed in numbers alone, or that are built beside it: they are followed where a number differs that the one before asked for.</content>
internal sealed partial class SourceReader
{
    private readonly List<Variant> _variants = [];

    /// <summary>Classes of variants that stand inside models that are followed.</summary>
    private readonly HashSet<ClassValue> _parts = [];

    /// <summary>What was followed looks like.</summary>
    private readonly List<(ValueShape Shape, SharedState State)> _shapes = [];

    /// <summary>What is run where the file is run as a program, and builds models of PyTorch.</summary>
    private readonly List<IfClause> _programs = [];

    /// <param name="Shape">What it looks like.</param>
    /// <param name="Factory">What builds it; null for one of the file's own level.</param>
    /// <param name="Owner">The class whose method that is.</param>
    /// <param name="Model">The model; null where it was forgotten and is built again.</param>
    private sealed record Variant(ValueShape Shape, FunctionDefinition? Factory, ClassDefinition? Owner, ObjectValue? Model)
    {
        /// <summary>What was set beside it by what builds it.</summary>
        public SharedState State { get; init; } = SharedState.None;
    }

    private static bool HasForm(List<Root> roots, ValueShape shape, SharedState state) => shape.Form is not null && roots.Exists(r => r.State.IsLike(state) && r.Shape?.Form == shape.Form);

    /// <summary>What a function gives that is called without arguments.</summary>
    private Value? Called(FunctionDefinition definition, ClassDefinition? owner, CallArguments? given = null)
    {
        Value? result = null;
        void Call()
        {
            // What a decorator made of the function is what callers get.
            if (owner is null && _project.Main.Scope.Names.GetValueOrDefault(definition.Name) is FunctionValue function)
            {
                result = _evaluator.Call(function, given ?? new(), function.Place);
            }
            else if (owner is not null && _project.Main.Scope.Names.GetValueOrDefault(owner.Name) is ClassValue { Kind: ClassKind.Plain } type && _evaluator.Call(type, new(), type.Place) is ObjectValue self)
            {
                result = _evaluator.Call(_evaluator.Attribute(self, definition.Name, type.Place), new(), type.Place);
            }
        }

        Bounded(Call, StepsPerFunction, $"function '{definition.Name}'", definition.Start);
        return result;
    }

    /// <summary>Models of a program that are followed.</summary>
    private const int MaxOfProgram = 8;

    private static FunctionDefinition Program(IfClause guard) => new(guard.Start, guard.End, "__main__", [], [], null, guard.Body, [], false);

    /// <summary>Last of all: what a program sets (attributes of classes, settings) is not there for who imports the file.</summary>
    private void FollowPrograms(List<ClassValue> classes, HashSet<ClassValue> ran)
    {
        _variants.Clear();
        _programs.ForEach(p => AddOfProgram(p, classes));
        FollowVariants(ran);
    }

    /// <summary>Models of PyTorch that the file builds where it is run as a program: followed beside what stands for any other caller. What else the program does is not the models'.</summary>
    private void AddOfProgram(IfClause guard, List<ClassValue> classes)
    {
        var (from, gaps, names) = (_evaluator.Created.Count, _evaluator.Gaps.Count, _project.Main.Scope.Names);
        var before = names.ToList();
        var isWhole = Bounded(() => _evaluator.Follow(guard.Body, _project.Main), StepsPerFunction, "the code that runs the file as a program", guard.Start) && !_evaluator.Now.IsNever;
        var created = _evaluator.Created.Skip(from).Where(o => o.Kind is ClassKind.TorchModule && o.Class is not null && classes.Contains(o.Class)).Distinct().ToList();
        var held = created.SelectMany(o => _evaluator.Modules(o).Skip(1).Select(m => m.Module)).ToHashSet();
        var models = isWhole ? created.Where(o => !held.Contains(o) && HasForward(o.Class!) && !IsNoModel(o.Class!)) : [];
        _variants.AddRange(models.Select(m => new Variant(ValueShape.Of(m), Program(guard), null, m)).DistinctBy(v => v.Shape.Form).Take(MaxOfProgram));
        _evaluator.Created.RemoveRange(from, _evaluator.Created.Count - from);
        _evaluator.ForgetGaps(gaps);
        names.Clear();
        foreach (var (name, value) in before)
        {
            names[name] = value;
        }
    }

    private void NotTried(List<FunctionDefinition> functions)
    {
        if (functions.Count > 0)
        {
            var others = functions.Count > 1 ? $" and {functions.Count - 1} more functions" : "";
            _evaluator.Gap($"what '{functions[0].Name}'{others} builds is not followed: so many before it build models of one form", new(_project.Main, functions[0].Start), Hides.Everything, $"audit it as an entry, '{functions[0].Name}()'");
        }
    }

    /// <summary>What a root's model looks like, and those of its modules that are also built by themselves.</summary>
    private List<ValueShape> Watch(Root root, IEnumerable<ObjectValue> modules)
    {
        if (_variants.Count == 0 && _programs.Count == 0)
        {
            return [];
        }

        var shapes = modules.Where(m => m.Class is { } type && m != root.Model && _parts.Contains(type)).Take(MaxModels).Select(ValueShape.Of).Append(root.Shape ?? ValueShape.Of(root.Model)).ToList();
        shapes.ForEach(s => s.Watch());
        return shapes;
    }

    private void FollowVariants(HashSet<ClassValue> ran)
    {
        var count = 0;
        foreach (var variant in _variants.Where(v => v.Model?.Kind is null or ClassKind.TorchModule && !IsFollowed(v.Shape, v.State)))
        {
            if (count++ >= MaxModels || _evaluator.Steps >= StepsPerAudit)
            {
                var name = variant.Factory?.Name ?? NameOf(variant.Model!);
                _evaluator.Gap($"what '{name}' builds is not followed: the file builds more models of different settings than are", new(_project.Main, variant.Factory?.Start ?? variant.Model!.Class?.Definition.Start ?? 0), Hides.Everything, $"audit it as an entry, '{name}()'");
                return;
            }

            List<ObjectValue> models = [];
            var state = variant.State;
            if (variant.Model is { } kept)
            {
                models = [kept];
            }
            else
            {
                state = _evaluator.Sharing(SharedState.None, () => models = ModulesOf(Called(variant.Factory!, variant.Owner)));
            }

            foreach (var model in models)
            {
                if (model is { Kind: ClassKind.TorchModule } && (model.Class is not null || OwnFunction(model) is not null) && (variant.Model is not null || !IsFollowed(ValueShape.Of(model), state)))
                {
                    Follow(new(model, variant.Factory is { } factory ? $"{NameOf(model)} ({factory.Name})" : NameOf(model), [], variant.Factory) { State = state }, ran);
                }
            }
        }
    }

    private bool IsFollowed(ValueShape shape, SharedState state) => _shapes.Exists(s => s.State.IsLike(state) && s.Shape.RunsAs(shape));
}
