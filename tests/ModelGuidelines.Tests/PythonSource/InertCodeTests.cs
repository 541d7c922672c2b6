namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Functions that look as if they left every module as it is, and do not. Each expectation is what the model does when it runs.</summary>
public sealed class InertCodeTests
{
    private static IEnumerable<string> Reused(string head, string init, string forward) => Written.Said($$"""
        def share(m):
            m.second = m.first
            return 1

        class Part(nn.Module):
            def __init__(self):
                super().__init__()
                self.weight = nn.Linear(4, 4)
                self.layers = nn.ModuleList([nn.Linear(4, 4)])

            def forward(self, x):
                for layer in self.layers:
                    x = layer(x)
                return self.weight(x)

        {{head}}

        class Net(nn.Module):
            def __init__(self, cfg):
                super().__init__()
                self.first, self.act, self.second = nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 4)
                self.steps, self.count, self.left, self.right = [], 0, Part(), Part()
        {{Written.Indented(init)}}

            def forward(self, x: torch.Tensor):
        {{Written.Indented(forward)}}
        """).Where(f => f.StartsWith("ModuleReuse ", StringComparison.Ordinal)).Select(f => f.Split(' ')[1]);

    /// <summary>What has the name of a parameter is a module; what is changed in place by another name; what a sort, an assert or a handler does.</summary>
    [Theory]
    [InlineData("def tie(a, b):\n    a.weight = b.weight", "tie(self.left, self.right)", "return self.right(self.left(x))", "left.weight")]
    [InlineData("def tie(a, b):\n    assert isinstance(a, nn.Module) and isinstance(b, nn.Module)\n    a.weight = b.weight", "tie(self.left, self.right)", "return self.right(self.left(x))", "left.weight")]
    [InlineData("class Mixin:\n    def make(self):\n        self.bias = nn.Linear(4, 4)\nclass Two(Mixin, nn.Module):\n    def forward(self, x):\n        return self.bias(x)\ndef tie(a, b):\n    assert isinstance(a, nn.Module) and isinstance(b, nn.Module)\n    a.bias = b.bias", "self.left, self.right = Two(), Two()\nself.left.make()\nself.right.make()\ntie(self.left, self.right)", "return self.right(self.left(x))", "left.bias")]
    [InlineData("def join(a, b):\n    layers = a.layers\n    layers += b.layers", "join(self.left, self.right)", "return self.right(self.left(x))", "left.layers.1")]
    [InlineData("def join(a, b):\n    d = {'k': a.layers}\n    d['k'] += b.layers", "join(self.left, self.right)", "return self.right(self.left(x))", "left.layers.1")]
    [InlineData("def order(m):\n    both = [m]\n    both.sort(key=share)", "order(self)", "return self.second(self.first(x))", "first")]
    [InlineData("def order(m, n):\n    assert share(m)\n    if n > 0:\n        order(m, n - 1)", "order(self, 2)", "return self.second(self.first(x))", "first")]
    [InlineData("seen = set()\ndef mark(m):\n    seen.add('x')", "mark(self)\nif 'x' in seen:\n    share(self)", "return self.second(self.first(x))", "first")]
    [InlineData("def check(m):\n    if not hasattr(m, 'first') and not hasattr(m, 'weight'):\n        raise ValueError()\n    for c in m.children():\n        check(c)", "try:\n    check(self)\nexcept ValueError:\n    share(self)", "return self.second(self.first(x))", "first")]
    public void What_is_not_inert(string head, string init, string forward, string expected) => Assert.Equal([expected], Reused(head, init, forward));

    /// <summary>A walk through settings that leaves something behind does so each time.</summary>
    [Theory]
    [InlineData("def build(node, out, act):\n    out.append(act)\n    if node.left:\n        build(node.left, out, act)", "build(cfg, self.steps, self.act)", "for s in self.steps:\n    x = s(x)\nreturn x", "act")]
    [InlineData("def build(node, out, act):\n    if node.left:\n        build(node.left, out, act)\n    out.append(act)", "build(cfg, self.steps, self.act)", "for s in self.steps:\n    x = s(x)\nreturn x", "act")]
    [InlineData("def walk(net, node):\n    if net.count > 0:\n        share(net)\n    net.count += 1\n    for v in node.children:\n        if v.is_leaf:\n            walk(net, v)", "walk(self, cfg)", "return self.second(self.first(x))", "first")]
    public void What_runs_once_more(string head, string init, string forward, string expected) => Assert.Equal([expected], Reused(head, init, forward));
}
