using System.Text;
using System.Text.RegularExpressions;
using ModelGuidelines.Formats;
using ModelGuidelines.Formats.PythonSource;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Repairs;
using ModelGuidelines.Repairs.Source;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>Right repairs, damaged in many systematic ways: as if the repairer had written them so. The proof has to refuse every text that does something else.</summary>
public sealed class SourceProofMutationTests(ITestOutputHelper output)
{
    private const string Head = "import copy\nimport torch\nimport torch.nn as nn\nimport torch.nn.functional as F\nfrom torch.utils.checkpoint import checkpoint\n\n\n";

    /// <summary>A kind of repair each: what <c>__init__</c> makes, and what <c>forward</c> does.</summary>
    public static TheoryData<string, string, string, string> Repairs => new()
    {
        { "called at two places", "self.act = nn.Hardtanh(-1.0, 2.0)", "x = self.act(self.c(x))\nif self.flag:\n    x = x + 1\nreturn self.act(x * 2)", "" },
        { "called at three places under tests", "self.act = nn.LeakyReLU(0.1, inplace=False)", "x = self.act(x)\nif self.flag:\n    x = self.act(self.c(x))\nelse:\n    x = self.c(x)\nreturn self.act(x)", "" },
        { "defined under a test", "if self.flag:\n    self.act = nn.Tanh()\nelse:\n    self.act = nn.ELU(0.5)", "return self.act(self.c(self.act(x)))", "" },
        { "by a local name", "self.act = nn.Softplus(2, 10)", "act = self.act\nx = act(x)\nx = self.c(x)\nreturn act(x)", "" },
        { "handed to a function", "self.act = nn.Tanh()", "x = checkpoint(self.act, x)\nreturn checkpoint(self.act, self.c(x))", "" },
        { "mapped", "self.split = nn.Unflatten(1, (1, 1))", "q, k = self.c(x), x\nq, k = map(self.split, (q, k))\nreturn q + k", "" },
        { "a loop with a count", "self.n = 3\nself.act = nn.Hardtanh(-2, 2)", "for _ in range(3):\n    x = self.act(self.c(x))\nreturn x", "" },
        { "a loop counted by an attribute", "self.n = 3\nself.act = nn.Hardtanh(-2, 2)", "for i in range(self.n):\n    x = self.act(self.c(x)) + i\nreturn x", "" },
        { "a loop over layers", "self.fs = nn.ModuleList([nn.Conv2d(1, 1, 1) for _ in range(2)])\nself.act = nn.CELU(0.7)", "for i, f in enumerate(self.fs):\n    x = self.act(f(x)) + i\nreturn x", "" },
        { "a loop and another place", "self.fs = nn.ModuleList([nn.Conv2d(1, 1, 1) for _ in range(2)])\nself.act = nn.CELU(0.7)", "for f in self.fs:\n    x = self.act(f(x))\nreturn self.act(self.c(x))", "" },
        { "an element", "self.acts = nn.ModuleDict({'a': nn.ELU(0.3), 'b': nn.Tanh()})", "x = self.acts['a'](x)\nx = self.acts['b'](self.c(x))\nreturn self.acts['a'](x)", "" },
        { "two names", "self.act = self.act_b = nn.Hardtanh(-1, 3)\nself.k = 2", "return self.act(self.c(self.act_b(x)))", "" },
        { "one name for another", "self.act = nn.Hardtanh(-1, 3)\nself.act_b = self.act", "return self.act(self.c(self.act_b(x)))", "" },
        { "a list times a number", "self.fs = nn.ModuleList([nn.Hardtanh(-1, 3)] * 3)", "for i, f in enumerate(self.fs):\n    x = self.c(f(x)) + i\nreturn x", "" },
        { "a list of what a function makes", "self.fs = nn.ModuleList([made(3)] * 3)", "for i, f in enumerate(self.fs):\n    x = self.c(f(x)) + i\nreturn x", "made" },
        { "a local object", "t = nn.Hardtanh(-1, 3)\nself.seq = nn.Sequential(self.c, t)\nself.other = nn.Sequential(nn.Conv2d(1, 1, 1), t)", "return self.other(self.seq(x))", "" },
        { "functions", "self.slope = 0.3\nself.p = 0.5", "x = F.leaky_relu(self.c(x), self.slope)\nx = F.dropout(x, self.p, self.training)\nreturn F.softmax(x, dim=1) + x.clamp(min=0)", "" },
        { "a chain of methods", "self.k = 3", "return self.c(x.relu().tanh()) - F.pad(x, (1, 2), value=3)[..., 1:-2]", "" },
        { "functions in a loop", "self.fs = nn.ModuleList([nn.Conv2d(1, 1, 1) for _ in range(2)])", "for f in self.fs:\n    x = F.leaky_relu(f(x), 0.2)\nreturn x", "" },
        { "a function in a method that runs twice", "self.k = 3", "return self.block(self.c(self.block(x, 1)), 2)", "def block(self, x, k):\n    return F.hardtanh(x * k, -1.0, 2.0)" },
        { "a module in a method that runs twice", "self.act = nn.Hardtanh(-1.0, 2.0)", "return self.block(self.c(self.block(x, 1)), 2)", "def block(self, x, k):\n    return self.act(x * k)" },
        { "a property", "self._act = nn.Hardtanh(-1.0, 2.0)", "x = self.act(x)\nreturn self.act(self.c(x))", "@property\ndef act(self):\n    return self._act" },
        { "weighted", "self.f = nn.Conv2d(1, 1, 3, padding=1)", "return self.f(self.c(self.f(x)))", "weighted" },
        { "weighted in a loop", "self.f = nn.Conv2d(1, 1, 3, padding=1)", "for i in range(3):\n    x = self.f(x) + i\nreturn self.c(x)", "weighted" },
        { "shared", "self.f = nn.Conv2d(1, 1, 3, padding=1)", "return self.f(self.c(self.f(x)))", "shared" },
        { "an object of the class", "self.o = Other()\nself.p = Other()", "return self.o(self.c(self.p(x)))", "class" },
    };

