using System.Globalization;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Formats.PythonSource;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>What code can ask of the engine: long, deep, and without end. What stands behind it is found all the same, or said to be unknown, for little.</summary>
public sealed class BoundedTests
{
    /// <summary>What is allocated is counted, and more than what is ever held.</summary>
    private const long MaxBytes = 512L << 20;

    private static string Many(int count, Func<int, string> line) => string.Concat(Enumerable.Range(0, count).Select(line));

    private static string Net(string forward, string methods = "", string before = "") => $$"""
        import torch
        from torch import nn
        {{before}}
        class Net(nn.Module):
            def __init__(self, cfg):
                super().__init__()
                self.cfg = cfg
                self.act = nn.ReLU()
        {{methods}}
            def forward(self, x):
        {{forward}}

        """;

    private static AuditResult Audit(string text, long most = MaxBytes)
    {
        using var folder = new Repairs.TemporaryFolder();
        var path = folder.File("model.py");
        File.WriteAllText(path, text);
        AuditResult? result = null;

        // Steps and depth bound it, not the clock.
        var bytes = Work.Allocated(() => result = Auditor.Default.Audit(new(path, path), AuditSettings.Default with { Limits = ReadLimits.Default.WithSeconds(0) }));
        Assert.InRange(bytes, 0, most);
        return result!;
    }

    /// <summary>Of tables that are too long to be followed to the end, the rest is a gap: the last of many is as good as the first.</summary>
    [Theory]
    [InlineData(70, "{{{0}}}[self.cfg.name](x)")]
    [InlineData(450, "(F.gelu if 'n449' in [{1}] else torch.flatten)(x)")]
    public void TheLastOfManyIsNotPassed(int count, string call)
    {
        var entries = Many(count, i => $"'n{i}': {(i == count - 1 ? "F.gelu" : $"lambda x: x.view({i})")}, ");
        var names = Many(count, i => $"'n{i}', ");
        var forward = "        return " + string.Format(CultureInfo.InvariantCulture, call, entries, names);
        var result = Audit(Net(forward, before: "import torch.nn.functional as F")).Guidelines.First(g => g.Guideline == "PyTorch.FunctionalCall");
        Assert.NotEqual(Outcome.Pass, result.Outcome);
    }

    /// <summary>A base of many models walks settings within settings, of which nothing is known: what it makes of one is what it makes of the next.</summary>
    [Fact]
    public void A_walk_through_settings_within_settings()
    {
        var result = Audit(Built(
            $"""
            class Settings:
                def __init__(self, given):
            {Many(40, i => $"        self.s{i} = given.s{i}\n")}
                def texts(self, d):
                    if d.get("dtype", None) is not None and not isinstance(d["dtype"], str):
                        d["dtype"] = str(d["dtype"]).split(".")[1]
                    for value in d.values():
                        if isinstance(value, dict):
                            self.texts(value)

                def to_dict(self):
                    d = dict(self.__dict__)
                    self.texts(d)
                    return d

            """,
            $"[{Many(40, _ => "Settings(kwargs['given']).to_dict(), ")}]"));
        Assert.All(result.Guidelines.Where(g => g.Guideline.StartsWith("PyTorch.", StringComparison.Ordinal)), g => Assert.Equal(Outcome.Pass, g.Outcome));
    }

