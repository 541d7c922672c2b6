using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>What repositories build their models with: registries, enumerations, modules imported by name, helpers that raise for what they do not know. All of it leads to what forward runs.</summary>
public sealed class FollowedTests
{
    /// <summary>Findings as <c>guideline module operator|type confidence</c>, and guidelines that could not be decided.</summary>
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

    [Theory]
    [InlineData("isinstance(table, Mapping) and isinstance(name, Hashable)")]
    [InlineData("isinstance(table, (list, dict))")]
    [InlineData("isinstance(table, Collection) and not isinstance(table, Sequence)")]
    public void ARegistryAsksWhatItIsGiven(string test) => Assert.Equal(["ModuleReuse act torch.nn.ReLU Certain"], Audit($$"""
        from collections.abc import Collection, Hashable, Mapping, Sequence

        def look_up(name, table):
            if {{test}}:
                return table[name]
            raise ValueError(name)

        class Net(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.act = look_up("relu", {"relu": nn.ReLU, "gelu": nn.GELU})()
                self.fc = nn.Linear(width, width)

            def forward(self, x):
                return self.act(self.fc(self.act(x)))
        """));

    /// <summary>A layer of one function is that function's module; one that runs its class' own forward, too, computes more.</summary>
    [Theory]
    [InlineData("F.linear(x, self.weight)")]
    [InlineData("super().forward(F.relu(x))", "FunctionalCall layer relu Certain")]
    [InlineData("F.tanh(nn.Linear.forward(self, x))", "FunctionalCall layer tanh Certain")]
    [InlineData("super().forward(x)")]
    public void ALayerOfOneFunction(string forward, params string[] expected) => Assert.Equal(expected, Audit($$"""
        class Layer(nn.Linear):
            def forward(self, x):
                return {{forward}}

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = Layer(4, 4)

            def forward(self, x):
                return self.layer(x)
        """));

    /// <summary>A wrapper has the name and, for inspect, the parameters of what it wraps: registries know functions by their names and take none twice.</summary>
    [Theory]
    [InlineData("functools.wraps(make)(wrapper)")]
    [InlineData("functools.update_wrapper(wrapper, make)")]
    [InlineData("functools.wraps(wrapped=make, assigned=('__name__',))(wrapper)")]
    [InlineData("functools.wraps(make)(functools.wraps(make)(wrapper))")]
    public void AWrapperIsKnownByWhatItWraps(string wrapped) => Assert.Equal(["ModuleReuse act torch.nn.ReLU Certain"], Audit($$"""
        import functools, inspect
        BUILDERS = {}

        def register(make):
            if make.__name__ in BUILDERS:
                raise ValueError(make.__name__)
            BUILDERS[make.__name__] = make
            return make

        def legacy(make):
            if not any(p.kind == p.KEYWORD_ONLY for p in inspect.signature(make).parameters.values()):
                raise TypeError("no parameter is given by name only")
            def wrapper(*args, **kwargs):
                return make(*args, **kwargs)
            return {{wrapped}}

        class Net(nn.Module):
            def __init__(self, act, depth):
                super().__init__()
                self.act, self.fc = act, nn.ModuleList([nn.Linear(4, 4) for _ in range(depth)])

            def forward(self, x):
                for fc in self.fc:
                    x = self.act(fc(x))
                return x

        @register
        @legacy
        @legacy
        def shallow(*, act=None):
            return Net(act or nn.ReLU(), 1)

        @register
        @legacy
        @legacy
        def deep(*, act=None):
            return Net(act or nn.ReLU(), 3)

        if legacy(deep).__wrapped__ is not deep or shallow.__name__ != "shallow" or list(BUILDERS) != ["shallow", "deep"]:
            raise ValueError
        """));

