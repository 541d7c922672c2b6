using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>What runs though no line of forward calls it, and what does not run again though a line calls it. Each expectation is what the model does when it runs.</summary>
public sealed class RunsOutOfSightTests
{
    private static IEnumerable<string> Audit(string head, string forward, string init = "pass")
    {
        var report = Written.Audit($"""
            import contextlib, functools, random, torch
            from dataclasses import KW_ONLY, dataclass, field
            from elsewhere import key
            from torch import nn
            {head}

            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.a, self.b, self.c, self.flag = nn.ReLU(), nn.Linear(4, 4), nn.Tanh(), False
            {Written.Indented(init)}

                def forward(self, x, y):
            {Written.Indented(forward)}
            """);
        return [.. report.Findings.Where(f => f.Outcome is Outcome.Fail && f.Guideline == "PyTorch.ModuleReuse").Select(f => $"{f.Module} {f.Confidence}")];
    }

    /// <summary>Behind a block run the rest of its generator and <c>__exit__</c>, on ways too that returned; what they set does not hold within it.</summary>
    [Theory]
    [InlineData("with flagged(self):\n    x = self.a(x)\n    if self.flag: x = self.a(x)\nreturn x", "a Certain")]
    [InlineData("with flagged(self):\n    if y.shape[0] > 2: return self.a(x)\n    x = x + 1\nif not self.flag: x = self.a(x)\nreturn x")]
    [InlineData("with flagged(self):\n    x = self.a(x)\nif self.flag: x = self.a(x)\nreturn x")]
    [InlineData("for i in range(2):\n    with flagged(self):\n        x = self.a(x)\n        if i == 0: continue\nreturn x", "a Certain")]
    [InlineData("with Behind(self), flagged(self):\n    x = self.a(x)\n    return x", "a Certain")]
    [InlineData("with Behind(self):\n    pass\nreturn x")]
    public void WhatStandsBehindABlock(string forward, params string[] expected) => Assert.Equal(expected, Audit("""
        @contextlib.contextmanager
        def flagged(net):
            net.flag = True
            try:
                yield net
            finally:
                net.flag = False

        class Behind:
            def __init__(self, net):
                self.net = net
            def __enter__(self):
                return self
            def __exit__(self, *raised):
                self.net.seen = self.net.a(torch.zeros(4))
        """, forward));

    /// <summary>A handler goes on behind what ran before the raise; <c>finally</c> runs on every way.</summary>
    [Theory]
    [InlineData("try:\n    x = self.a(x)\n    raise ValueError()\nexcept ValueError:\n    x = self.a(x)\nreturn x", "a Certain")]
    [InlineData("try:\n    x = self.a(x)\n    if y.shape[0] > 2: raise ValueError()\nexcept ValueError:\n    x = self.a(x)\nreturn x", "a Likely")]
    [InlineData("try:\n    x = self.a(x)\nexcept ValueError:\n    x = self.a(x)\nreturn x")]
    [InlineData("done = False\ntry:\n    done = True\n    x = self.b(x).view(2, 999)\nexcept RuntimeError:\n    if done: x = self.a(self.a(x))\nreturn x", "a Likely")]
    [InlineData("try:\n    if y.shape[0] > 2: return self.a(x)\nfinally:\n    self.seen = self.a(x)\nreturn x", "a Likely")]
    public void WhatIsRaised(string forward, params string[] expected) => Assert.Equal(expected, Audit("", forward));

