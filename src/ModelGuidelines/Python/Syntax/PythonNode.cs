namespace ModelGuidelines.Python.Syntax;

/// <summary>A node of the tree. Immutable. Its span is CPython's: without enclosing parentheses (tuples and generators include theirs), a decorated definition begins at its keyword.</summary>
public abstract class PythonNode(int start, int end)
{
    /// <summary>Offset of the first unit in <see cref="PythonFile.Text"/>.</summary>
    public int Start { get; } = start;

    /// <summary>Offset after the last unit.</summary>
    public int End { get; } = end;

    public TextSpan Span => new(Start, End);
}
