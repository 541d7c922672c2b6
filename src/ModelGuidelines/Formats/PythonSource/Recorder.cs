using System.Globalization;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Evaluation;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Writes down what one root's forward pass does, with the conditions under which it does it.</summary>
internal sealed partial class Recorder(ModelGraphBuilder graph, Dictionary<ObjectValue, int> modules, int root, ReadLimits limits, LateModules late) : IObserver
{
    private readonly Stack<int?> _current = new();
    private readonly Dictionary<int, bool> _passive = [];
    private readonly List<(int Module, int Caller, Place Place, Condition When, UnknownValue? Doubt, ObjectValue? StandIn, Way? Way)> _calls = [];
    private readonly Dictionary<(int Module, string Function, Place Place), (Operation Operation, Condition When)> _operations = [];
    private readonly List<(int Module, string Function, Place Place)> _order = [];
    private readonly Dictionary<(int Module, ValueDirection Direction, string Argument, string Type), (ModuleInterface Interface, Condition When)> _interfaces = [];

    private readonly Dictionary<(int Module, ObservationKind Kind, string Name, Place Place), (Observation Seen, Condition When)> _observations = [];
    private readonly InputUses _uses = new();
    private readonly HandedModules _handed = new(graph);
    private readonly UnknownBorders _unknown = new(graph);
    private readonly Stack<ObjectValue> _running = new();

    /// <summary>Classes whose forward ran.</summary>
    public HashSet<ClassValue> Ran { get; } = [];

    /// <summary>Nothing was called: the forward raised or returned at once.</summary>
    public bool IsEmpty => _calls.Count == 0 && _operations.Count == 0;

    /// <summary>What arguments of the root may be, beside tensors: the code says so.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<InputUse>> Readings => _uses.Readings;

    private int Caller => _current.TryPeek(out var top) && top is { } index ? index : root;

    public void Inherited(ObjectValue module)
    {
        if (modules.TryGetValue(module.StandsFor ?? module, out var index))
        {
            graph.Modules[index] = graph.Modules[index] with { RunsInherited = true };
        }
    }

    public void Held(ObjectValue holder, string name, ObjectValue module, Condition when) => late.Held(holder, name, module, when);

    public void Begin(ObjectValue module, CallArguments arguments, Place place, Condition when, Way? way)
    {
        _running.Push(module);
        if (module.Class is { } type)
        {
            Ran.Add(type);
        }
        else if (module.Kind is ClassKind.TorchModule)
        {
            // The library's own take tensors: what is handed over element by element is no tensor as a whole.
            foreach (var part in arguments.All.OfType<InputValue>())
            {
                foreach (var whole in part.Wholes)
                {
                    _uses.Add(whole, part.IsUnpacked ? InputUse.AsTuple : InputUse.AsSequence, when);
                }
            }
        }

        var isStandIn = module.StandsFor is not null;
        if (!modules.TryGetValue(module.StandsFor ?? module, out var index) && !late.TryRegister(module.StandsFor ?? module, out index))
        {
            // Held in no attribute that registers: to the framework it is the caller's own code.
            if (module.SlicedFrom is { } container && modules.TryGetValue(container, out var whole))
            {
                Observe(ObservationKind.SlicedContainer, graph.Modules[whole].QualifiedName, null, place, when);
            }
            else if (module is { Kind: ClassKind.TorchModule, Doubt: null, StandsFor: null, IsAnyElement: false })
            {
                Observe(ObservationKind.UnregisteredModule, module.TypeName, null, place, when);
            }

            _current.Push(_current.TryPeek(out var outer) ? outer : null);
            return;
        }

        if (_calls.Count >= limits.ExpandedCalls)
        {
            throw new BudgetException();
        }

        if (index != root || _current.Count > 0)
        {
            _calls.Add((index, Caller, place, when, module.Doubt, isStandIn ? module : null, way));
        }

        for (var i = 0; i < arguments.Positional.Count; i++)
        {
            Border(index, ValueDirection.Input, i.ToString(CultureInfo.InvariantCulture), arguments.Positional[i], place, when);
        }

        foreach (var (name, value) in arguments.Named)
        {
            Border(index, ValueDirection.Input, index == root ? name : PositionOf(name, module), value, place, when);
        }

        // What a dictionary or list of which nothing is known hands on: layer(x, **self.options).
        if (arguments.NamedRest is { } named and not UnknownValue { IsFromCaller: true } && TakesMore(module, arguments))
        {
            _unknown.Add(index, ValueDirection.Input, "**", named, LocationOf(place), when);
        }

        if (arguments.Rest is { } more and not UnknownValue { IsFromCaller: true })
        {
            _unknown.Add(index, ValueDirection.Input, "*", more, LocationOf(place), when);
        }

        _current.Push(index);
    }

