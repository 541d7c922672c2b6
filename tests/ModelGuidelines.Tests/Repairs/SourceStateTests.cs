using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>Objects of one's own classes: two behave as one only where a call changes nothing that the object made for itself, and where making it again gives the same.</summary>
public sealed class SourceStateTests
{
    /// <summary>Each ran to other outputs after a repair.</summary>
    [Theory]
    [InlineData("self.s = []", "s, n = self.s, 1\n        s.append(n)\n        return x * len(self.s)")]
    [InlineData("self.s = []", "(s := self.s).append(1)\n        return x * len(self.s)")]
    [InlineData("self.s = [0]", "s = self.s or []\n        s += [1]\n        return x * len(self.s)")]
    [InlineData("self.s = []", "push(self.s)\n        return x * len(self.s)")]
    [InlineData("self.s = []", "push = self.s.append\n        push(1)\n        return x * len(self.s)")]
    [InlineData("self.s = []\n        self.push = self.s.append", "self.push(1)\n        return x * len(self.s)")]
    [InlineData("self.s = [[], []]", "list(map(lambda q: q.append(1), self.s))\n        return x * len(self.s[0])")]
    [InlineData("self.s = [[], []]", "for q, _ in zip(self.s, range(2)):\n            q.append(1)\n        return x * len(self.s[0])")]
    [InlineData("self.s = []", "self.get().append(1)\n        return x * len(self.s)")]
    [InlineData("self.s = []", "heapq.heappush(self.s, 1)\n        return x * len(self.s)")]
    [InlineData("self.s = []", "match self.s:\n            case q:\n                q.append(1)\n        return x * len(self.s)")]
    [InlineData("self.t = torch.zeros(1)", "torch.add(self.t, 1, out=self.t)\n        return x * self.t")]
    [InlineData("self.t = torch.zeros(4)", "v = self.t.view(2, 2)\n        v[0] += 1\n        return x * self.t.sum()")]
    [InlineData("self.register_buffer('t', torch.zeros(1), persistent=False)", "for b in self.buffers():\n            b += 1\n        return x * self.t")]
    [InlineData("self.c = Tick()", "return x * self.c.tick()")]
    [InlineData("self.f = counter()", "return x * self.f()")]
    [InlineData("n = [0]\n        self.f = lambda: n.append(1) or len(n)", "return x * self.f()")]
    [InlineData("self.g = torch.Generator().manual_seed(3)", "return x + torch.rand(x.shape, generator=self.g)")]
    [InlineData("self.g = iter(range(100))", "for i in self.g:\n            return x * i\n        return x")]
    [InlineData("self.n = 0\n        self.register_forward_hook(tick)", "return torch.tanh(x)")]
    [InlineData("self.n = 0", "super().__setattr__('n', self.n + 1)\n        return x * self.n")]
    [InlineData("self.n = 0", "exec('self.n += 1')\n        return x * self.n")]
    [InlineData("self.p = 0.5", "y = torch.nn.functional.dropout(x, self.p, self.training)\n        self.eval()\n        return y")]
    [InlineData("self.sub = Part()", "return x * self.sub.tick()")]
    [InlineData("self.s = [[1], [2]]", "a, *r = self.s\n        r[0].append(1)\n        return x * len(self.s[1])")]
    [InlineData("self.s = []\n        self.s.append(torch.ones(4))", "self.s[0].add_(1)\n        return x * self.s[0]")]
    [InlineData("s = []\n        s.append(torch.ones(4))\n        self.s = s", "self.s[0].add_(1)\n        return x * self.s[0]")]
    [InlineData("self.s = [1]", "(self.s, 2)[0].append(1)\n        return x * len(self.s)")]
    [InlineData("self.s = [1]", "[self.s].pop().append(1)\n        return x * len(self.s)")]
    [InlineData("self.s = {'a': [1]}", "for v in self.s.values():\n            v.append(1)\n        return x * len(self.s['a'])")]
    [InlineData("self.s = [[1]]", "o = []\n        o += self.s\n        o[0].append(4)\n        return x * len(self.s[0])")]
    [InlineData("self.s = [[[1]]]", "self.s[0][0].append(4)\n        return x * len(self.s[0][0])")]
    [InlineData("self.s = {'a': itertools.count()}", "for i in self.s['a']:\n            break\n        return x * i")]
    [InlineData("self.k = draw()", "return x * self.k")]
    [InlineData("self.k = Drawer.draw()", "return x * self.k")]
    [InlineData("self.k = elsewhere.draw()", "return x * self.k")]
    public void WhatTwoObjectsWouldDoOtherwiseIsLeft(string init, string forward)
    {
        var result = Repair(init, forward);

        Assert.DoesNotContain(result.Changes, c => c.Kind is RepairKind.ModuleCopy);
        Assert.Contains(result.Left, l => l.Guideline == "PyTorch.ModuleReuse");
    }

