using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What copies cost: a list that is made of one of thousands is not one step, in a loop least of all.</content>
internal sealed partial class Evaluator
{
    /// <summary>Items of a list that cost one step to copy, items that are lists themselves, entries of a dictionary, and characters.</summary>
    private const int ItemsOfStep = 32;
    private const int ListsOfStep = 4;
    private const int EntriesOfStep = 8;
    private const int CharactersOfStep = 128;

    /// <summary>Lists of more items are what doubles: each item is a step, before there are as many as memory has room for.</summary>
    private const int ManyItems = 200_000;

    /// <summary>Whether an item is there at all is asked of each when they are counted.</summary>
    private const int CountedOfStep = 256;

    /// <summary>Modules that hold more are lists of modules.</summary>
    private const int AttributesOfStep = 64;

    /// <summary>Counts what an expression may have made anew; names and attributes give what is there.</summary>
    private void Spend(Expression expression, Value value)
    {
        if (expression is not (NameExpression or AttributeExpression or StringExpression))
        {
            Spend(value);
        }
    }

    /// <summary>Counts what is given to code of a library that may go through all of it.</summary>
    private void Spend(Value function, CallArguments arguments)
    {
        _steps += arguments.Positional.Count / ItemsOfStep;
        if (function is ExternalValue { Name: "builtins.len" } && arguments.Positional is [SequenceValue counted])
        {
            _steps += counted.Made.Count / CountedOfStep;
        }

        if (function is FunctionValue or ClassValue or BoundValue { Function: FunctionValue } or ExternalValue { Name: "builtins.len" or "builtins.isinstance" or "builtins.type" or "builtins.bool" or "builtins.iter" or "builtins.next" })
        {
            return;
        }

        foreach (var value in arguments.Positional)
        {
            Spend(value);
        }
    }

    /// <summary>Counts what a branch wrote: branches in branches are joined at each level, and a collection is copied for each of them.</summary>
    private void Spend(Journal.Writes writes)
    {
        _steps += writes.Count;
        foreach (var (slot, value) in writes)
        {
            if (slot.Name is null && value is Value content)
            {
                Spend(content);
            }
        }
    }

    private void Spend(Value value) => _steps += value switch
    {
        SequenceValue { Made.Count: > ManyItems and var count } => count,
        SequenceValue s => s.Made.Count / (s.Made.Count > 0 && s.Made[0] is SequenceValue ? ListsOfStep : ItemsOfStep),
        DictValue d => d.Entries.Count / EntriesOfStep,
        ConstantValue { Peek: string text } => text.Length / CharactersOfStep,
        ObjectValue { IsModule: true, Attributes.Count: > AttributesOfStep and var count } => count / ListsOfStep,
        _ => 0,
    };
}