    /// <summary>What ran of a block before an exception ended it was called; what was called last may be what raised, and never ended.</summary>
    [Theory]
    [InlineData("try:\n    x = self.a(x)\n    x = x.view(3, 7)\nexcept RuntimeError:\n    x = self.a(x)\nreturn x", "a Likely")]
    [InlineData("try:\n    x = self.a(x).view(3, 7)\nexcept RuntimeError:\n    x = self.a(x)\nreturn x", "a Likely")]
    [InlineData("try:\n    return self.b(self.a(x))\nexcept RuntimeError:\n    return self.b(self.a(y))", "a Likely")]
    [InlineData("def both(z): return self.b(self.a(z))\ntry:\n    x = both(x)\nexcept RuntimeError:\n    x = both(y)\nreturn x", "a Likely")]
    [InlineData("try:\n    with torch.no_grad():\n        h = self.a(x)\n        x = h.view(3, 7)\nexcept RuntimeError:\n    x = self.a(x)\nreturn x", "a Likely")]
    [InlineData("try:\n    for one in (self.a, self.c): x = one(x)\nexcept RuntimeError:\n    for one in (self.a, self.c): x = one(x)\nreturn x", "a Likely")]
    [InlineData("h = None\ntry:\n    h = self.a(x)\n    x = h.view(3, 7)\nexcept RuntimeError:\n    if h is None: x = self.a(x)\nreturn x")]
    [InlineData("done = 0\ntry:\n    x = self.a(x)\n    done = 1\n    x = self.b(x)\n    done = 2\n    x = x.view(3, 7)\nexcept RuntimeError:\n    if done == 1: x = self.a(x)\nreturn x", "a Likely")]
    [InlineData("done = 0\ntry:\n    x = self.a(x)\n    done = 1\n    x = x.view(3, 7)\nexcept RuntimeError:\n    if done == 0: x = self.a(x)\nreturn x")]
    [InlineData("h = None\ntry:\n    h = self.a(x).view(3, 7)\nexcept RuntimeError:\n    pass\nif h is None: h = self.a(x)\nreturn h", "a Likely")]
    [InlineData("for i in range(3):\n    try:\n        return self.a(x).view(3, 7)\n    except RuntimeError:\n        continue\nreturn x", "a Likely")]
    [InlineData("try:\n    return self.a(x)\nexcept RuntimeError:\n    pass\nx = self.b(x)\nreturn self.b(x)", "b Likely")]
    [InlineData("try:\n    return self.a(x)\nexcept TypeError:\n    return y\nexcept (ValueError, RuntimeError):\n    return self.b(self.b(x))", "b Likely")]
    public void WhatRanBeforeAnException(string forward, params string[] expected) => Assert.Equal(expected, Audit("", forward));

    /// <summary>What a cache gives is one object for the same arguments.</summary>
    [Theory]
    [InlineData("self.d, self.e = act('relu'), act('relu')", "d Certain")]
    [InlineData("self.d, self.e = act('relu'), act('tanh')")]
    [InlineData("self.d, self.e = plain(), plain()")]
    [InlineData("once = functools.cache(plain)\nself.d, self.e = once(), once()", "d Certain")]
    [InlineData("once = functools.cache(plain)\nself.d, self.e = once(), plain()")]
    public void WhatIsRemembered(string init, params string[] expected) => Assert.Equal(expected, Audit("""
        @functools.lru_cache(maxsize=None)
        def act(name):
            return nn.ReLU() if name == 'relu' else nn.Tanh()

        def plain():
            return nn.ReLU()
        """, "return self.e(self.d(x))", init));

    /// <summary>Which element stands first is not known of a set, and of what is shuffled or sorted by what cannot be told; no element stands twice.</summary>
    [Theory]
    [InlineData("m = sorted([self.a, self.c], key=key)\nreturn self.a(m[0](x))", "a Likely")]
    [InlineData("m = [self.a, self.c]\nrandom.shuffle(m)\nreturn self.a(m[0](x))", "a Likely")]
    [InlineData("m = list({self.a, self.c})\nreturn self.a(m[0](x))", "a Likely")]
    [InlineData("m = list({self.a, self.c})\nreturn m[1](m[0](x))")]
    [InlineData("m = [self.a, self.c]\nrandom.shuffle(m)\nfor one in m: x = one(x)\nreturn x")]
    [InlineData("m = [self.a, self.b, self.c]\ndel m[1:]\nfor one in m: x = one(x)\nreturn self.c(self.b(x))")]
    public void InWhichOrder(string forward, params string[] expected) => Assert.Equal(expected, Audit("", forward));