    [Theory]
    [InlineData("Mode(\"soft\") is Mode.SOFT")]
    [InlineData("Mode.SOFT == \"soft\" and Mode.SOFT != Mode.HARD")]
    [InlineData("Mode.SOFT in Mode and \"soft\" in {m.value for m in Mode}")]
    [InlineData("Mode.SOFT.upper() == \"SOFT\" and isinstance(Mode.SOFT, str) and isinstance(Mode, enum.EnumMeta)")]
    public void AnEnumerationIsACollectionOfItsMembers(string test) => Assert.Equal(["FunctionalCall  softplus Certain"], Audit($$"""
        import enum

        class Mode(str, enum.Enum):
            SOFT = "soft"
            HARD = "hard"

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.is_soft = {{test}}

            def forward(self, x):
                return F.softplus(x) if self.is_soft else F.hardtanh(x)
        """));

    /// <summary>The number of a character and the character of a number are known where the other is: tables of bytes, as tokenizers make them, are followed as they run.</summary>
    [Theory]
    [InlineData("ord('b') - ord('a') == 1 and ord('\u00ff') == 255 and ord('\\U0001F600') == 0x1f600")]
    [InlineData("chr(65) + chr(0xe9) == 'A\u00e9' and chr(ord('~')) == '~'")]
    [InlineData("spare(list(range(ord('!'), ord('~') + 1))) == 162")]
    public void CharactersHaveNumbers(string test) => Assert.Equal(["FunctionalCall  softplus Certain"], Audit($$"""
        def spare(bytes):
            count = 0
            for b in range(2**8):
                if b not in bytes:
                    bytes.append(b)
                    count += 1
            return count

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.is_soft = {{test}}

            def forward(self, x):
                return F.softplus(x) if self.is_soft else F.hardtanh(x)
        """));

    [Theory]
    [InlineData("import_module('torch.nn').functional")]
    [InlineData("__import__('torch').nn.functional")]
    [InlineData("import_module('.functional', 'torch.nn')")]
    public void AModuleIsImportedByItsName(string functions) => Assert.Equal(["FunctionalCall  gelu Certain"], Audit($$"""
        from importlib import import_module

        functions = {{functions}}

        class Net(nn.Module):
            def forward(self, x):
                return functions.gelu(x)
        """));

    /// <summary>Code behind a function that seems to raise always is followed all the same: it was not understood, or does not raise with what callers give. That it raises is a gap.</summary>
    [Fact]
    public void WhatStandsBehindAFunctionThatSeemsToRaiseIsFollowed() => Assert.Equal(
        ["FunctionalCall  relu Certain", "ModuleReuse fc torch.nn.Linear Certain", "TensorInterface Undecidable"], Audit("""
        def check(width, known={}):
            for name in known:
                if width == name:
                    return
            raise ValueError(width)

        class Net(nn.Module):
            def __init__(self, width):
                super().__init__()
                check(width)
                self.fc = nn.Linear(width, width)

            def forward(self, x):
                return F.relu(self.fc(self.fc(x)))
        """));

    /// <summary>A class that leaves a method to subclasses, or refuses to run, runs nowhere by itself: what else it does is seen, and nothing is hidden.</summary>
    [Theory]
    [InlineData("raise NotImplementedError")]
    [InlineData("\"\"\"Subclasses have it.\"\"\"\n        raise NotImplementedError(f'{self} has none')")]
    [InlineData("raise RuntimeError('not by itself')")]
    [InlineData("for name in {}:\n            return name\n        raise ValueError(x)", "FunctionalCall Undecidable", "TensorInterface Undecidable")]
    public void WhatIsLeftToSubclassesHidesNothing(string body, params string[] expected) => Assert.Equal(["ModuleReuse fc torch.nn.Linear Certain", .. expected], Audit($$"""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x):
                return self.head(self.fc(self.fc(x)))

            def head(self, x):
                {{body}}
        """));

    /// <summary>A class whose __new__ gives an object of a class that no name of the file stands for.</summary>
    [Fact]
    public void WhatNewGivesMayBeOfAnotherClass() => Assert.Equal(["ModuleReuse act torch.nn.ReLU Certain"], Audit("""
        class Net(nn.Module):
            def __new__(cls, *args):
                return make()

        def make():
            class Inner(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.act = nn.ReLU()

                def forward(self, x):
                    return self.act(self.act(x))

            return Inner()
        """));