    /// <summary>Parameters of two trees of modules are made one, by a function within a function: no module comes or goes.</summary>
    [Fact]
    public void A_walk_that_ties_parameters()
    {
        var result = Audit(Built(
            """
            class Table:
                def keys(self):
                    self.asked = True

                items = keys

            def tie(encoder, decoder):
                left = []

                def walk(there, here, name, left, depth=0):
                    assert isinstance(there, nn.Module) and isinstance(here, nn.Module), f"{there} and {here} are modules"
                    if hasattr(there, "weight"):
                        assert hasattr(here, "weight")
                        here.weight = there.weight
                        if hasattr(there, "bias"):
                            assert hasattr(here, "bias")
                            here.bias = there.bias
                        return
                    ours = here._modules
                    theirs = there._modules
                    if len(theirs) > 0:
                        assert len(ours) > 0
                        rest = {name + "/" + sub for sub in ours.keys()}
                        shift = 0
                        for sub, module in theirs.items():
                            if sub.isdigit():
                                own = str(int(sub) + shift)
                                if not isinstance(theirs[sub], type(ours[own])) and len(ours) != len(theirs):
                                    shift -= 1
                                    continue
                            elif sub not in ours:
                                continue
                            elif depth > 500:
                                raise ValueError("too deep")
                            else:
                                own = sub
                            walk(theirs[sub], ours[own], name + "/" + sub, left, depth=depth + 1)
                            rest.remove(name + "/" + own)
                        left += list(rest)

                walk(decoder, encoder, "model", left)

            """,
            "[tie(self.blocks, kwargs['decoder']) for _ in range(40)]"));
        Assert.All(result.Guidelines.Where(g => g.Guideline.StartsWith("PyTorch.", StringComparison.Ordinal)), g => Assert.Equal(Outcome.Pass, g.Outcome));
    }

    private static string Built(string before, string does) => $$"""
        import torch
        from torch import nn

        {{before}}
        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.dense = nn.Linear(4, 4)
                self.act = nn.ReLU()

            def forward(self, x):
                return self.act(self.dense(x))

        class Net(nn.Module):
            def __init__(self, **kwargs):
                super().__init__()
                self.blocks = nn.ModuleList([Block(), Block()])
                {{does}}

            def forward(self, x):
                for block in self.blocks:
                    x = block(x)
                return x

        """;

    /// <summary>Each class holds the one before: none is built, or followed, for each of those behind it.</summary>
    [Fact]
    public void A_chain_of_classes()
    {
        var chain = Many(1_500, i => $"""
            class M{i}(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.inner = {(i == 0 ? "nn.Linear(3, 3)" : $"M{i - 1}()")}
                def forward(self, x):
                    return self.inner(x)

            """);
        Assert.DoesNotContain(Audit($"import torch\nfrom torch import nn\n{chain}").Guidelines, g => g is { Guideline: "PyTorch.ModuleReuse", Outcome: Outcome.Pass });
    }

    /// <summary>A block that holds itself twice, as damage to a file made it: fifty thousand names of few modules, and ways that part in each round. Two passes each end within their steps.</summary>
    [Fact]
    public void A_block_that_builds_itself_twice()
    {
        const string Text = """
            import torch.nn.functional as F
            from torch import nn
            from transformers.modeling_outputs import TokenClassifierOutput

            class Block(nn.Module):
                def __init__(self, config):
                    super().__init__(config)
                    block = Block(config)
                    self.layers = nn.ModuleList([block if config.share else Block(config) for _ in range(config.num_layers)])
                    self.head = nn.Linear(config.hidden_size, config.num_labels)

                def forward(self, input_ids=None, attention_mask=None, labels=None, return_dict=None):
                    return_dict = return_dict if return_dict is not None else self.config.use_return_dict
                    x = input_ids
                    for layer in self.layers:
                        x = layer(x)

                    logits = self.head(x)
                    loss = None
                        x = layer(x)
                        loss = F.cross_entropy(logits, labels)
                    if not return_dict:
                        return (logits,)
                    return TokenClassifierOutput(loss=loss, logits=logits)
            """;
        Assert.NotEqual(Outcome.Pass, Reuse(Text));
    }

    private static Outcome Reuse(string text) => Reuse(MaxBytes, text);

    private static Outcome Reuse(long most, string text) => Audit(text, most).Guidelines.Single(g => g.Guideline == "PyTorch.ModuleReuse").Outcome;

    private const string Twice = "        return self.act(self.act(x))\n";
    private const string Once = "        return self.act(x)\n";

