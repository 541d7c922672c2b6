using System.Text;
using System.Text.RegularExpressions;

namespace ModelGuidelines.Fuzz.Mutators;

/// <summary>Tokens and lines of Python: exchanged, doubled, indented, taken from another file.</summary>
internal sealed partial class PythonMutator : IMutator
{
    private static readonly string[] Pieces =
    [
        "self", "x", "nn.ReLU()", "nn.Sequential", "F.relu(x)", "super().__init__()", "**kwargs", "*args", "None", "True", "[", "]", "(", ")", "{", "}", ":", "=", ":=", ",", ".", "lambda y: y", "yield", "await x",
        "if x:", "for i in range(10 ** 9):", "while True:", "try:", "except:", "with a as b:", "return self(x)", "class A(A):", "def f(f=f): return f(f)", "@property", "import a.b as c", "from . import *",
        "[y for y in x]", "x[0][1:]", "'''", "f'{x!r:>{y}}'", "\\", "\n", "    ", "0x", "1e999", "not", "is", "in", "global x", "del x", "match x:", "case _:", "self.layers = [self]", "setattr(self, n, self)", "getattr(self, n)(x)",
    ];

    public bool Takes(ReadOnlySpan<byte> content) => content.IndexOf((byte)0) < 0 && (content.IndexOf("import "u8) >= 0 || content.IndexOf("class "u8) >= 0 || content.IndexOf("def "u8) >= 0);

    public byte[] Mutate(byte[] content, byte[] other, Random random)
    {
        if (random.Next(2) == 0)
        {
            var lines = Encoding.UTF8.GetString(content).Split('\n').ToList();
            var foreign = Encoding.UTF8.GetString(other).Split('\n');
            var at = random.Next(lines.Count);
            switch (random.Next(6))
            {
                case 0:
                    lines.RemoveAt(at);
                    break;
                case 1:
                    lines.Insert(at, lines[random.Next(lines.Count)]);
                    break;
                case 2:
                    lines.Insert(at, random.Pick(foreign));
                    break;
                case 3:
                    lines[at] = "    " + lines[at];
                    break;
                case 4:
                    lines[at] = lines[at].StartsWith("    ", StringComparison.Ordinal) ? lines[at][4..] : lines[at];
                    break;
                default:
                    (lines[at], lines[random.Next(lines.Count)]) = (lines[random.Next(lines.Count)], lines[at]);
                    break;
            }

            return Encoding.UTF8.GetBytes(string.Join('\n', lines));
        }

        var tokens = Tokens().Matches(Encoding.UTF8.GetString(content)).Select(m => m.Value).ToList();
        if (tokens.Count == 0)
        {
            return Encoding.UTF8.GetBytes(random.Pick(Pieces));
        }

        var place = random.Next(tokens.Count);
        switch (random.Next(5))
        {
            case 0:
                tokens.RemoveAt(place);
                break;
            case 1:
                tokens[place] = tokens[random.Next(tokens.Count)];
                break;
            case 2:
                tokens.Insert(place, random.Pick(Pieces));
                break;
            case 3:
                tokens[place] = random.Pick(Pieces);
                break;
            default:
                tokens.InsertRange(place, tokens.GetRange(place, Math.Min(random.Next(1, 20), tokens.Count - place)));
                break;
        }

        return Encoding.UTF8.GetBytes(string.Concat(tokens));
    }

    [GeneratedRegex(@"\w+|\s+|.", RegexOptions.Singleline, matchTimeoutMilliseconds: 60_000)]
    private static partial Regex Tokens();
}
