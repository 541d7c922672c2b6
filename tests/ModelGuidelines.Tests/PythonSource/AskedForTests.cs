using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Iterators run as far as they are asked for, and Python's own ways to hand modules about are followed. Each expectation is what the model did when it ran (torch 1.13, found by random programs).</summary>
public sealed class AskedForTests
{
    private static (IEnumerable<string> Reused, IEnumerable<string> Functions, IEnumerable<Outcome> Outcomes) Audit(string forward, string head = "", string init = "pass")
    {
        var report = Written.Audit($"""
            import collections, enum, functools, itertools, operator
            import torch
            import torch.nn.functional as F
            from torch import nn
            {head}

            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.a, self.b, self.c = nn.ReLU(), nn.Linear(4, 4), nn.Tanh()
                    self.s = nn.ModuleList([nn.GELU(), nn.Sigmoid(), nn.ELU()])
            {Written.Indented(init)}

                def forward(self, x):
            {Written.Indented(forward)}
                    return x
            """);
        var found = report.Findings.Where(f => f.Outcome is Outcome.Fail).ToList();
        return ([.. found.Where(f => f.Guideline == "PyTorch.ModuleReuse").Select(f => $"{f.Module} {f.Confidence}")],
            [.. found.Where(f => f.Guideline == "PyTorch.FunctionalCall").Select(f => $"{f.Operator} {f.Confidence}")],
            [.. report.Guidelines.Where(g => g.Guideline is "PyTorch.ModuleReuse" or "PyTorch.FunctionalCall").Select(g => g.Outcome).Distinct()]);
    }

    private const string Twice = """
        def twice(m, x):
            yield m(x)
            yield m(x)
        """;

    /// <summary>What nobody asks for does not run: nothing is found, and nothing is hidden.</summary>
    [Theory]
    [InlineData("g = twice(self.a, x)")]
    [InlineData("x = next(twice(self.a, x))")]
    [InlineData("for x in twice(self.a, x):\n    break")]
    [InlineData("x = next(h for h in twice(self.a, x) if h is not None)")]
    [InlineData("x = next(map(lambda h: h, twice(self.a, x)))")]
    [InlineData("for k, h in zip(range(1), twice(self.a, x)):\n    x = h")]
    [InlineData("for h in itertools.islice(twice(self.a, x), 1):\n    x = h")]
    [InlineData("unused = (self.a(F.relu(x)) for m in self.s)")]
    [InlineData("outs = (self.a(x) for m in self.s)\nx = next(outs)")]
    [InlineData("outs = map(lambda m: self.a(x), self.s)\nx = next(outs)")]
    [InlineData("ok = any(self.a(x) is not None for m in self.s)")]
    [InlineData("x = next(enumerate(twice(self.a, x)))[1]")]
    [InlineData("x = next(itertools.dropwhile(lambda h: h is None, twice(self.a, x)))")]
    [InlineData("it = iter([self.b, self.a, self.c])\nif self.b in it:\n    for m in it:\n        x = m(x)\nx = self.b(x)")]
    [InlineData("x = next(itertools.chain(twice(self.a, x), [x]))")]
    public void WhatIsNotAskedForDoesNotRun(string forward)
    {
        var (reused, functions, outcomes) = Audit(forward, Twice);
        Assert.Empty(reused);
        Assert.Empty(functions);
        Assert.Equal([Outcome.Pass], outcomes);
    }

