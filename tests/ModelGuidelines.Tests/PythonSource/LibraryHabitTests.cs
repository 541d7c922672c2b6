namespace ModelGuidelines.Tests.PythonSource;

/// <summary>What large model libraries do in every constructor: settings with an attribute lookup of their own, libraries that are used where they are installed, more optional inputs than anyone gives.</summary>
public sealed class LibraryHabitTests
{
    private const string Lookup = """
        import torch
        from torch import nn

        class Settings:
            names = {}

            def __setattr__(self, key, value):
                if key in super().__getattribute__("names"):
                    key = super().__getattribute__("names")[key]
                super().__setattr__(key, value)

            def __getattribute__(self, key):
                if key != "names" and key in super().__getattribute__("names"):
                    key = super().__getattribute__("names")[key]
                return super().__getattribute__(key)

            def __init__(self, **kwargs):
                self.chunks = kwargs.pop("chunks", CHUNKS)

        class Own(Settings):
            names = {"parts": "chunks"}

            def __init__(self, width=4, **kwargs):
                super().__init__(**kwargs)
                self.width = width

        class Net(nn.Module):
            def __init__(self, config: Own):
                super().__init__()
                self.fc = nn.Linear(config.width, config.width)
                self.chunks = config.READ

            def forward(self, x):
                x = self.fc(x)
                if self.chunks > 1:
                    x = self.fc(x)
                return x
        """;

    /// <summary>A class' own lookup is what its objects' attributes are: numbers among them are at their defaults, under whichever name they are read.</summary>
    [Theory]
    [InlineData("chunks", 0, "")]
    [InlineData("parts", 0, "")]
    [InlineData("chunks", 2, "ModuleReuse fc torch.nn.Linear Certain")]
    [InlineData("parts", 2, "ModuleReuse fc torch.nn.Linear Certain")]
    public void AClassLooksItsAttributesUp(string read, int usual, string expected) =>
        Assert.Equal(expected, string.Join(' ', Written.Said(Lookup.Replace("CHUNKS", $"{usual}", StringComparison.Ordinal).Replace("READ", read, StringComparison.Ordinal))));

    /// <summary>What a file does without a library is what it has where the library is not installed: the handler goes on from before the import.</summary>
    [Theory]
    [InlineData("from apex.normalization import FusedRMSNorm\n    Norm = FusedRMSNorm", "ImportError:\n    pass", "FunctionalCall norm pow Likely")]
    [InlineData("import fastnorm\n    Norm = fastnorm.Norm", "ModuleNotFoundError:\n    print('slow')", "FunctionalCall norm pow Likely", true)]
    [InlineData("Norm = Other\n    from apex.normalization import FusedRMSNorm\n    Norm = FusedRMSNorm", "Exception:\n    pass", "FunctionalCall norm exp Likely")]
    [InlineData("from apex.normalization import FusedRMSNorm\n    Norm = FusedRMSNorm", "AttributeError:\n    pass", "")]
    [InlineData("import torch.nn\n    Norm = Other", "ImportError:\n    pass", "FunctionalCall norm exp Certain")]
    public void ALibraryThatIsDoneWithout(string body, string handler, string expected, bool isOpen = false)
    {
        var said = Written.Said($$"""
            import torch
            from torch import nn

            class Norm(nn.Module):
                def forward(self, x):
                    return x + x.pow(2)

            class Other(nn.Module):
                def forward(self, x):
                    return x + x.exp()

            try:
                {{body}}
            except {{handler}}

            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.norm = Norm()

                def forward(self, x):
                    return self.norm(x)
            """).ToList();
        Assert.Equal(expected, string.Join(' ', said.Where(s => s.StartsWith("FunctionalCall norm", StringComparison.Ordinal) && !s.Contains(" add ", StringComparison.Ordinal))));
        Assert.Equal(isOpen, said.Exists(s => s.EndsWith("Undecidable", StringComparison.Ordinal)));
    }

    /// <summary>However many inputs may be left out, none of them is None for sure.</summary>
    [Fact]
    public void NoOptionalInputIsLeftOutForSure()
    {
        string[] names = [.. Enumerable.Range(0, 9).Select(i => $"m{i}")];
        var said = Written.Said($$"""
            import torch
            from torch import nn

            class Inner(nn.Module):
                def forward(self, x, {{string.Join(", ", names)}}):
                    return x

            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.inner = Inner()

                def forward(self, x, {{string.Join(", ", names.Select(n => n + "=None"))}}):
                    if m8 is not None:
                        x = x + m8
                    return self.inner(x, {{string.Join(", ", names)}})
            """).ToList();
        Assert.Equal(9, said.Count(s => s == "TensorInterface inner None Likely"));
        Assert.Contains("FunctionalCall  add Likely", said);
    }

