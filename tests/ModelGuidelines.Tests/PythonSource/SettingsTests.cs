using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Configurations that nobody hands to a model in its file, lists whose element an index names that cannot be told, and forwards that hand on whatever they get.</summary>
public sealed class SettingsTests
{
    private static IEnumerable<string> Audit(string text)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Join(folder.FullName, "model.py");
            File.WriteAllText(path, "from dataclasses import dataclass\nimport torch\nfrom torch import nn\nimport torch.nn.functional as F\n" + text);
            var report = Auditor.Default.Audit(new(path, path), Written.Settings with { MinimumSeverity = Severity.Information })!;
            return [.. report.Findings.Where(f => f.Outcome is Outcome.Fail && f.Guideline.StartsWith("PyTorch", StringComparison.Ordinal)).Select(f => $"{f.Guideline[8..]} {f.Module} {f.Operator ?? f.ValueType} {f.Confidence}"),
                .. report.Guidelines.Where(g => g.Outcome is Outcome.Undecidable && g.Guideline.StartsWith("PyTorch", StringComparison.Ordinal)).Select(g => $"{g.Guideline[8..]} Undecidable")];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private const string Net = """
        class Block(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.fc = nn.Linear(width, width)

            def forward(self, x, flag):
                return self.fc(x)

        class Net(nn.Module):
            config_class = Config

            def __init__(self, config):
                super().__init__()
                self.config = config
                self.block = Block(config.width)

            def forward(self, x):
                x = self.block(x, self.config.flag)
                return F.gelu(x) if self.config.act == "gelu" else F.relu(x)

        """;

    /// <summary>The class of a configuration says of what kind its settings are, and whether they are there; texts and switches may be others than by default.</summary>
    [Theory]
    [InlineData("""
        class Config:
            def __init__(self, width=4, flag=False, act="gelu", **kwargs):
                self.width, self.flag, self.act = width, flag, act


        """, "")]
    [InlineData("""
        @dataclass
        class Config:
            width: int = 4
            flag: bool = False
            act: str = "gelu"


        """, ": Config")]
    public void AConfigurationsClassSaysOfWhatKindItsSettingsAre(string config, string annotation) => Assert.Equal(
        ["FunctionalCall  gelu Likely", "FunctionalCall  relu Likely", "TensorInterface block bool Certain"],
        Audit(config + Net.Replace("config_class = Config", annotation.Length > 0 ? "pass" : "config_class = Config", StringComparison.Ordinal).Replace("(self, config)", $"(self, config{annotation})", StringComparison.Ordinal)));

    /// <summary>Numbers are compared as they are by default, as those of other parameters are.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(2, "FunctionalCall  cat Certain", "ModuleReuse fc  Certain")]
    public void NumbersAreWhatTheyAreByDefault(int chunks, params string[] expected) => Assert.Equal(expected, Audit($$"""
        @dataclass
        class Config:
            chunks: int = {{chunks}}

        class Net(nn.Module):
            def __init__(self, config: Config):
                super().__init__()
                self.config = config
                self.fc = nn.Linear(4, 4)

            def forward(self, x):
                if self.config.chunks > 0:
                    return torch.cat([self.fc(part) for part in x.chunk(2)])
                return self.fc(x)
        """));

    /// <summary>Of a list of one module every index names that one; of more, that an index that cannot be told names one of them again is open.</summary>
    [Theory]
    [InlineData("1", "ModuleReuse groups.0  Likely")] // where it runs more than once
    [InlineData("2", "ModuleReuse Undecidable")]
    [InlineData("groups", "ModuleReuse Undecidable")]
    public void AnIndexThatCannotBeToldMayNameTheSameModuleAgain(string count, string expected) => Assert.Equal([expected], Audit($$"""
        class Net(nn.Module):
            def __init__(self, layers, groups):
                super().__init__()
                self.layers, self.groups_of = layers, groups
                self.groups = nn.ModuleList([nn.Linear(4, 4) for _ in range({{count}})])

            def forward(self, x):
                for i in range(self.layers):
                    x = self.groups[i // self.groups_of](x)
                return x
        """));

