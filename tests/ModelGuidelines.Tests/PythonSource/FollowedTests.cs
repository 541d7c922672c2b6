using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>What repositories build their models with: registries, enumerations, modules imported by name, helpers that raise for what they do not know. All of it leads to what forward runs.</summary>
public sealed class FollowedTests
{
    /// <summary>Findings as <c>guideline module operator|type confidence</c>, and guidelines that could not be decided.</summary>
    private static IEnumerable<string> Audit(string text)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Join(folder.FullName, "model.py");
            File.WriteAllText(path, "import torch\nfrom torch import nn\nimport torch.nn.functional as F\n" + text);
            var report = Auditor.Default.Audit(new(path, path), Written.Settings)!;
            return [.. report.Findings.Where(f => f.Outcome is Outcome.Fail && f.Severity > Severity.Information).Select(f => $"{Short(f.Guideline)} {f.Module} {f.Operator ?? f.ModuleType} {f.Confidence}"),
                .. report.Guidelines.Where(g => g.Outcome is Outcome.Undecidable).Select(g => $"{Short(g.Guideline)} Undecidable")];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Short(string guideline) => guideline[(guideline.IndexOf('.', StringComparison.Ordinal) + 1)..];

    [Theory]
    [InlineData("isinstance(table, Mapping) and isinstance(name, Hashable)")]
    [InlineData("isinstance(table, (list, dict))")]
    [InlineData("isinstance(table, Collection) and not isinstance(table, Sequence)")]
    public void ARegistryAsksWhatItIsGiven(string test) => Assert.Equal(["ModuleReuse act torch.nn.ReLU Certain"], Audit($$"""
        from collections.abc import Collection, Hashable, Mapping, Sequence

        def look_up(name, table):
            if {{test}}:
                return table[name]
            raise ValueError(name)

        class Net(nn.Module):
            def __init__(self, width):
                super().__init__()
                self.act = look_up("relu", {"relu": nn.ReLU, "gelu": nn.GELU})()
                self.fc = nn.Linear(width, width)

            def forward(self, x):
                return self.act(self.fc(self.act(x)))
        """));

    [Theory]
    [InlineData("Mode(\"soft\") is Mode.SOFT")]
    [InlineData("Mode.SOFT == \"soft\" and Mode.SOFT != Mode.HARD")]
    [InlineData("Mode.SOFT in Mode and \"soft\" in {m.value for m in Mode}")]
    [InlineData("Mode.SOFT.upper() == \"SOFT\" and isinstance(Mode.SOFT, str) and isinstance(Mode, enum.EnumMeta)")]
    public void AnEnumerationIsACollectionOfItsMembers(string test) => Assert.Equal(["FunctionalCall  softplus Certain"], Audit($$"""
        import enum

        class Mode(str, enum.Enum):
            SOFT = "soft"
            HARD = "hard"

        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.is_soft = {{test}}

            def forward(self, x):
                return F.softplus(x) if self.is_soft else F.hardtanh(x)
        """));

    [Theory]
    [InlineData("import_module('torch.nn').functional")]
    [InlineData("__import__('torch').nn.functional")]
    [InlineData("import_module('.functional', 'torch.nn')")]
    public void AModuleIsImportedByItsName(string functions) => Assert.Equal(["FunctionalCall  gelu Certain"], Audit($$"""
        from importlib import import_module

        functions = {{functions}}

        class Net(nn.Module):
            def forward(self, x):
                return functions.gelu(x)
        """));

    /// <summary>Code behind a function that seems to raise always is followed all the same: it was not understood, or does not raise with what callers give. That it raises is a gap.</summary>
    [Fact]
    public void WhatStandsBehindAFunctionThatSeemsToRaiseIsFollowed() => Assert.Equal(
        ["FunctionalCall  relu Certain", "ModuleReuse fc torch.nn.Linear Certain", "TensorInterface Undecidable"], Audit("""
        def check(width, known={}):
            for name in known:
                if width == name:
                    return
            raise ValueError(width)

        class Net(nn.Module):
            def __init__(self, width):
                super().__init__()
                check(width)
                self.fc = nn.Linear(width, width)

            def forward(self, x):
                return F.relu(self.fc(self.fc(x)))
        """));
}
