using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Loops of unknown length: what only their later rounds call is called again where there are more of them, and what one round alone calls is not.</summary>
public sealed class LaterRoundsTests
{
    private static IEnumerable<string> Audit(string forward) => Audit(forward, f => $"{f.Guideline[8..]} {f.Module} {f.Confidence}");

    private static IEnumerable<string> Audit(string forward, Func<Finding, string> written)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Join(folder.FullName, "model.py");
            File.WriteAllText(path, $$"""
                import torch
                from torch import nn

                class Net(nn.Module):
                    def __init__(self, n, last=True):
                        super().__init__()
                        self.n = n
                        self.a = nn.Linear(4, 4)
                        self.b = nn.Linear(4, 4)
                        self.layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(n)])
                        self.pairs = nn.ModuleList([nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)]) for _ in range(n)])
                        self.three = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
                        self.ends = nn.ModuleList([nn.Linear(4, 4)])
                        if last:
                            self.ends.append(nn.Linear(4, 4))

                    def forward(self, x):
                {{Written.Indented(forward)}}
                        return x
                """);
            var report = Auditor.Default.Audit(new(path, path), Written.Settings)!;
            return [.. report.Findings.Where(f => f.Outcome is Outcome.Fail && f.Guideline is "PyTorch.ModuleReuse").Select(written),
                .. report.Guidelines.Where(g => g.Outcome is Outcome.Undecidable && g.Guideline is "PyTorch.ModuleReuse").Select(g => $"{g.Guideline[8..]} Undecidable")];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A range that is shorter than what is counted may hold nothing where that is one.</summary>
    [Theory]
    [InlineData("for i in range(1, self.n):\n    x = self.a(self.a(x))")]
    [InlineData("for i in range(self.n - 1):\n    x = self.a(self.a(x))")]
    [InlineData("for i in range(len(self.n) - 1, 0, -1):\n    x = self.a(self.a(x))")]
    [InlineData("for i in range(self.n // 2):\n    x = self.a(self.a(x))")]
    [InlineData("for i in range(self.n):\n    for j in range(i + 1, self.n):\n        x = self.a(self.a(x))")]
    public void A_range_that_is_shorter_may_be_empty(string forward) => Assert.Equal(["ModuleReuse a Likely"], Audit(forward));

    [Theory]
    [InlineData("for i in range(self.n):\n    x = self.a(self.a(x))")]
    [InlineData("for i in range(0, self.n, 2):\n    x = self.a(self.a(x))")]
    [InlineData("for i in range(self.n - 1, -1, -1):\n    x = self.a(self.a(x))")]
    [InlineData("for i in range(1, 3):\n    x = self.a(self.a(x))")]
    public void A_range_over_all_is_taken_to_hold_one(string forward) => Assert.Equal(["ModuleReuse a Certain"], Audit(forward));

    [Theory]
    [InlineData("for i in range(self.n):\n    if i > 0:\n        x = self.b(x)")]
    [InlineData("for i in range(self.n):\n    x = self.b(x) if i % 2 else self.a(x) if i == 0 else x")]
    [InlineData("for i, layer in enumerate(self.layers):\n    x = layer(x)\n    if i:\n        x = self.b(x)")]
    [InlineData("first = True\nwhile x.sum() > 0:\n    if not first:\n        x = self.b(x)\n    first = False")]
    [InlineData("last = None\nfor row in x:\n    if last is not None:\n        last = self.b(last)\n    last = row")]
    [InlineData("for i in range(self.n):\n    if i == 0:\n        continue\n    x = self.b(x)")]
    [InlineData("n = [0]\nfor row in range(self.n):\n    if n[0] > 1:\n        x = self.b(x)\n    n[0] += 1")]
    [InlineData("calls = {'a': 0}\nwhile x.sum() > 0:\n    if calls['a'] > 2:\n        x = self.b(x)\n    calls['a'] += 1")]
    [InlineData("seen = ''\nfor row in range(self.n):\n    if seen.startswith('aa'):\n        x = self.b(x)\n    seen += 'a'")]
    [InlineData("rows = [self.b(x) if i > 0 else x for i in range(self.n)]")]
    [InlineData("seen = []\nfor row in range(self.n):\n    if len(seen) > 3:\n        x = self.b(x)\n    seen.append(x)")]
    [InlineData("self.seen = []\nfor row in range(self.n):\n    self.seen.append(x)\n    if len(self.seen) % 2 == 0:\n        x = self.b(x)")]
    [InlineData("seen = ()\nwhile x.sum() > 0:\n    if len(seen) >= 2:\n        x = self.b(x)\n    seen += (x,)")]
    [InlineData("seen = {}\nfor i, layer in enumerate(self.layers):\n    if len(seen) != 0:\n        x = self.b(x)\n    seen[i] = layer(x)")]
    [InlineData("seen = []\nfor row in range(self.n):\n    seen.append(x)\n    if len(seen) > 2:\n        seen.clear()\n        x = self.b(x)")]
    [InlineData("for i in range(self.n - 1, -1, -1):\n    if i >= 0:\n        x = self.b(x)")]
    [InlineData("for i in range(self.n - 1, -1, -1):\n    if i != 0:\n        x = self.b(x)")]
    [InlineData("for i in range(self.n - 1, -2, -1):\n    if i <= 0:\n        x = self.b(x)")]
    [InlineData("for _ in range(2):\n    for i in range(self.n - 1, -1, -1):\n        if i == 0:\n            x = self.b(x)")]
    public void WhatLaterRoundsCallIsCalledAgain(string loop) => Assert.Equal(["ModuleReuse b Likely"], Audit(loop));

