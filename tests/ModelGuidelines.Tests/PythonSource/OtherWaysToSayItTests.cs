using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>The same model, said in another way that Python knows: what it runs is the same.</summary>
public sealed class OtherWaysToSayItTests
{
    private static IEnumerable<string> Audit(string text)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Join(folder.FullName, "model.py");
            File.WriteAllText(path, "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n" + text);
            var report = Auditor.Default.Audit(new(path, path), Written.Settings)!;
            return [.. report.Findings.Where(f => f.Outcome is Outcome.Fail && f.Severity > Severity.Information).Select(f => $"{Short(f.Guideline)} {f.Module} {f.Operator ?? f.ModuleType} {f.Confidence}"),
                .. report.Guidelines.Where(g => g.Outcome is Outcome.Undecidable).Select(g => $"{Short(g.Guideline)} Undecidable")];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Short(string guideline) => guideline[(guideline.IndexOf('.', StringComparison.Ordinal) + 1)..];

    /// <summary>A name that begins with two underscores is the class' own: its base has another attribute.</summary>
    [Theory]
    [InlineData("__fc")]
    [InlineData("__fc__", "ModuleReuse __fc__ torch.nn.Linear Certain")]
    [InlineData("fc", "ModuleReuse fc torch.nn.Linear Certain")]
    public void APrivateNameIsOfItsClassAlone(string name, params string[] expected) => Assert.Equal(expected, Audit($"""
        class Base(nn.Module):
            def __init__(self):
                super().__init__()
                self.{name} = nn.Linear(4, 4)

            def embed(self, x):
                return self.{name}(x)

        class _Net(Base):
            def __init__(self):
                super().__init__()
                self.{name} = nn.Linear(4, 4)

            def forward(self, x):
                return self.{name}(self.embed(x))
        """).Where(f => f.StartsWith("ModuleReuse", StringComparison.Ordinal)));

    [Fact]
    public void APrivateModuleIsNamedAsPythonNamesIt() => Assert.Equal(["ModuleReuse _Net__fc torch.nn.Linear Certain"], Audit("""
        class _Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.__fc = nn.Linear(4, 4)

            def __twice(self, x):
                return self._Net__fc(f"{self.__fc}" and x)

            def forward(self, x):
                return self.__fc(self.__twice(x))
        """));

    /// <summary>What older code wraps tensors in is a tensor.</summary>
    [Theory]
    [InlineData("Variable(x)")]
    [InlineData("torch.autograd.Variable(x.data.new(1).bernoulli_(0.5), requires_grad=False)")]
    [InlineData("Variable(torch.zeros(4)) if isinstance(x, Variable) else None")]
    public void AVariableIsATensor(string mask) => Assert.Equal(["FunctionalCall  relu Certain"], Audit($"""
        from torch.autograd import Variable

        class Net(nn.Module):
            def forward(self, x):
                mask = {mask}
                return mask.relu() + mask.expand_as(x)
        """));

    /// <summary>What a distribution gives are tensors.</summary>
    [Theory]
    [InlineData("D.Normal(x, 1.0).log_prob(x)")]
    [InlineData("D.normal.Normal(x, 1.0).rsample()")]
    [InlineData("D.Categorical(logits=x).entropy()")]
    [InlineData("D.Independent(D.Normal(x, x), 1).base_dist.mean")]
    [InlineData("D.kl_divergence(D.Normal(x, x), D.Normal(x, x))")]
    [InlineData("D.TransformedDistribution(D.Normal(x, x), D.TanhTransform()).sample((2,))")]
    [InlineData("D.transforms.TanhTransform(cache_size=1)(x)")]
    [InlineData("Fixed(probs=x).log_probs(x)")]
    public void ADistributionGivesTensors(string tensor) => Assert.Equal(["FunctionalCall  relu Certain"], Audit($"""
        from torch import distributions as D

        class Fixed(D.Bernoulli):
            def log_probs(self, actions):
                return super().log_prob(actions).view(actions.size(0), -1)

        class Net(nn.Module):
            def forward(self, x):
                return {tensor}.relu()
        """));

