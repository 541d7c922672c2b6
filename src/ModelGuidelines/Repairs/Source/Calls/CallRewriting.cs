using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Writes the call of a module where a function was called: the inputs stay where they are, and so does every remark.</summary>
internal sealed class CallRewriting(SourceTree tree)
{
    /// <summary>The call of the module instead of the function: the inputs stay where they are, without their keywords, and so does every remark.</summary>
    public List<SourceEdit>? Edits(CallExpression call, Expression? receiver, List<Argument> inputs, string written)
    {
        var edits = new List<SourceEdit>();
        var open = tree.NextToken(call.Function.End, '(', call.End);
        if (open < 0)
        {
            return null;
        }

        if (receiver is null)
        {
            if (tree.HasComment(call.Function.Start, open))
            {
                return null;
            }

            edits.Add(new(new(call.Function.Start, open + 1), written));
        }
        else
        {
            // x.relu() becomes self.relu(x): the receiver stays where it is, with what else is changed in it.
            edits.Add(new(new(call.Start, call.Start), written, call.End));
            var end = EndWithParentheses(receiver);
            if (tree.HasComment(end, open))
            {
                if (inputs.Count > 0 || tree.NextToken(end, '.', open) is not (var dot and >= 0) || tree.HasComment(dot, open))
                {
                    return null;
                }

                edits.Add(new(new(dot, open + 1), ""));
            }
            else
            {
                edits.Add(new(new(end, open + 1), inputs.Count > 0 ? ", " : ""));
            }
        }

        // Between the parentheses the inputs stay; the rest now stands in the constructor.
        if (tree.HasComment(open, call.End))
        {
            return WithRemarks(call, inputs, open, edits) ? edits : null;
        }

        var at = open + 1;
        foreach (var input in inputs)
        {
            var (start, stop) = WithParentheses(input, open);
            if (call.Arguments[0] != input || input.Name is not null)
            {
                edits.Add(new(new(at, start), at == open + 1 ? "" : ", "));
            }

            at = stop;
        }

        if (call.Arguments.Length > inputs.Count)
        {
            edits.Add(new(new(at, call.End - 1), ""));
        }

        edits.RemoveAll(e => e.Span.Length == 0 && e.Text.Length == 0);
        return edits;
    }

    /// <summary>Takes away each argument that is no input, with its comma, and nothing else.</summary>
    private bool WithRemarks(CallExpression call, List<Argument> inputs, int open, List<SourceEdit> edits)
    {
        foreach (var argument in call.Arguments)
        {
            var (start, end) = WithParentheses(argument, open);
            if (inputs.Contains(argument))
            {
                if (argument.Name is not null)
                {
                    edits.Add(new(new(argument.Start, start), ""));
                }

                continue;
            }

            var comma = tree.NextToken(end, ',', call.End);
            if (comma >= 0 && !tree.HasComment(end, comma))
            {
                end = comma + 1;
            }

            // With the blanks behind it up to the next argument on its line, or those before it.
            while (end < call.End && tree.File.Text[end] is ' ')
            {
                end++;
            }

            if (tree.HasComment(argument.Start, Math.Min(end, call.End - 1)) && tree.HasComment(argument.Start, WithParentheses(argument, open).End))
            {
                return false;
            }

            edits.Add(new(new(Math.Min(argument.Start, start), end), ""));
        }

        edits.RemoveAll(e => e.Span.Length == 0 && e.Text.Length == 0);
        return true;
    }

    /// <summary>An argument's value with the parentheses around it, which its span leaves out.</summary>
    private (int Start, int End) WithParentheses(Argument argument, int open)
    {
        var text = tree.File.Text;
        var (start, end) = (argument.Value.Start, argument.Value.End);
        for (var i = start - 1; i > open && (text[i] == '(' || char.IsWhiteSpace(text[i])); i--)
        {
            if (text[i] == '(' && tree.NextToken(end, ')', text.Length) is var close and >= 0)
            {
                (start, end) = (i, close + 1);
            }
        }

        return (start, end);
    }

    /// <summary>Behind the parentheses around an expression, which its span leaves out.</summary>
    private int EndWithParentheses(Expression receiver)
    {
        var at = receiver.End;
        for (var next = tree.NextToken(at, ')', tree.File.Text.Length); next >= 0; next = tree.NextToken(at, ')', tree.File.Text.Length))
        {
            at = next + 1;
        }

        return at;
    }
}
