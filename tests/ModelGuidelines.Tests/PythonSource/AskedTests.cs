using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>What code asks of its arguments and of values that cannot be told: the same question has the same answer, and who asks for a list is given lists.</summary>
public sealed class AskedTests
{
    private static readonly string[] Mine = ["PyTorch.FunctionalCall", "PyTorch.ModuleReuse", "PyTorch.TensorInterface"];

    private static IReadOnlyList<Finding> Findings(string text)
    {
        var report = Written.Audit("import numpy as np\nimport torch\nfrom torch import nn\nfrom torchvision import models\nimport torch.nn.functional as F\n" + text);
        return [.. report.Findings.Where(f => f.Outcome is Outcome.Fail && Mine.Contains(f.Guideline))];
    }

    /// <summary>Findings as <c>guideline module operator|direction argument type confidence: conditions</c>.</summary>
    private static IEnumerable<string> Said(string text) => Findings(text).Select(f =>
        $"{f.Guideline[8..]} {f.Module} {(f.ValueType is null ? f.Operator : $"{f.Direction} {f.Argument} {f.ValueType}")} {f.Confidence}: {string.Join("; ", f.Conditions)}");

    private static string Net(string forward, string parameters = "", string init = "") => $"""
        class Net(nn.Module):
            def __init__(self{parameters}):
                super().__init__()
                self.fc = nn.Linear(4, 4)
                self.act = nn.ReLU()
                {init}

        {string.Join('\n', forward.ReplaceLineEndings("\n").Split('\n').Select(l => "    " + l))}
        """;

    /// <summary>Who asks whether an argument is a list, a tuple or a dictionary is called with such, too: that way is followed beside the usual one.</summary>
    [Theory]
    [InlineData("def forward(self, x):\n    if isinstance(x, list):\n        x = F.relu(torch.cat(x))\n    return self.fc(x)", "FunctionalCall  relu Likely: x is a list", "TensorInterface  Input 0 list[Tensor] Likely: x is a list")]
    [InlineData("def forward(self, x):\n    if not isinstance(x, (list, tuple)):\n        x = [x]\n    return torch.cat([self.fc(i) for i in x])", "ModuleReuse fc  Likely: x is a list and len(x) > 1", "TensorInterface  Input 0 list[Tensor] Likely: x is a list")]
    [InlineData("def forward(self, x):\n    if isinstance(x, torch.Tensor):\n        x = [x]\n    return torch.cat([self.fc(i) for i in x])", "ModuleReuse fc  Likely: x is a list and len(x) > 1", "TensorInterface  Input 0 list[Tensor] Likely: x is a list")]
    [InlineData("def forward(self, x):\n    return self.run(x)\n\ndef run(self, given):\n    xs = [given] if torch.is_tensor(given) else given\n    return torch.stack(xs)", "TensorInterface  Input 0 list[Tensor] Likely: x is a list")]
    [InlineData("def forward(self, x):\n    if isinstance(x, tuple):\n        x, y = x\n        x = F.relu(x) + y\n    return self.fc(x)", "FunctionalCall  relu Likely: x is a tuple")]
    [InlineData("def forward(self, x):\n    if isinstance(x, dict):\n        x = x['image']\n    return self.fc(x)", "TensorInterface  Input 0 Dict[str, Tensor] Likely: x is a dictionary")]
    [InlineData("def forward(self, x):\n    if isinstance(x, list):\n        raise TypeError('one by one')\n    return self.fc(x)")]
    [InlineData("def forward(self, x):\n    if isinstance(x, dict):\n        return self.loss(x)\n    return self.fc(x)\n\ndef loss(self, batch):\n    return F.l1_loss(self.fc(batch['x']), batch['y'])")] // to train with
    [InlineData("def forward(self, x):\n    x = self.fc(x)\n    if isinstance(x, (list, tuple)):\n        x = x[-1]\n    return x")] // what the layer gave
    [InlineData("def forward(self, x):\n    for layer in [self.fc]:\n        x = layer(x)\n        if isinstance(x, (list, tuple)):\n            x = x[-1]\n    return x")]
    [InlineData("def forward(self, x):\n    assert isinstance(x, torch.Tensor)\n    return self.fc(x)")]
    [InlineData("def forward(self, x):\n    x = (self.fc(x), x)\n    x = list(x) if isinstance(x, tuple) else x\n    return x[0]")]
    public void WhoAsksForAListIsGivenLists(string forward, params string[] expected) => Assert.Equal(expected, Said(Net(forward)).Order(StringComparer.Ordinal));

    /// <summary>Two values that cannot be told are equal or not, and one of them is less or not, however it is asked.</summary>
    [Theory]
    [InlineData("n == self.m", "n != self.m")]
    [InlineData("n == self.m", "not self.m == n")]
    [InlineData("n > self.m", "self.m >= n")]
    [InlineData("n < self.m", "n >= self.m")]
    [InlineData("n < self.m", "n > self.m")]
    [InlineData("n == self.m", "n < self.m")]
    [InlineData("n >= self.m", "n < self.m")]
    [InlineData("n in (self.m, 4)", "n not in (self.m, 4)")]
    [InlineData("n in self.m", "n not in self.m")]
    public void OppositesExcludeEachOther(string one, string other) => Assert.Empty(Findings(Net($"def forward(self, x):\n    n = self.n\n    if {one}:\n        x = self.act(x)\n    x = self.fc(x)\n    if {other}:\n        x = self.act(x)\n    return x", ", n, m", "self.n, self.m = n, m")));

