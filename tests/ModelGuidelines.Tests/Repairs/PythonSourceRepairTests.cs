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
    [InlineData("F.leaky_relu(x, self.slope)", "only exists at run time")]
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
