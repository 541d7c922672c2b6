using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>Copies that hold the first one's parameters (<c>--share-parameters</c>): the lines that do it.</summary>
public sealed class SourceSharingTests
{
    [Fact]
    public void AFurtherCall() =>
        Assert.Contains("        self.fc2 = nn.Linear(4, 4)\n        for module, shared in zip(self.fc2.modules(), self.fc.modules()):\n            for key, value in shared._parameters.items():\n                setattr(module, key, value)\n", Repaired("self.fc = nn.Linear(4, 4)", "return self.fc(self.fc(x))"), StringComparison.Ordinal);

    /// <summary>The shape of a model that runs one block many times: the first keeps its name, and its keys in a checkpoint.</summary>
    [Fact]
    public void EachRoundOfALoop()
    {
        var text = Repaired("self.fc = nn.Linear(4, 4)", "for _ in range(self.n):\n            x = self.fc(x)\n        return x");

        Assert.Contains("self.fc2 = nn.ModuleList([nn.Linear(4, 4) for _ in range(self.n - 1)])\n        for copied in self.fc2:\n            for module, shared in zip(copied.modules(), self.fc.modules()):\n                for key, value in shared._parameters.items():\n                    setattr(module, key, value)\n", text, StringComparison.Ordinal);
        Assert.Contains("x = (self.fc2[i - 1] if i else self.fc)(x)", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nn.ModuleList([nn.Linear(4, 4), nn.Tanh()])", "0", "0")]
    [InlineData("nn.ModuleDict({'a': nn.Linear(4, 4), 'b': nn.Tanh()})", "'a'", "\"a\"")]
    public void AnElement(string list, string key, string written) =>
        Assert.Contains($"self.fcs2 = nn.Linear(4, 4)\n        for module, shared in zip(self.fcs2.modules(), self.fcs[{written}].modules()):\n", Repaired($"self.fcs = {list}", $"return self.fcs[{key}](self.fcs[{key}](x))"), StringComparison.Ordinal);

    /// <summary>A loop's name would go on holding the last parameter.</summary>
    [Fact]
    public void NamesThatAreTakenStayWhatTheyAre()
    {
        var text = Repaired("self.fc = nn.Linear(4, 4)\n        self.v = value if module is None else module", "return self.fc(self.fc(x)) * self.v", "value=3, module=None");

        Assert.Contains("for module2, shared in zip(", text, StringComparison.Ordinal);
        Assert.Contains("setattr(module2, key, value2)", text, StringComparison.Ordinal);
    }

    private static string Repaired(string init, string forward, string parameters = "n=3")
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("model.py", Encoding.UTF8.GetBytes($"from torch import nn\n\n\nclass M(nn.Module):\n    def __init__(self, {parameters}):\n        super().__init__()\n        {(parameters == "n=3" ? "self.n = n\n        " : "")}{init}\n\n    def forward(self, x):\n        {forward}\n"));

        var result = Repairer.Default.Repair(new AuditInput(path, path), RepairSettings.Default with { ShareParameters = true }, TestContext.Current.CancellationToken);

        Assert.True(result is { Status: RepairStatus.Repaired, Verified: "Structure" }, result.Error?.Message + string.Join("; ", result.Left));
        return File.ReadAllText(result.OutputPath!);
    }
}