    /// <summary>Modules under names that cannot be told are registered and called one by one; whether a name comes twice is open, that one was called twice is not said.</summary>
    [Fact]
    public void ModulesUnderNamesThatCannotBeToldAreFollowed() => Assert.Equal(["FunctionalCall  relu Certain", "ModuleReuse Undecidable"], Audit("""
        class Net(nn.Module):
            def __init__(self, first, last):
                super().__init__()
                self.first, self.last = first, last
                self.convs = nn.ModuleDict()
                for i in range(first, last):
                    self.convs[f"P{i}"] = nn.Linear(4, 4)

            def forward(self, x):
                y = []
                for i in range(self.last - 1, self.first - 1, -1):
                    y.append(F.relu(self.convs[f"P{i}"](x)))
                return tuple(y)
        """).Where(f => !f.StartsWith("TensorInterface", StringComparison.Ordinal)));

    /// <summary>A module that is registered in one setting is listed in that setting alone, whatever lists it.</summary>
    [Theory]
    [InlineData("for name in self.parts")]
    [InlineData("for name in self.parts.keys()")]
    [InlineData("for name, _ in self.parts.items()")]
    [InlineData("for name, _ in self.parts.named_children()")]
    [InlineData("for name, _ in self.parts.named_modules()")]
    [InlineData("for name in (m.name for m in self.parts.children())")]
    [InlineData("for name in (m.name for m in self.parts.modules() if isinstance(m, Named))")]
    [InlineData("for name in [n for n in self.parts]")]
    public void WhatIsRegisteredInOneSettingIsListedThereAlone(string loop) => Assert.Equal(["FunctionalCall  relu Likely"], Audit($$"""
        class Named(nn.Module):
            def __init__(self, name):
                super().__init__()
                self.name = name

            def forward(self, x):
                return x.view(-1)

        class Net(nn.Module):
            def __init__(self, extra=False):
                super().__init__()
                self.parts = nn.ModuleDict({"always": Named("always")})
                if extra:
                    self.parts["extra"] = Named("extra")

            def forward(self, x):
                {{loop}}:
                    if name == "extra":
                        x = F.relu(x)
                return x
        """));

    /// <summary>What is None is no child.</summary>
    [Fact]
    public void NoneIsNoChild() => Assert.Equal(["FunctionalCall  relu Certain"], Audit("""
        class Net(nn.Module):
            def __init__(self, pools=False):
                super().__init__()
                self.fc = nn.Linear(4, 4)
                self.pool = nn.MaxPool1d(2) if pools else None

            def forward(self, x):
                for part in self.children():
                    x = part(x)
                return F.relu(x)
        """));

    /// <summary>A checkpoint that is written as an autograd function runs what it is handed, and what its own code calls.</summary>
    [Fact]
    public void ACheckpointOfItsOwnRunsWhatItIsHanded() => Assert.Equal(["FunctionalCall  softmax Certain", "FunctionalCall  tanh Certain", "ModuleReuse fc  Certain"], Audit("""
        class Checkpoint(torch.autograd.Function):
            @staticmethod
            def forward(ctx, run, *args):
                ctx.run = run
                with torch.no_grad():
                    out = ctx.run(*args)
                return torch.softmax(out, -1)

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def inner(self, x):
                return torch.tanh(self.fc(self.fc(x)))

            def forward(self, x):
                return Checkpoint.apply(self.inner, x)
        """));