    /// <summary>Forty files that each import everything from all others: 39^8 ways to ask for a name that none of them has.</summary>
    [Fact]
    public void Files_that_import_everything_from_each_other_are_each_asked_once()
    {
        using var folder = new Repairs.TemporaryFolder();
        const int Files = 40;
        for (var i = 0; i < Files; i++)
        {
            var net = i == 0 ? Net("        return helper39(self.act(self.act(missing(x))))\n") : "";
            File.WriteAllText(folder.File($"m{i}.py"), Many(Files, j => j == i ? "" : $"from m{j} import *\n") + net + $"def helper{i}(x):\n    return x\n");
        }

        AuditResult? result = null;
        var path = folder.File("m0.py");
        var bytes = Work.Allocated(() => result = Auditor.Default.Audit(new(path, path), AuditSettings.Default with { Limits = ReadLimits.Default.WithSeconds(0) }));
        Assert.InRange(bytes, 0, MaxBytes);
        Assert.Equal(Outcome.Fail, result!.Guidelines.Single(g => g.Guideline == "PyTorch.ModuleReuse").Outcome);
        Assert.DoesNotContain(result.Gaps, g => g.What.Contains("helper39", StringComparison.Ordinal));
    }

    /// <summary>What each one of many costs does not rise with how many there are: these took 4 to 15 s of a processor.</summary>
    [Theory]
    [InlineData("comparisons")]
    [InlineData("keywords")]
    [InlineData("partials")]
    [InlineData("names that are not normal")]
    [InlineData("lengths")]
    public void Long_rows_cost_what_they_are_long(string kind)
    {
        var (before, first) = kind switch
        {
            "comparisons" => ("", $"        y = {string.Join(" < ", Enumerable.Repeat("1", 100_000))}\n"),
            "keywords" => ("def f(**k):\n    return k\n", $"        d = f({Many(50_000, i => $"a{i}=x, ")})\n        d = f(**d)\n"),
            "partials" => ("import functools\ndef f(**k):\n    return k\n" + Many(3_000, i => $"f = functools.partial(f, a{i}={i})\n"), ""),
            "names that are not normal" => (Many(100_000, _ => "\uFB01 = 1\n"), ""),
            _ => ("", "        l = []\n        while len(l) < 10 ** 9:\n            l.append(self.act(x))\n"),
        };
        AuditResult? result = null;
        var cost = Work.Processor(() => result = Audit(Net(first + "        return self.act(self.act(x))\n", before: before)));
        Assert.InRange(cost, TimeSpan.Zero, TimeSpan.FromSeconds(3));
        Assert.Equal(Outcome.Fail, result!.Guidelines.Single(g => g.Guideline == "PyTorch.ModuleReuse").Outcome);
    }

    /// <summary>What is there is copied in each round, or gone through: it grows, and took up to 70 GB.</summary>
    [Theory]
    [InlineData("l = l + [i]")]
    [InlineData("t = t + (i,)")]
    [InlineData("l = [*l, i]")]
    [InlineData("l.append(i); m = l.copy()")]
    [InlineData("l.append(i); m = list(enumerate(l))")]
    [InlineData("l.append(True); m = all(l)")]
    [InlineData("l.append(i); (lambda *a: a)(*l)")]
    [InlineData("d[i] = i; e = dict(d)")]
    [InlineData("d = {**d, i: i}")]
    [InlineData("d[i] = i; k = list(d.keys())")]
    [InlineData("d = {i: i} | d")]
    [InlineData("s.add(i)")]
    [InlineData("n.append(nn.ReLU()); m = list(n.children())")]
    [InlineData("setattr(self, 'a' + str(i), i) if self.cfg[i] else 0")]
    [InlineData("l = l[0:]; l.append(i)")]
    [InlineData("n.append(nn.ReLU()); self.n = nn.ModuleList(n)")]
    [InlineData("d.update({i: i}) if self.cfg[i] else 0")]
    public void What_grows_in_a_loop(string round) =>
        Assert.Equal(Outcome.Fail, Reuse(4 * MaxBytes, Net("        l, t, d, s, n, i = [], (), {}, set(), nn.ModuleList(), 0\n" + $"        x = self.act(self.act(x))\n        while True:\n            i += 1\n            {round}\n")));

