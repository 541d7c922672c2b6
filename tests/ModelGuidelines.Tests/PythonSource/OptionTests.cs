namespace ModelGuidelines.Tests.PythonSource;

/// <summary>What callers may do otherwise than the defaults say: whoever builds a class, whoever calls its forward.</summary>
public sealed class OptionTests
{
    /// <summary>An heir that takes what its base does in <c>**kwargs</c> is built as the base is: with a list where the default is none.</summary>
    [Fact]
    public void TheHeirsKeywordsReachItsBase() => Assert.Equal(["FunctionalCall  add Certain"], Written.Said("""
        class Net(nn.Module):
            def __init__(self, width=4, widths=[]):
                super().__init__()
                self.blocks = nn.ModuleList([nn.Conv2d(w, w, 1) for w in widths])

            def forward(self, x):
                for block in self.blocks:
                    x = x + block(x)
                return x

        class Local(Net):
            def __init__(self, *args, size=4, **kwargs):
                super().__init__(*args, **kwargs)
                self.size = size
        """));

    /// <summary>An attribute that is one of two modules is one module to who reads the code: what is done with either is done in every run. Where only one is called again it is not.</summary>
    [Theory]
    [InlineData("nn.ReLU()", "nn.GELU()", "self.part(self.part(x))", "ModuleReuse part torch.nn.ReLU Certain")]
    [InlineData("Wide()", "Deep()", "self.part(x)", "FunctionalCall part softplus Certain")]
    [InlineData("nn.ReLU()", "nn.GELU()", "self.part(self.part(x)) if torch.cuda.is_available() else self.part(x)", "ModuleReuse part torch.nn.ReLU Likely")]
    [InlineData("nn.ReLU()", "nn.GELU()", "self.part(self.part(x)) if self.test() else self.part(self.part(x))", "ModuleReuse part torch.nn.ReLU Certain")]
    public void EitherOfTwoModulesIsCalled(string one, string other, string result, params string[] expected) => Assert.Equal(expected, Written.Said($$"""
        class Base(nn.Module):
            def forward(self, x):
                return F.softplus(F.softplus(x))

        class Wide(Base):
            pass

        class Deep(Base):
            pass

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.part = {{one}} if torch.cuda.is_available() else {{other}}

            def test(self):
                return torch.cuda.is_available()

            def forward(self, x):
                return {{result}}
        """).Where(f => f.Contains(" part ", StringComparison.Ordinal)));

    /// <summary>What a constructor is given may be what code asks of it wherever it goes: an attribute of another name, a method, a base, a class that is handed around, a plain truth.</summary>
    [Theory]
    [InlineData("self.p = rate", "F.alpha_dropout(x, self.p) if self.p > 0 else x", "alpha_dropout")]
    [InlineData("self.p = rate", "F.alpha_dropout(x, self.p) if self.p else x", "alpha_dropout")]
    [InlineData("self.p = rate if torch.cuda.is_available() else 0.0", "F.alpha_dropout(x, self.p) if self.p else x", "alpha_dropout")]
    [InlineData("self.set(rate)", "F.alpha_dropout(x, self.p) if self.p > 0 else x", "alpha_dropout")]
    [InlineData("self.body = Block(p=rate)", "self.body(x)", "dropout")]
    [InlineData("self.body = Heir(rate)", "self.body(x)", "dropout")]
    [InlineData("self.body = Wide(1, p=rate)", "self.body(x)", "dropout")]
    [InlineData("self.body = self.make(Block, rate)", "self.body(x)", "dropout")]
    [InlineData("self.body = make(rate)", "self.body(x)", "dropout")]
    public void AskedWhereverItGoes(string made, string result, string function) => Assert.Contains($"FunctionalCall {function} Likely", Written.Said($$"""
        class Block(nn.Module):
            def __init__(self, p):
                super().__init__()
                self.p = p

            def forward(self, x):
                return F.dropout(x, self.p) if self.p > 0 else x

        class Heir(Block):
            def __init__(self, rate):
                super().__init__(rate)

        class Wide(Block):
            def __init__(self, width, **kwargs):
                super(Wide, self).__init__(**kwargs)

        def make(chance):
            return Block(chance)

        class Net(nn.Module):
            def __init__(self, rate=0.0):
                super().__init__()
                {{made}}

            def make(self, block, q):
                layers = []
                layers.append(block(q))
                return nn.Sequential(*layers)

            def set(self, q):
                self.p = q

            def forward(self, x):
                return {{result}}
        """).Select(f => string.Join(' ', f.Split(' ').Where(p => p is not ("body" or "body.0" or "")))));

