using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>What programs of several files, registries and lazily made modules do. Each expectation is what PyTorch does when it runs them.</summary>
public sealed class WholeProgramTests
{
    /// <summary>What a class says is an instance of it is one, whatever its bases are.</summary>
    [Theory]
    [InlineData("HasExtra", true)]
    [InlineData("HasMore", false)]
    [InlineData("Duck", true)]
    [InlineData("Virtual", true)]
    [InlineData("Unrelated", false)]
    [InlineData("Hooked", true)]
    public void AClassSaysItselfWhatIsAnInstance(string type, bool isOne) => Assert.Equal(isOne ? ["FunctionalCall  relu Certain"] : [], Written.Said($$"""
        import abc
        from typing import Protocol, runtime_checkable

        @runtime_checkable
        class HasExtra(Protocol):
            width: int

            def extra(self, x): ...

        class HasMore(HasExtra, Protocol):
            def more(self, x): ...

        class Meta(type):
            def __instancecheck__(cls, one):
                return hasattr(one, "extra")

        class Duck(metaclass=Meta):
            pass

        class Virtual(abc.ABC):
            pass

        class Unrelated(metaclass=abc.ABCMeta):
            pass

        class Hooked(metaclass=abc.ABCMeta):
            @classmethod
            def __subclasshook__(cls, other):
                return hasattr(other, "extra")

        @Virtual.register
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.width = 4

            def extra(self, x):
                return F.relu(x)

            def forward(self, x):
                return self.extra(x) if isinstance(self, {{type}}) else x
        """));

    /// <summary>A module that the forward gives to one of the model's is one of the model's: called twice, it is reused.</summary>
    [Theory]
    [InlineData("if self.act is None:\n    self.act = nn.ReLU()\nreturn self.act(self.act(x))", "ModuleReuse act torch.nn.ReLU Certain")]
    [InlineData("if not hasattr(self, 'late'):\n    self.late = nn.Sequential(nn.Tanh(), nn.Linear(4, 4))\nreturn self.late(self.late(x))", "ModuleReuse late torch.nn.Sequential Certain")]
    [InlineData("for k in 'aba':\n    if k not in self.layers:\n        self.layers[k] = nn.ReLU()\n    x = self.layers[k](x)\nreturn x", "ModuleReuse layers.a torch.nn.ReLU Certain")]
    [InlineData("return self.lazy(self.lazy(x))", "ModuleReuse kept torch.nn.ReLU Certain")]
    [InlineData("self.act = nn.ReLU()\nx = self.act(x)\nself.act = nn.ReLU()\nreturn self.act(x)")]
    [InlineData("act = nn.ReLU()\nreturn nn.Sequential(act)(x)")]
    public void AModuleThatTheForwardRegisters(string forward, params string[] expected) => Assert.Equal(expected, Written.Said($"""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.act = self.kept = None
                self.layers = nn.ModuleDict()

            @property
            def lazy(self):
                if self.kept is None:
                    self.kept = nn.ReLU()
                return self.kept

            def forward(self, x):
        {Written.Indented(forward)}
        """));

    /// <summary>What is done to the dictionary of a module's modules is done to its attributes.</summary>
    [Theory]
    [InlineData("self._modules['b'] = nn.ReLU()", "self.b(self.b(x))", "ModuleReuse b torch.nn.ReLU Certain")]
    [InlineData("self._modules.update(b=nn.ReLU())", "getattr(self, 'b')(self.b(x))", "ModuleReuse b torch.nn.ReLU Certain")]
    [InlineData("self._modules['b'] = self._modules.pop('a')", "self.b(x) if not hasattr(self, 'a') else F.relu(x)")]
    [InlineData("del self._modules['a']", "x if not hasattr(self, 'a') else F.relu(x)")]
    public void TheDictionaryOfModulesIsTheModules(string init, string result, params string[] expected) => Assert.Equal(expected, Written.Said($"""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.a = nn.Tanh()
                {init}

            def forward(self, x):
                return {result}
        """));

    /// <summary>What is asked of one tensor twice has one answer, however it is asked.</summary>
    [Theory]
    [InlineData("x.dim() == 3", "x.ndimension() == 3")]
    [InlineData("x.ndim == 3", "x.dim() == 3")]
    [InlineData("x.size(0) > 2", "x.shape[0] > 2")]
    [InlineData("x.size()[1] == 4", "x.size(1) == 4")]
    [InlineData("x.numel() > 9", "x.nelement() > 9")]
    [InlineData("x.is_floating_point()", "x.is_floating_point()")]
    [InlineData("x.dtype == torch.float16", "torch.float16 == x.dtype")]
    public void ATensorAnswersOnce(string first, string again) => Assert.Empty(Written.Said($"""
        class Net(nn.Module):
            def forward(self, x):
                if {first}:
                    return x
                return F.relu(x) if {again} else x
        """));

