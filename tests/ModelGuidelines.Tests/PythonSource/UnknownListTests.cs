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
}