    public void Direct(ObjectValue module, Place place, Condition when, Way? way)
    {
        if (modules.TryGetValue(module.StandsFor ?? module, out var index) && index != root)
        {
            _calls.Add((index, Caller, place, when, new("forward", "its forward is called by name: hooks, by which AIMET's validator counts, do not see that", place), module.StandsFor is null ? null : module, way));
        }
    }

    /// <summary>Whether a forward has a parameter that is not given, and may be by its name.</summary>
    private static bool TakesMore(ObjectValue module, CallArguments arguments) => module.Class?.Find("forward")?.Value is FunctionValue { Parameters: var parameters }
        && parameters.Skip(1 + arguments.Positional.Count).Any(p => p.Kind is ParameterKind.VariadicKeyword || (p.Kind is ParameterKind.Ordinary or ParameterKind.KeywordOnly && arguments.Find(p.Name) is null));

    /// <summary>An argument is one place, be it given by name or by position.</summary>
    private static string PositionOf(string name, ObjectValue module)
    {
        var parameters = module.Class?.Find("forward")?.Value is FunctionValue forward ? forward.Parameters : [];
        for (var i = 1; i < parameters.Length && parameters[i].Kind is not (ParameterKind.KeywordOnly or ParameterKind.VariadicPositional or ParameterKind.VariadicKeyword); i++)
        {
            if (parameters[i].Name == name)
            {
                return (i - 1).ToString(CultureInfo.InvariantCulture);
            }
        }

        return name;
    }

    public void End(Value result, Place place, Condition when, bool givesBack)
    {
        _running.TryPop(out _);
        if (!_current.TryPop(out var top) || top is not { } index || (_current.TryPeek(out var outer) && outer == index))
        {
            return;
        }

        _passive[index] = givesBack && _passive.GetValueOrDefault(index, true);
        foreach (var (value, under) in result is ChoiceValue choice ? choice.Options.Select(o => (o.Value, o.When.And(when))) : [(result, when)])
        {
            if (value is SequenceValue { Kind: SequenceKind.Tuple, Rest: null } tuple)
            {
                for (var i = 0; i < tuple.Items.Count; i++)
                {
                    Border(index, ValueDirection.Output, i.ToString(CultureInfo.InvariantCulture), tuple.Items[i], place, under);
                }
            }
            else
            {
                Border(index, ValueDirection.Output, "0", value, place, under);
            }
        }
    }

    public void Operation(string function, CallArguments arguments, Place place, Condition when, UnknownValue? doubt)
    {
        var name = function.Length > 1 && function[^1] == '_' && function[^2] != '_' ? function[..^1] : function;
        var key = (Caller, name, place);
        if (_operations.TryGetValue(key, out var known))
        {
            _operations[key] = (known.Operation, known.When.Or(when));
            return;
        }

        _order.Add(key);
        _uses.Doubt(key, doubt);
        _operations[key] = (new()
        {
            Function = name,
            Module = key.Caller,
            Location = LocationOf(place),
            Replacement = Replacements.For(name, arguments),
            Certainty = doubt is null or { ElementOf: not null } ? Certainty.Certain : Certainty.Likely($"what '{doubt.Text}' is cannot be told: it may be no tensor"),
        }, when);
    }

    public void ControlFlow(string function, Place place, Condition when) => Observe(ObservationKind.ControlFlow, function, function, place, when);

    public void Untraceable(Untraced asked, string text, Place place, Condition when, bool isDoubtful) =>
        Observe(ObservationKind.Untraceable, text, null, place, when, UntracedTexts.Of(asked), isDoubtful ? Certainty.Likely("what was seen of torch.fx, not measured on AIMET") : Certainty.Certain);

    private void Observe(ObservationKind kind, string name, string? opType, Place place, Condition when, string? detail = null, Certainty certainty = default)
    {
        var key = (Caller, kind, name, place);
        _observations[key] = _observations.TryGetValue(key, out var known) ? (known.Seen, known.When.Or(when))
            : (new() { Kind = kind, Name = name, OpType = opType, Module = Caller, Location = LocationOf(place), Detail = detail, Certainty = certainty }, when);
    }

    public void UnknownCall(UnknownValue callee, Place place, Condition when)
    {
        // What the constructor was handed and the module keeps is its child, if it is a module.
        if (callee.MayBeModule && _running.TryPeek(out var holder) && holder.Attributes.All.Where(a => ReferenceEquals(a.Value, callee)).Select(a => a.Name).ToList() is [var name, .. var others])
        {
            _handed.Add(Caller, name, others, LocationOf(place), when, callee.IsOneOfSeveral);
        }
    }

