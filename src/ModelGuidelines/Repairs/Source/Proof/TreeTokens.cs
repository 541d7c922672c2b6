using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>The tokens of a file, by the nodes that they belong to: what a node says itself, with a mark where each of its parts stands.</summary>
/// <remarks>Blanks, line ends, remarks, and parentheses and commas are left out: of what these say the tree's form tells as much.</remarks>
internal sealed class TreeTokens
{
    private readonly List<Token> _tokens = [];
    private readonly string _text;

    public TreeTokens(PythonFile file)
    {
        _text = file.Text;
        var lexer = new PythonLexer(file.Text, new(), (_, _) => { }, null);
        foreach (var token in lexer.Tokenize())
        {
            if (token.Kind is TokenKind.EndOfFile)
            {
                break;
            }

            if (token.Kind is not (TokenKind.NewLine or TokenKind.Indent or TokenKind.Dedent or TokenKind.Semicolon))
            {
                _tokens.Add(token);
            }
        }

        lexer.Release();
    }

    /// <summary>What a node says beside its parts; "" stands for a part.</summary>
    /// <param name="node">The node.</param>
    /// <param name="parts">Its parts that are compared by themselves; what else is below it is left out.</param>
    public List<string> Own(PythonNode node, IReadOnlyCollection<PythonNode> parts)
    {
        // Patterns and parameters of types are no nodes' children: there every token counts.
        var isWhole = node is MatchCase or ClassDefinition { TypeParameters.IsEmpty: false } or FunctionDefinition { TypeParameters.IsEmpty: false };
        var marks = parts.Where(p => p is not Statement).OrderBy(p => p.Start).ToList();
        var bodies = parts.Where(p => p is Statement).OrderBy(p => p.Start).ToList();
        var result = new List<string>();
        var (mark, body) = (0, 0);
        for (var i = First(node.Start); i < _tokens.Count && _tokens[i].Start < node.End; i++)
        {
            var token = _tokens[i];
            while (body < bodies.Count && bodies[body].End <= token.Start)
            {
                body++;
            }

            if (body < bodies.Count && token.Start >= bodies[body].Start)
            {
                continue;
            }

            while (mark < marks.Count && marks[mark].End <= token.Start)
            {
                mark++;
            }

            if (mark < marks.Count && token.Start >= marks[mark].Start)
            {
                if (token.Start == marks[mark].Start)
                {
                    result.Add("");
                }

                continue;
            }

            if (isWhole || token.Kind is not (TokenKind.LeftParen or TokenKind.RightParen or TokenKind.Comma))
            {
                result.Add(_text[token.Start..token.End]);
            }
        }

        return result;
    }

    private int First(int offset)
    {
        var (low, high) = (0, _tokens.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _tokens[middle].Start < offset ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
