using System.Numerics;
using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Loops of many rounds that cost much: those that fill tables of numbers, and those in whose rounds no module is made or called in a graph, as in training. Some rounds are followed
/// one by one.</content>
internal sealed partial class Evaluator
{
    private const int TableRounds = 4;
    private const long TableSteps = 10_000;

    /// <summary>The names that the rounds to come set and that is all they do; null where the loop is to be followed on.</summary>
    /// <param name="loop">The loop.</param>
    /// <param name="scope">Where it stands.</param>
    /// <param name="rounds">Rounds that ran.</param>
    /// <param name="from">The steps before the first.</param>
    private IReadOnlyCollection<string>? NamesOfTable(PythonNode loop, Scope scope, int rounds, long from) =>
        Observer is null && rounds >= TableRounds && BitOperations.IsPow2(rounds) && _steps - from > TableSteps ? _inert.NamesSetBy(loop, scope) : null;

    private const int IdleRounds = 8;

    /// <summary>Modules made, and calls of layers in a graph.</summary>
    private int _made;

    /// <summary>The round that stands for all further ones, as if their number were not known, where the last one built nothing and they would take most of the steps that are left; null where
    /// the loop is to be followed on.</summary>
    /// <param name="item">What the next round would be about.</param>
    /// <param name="built">What was built before the last round.</param>
    /// <param name="rounds">Rounds that ran.</param>
    /// <param name="left">Rounds to come.</param>
    /// <param name="from">The steps before the first.</param>
    /// <param name="loop">The loop.</param>
    /// <param name="scope">Where it stands.</param>
    private Value? OtherRounds(Value item, int built, int rounds, int left, long from, ForStatement loop, Scope scope)
    {
        if (Observer is not null || rounds < IdleRounds || built != _made || _steps - from <= TableSteps || (_steps - from) / rounds * left < (_stepLimit - _steps) / 4 * 3 || !IsNumbers(item))
        {
            return null;
        }

        var (place, text) = (scope.At(loop.Iterable.Start), TextOf(loop.Iterable, scope));
        return Later(Another(item, $"an element of {text}", NotEachRound, place), Unknown($"len({text})", NotEachRound, place, UnknownKind.Number));
    }

    private const string NotEachRound = "the loop is not followed round by round";

    private static bool IsNumbers(Value value) => value is ConstantValue { IsOpen: false } || (value is SequenceValue { Kind: SequenceKind.Tuple, Rest: null } t && t.Items.TrueForAll(IsNumbers));

    /// <summary>Another value of the kind of this one: some element of a row, what a generator yields later. Of a tuple each part is another; tensors are like each other.</summary>
    private Value Another(Value value, string text, string reason, Place place) => value switch
    {
        SequenceValue { Kind: SequenceKind.Tuple, Rest: null } t => new SequenceValue(SequenceKind.Tuple, t.Items.ConvertAll(i => Another(i, text, reason, place))),
        TensorValue => value,
        _ => Unknown(text, reason, place, Kinds(value)),
    };

    /// <summary>What later rounds leave where an earlier one left this.</summary>
    private Value LaterRound(Value earlier, string text, Place place) =>
        earlier is ConstantValue ? Unknown(text, "which round of a loop of many sets it is not followed", place, earlier is ConstantValue { Peek: long or double or bool } ? UnknownKind.Number : UnknownKind.Any) : earlier;
}
