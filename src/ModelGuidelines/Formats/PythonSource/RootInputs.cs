using System.Collections.Immutable;
using System.Globalization;
using ModelGuidelines.Python.Evaluation;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>What whoever calls a model gives it: what has no default; and what it gives at times.</summary>
internal sealed class RootInputs(Evaluator evaluator)
{
    /// <summary>Arguments that may each be given or not, of one forward.</summary>
    private const int MaxOptional = 6;

    /// <summary>Further ones are given in so many groups, by turns: one may take the place of what its neighbour is for (<c>encoder_outputs</c>).</summary>
    private const int FurtherGroups = 2;
    private readonly Annotations _annotations = new(evaluator);
    private readonly Dictionary<(FunctionValue Forward, string Parameter), (bool IsList, bool IsTrained)> _asked = [];

    /// <summary>None of the arguments that were made optional last is given.</summary>
    public Condition NoneGiven { get; private set; } = evaluator.Conditions.Always;

    public void Reset() => NoneGiven = evaluator.Conditions.Always;

    /// <summary>What a forward of <c>*args</c> hands on is one tensor: with one for every parameter behind it, it raises.</summary>
    public bool GivesOne { get; set; }

    /// <summary>What a caller gives who gives None where there is no default: the code asks for it, and what it does then is followed; no caller is known that does.</summary>
    public static readonly ConstantValue AskedNone = new(null);

    /// <summary>What else an argument may be that the code uses as a number.</summary>
    public const string NumberDoubt = "it is a size, a bound or a count of rounds: it may be a tensor of one element";

    /// <summary>What arguments may be, beside tensors, as an earlier pass has shown.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<InputUse>> Readings { get; set; } = ImmutableDictionary<string, IReadOnlySet<InputUse>>.Empty;

    private Value ValueOf(FunctionValue forward, Parameter parameter, string argument)
    {
        var value = _annotations.ValueOf(forward, parameter, argument);
        if (value is not InputValue)
        {
            return value;
        }

        // Every pass asks again, and the text stays as it is.
        if (!_asked.TryGetValue((forward, parameter.Name), out var asked))
        {
            _asked[(forward, parameter.Name)] = asked = AskedTypes.Of(forward, parameter.Name);
        }

        var uses = Readings.TryGetValue(parameter.Name, out var read) ? read.ToHashSet() : [];
        if (asked.IsList)
        {
            uses.Add(InputUse.OrList);
        }

        if (asked.IsTrained)
        {
            uses.Remove(InputUse.OrDictionary);
        }

        return uses.Count > 0 ? OneOf(forward, parameter, value, uses) : value;
    }

    /// <summary>A tensor, or what the code asks for; a text alone where it does with it what no tensor allows.</summary>
    private Value OneOf(FunctionValue forward, Parameter p, Value tensor, IReadOnlySet<InputUse> uses)
    {
        UnknownValue Symbol(UnknownKind kind) => new(p.Name, $"'{p.Name}' is an argument", new(forward.Closure.Module, p.Start), kind);
        var isOther = !uses.Contains(InputUse.AsTensor) && !uses.Any(u => u > InputUse.OrNone);
        if (isOther && uses.Contains(InputUse.AsNumber) && !uses.Contains(InputUse.AsText))
        {
            tensor = new UnknownValue(p.Name, $"'{p.Name}' is an argument", new(forward.Closure.Module, p.Start), UnknownKind.Number) { Doubt = NumberDoubt };
        }

        isOther &= !uses.Contains(InputUse.AsOperand);
        if (isOther && uses.Contains(InputUse.AsText))
        {
            tensor = Symbol(UnknownKind.Text);
        }

        if (isOther && uses.Contains(InputUse.AsArray))
        {
            tensor = Symbol(UnknownKind.Array);
        }

        var options = new List<(Condition When, Value Value)>();
        var left = evaluator.Conditions.Always;
        void May(InputUse use, string what, Func<Value> value)
        {
            if (uses.Contains(use))
            {
                var when = left.And(evaluator.Conditions.NewAtom($"{p.Name} is {what}"));
                options.Add((when, value()));
                left = left.And(when.Not());
            }
        }

        if (forward.Defaults[Array.IndexOf([.. forward.Parameters], p)] is null)
        {
            May(InputUse.OrNone, "None", () => AskedNone);
            NoneGiven = NoneGiven.And(left); // whoever need not give it would not have to
        }

        if (tensor is TensorValue)
        {
            May(uses.Contains(InputUse.OrText) ? InputUse.OrText : InputUse.AsText, "a text", () => Symbol(UnknownKind.Text));
        }

        May(InputUse.OrList, "a list", () => SequenceValue.Open(SequenceKind.List, new TensorValue()));
        May(InputUse.OrTuple, "a tuple", () => SequenceValue.Open(SequenceKind.Tuple, new TensorValue()));
        May(InputUse.OrDictionary, "a dictionary", () => new DictValue { Rest = new TensorValue() });
        May(InputUse.OrNumber, "a number", () => Symbol(UnknownKind.Number));
        May(InputUse.OrFlag, "a flag", () => Symbol(UnknownKind.Boolean));
        if (tensor is TensorValue)
        {
            May(uses.Contains(InputUse.AsArray) ? InputUse.AsArray : InputUse.OrArray, "an array", () => Symbol(UnknownKind.Array));
        }

        options.Add((left, tensor));
        return Choices.Join(options);
    }