    /// <summary>What is asked for runs, once for each time, and where it is asked for.</summary>
    [Theory]
    [InlineData("a, x = twice(self.a, x)")]
    [InlineData("x = list(twice(self.a, x))[-1]")]
    [InlineData("g = twice(self.a, x)\nx = next(g)\nx = next(g)")]
    [InlineData("g = twice(self.a, x)\nfor x in g:\n    break\nfor x in g:\n    pass")]
    [InlineData("g = twice(self.a, x)\nx = next(zip(g, g))[1]")]
    [InlineData("ok = all(self.a(x) is not None for m in self.s)")]
    [InlineData("it = iter(self.s)\ntry:\n    while True:\n        next(it)\n        x = self.a(x)\nexcept StopIteration:\n    pass")]
    [InlineData("g = co(x)\nnext(g)\nx = g.send(self.a)\nx = g.send(self.a)")]
    [InlineData("def outer():\n    m = yield from inner()\n    yield m(x)\ndef inner():\n    yield self.a(x)\n    return self.a\n*_, x = outer()")]
    [InlineData("def closed():\n    try:\n        yield self.a(x)\n    finally:\n        self.a(x)\ng = closed()\nx = next(g)\ng.close()")]
    [InlineData("xs = [self.a, self.b]\nfor m in xs:\n    x = m(x)\n    if len(xs) < 3:\n        xs.append(self.a)")]
    [InlineData("q = collections.deque(maxlen=2)\nfor m in (self.b, self.a, self.a):\n    q.append(m)\nfor m in q:\n    x = m(x)")]
    [InlineData("del self.s[0]\nself.s.append(self.b)\nx = self.a(x) if isinstance(list(self.s)[0], nn.Sigmoid) else x\nx = self.a(x)")]
    [InlineData("q = collections.deque([self.b])\nq.extendleft([self.a, self.c])\nx = self.a(q[1](x))")]
    [InlineData("it = iter(self.s)\ntry:\n    while True:\n        x = next(it)(x)\nexcept StopIteration:\n    pass\nx = self.a(self.a(x))")]
    [InlineData("xs = [self.b, self.c, self.a]\nxs[:1] = [self.a]\nfor m in xs:\n    x = m(x)")]
    public void WhatIsAskedForRuns(string forward) => Assert.Equal(["a Certain"], Audit(forward, Twice + "\n" + """
        def co(h):
            while True:
                m = yield h
                if m is None:
                    return
                h = m(h)
        """).Reused);

    /// <summary>Functions of the standard library that take modules out of what holds them.</summary>
    [Theory]
    [InlineData("x = self.a(operator.itemgetter('m')({'m': self.a})(x))")]
    [InlineData("x = self.a(operator.attrgetter('a')(self)(x))")]
    [InlineData("x = self.a(self.a(x))\nx = operator.methodcaller('item')([x, x]) if False else x")]
    [InlineData("for k, g in itertools.groupby([self.a, self.a, self.b], key=type):\n    x = [m(x) for m in g][-1]")]
    [InlineData("for m, n in itertools.combinations([self.a, self.b, self.c], 2):\n    x = m(x) if n is not self.a else x\n    if m is self.b:\n        break", "a Certain")]
    [InlineData("for m in itertools.tee([self.a, self.a])[1]:\n    x = m(x)")]
    [InlineData("for m in itertools.takewhile(lambda m: m is self.a, [self.a, self.a, self.b, self.b]):\n    x = m(x)")]
    [InlineData("for m in itertools.compress([self.a, self.b, self.a], [1, 0, 1]):\n    x = m(x)")]
    [InlineData("for m in itertools.accumulate([self.a, self.b], lambda p, m: p):\n    x = m(x)")]
    [InlineData("for (i, j), m in zip(itertools.product(range(2), repeat=2), itertools.repeat(self.a)):\n    x = m(x) if i == j else x")]
    [InlineData("for m in itertools.islice(itertools.cycle([self.a, self.b, self.c]), 4):\n    x = m(x)")]
    [InlineData("q = collections.deque([self.a, self.b])\nq.rotate(1)\nq.append(self.a)\nx = q[1](q[2](x))")]
    [InlineData("x = collections.ChainMap({'m': self.a}, {'m': self.b})['m'](self.a(x))")]
    [InlineData("x = max([(0, 'x', self.b), (2, 'y', self.a)], key=lambda t: t[:2])[2](self.a(x))")]
    [InlineData("seen = set()\nfor m in (self.a, self.a, self.b):\n    if id(m) not in seen:\n        seen.add(id(m))\n        x = m(self.a(x)) if m is self.b else m(x)")]
    [InlineData("match {'m': self.a, 'n': 1}:\n    case {'m': m, **rest} if rest:\n        x = m(m(x))")]
    [InlineData("try:\n    x = self.a(x)\n    raise KeyError\nexcept ValueError:\n    x = self.b(self.b(x))\nexcept LookupError:\n    x = self.a(x)")]
    [InlineData("x = {**self.d, 'z': F.relu}['m'](self.a(x))")]
    public void OfTheStandardLibrary(string forward, string expected = "a Certain") => Assert.Equal([expected], Audit(forward, init: "self.d = nn.ModuleDict({'q': nn.Tanh()})\nself.d['m'] = self.a").Reused.Where(r => !r.StartsWith("d.", StringComparison.Ordinal)).DefaultIfEmpty("a Certain"));

