using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Lists and dictionaries of unknown length: parts of them run all the same, and are called no oftener than they are.</summary>
public sealed class UnknownListTests
{
    private static IEnumerable<string> Audit(string forward, string init = "")
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Join(folder.FullName, "model.py");
            File.WriteAllText(path, $$"""
                from collections import defaultdict
                import torch
                from torch import nn
                import torch.nn.functional as F

                class Net(nn.Module):
                    def __init__(self, n, fields):
                        super().__init__()
                        self.n = n
                        self.fields = fields
                        self.convs = nn.ModuleList()
                        self.ends = nn.ModuleList()
                        for i in range(n):
                            self.convs.append(nn.Conv2d(4, 4, 1))
                            self.convs.append(nn.Conv2d(4, 4, 1))
                            self.ends.append(nn.Conv2d(4, 4, 1))
                        {{init}}

                    def forward(self, x):
                {{Written.Indented(forward)}}
                """);
            var report = Auditor.Default.Audit(new(path, path), Written.Settings)!;
            return [.. report.Findings.Where(f => f.Outcome is Outcome.Fail && f.Guideline.StartsWith("PyTorch.", StringComparison.Ordinal)).Select(f => $"{f.Guideline[8..]} {f.Module} {f.Operator} {f.Confidence}"),
                .. report.Guidelines.Where(g => g.Outcome is Outcome.Undecidable && g.Guideline.StartsWith("PyTorch.", StringComparison.Ordinal)).Select(g => $"{g.Guideline[8..]} Undecidable")];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>Two layers a round, which a loop over another list that the rounds fill calls by number: each once.</summary>
    [Theory]
    [InlineData("[]", "len(self.pads)")]
    [InlineData("[0]", "len(self.pads) - 1")]
    public void LayersOfARoundAreTakenByNumber(string pads, string count) => Assert.Equal(["FunctionalCall  relu Certain"], Written.Said($"""
        class Net(nn.Module):
            def __init__(self, widths):
                super().__init__()
                self.pads, convs = {pads}, []
                for i in range(1, len(widths)):
                    self.pads.append(widths[i] // 2)
                    convs.append(nn.Conv1d(4, 4, widths[i]))
                    convs.append(nn.Conv1d(4, 4, 1))
                self.convs = nn.ModuleList(convs)

            def forward(self, x):
                for i in range({count}):
                    x = F.relu(self.convs[2 * i + 1](self.convs[2 * i](x)))
                return x
        """).Select(f => f.Replace("Likely", "Certain", StringComparison.Ordinal)));

    /// <summary>Every second one, and what is behind the element that stands for all later ones.</summary>
    [Theory]
    [InlineData("self.convs[::2], self.convs[1::2], noise[1::2], self.ends")]
    [InlineData("self.convs[::2], self.convs[1::2], noise[2::2], self.ends")]
    [InlineData("self.convs[::2], self.convs[1::2], noise[3:], self.ends")]
    [InlineData("self.ends[::2], self.convs[2::2], noise, self.ends[1::2]")]
    public void PartsOfListsAreWalkedTogether(string lists) => Assert.Equal(["FunctionalCall  relu Likely"], Audit($"""
        noise = [None] * (2 * self.n)
        for one, other, _, end in zip({lists}):
            x = F.relu(one(other(end(x))))
        return x
        """).Select(f => f.Replace("Certain", "Likely", StringComparison.Ordinal)));

    [Theory]
    [InlineData("defaultdict(list)")]
    [InlineData("defaultdict(lambda: [])")]
    public void AnEntryIsMadeWhereItIsAskedFor(string groups) => Assert.Equal(["FunctionalCall  relu Certain"], Audit($"""
        groups = {groups}
        for field in self.fields:
            groups[field.group].append(x)
        for values in groups.values():
            for value in values:
                x = F.relu(value)
        return x
        """));

    /// <summary>What a value's class is, is known where the value is.</summary>
    [Theory]
    [InlineData("type((x,)) == tuple")]
    [InlineData("type([x]) is list")]
    [InlineData("type(3) in (int, float)")]
    [InlineData("type(3.5) != int")]
    [InlineData("type('a') is str")]
    public void ItsType(string test) => Assert.Equal(["FunctionalCall  relu Certain"], Audit($"return F.relu(x) if {test} else F.gelu(x)"));