    /// <summary>A function that needs an argument makes its model as one that needs none does: what it does not hand on is its default; what else callers may give is found, and asked by nobody.</summary>
    [Theory]
    [InlineData("classes", "classes", "")]
    [InlineData("classes", "classes, **kwargs", ", **kwargs")]
    [InlineData("classes", "classes=3, **kwargs", ", **kwargs")]
    public void DefaultsOfWhatAFunctionMakes(string name, string parameters, string others) => Assert.Equal(["FunctionalCall  relu Likely"], Written.Said($$"""
        class Block(nn.Module):
            def __init__(self, width, norm=None):
                super().__init__()
                norm = nn.BatchNorm2d if norm is None else norm
                self.norm = norm(width)

            def forward(self, x):
                return self.norm(x)

        class Net(nn.Module):
            def __init__(self, classes, block, norm=None, act=False):
                super().__init__()
                self.block, self.fc, self.act = block(8, norm=norm), nn.Linear(8, classes), act

            def forward(self, x):
                x = self.fc(self.block(x))
                return F.relu(x) if self.act else x

        def net({{parameters}}):
            return Net({{name}}, Block{{others}})
        """));

    /// <summary>However many functions make models of one class, each is asked for what it makes.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    [InlineData(20)]
    public void TheLastOfManyFunctionsMakesAModelToo(int functions) => Assert.Equal(["FunctionalCall  relu Certain"], Written.Said($$"""
        class Net(nn.Module):
            def __init__(self, act, classes):
                super().__init__()
                self.act, self.fc = act, nn.Linear(4, classes)

            def forward(self, x):
                return self.act(self.fc(x))

        {{string.Concat(Enumerable.Range(0, functions).Select(i => $"def net_{i}(classes):\n    return Net({(i == functions - 1 ? "F.relu" : $"nn.Linear({i + 1}, 4)")}, classes)\n"))}}
        """));

    /// <summary>One function says all of its model and another does not: what that one makes is found, too.</summary>
    [Fact]
    public void AFunctionThatMakesEitherIsAskedBesideOneThatMakesOne() => Assert.Equal(["FunctionalCall act relu Likely"], Written.Said("""
        class Act(nn.Module):
            def __init__(self, isOn):
                super().__init__()
                self.isOn, self.fc = isOn, nn.Linear(4, 4)

            def forward(self, x):
                return F.relu(self.fc(x)) if self.isOn else self.fc(x)

        class Net(nn.Module):
            def __init__(self, act, classes):
                super().__init__()
                self.act, self.fc = act, nn.Linear(4, classes)

            def forward(self, x):
                return self.fc(self.act(x))

        def small(classes):
            return Net(Act(False), classes)

        def large(config):
            act = Act(True) if config.act else Act(False)
            return Net(act, config.classes)
        """));

    /// <summary>However many names a function knows, it is asked for each.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(30)]
    public void TheLastOfManyNamesMakesAModelToo(int names) => Assert.Equal(["FunctionalCall  relu Certain"], Written.Said($$"""
        class Net(nn.Module):
            def __init__(self, act, classes):
                super().__init__()
                self.act, self.fc = act, nn.Linear(4, classes)

            def forward(self, x):
                return self.act(self.fc(x))

        def net(name, classes):
        {{string.Concat(Enumerable.Range(0, names).Select(i => $"    if name == 'n{i}':\n        return Net({(i == names - 1 ? "F.relu" : $"nn.Linear({i + 1}, 4)")}, classes)\n"))}}
            raise ValueError(name)
        """));

    /// <summary>However many arguments callers may give, each is given at times.</summary>
    [Theory]
    [InlineData(3)]
    [InlineData(9)]
    [InlineData(16)]
    public void TheLastOfManyArgumentsIsGivenAtTimes(int arguments) => Assert.Equal(["FunctionalCall  relu Likely"], Written.Said($$"""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x, {{string.Join(", ", Enumerable.Range(0, arguments).Select(i => $"a{i}=None"))}}):
                x = self.fc(x)
                return x if a{{arguments - 1}} is None else F.relu(x)
        """));

