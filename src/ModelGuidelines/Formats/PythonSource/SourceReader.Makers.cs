using ModelGuidelines.Python.Evaluation;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <content>Functions that say what no constructor says: of which classes a model is made (<c>if depth == 18: model = Net(Basic, [2, 2, 2, 2])</c>), and which settings callers give beside (<c>**kwargs</c>).</content>
internal sealed partial class SourceReader
{
    /// <summary>Functions that are tried for one class.</summary>
    private const int MaxMakers = 24;

    /// <summary>The models of a class as functions of the file make them that need arguments; empty where none hands its constructor anything that the function alone knows.</summary>
    /// <remarks>What a function does not hand on is its default, as it is where a function needs no arguments; other settings are followed last (<see cref="FollowSettings"/>).</remarks>
    /// <param name="type">The class.</param>
    /// <param name="classes">All of the file.</param>
    /// <param name="isPart">Functions are asked that hand the class itself to another one.</param>
    private List<Root> Made(ClassValue type, List<ClassValue> classes, bool isPart)
    {
        var roots = new List<Root>();
        if (RequiredArguments(type) == 0 || type.Find("__init__")?.Value is not FunctionValue init)
        {
            return roots;
        }

        var left = new List<FunctionDefinition>();
        var unsure = new List<(FunctionDefinition Maker, List<CallArguments> Asked)>();
        var tried = 0;
        foreach (var maker in Makers().Where(m => (isPart ? m.Handed : m.Made).Contains(type.Name)).Select(m => m.Function))
        {
            if (++tried > MaxMakers || _evaluator.Steps > StepsPerAudit)
            {
                left.Add(maker);
                continue;
            }

            var asked = AskedOf(maker);
            if (asked.Count > MaxAsked)
            {
                left.Add(maker);
                asked.RemoveRange(MaxAsked, asked.Count - MaxAsked);
            }

            var (from, gaps, variants) = (_evaluator.Created.Count, _evaluator.Gaps.Count, _variants.Count);
            var made = new List<Root>();
            var isSure = asked.TrueForAll(arguments => Make(maker, arguments, classes, made));
            if (isSure && made.Exists(r => r.Classes.Contains(type)))
            {
                roots.AddRange(made);
                continue;
            }

            unsure.Add((maker, asked));

            // As the class by itself, then: what is made under conditions says less of its parts than they do.
            _evaluator.Created.RemoveRange(from, _evaluator.Created.Count - from);
            _evaluator.ForgetGaps(gaps);
            _variants.RemoveRange(variants, _variants.Count - variants);
        }

        if (roots.Count > 0)
        {
            NotTried(left);
            _unsure.AddRange(unsure);
        }

        return roots;
    }

    /// <summary>Functions that make models of which not all is known, of classes that others make.</summary>
    private readonly List<(FunctionDefinition Maker, List<CallArguments> Asked)> _unsure = [];

    /// <summary>Whether a function that is called so makes models of which all is known that holds classes of the file.</summary>
    private bool Make(FunctionDefinition maker, CallArguments arguments, List<ClassValue> classes, List<Root> roots)
    {
        if (_project.Main.Scope.Names.GetValueOrDefault(maker.Name) is not FunctionValue function)
        {
            return false;
        }

        var (from, gaps) = (_evaluator.Created.Count, _evaluator.Gaps.Count);
        Value? result = null;
        var isWhole = false;
        var state = _evaluator.Sharing(SharedState.None, () => isWhole = Bounded(() => result = _evaluator.Call(function, arguments, function.Place), StepsPerFunction, $"function '{maker.Name}'", maker.Start));
        var models = isWhole ? ModulesOf(result).Where(m => IsOfFile(m, classes)).Distinct().ToList() : [];
        if (isWhole && models.Count == 0)
        {
            // What it is asked for it does not make.
            _evaluator.Created.RemoveRange(from, _evaluator.Created.Count - from);
            _evaluator.ForgetGaps(gaps);
            return true;
        }

        if (!isWhole || result is ChoiceValue || _evaluator.Gaps.Skip(gaps).Any(g => g.Hides is Hides.Everything))
        {
            return false;
        }

        HashSet<ClassValue> inside = [.. _evaluator.Created.Skip(from).Select(o => o.Class).OfType<ClassValue>(), .. models.Select(m => m.Class).OfType<ClassValue>()];
        var held = models.SelectMany(m => ModuleTree.Enumerate(_evaluator, m)).Where(m => m.When.IsAlways).Select(m => m.Module.Class).OfType<ClassValue>().ToHashSet();
        if (inside.Any(c => classes.Contains(c) && c.Kind is ClassKind.TorchModule && !held.Contains(c)))
        {
            return false;
        }

        foreach (var model in models)
        {
            var shape = ValueShape.Of(model);
            if (roots.Count < MaxModels && !HasForm(roots, shape, state))
            {
                roots.Add(new(model, roots.Count > 0 ? $"{NameOf(model)} ({maker.Name} {roots.Count + 1})" : NameOf(model), inside, maker) { Shape = shape, State = state, MadeWith = arguments });
            }
            else
            {
                _variants.Add(new(shape, maker, null, model) { State = state });
            }
        }

        return true;
    }