    public void Used(Value input, InputUse use, Place place, Condition when) => _uses.Add(input, use, when);

    /// <summary>Writes everything into the graph, once the forward pass has ended.</summary>
    /// <param name="usual">What holds in every run in which optional arguments are left out.</param>
    /// <param name="world">What holds in every run.</param>
    public void Write(Condition usual, Condition world)
    {
        // Calls that exclude each other are not added up: they are arms of one choice. Of calls that can be made together, those count that are made where the finding says.
        var arms = new Dictionary<(int Module, ObjectValue? StandIn), (bool IsExclusive, Certainty Certainty, Condition? Together, int Arm)>();
        var several = new List<((int Module, ObjectValue? StandIn) Callee, string Site, Condition Twice, Condition Simplest)>();
        foreach (var (callee, calls) in CallsOf())
        {
            // Most modules are called once.
            if (calls.Count == 1)
            {
                arms[callee] = (true, Certainty.Certain, null, 0);
                continue;
            }

            var (twice, simplest) = Twice([.. calls.Select(c => (c.When, c.Way))], world);
            if (twice.IsNever || usual.Implies(twice))
            {
                arms[callee] = (twice.IsNever, Certainty.Certain, twice.IsNever ? null : usual, 0);
            }
            else
            {
                several.Add((callee, Site(callee.Module, calls), twice, simplest));
            }
        }

        var anyTwice = Alternatives(several.Where(s => s.Callee.StandIn is null).Select(s => (s.Site, s.Twice)));
        foreach (var (callee, site, _, simplest) in several)
        {
            arms[callee] = (false, callee.StandIn is null && usual.Implies(anyTwice[site]) ? Certainty.Certain : Certainty.Under(simplest.ToString()), simplest, 0);
        }

        var places = new Dictionary<(int Module, int Caller, Place Place), Condition>();
        foreach (var (module, caller, place, when, _, _, _) in _calls)
        {
            places[(module, caller, place)] = places.TryGetValue((module, caller, place), out var other) ? other.Or(when) : when;
        }

        foreach (var (module, _) in _passive.Where(p => p.Value && graph.Modules[p.Key].Origin is not ModuleOrigin.Framework))
        {
            graph.Modules[module] = graph.Modules[module] with { IsPassive = true };
        }

        var branch = graph.Calls.Count;
        foreach (var (module, caller, place, when, doubt, standIn, _) in _calls)
        {
            var (isExclusive, certainty, together, arm) = arms[(module, standIn)];
            if (standIn is not null && isExclusive)
            {
                continue; // one of many is called: another call may be of another
            }

            graph.Calls.Add(new()
            {
                Module = module,
                Caller = caller,
                Location = LocationOf(place),
                Arms = isExclusive ? [new(branch + module, arm)] : [],
                IsOfOtherRuns = together?.Implies(when) is false,
                When = CertaintyOf(places[(module, caller, place)], usual),
                WhenPrint = world.Table.Print(when),
                Certainty = standIn is not null ? certainty.And(Certainty.Likely("which of several modules it is cannot be told")) : doubt is null ? certainty : certainty.And(Certainty.Likely(doubt.Reason)),
            });
            arms[(module, standIn)] = (isExclusive, certainty, together, arm + 1);
        }

        FindStandIns(world);
        _handed.Write(usual, world);
        _unknown.Write(world);
        var anyCall = Alternatives(_order.Select(k => ((NameOf(k.Module), k.Function, k.Place), _operations[k].When)));
        foreach (var key in _order.Where(k => world.IsNever || _operations[k].When.Meets(world))) // what is called before the forward raises is called in no run
        {
            var (operation, when) = _operations[key];
            var isAlways = usual.Implies(anyCall[(NameOf(key.Module), key.Function, key.Place)]);
            var certainty = operation.Certainty.And(_uses.CertaintyOf(key));
            graph.Operations.Add(operation with { Certainty = isAlways ? certainty : certainty.And(CertaintyOf(when, usual)) });
        }

        foreach (var (seen, when) in _observations.Values)
        {
            // A tracer runs no usual way: what callers leave out is there for it.
            var isTracers = seen.Kind is ObservationKind.Untraceable or ObservationKind.UnregisteredModule;
            graph.Observations.Add(seen with { Certainty = CertaintyOf(when, isTracers ? world : usual).And(seen.Certainty).And(isTracers && IsSmall(seen.Module) ? Certainty.Likely("AIMET's preparer may take a module of one operation as it is") : Certainty.Certain) });
        }

        foreach (var (border, when) in _uses.Borders())
        {
            Add(border, when);
        }

        // What is given before the forward raises is given in no run.
        foreach (var (entry, when) in _interfaces.Values.Where(i => world.IsNever || i.When.Meets(world)))
        {
            // What is left out is None, a flag or a number at a border; who gives it hands on a tensor.
            graph.Interfaces.Add(entry with { Certainty = entry.Certainty.And(CertaintyOf(when, entry.Type.IsSoft ? world : usual)) });
        }
    }