    /// <summary>A walk over settings within settings takes no more steps for every setting of which nothing is known, be there another class with a method of that name.</summary>
    [Fact]
    public void AWalkOverUnknownSettingsIsShort() => Assert.Equal(["FunctionalCall  relu Certain"], Written.Said($$"""
        import copy
        import torch
        from torch import nn

        class Other:
            def walk(self, d):
                self.seen = d

        class Settings:
            def __init__(self, **kwargs):
                {{string.Join("\n        ", Enumerable.Range(0, 500).Select(i => $"self.a{i} = kwargs.pop('a{i}', None)"))}}

            def walk(self, d):
                if d.get("type", None) is not None and not isinstance(d["type"], str):
                    d["type"] = str(d["type"]).split(".")[1]
                for value in d.values():
                    if isinstance(value, dict):
                        self.walk(value)

            def to_dict(self):
                output = copy.deepcopy(self.__dict__)
                self.walk(output)
                return output

        class Net(nn.Module):
            def __init__(self, **kwargs):
                super().__init__()
                Settings(**kwargs).to_dict()
                self.fc = nn.Linear(3, 3)

            def forward(self, x):
                return torch.relu(self.fc(x))
        """));

    /// <summary>A dictionary of settings that is empty by default holds what the code puts into it, and nothing else.</summary>
    [Theory]
    [InlineData("", "")]
    [InlineData("config.pruned[0] = [1]", "ModuleReuse fc torch.nn.Linear Certain")]
    public void ADictionaryOfSettingsIsEmptyByDefault(string put, string expected) => Assert.Equal(expected, string.Join(' ', Written.Said($$"""
        import torch
        from torch import nn

        class Config:
            def __init__(self, **kwargs):
                self.pruned = kwargs.pop("pruned", {})

        class Net(nn.Module):
            config_class = Config

            def __init__(self, config):
                super().__init__()
                {{put}}
                self.fc = nn.Linear(3, 3)
                self.rounds = 1 + len(config.pruned)

            def forward(self, x):
                for _ in range(self.rounds):
                    x = self.fc(x)
                return x
        """)));

    /// <summary>What a caller gives is as true the second time as it was the first.</summary>
    [Theory]
    [InlineData("flag")]
    [InlineData("flag=None")]
    [InlineData("flag: bool = False")]
    public void AnArgumentIsAsTrueTheSecondTime(string parameter) => Assert.Empty(Written.Said($$"""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(3, 3)

            def forward(self, x, {{parameter}}):
                seen = () if flag else None
                if flag:
                    x = self.fc(x)
                    seen = seen + (x,)
                if not flag:
                    x = self.fc(x)
                return x if seen is None else seen[0]
        """));

    /// <summary>A module that looks attributes up by itself and then as Python does.</summary>
    [Theory]
    [InlineData("super().__getattribute__(")]
    [InlineData("object.__getattribute__(self, ")]
    public void AModuleLooksItsModulesUp(string lookup) => Assert.Equal(["ModuleReuse fc torch.nn.Linear Certain"], Written.Said($$"""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(3, 3)

            def __getattribute__(self, name):
                return {{lookup}}"_modules")["fc"] if name == "other" else {{lookup}}name)

            def forward(self, x):
                return self.other(self.fc(x))
        """));

    /// <summary>Whose method a bound method is, its text says: a model that does not override what its base leaves to it is asked so.</summary>
    [Theory]
    [InlineData("Base", "")]
    [InlineData("prepare of", "")]
    [InlineData("Other", "ModuleReuse fc torch.nn.Linear Likely")]
    public void ABoundMethodNamesItsClass(string asked, string expected) => Assert.Equal(expected.Length == 0 ? [] : [expected], Written.Said($$"""
        class Base:
            def prepare(self):
                pass

        class Net(nn.Module, Base):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(3, 3)

            def forward(self, x):
                x = self.fc(x)
                return x if "{{asked}}" in str(self.prepare) else self.fc(x)
        """));

    /// <summary>A layer that no model of the file holds is made with the configuration that all of them have.</summary>
    [Fact]
    public void ALayerHasTheSettingsOfItsFile() => Assert.Empty(Written.Said("""
        class Config:
            def __init__(self, act="gelu", width=4):
                self.act, self.width = act, width

        class Base(nn.Module):
            config_class = Config

        class Net(Base):
            def __init__(self, config):
                super().__init__()
                self.fc = nn.Linear(config.width, config.width)

            def forward(self, x):
                return self.fc(x)

        class Head(nn.Module):
            def __init__(self, config):
                super().__init__()
                self.fc = nn.Linear(config.width, config.width)
                self.act = nn.GELU() if isinstance(config.act, str) else config.act

            def forward(self, x):
                return self.act(self.fc(x))
        """));

    /// <summary>Layers whose forward is not all that is called of them.</summary>
    [Theory]
    [InlineData("nn.AdaptiveLogSoftmaxWithLoss(8, 9, [3])", "log_prob(x)")]
    [InlineData("nn.Conv2d(3, 3, 1)", "_conv_forward(x, self.part.weight, self.part.bias)")]
    public void WhatElseLayersDo(string part, string call) => Assert.Empty(Written.Said($$"""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.part, self.act = {{part}}, nn.ReLU()

            def forward(self, x):
                return self.act(self.part.{{call}})
        """));
}