    /// <summary>A member of an enumeration that is a text is that text, as a key too; settings of a parser that is given nothing are its defaults.</summary>
    [Theory]
    [InlineData("{'relu': nn.ReLU(), 'tanh': nn.Tanh()}[Act.RELU]")]
    [InlineData("{Act.RELU: nn.ReLU()}.get('relu')")]
    [InlineData("nn.ReLU() if Act.RELU in {'relu': 1} else nn.Tanh()")]
    [InlineData("nn.ReLU() if settings([]).act == 'relu' and settings([]).use_bias and settings([]).width is None else nn.Tanh()")]
    [InlineData("nn.ReLU() if argparse.Namespace(act='relu').act == 'relu' else nn.Tanh()")]
    public void WhatASettingIs(string act) => Assert.Equal(["ModuleReuse act torch.nn.ReLU Certain"], Written.Said($$"""
        import argparse
        from enum import Enum

        class Act(str, Enum):
            RELU = "relu"

        def settings(argv):
            parser = argparse.ArgumentParser()
            parser.add_argument("-a", "--act", default="relu", choices=["relu", "tanh"])
            group = parser.add_argument_group("layers")
            group.add_argument("--use-bias", action="store_false")
            group.add_argument("--width", type=int)
            return parser.parse_args(argv)

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.act = {{act}}

            def forward(self, x):
                return self.act(self.act(x)) if isinstance(self.act, nn.ReLU) else x
        """));

    /// <summary>Names that a file's own statements make, and what a class says its parts are.</summary>
    [Theory]
    [InlineData("Twice[2]()", 1, true)]
    [InlineData("Twice[1]()", 1, false)]
    [InlineData("Made1()", 1, false)]
    public void NamesAndPartsThatCodeMakes(string made, int times, bool isReused) => Assert.Equal(isReused ? ["ModuleReuse net.act torch.nn.ReLU Certain"] : [], Written.Said($$"""
        class Twice(nn.Module):
            times = 1

            def __class_getitem__(cls, n):
                class Sized(cls):
                    times = n
                return Sized

            def __init__(self):
                super().__init__()
                self.act = nn.ReLU()

            def forward(self, x):
                for _ in range(self.times):
                    x = self.act(x)
                return x

        for n in ({{times}},):
            globals()[f"Made{n}"] = Twice[n]

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.net = {{made}}

            def forward(self, x):
                return self.net(x)
        """));

    /// <summary>Copies of what is handed in are modules of their own, in a list of any length as well; what is asked of them is answered as before, and what is set on one is not set on the other.</summary>
    [Theory]
    [InlineData("self.a, self.b = copy.deepcopy(layer), copy.deepcopy(layer)", "self.b(self.a(x))", "")]
    [InlineData("self.a, self.b = layer, copy.deepcopy(layer)", "self.b(self.a(x))", "")]
    [InlineData("self.a = self.b = copy.deepcopy(layer)", "self.b(self.a(x))", "ModuleReuse a  Likely")]
    [InlineData("self.layers = nn.ModuleList([copy.deepcopy(layer) for _ in range(n)])", "self.run(self.layers, x)", "")]
    [InlineData("self.layers = nn.ModuleList([layer for _ in range(n)])", "self.run(self.layers, x)", "ModuleReuse layers.0 layer Likely")]
    [InlineData("self.a = nn.ModuleList([nn.ReLU() for _ in range(n)]); self.b = copy.deepcopy(self.a)", "self.run(self.b, self.run(self.a, x))", "")]
    [InlineData("c, d = copy.deepcopy(layer), copy.deepcopy(layer); c.act, d.act = nn.ReLU(), nn.Tanh(); self.a, self.b = c.act, d.act", "self.b(self.a(x))", "")]
    [InlineData("self.act, self.copies = nn.ReLU(), (layer, copy.deepcopy(layer))", "self.act(self.act(x)) if self.copies[0].kind == 'a' and self.copies[1].kind != 'a' else x", "")]
    public void CopiesOfWhatIsHandedIn(string made, string given, string said) => Assert.Equal(said.Length == 0 ? [] : [said], Written.Said($$"""
        import copy

        class Net(nn.Module):
            def __init__(self, layer, n):
                super().__init__()
                {{made}}

            def run(self, layers, x):
                for layer in layers:
                    x = layer(x)
                return x

            def forward(self, x):
                return {{given}}
        """).Where(s => s.StartsWith("ModuleReuse", StringComparison.Ordinal) && !s.EndsWith("Undecidable", StringComparison.Ordinal)));

