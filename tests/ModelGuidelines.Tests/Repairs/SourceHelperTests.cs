using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>Methods that several calls run in one pass: each further call hands on a module of its own.</summary>
public sealed class SourceHelperTests
{
    [Theory]
    [InlineData("def block(self, x):\n        return self.act(x)", "self.block(self.block(x))", "def block(self, x, act=None):\n        return (self.act if act is None else act)(x)", "self.block(self.block(x, act=self.act2))")]
    [InlineData("def block(self, x, k=2,):\n        return self.act(x) * k", "self.block(self.block(x,), k=3,)", "def block(self, x, k=2, act=None,):\n        return (self.act if act is None else act)(x) * k", "self.block(self.block(x, act=self.act2), k=3,)")]
    [InlineData("def block(self, *xs, act):\n        return self.act(sum(xs)) * act", "self.block(self.block(x, act=1), act=2)", "def block(self, *xs, act, act_module=None):\n        return (self.act if act_module is None else act_module)(sum(xs)) * act", "self.block(self.block(x, act=1, act_module=self.act2), act=2)")]
    [InlineData("def block(self, x):\n        return F.relu(x)", "self.block(self.block(x))", "def block(self, x, relu=None):\n        return (self.relu if relu is None else relu)(x)", "self.block(self.block(x, relu=self.relu2))")]
    public void EachFurtherCallHandsOnAModule(string helper, string forward, string expected, string called)
    {
        var (text, result) = Repair(helper, forward);

        Assert.True(result is { Status: RepairStatus.Repaired, Verified: "Structure" } && result.Left.IsEmpty, string.Join("; ", result.Left));
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.Contains(called, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("def block(self, x, **more):\n        return self.act(x)", "self.block(self.block(x))")]
    [InlineData("@torch.no_grad()\n    def block(self, x):\n        return self.act(x)", "self.block(self.block(x))")]
    [InlineData("def block(self, x, n):\n        return x if n == 0 else self.block(self.act(x), n - 1)", "self.block(self.block(x, 1), 2)")]
    [InlineData("def block(self, x):\n        return self.act(x)", "sum(self.block(t) for t in (x, x)) + self.block(x)")]
    [InlineData("def block(self, x):\n        return self.act(x)", "sum(map(self.block, (x, x))) + self.block(x)")]
    [InlineData("def inner(self, x):\n        return self.act(x)\n\n    def block(self, x):\n        return self.inner(x) + self.inner(-x)", "self.block(self.block(x))")]
    [InlineData("def block(self, x):\n        return self.act(x)", "self.block(self.block(x))", "class N(M):\n    def block(self, x):\n        return super().block(x) * 2\n")]
    [InlineData("def block(self, x):\n        return self.act(x)", "self.block(self.block(x))", "scripted = torch.jit.script(M())\n")]
    [InlineData("@property\n    def block(self):\n        return F.relu(self.fc.weight)", "self.block @ self.block")]
    public void WhatHandsOnNoneIsLeft(string helper, string forward, string after = "")
    {
        var (_, result) = Repair(helper, forward, after);

        Assert.Equal(RepairStatus.Refused, result.Status);
        Assert.NotEmpty(result.Left);
    }

    private static (string Text, RepairResult Result) Repair(string helper, string forward, string after = "")
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("model.py", Encoding.UTF8.GetBytes($"import torch\nfrom torch import nn\nimport torch.nn.functional as F\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n        self.fc = nn.Linear(4, 4)\n\n    {helper}\n\n    def forward(self, x):\n        return {forward}\n\n{after}"));
        var result = Repairer.Default.Repair(new AuditInput(path, path), RepairSettings.Default, TestContext.Current.CancellationToken);
        return (result.OutputPath is null ? "" : File.ReadAllText(result.OutputPath), result);
    }
}