    /// <summary>A module whose weights are left as they come is a module of that class.</summary>
    [Fact]
    public void AModuleMadeWithoutInitIsAModule() => Assert.Equal(["FunctionalCall  relu Certain", "ModuleReuse fc torch.nn.Linear Certain"], Audit("""
        class Net(nn.Module):
            def __init__(self, act="relu"):
                super().__init__()
                self.fc = nn.utils.skip_init(nn.Linear, in_features=4, out_features=4, bias=False)
                self.act = {"relu": F.relu}[act]
                self.run = lambda f, x: f(x)

            def forward(self, x):
                return self.act(self.run(self.fc, self.fc(x)))
        """));

    /// <summary>What is forked runs.</summary>
    [Fact]
    public void WhatIsForkedRuns() => Assert.Equal(["FunctionalCall  relu Certain", "ModuleReuse fc torch.nn.Linear Certain"], Audit("""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x):
                later = torch.jit.fork(self.fc, x)
                y = self.fc(x)
                return F.relu(y) + torch.jit.wait(later)
        """));

    /// <summary>What a model gives back and cannot be told may be no tensor.</summary>
    [Theory]
    [InlineData("self.setup.extra", "TensorInterface Undecidable")]
    [InlineData("self.fc(x)")]
    public void WhatIsGivenBackIsToldOrIsAGap(string second, params string[] expected) => Assert.Equal(expected, Audit($"""
        class Net(nn.Module):
            def __init__(self, setup):
                super().__init__()
                self.setup, self.fc, self.out = setup, nn.Linear(4, 4), nn.Linear(4, 4)

            def forward(self, x):
                return self.out(x), {second}
        """));

    /// <summary>A distribution is no tensor.</summary>
    [Fact]
    public void ADistributionIsNoTensor() => Assert.Equal(["TensorInterface  model.Net Certain"], Audit("""
        class Net(nn.Module):
            def forward(self, x):
                return torch.distributions.Normal(x, x)
        """));

    /// <summary>A module's forward that is called by its name is a use of the module; one's own, or that of a base, is none.</summary>
    [Theory]
    [InlineData("self.act.forward(self.fc(self.act.forward(x)))", "ModuleReuse act torch.nn.ReLU Likely")]
    [InlineData("self.act.forward(self.fc(self.act(x)))", "ModuleReuse act torch.nn.ReLU Likely")]
    [InlineData("self.wide.forward(self.fc.forward(self.act(x)))")]
    public void AForwardIsCalledByItsName(string result, params string[] expected) => Assert.Equal(expected, Audit($$"""
        class Narrow(nn.Linear):
            def forward(self, x):
                return super().forward(super().forward(x))

            def __call__(self, x):
                return self.forward(self.forward(x))

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc, self.wide, self.act = nn.Linear(4, 4), Narrow(4, 4), nn.ReLU()

            def forward(self, x):
                return {{result}}
        """));

    /// <summary>A name of the file, taken from the dictionary of its names; and a dictionary that is updated with itself.</summary>
    [Theory]
    [InlineData("globals()['Act']")]
    [InlineData("globals().get('Act')")]
    [InlineData("(names.update(names), names['Act'])[1]")]
    public void ADictionaryOfNamesHoldsThem(string type) => Assert.Equal(["FunctionalCall act tanh Certain", "FunctionalCall act relu Certain"], Audit($$"""
        class Act(nn.Module):
            def forward(self, x):
                return F.relu(F.tanh(x))

        names = {"Act": Act}

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.act = {{type}}()

            def forward(self, x):
                return self.act(x)
        """));

    /// <summary>inspect tells what something is, and which parameters it has: a branch behind such a question is one that runs.</summary>
    [Theory]
    [InlineData("isfunction(act)", "lambda: nn.ReLU()")]
    [InlineData("isclass(act)", "nn.ReLU")]
    [InlineData("'slope' in signature(act).parameters and signature(act).parameters['slope'].default is _empty", "lambda slope: nn.ReLU()")]
    [InlineData("'slope' in getfullargspec(act).args", "lambda slope: nn.ReLU()")]
    [InlineData("'slope' not in getfullargspec(nn.Tanh()).args", "nn.ReLU")]
    public void InspectTellsWhatSomethingIs(string asks, string act) => Assert.Empty(Audit($$"""
        from inspect import _empty, getfullargspec, isclass, isfunction, signature

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                act = {{act}}
                self.act = (act(0) if "slope" in "{{act}}" else act()) if {{asks}} else F.relu

            def forward(self, x):
                return self.act(x)
        """));

