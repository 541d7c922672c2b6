using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Methods and constructors that decorators made: which of several functions a decorator gives may be unknown, what they are bound to and given is not.</summary>
public sealed class DecoratedTests
{
    /// <summary>Findings as <c>guideline module operator|type confidence</c>, and guidelines that could not be decided.</summary>
    private static IEnumerable<string> Audit(string text)
    {
        using var folder = new Repairs.TemporaryFolder();
        var path = folder.File("model.py");
        File.WriteAllText(path, "import functools\nimport inspect\nimport os\nimport torch\nfrom torch import nn\nimport torch.nn.functional as F\n" + text);
        var report = Auditor.Default.Audit(new(path, path), Written.Settings)!;
        return [.. report.Findings.Where(f => f.Outcome is Outcome.Fail && f.Severity > Severity.Information && f.Guideline.StartsWith("PyTorch", StringComparison.Ordinal)).Select(f => $"{f.Guideline[8..]} {f.Module} {f.Operator ?? f.ModuleType} {f.Confidence}"),
            .. report.Guidelines.Where(g => g.Outcome is Outcome.Undecidable && g.Guideline.StartsWith("PyTorch", StringComparison.Ordinal)).Select(g => $"{g.Guideline[8..]} Undecidable")];
    }

    private const string Hook = """
        HOOKS = os.environ.get("HOOKS")

        def hooked(method):
            if not HOOKS:
                return method
            def wrapper(self, *args, **kwargs):
                return method(self, *args, **kwargs)
            return wrapper

        """;

    /// <summary>A decorator that gives the method or its wrapper, which of them is not known: each is called with the object.</summary>
    [Theory]
    [InlineData("@hooked\n    def encode(self, x):", "self.encode(x)")]
    [InlineData("@property\n    def encoded(self):\n        return self.act\n\n    @hooked\n    def encode(self, x):", "self.encode(x)")]
    [InlineData("@hooked\n    def encode(self, x):", "super().encode(x)")]
    public void EachOfTwoFunctionsIsBound(string method, string call) => Assert.Equal(["FunctionalCall  tanh Certain", "ModuleReuse act torch.nn.ReLU Certain"], Audit(Hook + $$"""
        class Base(nn.Module):
            def __init__(self):
                super().__init__()
                self.act = nn.ReLU()

            {{method}}
                return self.act(self.act(F.tanh(x)))

        class Net(Base):
            def forward(self, x):
                return {{call}}
        """));

    /// <summary>A constructor of which a decorator gives one of two functions is run; on each way it makes a module of its own, and each of them is called twice.</summary>
    [Fact]
    public void EachOfTwoConstructorsRuns() => Assert.Equal(["ModuleReuse act torch.nn.ReLU Certain"], Audit(Hook + """
        class Net(nn.Module):
            @hooked
            def __init__(self):
                super().__init__()
                self.act = nn.ReLU()

            def forward(self, x):
                return self.act(self.act(x))
        """));

    private const string Registers = """
        def registers(init):
            @functools.wraps(init)
            def inner(self, *args, **kwargs):
                given = {k: v for k, v in kwargs.items() if not k.startswith("_")}
                config = {}
                names = {n: p.default for i, (n, p) in enumerate(inspect.signature(init).parameters.items()) if i > 0}
                for arg, name in zip(args, names.keys()):
                    config[name] = arg
                config.update({k: given.get(k, default) for k, default in names.items() if k not in config})
                self.config = config
                init(self, *args, **given)
            return inner

        class Net(nn.Module):
            @registers
            def __init__(self, width=4, kind="plain", gate=False):
                super().__init__()
                self.act = nn.ReLU()
                if kind == "gated":
                    self.other = nn.Sigmoid()

            def forward(self, x):

        """;

    /// <summary>A wrapper that keeps what the constructor is given, as configurable models have it: whoever builds the model may give other switches, numbers are what they are by default,
    /// and what was kept is what the constructor got.</summary>
    [Theory]
    [InlineData("return self.act(self.act(x) if self.config['gate'] else x)", "ModuleReuse act torch.nn.ReLU Likely")]
    [InlineData("return self.act(self.act(x) if self.config['width'] == 8 else x)", "")]
    [InlineData("return self.act(self.other(self.other(x)) if self.config['kind'] == 'gated' else x)", "ModuleReuse other torch.nn.Sigmoid Likely")]
    public void AWrapperHandsOnWhatAConstructorIsGiven(string forward, string expected) => Assert.Equal(expected, string.Join('|', Audit(Registers + "        " + forward + "\n")));

    /// <summary>functools.partialmethod: the object stands before what is given.</summary>
    [Fact]
    public void APartialMethodIsBound() => Assert.Equal(["ModuleReuse act torch.nn.ReLU Certain"], Audit("""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.act = nn.ReLU()

            def run(self, times, x):
                for _ in range(times):
                    x = self.act(x)
                return x

            twice = functools.partialmethod(run, 2)

            def forward(self, x):
                return self.twice(x)
        """));

    private const string Patched = """
        import types
        import torchvision

        def forward(self, x):
            return self.fc(torch.tanh(self.fc(x)))

        def build(deep=False):
            model = MODEL
            SET
            return model
        """;

    /// <summary>A function that a file sets as forward of a library's module: that module is the file's model, though it defines no class.</summary>
    [Theory]
    [InlineData("torchvision.models.regnet_y_400mf()", "model.forward = types.MethodType(forward, model)", "FunctionalCall  tanh Likely|ModuleReuse Undecidable|TensorInterface Undecidable")]
    [InlineData("torchvision.models.resnet18()", "model.forward = types.MethodType(forward, model)", "FunctionalCall  tanh Certain|ModuleReuse fc torch.nn.Linear Certain")]
    [InlineData("nn.Sequential()", "model.fc = nn.ReLU()\n    model.forward = types.MethodType(forward, model)", "FunctionalCall  tanh Certain|ModuleReuse fc torch.nn.ReLU Certain")]
    [InlineData("nn.Sequential()", "model.fc = nn.ReLU()\n    model.forward = forward.__get__(model)", "FunctionalCall  tanh Certain|ModuleReuse fc torch.nn.ReLU Certain")]
    public void AForwardThatIsSetIsAModels(string model, string set, string expected) =>
        Assert.Equal(expected, string.Join('|', Audit(Patched.Replace("MODEL", model, StringComparison.Ordinal).Replace("SET", set, StringComparison.Ordinal))));

    /// <summary>A class that derives from a network of a library whose files are not read is a model, with a forward that is not seen.</summary>
    [Theory]
    [InlineData("timm.models.vision_transformer.VisionTransformer")]
    [InlineData("torchvision.models.inception.Inception3")]
    public void AnHeirOfAWholeNetworkIsAModel(string network) => Assert.Equal(["FunctionalCall Undecidable", "ModuleReuse Undecidable", "TensorInterface Undecidable"], Audit($$"""
        import timm.models.vision_transformer
        import torchvision.models.inception

        class Net({{network}}):
            def forward_features(self, x):
                return self.blocks(x)
        """));
}