    /// <summary>A norm stands before or behind, by flags that are put together by bits: it is called once.</summary>
    [Theory]
    [InlineData("after ^ self.before")]
    [InlineData("(before & self.before) | (after & (not self.before))")]
    [InlineData("not (before ^ self.before)")]
    public void FlagsByBits(string test) => Assert.Empty(Written.Said($$"""
        class Layer(nn.Module):
            def __init__(self, before=False):
                super().__init__()
                self.norm, self.fc, self.before = nn.LayerNorm(4), nn.Linear(4, 4), before

            def maybe(self, x, before=False, after=False):
                assert before ^ after
                return self.norm(x) if {{test}} else x

            def forward(self, x):
                x = self.maybe(x, before=True)
                return self.maybe(self.fc(x), after=True)
        """));

    /// <summary>A text by which a base chooses its method is any of those that it asks for.</summary>
    [Fact]
    public void AMethodByAText() => Assert.Equal(["FunctionalCall  relu Likely", "FunctionalCall  sigmoid Likely"], Written.Said("""
        class Base(nn.Module):
            def __init__(self, mode='relu'):
                super().__init__()
                if mode == 'relu':
                    self.run = self.first
                elif mode == 'sigmoid':
                    self.run = self.second
                else:
                    raise ValueError(mode)

            def first(self, x):
                return F.relu(x)

            def second(self, x):
                return F.sigmoid(x)

            def forward(self, x):
                return self.run(x)

        class Gate(Base):
            def __init__(self, mode='relu'):
                super(Gate, self).__init__(mode=mode)
        """).Order(StringComparer.Ordinal));

    /// <summary>A function that hands on None to be called raises as it stands: the class is audited with what it may be handed, and its switches.</summary>
    [Fact]
    public void AFunctionThatCallsNoneBuildsNothing() => Assert.Equal(["FunctionalCall  relu Likely", "ModuleReuse Undecidable", "TensorInterface Undecidable"], Written.Said("""
        class Net(nn.Module):
            def __init__(self, body=None, down=False):
                super().__init__()
                self.body = body()
                self.down = down

            def forward(self, x):
                return self.body(F.relu(x) if self.down else x)

        def create(body=None, down=False):
            return Net(body, down)
        """));

    /// <summary>What a program sets is not set for who imports the file.</summary>
    [Fact]
    public void WhatAProgramSetsIsItsOwn() => Assert.Equal(["FunctionalCall  relu Certain"], Written.Said("""
        class Net(nn.Module):
            plain = False

            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x):
                return self.fc(x) if self.plain else F.relu(self.fc(x))

        if __name__ == "__main__":
            Net.plain = True
            net = Net()
        """));

    /// <summary>What the file builds where it is run as a program is one of its models: with a list of switches that no default says, and parts that are handed in.</summary>
    [Fact]
    public void AProgramBuildsModels() => Assert.Equal(["FunctionalCall  relu Certain", "TensorInterface part list[Tensor] Certain"], Written.Said("""
        class Part(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, xs):
                return self.fc(xs[0])

        class Net(nn.Module):
            def __init__(self, part=None, ways=[False]):
                super().__init__()
                self.part = Part() if part is None else part
                self.way = ways[0]

            def forward(self, x):
                if self.way:
                    return self.part([F.relu(x)])
                return x

        if __name__ == "__main__":
            net = Net(Part(), [True])
            train(net, unknown)
        """));

    private const string Parts = """
        class Basic(nn.Module):
            def __init__(self, width, down=None):
                super().__init__()
                self.fc = nn.Linear(width, width)
                self.down = down

            def forward(self, x):
                return F.relu(self.fc(x)) if self.down is None else self.down(x)

        class Wide(nn.Module):
            def __init__(self, width, down=None):
                super().__init__()
                self.fc = nn.Linear(width, width)

            def forward(self, x):
                return F.gelu(self.fc(x))

        class Net(nn.Module):
            def __init__(self, block, count, gate=False):
                super().__init__()
                self.blocks = nn.Sequential(*[block(4, nn.Linear(4, 4) if i == 0 else None) for i in range(count)])
                self.gate = gate

            def forward(self, x):
                x = self.blocks(x)
                return F.softmax(x, dim=-1) if self.gate else x

        """;