    [Theory]
    [InlineData("self.p = 0.3", "keep = 1 - self.p\n        r = x.new_empty((x.shape[0], 1)).bernoulli_(keep)\n        r.div_(keep)\n        return x * r")]
    [InlineData("self.fs = nn.ModuleList([nn.Tanh(), nn.ReLU()])\n        self.dims = (1, 2)", "for f, d in zip(self.fs, self.dims):\n            x = f(x) + d\n        return x")]
    [InlineData("self.cfg = {'k': 2}", "y = torch.softmax(x, self.cfg['k'] - 1)\n        return y")]
    [InlineData("self.register_buffer('t', torch.arange(4.0), persistent=False)", "return x + self.t[None]")]
    [InlineData("self.fn = torch.relu", "return self.fn(x)")]
    [InlineData("self.v = [2, 3]", "h, w = self.v\n        return x * h + w")]
    [InlineData("self.v = [2, 3]", "k = self.v[0]\n        k += 1\n        return x * k")]
    [InlineData("self.v = [2, 3]", "out = []\n        for k in self.v:\n            out.append(x * k)\n        return sum(out)")]
    [InlineData("self.v = {'a': 2.0}", "for k, v in self.v.items():\n            x = x * v\n        return x")]
    [InlineData("self.v = [3, 2]", "s = sorted(self.v)\n        s[0] = 5\n        return x * s[0]")]
    [InlineData("self.v = [torch.ones(4)]", "return x * self.v[0]")]
    [InlineData("self.v = [-1, 4]", "return x.view(*self.v) + x.reshape(self.v)")]
    [InlineData("self.fn = {'a': torch.relu}", "return self.fn['a'](x)")]
    [InlineData("self.fn = functools.partial(torch.clamp, min=0.3)", "return self.fn(x)")]
    [InlineData("self.fn = lambda x: torch.tanh(x) * 2", "return self.fn(x)")]
    [InlineData("self.k = 2", "out = []\n        for i in range(self.k):\n            out.append(x * i)\n        return sum(out)")]
    [InlineData("self.k = 2", "y = scaled(x, self.k)\n        y += 1\n        return y")]
    public void WhatACallOnlyLooksAtIsRepaired(string init, string forward)
    {
        var result = Repair(init, forward);

        Assert.True(result is { Status: RepairStatus.Repaired } && !result.Left.Any(l => l.Guideline == "PyTorch.ModuleReuse"), string.Join("; ", result.Left));
        Assert.Contains(result.Changes, c => c.NewModule == "act2");
    }

    /// <summary>Who has such an object from a function that makes one, or is handed it, may change it in another file of the folder.</summary>
    [Theory]
    [InlineData("from model import build\n\nm = build()\nm.act.negative_slope = 0.9\n", false)]
    [InlineData("from model import build\n\nfor q in build().modules():\n    q.negative_slope = 0.9\n", false)]
    [InlineData("def tune(m):\n    m.act.negative_slope = 0.9\n", false)]
    [InlineData("def tune(m):\n    setattr(m, 'act', None)\n", false)]
    [InlineData("def tune(m):\n    if isinstance(m.act, object):\n        m.act.register_forward_hook(print)\n", false)]
    [InlineData("class Other:\n    pass\n\ndef tune(m):\n    if isinstance(m, Other):\n        m.act.negative_slope = 0.9\n", true)]
    [InlineData("class Other:\n    def __init__(self):\n        self.part = Part()\n        self.part.act = None\n", true)]
    [InlineData("from torch import nn\n\nclass Own(nn.Module):\n    def forward(self, x):\n        return self.act(x)\n\ndef run(x):\n    m = Own()\n    m.act = nn.Tanh()\n    return m(x)\n", true)]
    [InlineData("from model import M\n\nclass Own(M):\n    pass\n\ndef run(x):\n    m = Own()\n    m.act = None\n", false)]
    [InlineData("from torch import nn\n\nclass Own(nn.Module):\n    pass\n\ndef run(m):\n    if m is None:\n        m = Own()\n    m.act = nn.Tanh()\n", false)]
    public void WhatAnotherFileOfTheFolderChanges(string other, bool isRepaired)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("model.py", Encoding.UTF8.GetBytes("from torch import nn\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.LeakyReLU(0.2)\n\n    def forward(self, x):\n        return self.act(self.act(x) - 1)\n\ndef build():\n    return M()\n"));
        folder.Write("other.py", Encoding.UTF8.GetBytes(other));
        var result = Repairer.Default.Repair(new AuditInput(path, path), RepairSettings.Default with { Folder = new(Path.GetDirectoryName(path)!) }, TestContext.Current.CancellationToken);

        Assert.True(isRepaired == result.Status is RepairStatus.Repaired, string.Join("; ", result.Left));
    }

    private static RepairResult Repair(string init, string forward)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("model.py", Encoding.UTF8.GetBytes($"""
            import functools, heapq, itertools, random
            import elsewhere
            import torch
            from torch import nn

            draw = random.random

            class Drawer:
                @staticmethod
                def draw():
                    return random.random()

            class Tick:
                def __init__(self):
                    self.n = 0

                def tick(self):
                    self.n += 1
                    return self.n

            class Part(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.n = 0

                def tick(self):
                    self.n += 1
                    return self.n

                def forward(self, x):
                    return x

            def push(s):
                s.append(1)

            def scaled(x, k):
                return x.mul(k)

            def tick(m, i, o):
                m.n += 1
                return o * m.n

            def counter():
                n = [0]
                def f():
                    n[0] += 1
                    return n[0]
                return f

            class Act(nn.Module):
                def __init__(self):
                    super().__init__()

            """.Replace("\r\n", "\n", StringComparison.Ordinal)
            + $"        {init}\n\n    def get(self):\n        return self.s\n\n    def forward(self, x):\n        {forward}\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = Act()\n\n    def forward(self, x):\n        x = self.act(x) * 0.5\n        return self.act(x)\n"));
        return Repairer.Default.Repair(new AuditInput(path, path), RepairSettings.Default, TestContext.Current.CancellationToken);
    }
}