    /// <summary>What is drawn of some is any of them: none twice in a sample, any of them twice in choices.</summary>
    [Theory]
    [InlineData("for one in random.sample([self.a, self.b, self.c], 2): x = one(x)\nreturn x")]
    [InlineData("for one in random.sample([self.a, self.c], 2): x = one(x)\nreturn self.a(x)", "a Certain")]
    [InlineData("for one in random.sample([self.a, self.c], 1): x = one(x)\nreturn self.a(x)", "a Likely")]
    [InlineData("parts = [self.a, self.b, self.c]\nfor i in random.sample(range(3), 3): x = parts[i](x)\nreturn x")]
    [InlineData("for one in random.choices([self.a, self.c], k=2): x = one(x)\nreturn x", "a Likely", "c Likely")]
    [InlineData("return random.choices([self.a, self.c])[0](x)")]
    public void WhatIsDrawn(string forward, params string[] expected) => Assert.Equal(expected, Audit("", forward));

    /// <summary>An iterator gives each element once, and is no sequence.</summary>
    [Theory]
    [InlineData("parts = (one for one in (self.a, self.c))\nfor one in parts: x = one(x)\nfor one in parts: x = one(x)\nreturn x")]
    [InlineData("parts = zip((self.a, self.c), (1, 2))\nfor one, i in parts:\n    x = one(x)\n    if i == 1: break\nfor one, i in parts: x = one(x)\nreturn x")]
    [InlineData("parts = iter((self.a, self.c))\nfor one in parts: x = next(parts)(one(x))\nreturn x")]
    [InlineData("for one, two in zip(*[iter((self.a, self.b, self.c, torch.relu))] * 2): x = two(one(x))\nreturn x")]
    [InlineData("parts = iter((self.a, self.c))\nfor one in parts:\n    x = one(x)\n    if y.sum() > 0: break\nreturn next(parts, self.c)(x)", "c Likely")]
    [InlineData("parts = iter((self.a, self.c))\nfor one in parts:\n    x = one(x)\n    if y.sum() > 0: break\nfor one in parts: x = self.b(self.b(one(x)))\nreturn x", "b Likely")]
    [InlineData("parts = [self.a, self.c]\nfor one in parts: x = one(x)\nfor one in parts: x = one(x)\nreturn x", "a Certain", "c Certain")]
    [InlineData("x = self.a(x)\nmatch map(str, (1, 2)):\n    case [p, q]: x = self.a(x)\nreturn x")]
    [InlineData("x = self.a(x)\nmatch {1: 2}.keys():\n    case [p]: x = self.a(x)\nreturn x")]
    [InlineData("x = self.a(x)\nmatch range(2):\n    case [p, q]: x = self.a(x)\nreturn x", "a Certain")]
    [InlineData("x = self.a(x)\nif isinstance((i for i in y), list): x = self.a(x)\nreturn x")]
    [InlineData("x = self.a(x)\nif (i for i in ()): x = self.a(x)\nreturn x", "a Certain")]
    public void WhatAnIteratorGives(string forward, params string[] expected) => Assert.Equal(expected, Audit("", forward));

    /// <summary>What a data class is given by position: its fields in order, without those that are given by name only or not at all.</summary>
    [Theory]
    [InlineData("Parts(3, True)", "a Certain")]
    [InlineData("Parts(True, c=3)")]
    [InlineData("Parts(3, True, twice=False)")]
    [InlineData("More(True, width=3, twice=True)", "a Certain")]
    public void WhatADataClassIsGiven(string made, params string[] expected) => Assert.Equal(expected, Audit("""
        @dataclass
        class Parts:
            width: int = 3
            made: list = field(default_factory=list, init=False)
            b: bool = False
            _: KW_ONLY
            c: int = 0
            twice: bool = True

        @dataclass(kw_only=True)
        class More(Parts):
            width: int = 8
            d: int = 2
        """, "x = self.a(x)\nif self.parts.b is True and self.parts.twice: x = self.a(x)\nreturn x", $"self.parts = {made}"));