    /// <summary>Numbers or texts of one parameter for which a function is asked.</summary>
    private const int MaxAsked = 48;

    /// <summary>What a function is called with: of the first parameter that it compares with numbers or texts, or looks up in a dictionary of the file, each of these; the others are not told.</summary>
    private List<CallArguments> AskedOf(FunctionDefinition maker)
    {
        foreach (var parameter in maker.Parameters.Where(p => p.Kind is ParameterKind.Ordinary or ParameterKind.KeywordOnly && p.Default is null))
        {
            var keys = Looked(maker, parameter.Name, 0).ToList();
            var values = _evaluator.AskedFor(maker, parameter.Name).Concat(keys).DistinctBy(c => c.Peek).Take(MaxAsked + 1).ToList();
            if (values.Count > 0 && keys.Count == 0)
            {
                // And one that is none of these: else.
                values.Add(values.Select(v => v.Peek).OfType<long>().DefaultIfEmpty(-1).Max() is >= 0 and < int.MaxValue and var most ? ConstantValue.Of(most + 1) : ConstantValue.Of("another"));
            }

            if (values.Count > 0)
            {
                return [.. values.Select(v =>
                {
                    var arguments = new CallArguments();
                    arguments.Named.Add((parameter.Name, v));
                    return arguments;
                })];
            }
        }

        return [new()];
    }

    /// <summary>Keys of dictionaries of the file in which a parameter is looked up.</summary>
    private IEnumerable<ConstantValue> Looked(PythonNode node, string parameter, int depth) => depth >= MaxLookedThrough ? []
        : (node is SubscriptExpression { Value: NameExpression table, Index: NameExpression index } && index.Name == parameter && _project.Main.Scope.Names.GetValueOrDefault(table.Name) is DictValue { Rest: null } known
            ? known.Entries.Select(e => e.Key).OfType<ConstantValue>() : []).Concat(PythonTree.Children(node).SelectMany(c => Looked(c, parameter, depth + 1)));

    /// <summary>Whether a model of another file's class is made of classes of this one: <c>ResNet(OwnBlock, [2, 2, 2, 2])</c>.</summary>
    private bool Holds(ObjectValue model, List<ClassValue> classes) => model.Class is { Kind: ClassKind.TorchModule } && _evaluator.Modules(model).Any(m => m.Module.Class is { } type && classes.Contains(type));

    private List<(FunctionDefinition Function, HashSet<string> Made, HashSet<string> Handed)>? _makers;

    /// <summary>Functions of the file that need arguments: the names that each calls with something of its own, and those that it hands to what is called like a class.</summary>
    private List<(FunctionDefinition Function, HashSet<string> Made, HashSet<string> Handed)> Makers()
    {
        if (_makers is null)
        {
            _makers = [];
            foreach (var (function, _) in Functions(_file.Statements).Where(f => f.Owner is null && IsMaker(f.Function)))
            {
                var calls = Calls(function, 0).ToList();
                _makers.Add((function,
                    [.. calls.Where(c => c.Arguments.Any(a => IsOwn(a.Value, function, 0))).Select(c => c.Function).OfType<NameExpression>().Select(n => n.Name)],
                    [.. calls.Where(c => IsClassName(c.Function)).SelectMany(c => c.Arguments).Select(a => a.Value).OfType<NameExpression>().Select(n => n.Name)]));
            }
        }

        return _makers;
    }

    private static bool IsMaker(FunctionDefinition function) => NeedsArguments(function) && function.Name is not "main" && !function.Name.StartsWith("test", StringComparison.Ordinal) && GivesBack(function);

    private static bool NeedsArguments(FunctionDefinition function) => function.Parameters.Any(p => p.Default is null && p.Kind is not (ParameterKind.VariadicPositional or ParameterKind.VariadicKeyword));

    /// <summary>Whether it returns something: what gives nothing back trains or shows.</summary>
    private static bool GivesBack(FunctionDefinition function) => Inside(function, 0).Any(s => s is ReturnStatement { Value: not null });

    /// <summary>How deep code is looked through that is not followed.</summary>
    private const int MaxLookedThrough = 60;

    private static IEnumerable<CallExpression> Calls(PythonNode node, int depth) => depth >= MaxLookedThrough ? []
        : (node is CallExpression call ? [call] : Enumerable.Empty<CallExpression>()).Concat(PythonTree.Children(node).SelectMany(c => Calls(c, depth + 1)));