    /// <summary>Sixty objects, and 2^60 ways through them.</summary>
    [Theory]
    [InlineData("x == y")]
    [InlineData("x in [y]")]
    [InlineData("{x: 1, y: 2}")]
    [InlineData("set([x, y])")]
    [InlineData("[y].index(x)")]
    [InlineData("isinstance(1, (str, x, y))")]
    [InlineData("str(x) + f'{y}'")]
    [InlineData("sorted([x, y])")]
    public void ListsInListsTwiceAreNotFollowedByEveryWay(string use)
    {
        var before = $"x = ()\ny = ()\nfor _ in range(60):\n    x = (x, x)\n    y = (y, y)\nz = {use}\n";
        Assert.Contains(Reuse(Net(Twice, before: before)), new[] { Outcome.Fail, Outcome.Undecidable });
        Assert.Contains(Reuse(Net(Once, before: before)), new[] { Outcome.Pass, Outcome.Undecidable });
    }

    /// <summary>Each way makes a module that no other knows: what they leave is joined once a variable, not once a variable and way (5,000 took more than 30 s and 1.5 GB).</summary>
    [Theory]
    [InlineData(Twice, Outcome.Fail)]
    [InlineData(Once, Outcome.Pass)]
    public void WhatThousandsOfWaysMakeIsFound(string end, Outcome expected)
    {
        string Built(string ways) => Net(end).Replace("        self.act = nn.ReLU()\n", "        self.act = nn.ReLU()\n" + ways, StringComparison.Ordinal);
        Assert.Equal(expected, Reuse(Built("        if cfg.a == 0:\n            pass\n" + Many(5_000, i => $"        elif cfg.a == {i + 1}:\n            self.act = nn.ReLU()\n"))));
        Assert.Equal(expected, Reuse(Built("        match cfg.a:\n" + Many(5_000, i => $"            case {i}:\n                self.act = nn.ReLU()\n"))));
        Assert.Equal(expected, Reuse(Built("        match cfg.a:\n" + Many(5_000, i => $"            case [{i}, y] if y:\n                self.act = nn.ReLU()\n"))));
    }

    /// <summary>Every name is sought in all bases of a class: 3,000 took 26 s, and what stood at the far end of them was not seen, nor said so.</summary>
    [Theory]
    [InlineData("    pass\n")]
    [InlineData("    def __init__(self):\n        super().__init__(0)\n")]
    public void AClassWithThousandsOfBasesIsNoPass(string body) =>
        Assert.NotEqual(Outcome.Pass, Reuse(Net(Twice) + "class A0(Net):\n    pass\n" + Many(3_000, i => $"class A{i + 1}(A{i}):\n{body}")));

    /// <summary>Doubled in each round, within the steps.</summary>
    [Theory]
    [InlineData("l.extend(l)")]
    [InlineData("l += l")]
    [InlineData("l[:0] = l")]
    [InlineData("l = l + l")]
    [InlineData("l = [*l, *l]")]
    [InlineData("l = sum([l, l], [])")]
    public void ListsThatDoubleAreBounded(string round) =>
        Assert.NotEqual(Outcome.Pass, Reuse(MaxBytes / 2, Net(Twice).Replace("        self.act = nn.ReLU()\n", $"        self.act = nn.ReLU()\n        l = [1]\n        for i in range(60):\n            {round}\n        self.l = l\n", StringComparison.Ordinal)));

    /// <summary>What is added is a step for each item, where it is added: 12 to 20 s and 3 GB.</summary>
    [Theory]
    [InlineData("self.l += self.l")]
    [InlineData("self.l[0:0] = self.l")]
    public void AnAttributeThatDoublesIsBounded(string round) =>
        Assert.NotEqual(Outcome.Pass, Reuse(MaxBytes / 2, Net(Twice).Replace("        self.act = nn.ReLU()\n", $"        self.act = nn.ReLU()\n        self.l = [self.act]\n        while len(self.l) < 10**9:\n            {round}\n", StringComparison.Ordinal)));

    /// <summary>Each layer looked for a free name from the first on: 20,000 took 18 s and 9 GB.</summary>
    [Theory]
    [InlineData("x = keras.Input((2,))\ni = x\nfor n in range(20_000):\n    x = keras.layers.Dense(2)(x)\nmodel = keras.Model(i, x)\n")]
    [InlineData("model = keras.Sequential()\nfor n in range(20_000):\n    model.add(keras.layers.Dense(2))\n")]
    public void ThousandsOfLayersHaveNamesOfTheirOwn(string code) => Assert.Null(Audit("import keras\n" + code).Error);

