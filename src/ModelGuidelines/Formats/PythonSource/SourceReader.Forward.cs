using System.Collections.Immutable;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Evaluation;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <content>A model's forward pass.</content>
internal sealed partial class SourceReader
{
    /// <summary>Follows it as callers call it; where that raises or does nothing, as they might.</summary>
    private Recorder Passes(Root root, Dictionary<ObjectValue, int> index, LateModules late)
    {
        _inputs.Readings = ImmutableDictionary<string, IReadOnlySet<InputUse>>.Empty;
        var recorder = Run(root, index, late, null);
        if (recorder.Readings is { Count: > 0 } readings)
        {
            // The code does with arguments what no tensor allows, or asks whether they are something else.
            _inputs.Readings = readings;
            recorder = Run(root, index, late, null);
        }

        if (root.InputSizes is not null && _evaluator.Now.IsNever)
        {
            // It was built for others than its library says.
            root = root with { InputSizes = null };
            recorder = Run(root, index, late, null);
        }
        else if (root.InputSizes is { } sizes)
        {
            _madeFor.Add(string.Join(" x ", sizes));
        }

        if (recorder.IsEmpty && !root.IsEntry && ForwardOf(root.Model) is { Owner: not null } forward)
        {
            // Its defaults make it raise or return at once: with the arguments given it does something.
            recorder = Run(root, index, late, f => f.Node == forward.Node);
        }

        if (_evaluator.Now.IsNever && !root.IsEntry)
        {
            _inputs.GivesOne = true;
            recorder = Run(root, index, late, null);
            if (_evaluator.Now.IsNever)
            {
                (_inputs.GivesOne, _evaluator.GoesOnBehindRaises) = (false, true);
                recorder = Run(root, index, late, null);
            }

            (_inputs.GivesOne, _evaluator.GoesOnBehindRaises) = (false, false);
        }

        return recorder;
    }

    /// <summary>Whether the last pass was followed to its end.</summary>
    private bool _isWhole;

    private Recorder Run(Root root, Dictionary<ObjectValue, int> index, LateModules late, Func<FunctionValue, bool>? ignoresDefaults)
    {
        late.Begin();
        var recorder = new Recorder(_graph, index, index[root.Model], _source.Limits, late);
        _evaluator.IgnoresDefaults = ignoresDefaults;
        _isWhole = Bounded(
            () =>
            {
                _evaluator.Observer = recorder;
                _evaluator.IsTraced = root.Model.Kind is ClassKind.TorchModule;
                _evaluator.TracedForward = ForwardOf(root.Model);
                if (root.When is { } when)
                {
                    _evaluator.Assume(when);
                }

                Forward(root);
            },
            root.IsEntry ? StepsPerEntry : StepsPerModel,
            $"the forward pass of '{root.Name}'",
            root.Model.Class?.Definition.Start ?? 0);
        _evaluator.Observer = null;
        _evaluator.TracedForward = null;
        _evaluator.IgnoresDefaults = null;
        return recorder;
    }

    private void Forward(Root root)
    {
        var model = root.Model;
        var arguments = new CallArguments();
        var place = model.Class?.Place ?? model.Place;
        if (ForwardOf(model) is { } forward)
        {
            place = forward.Place;
            arguments = _inputs.For(forward, forward.Owner is null || (forward.Parameters is [{ Name: not "self" }, ..] && IsStatic(model)) ? 0 : 1, root.IsEntry ? root.Arguments : null);
        }
        else
        {
            _inputs.Reset();
            arguments.Positional.Add(new TensorValue());
        }

        if (root.InputSizes is { } sizes && arguments.All.SelectMany(a => a.Possible()).OfType<InputValue>().ToList() is [{ Of: null } only])
        {
            PythonSource.InputSizes.Give(only, only.Name, sizes);
        }

        _evaluator.Call(model, arguments, place);
    }

    private static FunctionValue? ForwardOf(ObjectValue model)
    {
        var name = model.Kind is ClassKind.TorchModule ? "forward" : "call";
        return (model.Attributes.Find(name) ?? (model.Class is { } type ? CalledOf(type) : null)) switch
        {
            FunctionValue f => f,
            WrappedMethod { Function: FunctionValue f } => f,
            BoundValue { Function: FunctionValue f } => f,
            _ => null,
        };
    }

    private static bool IsStatic(ObjectValue model) => model.Class?.Find("forward")?.Value is WrappedMethod { Kind: "staticmethod" } || model.Attributes.Find("forward") is not null;
}