    [Theory]
    [InlineData("n <= self.m", "n >= self.m")]
    [InlineData("n < self.m", "n != self.m")]
    [InlineData("n in self.m", "self.m in n")]
    public void OthersDoNot(string one, string other) => Assert.Equal(["ModuleReuse act"], Findings(Net($"def forward(self, x):\n    n = self.n\n    if {one}:\n        x = self.act(x)\n    x = self.fc(x)\n    if {other}:\n        x = self.act(x)\n    return x", ", n, m", "self.n, self.m = n, m")).Select(f => $"{f.Guideline[8..]} {f.Module}"));

    /// <summary>A condition says what holds: what stands under <c>not in</c> is done where it is not in it.</summary>
    [Fact]
    public void NotInIsNamedAsItIs() => Assert.Equal(["FunctionalCall  relu Likely: not (self.n in self.m)"], Said(Net("def forward(self, x):\n    x = self.fc(x)\n    return F.relu(x) if self.n not in self.m else x", ", n, m", "self.n, self.m = n, m")));

    /// <summary>What is handed on by a choice is handed on: a size that is 0 by default and more where the class is built so.</summary>
    [Theory]
    [InlineData("size if i not in whole else 0")]
    [InlineData("size or 0")]
    public void WhatIsHandedOnAtTimesIsOpen(string handed) => Assert.Equal(["FunctionalCall blocks.0 pad Likely"], Findings($"""
        class Block(nn.Module):
            def __init__(self, size=0):
                super().__init__()
                self.conv, self.size = nn.Conv2d(4, 4, 1), size

            def forward(self, x):
                return self.conv(F.pad(x, (0, self.size)) if self.size > 0 else x)

        class Net(nn.Module):
            def __init__(self, size=0, whole=()):
                super().__init__()
                self.blocks = nn.ModuleList([Block(size={handed}) for i in range(4)])

            def forward(self, x):
                for block in self.blocks:
                    x = block(x)
                return x
        """).Select(f => $"{f.Guideline[8..]} {f.Module} {f.Operator} {f.Confidence}"));

    /// <summary>Guidelines that fail for a model that runs each of two lists once, filled from a list that is handed in.</summary>
    private static IEnumerable<string> OfParts(string fill) => Findings($"""
        class Net(nn.Module):
            def __init__(self, parts, n):
                super().__init__()
                self.a, self.b = nn.ModuleList(), nn.ModuleList()
        {Written.Indented(fill)}

            def forward(self, x):
                for a, b in zip(self.a, self.b):
                    x = b(a(x))
                return x
        """).Select(f => f.Guideline);

    /// <summary>Elements of a list that is handed in are others where their numbers are: in no round are <c>2 * i</c> and <c>2 * i + 1</c> the same, nor do parts before and behind a place have one in common.</summary>
    [Theory]
    [InlineData("for i in range(n):\n    self.a.append(parts[i * 2])\n    self.b.append(parts[i * 2 + 1])")]
    [InlineData("for i in range(0, n, 3):\n    self.a.append(parts[i])\n    self.b.append(parts[i + 2])")]
    [InlineData("self.a.append(nn.Sequential(*parts[:n]))\nself.b.append(nn.Sequential(*parts[n + 1:]))")]
    [InlineData("self.a.append(nn.Sequential(*parts[::2]))\nself.b.append(nn.Sequential(*parts[1::2]))")]
    [InlineData("parts = list(models.vgg16_bn().features.children())\nself.a.append(nn.Sequential(*parts[:6]))\nself.b.append(nn.Sequential(*parts[7:13]))")]
    public void OtherNumbersAreOtherElements(string fill) => Assert.DoesNotContain("PyTorch.ModuleReuse", OfParts(fill));

    /// <summary>Where the numbers of rounds may be the same, it may be the same module.</summary>
    [Theory]
    [InlineData("for i in range(n):\n    self.a.append(parts[i])\n    self.b.append(parts[i + 1])")]
    [InlineData("for i in range(n):\n    self.a.append(parts[i * 2])\n    self.b.append(parts[i * 2])")]
    public void TheSameNumbersAreNot(string fill) => Assert.Contains("PyTorch.ModuleReuse", OfParts(fill));

    /// <summary>A module without a forward that overrides <c>__call__</c> is a model: a call of it runs that.</summary>
    [Fact]
    public void AModelMayBeCalledInstead() => Assert.Equal(["FunctionalCall  relu Certain: ", "ModuleReuse act  Certain: "], Said("""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc, self.act = nn.Linear(4, 4), nn.ReLU()

            def __call__(self, x):
                return F.relu(self.act(self.fc(self.act(x))))
        """));

    /// <summary>What is handed over element by element is no tensor: also where the library's modules get the elements, or where it is given back; nor is an array.</summary>
    [Theory]
    [InlineData("def forward(self, x):\n    x[0] = self.fc(x[0])\n    return self.act(x[0]), x", "Input 0 list[Tensor] Likely", "Output 1 list[Tensor] Likely")]
    [InlineData("def forward(self, levels):\n    return tuple(self.fc(level[-1]) for level in levels)", "Input 0 list[Tensor] Likely")]
    [InlineData("def forward(self, x):\n    return self.part(x, np.random.randint(0, 3, size=(4,)))", "Input 1 ndarray Certain")]
    public void ElementsAndArraysAtABorder(string forward, params string[] expected) => Assert.Equal(expected, Findings("""
        class Part(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x, columns):
                return self.fc(x) * float(columns[0])

        """ + "\n" + Net(forward, init: "self.part = Part()")).Where(f => f.ValueType is not null && f.Models is not ["Part"]).Select(f => $"{f.Direction} {f.Argument} {f.ValueType} {f.Confidence}"));
}
