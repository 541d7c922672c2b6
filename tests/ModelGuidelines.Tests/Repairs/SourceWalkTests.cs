using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>Code that goes over all modules of a module, and what only looks like it.</summary>
public sealed class SourceWalkTests
{
    private const string Head = "import sys\nimport torch\nfrom torch import nn\nimport torch.nn.functional as F\nfrom torch.autograd import Function\n\n\nclass Double(Function):\n    @staticmethod\n    def forward(ctx, x):\n        return x * 2\n\n\n";

    /// <summary>None of these sees a further ReLU.</summary>
    [Theory]
    [InlineData("for m in self.modules():\n            if isinstance(m, nn.modules.batchnorm._BatchNorm):\n                m.eps = 0.1", "F.relu(x)")]
    [InlineData("self.n = len(sys.modules)", "F.relu(x)")]
    [InlineData("self.n = 1", "Double.apply(F.relu(x))")]
    [InlineData("self.double = Double.apply", "self.double(F.relu(x))")]
    [InlineData("self.block0 = nn.Tanh()", "self._modules['block' + str(0)](F.relu(x))")]
    [InlineData("self.apply(by_name)", "F.relu(x)")]
    [InlineData("self.apply(by_part)", "F.relu(x)")]
    [InlineData("self.apply(initializer)", "F.relu(x)")]
    [InlineData("self.apply(M.of_class)", "F.relu(x)")]
    [InlineData("for m in self.modules():\n            if type(m) == nn.Conv2d:\n                m.bias = None", "F.relu(x)")]
    [InlineData("for m in self.modules():\n            if m.__class__.__name__ in 'Conv':\n                m.bias = None", "F.relu(x)", false)]
    [InlineData("for m in self.modules():\n            if 'LU' in m.__class__.__name__:\n                m.inplace = True", "F.relu(x)", false)]
    [InlineData("self.apply(by_relu)", "F.relu(x)", false)]
    [InlineData("self.apply(all_of_it)", "F.relu(x)", false)]
    [InlineData("self.n = 1", "self._modules['re' + 'lu'](F.relu(x))", false)]
    [InlineData("self.n = 1\n        self.k = 'relu'", "self._modules[self.k](F.relu(x))", false)]
    [InlineData("self.n = 1", "self._modules.get('block')(F.relu(x))", false)]
    [InlineData("self.seq = nn.Sequential()\n        self.seq.add_module('act', nn.Tanh())\n        self.relu1 = nn.ReLU()", "self.seq(F.relu(x))")]
    [InlineData("for m in self.modules():\n            if type(m) is nn.ReLU:\n                m.inplace = True", "F.relu(x)", false)]
    public void WalksThatDoNotSeeAFurtherModule(string init, string call, bool isRepaired = true)
    {
        var source = Head + "def by_name(m):\n    classname = m.__class__.__name__\n    if classname.find('Conv') != -1:\n        nn.init.normal_(m.weight)\n    elif classname == 'Linear' or classname.startswith('BatchNorm'):\n        nn.init.zeros_(m.bias)\n\n\n"
            + "def by_part(m):\n    if hasattr(m, 'weight') and 'Conv' in type(m).__name__:\n        nn.init.normal_(m.weight)\n\n\ndef by_relu(m):\n    classname = m.__class__.__name__\n    if classname.find('eLU') != -1:\n        m.inplace = True\n\n\ndef all_of_it(m):\n    m.n = 3\n\n\n"
            + "def make(mode):\n    def normal(m):\n        if isinstance(m, nn.Linear):\n            nn.init.normal_(m.weight)\n\n    def zeros(m):\n        if isinstance(m, nn.Linear):\n            nn.init.zeros_(m.weight)\n\n    if mode:\n        return normal\n    return zeros\n\n\ninitializer = make(1)\n\n\n"
            + $"class M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        {init}\n\n    @staticmethod\n    def of_class(m):\n        if isinstance(m, nn.Conv2d):\n            nn.init.normal_(m.weight)\n\n    def forward(self, x):\n        return {call}\n";

        var result = Repair(source, RepairSettings.Default);

        Assert.True(isRepaired == result.Changes.Any(c => c.NewModule == "relu"), string.Join("; ", result.Left));
    }