    [Theory]
    [MemberData(nameof(Repairs))]
    public void EveryTextThatDoesSomethingElseIsRefused(string what, string init, string forward, string methods)
    {
        var other = methods == "class" ? "    default_act = nn.Hardtanh(-1, 3)\n    k = 1\n\n    def __init__(self):\n        super().__init__()\n        self.c = nn.Conv2d(1, 1, 1)\n        self.act = self.default_act\n\n    def forward(self, x):\n        return self.act(self.c(x))" : "    def forward(self, x):\n        return x";
        var maker = methods == "made" ? "def made(top):\n    return nn.Hardtanh(-1, top)\n\n\n" : "";
        var further = methods is "class" or "made" or "weighted" or "shared" or "" ? "" : "\n" + Indented(methods, 4);
        var source = $"{Head}{maker}class Other(nn.Module):\n{other}\n\n\nclass M(nn.Module):\n    def __init__(self, flag=True):\n        super().__init__()\n        self.flag = flag\n        self.c = nn.Conv2d(1, 1, 1)\n{Indented(init, 8)}\n    def forward(self, x):\n{Indented(forward, 8)}{further}";
        using var folder = new TemporaryFolder();
        var path = folder.Write("model.py", Encoding.UTF8.GetBytes(source));
        using var file = new ModelSource(path, ReadLimits.Default, TestContext.Current.CancellationToken);
        var graph = new PythonSourceFormat().Read(file);
        List<Finding> findings = [.. new ModuleReuse().Evaluate(graph).Findings, .. new FunctionalCall().Evaluate(graph).Findings];
        var settings = RepairSettings.Default with { IncludeWeighted = methods == "weighted", ShareParameters = methods == "shared" };
        var plan = Assert.IsType<SourcePlan>(new PythonSourceRepairer().Plan(file, graph, [.. findings.Where(f => f.Outcome is Outcome.Fail)], settings));
        var step = plan.Steps[^1];
        var text = step.Changed(TestContext.Current.CancellationToken)[path].Text;
        string? Proof(string changed) => SourceProof.Compare(step, new Dictionary<string, PythonFile> { [path] = PythonParser.Parse(changed) }, file).Difference;
        Assert.Null(Proof(text));

        var (count, through) = (0, new List<string>());
        foreach (var mutant in new SourceMutations(text, step.File.Text).All().Distinct(StringComparer.Ordinal))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            count++;
            if (Proof(mutant) is null && !IsEqual(text, mutant, step))
            {
                through.Add(mutant);
            }
        }

