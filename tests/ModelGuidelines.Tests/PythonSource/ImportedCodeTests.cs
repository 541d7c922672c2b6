using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>What files do while they are imported: decorators that look at documentation, checks that raise. None of it ends the audit of what stands behind.</summary>
public sealed class ImportedCodeTests
{
    /// <summary>Findings as <c>guideline module operator|type confidence</c>, and guidelines that could not be decided.</summary>
    private static IEnumerable<string> Audit(string text)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Join(folder.FullName, "model.py");
            File.WriteAllText(path, "import re\nimport torch\nfrom torch import nn\nimport torch.nn.functional as F\n" + text);
            var report = Auditor.Default.Audit(new(path, path), Written.Settings)!;
            return [.. report.Findings.Where(f => f.Outcome is Outcome.Fail && f.Severity > Severity.Information && f.Guideline.StartsWith("PyTorch", StringComparison.Ordinal)).Select(f => $"{f.Guideline[8..]} {f.Module} {f.Operator ?? f.ModuleType} {f.Confidence}"),
                .. report.Guidelines.Where(g => g.Outcome is Outcome.Undecidable && g.Guideline.StartsWith("PyTorch", StringComparison.Ordinal)).Select(g => $"{g.Guideline[8..]} Undecidable")];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A decorator that insists on a line of the documentation, as model libraries have them: it is there, so nothing raises and nothing is a gap.</summary>
    [Fact]
    public void ADecoratorReadsTheDocumentationOfWhatItDecorates() => Assert.Equal(["FunctionalCall  tanh Certain"], Audit("""
        def documented(kind):
            def decorator(fn):
                lines = fn.__doc__.split("\n")
                i = 0
                while i < len(lines) and re.search(r"^\s*Returns?:\s*$", lines[i]) is None:
                    i += 1
                if i < len(lines):
                    lines[i] = kind
                else:
                    raise ValueError(f"{fn.__qualname__} needs a line 'Returns:'")
                fn.__doc__ = "\n".join(lines)
                fn.kind = kind
                return fn
            return decorator

        class Net(nn.Module):
            @documented("Tensor")
            def forward(self, x):
                '''What it does.

                Returns:
                '''
                return F.tanh(x) if hasattr(self.forward.__func__, "kind") else F.relu(x)
        """));

    /// <summary>No file is imported in which something raises always: what seems to was not understood. The classes behind it are audited, and that there is something else is a gap.</summary>
    [Theory]
    [InlineData("@refuse\n    def forward(self, x):", "pass")]
    [InlineData("def forward(self, x):", "refuse(1)")]
    public void WhatSeemsToRaiseAtImportEndsNothing(string forward, string statement) => Assert.Equal(
        ["FunctionalCall  relu Certain", "FunctionalCall  tanh Certain", "ModuleReuse Undecidable", "TensorInterface Undecidable"],
        Audit($$"""
        def refuse(what):
            raise ValueError(what)

        class First(nn.Module):
            {{forward}}
                return F.relu(x)

        {{statement}}

        class Second(nn.Module):
            def forward(self, x):
                return F.tanh(x)
        """));

    /// <summary>Two calls that exclude each other are no reuse, however many tests stand inside what they call.</summary>
    [Fact]
    public void CallsExcludeEachOtherHoweverManyTestsAreInside() => Assert.Empty(Audit("""
        class Block(nn.Module):
            def __init__(self, config):
                super().__init__()
                self.config = config
                self.norm = nn.LayerNorm(8)

            def forward(self, x, a, b, c, d):
                for size in (a, b, c, d):
                    if size is not None:
                        if size.size() != (self.config.heads, 1):
                            raise ValueError("size")
                        if size.dim() == self.config.dims or self.config.flag:
                            x = x + size
                return self.norm(x)

        class Net(nn.Module):
            def __init__(self, config):
                super().__init__()
                self.layers = nn.ModuleList([Block(config) for _ in range(config.n)])

            def forward(self, x, a=None, b=None, c=None, d=None):
                for layer in self.layers:
                    if self.training:
                        x = layer(x, a, b, c, d)
                    else:
                        x = layer(x, a=a, b=b, c=c, d=d)
                return x
        """));
}
