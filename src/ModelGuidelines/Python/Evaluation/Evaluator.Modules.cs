using System.Collections.Immutable;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Shapes;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Modules: their calls, graphs of Keras.</content>
internal sealed partial class Evaluator
{
    /// <summary>Calls a module as its framework does: through <c>__call__</c>, which hooks see.</summary>
    internal Value CallModule(ObjectValue module, CallArguments arguments, Place place)
    {
        if (module.Kind is ClassKind.KerasLayer or ClassKind.KerasModel || module.Doubt is not null)
        {
            var tensors = arguments.All.SelectMany(a => GraphTensors(a)).ToList();
            if (tensors.Count == 0 && Observer is null && module.Kind is not ClassKind.TorchModule)
            {
                tensors.AddRange(arguments.All.Take(1).SelectMany(GivenTensors));
            }

            if (tensors.Count > 0)
            {
                // A graph under construction: the call becomes a node, and runs when its model does.
                var node = NewGraphTensor(module, tensors, place, module.Class is null && module.ExternalType is { } kept && !Keras.SetsFormat(place) && !_told.Contains(Keras.Format) ? KerasShapes.Of(Libraries.Canonical(kept), module, arguments, Here) : null);
                return module.Class is null && LibraryShape(module, arguments, place) is SequenceValue several
                    ? new SequenceValue(several.Kind, [.. several.Items.Select(_ => (Value)new GraphTensor(node.Call))]) : node;
            }

            Build(module);
        }

        if (Observer is null)
        {
            return module.Kind is ClassKind.TorchModule ? new UnknownValue($"{module.TypeName[(module.TypeName.LastIndexOf('.') + 1)..]}(...)", "a call while the model is built is not followed", place) : new TensorValue();
        }

        if (!Enter())
        {
            Gap("calls of modules are nested more deeply than is followed", place, Hides.Everything);
            return new TensorValue();
        }

        // What stands before and behind the forward of a library's module is the caller's.
        var hooks = ModuleHooks.Has(module) ? new LibraryContext(this, module.TypeName, place) : null;
        arguments = hooks is null ? arguments : ModuleHooks.Given(hooks, module, arguments);
        var when = Now;
        var observer = Observer;
        Observer = Hears(module) ? observer : Unheard.Instance;
        Observer.Begin(module, arguments, place, when, _way);
        LastReturn = place;
        var result = Forward(module, arguments, place);
        result = hooks is not null && module.Class is not null ? ModuleHooks.Result(hooks, module, arguments, result) : result;
        Observer.End(result, module.Class is null ? place : LastReturn, when, module.Class is not null && hooks is null && GivesBack(arguments, when));
        Observer = observer;
        _depth--;
        return hooks is not null && module.Class is null ? ModuleHooks.Result(hooks, module, arguments, result) : result;
    }

    /// <summary>What the function that ended last returned, way by way.</summary>
    private List<(Condition When, Value Value)>? _lastReturned;

    /// <summary>Whether a forward that just ended gave back its argument on every way on which the model does not train.</summary>
    private bool GivesBack(CallArguments arguments, Condition when) =>
        arguments.All.FirstOrDefault() is { } given && _lastReturned is { Count: > 0 } ways && when.And(Training.Not()) is var inference && ways.TrueForAll(w => ReferenceEquals(w.Value, given) || !w.When.Meets(inference));

    private Value Forward(ObjectValue module, CallArguments arguments, Place place)
    {
        var name = module.Kind is ClassKind.TorchModule ? "forward" : "call";
        if (module.Attributes.Find(name) is { } assigned)
        {
            return Call(Here(assigned), arguments, place);
        }

        if (module.Class is { } type)
        {
            if (type.Find(name) is { } method)
            {
                return Call(Bound(method.Value, module, type, place) ?? MissingValue.Instance, arguments, place);
            }
        }

        return LibraryForward(module, arguments, place);
    }

    private Value LibraryForward(ObjectValue module, CallArguments arguments, Place place)
    {
        if (module.Graph is { } graph)
        {
            return Replay(graph);
        }

        if (module.Doubt is { } doubt)
        {
            Gap($"what '{doubt.Text}' does and gives back is not known ({doubt.Reason})", place, Hides.Calls | Hides.Functions | Hides.Values, doubt.Remedy);
            return new UnknownValue(doubt.Text + "(...)", doubt.Reason, doubt.Begin) { Remedy = doubt.Remedy, MayBeTensor = true };
        }

        if (module.ExternalType is { } external && Libraries.Class(external) is { } known)
        {
            if (known.Hides is not Hides.Nothing)
            {
                Gap($"what '{external}' does inside is not read", place, known.Hides, Remedy(Libraries.Canonical(external)));
            }
        }

        foreach (var given in arguments.Positional.Take(1))
        {
            Use(given, InputUse.AsTensor, place);
        }

        return LibraryShape(module, arguments, place) ?? new UnknownValue(module.TypeName + "(...)", "what its forward gives back is not known", place) { MayBeTensor = true };
    }