        if (Environment.GetEnvironmentVariable("MODELGUIDELINES_KEEP_MUTANTS") is { Length: > 0 } keep)
        {
            Directory.CreateDirectory(keep);
            File.WriteAllText(Path.Combine(keep, $"{what}.original.py"), source);
            File.WriteAllText(Path.Combine(keep, $"{what}.py"), text);
            through.Select((t, i) => (t, i)).ToList().ForEach(m => File.WriteAllText(Path.Combine(keep, $"{what}.{m.i}.py"), m.t));
        }

        output.WriteLine($"{what}: {count} mutants, {through.Count} through");
        Assert.True(count > 100, $"{what}: {count} mutants");
        Assert.True(through.Count == 0, $"{through.Count} of {count} mutants are taken for the original, the first:\n{UnifiedDiff.Create("model.py", text, through.FirstOrDefault() ?? text)}\nof\n{text}");
    }

    /// <summary>The same in other words: an argument by its place, a name that is not read, modules of functions made in another order, one made twice in a row; or what the original said.</summary>
    private static bool IsEqual(string text, string mutant, SourceStep step)
    {
        static string Plain(string s) => Regex.Replace(s.Replace("(dim=", "(", StringComparison.Ordinal), @"for (zz|x) in (?<count>range\(\d\)\])", "for _ in ${count}", RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5));
        var (lines, others) = (Plain(text).Split('\n'), Plain(mutant).Split('\n').ToList());
        others.RemoveAll(l => others.LastIndexOf(l) is var last && last > 0 && others[last - 1] == l && ReferenceEquals(others[last - 1], l) && l.Contains(" = nn.", StringComparison.Ordinal));
        if (lines.SequenceEqual(others) || step.File.Text == mutant)
        {
            return true;
        }

        // Behind super().__init__(), and before what follows; copies beside one another.
        List<string> Made(RepairKind kind) => [.. step.Changes.Where(c => c.Kind == kind).Select(c => $"self.{c.Attribute} = ")];
        static bool IsOne(List<string> made, string line) => made.Exists(m => line.TrimStart().StartsWith(m, StringComparison.Ordinal));
        var (functions, copies) = (Made(RepairKind.FunctionalToModule), Made(RepairKind.ModuleCopy));
        List<string> Sorted(IEnumerable<string> all)
        {
            var result = all.Where(l => !IsOne(functions, l)).ToList();
            for (var i = 1; i < result.Count; i++)
            {
                for (var j = i; j > 0 && IsOne(copies, result[j]) && IsOne(copies, result[j - 1]) && string.CompareOrdinal(result[j], result[j - 1]) < 0; j--)
                {
                    (result[j], result[j - 1]) = (result[j - 1], result[j]);
                }
            }

            return result;
        }

        return Sorted(lines).SequenceEqual(Sorted(others)) && lines.Where(l => IsOne(functions, l)).Order(StringComparer.Ordinal).SequenceEqual(others.Where(l => IsOne(functions, l)).Order(StringComparer.Ordinal))
            && (functions.Count == 0 || (others.FindIndex(l => IsOne(functions, l)) > others.FindLastIndex(l => l.Contains("super()", StringComparison.Ordinal)) && others.FindLastIndex(l => IsOne(functions, l)) < others.FindLastIndex(l => l.Contains("def forward(self, x):", StringComparison.Ordinal))));
    }

    private static string Indented(string text, int width) => string.Concat(text.Split('\n').Select(l => new string(' ', width) + l + "\n"));
}

/// <summary>All texts that differ from one by one mistake.</summary>
internal sealed class SourceMutations
{
    private readonly string _text;
    private readonly SourceTree _tree;
    private readonly List<string> _attributes;

    public SourceMutations(string text, string original)
    {
        (_text, _tree) = (text, new(PythonParser.Parse(text), "model.py"));
        _attributes = [.. _tree.Nodes.Concat(new SourceTree(PythonParser.Parse(original), "model.py").Nodes).OfType<AttributeExpression>().Where(a => a.Value is NameExpression { Name: "self" }).Select(a => a.Name).Distinct()];
    }

    public IEnumerable<string> All() => _tree.Nodes.SelectMany(n => n is Statement s ? OfStatement(s) : OfExpression(n)).Where(t => t != _text && PythonParser.Parse(t).Errors.IsEmpty);