    /// <summary>Each operand stands within the test before it: 20,000 of them ended the process with all results of the audit.</summary>
    [Theory]
    [InlineData(" and ")]
    [InlineData(" or ")]
    [InlineData(" < ")]
    public void TestsOfThousandsOfOperandsAreNoPass(string word)
    {
        var test = string.Join(word, Enumerable.Range(0, 20_000).Select(i => $"self.cfg.a{i}"));
        Assert.NotEqual(Outcome.Fail, Reuse(Net($"        if {test}:\n            x = x + 1\n{Once}")));
        Assert.NotEqual(Outcome.Pass, Reuse(Net($"        if {test}:\n            x = self.act(x)\n{Once}")));
    }

    [Theory]
    [InlineData(Twice, Outcome.Fail)]
    [InlineData(Once, Outcome.Pass)]
    public void WhatStandsBehindThousandsOfWaysIsFound(string end, Outcome expected)
    {
        Assert.Contains(Reuse(Net("        if self.cfg.a == 0:\n            y = x\n" + Many(5_000, i => $"        elif self.cfg.a == {i + 1}:\n            y = x + {i}\n") + end)), new[] { expected, Outcome.Undecidable });
        Assert.Equal(expected, Reuse(Net(Many(5_000, i => $"        if self.cfg.a == {i}:\n            return x\n") + end)));
        Assert.Equal(expected, Reuse(Net(Many(2_000, i => $"        if x.sum() > {i}:\n            return x\n") + end)));
    }

    [Theory]
    [InlineData("10**18")]
    [InlineData("2**63 - 1")]
    [InlineData("-2**63, 2**63 - 1, 2**62")]
    [InlineData("2**64")]
    [InlineData("20_000")]
    public void ALoopThatIsTooLongHidesNothing(string range)
    {
        Assert.Equal(Outcome.Fail, Reuse(Net($"        for i in range({range}):\n            x = self.act(x)\n        return x\n")));
        Assert.Equal(Outcome.Fail, Reuse(Net($"        for i in range({range}):\n            x = x + i\n{Twice}")));
        Assert.NotEqual(Outcome.Pass, Reuse(Net($"        for i in range({range}):\n            if i == 17_000:\n                x = self.act(x)\n{Once}")));
    }

    [Theory]
    [InlineData("n = 0\nwhile True:\n    n += 1\n")]
    [InlineData("n = 0\nwhile n < 10**9:\n    n += 1\n")]
    public void WhatAFileDoesWithoutEndIsNoPass(string before)
    {
        Assert.Equal(Outcome.Undecidable, Reuse(Net(Once, before: before)));
        Assert.NotEqual(Outcome.Pass, Reuse(Net(Twice, before: before)));
    }

    /// <summary>What trains a model, and what gives data without end, is no part of the model.</summary>
    [Theory]
    [InlineData("def batches(d):\n    it = iter(d)\n    while True:\n        x = next(it, None)\n        if x is None:\n            return\n        yield x, [x, x]\nfor x, y in batches(range(9)):\n    print(x)\n")]
    [InlineData("def batches():\n    while 1:\n        for i in range(100):\n            yield [i, str(i)], {i: i}\nfor x, y in batches():\n    print(x)\n")]
    [InlineData("done = []\nfor i in range(20_000):\n    done.append(str(i))\n    print(i, done)\n")]
    [InlineData("a = (1, 2)\nfor i in range(60):\n    a = (a, a)\nd = {a: 1}\n")]
    public void WhatBuildsNothingHidesNothing(string before)
    {
        Assert.Equal(Outcome.Pass, Reuse(Net(Once, before: before)));
        Assert.Equal(Outcome.Fail, Reuse(Net(Twice, before: before)));
    }