    /// <summary>A base class hears of each class that derives from it.</summary>
    [Fact]
    public void WhatABaseClassDoesWithItsHeirs() => Assert.Equal(["d.act Certain"], Audit("""
        made = {}

        class Part(nn.Module):
            def __init_subclass__(cls, name=None, **others):
                super().__init_subclass__(**others)
                made[name] = cls

        class Twice(Part, name='twice'):
            def __init__(self):
                super().__init__()
                self.act = nn.ReLU()
            def forward(self, x):
                return self.act(self.act(x))
        """, "return self.d(x)", "self.d = made['twice']()"));

    /// <summary>What a function that builds a model sets beside it is there for its model, whichever function is tried first, and for no other.</summary>
    [Theory]
    [InlineData("def one(): return Other()", "def two():\n    global twice\n    twice = True\n    return Other()", "act Certain")]
    [InlineData("def one():\n    global twice\n    twice = True\n    return Net()", "def two(): return Other()")]
    [InlineData("def one():\n    Other.often = True\n    return Net()", "def two(): return Other()")]
    [InlineData("def one(): return Other()", "def two():\n    Other.often = True\n    return Other()", "act Certain")]
    [InlineData("def one(): return Other()", "def two():\n    settings['often'] = True\n    return Other()", "act Certain")]
    [InlineData("def one():\n    settings.update(often=True)\n    return Net()", "def two(): return Other()")]
    [InlineData("def one(): return Other()", "def two():\n    parts['used'].append(1)\n    return Other()", "act Certain")]
    [InlineData("def one():\n    parts['used'].append(1)\n    return Net()", "def two(): return Other()")]
    [InlineData("def one(): return Other()", "def two():\n    options.often = True\n    return Other()", "act Certain")]
    [InlineData("def one():\n    options.often = True\n    return Net()", "def two(): return Other()")]
    [InlineData("def one():\n    kept(1)\n    return Net()", "def two(): return Other()")]
    [InlineData("def one(): return Other()", "def two():\n    kept(1)\n    return Other()", "act Certain")]
    public void WhatABuilderSets(string one, string two, params string[] expected) => Assert.Equal(expected, Audit($$"""
        twice = False
        settings, parts = {'often': False}, {'used': []}

        class Options:
            often = False

        options = Options()

        def kept(value=None, given=[]):
            return given.append(value) if value is not None else given

        class Other(nn.Module):
            often = False
            def __init__(self):
                super().__init__()
                self.act = nn.ReLU()
            def forward(self, x):
                x = self.act(x)
                if twice or self.often or settings['often'] or parts['used'] or options.often or kept(): x = self.act(x)
                return x

        {{one}}

        {{two}}
        """, "return x"));

    /// <summary>A list of modules that gives its elements itself gives what its base class does.</summary>
    [Fact]
    public void AListsOwnIterator() => Assert.Equal(["m.0 Certain"], Audit("""
        class Some(nn.ModuleList):
            def __iter__(self):
                for i, m in enumerate(super().__iter__()):
                    if i != len(self) - 2:
                        yield m
        """, "for m in self.m: x = m(x)\nreturn self.m[0](x)", "self.m = Some([nn.Linear(4, 4) for _ in range(3)])"));

    /// <summary>A loop over an object asks its iterator until that raises, and goes on behind it.</summary>
    [Theory]
    [InlineData("for i in Count(1): x = self.a(x)\nreturn x")]
    [InlineData("for i in Count(2): x = self.a(x)\nreturn x", "a Certain")]
    [InlineData("for i in Count(0): x = self.a(x)\nreturn self.c(self.c(x))", "c Certain")]
    [InlineData("for i in Count(y.shape[0]): x = self.a(x)\nreturn self.c(x)", "a Likely")]
    [InlineData("for i, _ in zip(Count(-1), y): x = self.a(x)\nreturn self.c(x)", "a Likely")]
    public void IteratorsOfClasses(string forward, params string[] expected) => Assert.Equal(expected, Audit("""
        class Count:
            def __init__(self, end):
                self.end, self.at = end, 0

            def __iter__(self):
                return self

            def __next__(self):
                if self.at == self.end:
                    raise StopIteration
                self.at += 1
                return self.at
        """, forward));
}
