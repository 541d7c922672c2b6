namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Ways that leave a function, a generator's loop or a block that has handlers go on with what they had when they left.</summary>
public sealed class LeftFunctionsTests
{
    private static string Indented(string methods) => string.Join('\n', methods.Split('\n').Select(l => "    " + l));

    private static IEnumerable<string> Reused(string methods) => Written.Said($$"""
        class Net(nn.Module):
            def __init__(self, n):
                super().__init__()
                self.n = n
                self.a = nn.Linear(4, 4)
                self.b = nn.Linear(4, 4)
                self.m = [self.b]

        {{Indented(methods)}}
        """).Where(f => f.StartsWith("ModuleReuse ", StringComparison.Ordinal)).Select(f => string.Join(' ', f.Split(' ').Where((_, i) => i != 2)));

    [Theory]
    [InlineData("def pick(self):\n    if self.n > 2:\n        return\n    self.m[0] = self.b\n\ndef forward(self, x):\n    self.m[0] = self.a\n    self.pick()\n    return self.m[0](self.a(x))")]
    [InlineData("def pick(self):\n    for i in self.n:\n        if i > 2:\n            return\n        self.m[0] = self.b\n    self.m[0] = self.b\n\ndef forward(self, x):\n    self.m[0] = self.a\n    self.pick()\n    return self.m[0](self.a(x))")]
    [InlineData("def pick(self):\n    if self.n > 2:\n        return\n    self.m[0] = self.b\n    yield 1\n\ndef forward(self, x):\n    self.m[0] = self.a\n    for i in self.pick():\n        pass\n    return self.m[0](self.a(x))")]
    [InlineData("def parts(self):\n    m = self.a\n    while True:\n        if self.n > 2:\n            break\n        m = self.b\n        yield m\n        break\n    yield m\n\ndef forward(self, x):\n    parts = self.parts()\n    m = next(parts)\n    return m(self.a(x))")]
    [InlineData("def parts(self):\n    m = self.a\n    for i in range(3):\n        if self.n > i:\n            break\n        m = self.b\n    else:\n        m = self.b\n    got = yield m\n    yield got\n\ndef forward(self, x):\n    parts = self.parts()\n    m = next(parts)\n    return m(self.a(x))")]
    [InlineData("def forward(self, x):\n    m = self.b\n    try:\n        if self.n > 2:\n            m = self.a\n            raise ValueError\n        m = self.b\n    except ValueError:\n        x = m(x)\n        return self.a(x)\n    return x")]
    public void What_left_is_as_it_was(string methods) => Assert.Contains("ModuleReuse a Likely", Reused(methods));

    /// <summary>The other way: only what left does what is asked.</summary>
    [Theory]
    [InlineData("def pick(self):\n    if self.n > 2:\n        return\n    self.m[0] = self.a\n\ndef forward(self, x):\n    self.m[0] = self.b\n    self.pick()\n    x = self.m[0](x)\n    if self.n > 2:\n        x = self.a(x)\n    return x")]
    [InlineData("def parts(self):\n    m = self.b\n    while True:\n        if self.n > 2:\n            break\n        m = self.a\n        yield m\n        return\n    yield m\n\ndef forward(self, x):\n    m = next(self.parts())\n    x = m(x)\n    if self.n > 2:\n        x = self.a(x)\n    return x")]
    public void What_left_does_nothing_that_it_did_not(string methods) => Assert.Empty(Reused(methods));

    /// <summary>What is made where others have left is whole: there is no way on which its parts are not there.</summary>
    [Fact]
    public void What_is_made_behind_a_return_has_all_its_parts() => Assert.DoesNotContain(Written.Said("""
        class Part(nn.Module):
            def __init__(self):
                super().__init__()
                self.a = nn.Linear(4, 4)

            def forward(self, x):
                return self.a(x)

        def build(kind):
            if kind > 2:
                return nn.Linear(4, 4)
            return Part()

        class Net(nn.Module):
            def __init__(self, kind):
                super().__init__()
                self.net = build(kind)

            def forward(self, x):
                return self.net(x)
        """), f => f.Contains("Part", StringComparison.Ordinal));

    /// <summary>Reading what an object does not have raises: a handler that goes on is how code asks for it. Where it is there, or may be, nothing raises.</summary>
    [Theory]
    [InlineData("getattr(self.inner, self.name + '_raw')", true)]
    [InlineData("self.inner.weight_raw", true)]
    [InlineData("self.ready", true)]
    [InlineData("getattr(self.inner, self.name)", false)]
    [InlineData("self.is_made", false)]
    public void What_is_not_there_is_made(string asked, bool isMade) => Assert.Equal(isMade, Written.Said($$"""
        class Scaled(nn.Module):
            is_made = True

            def __init__(self, inner, name='weight'):
                super().__init__()
                self.inner = inner
                self.name = name
                if not self.has():
                    raw = nn.Parameter(getattr(self.inner, self.name).data)
                    del self.inner._parameters[self.name]
                    self.inner.register_parameter(self.name + '_raw', raw)
                    self.extra = nn.ReLU()

            def has(self):
                try:
                    {{asked}}
                    return True
                except AttributeError:
                    return False

            def forward(self, x):
                if not hasattr(self, 'extra'):
                    return self.inner(x)
                raw = getattr(self.inner, self.name + '_raw')
                setattr(self.inner, self.name, raw / raw.sum())
                return self.extra(self.inner(x))

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = Scaled(nn.Linear(4, 4))

            def forward(self, x):
                return self.body(x)
        """).Contains("FunctionalCall body div Certain"));

    /// <summary>An attribute that a function sets under a name that cannot be told may be the one.</summary>
    [Fact]
    public void What_may_be_there_is_asked_for() => Assert.Contains("FunctionalCall  relu Certain", Written.Said("""
        class Net(nn.Module):
            def __init__(self, name):
                super().__init__()
                setattr(self, name, nn.Linear(4, 4))

            def forward(self, x):
                try:
                    y = self.first(x)
                except AttributeError:
                    y = x
                return F.relu(y)
        """));
}