    /// <summary>What a module makes of all its layers with weights changes with one more; what treats each by itself does not, and what an optimizer gets is to have the copy's too, but not twice what is shared.</summary>
    [Theory]
    [InlineData("self.all = [m for m in self.modules() if isinstance(m, nn.Linear)]", "x * len(self.all)", false, false)]
    [InlineData("self.n = 0\n        for m in self.modules():\n            if isinstance(m, nn.Linear):\n                self.n += 1", "x * self.n", false, false)]
    [InlineData("self.n = 0\n        for m in self.modules():\n            if isinstance(m, nn.Linear):\n                self.count(m)", "x * self.n", false, false)]
    [InlineData("pass", "x + self.penalty()", false, false)]
    [InlineData("pass", "x + penalty(self)", false, false)]
    [InlineData("for m in self.modules():\n            if isinstance(m, nn.Linear):\n                n = m.in_features * 2\n                m.weight.data.normal_(0, n)\n                if m.bias is not None:\n                    nn.init.zeros_(m.bias)", "x", true, true)]
    [InlineData("self.apply(init)", "x", true, true)]
    [InlineData("pass", "x", true, false)]
    public void WhatIsMadeOfAllLayersWithWeights(string init, string result, bool isCopied, bool isShared)
    {
        var source = Head + "def init(m):\n    if isinstance(m, nn.Linear):\n        trunc_normal_(m.weight, std=0.02)\n\n\ndef penalty(model):\n    all = 0\n    for m in model.modules():\n        if isinstance(m, nn.Linear):\n            all = all + m.weight.sum()\n    return all\n\n\n"
            + $"class M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 4)\n        {init}\n\n    def count(self, m):\n        self.n = self.n + 1\n\n    def penalty(self):\n        return sum(m.weight.sum() for m in self.modules() if isinstance(m, nn.Linear))\n\n"
            + $"    def groups(self):\n        decay = []\n        for m in self.modules():\n            if isinstance(m, nn.Linear):\n                decay.append(m.weight)\n        return decay\n\n    def forward(self, x):\n        x = self.fc(self.fc(x))\n        return {result}\n";
        source = init == "pass" && result == "x" ? source : source.Replace("decay.append(m.weight)", "m.weight.requires_grad = False", StringComparison.Ordinal);
        source = isShared ? source.Replace("all = all + m.weight.sum()", "m.bias = None", StringComparison.Ordinal).Replace("return sum(m.weight.sum() for m in self.modules() if isinstance(m, nn.Linear))", "return 0", StringComparison.Ordinal) : source;

        Assert.Equal(isCopied, Repair(source, RepairSettings.Default with { IncludeWeighted = true }).Changes.Any(c => c.NewModule == "fc2"));
        Assert.Equal(isShared, Repair(source, RepairSettings.Default with { ShareParameters = true }).Changes.Any(c => c.NewModule == "fc2"));
    }

