using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>Tells of a module's call once something behind it may raise: of a block that an exception ends, what was called last may be what raised, and never ended.</summary>
internal sealed class HeldBack(IObserver heard) : IObserver
{
    private List<(Condition When, List<Action<Condition>> Told)> _held = [];
    private int _depth;

    /// <summary>Something runs that may raise: what was called before it has ended there.</summary>
    public void MayRaise(Condition now)
    {
        if (_depth > 0 || _held.Count == 0)
        {
            return;
        }

        var left = new List<(Condition, List<Action<Condition>>)>();
        foreach (var (when, told) in _held)
        {
            var ended = when.And(now);
            if (!ended.IsNever)
            {
                told.ForEach(t => t(ended));
            }

            if (when.And(now.Not()) is { IsNever: false } still)
            {
                left.Add((still, told));
            }
        }

        _held = left;
    }

    public void Begin(ObjectValue module, CallArguments arguments, Place place, Condition when, Way? way)
    {
        if (_depth == 0)
        {
            MayRaise(when);
            _held.Add((when, []));
        }

        _depth++;
        Hold(c => heard.Begin(module, arguments, place, when.And(c), way));
    }

    public void End(Value result, Place place, Condition when, bool givesBack)
    {
        Hold(c => heard.End(result, place, when.And(c), givesBack));
        _depth--;
    }

    public void Operation(string function, CallArguments arguments, Place place, Condition when, UnknownValue? doubt) =>
        Tell(when, c => heard.Operation(function, arguments, place, when.And(c), doubt));

    public void Held(ObjectValue holder, string name, ObjectValue module, Condition when) => heard.Held(holder, name, module, when);

    public void Direct(ObjectValue module, Place place, Condition when, Way? way) => Tell(when, c => heard.Direct(module, place, when.And(c), way));

    public void Inherited(ObjectValue module) => heard.Inherited(module);

    public void ControlFlow(string function, Place place, Condition when) => Tell(when, c => heard.ControlFlow(function, place, when.And(c)));

    public void Untraceable(Untraced asked, string text, Place place, Condition when, bool isDoubtful) => Tell(when, c => heard.Untraceable(asked, text, place, when.And(c), isDoubtful));

    public void UnknownCall(UnknownValue callee, Place place, Condition when) => Tell(when, c => heard.UnknownCall(callee, place, when.And(c)));

    public void Used(Value input, InputUse use, Place place, Condition when) => Tell(when, c => heard.Used(input, use, place, when.And(c)));

    /// <summary>Beside a module's call it is told at once; within one, with it.</summary>
    private void Tell(Condition when, Action<Condition> tell)
    {
        if (_depth > 0)
        {
            Hold(tell);
        }
        else
        {
            MayRaise(when);
            tell(when);
        }
    }

    private void Hold(Action<Condition> tell) => _held[^1].Told.Add(tell);
}
