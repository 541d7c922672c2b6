using System.Numerics;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Loops that fill tables of numbers: some rounds are followed, what the others leave is a number.</content>
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

    /// <summary>What later rounds leave where an earlier one left this.</summary>
    private Value LaterRound(Value earlier, string text, Place place) =>
        earlier is ConstantValue ? Unknown(text, "which round of a loop of many sets it is not followed", place, earlier is ConstantValue { Peek: long or double or bool } ? UnknownKind.Number : UnknownKind.Any) : earlier;
}