    private Value? LibraryShape(ObjectValue module, CallArguments arguments, Place place)
    {
        if (module.ExternalType is not { } external || Libraries.Class(external) is not { } known || known.IsAbstract)
        {
            return null;
        }

        var forward = Libraries.Up(known, t => t.Forward);
        return forward?.Invoke(new LibraryContext(this, external, place), module, arguments)
            ?? (known.Output is Returns.Tensor && ModuleShapes.Of(Libraries.Canonical(external), module, arguments, Here) is { } shape ? new TensorValue { Shape = shape } : null)
            ?? (known.Output is Returns.Unknown ? new UnknownValue(external + "(...)", "what its forward gives back is the library's", place) { MayBeTensor = true } : Result(known.Output, external, arguments, place));
    }

    /// <summary>Runs a graph that was built: each layer is called where its call is written.</summary>
    private TensorValue Replay(List<GraphCall> graph)
    {
        foreach (var call in graph)
        {
            if (call.Layer is { } layer && !Now.IsNever)
            {
                var inputs = new CallArguments();
                inputs.Positional.AddRange(call.Inputs.Select(_ => new TensorValue()));
                if (inputs.Positional.Count > 1 && layer.Class is null)
                {
                    inputs = CallArguments.Of(SequenceValue.List(inputs.Positional));
                }

                var before = Now;
                Fork(call.When, () => CallModule(layer, inputs, call.Place));
                Now = before;
            }
        }

        return new();
    }

    private readonly HashSet<ObjectValue> _built = [];

    /// <summary>Keras calls a layer's <c>build</c> before its first call: what it makes is made once, whichever way the code takes.</summary>
    internal void Build(ObjectValue layer)
    {
        if (layer.Kind is ClassKind.TorchModule || !_built.Add(layer) || layer.Class?.Find("build") is not { Value: FunctionValue build } || !Enter())
        {
            return;
        }

        var (observer, now, world, caught) = (Observer, Now, _world, _caught);
        (Observer, Now, _world, _caught) = (null, Conditions.Always, Conditions.Always, null);
        using (_journal.Suspend())
        {
            Call(new BoundValue(layer, build), new(), build.Place);
        }

        (Observer, Now, _world, _caught) = (observer, now, world, caught);
        _depth--;
    }

    /// <summary>The tensors of a Keras graph under construction that a value holds.</summary>
    private IEnumerable<GraphTensor> GraphTensors(Value value) => GraphTensors(value, 0);

    private IEnumerable<GraphTensor> GraphTensors(Value value, int depth) => depth > 8 ? [] : value switch
    {
        GraphTensor t => [t],
        SequenceValue s => s.Items.Take(1_000).SelectMany(i => GraphTensors(i, depth + 1)).Concat(s.Rest is GraphTensor r ? [r] : []),
        DictValue d => d.Entries.SelectMany(e => GraphTensors(e.Value, depth + 1)),
        ChoiceValue c => c.Options.SelectMany(o => GraphTensors(o.Value, depth + 1)),
        _ => [],
    };

    private readonly Dictionary<UnknownValue, GraphTensor> _given = [];

    /// <summary>What a function that builds a model was given and hands to a layer: a tensor of the graph that its caller began.</summary>
    private IEnumerable<GraphTensor> GivenTensors(Value value)
    {
        foreach (var item in value is SequenceValue s ? s.Items : [value])
        {
            if (item is UnknownValue { Kind: UnknownKind.Any } unknown)
            {
                if (!_given.TryGetValue(unknown, out var tensor))
                {
                    _given[unknown] = tensor = new(null);
                }

                yield return tensor;
            }
        }
    }

    private GraphTensor NewGraphTensor(ObjectValue? layer, IEnumerable<GraphTensor> inputs, Place place, Shape? shape = null)
    {
        _made++;
        return new(new(layer, [.. inputs], place, Now)) { Shape = shape };
    }

    /// <summary>One of several, which cannot be told: each under an atom of its own.</summary>
    internal Value OneOf(IReadOnlyList<Value> values, string text)
    {
        if (values.Count == 1)
        {
            return values[0];
        }

        var left = Conditions.Always;
        var options = new List<(Condition, Value)>();
        for (var i = 0; i < values.Count; i++)
        {
            var when = i == values.Count - 1 ? left : left.And(Conditions.NewAtom($"{text} is number {i + 1}"));
            options.Add((when, values[i]));
            left = left.And(when.Not());
        }

        return Choices.Join(options);
    }