    [Theory]
    [InlineData("        for i in range(20_000):\n            seen.append(i)\n            if i == 15_000:\n                x = self.act(x)\n" + Once)]
    [InlineData("        for f in acts(self.act):\n            x = f(x)\n            if x.sum() > 3:\n                break\n        return x\n")]
    [InlineData("        every = acts(self.act)\n        for i in range(999):\n            f = next(every)\n        return f(self.act(x))\n")]
    public void WhatIsNotFollowedRoundByRoundIsNoPass(string forward) =>
        Assert.NotEqual(Outcome.Pass, Reuse(Net(forward, before: "seen = []\ndef acts(act):\n    while True:\n        yield nn.ReLU()\n        yield nn.ReLU()\n        yield act\n")));

    [Fact]
    public void AThousandNestedCallsAreFollowedOrAGap() =>
        Assert.NotEqual(Outcome.Pass, Reuse(Net("        return self.f0(x)\n", Many(1_000, i => $"    def f{i}(self, x):\n        return self.f{i + 1}(x)\n") + "    def f1000(self, x):\n" + Twice)));

    [Fact]
    public void CallsThatDoubleAreAGap() =>
        Assert.NotEqual(Outcome.Pass, Reuse(Net("        x = self.f0(x)\n" + Twice, Many(40, i => $"    def f{i}(self, x):\n        return self.f{i + 1}(self.f{i + 1}(x))\n") + "    def f40(self, x):\n        return x\n")));

    [Fact]
    public void TheEndOfTheTimeIsAGap()
    {
        using var folder = new Repairs.TemporaryFolder();
        var path = folder.File("model.py");
        var text = Net(Once);
        File.WriteAllText(path, text);
        using var source = new ModelSource(path, ReadLimits.Default with { Time = TimeSpan.Zero }, TestContext.Current.CancellationToken);
        var graph = PythonSourceFormat.Read(PythonParser.Parse(System.Text.Encoding.UTF8.GetBytes(text), TestContext.Current.CancellationToken), source);
        Assert.Contains(graph.Gaps, g => g.What.Contains("more time", StringComparison.Ordinal) && g.Remedy!.Contains("--time-limit", StringComparison.Ordinal));
    }

    /// <summary>Weight initialization is not followed when it is proven to change nothing; what looks like it and makes modules is.</summary>
    [Theory]
    [InlineData("nn.init.normal_(m.weight, std=0.02)", Outcome.Pass)]
    [InlineData("m.bias.data.zero_()", Outcome.Pass)]
    [InlineData("self.again = self.act", Outcome.Fail)]
    [InlineData("setattr(self, 'again', self.act)", Outcome.Fail)]
    [InlineData("self.add_module('again', self.act)", Outcome.Fail)]
    [InlineData("self.hold(m)", Outcome.Fail)]
    [InlineData("super().hold(m)", Outcome.Fail)]
    [InlineData("within(nn.init.zeros_)(m.weight)", Outcome.Pass)]
    [InlineData("within(self.hold)(m)", Outcome.Fail)]
    public void AnInitializerThatMakesModulesIsFollowed(string statement, Outcome expected) => Assert.Equal(expected, Reuse($$"""
        from torch import nn

        def within(f):
            def init(m):
                f(m)
            return init

        class Base(nn.Module):
            def hold(self, m):
                self.again = self.act

        class Net(Base):
            def __init__(self):
                super().__init__()
                self.act = nn.ReLU()
                self.again = nn.ReLU()
                self.init_weights()

            def init_weights(self):
                for m in self.modules():
                    {{statement}}

            def forward(self, x):
                return self.act(self.again(x))
        """));

    /// <summary>Functions that build models of like settings: one is built for all, unless what surrounds them differs.</summary>
    [Theory]
    [InlineData("    return Net(8)\n", Outcome.Pass)]
    [InlineData("    global shared\n    shared = True\n    return Net(8)\n", Outcome.Fail)]
    [InlineData("    net = Net(8)\n    net.second = net.first\n    return net\n", Outcome.Fail)]
    public void AModelThatIsLikeAnotherStandsForItOnlyAsLongAsItIs(string body, Outcome expected) => Assert.Equal(expected, Reuse(string.Create(CultureInfo.InvariantCulture, $$"""
        from torch import nn

        shared = False

        class Net(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.first = nn.ReLU()
                self.second = None if shared else nn.ReLU()

            def forward(self, x):
                return self.first(self.first(x) if self.second is None else self.second(x))

        def small():
            return Net(4)

        def large():
        {{body}}
        """)));