    [Theory]
    [InlineData("for i in range(self.n):\n    if i == 2:\n        x = self.b(x)")]
    [InlineData("for i, layer in enumerate(self.layers):\n    x = layer(x)\n    if 1 == i:\n        x = self.b(x)")]
    [InlineData("for i in range(self.n):\n    x = self.b(x) if i == self.n - 1 else x")]
    [InlineData("for layer in self.layers:\n    x = layer(x)")]
    [InlineData("for i in range(self.n):\n    if i > 0:\n        x = self.layers[i](x)")]
    [InlineData("for i in range(self.n):\n    if i > 0:\n        x = self.b(x)\n        break")]
    [InlineData("for i in range(self.n):\n    if i > 0:\n        x = self.pairs[i][1](self.pairs[i][0](x))")]
    [InlineData("for k, (layer, row) in enumerate(zip(self.three, x)):\n    x = x + layer(row) if k == 0 else self.three[k](row)")]
    [InlineData("for i, end in enumerate(self.ends):\n    x = end(x)\n    if i > 0:\n        x = self.b(x)")]
    [InlineData("seen = []\nfor row in range(self.n):\n    if len(seen) == 2:\n        x = self.b(x)\n    seen.append(x)")]
    [InlineData("seen = []\nfor row in range(self.n):\n    seen.append(x)\n    if len(seen) == self.n:\n        x = self.b(x)")]
    [InlineData("seen = []\nfor row in range(self.n):\n    x = self.a(x) if len(seen) == 0 else x\n    seen.append(x)")]
    [InlineData("seen = []\nfor row in range(self.n):\n    x = self.layers[len(seen)](x)\n    seen.append(x)")]
    [InlineData("for i in range(self.n - 1, -1, -1):\n    if i == 0:\n        x = self.b(x)")]
    [InlineData("for i in range(self.n - 1, -1, -1):\n    if i == self.n - 1:\n        x = self.b(x)")]
    [InlineData("for i in range(self.n - 1, -1, -1):\n    if i < 0:\n        x = self.b(self.b(x))")]
    [InlineData("for i in range(self.n - 1, -1, -1):\n    k = 0\n    for layer in self.layers:\n        if k == i:\n            x = layer(x)\n        k += 1")]
    public void WhatOneRoundCallsIsCalledOnce(string loop) => Assert.Empty(Audit(loop));

    /// <summary>Looking at a further round leaves nothing behind: no value, no way that returns, nothing that raises.</summary>
    [Fact]
    public void AFurtherRoundLeavesNothing() => Assert.Equal(["ModuleReuse b Likely", "ModuleReuse a Certain"], Audit("""
        seen = []
        for i in range(self.n):
            if i > 0:
                x = self.b(x)
                seen.append(x)
        if len(seen) > 2:
            x = self.ends[0](x)
        x = self.a(self.a(x))
        """).Order(StringComparer.Ordinal).Reverse());

    /// <summary>What is asked of another object of the same name, another round's or another call's, is no contradiction, and is not written as one.</summary>
    [Fact]
    public void AnotherRoundIsNotTheOpposite() => Assert.Equal(["an exception in the block of line 19 and it comes behind line 20 and another time not (an exception in the block of line 19)"], Audit("""
        for i in range(3):
            try:
                x = self.a(x)
                return x.view(3, 7)
            except RuntimeError:
                continue
        """, f => string.Join("; ", f.Conditions)));

    /// <summary>Loops within loops over one list of unknown length meet one element and another, though one module stands for both.</summary>
    [Theory]
    [InlineData("for i, p in enumerate(self.layers):\n    for j, q in enumerate(self.layers):\n        if i > 0 and j > 0 and p is not q:\n            x = self.a(self.a(x))")]
    [InlineData("for i, p in enumerate(self.layers):\n    for j, q in enumerate(self.layers):\n        if i > 0 and j > 0 and p != q:\n            x = self.a(self.a(x))")]
    [InlineData("for i, p in enumerate(self.pairs):\n    for j, q in enumerate(self.pairs):\n        if i > 0 and j > 0 and p[0] is not q[0]:\n            x = self.a(self.a(x))")]
    [InlineData("for p in self.layers[1:]:\n    for q in self.layers[1:]:\n        if p is not q:\n            x = self.a(self.a(x))")]
    public void OneModuleThatStandsForSeveralIsNoOther(string loop) => Assert.Equal(["ModuleReuse a Likely"], Audit(loop));