    /// <summary>Who goes over all modules comes to shared parameters twice: what sets them may, what goes by what they held may not, nor what gives a module others. A copy with parameters of its own is treated as the first.</summary>
    [Theory]
    [InlineData("m.weight.data.mul_(0.5)", false)]
    [InlineData("m.weight.data *= 0.5", false)]
    [InlineData("m.weight.data = m.weight.data * 0.5", false)]
    [InlineData("m.weight.data.copy_(m.weight + 1)", false)]
    [InlineData("n = m.weight.abs().mean()\n                m.weight.data.fill_(n)", false)]
    [InlineData("nn.init.constant_(m.weight, m.weight.max() + 1)", false)]
    [InlineData("for p in m.parameters():\n                    p.data.add_(1)", false)]
    [InlineData("if m.weight.sum() > 0:\n                    m.weight.data.fill_(-1)", false)]
    [InlineData("m.weight = nn.Parameter(torch.ones(4, 4))", false)]
    [InlineData("torch.nn.utils.weight_norm(m)", false)]
    [InlineData("scale(m)", false)]
    [InlineData("m.scaled()", false)]
    [InlineData("n = m.weight.size(1) * m.in_features\n                m.weight.data.normal_(0, n)\n                m.eps = 0.1", true)]
    [InlineData("m.weight.data = torch.zeros_like(m.weight)\n                if m.bias is not None:\n                    m.bias.data.zero_()", true)]
    [InlineData("m.weight.requires_grad = False\n                m.eval()\n                m.reset_parameters()", true)]
    [InlineData("for p in m.parameters():\n                    nn.init.uniform_(p)", true)]
    [InlineData("reset(m)", true)]
    [InlineData("m.reset()", true)]
    public void WhatIsDoneToEachModuleIsDoneTwiceToWhatTwoShare(string walk, bool isShared)
    {
        var source = "import torch\nfrom torch import nn\n\n\ndef scale(m):\n    m.weight.data.div_(2)\n\n\ndef reset(m):\n    nn.init.zeros_(m.weight)\n\n\nclass Other(nn.Linear):\n    def reset(self):\n        self.weight.data.zero_()\n\n    def scaled(self):\n        self.weight.data.mul_(2)\n\n\n"
            + $"class M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 4)\n        for m in self.modules():\n            if isinstance(m, nn.Linear):\n                {walk}\n\n    def forward(self, x):\n        return self.fc(self.fc(x))\n";

        Assert.True(Repair(source, RepairSettings.Default with { IncludeWeighted = true }).Changes.Any(c => c.NewModule == "fc2"));
        Assert.Equal(isShared, Repair(source, RepairSettings.Default with { ShareParameters = true }).Changes.Any(c => c.NewModule == "fc2"));
    }

    /// <summary>A state_dict names shared parameters twice, as parameters() does not: a running mean of weights moves them twice.</summary>
    [Theory]
    [InlineData("for v, w in zip(mean.state_dict().values(), model.state_dict().values()):\n        v.mul_(0.9).add_(w)", false)]
    [InlineData("for v, w in zip(mean.state_dict().values(), model.state_dict().values()):\n        v.copy_(0.9 * v + w)", false)]
    [InlineData("all = mean.state_dict()\n    for k, v in model.state_dict().items():\n        all[k].lerp_(v, 0.1)", false)]
    [InlineData("all = model.state_dict()\n    for k, v in mean.state_dict().items():\n        v *= 0.9\n        v += all[k]", false)]
    [InlineData("for v, w in zip(mean.state_dict().values(), model.state_dict().values()):\n        move(v, w)", false)]
    [InlineData("torch._foreach_mul_(list(mean.state_dict().values()), 0.9)", false)]
    [InlineData("return sum(v.sum() for v in model.state_dict().values())", false)]
    [InlineData("for v, w in zip(mean.parameters(), model.parameters()):\n        v.mul_(0.9).add_(w)", true)]
    [InlineData("n = 0\n    for v, w in zip(mean.state_dict().values(), model.state_dict().values()):\n        v.copy_(w)\n        n += 1", true)]
    [InlineData("own = model.state_dict()\n    own.update({k: v for k, v in mean.state_dict().items() if k in own})\n    model.load_state_dict(own)", true)]
    [InlineData("torch.save({'model': model.state_dict()}, 'm.pth')", true)]
    public void WhatIsDoneToAStateDictOfSharedParameters(string update, bool isShared)
    {
        var source = $"import torch\nfrom torch import nn\n\n\ndef move(v, w):\n    v += w\n\n\ndef update(mean, model):\n    {update}\n\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 4)\n\n    def forward(self, x):\n        return self.fc(self.fc(x))\n";

        Assert.Equal(isShared, Repair(source, RepairSettings.Default with { ShareParameters = true }).Changes.Any(c => c.NewModule == "fc2"));
    }

