using System.Collections.Immutable;
using System.Text;

namespace ModelGuidelines.Python.Syntax;

/// <summary>A syntax error; parsing went on at the next statement.</summary>
/// <param name="Message">What is wrong.</param>
/// <param name="Offset">Where, in UTF-16 units of the text.</param>
public sealed record PythonSyntaxError(string Message, int Offset);

/// <summary>One parsed Python file: the tree, the errors, and the text it stands in.</summary>
/// <remarks>Spans are offsets into <see cref="Text"/>, so whatever no node covers (comments, blank lines, parentheses) is still there:
/// an edit replaces a span of the text and leaves the rest alone. Line ends are kept as they are.</remarks>
public sealed class PythonFile
{
    private readonly int[] _lineStarts;

    internal PythonFile(
        string text, Encoding? encoding, bool hasByteOrderMark, ImmutableArray<Statement> statements, ImmutableArray<PythonSyntaxError> errors, ImmutableArray<TextSpan> comments, int[] lineStarts)
    {
        Text = text;
        Encoding = encoding;
        HasByteOrderMark = hasByteOrderMark;
        Statements = statements;
        Errors = errors;
        Comments = comments;
        _lineStarts = lineStarts;
    }

    /// <summary>The text, without a byte order mark.</summary>
    public string Text { get; }

    /// <summary>How the bytes were decoded; null when the file was parsed from text.</summary>
    public Encoding? Encoding { get; }

    /// <summary>Whether the bytes began with a UTF-8 byte order mark.</summary>
    public bool HasByteOrderMark { get; }

    public ImmutableArray<Statement> Statements { get; }

    /// <summary>In order; at most 1,000 are kept.</summary>
    public ImmutableArray<PythonSyntaxError> Errors { get; }

    /// <summary>Comments, each from its # to the end of its line, in order.</summary>
    public ImmutableArray<TextSpan> Comments { get; }

    /// <summary>About what text and tree take in memory.</summary>
    public long HeldBytes { get; internal init; }

    public int LineCount => _lineStarts.Length;

    /// <summary>The line and column of an offset, both 1-based, the column in UTF-16 units.</summary>
    public (int Line, int Column) PositionOf(int offset)
    {
        var index = Array.BinarySearch(_lineStarts, offset);
        index = index < 0 ? ~index - 1 : index;
        return (index + 1, offset - _lineStarts[index] + 1);
    }

    /// <summary>The offset at which a line begins; 1-based.</summary>
    public int LineStart(int line) => _lineStarts[line - 1];

    /// <summary>The source text of a node.</summary>
    public ReadOnlySpan<char> TextOf(PythonNode node) => Text.AsSpan(node.Start, node.End - node.Start);
}
