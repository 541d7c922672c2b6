using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Functions that run once for the same arguments: <c>functools.cache</c>. What they make is one object, whoever asks.</content>
internal sealed partial class Evaluator
{
    /// <summary>What a function that remembers its results gave for these arguments before, else what it gives now. Which of several an argument is tells no key: then it runs.</summary>
    private Value Remembered(FunctionValue f, DictValue results, CallArguments arguments, Place place)
    {
        if (arguments.HasUnknown || arguments.All.Any(a => a is ChoiceValue))
        {
            return Follow(f, arguments, place);
        }

        var key = SequenceValue.Tuple([.. arguments.Positional, .. arguments.Named.Select(n => SequenceValue.Tuple(ConstantValue.Of(n.Name), n.Value))]);
        var (known, missing) = results.Find(key) is { } found ? Here(found).Present() : default;
        return known is null ? First() : missing is null ? known : Either(missing, First, () => known);

        Value First()
        {
            var result = Follow(f, arguments, place);
            if (!Now.IsNever)
            {
                _journal.Change(results);
                results.Set(key, result);
            }

            return result;
        }
    }
}