    /// <summary>What an attribute is may depend on a test: modules of one name that are called from the same lines are one to who reads the code, and what holds of either holds always.</summary>
    private static Dictionary<T, Condition> Alternatives<T>(IEnumerable<(T Site, Condition When)> facts)
        where T : notnull
    {
        var any = new Dictionary<T, Condition>();
        foreach (var (site, when) in facts)
        {
            any[site] = any.TryGetValue(site, out var other) ? other.Or(when) : when;
        }

        return any;
    }

    private string NameOf(int module) => graph.Modules[module].QualifiedName;

    private string Site(int module, List<(int Caller, Place Place, Condition When, Way? Way)> calls) =>
        string.Join('\n', calls.Select(c => $"{NameOf(c.Caller)} {LocationOf(c.Place)?.File} {LocationOf(c.Place)?.Line}").Distinct().Order(StringComparer.Ordinal).Prepend(NameOf(module)));

    private Dictionary<(int Module, ObjectValue? StandIn), List<(int Caller, Place Place, Condition When, Way? Way)>> CallsOf()
    {
        var result = new Dictionary<(int Module, ObjectValue? StandIn), List<(int Caller, Place Place, Condition When, Way? Way)>>();
        foreach (var (module, caller, place, when, _, standIn, way) in _calls)
        {
            if (!result.TryGetValue((module, standIn), out var calls))
            {
                result.Add((module, standIn), calls = new(1));
            }

            calls.Add((caller, place, when, way));
        }

        return result;
    }

    /// <summary>A module of the user's own with nothing inside, which AIMET's preparer may not look into.</summary>
    private bool IsSmall(int? module) => module is { } index && index != root && !graph.Modules.Exists(m => m.Parent == index);

    /// <summary>One of several modules, which cannot be told, is called beside other calls of them: whether it is called twice is open.</summary>
    private void FindStandIns(Condition world)
    {
        if (!_calls.Exists(c => c.StandIn is { IsAnyElement: true }))
        {
            return;
        }

        foreach (var group in _calls.GroupBy(c => c.Module).Where(g => g.Any(c => c.StandIn is { IsAnyElement: true })))
        {
            var calls = group.DistinctBy(c => (c.StandIn, c.Place)).Take(MaxPairs).ToList();
            var open = calls.Find(c => c.StandIn is { IsAnyElement: true } && calls.Exists(d => !ReferenceEquals(d.StandIn, c.StandIn) && !Way.Exclude(c.Way, d.Way) && world.Table.Meets(c.When, d.When, thoroughly: true) && c.When.And(d.When).Meets(world)));
            if (open.StandIn is not null)
            {
                graph.Gaps.Add(new($"which of several modules is called here cannot be told, nor whether it is '{graph.Modules[group.Key].QualifiedName}' again", LocationOf(open.Place), GraphFacts.ModuleCalls,
                    "audit an exported file of the model, or take the modules one by one in a loop over them"));
            }
        }
    }

    /// <summary>Calls of which each is held against each other one; more of one module are added up.</summary>
    private const int MaxPairs = 24;

    /// <summary>When two of these hold together; and when the two do that ask for least.</summary>
    private static (Condition Twice, Condition Simplest) Twice(List<(Condition When, Way? Way)> calls, Condition world)
    {
        var (once, twice, simplest) = (world.Table.Never, world.Table.Never, world.Table.Never);
        for (var i = 0; i < calls.Count; i++)
        {
            var (when, way) = calls[i];
            var before = i < MaxPairs ? calls.Take(i).DistinctBy(c => (c.When, c.Way)) : [(once, null)];
            foreach (var (other, _) in before.Where(o => !Way.Exclude(o.Way, way) && world.Table.Meets(o.When, when, thoroughly: true)))
            {
                var both = other.And(when);
                if (world.Table.Meets(both, world, thoroughly: true))
                {
                    twice = twice.Or(both);
                    simplest = simplest.IsNever || world.Table.Distance(both) < world.Table.Distance(simplest) ? both : simplest;
                }
            }

            once = once.Or(when);
        }

        return (twice, simplest);
    }

    internal static Certainty CertaintyOf(Condition when, Condition usual) => usual.Implies(when) ? Certainty.Certain : Certainty.Under(when.ToString());

    private static SourceLocation? LocationOf(Place place) => place.Module?.At(place.Offset);
}