    /// <summary>Of which classes a model is made only the function says that makes it, whatever it is asked for: the class by itself could not tell.</summary>
    [Theory]
    [InlineData("def make(depth, **others):\n    assert depth in [18, 50]\n    if depth == 18:\n        net = Net(Basic, 2, **others)\n    elif depth == 50:\n        net = Net(Wide, 2, **others)\n    return net")]
    [InlineData("def make(depth):\n    return Net(Basic if depth == 18 else Wide, 2)")]
    [InlineData("spec = {18: (Basic, 2), 50: (Wide, 2)}\n\ndef make(config, depth):\n    block, count = spec[depth]\n    return Net(block, count)")]
    public void AFunctionThatIsAskedForADepthMakesModels(string maker) => Assert.Equal(
        ["FunctionalCall  softmax Likely", "FunctionalCall blocks.0 gelu Certain", "FunctionalCall blocks.1 relu Certain"], Written.Said(Parts + maker).Order(StringComparer.Ordinal));

    /// <summary>A function that gives nothing back builds no model for anybody: it trains one, however long.</summary>
    [Fact]
    public void AFunctionThatTrainsBuildsNothing() => Assert.Equal(["FunctionalCall blocks.1 relu Certain"], Written.Said(Parts.Replace("gelu", "tanh", StringComparison.Ordinal) + """
        def make():
            return Net(Basic, 2)

        def train():
            net = make()
            while net.go():
                for step in range(10 ** 9):
                    net.step = [net.step] * (step + 1)
                    net = make() if net.step[step % 7] else net
        """).Where(f => !f.Contains("tanh", StringComparison.Ordinal)));

    /// <summary>What callers may give beside, the model is also followed with: what holds without it stays certain.</summary>
    [Fact]
    public void SettingsThatAFunctionHandsOnAreGivenAtTimes() => Assert.Equal(
        ["FunctionalCall  softmax Likely", "FunctionalCall blocks.1 relu Certain"], Written.Said(Parts + "def net18(weights=None, **others):\n    return Net(Basic, 2, **others)").Where(f => !f.Contains("gelu", StringComparison.Ordinal)).Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("phase='train'", "phase == 'train'")]
    [InlineData("phase='train'", "phase in ('train', 'fit')")]
    [InlineData("phase=2", "phase != 4")]
    [InlineData("phase=2", "phase not in (4, 8)")]
    [InlineData("phase=2", "phase == 2")]
    public void ATestOfTheDefaultMayFail(string parameter, string test) => Assert.Equal(["FunctionalCall  softmax Likely"], Written.Said($$"""
        class Net(nn.Module):
            def __init__(self, {{parameter}}):
                super().__init__()
                self.phase = phase
                self.fc = nn.Linear(4, 4)

            def forward(self, x):
                x = self.fc(x)
                if self.{{test}}:
                    return x
                return F.softmax(x, dim=-1)
        """));

    /// <summary>Numbers that the code asks for are known where they are given.</summary>
    [Fact]
    public void AnAskedNumberIsKnown() => Assert.Equal(["FunctionalCall  add Likely"], Written.Said("""
        class Net(nn.Module):
            def __init__(self, scale=2):
                super().__init__()
                self.scale = scale
                self.ups = nn.ModuleList([nn.Conv2d(4, 4, 1) for _ in range(scale // 2)])

            def forward(self, x):
                for up in self.ups:
                    x = up(x)
                if self.scale == 4 and len(self.ups) == 2:
                    x = x + 1
                return x
        """));

    [Theory]
    [InlineData("train=True", "FunctionalCall  softmax Likely")]
    [InlineData("is_train=True", "FunctionalCall  softmax Likely")]
    [InlineData("reverse=True", "FunctionalCall  softmax Likely")]
    [InlineData("gen=True", "FunctionalCall  softmax Likely")]
    [InlineData("flip=True", "")]
    public void AModelIsTrainedAndUsed(string parameter, string expected) => Assert.Equal(expected, string.Join(' ', Written.Said($$"""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x, {{parameter}}):
                x = self.fc(x)
                return x if {{parameter.Split('=')[0]}} else F.softmax(x, dim=-1)
        """).Where(f => f.StartsWith("FunctionalCall", StringComparison.Ordinal))));

