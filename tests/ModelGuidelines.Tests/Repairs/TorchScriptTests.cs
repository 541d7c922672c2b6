using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>What torch.jit.script compiled before it compiles after; where it does not, the change says so, and in a file that names it nothing is changed.</summary>
public sealed class TorchScriptTests
{
    [Theory]
    [InlineData("for _ in range(3):\n            x = self.act(x)\n        return x", "for act in self.act:\n            x = act(x)")]
    [InlineData("for i in range(3):\n            x = self.act(x) + i\n        return x", "for i, act in enumerate(self.act):\n            x = act(x) + i")]
    [InlineData("return sum([self.act(x * i) for i in range(3)])", "sum([act(x * i) for i, act in enumerate(self.act)])")]
    public void RoundsThatAreWrittenOutWalkOverTheList(string body, string expected)
    {
        var (text, result) = Repair(body);

        Assert.True(result is { Status: RepairStatus.Repaired, Verified: "Structure" } && result.Left.IsEmpty, string.Join("; ", result.Left));
        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.All(result.Changes, c => Assert.Null(c.Note));
    }

    [Theory]
    [InlineData("for f in self.fs:\n            x = self.act(f(x))\n        return x", "self.act[i](f(x))")]
    [InlineData("for i in range(3):\n            x = self.act(x)\n            if i == 1:\n                break\n        return x", "self.act[i](x)")]
    [InlineData("return self.block(self.block(x))", "(self.act if act is None else act)(x)")]
    [InlineData("y, at = F.max_pool2d(x, 2, return_indices=True)\n        return F.max_unpool2d(y, at, 2)", "self.max_unpool2d = nn.MaxUnpool2d(2)")]
    public void WhatIsNotCompiledIsSaidOrLeft(string body, string expected)
    {
        var (text, result) = Repair(body);

        Assert.Contains(expected, text, StringComparison.Ordinal);
        Assert.Contains(result.Changes, c => c.Note?.Contains("torch.jit.script", StringComparison.Ordinal) is true);
        Assert.DoesNotContain(expected, Repair(body, "scripted = torch.jit.script(M())\n").Text, StringComparison.Ordinal);
    }

    private static (string Text, RepairResult Result) Repair(string body, string after = "")
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("model.py", Encoding.UTF8.GetBytes($"import torch\nfrom torch import nn\nimport torch.nn.functional as F\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n        self.fs = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])\n\n{(body.Contains("self.block", StringComparison.Ordinal) ? "    def block(self, x):\n        return self.act(x)\n\n" : "")}    def forward(self, x):\n        {body}\n\n{after}"));
        var result = Repairer.Default.Repair(new AuditInput(path, path), RepairSettings.Default, TestContext.Current.CancellationToken);
        return (result.OutputPath is null ? "" : File.ReadAllText(result.OutputPath), result);
    }
}