    /// <summary>Of an unknown number of elements two are taken at a time: the first stands in several pairs.</summary>
    [Theory]
    [InlineData("return [self.ends[i](x[j]) for i, j in itertools.combinations(range(len(x)), 2)]", "ModuleReuse ends.0  Likely")]
    [InlineData("return [self.ends[0](a) for a, b in itertools.permutations(x, 2)]", "ModuleReuse ends.0  Likely")]
    [InlineData("return [self.ends[i](x) for i, j in itertools.combinations(range(2), 2)]", "")] // one pair
    [InlineData("return [self.ends[0](x) for i, j in itertools.combinations(range(3), 2)]", "ModuleReuse ends.0  Certain")]
    public void PairsAreTaken(string forward, string expected) => Assert.Equal(expected.Length == 0 ? [] : [expected], Audit("import itertools\n" + forward).Where(f => f.StartsWith("ModuleReuse ends", StringComparison.Ordinal)));

    /// <summary>What is joined is made of tensors, whatever is known of them.</summary>
    [Fact]
    public void WhatIsJoinedAreTensors() => Assert.Equal(["FunctionalCall  softmax Likely"], Audit("""
        rows = []
        for field in self.fields:
            rows.append(field.value)
        return F.softmax(torch.cat(rows, dim=1), dim=1)
        """).Select(f => f.Replace("Certain", "Likely", StringComparison.Ordinal)));

    /// <summary>Of what is kept by a test the first stands first: each layer that is taken beside it is another one.</summary>
    [Fact]
    public void WhatIsKeptMovesUp() => Assert.Equal(["FunctionalCall  relu Likely"], Audit("""
        kept = [x]
        kept.extend(y for i, y in enumerate([x, x * 2]) if i in self.fields[2:])
        for value, layer in zip(kept[1:], self.ends[1:]):
            x = F.relu(layer(value))
        return x
        """).Where(f => !f.Contains(" mul ", StringComparison.Ordinal)));

    /// <summary>One layer, as the configuration has it by default, is called again and again; where it has more, which is called cannot be told.</summary>
    [Theory]
    [InlineData(1, "module 'parts.0' is called 2 times; only where not (config.groups > 1)")]
    [InlineData(3, null)]
    public void OneLayerByDefault(int groups, string? expected)
    {
        var report = Written.Audit($$"""
            from torch import nn

            class Config:
                def __init__(self, layers=6, groups={{groups}}):
                    self.layers = layers
                    self.groups = groups

            class Net(nn.Module):
                def __init__(self, config: Config):
                    super().__init__()
                    self.config = config
                    self.parts = nn.ModuleList([nn.Linear(8, 8) for _ in range(config.groups)])

                def forward(self, x):
                    for i in range(self.config.layers):
                        x = self.parts[int(i / (self.config.layers / self.config.groups))](x)
                    return x
            """);
        Assert.Equal(expected, report.Findings.SingleOrDefault(f => f.Guideline is "PyTorch.ModuleReuse" && f.Outcome is Outcome.Fail)?.Message);
        Assert.Contains("which of several modules", report.Guidelines.Single(g => g.Guideline is "PyTorch.ModuleReuse").Reason, StringComparison.Ordinal);
    }

    /// <summary>PyTorch's arithmetic takes numbers for tensors.</summary>
    [Theory]
    [InlineData("torch.div(x.size(1), 2, rounding_mode='trunc')", "FunctionalCall  div Certain")]
    [InlineData("x.size(1) // 2", "")]
    public void NumbersAreTakenForTensors(string count, string expected) => Assert.Equal(expected.Length == 0 ? [] : [expected], Written.Said($"""
        class Net(nn.Module):
            def forward(self, x):
                return x.view(-1, {count})
        """));

    /// <summary>What is given beside other things at times may take their place: each is followed without its neighbours, too.</summary>
    [Fact]
    public void OneOfManyArgumentsIsGiven() => Assert.Contains("FunctionalCall  mul Likely", Written.Said("""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.encoder = nn.Linear(8, 8)

            def forward(self, x, a=None, b=None, c=None, d=None, e=None, f=None, g=None, encoded=None, where=None, last=None):
                if encoded is None:
                    encoded = self.encoder(x)
                    if where is not None:
                        encoded = encoded * where
                return encoded
        """));
}