    [Theory]
    [InlineData("torch.Tensor(rgb).view(1, 3, 1, 1)")]
    [InlineData("torch.Tensor(rgb)")]
    [InlineData("torch.Tensor(1, 3, 1, 1)")]
    public void ATensorIsMadeByItsClass(string mean) => Assert.Equal(["FunctionalCall  sub Certain"], Written.Said($$"""
        class Net(nn.Module):
            def __init__(self, rgb=(0.4, 0.4, 0.3)):
                super().__init__()
                self.mean = {{mean}}
                self.conv = nn.Conv2d(3, 3, 1)

            def forward(self, x):
                self.mean = self.mean.type_as(x)
                return self.conv(x - self.mean)
        """));

    [Fact]
    public void TorchvisionsParts() => Assert.Equal(
        ["TensorInterface body Dict[str, Tensor] Certain", "TensorInterface fpn Dict[str, Tensor] Certain", "FunctionalCall Undecidable", "ModuleReuse Undecidable"],
        Written.Said("""
        import torchvision
        from torchvision.models import _utils
        from torchvision.models.segmentation.deeplabv3 import DeepLabHead

        class Fpn(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 3, 1)

            def forward(self, levels):
                return self.conv(list(levels.values())[0])

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = _utils.IntermediateLayerGetter(torchvision.models.resnet50(), {"layer1": "0"})
                self.fpn = Fpn()
                self.head = DeepLabHead(3, 5)

            def forward(self, x):
                return self.head(self.fpn(self.body(x)))
        """));

    /// <summary>None by default, and by its use an object where it is given: at one place the weightier is said, and no surer than it is.</summary>
    [Fact]
    public void APlaceIsAsSureAsWhatIsSaidOfIt() => Assert.Equal(["TensorInterface layer object Likely", "TensorInterface  object Likely"], Written.Said("""
        class Layer(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x, mask):
                if mask is not None:
                    x = x.masked_fill_(mask.bits, 0)
                return self.fc(x)

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = Layer()

            def forward(self, x, mask=None):
                return self.layer(x, mask)
        """).Where(f => f.StartsWith("TensorInterface", StringComparison.Ordinal)));

    /// <summary>A product of a sparse matrix is one.</summary>
    [Fact]
    public void SparseProducts() => Assert.Equal(["FunctionalCall  matmul Certain"], Written.Said("""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x, adjacency):
                return self.fc(torch.spmm(adjacency, x))
        """));

    /// <summary>A number that is off by default is asked whether it is more; a text is handed on to the class that asks.</summary>
    [Theory]
    [InlineData("speakers=0", "if speakers > 0: self.more = nn.Linear(4, 4)", "self.speakers > 0")]
    [InlineData("speakers=-1", "if speakers >= 0: self.more = nn.Linear(4, 4)", "self.speakers >= 0")]
    public void ANumberThatIsOffByDefault(string parameter, string made, string test) => Assert.Equal(["FunctionalCall  relu Likely"], Written.Said($$"""
        class Net(nn.Module):
            def __init__(self, {{parameter}}):
                super().__init__()
                self.speakers = speakers
                self.fc = nn.Linear(4, 4)
                {{made}}

            def forward(self, x):
                x = self.fc(x)
                if {{test}}:
                    x = F.relu(self.more(x))
                return x
        """));

    [Theory]
    [InlineData("Inner(4, kind=kind)")]
    [InlineData("Inner(4, kind)")]
    [InlineData("Inner(4, self.kind)")]
    public void AnOptionIsHandedOn(string made) => Assert.Equal(["FunctionalCall inner relu Likely", "FunctionalCall inner gelu Likely"], Written.Said($$"""
        class Inner(nn.Module):
            def __init__(self, width, kind="gru"):
                super().__init__()
                self.kind = kind
                self.fc = nn.Linear(width, width)

            def forward(self, x):
                x = self.fc(x)
                return F.relu(x) if self.kind == "gru" else F.gelu(x)

        class Net(nn.Module):
            def __init__(self, kind="gru"):
                super().__init__()
                self.kind = kind
                self.inner = {{made}}

            def forward(self, x):
                return self.inner(x)
        """));
}