    private string With(int start, int end, string text) => string.Concat(_text.AsSpan(0, start), text, _text.AsSpan(end));

    private string With(PythonNode node, string text) => With(node.Start, node.End, text);

    private string Swapped(PythonNode a, PythonNode b) => $"{_text[..a.Start]}{_tree.Text(b)}{_text[a.End..b.Start]}{_tree.Text(a)}{_text[b.End..]}";

    private IEnumerable<string> OfExpression(PythonNode node)
    {
        switch (node)
        {
            case NumberExpression n:
                yield return With(n, n.Text == "7" ? "8" : "7");
                yield return With(n, $"-{n.Text}");
                break;
            case StringExpression s:
                yield return With(s, "'zz'");
                break;
            case ConstantExpression c:
                yield return With(c, _tree.Text(c) == "True" ? "False" : "True");
                break;
            case AttributeExpression { Value: NameExpression { Name: "self" } } a:
                foreach (var other in _attributes.Where(o => o != a.Name))
                {
                    yield return With(a, $"self.{other}");
                }

                yield return With(a, $"copy.deepcopy({_tree.Text(a)})");
                break;
            case AttributeExpression { Value: NameExpression { Name: "nn" } } a:
                yield return With(a, "nn.Sigmoid");
                yield return With(a, "nn.Identity");
                yield return With(a, "Other");
                break;
            case AttributeExpression a:
                yield return With(a.End - a.Name.Length, a.End, "zz");
                break;
            case NameExpression n:
                yield return With(n, "zz");
                yield return With(n, n.Name == "x" ? "self" : "x");
                break;
            case CallExpression c:
                yield return With(c.End - 1, c.End - 1, c.Arguments.IsEmpty ? "True" : ", True");
                yield return With(c.End - 1, c.End - 1, c.Arguments.IsEmpty ? "inplace=True" : ", inplace=True");
                yield return With(c, $"{_tree.Text(c.Function)}({_tree.Text(c)})");
                for (var i = 0; i < c.Arguments.Length; i++)
                {
                    yield return With(i > 0 ? c.Arguments[i - 1].End : c.Arguments[i].Start, i == 0 && c.Arguments.Length > 1 ? c.Arguments[1].Start : c.Arguments[i].End, "");
                    yield return With(c, _tree.Text(c.Arguments[i].Value));
                    if (i > 0)
                    {
                        yield return Swapped(c.Arguments[i - 1].Value, c.Arguments[i].Value);
                    }
                }

                if (c.Arguments.FirstOrDefault()?.Value is CallExpression inner)
                {
                    yield return $"{_text[..c.Start]}{_tree.Text(inner.Function)}{_text[c.Function.End..inner.Start]}{_tree.Text(c.Function)}{_text[inner.Function.End..]}";
                }

                break;
            case Argument { Name: { } name } a:
                yield return With(a.Start, a.Start + name.Length, "zz");
                yield return With(a.Start, a.Value.Start, "");
                break;
            case BinaryExpression b:
                yield return Swapped(b.Left, b.Right);
                yield return With(b.Left.End, b.Right.Start, " @ ");
                yield return With(b, _tree.Text(b.Left));
                break;
            case TupleExpression { Elements.Length: > 1 } t:
                yield return Swapped(t.Elements[0], t.Elements[1]);
                break;
            case ConditionalExpression c:
                yield return Swapped(c.Body, c.OrElse);
                yield return With(c, _tree.Text(c.Body));
                yield return With(c, _tree.Text(c.OrElse));
                break;
            case IfClause i:
                yield return With(i.Test, "not " + _tree.Text(i.Test));
                yield return With(i.Test, "True");
                break;
            case ComprehensionClause c:
                yield return With(c.Iterable, $"list({_tree.Text(c.Iterable)})[1:]");
                yield return With(c.Iterable, "range(2)");
                yield return With(c.End, c.End, " if _");
                break;
            case ComprehensionExpression { Kind: ComprehensionKind.List } c:
                yield return With(c, $"[{_tree.Text(c.Element)}] * 3");
                yield return With(c, $"[{_tree.Text(c.Element)}]");
                break;
            case Parameter { Default: { } given } p:
                yield return With(given, "0");
                yield return With(p.Start, given.End, p.Name);
                yield return With(p.Start, p.Start + p.Name.Length, "zz");
                break;
        }
    }

