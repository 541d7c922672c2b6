using System.Diagnostics;
using System.Text;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;
using ModelGuidelines.SyntaxCheck;

namespace ModelGuidelines.Tests.Syntax;

public sealed class PythonParserTests
{
    private static readonly string Fixtures = RepositoryFiles.Fixture("python-syntax");

    [Theory]
    [InlineData("statements")]
    [InlineData("expressions")]
    [InlineData("crlf")]
    [InlineData("bom")]
    [InlineData("latin9")]
    public void Tree_and_positions_are_those_of_CPython(string name)
    {
        var path = Path.Join(Fixtures, name + ".py");
        var file = PythonParser.Parse(File.ReadAllBytes(path));
        Assert.Empty(file.Errors);
        Assert.Equal(File.ReadAllText(path + ".ast").TrimEnd('\n'), new PythonDump(file).Dump());
    }

    [Fact]
    public void Syntax_of_3_12_to_3_14_is_read()
    {
        var file = PythonParser.Parse(File.ReadAllBytes(Path.Join(Fixtures, "newer.py")));
        Assert.Empty(file.Errors);
        Assert.Equal(
            [typeof(TypeAliasStatement), typeof(TypeAliasStatement), typeof(FunctionDefinition), typeof(ClassDefinition), typeof(AssignStatement), typeof(AssignStatement), typeof(TryStatement), typeof(WithStatement), typeof(AssignStatement)],
            file.Statements.Select(s => s.GetType()));
        var nested = Assert.IsType<FormattedStringExpression>(((AssignStatement)file.Statements[4]).Value);
        Assert.Equal(5, nested.Parts.Length);
        Assert.IsType<SubscriptExpression>(((FormattedValueExpression)nested.Parts[0]).Value);
        Assert.True(Assert.IsType<FormattedStringExpression>(((AssignStatement)file.Statements[5]).Value).IsTemplate);
        Assert.IsType<TupleExpression>(((TryStatement)file.Statements[6]).Handlers[0].Type);
    }

    [Theory]
    [InlineData("def broken(:\n    pass\nclass Kept: pass\n")]
    [InlineData("x = foo(1,\nclass Kept:\n    pass\n")]
    [InlineData("def f():\n    x = = 2\n    y = 1\nclass Kept: pass\n")]
    [InlineData("x = 'open\nclass Kept: pass\n")]
    [InlineData("x = \"\"\"open\nclass Kept: pass\n")]
    [InlineData("  indented\nclass Kept: pass\n")]
    [InlineData("if x:\n        a\n    b\nclass Kept: pass\n")]
    [InlineData("if x = 1:\n    pass\nclass Kept: pass\n")]
    [InlineData("@\nclass Kept: pass\n")]
    [InlineData("else:\n    pass\nclass Kept: pass\n")]
    [InlineData("x = f'{a'\nclass Kept: pass\n")]
    [InlineData("if x:\nclass Kept: pass\n")]
    [InlineData("x = $?\nclass Kept: pass\n")]
    public void After_an_error_the_next_statement_is_read(string text)
    {
        var file = PythonParser.Parse(text);
        Assert.NotEmpty(file.Errors);
        Assert.Equal("Kept", Assert.IsType<ClassDefinition>(file.Statements[^1]).Name);
    }

    [Fact]
    public void A_class_under_a_broken_head_is_kept()
    {
        var file = PythonParser.Parse("def f(:\n    class Kept: pass\n");
        Assert.Equal("Kept", Assert.IsType<ClassDefinition>(Assert.IsType<ErrorStatement>(file.Statements[0]).Body[0]).Name);
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("f(", ")")]
    [InlineData("-", "")]
    [InlineData("not ", "")]
    [InlineData("lambda: ", "")]
    [InlineData("a if b else ", "")]
    [InlineData("a + ", "")]
    [InlineData("a.", "")]
    [InlineData("a ** ", "")]
    [InlineData("f'{", "}'")]
    [InlineData("{1: ", "}")]
    [InlineData("yield ", "")]
    [InlineData("await ", "")]
    [InlineData("if x: \n", "")]
    public void Depth_is_bounded(string open, string close)
    {
        const int n = 50_000;
        var text = string.Concat(Enumerable.Repeat(open, n)) + "x" + string.Concat(Enumerable.Repeat(close, n)) + "\nclass Kept: pass\n";
        var file = PythonParser.Parse(text);
        Assert.NotEmpty(file.Errors);
    }