    /// <summary>A walk that takes the module by its dotted name acts on the one that it has come to; a function that gives another, or does more, may act on any.</summary>
    [Theory]
    [InlineData("old = whole.get_submodule(n)", true)]
    [InlineData("old = functools.reduce(getattr, n.split('.'), whole)", true)]
    [InlineData("old = part(whole, n)", true)]
    [InlineData("old = part(self, n)", false)]
    [InlineData("old = part(whole, 'stem')", false)]
    [InlineData("old = above(whole, n)", false)]
    [InlineData("old = counted(whole, n)", false)]
    public void WalksThatTakeTheModuleByItsName(string taken, bool isRepaired)
    {
        var source = "import functools\nfrom torch import nn\nimport torch.nn.functional as F\n\nseen = []\n\n\n"
            + "def part(model, name):\n    parts = name.split('.')\n    at = model\n    if hasattr(model, 'module') and parts[0] != 'module':\n        at = model.module\n    for p in parts:\n        if hasattr(at, p):\n            if not p.isdigit():\n                at = getattr(at, p)\n            else:\n                at = at[int(p)]\n        else:\n            return at\n    return at\n\n\n"
            + "def above(model, name):\n    at = model\n    for p in name.split('.'):\n        at = getattr(at, 'stem')\n    return at\n\n\ndef counted(model, name):\n    at = model\n    for p in name.split('.'):\n        seen.append(p)\n        at = getattr(at, p)\n    return at\n\n\n"
            + $"class M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.stem = nn.Linear(4, 4)\n        whole = self\n        for n, m in whole.named_modules():\n            {taken}\n            if isinstance(old, nn.Linear):\n                old.p = len(n)\n            elif isinstance(old, nn.Conv2d):\n                old.q = 2\n\n    def forward(self, x):\n        return F.relu(self.stem(x))\n";

        Assert.Equal(isRepaired, Repair(source, RepairSettings.Default).Changes.Any(c => c.NewModule == "relu"));
    }

    /// <summary>A container's element of that name is another than the attribute.</summary>
    [Theory]
    [InlineData("self.stem = nn.Sequential()\n        self.stem.add_module('act', nn.ReLU())", true)]
    [InlineData("stem = nn.Sequential()\n        stem.add_module('act', nn.ReLU())\n        self.stem = stem", true)]
    [InlineData("self.stem = given\n        self.stem.add_module('act', nn.ReLU())", false)]
    [InlineData("self.add_module('act', nn.ReLU())", false)]
    public void ElementsOfContainersThatBearTheName(string init, bool isRepaired)
    {
        var source = $"from torch import nn\n\n\nclass M(nn.Module):\n    def __init__(self, given=None):\n        super().__init__()\n        self.act = nn.Tanh()\n        {init}\n\n    def forward(self, x):\n        return self.act(self.act(x) - 1)\n";

        Assert.Equal(isRepaired, Repair(source, RepairSettings.Default).Changes.Any(c => c.NewModule == "act2"));
    }