    /// <summary>Whether an argument is more than what the function itself was given, or a number that anybody could give: a class, a function, a module, something looked up.</summary>
    private static bool IsOwn(Expression value, FunctionDefinition function, int depth) => depth < MaxLookedThrough && value switch
    {
        NameExpression n => !function.Parameters.Any(p => p.Name == n.Name),
        AttributeExpression a => IsOwn(a.Value, function, depth + 1),
        SubscriptExpression s => IsOwn(s.Value, function, depth + 1),
        ConditionalExpression c => IsOwn(c.Body, function, depth + 1) || IsOwn(c.OrElse, function, depth + 1),
        CallExpression or LambdaExpression => true,
        ListExpression or TupleExpression => PythonTree.Children(value).OfType<Expression>().Any(e => IsOwn(e, function, depth + 1)),
        _ => false,
    };

    /// <summary>The file defines no class, and its functions put models together of what other files define.</summary>
    private bool _puts;

    /// <summary>Whether a function gives back a model that it puts together of parts: a class that it imports gets what that class could not tell by itself.</summary>
    private bool PutsTogether() => Roles.OfFile(Stem) is null && _file.Statements.OfType<FunctionDefinition>().Any(PutsTogether);

    private static bool PutsTogether(FunctionDefinition function)
    {
        var returned = Inside(function, 0).OfType<ReturnStatement>().Select(r => r.Value).OfType<Expression>().SelectMany(v => v is TupleExpression ? PythonTree.Children(v).OfType<Expression>() : [v]).ToList();
        var names = returned.OfType<NameExpression>().Select(n => n.Name).ToHashSet(StringComparer.Ordinal);
        return returned.Concat(Inside(function, 0).OfType<AssignStatement>().Where(a => a.Targets is [NameExpression target] && names.Contains(target.Name)).Select(a => a.Value))
            .OfType<CallExpression>().Any(c => IsClassName(c.Function) && c.Arguments.Any(a => a.Value is not CallExpression { Function: NameExpression { Name: "int" or "float" or "len" or "str" or "tuple" or "list" or "range" or "max" or "min" } } && IsOwn(a.Value, function, 0)));
    }

    private static bool IsClassName(Expression callee) => (callee is AttributeExpression a ? a.Name : (callee as NameExpression)?.Name) is { Length: > 0 } name && char.IsAsciiLetterUpper(name[0]);

    /// <summary>The statements of a function's body, however deep.</summary>
    private static IEnumerable<Statement> Inside(PythonNode node, int depth) => depth > 20 ? [] : PythonTree.Children(node).SelectMany(c => (c is Statement s ? [s] : Enumerable.Empty<Statement>()).Concat(c is Expression ? [] : Inside(c, depth + 1)));

    /// <summary>Models as their functions make them, with what callers may give beside in <c>**kwargs</c>: followed last of all for what they do in other settings than the usual ones.</summary>
    private void FollowSettings(List<Root> roots, HashSet<ClassValue> ran)
    {
        foreach (var (type, factory, given) in roots.Where(r => r is { Factory: not null, Model: { Kind: ClassKind.TorchModule, Class: not null } }).Select(r => (r.Model.Class!, r.Factory!, r.MadeWith)).DistinctBy(r => r.Item1))
        {
            if (_evaluator.Steps >= StepsPerAudit || type.Find("__init__")?.Value is not FunctionValue init || (given is null && (IsMaker(factory) || !HandsOn(factory, type))))
            {
                continue;
            }

            _evaluator.OpenThroughout = init.Node;
            FollowSetting(factory, given, m => m.Class == type, ran);
        }

        foreach (var (maker, asked) in _unsure)
        {
            foreach (var arguments in asked.Where(_ => _evaluator.Steps < StepsPerAudit))
            {
                FollowSetting(maker, arguments, m => m.Class is { } type && type.Module == _project.Main, ran);
            }
        }
    }

    /// <summary>What a model does in a setting that nobody in the file gives is found; what cannot be told of such is not asked for.</summary>
    private void FollowSetting(FunctionDefinition factory, CallArguments? given, Func<ObjectValue, bool> isMeant, HashSet<ClassValue> ran)
    {
        var (from, gaps) = (_evaluator.Created.Count, _evaluator.Gaps.Count);
        Value? result = null;
        var state = _evaluator.Sharing(SharedState.None, () => result = Called(factory, null, given));
        _evaluator.OpenThroughout = null;
        if (ModulesOf(result).Find(m => isMeant(m)) is { } model && !IsFollowed(ValueShape.Of(model), state))
        {
            Follow(new(model, $"{NameOf(model)} ({factory.Name})", [], factory) { State = state, IsSetting = true }, ran);
        }

        _evaluator.Created.RemoveRange(from, _evaluator.Created.Count - from);
        _evaluator.ForgetGaps(gaps);
    }

    private static bool HandsOn(FunctionDefinition factory, ClassValue type) => factory.Parameters.FirstOrDefault(p => p.Kind is ParameterKind.VariadicKeyword) is { } others
        && Calls(factory, 0).Any(c => c.Function is NameExpression callee && callee.Name == type.Name && c.Arguments.Any(a => a.Stars == 2 && a.Value is NameExpression n && n.Name == others.Name));
}