    private IEnumerable<string> OfStatement(Statement statement)
    {
        var (start, end) = Lines(statement);
        var lines = _text[start..end];
        var indent = lines[..(lines.Length - lines.TrimStart(' ').Length)];
        var siblings = Siblings(statement);
        var index = siblings.IndexOf(statement);

        // Gone, twice, other than it was, or under a test.
        yield return With(start, end, siblings.Count == 1 ? indent + "pass\n" : "");
        yield return With(end, end, lines);
        yield return With(start, end, $"{indent}if self.training:\n{Shifted(lines)}");
        yield return With(start, end, $"{indent}for _ in range(2):\n{Shifted(lines)}");
        yield return With(start, start, $"{indent}return\n");
        yield return With(end, end, $"{indent}self.eval()\n");
        yield return With(start, start, $"{indent}self.zz = nn.ReLU()\n");

        // Elsewhere in its block, out of it, into another one.
        foreach (var other in siblings.Where(s => s != statement))
        {
            var (at, behind) = Lines(other);
            yield return at < start ? With(start, end, "").Insert(at, lines) : With(start, end, "").Insert(behind - lines.Length, lines);
        }

        foreach (var function in _tree.Nodes.OfType<FunctionDefinition>().Where(f => statement is not (FunctionDefinition or ClassDefinition or ImportStatement or ImportFromStatement) && !f.Body.Contains(statement) && !SourceTree.Below(statement).Contains(f)))
        {
            var (_, behind) = Lines(function.Body[^1]);
            var (first, _) = Lines(function.Body[0]);
            var moved = string.Concat(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => _text[first..function.Body[0].Start] + l[Math.Min(indent.Length, l.Length)..] + "\n"));
            foreach (var place in new[] { first, behind })
            {
                yield return With(place, place, moved);
                yield return place <= start ? With(start, end, siblings.Count == 1 ? indent + "pass\n" : "").Insert(place, moved) : With(start, end, "").Insert(place - lines.Length, moved);
            }
        }

        foreach (var nested in siblings.Where(s => s is IfStatement or ForStatement && s != statement))
        {
            var body = nested is IfStatement i ? i.Clauses[0].Body : ((ForStatement)nested).Body;
            var (at, _) = Lines(body[0]);
            yield return at < start ? With(start, end, "").Insert(at, Shifted(lines)) : With(start, end, "").Insert(at - lines.Length, Shifted(lines));
        }

        if (index > 0 && statement is ReturnStatement)
        {
            yield return With(start, end, $"{indent}pass\n");
        }

        if (statement is AssignStatement { Targets: [AttributeExpression { Value: NameExpression { Name: "self" } } target] } assign)
        {
            yield return With(start, end, $"{indent}{_tree.Text(target)} = None\n");
            yield return With(start, end, $"{indent}object.__setattr__(self, '{target.Name}', {_tree.Text(assign.Value)})\n");
            yield return With(end, end, $"{indent}{_tree.Text(target)}.eval()\n");
            yield return With(end, end, $"{indent}{_tree.Text(target)}.register_forward_hook(print)\n");
            yield return With(end, end, $"{indent}del {_tree.Text(target)}\n");
        }

        if (statement is FunctionDefinition f2)
        {
            yield return With(f2.Start, f2.Start, $"@torch.no_grad()\n{indent}");
        }

        if (statement is ForStatement f3)
        {
            yield return With(f3.Iterable, $"list({_tree.Text(f3.Iterable)})[1:]");
            yield return With(f3.Iterable, $"reversed(list({_tree.Text(f3.Iterable)}))");
        }
    }

    private List<Statement> Siblings(Statement statement) => _tree.Parent(statement) switch
    {
        null => [.. _tree.File.Statements],
        IfStatement i => [.. i.OrElse],
        var parent => [.. PythonTree.Children(parent).OfType<Statement>()],
    };

    private (int Start, int End) Lines(Statement statement)
    {
        var start = _text.LastIndexOf('\n', Math.Max(0, statement.Start - 1)) + 1;
        var end = _text.IndexOf('\n', statement.End);
        return (start, end < 0 ? _text.Length : end + 1);
    }

    private static string Shifted(string lines) => string.Concat(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => "    " + l + "\n"));
}