    /// <summary>Who gives a copy the first one's parameters by their names leaves those that it holds otherwise.</summary>
    [Theory]
    [InlineData("self.w = nn.Parameter(torch.ones(4))\n        nn.init.zeros_(self.w)", "x * self.w", true)]
    [InlineData("self.ws = nn.ParameterList([nn.Parameter(torch.ones(4))])", "x * self.ws[0]", true)]
    [InlineData("self.w = nn.Parameter(torch.ones(4))\n        self.ws = [self.w]", "x * self.ws[0]", false)]
    [InlineData("w = nn.Parameter(torch.ones(4))\n        self.w = w\n        self.ws = (w,)", "x * self.ws[0]", false)]
    [InlineData("self.fc = nn.Linear(4, 4)\n        self.ws = {'a': self.fc.weight}", "x @ self.ws['a']", false)]
    [InlineData("self.fc = nn.Linear(4, 4)\n        self.ws = list(self.fc.parameters())", "x @ self.ws[0]", false)]
    public void ParametersThatAreHeldByOtherWaysToo(string init, string result, bool isShared)
    {
        var source = $"import torch\nfrom torch import nn\n\n\nclass Block(nn.Module):\n    def __init__(self):\n        super().__init__()\n        {init}\n\n    def forward(self, x):\n        return {result}\n\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.block = Block()\n\n    def forward(self, x):\n        return self.block(self.block(x))\n";

        Assert.Equal(isShared, Repair(source, RepairSettings.Default with { ShareParameters = true }).Changes.Any(c => c.NewModule == "block2"));
    }

    private const string Backbone = "from torch import nn\n\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.conv1 = nn.Conv2d(4, 4, 1)\n        self.act = nn.Tanh()\n        self.conv2 = nn.Conv2d(4, 4, 1)\n\n    def forward(self, x):\n        x = self.act(self.conv1(x))\n        return self.act(self.conv2(x))\n\n\ndef net():\n    return Net()\n";

    /// <summary>What goes through the layers of what it is handed needs to name neither the class nor a function that makes its objects.</summary>
    [Theory]
    [InlineData("from backbone import net\nfrom layers import Getter\n", "Getter(net(), 'conv2')", false)]
    [InlineData("import backbone\nfrom layers import Getter\n", "Getter(backbone.__dict__['net'](), 'conv2')", false)]
    [InlineData("import backbone\nimport layers\n", "layers.make(getattr(backbone, 'n' + 'et')())", false)]
    [InlineData("from backbone import net\nfrom torchvision.models._utils import IntermediateLayerGetter\n", "IntermediateLayerGetter(net(), {'conv2': 'out'})", false)]
    [InlineData("from backbone import net\nfrom torchvision.models import resnet18\nfrom torchvision.models._utils import IntermediateLayerGetter\n", "nn.ModuleList([net(), IntermediateLayerGetter(resnet18(), {'layer1': 'out'})])", true)]
    [InlineData("from backbone import net\nfrom layers import initialized\n", "initialized(net())", true)]
    [InlineData("from backbone import net\nfrom layers import Getter\n", "nn.ModuleList([net(), Getter('a', 3)])", true)]
    [InlineData("import torch\nfrom backbone import net\n", "torch.quantization.fuse_modules(net(), [['conv1', 'act']])", false)]
    [InlineData("import argparse\nimport backbone\n\n\ndef parse():\n    args = argparse.ArgumentParser().parse_args()\n    return args\n\n\nconfig = vars(parse())\n", "backbone.__dict__[config['arch']]()", true)]
    [InlineData("import backbone\n\n\ndef find():\n    return backbone.net()\n\n\nconfig = vars(find())\n", "backbone.__dict__[config['arch']]()", false)]
    [InlineData("import torch\nfrom backbone import net\n", "torch.quantization.fuse_modules(net(), [['conv1', 'bn1']])", true)]
    public void WhatAnotherFileDoesWithTheLayersOfWhatItIsHanded(string imports, string body, bool isRepaired)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("backbone.py", Encoding.UTF8.GetBytes(Backbone));
        folder.Write("layers.py", "from torch import nn\n\n\nclass Getter(nn.ModuleDict):\n    def __init__(self, model, last):\n        layers = {}\n        for name, module in model.named_children():\n            layers[name] = module\n        super().__init__(layers)\n\n\ndef make(model):\n    return Getter(model, 'conv2')\n\n\ndef initialized(model):\n    for m in model.modules():\n        if isinstance(m, nn.Conv2d):\n            nn.init.zeros_(m.bias)\n    return model\n"u8.ToArray());
        folder.Write("model.py", Encoding.UTF8.GetBytes($"from torch import nn\n{imports}\n\nclass Seg(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.body = {body}\n\n    def forward(self, x):\n        return self.body(x)\n"));