    [Fact]
    public void Blocks_may_nest_to_the_bound_and_no_further()
    {
        var text = string.Concat(Enumerable.Range(0, 5000).Select(i => new string(' ', i) + "if x:\n")) + new string(' ', 5000) + "pass\nclass Kept: pass\n";
        var file = PythonParser.Parse(text);
        Assert.NotEmpty(file.Errors);
        Assert.IsType<ClassDefinition>(file.Statements[^1]);
    }

    /// <summary>A text's field is held once, like the same code outside of a text.</summary>
    [Fact]
    public void Fields_count_once_against_what_may_be_held()
    {
        var list = $"[{string.Concat(Enumerable.Repeat("0, ", 50_000))}]";
        using var plenty = new ReadBudget(ReadLimits.Default, TestContext.Current.CancellationToken);
        var held = PythonParser.Parse(Encoding.UTF8.GetBytes($"x = {list}\n"), plenty).HeldBytes;
        using var enough = new ReadBudget(ReadLimits.Default with { HeldBytes = held * 11 / 10 }, TestContext.Current.CancellationToken);
        Assert.InRange(PythonParser.Parse(Encoding.UTF8.GetBytes($"x = f'{{{list}}}'\n"), enough).HeldBytes, held, held * 11 / 10);
    }

    [Fact]
    public void Mutations_never_throw_nor_hang()
    {
        var random = new Random(20261123);
        var seeds = Directory.GetFiles(Fixtures, "*.py").Select(File.ReadAllBytes).ToArray();
        string[] bits = ["(", ")", "[", "{", "}", "'", "\"\"\"", "f'", "{", "\\", "\n", "\r", "\t", " ", "def ", "class ", "if ", "else:", ":", "=", ":=", "match x:\n case ", "@", "async ", "\0", "é", "lambda ", "*", "**", ",", "0x", "1e", "#"];
        for (var round = 0; round < 3000; round++)
        {
            var bytes = seeds[random.Next(seeds.Length)].ToList();
            for (var n = random.Next(1, 8); n > 0; n--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0:
                        bytes.RemoveRange(at, Math.Min(bytes.Count - at, random.Next(1, 20)));
                        break;
                    case 1:
                        bytes.InsertRange(at, Encoding.UTF8.GetBytes(bits[random.Next(bits.Length)]));
                        break;
                    case 2:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    default:
                        bytes.RemoveRange(at, bytes.Count - at);
                        break;
                }

                if (bytes.Count == 0)
                {
                    break;
                }
            }

            PythonFile file = null!;
            var work = Work.Processor(() => file = PythonParser.Parse(bytes.ToArray()));
            Assert.True(work < TimeSpan.FromSeconds(5), $"round {round} took {work}");
            Assert.All(file.Statements, s => Assert.InRange(s.End, s.Start, file.Text.Length));
        }
    }

    [Theory]
    [InlineData("x = a + b(c, d=[1, 2])  # comment\n")]
    [InlineData("\"\"\"\\\n")]
    [InlineData("f'''{f'''{\n")]
    [InlineData("(((\n")]
    [InlineData("class C:\n    def f(self, x):\n        return self.conv(x)\n")]
    [InlineData("with (a, b):\n    match x:\n")]
    [InlineData("x = '\n")]
    public void Time_is_linear(string line)
    {
        // 8 times the text may take 8 times the work; 3 times more is left for what caches and the collector add.
        var small = Enumerable.Range(0, 5).Min(_ => Measure(line, 20_000));
        var large = Enumerable.Range(0, 3).Min(_ => Measure(line, 160_000));
        Assert.True(large < (small * 24) + TimeSpan.FromMilliseconds(500), $"{small} for one, {large} for eight");

        static TimeSpan Measure(string line, int count)
        {
            var text = string.Concat(Enumerable.Repeat(line, count));
            return Work.Processor(() => PythonParser.Parse(text));
        }
    }
}
