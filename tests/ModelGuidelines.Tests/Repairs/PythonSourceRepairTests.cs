using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Tests.Repairs;

public sealed class PythonSourceRepairTests
{
    [Fact]
    public void TheGuidelinesExampleBecomesTheGuidelinesAnswer() => Assert.Equal(
        """
        import torch

        class Model(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.relu = torch.nn.ReLU()  # used twice
                self.relu2 = torch.nn.ReLU()
                self.conv = torch.nn.Conv2d(3, 8, 3)

            def forward(self, x):
                x = self.relu(self.conv(x))
                return self.relu2(x + 1)  # again
        """,
        Repair(
        """
        import torch

        class Model(torch.nn.Module):
            def __init__(self):
                super().__init__()
                self.relu = torch.nn.ReLU()  # used twice
                self.conv = torch.nn.Conv2d(3, 8, 3)

            def forward(self, x):
                x = self.relu(self.conv(x))
                return self.relu(x + 1)  # again
        """).Text);

    [Theory]
    [InlineData("F.leaky_relu(x, 0.1)", "nn.LeakyReLU(0.1)", "self.leaky_relu(x)")]
    [InlineData("F.leaky_relu(input=x, negative_slope=0.1)", "nn.LeakyReLU(negative_slope=0.1)", "self.leaky_relu(x)")]
    [InlineData("F.pad(x, (1, 1, 2, 2), mode='reflect')", "nn.ReflectionPad2d((1, 1, 2, 2))", "self.pad(x)")]
    [InlineData("F.pad(x, [1, 1])", "nn.ConstantPad1d([1, 1], 0.0)", "self.pad(x)")]
    [InlineData("F.pad(x, pad=(0, 1), value=-1)", "nn.ConstantPad1d((0, 1), -1)", "self.pad(x)")]
    [InlineData("F.dropout(x, 0.3, self.training)", "nn.Dropout(0.3)", "self.dropout(x)")]
    [InlineData("F.max_pool2d(x, 2, ceil_mode=True)", "nn.MaxPool2d(2, ceil_mode=True)", "self.max_pool2d(x)")]
    [InlineData("(x + 1).sigmoid()", "nn.Sigmoid()", "self.sigmoid((x + 1))")]
    [InlineData("torch.softmax((x), -1)", "nn.Softmax(-1)", "self.softmax((x))")]
    [InlineData("x.relu_()", "nn.ReLU(inplace=True)", "self.relu(x)")]
    [InlineData("F.relu(self.c(F.relu(x)))", "nn.ReLU()", "self.relu(self.c(self.relu2(x)))")]
    public void AFunctionBecomesAModule(string call, string definition, string expected)
    {
        var (text, result) = Repair(Module(call));

        Assert.Equal(RepairStatus.Repaired, result.Status);
        Assert.Contains($" = {definition}\r\n", text, StringComparison.Ordinal);
        Assert.Contains($"return {expected}\r\n", text.Replace("self.relu2(self.c(self.relu(x)))", "self.relu(self.c(self.relu2(x)))", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.All(result.Changes, c => Assert.Contains("\n+", c.Diff, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("F.leaky_relu(x, self.slope)", "not set once and for all")]
    [InlineData("F.dropout(x, 0.3)", "training")]
    [InlineData("F.linear(x, self.w)", "handed weights")]
    [InlineData("F.pad(x, (0, x.size(0)))", "run time")]
    [InlineData("F.pad(x, self.padding)", "run time")]
    [InlineData("F.pad(x, (0, 1), mode='circular')", "run time")]
    [InlineData("[F.relu(y) for y in x.split(2)][0]", "loop")]
    public void WhatIsNotSafeIsLeftWithTheReason(string call, string reason)
    {
        var (_, result) = Repair(Module(call));

        Assert.Equal(RepairStatus.Refused, result.Status);
        Assert.Contains(reason, Assert.Single(result.Left).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("self.a = self.b = nn.Tanh()", "self.a = nn.Tanh()\n        self.b = nn.Tanh()\n")]
    [InlineData("self.a = nn.Tanh()\n        self.b = self.a", "self.a = nn.Tanh()\n        self.b = nn.Tanh()\n")]
    [InlineData("t = nn.Hardtanh(-2, 2)\n        self.a = t\n        self.b = t", "self.a = t\n        self.b = nn.Hardtanh(-2, 2)\n")]
    [InlineData("t = act\n        self.a = t\n        self.b = t", null)]
    [InlineData("for i in range(1):\n            t = nn.Tanh()\n            self.a = t\n        self.b = t", null)]
    public void AnObjectUnderTwoNamesBecomesTwo(string definition, string? expected)
    {
        var (text, result) = Repair($"from torch import nn\n\nclass M(nn.Module):\n    def __init__(self, act=nn.Tanh()):\n        super().__init__()\n        {definition}\n\n    def forward(self, x):\n        return self.a(self.b(x))\n");

        Assert.Equal(expected is null ? RepairStatus.Refused : RepairStatus.Repaired, result.Status);
        Assert.Contains(expected ?? definition, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "for i, f in enumerate(self.fs):\n            x = f(x)", true)]
    [InlineData("self.fs[0].register_forward_hook(double)", "for f in self.fs:\n            x = f(x)", false)]
    [InlineData("f = self.fs[1]\n        f.register_forward_hook(double)", "for f in self.fs:\n            x = f(x)", false)]
    [InlineData("for f in self.fs:\n            f.register_forward_hook(double)", "for f in self.fs:\n            x = f(x)", false)]
    [InlineData("double(*self.fs)", "for f in self.fs:\n            x = f(x)", false)]
    public void AListTimesANumberBecomesObjectsUnlessOneIsChanged(string change, string forward, bool repaired)
    {
        var source = $"import torch.nn as nn\nfrom hooks import double\n\n\nclass Model(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fs = nn.ModuleList([nn.Tanh()] * 3)\n        {change}\n\n    def forward(self, x):\n        {forward}\n        return x\n";
        var result = Repair(source);
        Assert.Equal(repaired, result.Result.Status == RepairStatus.Repaired);
    }

    [Fact]
    public void AClassWithoutInitGetsOne() => Assert.Equal(
        "import torch\n\nclass M(torch.nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.tanh = torch.nn.Tanh()\n\n    def forward(self, x):\n        return self.tanh(x)\n",
        Repair("import torch\n\nclass M(torch.nn.Module):\n    def forward(self, x):\n        return torch.tanh(x)\n").Text);

    [Theory]
    [InlineData("self.act(x)", RepairStatus.Repaired)]
    [InlineData("self.act(self.act(x))", RepairStatus.Refused)]
    [InlineData("self.act(x, inplace=True)", RepairStatus.Refused)]
    public void AFunctionHeldByAnAttribute(string call, RepairStatus expected)
    {
        var (text, result) = Repair($"from torch import nn\nimport torch.nn.functional as F\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = F.relu\n\n    def forward(self, x):\n        return {call}\n");

        Assert.Equal(expected, result.Status);
        Assert.Contains(expected is RepairStatus.Repaired ? "self.act = nn.ReLU()\n" : "self.act = F.relu\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void ModulesWithParametersAreDuplicatedOnlyWhenAsked()
    {
        const string Source = "from torch import nn\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 4)\n\n    def forward(self, x):\n        return self.fc(self.fc(x))\n";

        Assert.Contains("IncludeWeighted", Assert.Single(Repair(Source).Result.Left).Reason, StringComparison.Ordinal);
        Assert.Contains("self.fc2 = nn.Linear(4, 4)\n", Repair(Source, RepairSettings.Default with { IncludeWeighted = true }).Text, StringComparison.Ordinal);
    }

    /// <summary>Each was repaired wrong once: the new module was missing, another, or seen where modules are walked.</summary>
    [Theory]
    [InlineData("early return", "self.c = nn.Conv2d(1, 1, 1)\n        return", "F.relu(x)", "self.relu = nn.ReLU()\n        self.c")]
    [InlineData("eval at the end", "self.eval()", "F.dropout(x, 0.5, self.training)", "self.dropout = nn.Dropout(0.5)\n        self.eval()")]
    [InlineData("forward at once", "self.n = self(torch.zeros(1)).shape", "F.relu(x)", "self.relu = nn.ReLU()\n        self.n")]
    [InlineData("an attribute's value", "self.p = 0.5", "F.dropout(x, self.p, self.training)", "self.p = 0.5\n        self.dropout = nn.Dropout(self.p)\n")]
    [InlineData("nn is another", "nn = 3", "F.relu(x)", "self.relu = torch.nn.ReLU()\n")]
    [InlineData("a changed value", "self.p = 0.5\n        self.p = 0.1", "F.dropout(x, self.p, self.training)", "self.p = 0.1\n        self.dropout = nn.Dropout(self.p)\n")]
    [InlineData("a value of each arm", "if x:\n            self.p = 0.5\n        else:\n            self.p = 0.1", "F.dropout(x, self.p, self.training)", "            self.p = 0.1\n        self.dropout = nn.Dropout(self.p)\n")]
    [InlineData("a value that may not be there", "if x:\n            self.p = 0.5", "F.dropout(x, self.p, self.training)", null)]
    [InlineData("a value that a loop changes", "self.p = 0.5\n        for q in (0.1, 0.2):\n            self.p = q", "F.dropout(x, self.p, self.training)", null)]
    [InlineData("children by index", "self.tail = list(self.children())[:-1]", "F.relu(x)", null)]
    [InlineData("all modules", "self.n = len(list(self.modules()))", "F.relu(x)", null)]
    [InlineData("weights alone", "for m in self.modules():\n            if isinstance(m, nn.Conv2d):\n                m.bias = None", "F.relu(x)", "self.relu = nn.ReLU()\n")]
    [InlineData("a list of weights", "self.convs = [m for m in self.modules() if isinstance(m, nn.Conv2d)]", "F.relu(x)", "self.relu = nn.ReLU()\n")]
    [InlineData("a list with it", "self.acts = [m for m in self.modules() if isinstance(m, nn.ReLU)]", "F.relu(x)", null)]
    [InlineData("a hook", "self.act = nn.ReLU()\n        self.act.register_forward_hook(print)", "self.act(self.act(x))", null)]
    [InlineData("an attribute of it", "self.act = nn.LeakyReLU()\n        self.act.negative_slope = 2", "self.act(self.act(x))", null)]
    [InlineData("statistics", "self.act = nn.BatchNorm1d(4, affine=False)", "self.act(self.act(x))", null)]
    [InlineData("drawn arguments", "self.act = nn.LeakyReLU(torch.rand(1).item())", "self.act(self.act(x))", null)]
    [InlineData("used up arguments", "p = [1, 2]\n        self.act = nn.LeakyReLU(p.pop())", "self.act(self.act(x))", null)]
    [InlineData("chained methods", "pass", "x.tanh().softmax(-1)", "self.softmax(self.tanh(x))")]
    [InlineData("two branches", "if x:\n            self.act = nn.ReLU()\n        else:\n            self.act = nn.Tanh()", "self.act(self.act(x))", "            self.act = nn.Tanh()\n            self.act2 = nn.Tanh()\n")]
    [InlineData("keyword only", "pass", "F.gaussian_nll_loss(x, x, x, True)", "nn.GaussianNLLLoss(full=True)")]
    public void TheNewModuleIsThereAndEqualOrItIsLeft(string what, string init, string call, string? expected)
    {
        var (text, result) = Repair($"import torch\nfrom torch import nn\nimport torch.nn.functional as F\n\nclass M(nn.Module):\n    def __init__(self, x=1):\n        super().__init__()\n        {init}\n\n    def forward(self, x):\n        return {call}\n");

        Assert.True(result.Status == (expected is null ? RepairStatus.Refused : RepairStatus.Repaired), $"{what}: {result} {string.Join("; ", result.Left)}");
        Assert.Contains(expected ?? init, text, StringComparison.Ordinal);
        Assert.Equal(expected is null ? null : "Structure", result.Verified);
    }

    [Theory]
    [InlineData("super().__init__()\n        self.act = nn.Tanh()", true)]
    [InlineData("super(B, self).__init__()\n        self.other = nn.Tanh()", false)]
    [InlineData("nn.Module.__init__(self)", false)]
    public void SubclassesGetTheNewModuleToo(string init, bool isRepaired)
    {
        var (text, result) = Repair($"from torch import nn\n\nclass B(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n\n    def forward(self, x):\n        return self.act(self.act(x))\n\nclass M(B):\n    def __init__(self):\n        {init}\n");

        Assert.Equal(isRepaired, text.Contains("self.act2 = nn.Tanh()", StringComparison.Ordinal));
        Assert.Equal(isRepaired, result.Status is RepairStatus.Repaired);
    }

    [Theory]
    [InlineData("for _ in range(self.n):\n            x = self.act(x)", "self.act = nn.ModuleList([nn.ReLU() for _ in range(self.n)])\n", "for i in range(self.n):\n            x = self.act[i](x)\n")]
    [InlineData("for f in self.fs:\n            x = self.act(f(x))", "self.act = nn.ModuleList([nn.ReLU() for _ in self.fs])\n", "for i, f in enumerate(self.fs):\n            x = self.act[i](f(x))\n")]
    [InlineData("x = sum(self.act(f(x)) for f in self.fs)", "self.act = nn.ModuleList([nn.ReLU() for _ in self.fs])\n", "x = sum(self.act[i](f(x)) for i, f in enumerate(self.fs))\n")]
    [InlineData("for k in (3, 5):\n            x = self.act(x + k)", "nn.ModuleList([nn.ReLU() for _ in range(2)])\n", "for i, k in enumerate((3, 5)):\n            x = self.act[i](x + k)\n")]
    [InlineData("for k in x:\n            x = self.act(k)", null, null)]
    [InlineData("while x.sum() > 0:\n            x = self.act(x)", null, null)]
    [InlineData("i = 0\n        while i < 3 and x.sum() > 0:\n            x = self.act(x)\n            i += 1", "self.act = nn.ModuleList([nn.ReLU() for _ in range(3)])\n", "x = self.act[i](x)\n            i += 1\n")]
    [InlineData("i = 0\n        while i < 2.5:\n            x = self.act(x)\n            i += 1", null, null)]
    [InlineData("i = 0\n        while i < self.n:\n            x = self.act(x)\n            i += 1", null, null)]
    [InlineData("i = 1\n        while i < 3:\n            x = self.act(x)\n            i += 1", null, null)]
    [InlineData("i = 0\n        while i < 3:\n            if x.sum() > 0:\n                continue\n            x = self.act(x)\n            i += 1", null, null)]
    [InlineData("for i in range(2):\n            for _ in range(self.n):\n                x = self.act(x)", "nn.ModuleList([nn.ReLU() for _ in range(2 * (self.n or 0))])\n", "for j in range(self.n):\n                x = self.act[i * self.n + j](x)\n")]
    [InlineData("for f in self.fs:\n            for i in range(2):\n                x = self.act(f(x)) + i", "nn.ModuleList([nn.ReLU() for _ in range(len(self.fs) * 2)])\n", "for j, f in enumerate(self.fs):\n            for i in range(2):\n                x = self.act[j * 2 + i](f(x)) + i\n")]
    [InlineData("for i in range(3):\n            for _ in range(i + 1):\n                x = self.act(x)", null, null)]
    public void ACallInALoopGetsAList(string loop, string? definition, string? called)
    {
        var (text, result) = Repair($"from torch import nn\n\nclass M(nn.Module):\n    def __init__(self, n=3):\n        super().__init__()\n        self.act = nn.ReLU()\n        self.n = n\n        self.fs = nn.ModuleList([nn.Linear(2, 2) for _ in range(n)])\n\n    def forward(self, x):\n        {loop}\n        return x\n");

        Assert.Equal(definition is null ? RepairStatus.Refused : RepairStatus.Repaired, result.Status);
        Assert.Contains(definition ?? "self.act = nn.ReLU()\n", text, StringComparison.Ordinal);
        Assert.Contains(called ?? loop, text, StringComparison.Ordinal);
    }

    /// <summary>Nobody knows how often; the list has as many as there are rounds, and none where the loop is not reached.</summary>
    [Theory]
    [InlineData("for _ in range(self.n):\n            x = self.act(x)\n        return x", "self.act = nn.ModuleList([nn.ReLU() for _ in range(self.n)])\n")]
    [InlineData("if self.n is None:\n            return x\n        for _ in range(self.n):\n            x = self.act(x)\n        return x", "self.act = nn.ModuleList([nn.ReLU() for _ in range(self.n or 0)])\n")]
    public void ALoopOfUnknownLengthGetsAListOfThatLength(string forward, string expected)
    {
        var (text, result) = Repair($"from torch import nn\n\nclass M(nn.Module):\n    def __init__(self, n):\n        super().__init__()\n        self.act = nn.ReLU()\n        self.n = n\n\n    def forward(self, x):\n        {forward}\n");

        Assert.True(result is { Status: RepairStatus.Repaired, Verified: "Structure" }, string.Join("; ", result.Left));
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.Contains("x = self.act[i](x)\n", text, StringComparison.Ordinal);
    }

    /// <summary>What runs under a condition that the file does not decide is proven to run under the same one.</summary>
    [Theory]
    [InlineData("if self.n > 2:\n            x = self.act(x)\n        return self.act(x)", "if self.n > 2:\n            x = self.act(x)\n        return self.act2(x)")]
    [InlineData("x = self.act(x)\n        for _ in range(self.n):\n            x = x + 1\n        if self.n == 1:\n            return x\n        return self.act(x)", "return self.act2(x)")]
    [InlineData("return F.gelu(x) if self.n > 2 else x", "return self.gelu(x) if self.n > 2 else x")]
    [InlineData("y = F.softmax(x, -1) if self.n else x\n        if self.n == 5:\n            return y.tanh()\n        return y", "return self.tanh(y)")]
    public void CallsUnderConditions(string forward, string expected)
    {
        var (text, result) = Repair($"from torch import nn\nimport torch.nn.functional as F\n\nclass M(nn.Module):\n    def __init__(self, n):\n        super().__init__()\n        self.act = nn.ReLU()\n        self.n = n\n\n    def forward(self, x):\n        {forward}\n");

        Assert.True(result is { Status: RepairStatus.Repaired, Verified: "Structure" }, string.Join("; ", result.Left));
        Assert.Contains(expected, text, StringComparison.Ordinal);
    }

    /// <summary>Nothing that is followed calls it outside of the loop; others may, and a list cannot be called.</summary>
    [Fact]
    public void AModuleThatIsCalledElsewhereStaysOne()
    {
        var (text, _) = Repair("from torch import nn\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n\n    def forward(self, x):\n        for i in range(3):\n            x = self.act(x)\n        return x\n\n    def head(self, x):\n        return self.act(x)\n");

        Assert.Contains("self.act = nn.ReLU()\n        self.act2 = nn.ModuleList([nn.ReLU() for _ in range(2)])\n", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("self.k = torch.rand(1).item()", false)]
    [InlineData("made.append(1)", false)]
    [InlineData("self.k = k", true)]
    public void AClassIsCopiedWhenItsObjectsAreMadeAlike(string init, bool isRepaired)
    {
        var (_, result) = Repair($"import torch\nfrom torch import nn\n\nmade = []\n\nclass Own(nn.Module):\n    def __init__(self, k=2):\n        super().__init__()\n        {init}\n\n    def forward(self, x):\n        return torch.add(x, 1)\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.own = Own()\n\n    def forward(self, x):\n        return self.own(self.own(x))\n");

        Assert.Equal(isRepaired ? RepairStatus.Repaired : RepairStatus.Refused, result.Status);
    }

    [Fact]
    public void ParametersAreSharedWhereAsked() => Assert.Contains(
        "        self.fc2 = nn.Linear(4, 4)\n        for module, shared in zip(self.fc2.modules(), self.fc.modules()):\n            for key, value in shared._parameters.items():\n                setattr(module, key, value)\n",
        Repair("from torch import nn\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 4)\n\n    def forward(self, x):\n        return self.fc(self.fc(x))\n", RepairSettings.Default with { ShareParameters = true }).Text, StringComparison.Ordinal);

    /// <summary>Each was repaired wrong once: the copy's parameters were counted, or were none of the first's.</summary>
    [Theory]
    [InlineData("self.fc = nn.Linear(4, 4)\n        self.n = sum(p.numel() for p in self.parameters())", "self.fc(self.fc(x)) * self.n", false, "counts the parameters")]
    [InlineData("self.fc = nn.Linear(4, 4)\n        self.fc2 = self.fc", "self.fc2(self.fc(x))", true, "their parameters are one")]
    [InlineData("self.fc = nn.Linear(4, 4)\n        for p in self.parameters():\n            nn.init.ones_(p)", "self.fc(self.fc(x))", false, null)]
    public void ParametersThatAreCountedOrOneAreLeft(string init, string forward, bool isShared, string? reason)
    {
        var (_, result) = Repair($"from torch import nn\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        {init}\n\n    def forward(self, x):\n        return {forward}\n", RepairSettings.Default with { IncludeWeighted = !isShared, ShareParameters = isShared });

        Assert.Equal(reason is null ? RepairStatus.Repaired : RepairStatus.Refused, result.Status);
        Assert.All(result.Left, l => Assert.Contains(reason!, l.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void RemarksStay() => Assert.Contains(
        "self.leaky_relu(\n            x,  # one\n            # two\n        )",
        Repair("from torch import nn\nimport torch.nn.functional as F\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n\n    def forward(self, x):\n        return F.leaky_relu(\n            x,  # one\n            0.2,  # two\n        )\n").Text, StringComparison.Ordinal);

    /// <summary>Each was repaired once, and ran otherwise, was called twice still, or had entries in its state_dict that no checkpoint holds.</summary>
    [Theory]
    [InlineData("attributes are looked up", "", "def __getattr__(self, name):\n        return super().__getattr__('act' if name.startswith('act') else name)")]
    [InlineData("attributes are forbidden", "", "def __setattr__(self, name, value):\n        if name not in ('act', 'training'):\n            raise AttributeError(name)\n        super().__setattr__(name, value)")]
    [InlineData("a class changes its subclasses", "class B(nn.Module):\n    def __init_subclass__(cls):\n        f = cls.forward\n        cls.forward = lambda self, x: f(self, f(self, x))\n", "pass")]
    [InlineData("a library is changed", "nn.Tanh = nn.ReLU\n", "pass")]
    [InlineData("a cache", "class T(nn.Module):\n    @lru_cache\n    def table(self, n):\n        return torch.rand(n)\n\n    def forward(self, x):\n        return x + self.table(4)\n", "pass")]
    [InlineData("a key", "class T(nn.Module):\n    def forward(self, x):\n        return x * seen[id(self)]\n", "pass")]
    [InlineData("parameters of one's own", "class T(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.g = nn.Parameter(torch.full((4,), 2.0))\n\n    def forward(self, x):\n        return x * self.g\n", "pass")]
    [InlineData("a buffer of one's own", "class T(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.register_buffer('g', torch.ones(4))\n\n    def forward(self, x):\n        return x * self.g\n", "pass")]
    [InlineData("drawn by a function", "def noise():\n    return torch.rand(4)\n\nclass T(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.g = noise()\n\n    def forward(self, x):\n        return x * self.g\n", "pass")]
    [InlineData("an argument that counts", "class C:\n    n = 0\n\n    @property\n    def slope(self):\n        C.n += 1\n        return C.n\n\nT = lambda: nn.LeakyReLU(C().slope)\n", "pass")]
    [InlineData("a module that both would hold", "class T(nn.Module):\n    def __init__(self, m=None):\n        super().__init__()\n        self.m = m\n\n    def forward(self, x):\n        return self.m(x)\n", "pass", "t = nn.Tanh()\n        self.act = T(t)")]
    public void AModuleThatIsNotAsItSeemsIsLeft(string what, string before, string body, string? init = null)
    {
        var type = before.Contains("class B", StringComparison.Ordinal) ? "B" : "nn.Module";
        var act = before.Contains("class T", StringComparison.Ordinal) || before.Contains("T = ", StringComparison.Ordinal) ? "T()" : "nn.Tanh()";
        var (text, result) = Repair($"import torch\nfrom functools import lru_cache\nfrom torch import nn\n\nseen = {{}}\n\n{before}\nclass M({type}):\n    def __init__(self):\n        super().__init__()\n        {init ?? $"self.act = {act}"}\n\n    {body}\n\n    def forward(self, x):\n        return self.act(self.act(x))\n");

        Assert.True(result.Status is RepairStatus.Refused, $"{what}: {result} {text}");
        Assert.NotEmpty(result.Left);
    }

    /// <summary>Holders of one object that one of them changes, or whose holder does.</summary>
    [Theory]
    [InlineData("pass", "self.c.act.register_forward_hook(print)", false)]
    [InlineData("pass", "self.c.act.negative_slope = 2", false)]
    [InlineData("act.users = 1", "pass", false)]
    [InlineData("pass", "pass", true)]
    public void AnObjectThatOneHolderChangesStaysOne(string holder, string outside, bool isRepaired)
    {
        var (_, result) = Repair($"from torch import nn\n\nclass B(nn.Module):\n    def __init__(self, act):\n        super().__init__()\n        self.act = act\n        {holder}\n\n    def forward(self, x):\n        return self.act(x)\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        act = nn.LeakyReLU(0.1)\n        self.b = B(act)\n        self.c = B(act)\n        {outside}\n\n    def forward(self, x):\n        return self.c(self.b(x))\n");

        Assert.Equal(isRepaired ? RepairStatus.Repaired : RepairStatus.Refused, result.Status);
    }

    [Theory]
    [InlineData("F.cross_entropy(x, x, self.w)", "self.w = torch.ones(4)", "buffer")]
    [InlineData("F.leaky_relu(x, self.p)", "self.p = 0.5", "once and for all")]
    public void AnArgumentThatIsMoreThanANumberIsLeft(string call, string init, string reason)
    {
        var (_, result) = Repair($"import torch\nfrom torch import nn\nimport torch.nn.functional as F\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        {init}\n\n    def forward(self, x):\n        return {call}\n\nm = M()\nm.__dict__.update(p=0.1)\n");

        Assert.Contains(reason, Assert.Single(result.Left).Reason, StringComparison.Ordinal);
    }

    /// <summary>TorchScript unrolls loops over a list, but takes no element by a number that is counted.</summary>
    [Theory]
    [InlineData("for _ in range(3):\n            x = self.act(x)", "for act in self.act:\n            x = act(x)")]
    [InlineData("for i in range(3):\n            x = self.act(x) + i", "for i, act in enumerate(self.act):\n            x = act(x) + i")]
    [InlineData("for i, f in enumerate(self.fs):\n            x = self.act(f(x)) + i", "for i, (f, act) in enumerate(zip(self.fs, self.act)):\n            x = act(f(x)) + i")]
    [InlineData("for f in self.fs:\n            x = self.act(self.act(f(x)))", null)]
    public void ALoopInAFileForTorchScriptWalksTheListsTogether(string loop, string? expected)
    {
        var (text, result) = Repair($"import torch\nfrom torch import nn\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fs = nn.ModuleList([nn.Linear(2, 2) for _ in range(3)])\n        self.act = nn.ReLU()\n\n    def forward(self, x):\n        {loop}\n        return x\n\nmodel = torch.jit.script(M())\n");

        Assert.Contains(expected ?? loop, text, StringComparison.Ordinal);
        Assert.True(expected is not null || result.Left.All(l => l.Reason.Contains("TorchScript", StringComparison.Ordinal)), string.Join("; ", result.Left));
    }

    /// <summary>Another file hands an object of the class to the compiler.</summary>
    [Theory]
    [InlineData("import torch\nfrom model import M\n\nnet = M().eval()\ncompiled = torch.jit.script(net)\n", false)]
    [InlineData("import torch\nimport model\n\n\ndef make():\n    return model.M()\n\n\ncompiled = torch.jit.script(make())\n", false)]
    [InlineData("import torch\nfrom model import M\n\ncompiled = torch.jit.trace(M(), torch.zeros(1))\n", true)]
    public void AnObjectThatAnotherFileCompilesKeepsItsForm(string use, bool isRepaired)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("model.py", Encoding.UTF8.GetBytes("from torch import nn\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n\n    def forward(self, x):\n        return self.block(self.block(x))\n\n    def block(self, x):\n        return self.act(x)\n"));
        folder.Write("use.py", Encoding.UTF8.GetBytes(use));

        Assert.Equal(isRepaired, RepairFile(path, RepairSettings.Default with { Folder = new(folder.Path) }).Status is RepairStatus.Repaired);
    }

    [Theory]
    [InlineData("nn.ModuleDict({'t': nn.Tanh(), 'r': nn.ReLU()})", "self.acts['t'](self.acts['t'](x)) + self.acts['r'](x)", "self.acts2 = nn.Tanh()\n", "self.acts2(self.acts['t'](x)) + self.acts['r'](x)")]
    [InlineData("nn.ModuleList([nn.Tanh(), nn.ReLU()])", "self.acts[1](self.acts[0](self.acts[-1](x)))", "self.acts2 = nn.ReLU()\n", "self.acts2(self.acts[0](self.acts[-1](x)))")]
    [InlineData("nn.ModuleList([nn.Tanh(), nn.ReLU()])", "self.acts[0](self.acts[0](x)) + len(self.acts[1:])", null, null)]
    [InlineData("nn.ModuleList([nn.Tanh() for _ in range(2)])", "self.acts[0](self.acts[0](x))", null, null)]
    public void AnElementThatIsCalledAgain(string made, string forward, string? definition, string? called)
    {
        var (text, result) = Repair($"from torch import nn\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.acts = {made}\n\n    def forward(self, x):\n        return {forward}\n");

        Assert.True(result.Status == (definition is null ? RepairStatus.Refused : RepairStatus.Repaired), string.Join("; ", result.Left));
        Assert.Contains(definition ?? made, text, StringComparison.Ordinal);
        Assert.Contains(called ?? forward, text, StringComparison.Ordinal);
    }

    /// <summary>Two classes whose objects bear one name, as the settings choose, are repaired both.</summary>
    [Fact]
    public void ClassesThatAreChosenFromAreRepairedEach()
    {
        const string Block = "class {0}(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.{1}()\n\n    def forward(self, x):\n        return self.act(self.act(x))\n\n";
        var (text, result) = Repair($"from torch import nn\n\n{Block.Replace("{0}", "A", StringComparison.Ordinal).Replace("{1}", "ReLU", StringComparison.Ordinal)}{Block.Replace("{0}", "B", StringComparison.Ordinal).Replace("{1}", "Tanh", StringComparison.Ordinal)}class M(nn.Module):\n    def __init__(self, basic):\n        super().__init__()\n        self.block = A() if basic else B()\n        self.act = nn.ReLU()\n\n    def forward(self, x):\n        for f in x:\n            x = self.act(x)\n        return self.block(x)\n");

        Assert.Equal(RepairStatus.Repaired, result.Status);
        Assert.Contains("self.act2 = nn.ReLU()\n", text, StringComparison.Ordinal);
        Assert.Contains(" = nn.Tanh()\n        self.act3 = nn.Tanh()\n", text, StringComparison.Ordinal);
        Assert.Single(result.Left);
    }

    /// <summary>What every construction at hand gives is copied by the second holder; what may have parameters stays.</summary>
    [Theory]
    [InlineData("nn.Tanh()", true)]
    [InlineData("nn.PReLU()", false)]
    [InlineData("given", false)]
    public void AnObjectThatIsGivenToAClass(string second, bool isRepaired)
    {
        var (text, _) = Repair($"from torch import nn\n\nclass B(nn.Module):\n    def __init__(self, act):\n        super().__init__()\n        self.a = act\n        self.b = act\n\n    def forward(self, x):\n        return self.b(self.a(x))\n\nclass M(nn.Module):\n    def __init__(self, given=None):\n        super().__init__()\n        self.x = B(nn.ReLU())\n        self.y = B({second})\n\n    def forward(self, x):\n        return self.y(self.x(x))\n");

        Assert.Equal(isRepaired, text.Contains("        self.b = copy.deepcopy(act)\n", StringComparison.Ordinal));
        Assert.Equal(isRepaired, text.StartsWith("import copy\n", StringComparison.Ordinal));
    }

    /// <summary>A file of the folder that was named changes the module from outside.</summary>
    [Fact]
    public void TheOtherFilesOfTheFolderAreLookedAt()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("model.py", Encoding.UTF8.GetBytes("from torch import nn\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n\n    def forward(self, x):\n        return self.act(self.act(x))\n"));
        folder.Write("use.py", Encoding.UTF8.GetBytes("from model import M\n\nnet = M()\nnet.act = None\n"));

        Assert.Contains("use.py", Assert.Single(RepairFile(path, RepairSettings.Default with { Folder = new(folder.Path) }).Left).Reason, StringComparison.Ordinal);
        Assert.Equal(RepairStatus.Repaired, RepairFile(path, RepairSettings.Default).Status);
    }

    /// <summary>A class of the same name in another file is another class; the same class by another path is the same.</summary>
    [Theory]
    [InlineData("from model import M\n\nparts = list(M().children())\n", false)]
    [InlineData("import model\n\nparts = list(model.M().children())\n", false)]
    [InlineData("from model import *\n\nclass M(M):\n    pass\n\nparts = list(M().children())\n", false)]
    [InlineData("from torch import nn\n\nclass M(nn.Module):\n    pass\n\nparts = list(M().children())\n", true)]
    public void AWalkInAnotherFileCountsWhereItsClassIsMeant(string use, bool isRepaired)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("model.py", Encoding.UTF8.GetBytes("from torch import nn\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n\n    def forward(self, x):\n        return self.act(self.act(x))\n"));
        folder.Write("use.py", Encoding.UTF8.GetBytes(use));

        var result = RepairFile(path, RepairSettings.Default with { Folder = new(folder.Path) });

        Assert.True(isRepaired == result.Status is RepairStatus.Repaired, string.Join("; ", result.Left));
        Assert.Equal(!isRepaired, result.Left.Any(l => l.Reason.Contains("use.py walks over modules", StringComparison.Ordinal)));
    }

    /// <summary>A walk that asks for a class gets what derives from it, too.</summary>
    [Theory]
    [InlineData("Act", false)]
    [InlineData("nn.Conv2d", true)]
    public void AWalkThatAsksForABaseSeesTheNewModule(string asked, bool isRepaired)
    {
        var (_, result) = Repair($"from torch import nn\n\nclass Act(nn.Module):\n    pass\n\nclass Twice(Act):\n    def forward(self, x):\n        return x * 2\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = Twice()\n\n    def forward(self, x):\n        return self.act(self.act(x))\n\n    def count(self):\n        n = 0\n        for m in self.modules():\n            if isinstance(m, {asked}):\n                n += 1\n        return n\n");

        Assert.Equal(isRepaired, result.Status is RepairStatus.Repaired);
    }

    /// <summary>Either class may stand under the name: the loop of the one is left, the other is repaired.</summary>
    [Fact]
    public void WhatIsLeftInOneClassDoesNotHoldBackAnother()
    {
        var (text, result) = Repair("from torch import nn\n\nclass A(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n\n    def forward(self, x):\n        return self.act(self.act(x))\n\nclass B(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n\n    def forward(self, x):\n        for y in x.split(1):\n            x = self.act(x + y)\n        return x\n\nclass M(nn.Module):\n    def __init__(self, block=A):\n        super().__init__()\n        self.block = block()\n\n    def forward(self, x):\n        return self.block(x)\n\ndef a():\n    return M(A)\n\ndef b():\n    return M(B)\n");

        Assert.True(text.Contains("return self.act2(self.act(x))", StringComparison.Ordinal), string.Join("; ", result.Left));
        Assert.Contains("x = self.act(x + y)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void AByteOrderMarkStays()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("model.py", [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(Module("F.relu(x)"))]);

        RepairFile(path, RepairSettings.Default with { InPlace = true });

        Assert.True(File.ReadAllBytes(path).AsSpan().StartsWith(Encoding.UTF8.Preamble));
        Assert.Equal(RepairStatus.Unchanged, RepairFile(path, RepairSettings.Default with { InPlace = true }).Status);
    }

    private static string Module(string call) =>
        "import torch\r\nimport torch.nn as nn\r\nimport torch.nn.functional as F\r\n\r\nclass M(nn.Module):\r\n    def __init__(self):\r\n        super().__init__()\r\n        self.c = nn.Conv2d(1, 1, 1)\r\n\r\n"
        + $"    def forward(self, x):\r\n        return {call}\r\n";

    private static (string Text, RepairResult Result) Repair(string source, RepairSettings? settings = null)
    {
        using var folder = new TemporaryFolder();
        var result = RepairFile(folder.Write("model.py", Encoding.UTF8.GetBytes(source)), settings ?? RepairSettings.Default);
        return (result.OutputPath is null ? source : File.ReadAllText(result.OutputPath), result);
    }

    private static RepairResult RepairFile(string path, RepairSettings settings) =>
        Repairer.Default.Repair(new AuditInput(path, path), settings, TestContext.Current.CancellationToken);
}
