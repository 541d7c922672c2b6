using System.Text;
using System.Text.Json;
using ModelGuidelines.Audit;
using ModelGuidelines.Repairs;
using ModelGuidelines.Reports;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>Repairs that show others, and what a checkpoint of before needs after all of them.</summary>
public sealed class SourceRoundsTests
{
    private const string Block = "import torch\nfrom torch import nn\n\nclass Block(nn.Module):\n    def __init__(self, act):\n        super().__init__()\n        self.act1 = act\n        self.act2 = act\n{0}\n    def forward(self, x):\n        return self.act2(torch.neg(self.act1(x)))\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n        self.a = Block(self.act)\n        self.b = Block(self.act)\n\n    def forward(self, x):\n        return self.b(self.a(self.act(x)))\n";

    /// <summary>First each block gets an object of its own; that each holds it twice shows only then.</summary>
    [Fact]
    public void WhatShowsAfterARepairIsRepairedToo()
    {
        var (text, result) = Repair(Block.Replace("{0}", "", StringComparison.Ordinal));

        Assert.True(result is { Status: RepairStatus.Repaired, Verified: "Structure" }, string.Join("; ", result.Left));
        Assert.Empty(result.Left);
        Assert.Contains("self.act2 = copy.deepcopy(act)\n", text, StringComparison.Ordinal);
        Assert.Contains("self.a = Block(nn.ReLU())\n        self.b = Block(nn.ReLU())\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void AnObjectThatAHolderHooksIsLeft() =>
        Assert.Equal(RepairStatus.Refused, Repair(Block.Replace("{0}", "        self.act1.register_forward_hook(print)\n", StringComparison.Ordinal)).Result.Status);

    /// <summary>What the function was given, which cannot be told, is given to the module.</summary>
    [Fact]
    public void AModuleThatIsGivenWhatCannotBeTold() =>
        Assert.Contains("self.relu(self.table['x'] + 1)", Repair("from torch import nn\nimport torch.nn.functional as F\n\nclass M(nn.Module):\n    def __init__(self, table):\n        super().__init__()\n        self.table = table\n\n    def forward(self, x):\n        return F.relu(self.table['x'] + 1)\n").Text, StringComparison.Ordinal);

    /// <summary>Two names that an if decides between are one place.</summary>
    [Fact]
    public void OnePlaceOfTwoObjects()
    {
        var (text, result) = Repair("from torch import nn\n\nclass M(nn.Module):\n    def __init__(self, p):\n        super().__init__()\n        if p:\n            self.act = nn.ReLU()\n        else:\n            self.act = nn.Tanh()\n\n    def forward(self, x):\n        return self.act(self.act(x))\n");

        Assert.Equal(RepairStatus.Repaired, result.Status);
        Assert.Empty(result.Left);
        Assert.Contains("self.act2(self.act(x))", text, StringComparison.Ordinal);
    }

    /// <summary>A class of the project that holds nothing but plain values is copied like one of torch.nn, wherever a star brings it from.</summary>
    [Theory]
    [InlineData("    def forward(self, x):\n        return x.sigmoid()\n", true)]
    [InlineData("    def __deepcopy__(self, memo):\n        return self\n\n    def forward(self, x):\n        return x.sigmoid()\n", false)]
    [InlineData("    def forward(self, x):\n        self.k = x\n        return x.sigmoid()\n", false)]
    [InlineData("    table = []\n\n    def forward(self, x):\n        return x * len(self.table)\n", false)]
    public void WhatAFactoryMakesOfTheProjectsOwnClasses(string forward, bool isRepaired)
    {
        using var folder = new TemporaryFolder();
        folder.Write("gates.py", Encoding.UTF8.GetBytes($"from torch import nn\n\nclass Gate(nn.Module):\n    def __init__(self, inplace: bool = False):\n        super().__init__()\n        self.inplace = inplace\n\n{forward}"));
        folder.Write("make.py", "from gates import *\n\nTABLE = dict(gate=Gate)\n\ndef find(name):\n    return TABLE[name]\n\ndef make(name):\n    found = find(name)\n    return found()\n"u8.ToArray());
        var path = folder.Write("model.py", "from torch import nn\nfrom make import make\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.gate = make('gate')\n\n    def forward(self, x):\n        return self.gate(self.gate(x))\n"u8.ToArray());

        var result = Repairer.Default.Repair(new AuditInput(path, path), RepairSettings.Default, TestContext.Current.CancellationToken);

        Assert.True(isRepaired == result.Status is RepairStatus.Repaired, string.Join("; ", result.Left));
    }

    /// <summary>Every instance, and copies inside of copies.</summary>
    [Fact]
    public void TheCheckpointsKeysOfAllInstances()
    {
        var (_, result) = Repair("from torch import nn\n\nclass Block(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 4)\n\n    def forward(self, x):\n        return self.fc(self.fc(x))\n\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.blocks = nn.ModuleList([Block() for _ in range(2)])\n        self.enc = Block()\n        self.ls = nn.Linear(4, 4)\n\n    def forward(self, x):\n        for b in self.blocks:\n            x = b(x)\n        for _ in range(3):\n            x = self.ls(x)\n        return self.enc(self.enc(x))\n", RepairSettings.Default with { IncludeWeighted = true });
        using var stream = new MemoryStream();
        CheckpointMap.Write(stream, [result]);

        var keys = JsonDocument.Parse(stream.ToArray()).RootElement.GetProperty("files")[0].GetProperty("keys").EnumerateObject().ToDictionary(k => k.Name, k => string.Join(' ', k.Value.EnumerateArray().Select(v => v.GetString())));

        Assert.Equal("blocks.0.fc. blocks.0.fc2.", keys["blocks.0.fc."]);
        Assert.Equal("blocks.1.fc. blocks.1.fc2.", keys["blocks.1.fc."]);
        Assert.Equal("enc. enc2.", keys["enc."]);
        Assert.Equal("enc.fc. enc.fc2. enc2.fc2.", keys["enc.fc."]);
        Assert.Equal("ls. ls2.*.", keys["ls."]);
        Assert.Equal(5, keys.Count);
    }

    private static (string Text, RepairResult Result) Repair(string source, RepairSettings? settings = null)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("model.py", Encoding.UTF8.GetBytes(source));
        var result = Repairer.Default.Repair(new AuditInput(path, path), settings ?? RepairSettings.Default, TestContext.Current.CancellationToken);
        return (result.OutputPath is null ? source : File.ReadAllText(result.OutputPath), result);
    }
}