    /// <summary>What is made in one round of a loop whose rounds are not known keeps its order, and None in a list of modules its place.</summary>
    [Theory]
    [InlineData("[Mix(), nn.Linear(4, 4)]", "for mix, fc in self.layers:\n            x, memory = mix(fc(x), memory)")]
    [InlineData("[None, Mix(), nn.Linear(4, 4)]", "for parts in self.layers:\n            x, memory = parts[1](parts[2](x), memory)")]
    public void ListsOfModulesKeepTheirOrder(string made, string run) => Assert.Equal(["FunctionalCall layers.1.{0} gelu Likely".Replace("{0}", made[1] == 'N' ? "1" : "0", StringComparison.Ordinal)], Audit($$"""
        class Mix(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x, memory):
                x = self.fc(x)
                return (x if memory is None else F.gelu(x)), x

        class Net(nn.Module):
            def __init__(self, depth):
                super().__init__()
                self.layers = nn.ModuleList([])
                for i in range(depth):
                    self.layers.append(nn.ModuleList({{made}}))

            def forward(self, x):
                memory = None
                {{run}}
                return x
        """));

    /// <summary>Comparisons of one number agree with each other, with equality, and with the rounds of a loop over what it counts.</summary>
    [Theory]
    [InlineData("width > 3 and not width > 2", false)]
    [InlineData("width >= 3 and width < 2", false)]
    [InlineData("width == 2 and width > 2", false)]
    [InlineData("width > 2 and width == 2", false)]
    [InlineData("width < 2 and 3 <= width", false)]
    [InlineData("len(sizes) >= 2 and not len(sizes) > 1", false)]
    [InlineData("not len(sizes)and len(sizes) > 1", false)]
    [InlineData("width > 2 and width < 4", true)]
    [InlineData("width == 4 and width > 2", true)]
    public void ComparisonsOfOneNumberAgree(string test, bool mayHold) => Assert.Equal(mayHold ? ["FunctionalCall  relu Likely"] : [], Audit($$"""
        class Net(nn.Module):
            def __init__(self, width, sizes):
                super().__init__()
                self.both = {{test}}

            def forward(self, x):
                return F.relu(x) if self.both else x
        """));

    /// <summary>The last of a list of unknown length stands first where it is turned round: a second list meets it there, so the loop always runs.</summary>
    [Fact]
    public void AListThatIsTurnedRoundIsPairedByPosition() => Assert.Empty(Audit("""
        class Net(nn.Module):
            def __init__(self, sizes):
                super().__init__()
                self.down = nn.ModuleList([nn.Linear(4, 4) for _ in sizes])
                self.up = nn.ModuleList([nn.Linear(4, 4), nn.Linear(4, 4)])

            def forward(self, x):
                steps = []
                for down in self.down:
                    x = down(x)
                    steps.append(x)
                y = None
                for up, step in zip(self.up, steps[::-1]):
                    y = up(step)
                return {"y": x} if y is None else y
        """));

    /// <summary>A module that runs again only because its container does stands in the container's finding, be that doubtful, too.</summary>
    [Fact]
    public void WhatIsInsideADoubtfulContainerHasNoFindingOfItsOwn() => Assert.Equal(["ModuleReuse part model.Part Likely"], Audit("""
        class Part(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x):
                return self.fc(x)

        class Net(nn.Module):
            def __init__(self, twice=False):
                super().__init__()
                self.part = Part()
                self.twice = twice

            def forward(self, x):
                x = self.part(x)
                return self.part(x) if self.twice else x
        """));

