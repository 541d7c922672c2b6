namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Ways that leave a loop, or a round of it, go on with what they had when they left; counts by which code goes through lists take no element twice.</summary>
public sealed class LeftLoopsTests
{
    private static IEnumerable<string> Reused(string forward) => Written.Said($$"""
        class Net(nn.Module):
            def __init__(self, n):
                super().__init__()
                self.n = n
                self.a = nn.Linear(4, 4)
                self.b = nn.Linear(4, 4)
                self.three = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
                self.blocks = nn.ModuleList()
                for i in n:
                    for _ in range(i):
                        self.blocks.append(nn.Linear(4, 4))

            def forward(self, x):
        {{Written.Indented(forward)}}
                return x
        """).Where(f => f.StartsWith("ModuleReuse ", StringComparison.Ordinal)).Select(f => string.Join(' ', f.Split(' ').Where((_, i) => i != 2)));

    /// <summary>What was set before the way left, and what is set behind it in the block and in later rounds.</summary>
    [Theory]
    [InlineData("m = self.b\nfor i in self.n:\n    if i > 3:\n        m = self.a\n        break\nx = m(self.a(x))")]
    [InlineData("m = self.a\nfor i in self.n:\n    if i > 3:\n        break\n    m = self.b\nx = m(self.a(x))")]
    [InlineData("m = self.b\nfor i in range(3):\n    if x[i].sum() > 3:\n        m = self.a\n        break\n    m = self.b\nx = m(self.a(x))")]
    [InlineData("m = self.b\nfor i in range(2):\n    if x[i].sum() > 3:\n        m = self.a\n        continue\n    x = x + i\nx = m(self.a(x))")]
    [InlineData("m = self.b\nwhile x.sum() > 0:\n    x = x - 1\n    if x[0] > 3:\n        m = self.a\n        break\nelse:\n    m = self.b\nx = m(self.a(x))")]
    [InlineData("m = self.b\nfor i in self.n:\n    if i > 3:\n        if i > 5:\n            m = self.a\n            break\n        m = self.b\nx = m(self.a(x))")]
    [InlineData("m = [self.b]\nfor i in self.n:\n    if i > 3:\n        continue\n    m = [self.a]\n    break\nfor one in m:\n    x = one(self.a(x))")]
    [InlineData("m = self.b\nfor i in self.n:\n    if i == 1:\n        m = self.a\n        break\n    elif i == 2:\n        return x\n    elif i == 3:\n        break\nx = m(self.a(x))")]
    [InlineData("m = self.a\nfor i in self.n:\n    if i > 3:\n        x = self.a(x)\n        break\nelse:\n    m = self.b\nx = m(x)")]
    [InlineData("m = self.b\nwhile x.sum() > 0:\n    m = self.a\n    break\nx = m(self.a(x))")]
    [InlineData("def parts():\n    m = self.a\n    for i in self.n:\n        if i > 3:\n            break\n        m = self.b\n        yield i\n    self.last = m\nself.last = self.b\nfor i in parts():\n    x = x + i\n    if i > 7:\n        break\nx = self.last(self.a(x))")]
    [InlineData("def parts():\n    m = self.a\n    while m is self.a:\n        if x.sum() > 3:\n            break\n        m = self.b\n        yield 1\n    self.last = m\nself.last = self.b\nit = parts()\nnext(it, None)\nnext(it, None)\nx = self.last(self.a(x))")]
    public void What_left_is_as_it_was(string forward) => Assert.Equal(["ModuleReuse a Likely"], Reused(forward));

    [Theory]
    [InlineData("m = self.a\nfor i in self.n:\n    m = self.b\n    if i > 3:\n        break\n    m = self.b\nelse:\n    m = self.b\nx = m(self.a(x))")]
    [InlineData("for i in range(3):\n    if x[i].sum() > 3:\n        m = self.a\n        break\n    m = self.b\n    break\nx = m(x)")]
    [InlineData("done = False\nfor i in range(3):\n    if x[i].sum() > 3:\n        x = self.a(x)\n        done = True\n        break\nif not done:\n    x = self.a(x)")]
    public void What_left_does_nothing_that_it_did_not(string forward) => Assert.DoesNotContain(Reused(forward), f => f.Contains(" a ", StringComparison.Ordinal));

    [Theory]
    [InlineData("k = 0\nfor i in self.n:\n    for _ in range(i):\n        x = self.blocks[k](x)\n        k += 1")]
    [InlineData("k = 0\nfor i in self.n:\n    x = self.blocks[k](x)\n    k += 1\nfor i in self.n:\n    if k < len(self.blocks):\n        x = self.blocks[k](x)\n        k += 1")]
    [InlineData("k = 0\nfor i in self.n:\n    for _ in range(i):\n        x = self.blocks[k](x)\n        x = self.blocks[k + 1](x)\n        k += 2")]
    [InlineData("blocks = self.blocks\nk = 0\nfor i in self.n:\n    for _ in range(i):\n        x = blocks[k](x)\n        k += 1")]
    [InlineData("blocks = list(self.blocks)\nk = 0\nfor i in self.n:\n    for _ in range(i):\n        x = blocks[k](x)\n        k += 1\nassert k == len(blocks)")]
    [InlineData("k = 0\nfor i in self.n:\n    for _ in range(i):\n        x = self.blocks[k](x)\n        k += 1\nassert k == len(self.blocks)")]
    public void A_count_that_grows_takes_no_element_twice(string forward) => Assert.Empty(Reused(forward));

    /// <summary>It does not grow on every way, or not by enough, or is set back; or something else takes the elements.</summary>
    [Theory]
    [InlineData("k = 0\nfor i in self.n:\n    x = self.blocks[k](x)\n    if i > 3:\n        continue\n    k += 1")]
    [InlineData("k = 0\nfor i in self.n:\n    x = self.blocks[k](x)\n    if i > 3:\n        k += 1")]
    [InlineData("k = 0\nfor i in self.n:\n    x = self.blocks[k](x)\n    x = self.blocks[k + 1](x)\n    k += 1")]
    [InlineData("k = 0\nfor i in self.n:\n    x = self.blocks[k](x)\n    k += 1\n    x = self.blocks[k](x)")]
    [InlineData("for i in self.n:\n    k = 0\n    for _ in range(i):\n        x = self.blocks[k](x)\n        k += 1")]
    [InlineData("k = 0\nfor i in self.n:\n    x = self.blocks[k](x)\n    k += 1\nx = self.blocks[0](x)")]
    [InlineData("k = 0\nfor i in self.n:\n    j = k\n    x = self.blocks[j](x)\n    k += 1\n    x = self.blocks[k](x)")]
    [InlineData("k = 0\nfor i in self.n:\n    for _ in range(i):\n        x = self.blocks[k](x)\n        k += 1\nfor block in self.blocks:\n    x = block(x)")]
    [InlineData("k = 0\nfor i in self.n:\n    blocks = self.blocks\n    x = blocks[k](x)\n    x = self.blocks[k](x)\n    k += 1")]
    [InlineData("blocks = self.blocks\nk = 0\nfor i in self.n:\n    x = blocks[k](x)\n    x = self.blocks[k](x)\n    k += 1")]
    [InlineData("blocks, others = self.blocks, self.blocks\nk = 0\nfor i in self.n:\n    x = blocks[k](x)\n    x = others[k](x)\n    k += 1")]
    [InlineData("blocks = list(self.blocks)\nothers = blocks\nk = 0\nfor i in self.n:\n    x = blocks[k](x)\n    x = others[k](x)\n    k += 1")]
    public void Another_count_may(string forward) => Assert.NotEmpty(Reused(forward));
}
