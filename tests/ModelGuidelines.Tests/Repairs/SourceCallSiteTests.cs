using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>Modules that are called by a local name, a property, or by a function that they are handed to.</summary>
public sealed class SourceCallSiteTests
{
    [Theory]
    [InlineData("act = self.act\n        return act(self.fc(act(x)))", "return self.act2(self.fc(act(x)))")]
    [InlineData("return self.a(self.fc(self.a(x)))", "return self.act2(self.fc(self.a(x)))")]
    [InlineData("return checkpoint(self.act, self.fc(checkpoint(self.act, x)))", "return checkpoint(self.act2, self.fc(checkpoint(self.act, x)))")]
    [InlineData("return run(self.fc(run(x, self.act)), act=self.act)", "return run(self.fc(run(x, self.act)), act=self.act2)")]
    [InlineData("return self.step(self.act, self.fc(self.step(self.act, x)))", "return self.step(self.act2, self.fc(self.step(self.act, x)))")]
    [InlineData("x = self.act(x)\n        if (y := self.act(self.fc(x))).sum() > 0:\n            x = x.relu() + y\n        return x", "if (y := self.act2(self.fc(x))).sum() > 0:")]
    [InlineData("match x.dim():\n            case 2:\n                x = self.act(x)\n            case act2:\n                x = x * act2\n        return self.act(x)", "return self.act2(x)")]
    [InlineData("for f in self.fs:\n            x = run(f(x), self.act)\n        return x", "x = run(f(x), self.act[i])")]
    public void EachFurtherCallHasAModuleOfItsOwn(string body, string expected)
    {
        var (text, result) = Repair(body);

        Assert.True(result is { Status: RepairStatus.Repaired, Verified: "Structure" } && result.Left.IsEmpty, string.Join("; ", result.Left));
        Assert.Contains(expected, text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("act = self.act\n        self.last = act\n        return act(self.fc(act(x)))")]
    [InlineData("act = self.act if x.dim() else self.fc\n        return act(act(x))")]
    [InlineData("return keep(self.fc(keep(x, self.act)), self.act)")]
    [InlineData("return twice(self.fc(twice(x, self.act)), self.act)")]
    [InlineData("return same(self.fc(same(x, self.act, KEPT)), self.act, KEPT)")]
    [InlineData("return either(self.fc(either(x, self.act)), self.act)")]
    [InlineData("return sum(map(lambda t: run(t, self.act), (x, x)))")]
    public void WhoDoesMoreThanCallingIsLeft(string body)
    {
        var (_, result) = Repair(body);

        Assert.Equal(RepairStatus.Refused, result.Status);
        Assert.NotEmpty(result.Left);
    }

    private static (string Text, RepairResult Result) Repair(string body)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("model.py", Encoding.UTF8.GetBytes($"from torch import nn\nfrom torch.utils.checkpoint import checkpoint\n\nKEPT = []\n\ndef run(x, act=None):\n    return x if act is None else act(x)\n\ndef keep(x, act):\n    KEPT.append(act)\n    return act(x)\n\ndef twice(x, act):\n    return act(act(x) * 2)\n\ndef same(x, act, other):\n    return x if act is other else act(x)\n\ndef either(x, act):\n    KEPT[0:] = [act or x]\n    return act(x)\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n        self.fc = nn.Linear(4, 4)\n        self.fs = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])\n\n{(body.Contains("self.a(", StringComparison.Ordinal) ? "    @property\n    def a(self):\n        return self.act\n\n" : "")}    def step(self, act, x):\n        return run(x, act)\n\n    def forward(self, x):\n        {body}\n"));
        var result = Repairer.Default.Repair(new AuditInput(path, path), RepairSettings.Default, TestContext.Current.CancellationToken);
        return (result.OutputPath is null ? "" : File.ReadAllText(result.OutputPath), result);
    }
}