    /// <summary>A package may be named itself, and hold folders without <c>__init__.py</c> that name it all the same.</summary>
    [Fact]
    public void ImportsOfThePackageThatIsNamedAreFoundFromItsFolders()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            foreach (var (name, text) in new[] { ("net/__init__.py", ""), ("net/ops/act.py", "import torch.nn.functional as F\n\ndef squash(x):\n    return F.softsign(x)\n"), ("net/models/tiny.py", "from torch import nn\nfrom net.ops.act import squash\nfrom beside import hidden\n\nclass Net(nn.Module):\n    def forward(self, x):\n        return hidden(squash(x))\n"), ("beside.py", "import torch.nn.functional as F\n\ndef hidden(x):\n    return F.gelu(x)\n") })
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Join(folder.FullName, name))!);
                File.WriteAllText(Path.Join(folder.FullName, name), text);
            }

            var path = Path.Join(folder.FullName, "net", "models", "tiny.py");
            var findings = Auditor.Default.Audit(new(path, path) { SearchedFolder = Path.Join(folder.FullName, "net") }, AuditSettings.Default)!.Findings;
            Assert.Contains(findings, f => f.Operator == "softsign");
            Assert.DoesNotContain(findings, f => f.Operator == "gelu"); // what lies beside the package is not named
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Packages of one project lie side by side in the folder that the user names; with <c>__init__.py</c> or, where a relative import says so, without.</summary>
    [Theory]
    [InlineData("models/__init__.py", "tools.ops")]
    [InlineData("notes/__init__.py", "..tools.ops")]
    [InlineData("notes/__init__.py", "..tools", "tools/__init__.py", "from .ops import squash")]
    public void ImportsOfTheProjectAreFoundInTheFolderThatIsNamed(string package, string from, string other = "other.py", string text2 = "")
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            foreach (var (name, text) in new[] { ("tools/ops.py", "import torch.nn.functional as F\n\ndef squash(x):\n    return F.softsign(x)\n"), (package, ""), (other, text2), ("models/net.py", $"from torch import nn\nfrom {from} import squash\n\nclass Net(nn.Module):\n    def forward(self, x):\n        return squash(x)\n") })
            {
                Directory.CreateDirectory(Path.GetDirectoryName(Path.Join(folder.FullName, name))!);
                File.WriteAllText(Path.Join(folder.FullName, name), text);
            }

            var path = Path.Join(folder.FullName, "models", "net.py");
            Assert.Contains(Auditor.Default.Audit(new(path, path) { SearchedFolder = folder.FullName }, AuditSettings.Default)!.Findings, f => f.Operator == "softsign");
            Assert.DoesNotContain(Auditor.Default.Audit(new(path, path), AuditSettings.Default)!.Findings, f => f.Operator == "softsign"); // nothing outside what is named is read
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>What a constructor is handed and its module calls twice is used twice, if it is a module; said to be callable, it is none.</summary>
    [Theory]
    [InlineData("places", "ModuleReuse places  Likely")]
    [InlineData("places: Callable")]
    public void WhatAConstructorIsHandedMayBeAModule(string parameter, params string[] expected) => Assert.Equal([.. expected, "FunctionalCall Undecidable", .. expected.Length == 0 ? new[] { "ModuleReuse Undecidable" } : [], "TensorInterface Undecidable"], Audit($$"""
        from typing import Callable

        class Neck(nn.Module):
            def __init__(self, {{parameter}}):
                super().__init__()
                self.places = places

            def forward(self, x):
                return self.places(x) - self.places(x * 2)
        """));

    /// <summary>What takes nothing but text, a tokenizer or a processor, is no module.</summary>
    [Fact]
    public void WhatTakesTextIsNoModule() => Assert.DoesNotContain(Audit("""
        class Caption(nn.Module):
            def __init__(self, processor):
                super().__init__()
                self.processor = processor
                self.net = nn.Linear(4, 4)

            def forward(self, x):
                return self.net(torch.cat([x, self.processor("what is this"), self.processor("and this")]))
        """), f => f.StartsWith("ModuleReuse", StringComparison.Ordinal));

    /// <summary>A parameter of a constructor is what its annotation says, or what the constructor insists on.</summary>
    [Theory]
    [InlineData("vit: Encoder", "pass")]
    [InlineData("vit", "assert isinstance(vit, Encoder)")]
    public void AConstructorIsHandedTheClassThatItDeclares(string parameter, string check) => Assert.Equal(["ModuleReuse vit.norm torch.nn.LayerNorm Certain"], Audit($$"""
        class Encoder(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.norm = nn.LayerNorm(width)

            def forward(self, x, more=None):
                return self.norm(x) if more is None else self.norm(x) + self.norm(more)

        class Adapter(nn.Module):
            def __init__(self, {{parameter}}, width):
                super().__init__()
                {{check}}
                self.vit = vit
                self.more = nn.Parameter(torch.zeros(width))

            def forward(self, x):
                return self.vit(x, self.more)
        """).Where(f => f.StartsWith("ModuleReuse vit", StringComparison.Ordinal)));

    /// <summary>A function that calls itself as often as nobody can tell is followed as an unknown loop is: what stands behind it is followed, too.</summary>
    [Fact]
    public void RecursionOfUnknownDepthEnds() => Assert.Equal(["FunctionalCall  relu Certain"], Audit("""
        def walk(node, depth):
            for name in node.names:
                if node.has(name, depth):
                    walk(node.left(name), depth + 1)
                if node.also(name, depth):
                    walk(node.right(name), depth + 1)

        class Net(nn.Module):
            def __init__(self, settings):
                super().__init__()
                walk(settings, 0)
                self.fc = nn.Linear(4, 4)

            def forward(self, x):
                return F.relu(self.fc(x))
        """));

    /// <summary>An output that keeps its fields as entries of a dictionary, which it fills from what its data class lists.</summary>
    [Fact]
    public void FieldsOfADataClassAreListed() => Assert.Equal(["FunctionalCall  relu Certain"], Audit("""
        from collections import OrderedDict
        from dataclasses import dataclass, fields

        @dataclass
        class Output(OrderedDict):
            first: torch.Tensor = None
            second: torch.Tensor = None

            def __post_init__(self):
                for field in fields(self):
                    value = getattr(self, field.name)
                    if value is not None:
                        self[field.name] = value

            def __getitem__(self, key):
                return {k: v for k, v in self.items()}[key] if isinstance(key, str) else self.to_tuple()[key]

            def to_tuple(self):
                return tuple(self[k] for k in self.keys())

        class Net(nn.Module):
            def forward(self, x):
                return F.relu(Output(first=x)[0])
        """));

    /// <summary>Tables of numbers are too long to be followed round by round, and do not matter; a loop of as many rounds that does anything else does.</summary>
    [Theory]
    [InlineData("""
                def angles(position):
                    return [position / np.power(10000, 2 * (j // 2) / width) for j in range(width)]
                table = np.array([angles(i) for i in range(length)])
                table[:, 0::2] = np.sin(table[:, 0::2])
                self.table = torch.FloatTensor(table)
        """, "ModuleReuse act torch.nn.ReLU Certain")]
    [InlineData("""
                table = torch.zeros(length, width)
                for i in range(length):
                    for j in range(0, width, 2):
                        angle = i / 10000 ** (j / width)
                        table[i, j], table[i, j + 1] = math.sin(angle), math.cos(angle)
                self.register_buffer("table", table)
        """, "ModuleReuse act torch.nn.ReLU Certain")]
    [InlineData("""
                for i in range(2 * length):
                    angle = i / 10000 ** (3 / width) + i // 7 - i % 5
                    if i == 3999:
                        self.act = nn.Tanh()
        """, "ModuleReuse act torch.nn.Tanh Certain")]
    [InlineData("""
                self.colors = [(random.randint(0, 255), random.randint(0, 255), random.randint(0, 255)) for _ in range(200_000)]
        """, "ModuleReuse act torch.nn.ReLU Certain")]
    public void TablesOfNumbersHideNothing(string table, params string[] expected) => Assert.Equal(expected, Audit($$"""
        import math
        import random
        import numpy as np

        class Net(nn.Module):
            def __init__(self, width=512, length=2000):
                super().__init__()
                self.act = nn.ReLU()
        {{table}}

            def forward(self, x):
                return self.act(self.act(x))
        """).Order(StringComparer.Ordinal));
}
