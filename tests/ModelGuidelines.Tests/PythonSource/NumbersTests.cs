using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Functions of one file that build one class: what a number decides is found in the model that has it, however it is asked for.</summary>
public sealed class NumbersTests
{
    private static AuditResult Audit(string text)
    {
        using var folder = new Repairs.TemporaryFolder();
        var path = folder.File("model.py");
        File.WriteAllText(path, text);
        return Auditor.Default.Audit(new(path, path), AuditSettings.Default)!;
    }

    private static Outcome Reuse(string text) => Audit(text).Guidelines.Single(g => g.Guideline == "PyTorch.ModuleReuse").Outcome;

    private const string Block = """
        class Block(nn.Module):
            def __init__(self, size=0, **options):
                super().__init__()
                self.size = size
                self.options = options
                self.act = nn.ReLU()

            def forward(self, x):
                return self.act(self.act(x)) if self.size > 9 or self.options.get("size", 0) > 9 else self.act(x)
        """;

    private static string Net(string keeps, string forward) => $$"""
        from functools import partial
        from torch import nn

        {{(keeps.Contains("Block", StringComparison.Ordinal) ? Block : "")}}

        def run(x, act, count):
            return act(act(x)) if count > 4 else act(x)

        class Net(nn.Module):
            def __init__(self, depth):
                super().__init__()
                self.act = nn.ReLU()
                {{keeps}}

            def run2(self, x):
                return self.act(x)

            def run8(self, x):
                return self.act(self.act(x))

            def forward(self, x):
                {{forward}}

        """;

    public static TheoryData<string, string> Asked() => new()
    {
        { "self.depth = depth", Test("self.depth > 4") },
        { "self.depth = depth", Test("self.depth % 3 == 2 and self.depth // 8") },
        { "self.rest = depth - 2", Test("self.rest") },
        { "self.depth = -depth", Test("abs(self.depth) == 8") },
        { "self.rate = depth / 100", Test("self.rate > 0.05") },
        { "self.depth = depth", Test("(self.depth * 2 - 1) + self.depth > 10") },
        { "self.depth = depth", "return getattr(self, f'run{self.depth}')(x)" },
        { "self.depth = depth", "return {2: self.run2, 8: self.run8}[self.depth](x)" },
        { "self.at = [0, depth]", Test("8 in self.at") },
        { "self.sizes = (3,) * depth", Test("len(self.sizes) > 4") },
        { "self.sizes = (3,) * depth", Test("self.sizes[4:]") },
        { "self.config = {'size': {'depth': depth}}", Test("self.config['size']['depth'] > 4") },
        { "self.call = lambda x: run(x, self.act, depth)", "return self.call(x)" },
        { "self.call = partial(run, count=depth)", "return self.call(x, self.act)" },
        { "self.block = Block(depth * 2)", "return self.block(x)" },
        { "self.block = Block(size=depth + 3)", "return self.block(x)" },
        { "self.block = Block(**{'size': depth + 3})", "return self.block(x)" },
        { "self.blocks = nn.ModuleList([nn.Linear(4, 4) for _ in range(depth)])", "for i, block in enumerate(self.blocks):\n            x = block(x) if i != 5 else self.act(x)\n        return self.act(x)" },
        { "self.depth = depth", "for _ in range(self.depth - 2):\n            x = self.act(x)\n        return self.act(x)" },
    };

    private static string Test(string what) => $"return self.act(self.act(x)) if {what} else self.act(x)";

    [Theory]
    [MemberData(nameof(Asked))]
    public void WhatANumberDecidesIsFoundInTheModelThatHasIt(string keeps, string forward)
    {
        var net = Net(keeps, forward);
        Assert.Equal(Outcome.Pass, Reuse(net + "def small():\n    return Net(2)\n"));
        Assert.Equal(Outcome.Fail, Reuse(net + "def small():\n    return Net(2)\n\ndef same():\n    return Net(2)\n\ndef large():\n    return Net(8)\n"));
        Assert.Equal(Outcome.Fail, Reuse(net + "def small():\n    return Net(2)\n\ndef other():\n    return Net(2)\n\ndef large(depth=8):\n    return Net(depth)\n\ndef caller():\n    return large(2)\n"));
        Assert.Equal(Outcome.Fail, Reuse(net + "small = Net(2)\nlarge = Net(8)\n"));
    }

    [Fact]
    public void WhatAFunctionWritesToItsModelIsItsOwn()
    {
        var net = Net("self.depth = depth", Test("self.depth > 4"));
        Assert.Equal(Outcome.Fail, Reuse(net + "def small():\n    model = Net(2)\n    model.depth = 3\n    return model\n\ndef large():\n    model = Net(2)\n    model.depth = 9\n    return model\n"));
        Assert.Equal(Outcome.Fail, Reuse(net + "def small():\n    model = Net(8)\n    model.depth = 3\n    return model\n\ndef large():\n    return Net(8)\n"));
    }

    /// <summary>Sizes that only constructors and tensors get make no other model; what is not followed is never a Pass.</summary>
    [Fact]
    public void WhatDecidesNothingIsOneModelAndWhatIsNotFollowedIsAGap()
    {
        var sizes = Net("self.fc = nn.Linear(depth, depth)\n        self.scale = depth", "return self.act(self.fc(x) * self.scale)");
        Assert.Equal(Outcome.Pass, Reuse(sizes + Functions(18)));
        var asks = Net("self.depth = depth", Test("self.depth > 400"));
        Assert.Equal(Outcome.Undecidable, Reuse(asks + Functions(60)));
        Assert.Equal(Outcome.Undecidable, Reuse(Net("self.depth = depth\n        self.parts = [0] * depth", Test("self.depth > 400")) + Functions(60)));
        static string Functions(int count) => string.Concat(Enumerable.Range(1, count).Select(i => $"def build{i}():\n    return Net({i})\n\n"));
    }
}