    /// <summary>A function behind a descriptor that is called, not written above it, is that function.</summary>
    [Theory]
    [InlineData("act = staticmethod(F.relu)", "self.act(x)")]
    [InlineData("act = staticmethod(lambda t: F.relu(t))", "self.act(x)")]
    [InlineData("act = property(lambda self: F.relu)", "self.act(x)")]
    [InlineData("act = classmethod(lambda cls, t: F.relu(t))", "Net.act(x)")]
    public void ADescriptorThatIsCalledHoldsItsFunction(string member, string call) => Assert.Equal(["FunctionalCall  relu Certain"], Audit($$"""
        class Net(nn.Module):
            {{member}}

            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 8)

            def forward(self, x):
                x = self.fc(x)
                return {{call}}
        """));

    /// <summary>The forward of a function with a backward of its own runs as any other code, whichever name of torch's class it derives from; what it keeps for the backward pass is its own.</summary>
    [Theory]
    [InlineData("torch.autograd.Function")]
    [InlineData("torch.autograd.function.Function")]
    public void AnAutogradFunctionIsFollowed(string @base) => Assert.Equal(["FunctionalCall  sigmoid Certain", "FunctionalCall  softmax Certain"], Audit($$"""
        class Weights({{@base}}):
            @staticmethod
            def forward(ctx, x, mask, dim):
                ctx.dim = dim
                y = torch.softmax(x.masked_fill(mask, -1e4), ctx.dim)
                ctx.save_for_backward(y, mask)
                ctx.mark_non_differentiable(mask)
                return torch.sigmoid(y)

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 8)

            def forward(self, x, mask):
                return Weights.apply(self.fc(x), mask.bool(), -1)
        """).Order(StringComparer.Ordinal));

    /// <summary>A library's method that is called by its class gets the object first.</summary>
    [Theory]
    [InlineData("nn.Module", "nn.Module.__init__(self)", "self.act(x)", "FunctionalCall  gelu Certain", "ModuleReuse act torch.nn.ReLU Certain")]
    [InlineData("nn.Linear", "nn.Linear.__init__(self, 8, 8)", "nn.Linear.forward(self, x)", "FunctionalCall  gelu Certain")]
    public void AMethodOfALibraryIsCalledByItsClass(string @base, string init, string call, params string[] expected) => Assert.Equal(expected, Audit($$"""
        class Net({{@base}}):
            def __init__(self):
                {{init}}
                self.act = nn.ReLU()

            def forward(self, x):
                x = {{call}}
                return F.gelu(self.act(x))
        """).Order(StringComparer.Ordinal));

    /// <summary>What a generator yields is what its context manager gives.</summary>
    [Fact]
    public void AContextManagerGivesWhatItYields() => Assert.Equal(["FunctionalCall  softmax Certain"], Audit("""
        from contextlib import contextmanager

        @contextmanager
        def packed(x):
            yield x.contiguous()

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 8)

            def forward(self, x):
                with packed(self.fc(x)) as y:
                    x = y.softmax(-1)
                return x
        """));

    /// <summary>Which case matches, and what it binds, is told from what is known of the subject.</summary>
    [Theory]
    [InlineData("(1, \"gelu\")", "(2, str() as name) | (1, int(name))", "(1, str(name))")]
    [InlineData("[1, 2, \"gelu\"]", "[1, name]", "[1, *_, name] if name == \"gelu\"")]
    [InlineData("[1, \"gelu\"]", "[2, name]", "[1, name] | [name, \"relu\"]")]
    [InlineData("{\"kind\": 1, \"act\": \"gelu\"}", "{\"kind\": 2, \"act\": name}", "{\"act\": name}")]
    [InlineData("Settings()", "Settings(3, name) | Settings(depth=1, act=name)", "Settings(depth=2, act=name)")]
    public void ACaseMatchesWhatIsKnown(string subject, string other, string same) => Assert.Equal(["FunctionalCall  gelu Certain"], Audit($$"""
        from dataclasses import dataclass

        @dataclass
        class Settings:
            depth: int = 2
            act: str = "gelu"

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 8)

            def forward(self, x):
                x = self.fc(x)
                match {{subject}}:
                    case {{other}}:
                        return F.relu(x)
                    case {{same}}:
                        return getattr(F, name)(x)
                return F.elu(x)
        """));