    /// <summary>Arguments for a forward.</summary>
    /// <param name="forward">It.</param>
    /// <param name="first">The index of its first parameter that a caller gives: 1 behind <c>self</c>.</param>
    /// <param name="given">What the user says of a model that is called in one way: these, tensors for what has no default, and defaults. Null: callers may do otherwise.</param>
    public CallArguments For(FunctionValue forward, int first, IReadOnlyDictionary<string, Value>? given)
    {
        var arguments = new CallArguments();
        var optional = 0;
        Condition[]? further = null;

        // Nobody calls a model without anything: where all has a default, the first is given.
        var alone = given is { Count: 0 } && Enumerable.Range(first, Math.Max(0, forward.Parameters.Length - first)).All(i => forward.Defaults[i] is not null || forward.Parameters[i].Kind is ParameterKind.VariadicPositional or ParameterKind.VariadicKeyword)
            && forward.Parameters.Length > first && forward.Defaults[first] is ConstantValue { IsNone: true } ? first : -1;
        NoneGiven = evaluator.Conditions.Always;
        for (var i = first; i < forward.Parameters.Length; i++)
        {
            var p = forward.Parameters[i];
            var isNamed = p.Kind is ParameterKind.KeywordOnly || forward.Defaults[i] is not null;
            var argument = isNamed ? p.Name : (i - first).ToString(CultureInfo.InvariantCulture);
            if (i == alone)
            {
                var value = ValueOf(forward, p, argument);
                arguments.Named.Add((p.Name, value is ChoiceValue { Options: var options } && options.FirstOrDefault(o => o.Value is TensorValue).Value is { } one ? one : value));
                continue;
            }

            if (given is not null && (p.Kind is ParameterKind.VariadicPositional or ParameterKind.VariadicKeyword || forward.Defaults[i] is not null || given.ContainsKey(p.Name)))
            {
                if (given.TryGetValue(p.Name, out var said))
                {
                    arguments.Named.Add((p.Name, said));
                }

                continue;
            }

            switch (p.Kind, forward.Defaults[i])
            {
                case (ParameterKind.VariadicPositional, _) when GivesOne:
                    arguments.Positional.Add(new TensorValue());
                    break;
                case (ParameterKind.VariadicPositional, _):
                    arguments.Rest = new TensorValue();
                    break;
                case (ParameterKind.VariadicKeyword, _):
                    arguments.NamedRest = new UnknownValue(p.Name, $"'{p.Name}' is what the caller gives", new(forward.Closure.Module, p.Start)) { IsFromCaller = true, IsArgument = true };
                    break;
                case (_, null) when given is not null && ValueOf(forward, p, argument) is ChoiceValue several && several.Options.FirstOrDefault(o => o.Value is TensorValue).Value is { } tensor:
                    arguments.Named.Add((p.Name, tensor));
                    break;
                case (_, null) when isNamed || given is { Count: > 0 }:
                    arguments.Named.Add((p.Name, ValueOf(forward, p, argument)));
                    break;
                case (_, null):
                    arguments.Positional.Add(ValueOf(forward, p, argument));
                    break;
                case (_, ConstantValue usual) when OptionalArguments.IsGivenAtTimes(p.Name, usual):
                    var value = usual.IsNone ? ValueOf(forward, p, argument)
                        : new UnknownValue(p.Name, $"'{p.Name}' is an argument", new(forward.Closure.Module, p.Start), UnknownKind.Boolean);
                    var isGiven = optional++ < MaxOptional ? evaluator.Conditions.NewAtom($"{p.Name} is given") : (further ??= Further(forward, i))[(optional - MaxOptional - 1) % FurtherGroups];
                    NoneGiven = NoneGiven.And(isGiven.Not());
                    arguments.Named.Add((p.Name, Choices.Join([(isGiven, value), (isGiven.Not(), MissingValue.Instance)])));
                    break;
                default:
                    arguments.Named.Add((p.Name, MissingValue.Instance)); // its default, not one of the caller's other keywords
                    break;
            }
        }

        return arguments;
    }

    /// <summary>That those of each group of further arguments are given.</summary>
    private Condition[] Further(FunctionValue forward, int from)
    {
        var groups = new List<string>[FurtherGroups];
        var count = 0;
        foreach (var name in Enumerable.Range(from, forward.Parameters.Length - from)
            .Where(i => forward.Parameters[i].Kind is not (ParameterKind.VariadicPositional or ParameterKind.VariadicKeyword) && forward.Defaults[i] is ConstantValue usual && OptionalArguments.IsGivenAtTimes(forward.Parameters[i].Name, usual)).Select(i => forward.Parameters[i].Name))
        {
            (groups[count++ % FurtherGroups] ??= []).Add(name);
        }

        return [.. groups.OfType<List<string>>().Select(g => evaluator.Conditions.NewAtom($"{string.Join(", ", g)} {(g.Count > 1 ? "are" : "is")} given"))];
    }
}