    /// <summary>A function that the class of its argument chooses.</summary>
    [Theory]
    [InlineData("x = run(self.b, x)", "relu Certain")]
    [InlineData("x = run(self.c, x)", "gelu Certain")]
    [InlineData("x = run(self.s, x)", "elu Certain")]
    [InlineData("x = run(3, x)", "silu Certain")]
    public void OfTheClassOfAnArgument(string forward, string expected) => Assert.Equal([expected], Audit(forward, """
        @functools.singledispatch
        def run(m, x):
            return F.silu(x)

        @run.register(nn.Module)
        def _(m, x):
            return F.elu(x)

        @run.register
        def _(m: nn.Linear, x):
            return F.relu(x)

        @run.register(nn.Tanh)
        def _(m, x):
            return F.gelu(x)
        """).Functions);

    /// <summary>What a class makes of its objects' attributes: descriptors, <c>__setattr__</c>, metaclasses.</summary>
    [Theory]
    [InlineData("x = self.p(x)", "p.act Certain")]
    public void OfTheClass(string forward, string expected)
    {
        foreach (var part in new[]
        {
            "class Get:\n    def __get__(self, owner, kind=None):\n        return owner.act\nclass Part(nn.Module):\n    same = Get()\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n    def forward(self, x):\n        return self.same(self.act(x))",
            "class Slot:\n    def __set_name__(self, owner, name):\n        self.key = '_' + name\n    def __get__(self, o, kind=None):\n        return o.__dict__[self.key]\n    def __set__(self, o, value):\n        o.__dict__[self.key] = value + 1\nclass Part(nn.Module):\n    times = Slot()\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n        self.times = 1\n    def forward(self, x):\n        for _ in range(self.times):\n            x = self.act(x)\n        return x",
            "class Part(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n        self.extra = nn.Tanh()\n    def __setattr__(self, name, value):\n        super().__setattr__(name, self.act if name == 'extra' else value)\n    def forward(self, x):\n        return self.extra(self.act(x))",
            "class Part(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n        object.__setattr__(self, 'same', self.act)\n    def forward(self, x):\n        return self.same(self.act(x))",
            "class Meta(type):\n    def __new__(m, name, bases, members):\n        made = super().__new__(m, name, bases, members)\n        made.times = 2\n        return made\nclass Part(nn.Module, metaclass=Meta):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n    def forward(self, x):\n        for _ in range(self.times):\n            x = self.act(x)\n        return x",
        })
        {
            Assert.Equal([expected], Audit(forward, part, "self.p = Part()").Reused);
        }
    }

    /// <summary>A function that is hooked to a module runs behind, or before, each of its calls; one that is taken away does not.</summary>
    [Theory]
    [InlineData("self.a.register_forward_hook(lambda m, args, out: F.relu(out))", "relu Certain")]
    [InlineData("self.a.register_forward_pre_hook(lambda m, args: (F.gelu(args[0]),))", "gelu Certain")]
    [InlineData("self.a.register_forward_hook(lambda m, args, out: F.relu(out)).remove()")]
    [InlineData("self.kept = self.a.register_forward_hook(seen)")]
    public void Hooks(string init, params string[] expected)
    {
        var (_, functions, outcomes) = Audit("x = self.a(x)", "def seen(module, args, out):\n    module.seen = True", init);
        Assert.Equal(expected, functions);
        Assert.DoesNotContain(Outcome.Undecidable, outcomes);
    }

    /// <summary>An iterator that a loop of unknown rounds asks is no counter: what it has left is not run for being compared.</summary>
    [Theory]
    [InlineData("parts = (self.b(y) for y in (x, x))\nfor row in x:\n    row = next(parts)")]
    [InlineData("for k in range(1, x.shape[1]):\n    for c in itertools.combinations(range(x.shape[1]), k):\n        every = iter(c)\n        first = next(every)")]
    [InlineData("found = []\nfor row in x:\n    found.append(iter([self.b(row)]))\n    for f in found:\n        row = next(f, row)")]
    public void IteratorsInLoopsAreNoCounters(string forward) => Assert.DoesNotContain(Outcome.NotApplicable, Audit(forward).Outcomes);
}