    /// <summary>A method that an object keeps goes with it into a copy, where it is the copy's.</summary>
    [Theory]
    [InlineData("copy.deepcopy(self.first)", false)]
    [InlineData("self.first", true)]
    public void AKeptMethodIsTheCopys(string second, bool isReused) => Assert.Equal(isReused, Written.Said($$"""
        import copy

        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.act = nn.ReLU()
                self.run = self.plain

            def plain(self, x):
                return self.act(x)

            def forward(self, x):
                return self.run(x)

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.first = Block()
                self.second = {{second}}

            def forward(self, x):
                return self.second(self.first(x))
        """).Any());

    /// <summary>An iterator that is made on one way is at nobody's hand on the other.</summary>
    [Fact]
    public void AnIteratorIsThereWhereItWasMade() => Assert.Empty(Written.Said("""
        class Stack(nn.Module):
            def __init__(self, depth):
                super().__init__()
                import copy
                self.layers = nn.ModuleList(copy.deepcopy(nn.ReLU()) for _ in range(depth))

            def forward(self, x):
                for layer in self.layers:
                    x = layer(x)
                return x

        class Net(nn.Module):
            def __init__(self, config):
                super().__init__()
                self.stacks = nn.ModuleList([Stack(2) for _ in range(config.depth)])

            def forward(self, x):
                for stack in self.stacks:
                    x = stack(x)
                return x
        """));

    /// <summary>A package whose files fill a registry while they are imported, and name each other by where they stand.</summary>
    [Theory]
    [InlineData("BLOCKS.build({'type': 'Block'})")]
    [InlineData("LAYERS.create('block')")]
    [InlineData("importlib.import_module('.parts', __package__).Block()")]
    [InlineData("net.Block()")]
    [InlineData("getattr(importlib.import_module(f'{__package__}.parts'), 'Block')()")]
    [InlineData("importlib.import_module('.parts', __name__.rpartition('.')[0]).Block()")]
    public void APackageOfSeveralFiles(string built)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var package = Directory.CreateDirectory(Path.Join(folder.FullName, "net")).FullName;
            void Write(string name, string text) => File.WriteAllText(Path.Join(package, name), text);
            Write("__init__.py", """
                import importlib

                _late = {"Block": "parts"}

                def __getattr__(name):
                    if name in _late:
                        return getattr(importlib.import_module("." + _late[name], __name__), name)
                    raise AttributeError(name)
                """);
            Write("registry.py", """
                class Registry:
                    def __init__(self):
                        self._types = {}

                    def register(self, name=None):
                        def decorate(cls):
                            self._types[name or cls.__name__] = cls
                            return cls
                        return decorate

                    def build(self, config):
                        args = dict(config)
                        return self._types[args.pop("type")](**args)

                    def create(self, name):
                        if name not in self._types:
                            raise KeyError(name)
                        return self._types[name]()

                BLOCKS = Registry()
                LAYERS = Registry()

                def layer(cls):
                    return LAYERS.register(cls.__name__.lower())(cls)
                """);
            Write("parts.py", """
                import torch
                from torch import nn
                import net.registry

                @net.registry.BLOCKS.register()
                @net.registry.layer
                class Block(nn.Module):
                    def __init__(self):
                        super().__init__()
                        self.fc = nn.Linear(4, 4)

                    def forward(self, x):
                        return torch.relu(self.fc(x))
                """);
            Write("model.py", $"""
                import importlib
                from torch import nn
                import net
                from .registry import BLOCKS, LAYERS
                from . import parts

                class Net(nn.Module):
                    def __init__(self):
                        super().__init__()
                        self.block = {built}

                    def forward(self, x):
                        return self.block(x)
                """);
            var path = Path.Join(package, "model.py");
            var report = Auditor.Default.Audit(new(path, path), Written.Settings)!;
            Assert.Equal(["block relu Certain"], report.Findings.Where(f => f.Outcome is Outcome.Fail).Select(f => $"{f.Module} {f.Operator} {f.Confidence}"));
            Assert.DoesNotContain(report.Guidelines, g => g.Outcome is Outcome.Undecidable);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