    /// <summary>Every place that could not be followed says what would decide it.</summary>
    [Fact]
    public void EveryGapHasARemedy()
    {
        var folder = Directory.CreateTempSubdirectory();
        var path = Path.Join(folder.FullName, "model.py");
        File.WriteAllText(path, "from torch import nn\nclass Net(nn.Module):\n    def __init__(self, inner, make):\n        super().__init__()\n        self.inner, self.made = inner, make(nn.ReLU())\n    def forward(self, x):\n        return self.made(self.inner(self.other(x)))\n");
        var gaps = Auditor.Default.Audit(new(path, path), Written.Settings)!.Gaps;
        folder.Delete(recursive: true);
        Assert.NotEmpty(gaps);
        Assert.All(gaps, g => Assert.False(string.IsNullOrEmpty(g.Remedy)));
    }

    /// <summary>A forward that hands on whatever it gets is called with one tensor, not with one for each argument that excludes another.</summary>
    [Fact]
    public void AForwardOfAnyArgumentsIsGivenOne() => Assert.Equal(["TensorInterface  Dict[str, Tensor] Certain", "TensorInterface inner Dict[str, Tensor] Certain"], Audit("""
        class Inner(nn.Module):
            def forward(self, ids=None, embeds=None):
                if ids is not None and embeds is not None:
                    raise ValueError("one of both")
                return {"x": F.relu(ids if ids is not None else embeds)}

        class Wrapper(nn.Module):
            def __init__(self):
                super().__init__()
                self.inner = Inner()

            def forward(self, *args, **kwargs):
                return self.inner(*args, **kwargs)
        """).Order(StringComparer.Ordinal));

    /// <summary>Settings that are set by way of the dictionary of attributes are there; names that cannot be told may be those that the class gives a value.</summary>
    [Theory]
    [InlineData("self.__dict__.update(given)", "deep=True", "FunctionalCall  tanh Certain")]
    [InlineData("self.__dict__.update(given)", "deep=False", "")]
    [InlineData("vars(self).update(given)", "deep=True", "FunctionalCall  tanh Certain")]
    [InlineData("self.__dict__['deep'] = given['deep']", "deep=True", "FunctionalCall  tanh Certain")]
    [InlineData("self.__dict__ = given", "deep=True", "FunctionalCall  tanh Certain")]
    [InlineData("self.__dict__.update(given)", "**settings", "FunctionalCall  tanh Likely")]
    [InlineData("self.__dict__.pop('kept')", "", "")]
    public void TheDictionaryOfAttributesIsTheObject(string set, string given, string expected) => Assert.Equal(expected, string.Join('|', Audit($$"""
        class Settings:
            deep = False

            def __init__(self, **given):
                self.kept = True
                {{set}}

        class Net(nn.Module):
            def __init__(self, settings=None):
                super().__init__()
                self.settings = Settings({{given}})
                self.act = nn.ReLU()

            def forward(self, x):
                x = self.act(x)
                return torch.tanh(x) if self.settings.deep else x
        """)));

    /// <summary>A dictionary whose entries are its attributes.</summary>
    [Fact]
    public void EntriesMayBeAttributes() => Assert.Equal(["FunctionalCall  tanh Certain"], Audit("""
        class Settings(dict):
            def __init__(self, *given, **named):
                super().__init__(*given, **named)
                self.__dict__ = self

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.settings = Settings(deep=True)
                self.act = nn.ReLU()

            def forward(self, x):
                x = self.act(x)
                return torch.tanh(x) if self.settings.deep else x
        """));

    /// <summary>In every setting it is too large to follow; as it is by default it is not, and what is found is found under that condition.</summary>
    [Fact]
    public void WhatIsTooLargeIsFollowedAsItIsByDefault() => Assert.Equal(["ModuleReuse act  Likely", "FunctionalCall Undecidable", "TensorInterface Undecidable"], Audit("""
        class Net(nn.Module):
            def __init__(self, deep=False):
                super().__init__()
                if deep:
                    for i in range(100):
                        for j in range(100):
                            for k in range(100):
                                self.act = nn.Sequential(nn.ReLU())
                self.act = nn.ReLU()

            def forward(self, x):
                return self.act(self.act(x))
        """));
}