    /// <summary>What a function that is handed to a library does is done.</summary>
    [Theory]
    [InlineData("self.apply(fix)", "ModuleReuse fc torch.nn.Linear Certain")]
    [InlineData("self.apply(start)")]
    [InlineData("self.act = sorted([self.fc, self.act], key=lambda m: isinstance(m, nn.ReLU))[0]", "ModuleReuse fc torch.nn.Linear Certain")]
    [InlineData("self.act = sorted([self.fc, self.act], key=lambda m: 1, reverse=True)[0]", "ModuleReuse fc torch.nn.Linear Certain")]
    [InlineData("self.act = copy.copy(nn.ModuleList([self.fc]))[0]", "ModuleReuse fc torch.nn.Linear Certain")]
    [InlineData("self.act = copy.deepcopy(nn.ModuleList([self.fc]))[0]")]
    public void WhatIsHandedOverIsCalled(string init, params string[] expected) => Assert.Equal(expected, Audit($$"""
        import copy

        def fix(m):
            if isinstance(m, Net):
                m.act = m.fc

        def start(m):
            if isinstance(m, nn.Linear):
                nn.init.zeros_(m.bias)

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 8)
                self.act = nn.ReLU()
                {{init}}

            def forward(self, x):
                return self.act(self.fc(x))
        """));

    /// <summary>A key is called for each item.</summary>
    [Theory]
    [InlineData("max([x], key=rank)")]
    [InlineData("sorted([x], key=rank)[0]")]
    public void AKeyIsCalled(string first) => Assert.Equal(["FunctionalCall  relu Certain"], Audit($$"""
        def rank(t):
            return F.relu(t).sum().item()

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(8, 8)

            def forward(self, x):
                x = self.fc(x)
                return {{first}}
        """));

    /// <summary>A number that is a key decides what is found.</summary>
    [Fact]
    public void ModelsWithOtherKeysAreOtherModels() => Assert.Equal(["FunctionalCall  relu Certain"], Audit("""
        class Net(nn.Module):
            def __init__(self, level=1):
                super().__init__()
                self.fc = nn.Linear(8, 8)
                self.levels = {level: "last"}

            def forward(self, x):
                x = self.fc(x)
                if self.levels.get(5):
                    x = F.relu(x)
                return x

        def small():
            return Net(1)

        def large():
            return Net(5)
        """));

    /// <summary>A function with a backward of its own is called by its instance in old code.</summary>
    [Fact]
    public void AFunctionIsAnInstance() => Assert.Equal(["FunctionalCall  relu Certain", "FunctionalCall  avg_pool2d Certain"], Written.Said("""
        from torch.autograd import Function

        class Align(Function):
            def __init__(self, size):
                self.size = size

            def forward(self, features, boxes):
                output = features.new(boxes.size(0), self.size).zero_()
                return F.relu(output)

        class Head(nn.Module):
            def forward(self, features, boxes):
                return F.avg_pool2d(Align(7)(features, boxes), 2)
        """));

    /// <summary>What is taken of a network that torchvision makes is known where its outline is: layers of their own, and stages whose blocks call one activation again and again.</summary>
    [Theory]
    [InlineData("self.part = models.vgg19(pretrained=True).features[:9]", "self.part(x)", "")]
    [InlineData("self.part = nn.Sequential(*list(models.vgg16_bn(True).features.children())[:23])", "self.part(x)", "")]
    [InlineData("self.part = nn.Sequential(); layers = models.vgg.vgg11().features; [self.part.add_module(str(i), layers[i]) for i in range(4)]", "self.part(x)", "")]
    [InlineData("self.part = nn.Sequential(*list(models.alexnet().classifier.children())[:-1])", "self.part(x)", "")]
    [InlineData("self.part = models.vgg16().features", "self.part[3](self.part[3](x))", "ModuleReuse part.3 torch.nn.ReLU Certain")]
    [InlineData("net = models.resnet18(weights=None); self.part = nn.Sequential(net.conv1, net.bn1, net.relu, net.maxpool)", "self.part(x)", "")]
    [InlineData("net = models.resnet50(); self.part = nn.Sequential(net.conv1, net.layer1)", "self.part(x)", "ModuleReuse part.1.0.relu torch.nn.ReLU Certain")]
    public void PartsOfTorchvisionsNetworks(string made, string result, string said) => Assert.Equal(said.Length == 0 ? [] : [said], Written.Said($$"""
        from torchvision import models

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                {{made}}

            def forward(self, x):
                return {{result}}
        """).Where(s => !s.StartsWith("FunctionalCall", StringComparison.Ordinal) || !s.Contains(" add ", StringComparison.Ordinal)));
}