    /// <summary>Who asks the same twice within a round gets the same answer.</summary>
    [Fact]
    public void OneRoundAnswersTheSame() => Assert.Empty(Audit("for i, p in enumerate(self.layers):\n    for j, q in enumerate(self.layers):\n        if i > 0 and j > 0 and p is not q and not p != q:\n            x = self.a(self.a(x))"));

    /// <summary>What a list holds behind its first elements, and between others, may be several.</summary>
    [Theory]
    [InlineData("for layer in self.layers[1:]:\n    x = self.b(x)")]
    [InlineData("for layer in self.layers[1:-1]:\n    x = self.b(layer(x))")]
    [InlineData("x = [self.b(x) for layer in self.layers[1:]][-1]")]
    [InlineData("rest = iter(self.layers)\nx = next(rest)(x)\nfor layer in rest:\n    x = self.b(layer(x))")]
    [InlineData("rest = iter(self.layers)\nx = next(rest)(x)\nx = next(rest, self.a)(x)\nfor layer in rest:\n    x = self.b(layer(x))")]
    [InlineData("first, *rest = self.layers\nfor layer in rest:\n    x = self.b(layer(x))")]
    [InlineData("rest = list(self.layers)\nrest.pop(0)\nfor layer in rest:\n    x = self.b(layer(x))")]
    [InlineData("for one, two in zip(self.layers[:-1], self.layers[1:]):\n    x = self.b(x)")]
    [InlineData("for i, layer in enumerate(self.layers[1:]):\n    if i > 0:\n        x = self.b(x)")]
    [InlineData("for i, layer in enumerate(reversed(self.layers)):\n    if i > 0:\n        x = self.b(x)")]
    [InlineData("for i, layer in enumerate(self.layers[::2]):\n    if i > 0:\n        x = self.b(x)")]
    [InlineData("for layer in [self.a, *list(self.pairs)[1:], self.ends[0]]:\n    if isinstance(layer, nn.ModuleList):\n        x = self.b(x)")]
    [InlineData("if self.n > 1:\n    for i, layer in enumerate(self.layers):\n        if i > 0:\n            x = self.b(x)")]
    public void WhatStandsBehindTheFirstMayBeSeveral(string loop) => Assert.Equal(["ModuleReuse b Likely"], Audit(loop));

    /// <summary>... and is one where its end says so, and each of several is called once.</summary>
    [Theory]
    [InlineData("for layer in self.layers[1:2]:\n    x = self.b(layer(x))")]
    [InlineData("for layer in self.layers[2:3]:\n    x = self.b(layer(x))")]
    [InlineData("for layer in self.layers[1:]:\n    x = self.b(layer(x))\n    break")]
    [InlineData("x = self.layers[0](x)\nfor layer in self.layers[1:]:\n    x = layer(x)")]
    [InlineData("for layer in self.layers[:2]:\n    x = layer(x)\nfor layer in self.layers[2:]:\n    x = layer(x)")]
    [InlineData("for one, two in zip(self.layers[::2], self.layers[1::2]):\n    x = two(one(x))")]
    [InlineData("k = 0\nfor layer in self.layers[1:]:\n    k += 1\n    if k == 2:\n        x = self.b(layer(x))")]
    [InlineData("for layer in self.layers[1:]:\n    for other in self.layers[1:]:\n        if other is layer:\n            x = layer(x)")]
    public void EachOfThoseIsOne(string loop) => Assert.Empty(Audit(loop));

    /// <summary>A loop within a loop over the same list meets each element in every round.</summary>
    [Theory]
    [InlineData("for i, one in enumerate(self.layers):\n    for j, other in enumerate(self.layers):\n        if i > 0 and j > 0:\n            x = other(x)")]
    [InlineData("for one in self.layers[1:]:\n    for other in self.layers[1:]:\n        if other is not one:\n            x = other(x)")]
    [InlineData("for layer in self.layers[1:]:\n    x = layer(x)\nfor layer in self.layers[2:]:\n    x = layer(x)")]
    [InlineData("for one, other in zip(self.layers[1:], self.layers[2:]):\n    x = other(one(x))")]
    public void WhoWalksAgainMeetsTheSame(string loop) => Assert.Equal(["ModuleReuse layers.1 Likely"], Audit(loop));

    /// <summary>A module of a name is one, whichever round asks.</summary>
    [Fact]
    public void AModuleIsItself() => Assert.Empty(Audit("for p in self.layers:\n    if self.a is not self.a:\n        x = self.b(self.b(x))"));
}
