using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>What makes a module, and what calls it: as people write it.</summary>
public sealed class SourceDefinitionTests
{
    /// <summary>What a function makes is copied, where nobody else can hold it.</summary>
    [Theory]
    [InlineData("def make(name):\n    cls = find(name)\n    return cls()", "make('tanh')", "self.act2 = copy.deepcopy(self.act)\n")]
    [InlineData("def make(name):\n    if not name:\n        return None\n    return nn.Tanh()", "make('tanh')", "self.act2 = make('tanh')\n")]
    [InlineData("", "find('tanh')()", "self.act2 = copy.deepcopy(self.act)\n")]
    [InlineData("", "TABLE['tanh']()", "self.act2 = TABLE['tanh']()\n")]
    [InlineData("", "getattr(nn, 'Tanh')()", "self.act2 = getattr(nn, 'Tanh')()\n")]
    [InlineData("MADE = {'tanh': nn.Tanh()}\ndef make(name):\n    return MADE[name]", "make('tanh')", null)]
    [InlineData("KEPT = []\ndef make(name):\n    m = nn.Tanh()\n    KEPT.append(m)\n    return m", "make('tanh')", null)]
    [InlineData("def make(m):\n    return nn.Sequential(m, nn.Tanh())", "make(x)", null)]
    [InlineData("TABLE['tanh'] = nn.ReLU", "TABLE['tanh']()", null)]
    public void WhatAFunctionOrATableGives(string before, string made, string? expected)
    {
        var (text, result) = Repair($"from torch import nn\n\nTABLE = {{'tanh': nn.Tanh, 'relu': nn.ReLU}}\ndef find(name):\n    return TABLE[name]\n\n{before}\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        x = nn.ReLU()\n        self.act = {made}\n\n    def forward(self, x):\n        return self.act(self.act(x))\n");

        Assert.True(result.Status == (expected is null ? RepairStatus.Refused : RepairStatus.Repaired), string.Join("; ", result.Left));
        Assert.Contains(expected ?? made, text, StringComparison.Ordinal);
        Assert.Equal(expected?.Contains("deepcopy", StringComparison.Ordinal) == true, text.StartsWith("import copy\n", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("q, k = map(self.act, (q, k))", "q, k = self.act(q), self.act2(k)\n")]
    [InlineData("q, k = map(self.act, [k, q])\n        q = self.act(q)", "q, k = self.act(k), self.act2(q)\n        q = self.act3(q)\n")]
    [InlineData("q, k = (self.act(t) for t in x)", "q, k = (self.act[i](t) for i, t in enumerate(x))\n")]
    [InlineData("q, k = map(self.act, (q.add_(1), k))", null)]
    [InlineData("q = sum(map(self.act, (q, k)))", null)]
    public void ACallForEachOfAFewNames(string line, string? expected)
    {
        var (text, result) = Repair($"from torch import nn\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.Tanh()\n\n    def forward(self, x):\n        q, k = x, x * 2\n        {line}\n        return q - k\n");

        Assert.True(result.Status == (expected is null ? RepairStatus.Refused : RepairStatus.Repaired), string.Join("; ", result.Left));
        Assert.Contains(expected ?? line, text, StringComparison.Ordinal);
    }

    /// <summary>A checkpoint may set another number of rounds.</summary>
    [Theory]
    [InlineData("n", true)]
    [InlineData("nn.Parameter(torch.tensor(n), requires_grad=False)", false)]
    [InlineData("torch.tensor(n).long()", false)]
    public void RoundsThatATensorCounts(string count, bool isRepaired)
    {
        var (_, result) = Repair($"import torch\nfrom torch import nn\n\nclass M(nn.Module):\n    def __init__(self, n=3):\n        super().__init__()\n        self.act = nn.Tanh()\n        self.n = {count}\n\n    def forward(self, x):\n        for _ in range(self.n):\n            x = self.act(x)\n        return x\n");

        Assert.True(isRepaired == result.Status is RepairStatus.Repaired, string.Join("; ", result.Left));
    }

    /// <summary>A function's first parameter is no object of its own: what it does there, it does to whatever it is given.</summary>
    [Theory]
    [InlineData("def change(c):\n    c.act.register_forward_hook(print)")]
    [InlineData("def change(c: C):\n    keep(c.act)")]
    [InlineData("def change(c):\n    c.act = nn.ReLU()")]
    public void AFunctionThatChangesItFromOutside(string function)
    {
        var (_, result) = Repair($"from torch import nn\nfrom other import keep\n\nclass C:\n    act = nn.ReLU\n\n{function}\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.Tanh()\n        change(self)\n\n    def forward(self, x):\n        return self.act(self.act(x))\n");

        Assert.Equal(RepairStatus.Refused, result.Status);
    }

    /// <summary>Each name holds the common object only where it was given none: every call is compared under its own condition.</summary>
    [Fact]
    public void ACommonDefaultThatEachNameMayNotHold()
    {
        var (text, result) = Repair("from torch import nn\n\ndef default(given, other):\n    return given if given is not None else other\n\nclass M(nn.Module):\n    def __init__(self, a=None, b=None):\n        super().__init__()\n        both = nn.Sequential(nn.Tanh(), nn.ReLU())\n        self.a = default(a, both)\n        self.b = default(b, both)\n\n    def forward(self, x):\n        return self.a(x) + self.b(x)\n");

        Assert.True(result is { Status: RepairStatus.Repaired, Verified: "Structure" }, string.Join("; ", result.Left));
        Assert.Contains("self.b = default(b, nn.Sequential(nn.Tanh(), nn.ReLU()))\n", text, StringComparison.Ordinal);
    }

    /// <summary>In a file for TorchScript the loop's own modules are walked with its lists, beside what is called elsewhere.</summary>
    [Fact]
    public void ALoopForTorchScriptBesideOtherCalls()
    {
        var (text, result) = Repair("import torch\nfrom torch import nn\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fs = nn.ModuleList([nn.Linear(2, 2) for _ in range(3)])\n        self.gs = nn.ModuleList([nn.Linear(2, 2) for _ in range(3)])\n        self.act = nn.ReLU()\n\n    def forward(self, x):\n        x = self.act(x)\n        for i, (f, g) in enumerate(zip(self.fs, self.gs)):\n            x = self.act(g(f(x))) + i\n        return x\n\nmodel = torch.jit.script(M())\n");

        Assert.True(result.Status is RepairStatus.Repaired, string.Join("; ", result.Left));
        Assert.Contains("for i, (f, g, act2) in enumerate(zip(self.fs, self.gs, self.act2)):\n            x = act2(g(f(x))) + i\n", text, StringComparison.Ordinal);
    }

    /// <summary>What a class holds for all its objects goes from the class, alone: not with another statement of its line.</summary>
    [Theory]
    [InlineData("default_act = nn.SiLU()", true)]
    [InlineData("default_act = nn.SiLU()  # for all", true)]
    [InlineData("default_act = nn.SiLU(); width = 8", false)]
    [InlineData("width = 8; default_act = nn.SiLU()", false)]
    [InlineData("default_act = nn.SiLU();", false)]
    public void AClassDefaultThatSharesItsLine(string line, bool isRepaired)
    {
        var (text, result) = Repair($"from torch import nn\n\nclass B(nn.Module):\n    size = 8\n    {line}\n\n    def __init__(self):\n        super().__init__()\n        self.act = self.default_act\n\n    def forward(self, x):\n        return self.act(x)\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.one = B()\n        self.two = B()\n\n    def forward(self, x):\n        return self.two(self.one(x))\n");

        Assert.True(isRepaired == result.Status is RepairStatus.Repaired, string.Join("; ", result.Left));
        Assert.Contains(isRepaired ? "    size = 8\n\n    def" : line, text, StringComparison.Ordinal);
    }

    /// <summary>A carriage return alone ends a line too, and the comment on it.</summary>
    [Fact]
    public void AClassDefaultWhoseLineACarriageReturnEnds()
    {
        var (text, result) = Repair("from torch import nn\n\nclass B(nn.Module):\n    default_act = nn.SiLU()  # for all\r    width = 8\n\n    def __init__(self):\n        super().__init__()\n        self.act = self.default_act\n\n    def forward(self, x):\n        return self.act(x)\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.one = B()\n        self.two = B()\n\n    def forward(self, x):\n        return self.two(self.one(x))\n");

        Assert.True(result.Status is RepairStatus.Repaired, string.Join("; ", result.Left));
        Assert.Contains("class B(nn.Module):\n    width = 8\n", text, StringComparison.Ordinal);
    }

    /// <summary>Code that puts names together, or makes a text of the object, would meet the new attribute.</summary>
    [Theory]
    [InlineData("pass", "x = self.act(self.act(x))\n        n = 2\n        while hasattr(self, f'act{n}'):\n            x = x * 2\n            n += 1\n        return x")]
    [InlineData("pass", "x = self.act(self.act(x))\n        for n in range(4):\n            x = getattr(self, 'act%d' % n, nn.Identity())(x)\n        return x")]
    [InlineData("pass", "x = self.act(self.act(x))\n        for k in ['act' + str(n) for n in range(4)]:\n            x = getattr(self, k, nn.Identity())(x)\n        return x")]
    [InlineData("for i in range(1, 4):\n            self.__setattr__('act' + str(i), nn.ReLU())", "return self.act(self.act(x))")]
    [InlineData("for i in range(1, 4):\n            self.add_module('act{}'.format(i), nn.ReLU())", "return self.act(self.act(x))")]
    [InlineData("pass", "return self.act(self.act(x)) * len(f'{self}')")]
    [InlineData("pass", "return self.act(self.act(x)) * len('%s' % self)")]
    [InlineData("pass", "return self.act(self.act(x)) * len('{}'.format(self))")]
    public void WhereNamesArePutTogetherNothingIsAdded(string init, string forward)
    {
        var (_, result) = Repair($"from torch import nn\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.Tanh()\n        {init}\n\n    def forward(self, x):\n        {forward}\n");

        Assert.True(result.Changes.IsEmpty, string.Join("; ", result.Changes));
        Assert.Contains(result.Left, l => l.Guideline == "PyTorch.ModuleReuse");
    }

    /// <summary>What computes nothing in inference is only worth knowing when it is used again: it is repaired all the same, and not complained of where that cannot be done.</summary>
    [Theory]
    [InlineData("nn.Dropout(0.1)", RepairStatus.Repaired)]
    [InlineData("nn.Dropout(next(rates))", RepairStatus.Unchanged)]
    public void AReusedDropout(string made, RepairStatus expected)
    {
        var (text, result) = Repair($"from torch import nn\n\nrates = iter([0.1, 0.2, 0.3])\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.drop = {made}\n\n    def forward(self, x):\n        return self.drop(self.drop(x))\n");

        Assert.Equal(expected, result.Status);
        Assert.Empty(result.Left);
        Assert.Equal(expected is RepairStatus.Repaired, text.Contains("self.drop2 = nn.Dropout(0.1)\n", StringComparison.Ordinal));
    }

    private static (string Text, RepairResult Result) Repair(string source)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("model.py", Encoding.UTF8.GetBytes(source));
        var result = Repairer.Default.Repair(new AuditInput(path, path), RepairSettings.Default, TestContext.Current.CancellationToken);
        return (result.OutputPath is null ? source : File.ReadAllText(result.OutputPath), result);
    }
}