    /// <summary>Other numbers make another model: code may ask for them.</summary>
    [Fact]
    public void AModelOfOtherNumbersIsBuilt() => Assert.Equal(Outcome.Fail, Reuse("""
        from torch import nn

        class Net(nn.Module):
            def __init__(self, depth):
                super().__init__()
                self.act = nn.ReLU()
                self.more = nn.Linear(4, 4) if depth > 4 else None

            def forward(self, x):
                return self.act(x) if self.more is None else self.act(self.more(self.act(x)))

        def small():
            return Net(2)

        def large():
            return Net(8)
        """));

    /// <summary>Rounds are cheap as long as nothing grows with each: the audit allocates no more than any other.</summary>
    [Theory]
    [InlineData("n = f\"{n}{n}\"")]
    [InlineData("n = n + \"abcdefghij\" * 100")]
    [InlineData("n = n.next")]
    [InlineData("from . import *")]
    [InlineData("yield n")]
    public void WhatGrowsWithEachRoundCostsNoMore(string round) => Audit(Net($"""
                for i in range(20000):
                    {round}
                return self.act(x)
        """, before: "from mod import *\nn = \"a\""));

    /// <summary>Each level under two names has names beyond number, and what stands behind it is found all the same.</summary>
    [Theory]
    [InlineData(Twice, Outcome.Fail)]
    [InlineData(Once, Outcome.Pass)]
    public void ModulesOfManyNamesHideNothing(string forward, Outcome expected) => Assert.Equal(expected, Reuse(Net(forward: "        return self.last(self.first(x))\n", before: """
        class Level(nn.Module):
            def __init__(self, levels):
                super().__init__()
                self.act = nn.ReLU()
                self.a = Level(levels - 1) if levels > 0 else nn.Identity()
                self.b = self.a
            def forward(self, x):
                return self.act(self.a(x))
        class Last(nn.Module):
            def __init__(self):
                super().__init__()
                self.act = nn.ReLU()
            def forward(self, x):

        """ + forward, methods: """
                self.first = Level(30)
                self.last = Last()
        """)));

    [Fact]
    public void AnIndexOfTwoEllipsesIsNoDefect() => Assert.Null(Audit(Net("        return self.act(x.view(2, 3)[..., ..., 0])\n")).Error);

    /// <summary>A file of too many steps that is first needed within two branches: they go on with what they had set.</summary>
    [Fact]
    public void Branches_go_on_behind_a_file_of_too_many_steps()
    {
        using var folder = new Repairs.TemporaryFolder();
        File.WriteAllText(folder.File("sizes.py"), """
            import os
            NAMES = []
            def add(name, depth):
                if os.environ.get(name):
                    NAMES.append(name)
                if depth:
                    add(name + "a", depth - 1)
                    add(name + "b", depth - 1)
                    add(name + "c", depth - 1)
            add("x", 7)
            WIDTH = 8
            """);
        var path = folder.File("model.py");
        File.WriteAllText(path, """
            from torch import nn
            class Net(nn.Module):
                def __init__(self, same=False, wide=False):
                    super().__init__()
                    self.act = nn.ReLU()
                    self.second = nn.ReLU()
                    self.third = nn.ReLU()
                    if same:
                        self.second = self.act
                        self.third = self.act
                        if wide:
                            from sizes import WIDTH
                            self.width = WIDTH + 1
                            self.third = nn.Linear(self.width, 1)
                def forward(self, x):
                    return self.third(self.second(self.act(x)))
            """);
        var result = Auditor.Default.Audit(new(path, path), AuditSettings.Default with { Limits = ReadLimits.Default.WithSeconds(0) })!;
        Assert.Null(result.Error);
        Assert.Contains(result.Findings, f => f is { Guideline: "PyTorch.ModuleReuse", Module: "act" } && f.Conditions.SequenceEqual(["same"]));
    }
}