        var result = Repairer.Default.Repair(new AuditInput(path, path), RepairSettings.Default with { Folder = new(Path.GetDirectoryName(path)!) }, TestContext.Current.CancellationToken);

        Assert.True(isRepaired == result.Changes.Any(c => c.NewModule == "act2"), string.Join("; ", result.Left));
    }

    /// <summary>What counts the rounds may be set by each arm of an if, and a list filled, as long as all of it is done before the new list is made.</summary>
    [Theory]
    [InlineData("if n == 1:\n            self.n = 1\n        else:\n            self.n = n - 1\n        self.act = nn.Tanh()", "range(self.n)", "self.act = nn.ModuleList([nn.Tanh() for _ in range(self.n)])\n")]
    [InlineData("self.act = nn.Tanh()\n        if n == 1:\n            self.n = 1\n        else:\n            self.n = n - 1", "range(self.n)", "            self.n = n - 1\n        self.act = nn.ModuleList([nn.Tanh() for _ in range(self.n)])\n")]
    [InlineData("self.fs = nn.ModuleList()\n        for i in range(n):\n            self.fs.append(nn.Linear(4, 4))\n        self.act = nn.Tanh()", "self.fs", "self.act = nn.ModuleList([nn.Tanh() for _ in self.fs])\n")]
    [InlineData("self.act = nn.Tanh()\n        self.fs = nn.ModuleList()\n        for i in range(n):\n            self.fs.append(nn.Linear(4, 4))", "self.fs", "            self.fs.append(nn.Linear(4, 4))\n        self.act = nn.ModuleList([nn.Tanh() for _ in self.fs])\n")]
    [InlineData("self.fs = nn.ModuleList()\n        for i in range(n):\n            self.fs += [nn.Linear(4, 4)]\n        self.act = nn.Tanh()", "self.fs", "self.act = nn.ModuleList([nn.Tanh() for _ in self.fs])\n")]
    [InlineData("self.act = nn.Tanh()\n        if n == 3:\n            self.n = 2", "range(self.n)", null)]
    [InlineData("self.act = nn.Tanh()\n        self.n = 2\n        if n == 1:\n            return\n        elif n == 2:\n            self.n = 1", "range(self.n)", null)]
    [InlineData("self.fs = nn.ModuleList()\n        self.act = nn.Tanh()\n        self.fill(n)", "self.fs", null)]
    public void RoundsThatInitCountsInSeveralStatements(string init, string over, string? made)
    {
        var source = $"from torch import nn\n\n\nclass M(nn.Module):\n    def __init__(self, n):\n        super().__init__()\n        {init}\n\n    def fill(self, n):\n        for i in range(n):\n            self.{(over == "self.fs" && init.EndsWith("fill(n)", StringComparison.Ordinal) ? "fs" : "gs")}.append(nn.Linear(4, 4))\n\n    def forward(self, x):\n        for f in {over}:\n            x = self.act(x)\n        return x\n\n\nclass Outer(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.m = M(3)\n\n    def forward(self, x):\n        return self.m(x)\n";

        var result = Repair(source, RepairSettings.Default, out var text);

        Assert.True(made is null ? result.Status is RepairStatus.Refused : result is { Status: RepairStatus.Repaired, Verified: "Structure" }, string.Join("; ", result.Left));
        Assert.Contains(made ?? init, text, StringComparison.Ordinal);
    }

    private static RepairResult Repair(string source, RepairSettings settings) => Repair(source, settings, out _);

    private static RepairResult Repair(string source, RepairSettings settings, out string text)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("model.py", Encoding.UTF8.GetBytes(source));
        var result = Repairer.Default.Repair(new AuditInput(path, path), settings, TestContext.Current.CancellationToken);
        text = File.ReadAllText(result.OutputPath ?? path);
        return result;
    }
}