    private Value Copy(Value value) => Copy(value, new(ReferenceEqualityComparer.Instance), 0);

    private Value ShallowCopy(Value value)
    {
        var same = new Dictionary<Value, Value>(ReferenceEqualityComparer.Instance);
        foreach (var (_, held) in value is ObjectValue o ? o.Attributes.All : [])
        {
            same[held] = held;
        }

        if (value is UnknownValue)
        {
            return value;
        }

        return Copy(value, same, 0);
    }

    private Value Copy(Value value, Dictionary<Value, Value> known, int depth, bool standIn = false)
    {
        Step();
        if (known.TryGetValue(value, out var copy))
        {
            return copy;
        }

        // What cannot be told may be a module, and its copy another one: so it is for whoever copies, while what stands for an element of a list (no copy) holds the same.
        if (value is UnknownValue unknown && !standIn)
        {
            var other = unknown.Copied();
            foreach (var (name, attribute) in unknown.Attributes ?? [])
            {
                (other.Attributes ??= new(StringComparer.Ordinal))[name] = Copy(attribute, known, depth + 1);
            }

            return known[value] = other;
        }

        // A bound method of a copy is bound to the copy; the members of an enumeration are never copied.
        if (depth > 64 || value is not (ObjectValue { Class: not { Kind: ClassKind.Enum } } or SequenceValue or DictValue or ChoiceValue or BoundValue or MethodValue))
        {
            return value;
        }

        switch (value)
        {
            case BoundValue b:
                return known[value] = new BoundValue(Copy(b.Self, known, depth + 1, standIn), b.Function);
            case MethodValue m:
                return known[value] = new MethodValue(Copy(m.Receiver, known, depth + 1, standIn), m.Name);
            case ObjectValue o:
                var clone = new ObjectValue(o.Class, o.ExternalType, o.Kind) { ConstructedWith = o.ConstructedWith, Place = o.Place, LayerName = o.LayerName, Doubt = o.Doubt, StandsFor = standIn ? o.StandsFor ?? o : null, IsSeveral = o.IsSeveral || _laterRound > 0 };
                known[value] = clone;
                clone.Graph = o.Graph is null ? null : CopyGraph(o, o.Graph, known, depth, standIn);
                foreach (var (name, attribute) in o.Attributes.All)
                {
                    clone.Attributes.Set(name, Copy(attribute, known, depth + 1, standIn));
                }

                return clone;
            case SequenceValue s:
                var sequence = new SequenceValue(s.Kind, [], s.Rest) { Length = s.Length, Growth = s.Growth };
                known[value] = sequence;
                sequence.Items.AddRange(s.Items.Select(i => Copy(i, known, depth + 1, standIn)));
                sequence.Rest = standIn || s.Rest is null ? s.Rest : Copy(s.Rest, known, depth + 1);
                return sequence;
            case DictValue d:
                var dict = new DictValue { Rest = d.Rest, Factory = d.Factory };
                known[value] = dict;
                dict.Rest = standIn || d.Rest is null ? d.Rest : Copy(d.Rest, known, depth + 1);
                foreach (var (key, entry) in d.Entries)
                {
                    dict.Set(key, Copy(entry, known, depth + 1, standIn));
                }

                return dict;
            default:
                return new ChoiceValue([.. ((ChoiceValue)value).Options.Select(o => (o.When, Copy(o.Value, known, depth + 1, standIn)))]);
        }
    }

    /// <summary>The same calls of copies of the layers, with tensors of their own.</summary>
    private List<GraphCall> CopyGraph(ObjectValue model, List<GraphCall> graph, Dictionary<Value, Value> known, int depth, bool standIn)
    {
        var calls = new Dictionary<GraphCall, GraphCall>(ReferenceEqualityComparer.Instance);
        GraphTensor Tensor(GraphTensor t)
        {
            if (!known.TryGetValue(t, out var copy))
            {
                known[t] = copy = t.Call is null ? new GraphTensor(null) { Shape = t.Shape } : calls.TryGetValue(t.Call, out var made) ? new GraphTensor(made) { Shape = t.Shape } : t;
            }

            return (GraphTensor)copy;
        }

        foreach (var call in graph)
        {
            calls[call] = call with { Layer = call.Layer is { } layer ? (ObjectValue)Copy(layer, known, depth + 1, standIn) : null, Inputs = [.. call.Inputs.Select(Tensor)] };
        }

        foreach (var output in model.Attributes.All.SelectMany(a => GraphTensors(a.Value)))
        {
            Tensor(output);
        }

        return [.. graph.Select(c => calls[c])];
    }
}
