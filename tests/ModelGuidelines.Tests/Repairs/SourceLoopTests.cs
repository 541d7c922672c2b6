using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>Functions and modules that a loop's rounds call: a module for each round, where <c>__init__</c> can say how many there are.</summary>
public sealed class SourceLoopTests
{
    [Theory]
    [InlineData("for i, f in enumerate(self.fs):\n            x = F.relu(f(x)) if i < 2 else f(x)\n        return x", "self.relu = nn.ModuleList([nn.ReLU() for _ in self.fs])", "x = self.relu[i](f(x)) if i < 2 else f(x)")]
    [InlineData("for f in self.fs[:-1]:\n            x = F.dropout(f(x), self.p, self.training)\n        return x", "nn.ModuleList([nn.Dropout(self.p) for _ in self.fs[:-1]])", "for i, f in enumerate(self.fs[:-1]):\n            x = self.dropout[i](f(x))")]
    [InlineData("for f in reversed(self.fs):\n            x = f(x).tanh()\n        return x", "nn.ModuleList([nn.Tanh() for _ in self.fs])", "for i, f in enumerate(reversed(self.fs)):\n            x = self.tanh[i](f(x))")]
    [InlineData("for k, f in enumerate(self.fs, 1):\n            x = F.relu(f(x)) * k\n        return x", "nn.ModuleList([nn.ReLU() for _ in self.fs])", "x = self.relu[k - 1](f(x)) * k")]
    [InlineData("for _ in range(2):\n            x = torch.sigmoid(x)\n        return x", "nn.ModuleList([nn.Sigmoid() for _ in range(2)])", "for sigmoid in self.sigmoid:\n            x = sigmoid(x)")]
    [InlineData("for _ in range((len(self.fs) + 1) * (len(self.fs) - 1)):\n            x = torch.sigmoid(x)\n        return x", "nn.ModuleList([nn.Sigmoid() for _ in range((len(self.fs) + 1) * (len(self.fs) - 1))])", "x = self.sigmoid[i](x)")]
    [InlineData("return sum([F.relu(f(x)) for f in self.fs])", "nn.ModuleList([nn.ReLU() for _ in self.fs])", "sum([self.relu[i](f(x)) for i, f in enumerate(self.fs)])")]
    [InlineData("for f in self.fs[1:]:\n            x = self.act(f(x))\n        return x", "self.act = nn.ModuleList([nn.ReLU() for _ in self.fs[1:]])", "for i, f in enumerate(self.fs[1:]):\n            x = self.act[i](f(x))")]
    public void EachRoundHasAModuleOfItsOwn(string body, string definition, string expected)
    {
        var (text, result) = Repair(body);

        Assert.True(result is { Status: RepairStatus.Repaired, Verified: "Structure" } && result.Left.IsEmpty, string.Join("; ", result.Left));
        Assert.Contains(definition, text, StringComparison.Ordinal);
        Assert.Contains(expected, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("return sum([F.relu(t) for t in x])")]
    [InlineData("for f in self.fs:\n            for g in self.fs:\n                x = F.relu(f(g(x)))\n        return x")]
    [InlineData("for f in self.fs[:x.dim()]:\n            x = F.relu(f(x))\n        return x")]
    [InlineData("while x.sum() > 0:\n            x = F.relu(x) - 1\n        return x")]
    [InlineData("self.fs.append(nn.Linear(4, 4))\n        for f in self.fs:\n            x = F.relu(f(x))\n        return x")]
    public void RoundsThatNobodyCountsAreLeft(string body)
    {
        var (_, result) = Repair(body);

        Assert.Equal(RepairStatus.Refused, result.Status);
        Assert.Contains(result.Left, l => l.Guideline == "PyTorch.FunctionalCall" && l.Reason.Contains("loop", StringComparison.Ordinal));
    }

    private static (string Text, RepairResult Result) Repair(string body)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("model.py", Encoding.UTF8.GetBytes($"import torch\nfrom torch import nn\nimport torch.nn.functional as F\n\nclass M(nn.Module):\n    def __init__(self, p=0.5):\n        super().__init__()\n        self.p = p\n        self.act = nn.ReLU()\n        self.fs = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])\n\n    def forward(self, x):\n        {body}\n"));
        var result = Repairer.Default.Repair(new AuditInput(path, path), RepairSettings.Default, TestContext.Current.CancellationToken);
        return (result.OutputPath is null ? "" : File.ReadAllText(result.OutputPath), result);
    }
}
