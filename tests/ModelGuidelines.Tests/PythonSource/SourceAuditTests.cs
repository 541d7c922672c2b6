using System.Diagnostics;
using System.Globalization;
using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

public sealed class SourceAuditTests
{
    private static AuditResult Audit(string path) => Auditor.Default.Audit(new(path, path), Written.Settings)!;

    private static AuditResult AuditFixture(params string[] parts) => Audit(RepositoryFiles.Fixture(["python-source", .. parts]));

    /// <summary>Audits text in a folder of its own.</summary>
    private static AuditResult AuditText(string text)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Join(folder.FullName, "model.py");
            File.WriteAllText(path, text);
            return Audit(path);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Line(Finding f) => string.Create(
        CultureInfo.InvariantCulture,
        $"{f.Guideline[(f.Guideline.IndexOf('.', StringComparison.Ordinal) + 1)..]}{(f.Confidence is Confidence.Likely ? "?" : "")} '{f.Module}' {f.Replacement ?? f.Direction?.ToString() ?? f.CallCount?.ToString(CultureInfo.InvariantCulture)} {f.Location?.Line}");

    [Theory]
    [InlineData("class_default_act", "ModuleReuse 'model.0.act' 3 21")]
    [InlineData("tensor_methods", "FunctionalCall 'gate' torch.nn.Sigmoid() 12", "FunctionalCall 'gate' torch.nn.Tanh() 13", "FunctionalCall 'head' torch.nn.ReLU() 23", "FunctionalCall 'head' torch.nn.Softmax(-1) 23")]
    [InlineData("partial_leaky", "FunctionalCall 'stage1' torch.nn.LeakyReLU(0.1) 14", "FunctionalCall 'stage2' torch.nn.Hardswish() 21")]
    [InlineData("two_names", "ModuleReuse 'relu1' 2 14")]
    [InlineData("modulelist_times", "ModuleReuse 'layers.0' 3 17")]
    [InlineData("nested_reuse", "ModuleReuse 'stage.inner' 2 23")]
    [InlineData("submodule_ordered_dict", "TensorInterface 'backbone' Output 17", "TensorInterface 'neck' Input 26")]
    [InlineData("takes_dict", "TensorInterface '' Input 14")]
    [InlineData("gru_cell_loop", "ModuleReuse? 'cell' 2 15")]
    [InlineData("early_return")]
    [InlineData("data_branch")]
    [InlineData("tap_features")]
    [InlineData("two_parents", "LayerReuse 'head_a/core' 2 11")]
    [InlineData("probe_extractor")]
    [InlineData("mixed_backbone", "ModelApi 'backbone'  5")]
    [InlineData("wrapper_and_direct", "LayerReuse 'steps/embed' 2 11")]
    [InlineData("train_step_child", "LayerReuse 'tanh' 2 20")]
    public void Patterns_have_their_findings_and_no_other(string name, params string[] expected)
    {
        var result = AuditFixture(name, "model.py");
        Assert.Null(result.Error);
        Assert.Equal(expected.Order(StringComparer.Ordinal), result.Findings.Select(Line).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_model_is_built_as_the_functions_of_its_file_build_it()
    {
        var result = AuditFixture("factories", "model.py");
        Assert.Equal(
            ["FunctionalCall 'stages.0.0' torch.nn.Sigmoid() 21", "ModuleReuse 'stages.0.0.act' 2 12"],
            result.Findings.Where(f => f.Guideline != "PyTorch.FunctionalCall" || f.Model == "Net (net50)").Select(Line).Order(StringComparer.Ordinal));
        Assert.Equal(["stages.0.0.act", "stages.1.0.act", "stages.1.1.act", "stages.0.1.act"], result.Findings.Single(f => f.Guideline == "PyTorch.ModuleReuse").Instances);
    }

    [Fact]
    public void Imports_are_read_below_the_folder_and_nowhere_else()
    {
        var result = AuditFixture("imports", "net", "model.py");
        Assert.Contains(result.Findings, f => f is { Guideline: "PyTorch.ModuleReuse", Module: "a.act", Confidence: Confidence.Certain } && f.Aliases.Contains("b.act"));
        Assert.Contains(result.Findings, f => f is { Operator: "gelu", Module: "a", Location.File: var file } && Path.GetFileName(file) == "blocks.py" && File.Exists(file));
        Assert.DoesNotContain(result.Findings, f => f.Operator is "relu" or "elu");

        // What a library makes may be a module, or not.
        Assert.Contains(result.Findings, f => f is { Guideline: "PyTorch.ModuleReuse", Module: "d", Confidence: Confidence.Likely });
    }

    [Fact]
    public void Comments_suppress_on_the_line_and_on_the_class()
    {
        var result = AuditFixture("suppressed", "model.py");
        Assert.Equal(["FunctionalCall '' torch.nn.Softmax(-1) 19"], result.Findings.Select(Line));
        Assert.Equal(3, result.Suppressed);
    }

    [Fact]
    public void A_broken_function_hides_no_class_and_is_named()
    {
        var result = AuditFixture("broken", "model.py");
        Assert.Equal(["FunctionalCall '' torch.nn.Tanh() 15", "ModuleReuse 'act' 2 15"], result.Findings.Where(f => f.Outcome == Outcome.Fail).Select(Line));
        Assert.Contains("line 6 cannot be parsed", result.Guidelines[2].Reason, StringComparison.Ordinal);
        Assert.Equal([Outcome.Fail, Outcome.Fail, Outcome.Undecidable], result.Guidelines.Take(3).Select(g => g.Outcome));
    }

    [Fact]
    public void A_file_without_models_is_an_error_when_named_and_passed_over_when_found()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Join(folder.FullName, "train.py");
            File.WriteAllText(path, "import torch\nclass Forward(dict): pass\ndef forward(x): return torch.relu(x)\n");
            Assert.Equal("MG.PythonSource.NoModel", Audit(path).Error!.Id);
            Assert.Null(Auditor.Default.Audit(new(path, path) { IsGuess = true }, Written.Settings));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("return self.act(x) if flag else self.act(-x)", 0)]
    [InlineData("\n        if x.sum() > 0:\n            return self.act(x)\n        return self.act(-x)", 0)]
    [InlineData("\n        if x.sum() > 0:\n            if x.max() > 1:\n                return self.act(x)\n            x = x + 1\n        return self.act(x)", 0)]
    [InlineData("\n        for i in range(3):\n            if x.sum() > 0:\n                x = self.act(x)\n                break\n        return x", 0)]
    [InlineData("\n        if x.sum() > 0:\n            x = self.act(x)\n        return self.act(x)", 2)]
    [InlineData("\n        match x:\n            case 1: return self.act(x)\n            case _: return self.act(x)", 0)]
    [InlineData("\n        try:\n            return self.act(x)\n        except RuntimeError:\n            return self.act(x)", 0)]
    public void Exclusive_ways_are_no_reuse(string body, int calls)
    {
        var result = AuditText($"from torch import nn\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n    def forward(self, x, flag):\n        {body}\n");
        Assert.Null(result.Error);
        Assert.Equal(calls == 0 ? [] : [calls], result.Findings.Where(f => f.Guideline == "PyTorch.ModuleReuse").Select(f => f.CallCount!.Value));
    }

    [Theory]
    [InlineData("while True:\n            x = self.act(x)\n            if x.sum() > 3: break")]
    [InlineData("self.forward(x)")]
    [InlineData("x = self(x)")]
    [InlineData("y = [a for a in range(10 ** 9)]")]
    [InlineData("f = lambda g: g(g)\n        f(f)")]
    [InlineData("l = [x]\n        for i in l: l.append(i)")]
    [InlineData("d = [x] * 10 ** 6\n        for a in d:\n            for b in d:\n                for c in d: self.act(c)")]
    [InlineData("s = 'a'\n        for i in range(60): s = s + s")]
    [InlineData("l = []\n        l.append(l)\n        return l")]
    public void Endless_code_ends(string body)
    {
        AuditResult result = null!;
        var work = Work.Processor(() => result = AuditText($"from torch import nn\nclass M(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n        self.me = self\n    def forward(self, x):\n        {body}\n"));
        Assert.Null(result.Error);
        Assert.True(work < TimeSpan.FromSeconds(20), $"took {work}");
    }

    [Fact]
    public void Mutations_never_crash_nor_hang()
    {
        var random = new Random(6);
        var seeds = Directory.GetFiles(RepositoryFiles.Fixture("python-source"), "*.py", SearchOption.AllDirectories).Select(File.ReadAllLines).ToArray();
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var path = Path.Join(folder.FullName, "model.py");
            for (var round = 0; round < 600; round++)
            {
                var lines = seeds[random.Next(seeds.Length)].ToList();
                for (var n = random.Next(1, 6); n > 0; n--)
                {
                    var at = random.Next(lines.Count);
                    switch (random.Next(4))
                    {
                        case 0:
                            lines[at] = lines[random.Next(lines.Count)];
                            break;
                        case 1:
                            lines.Insert(at, lines[random.Next(lines.Count)]);
                            break;
                        case 2:
                            lines[at] = lines[at].Replace(random.Next(2) == 0 ? "self" : "x", random.Next(2) == 0 ? "nn" : "None", StringComparison.Ordinal);
                            break;
                        default:
                            var cut = random.Next(lines[at].Length + 1);
                            lines[at] = lines[at][..cut] + lines[random.Next(lines.Count)].Trim();
                            break;
                    }
                }

                File.WriteAllLines(path, lines, new UTF8Encoding(false));
                AuditResult result = null!;
                var work = Work.Processor(() => result = Audit(path));
                Assert.True(result.Error is null or { Id: "MG.PythonSource.NoModel" or "MG.Input.UnknownFormat" }, result.Error?.Id);
                Assert.True(work < TimeSpan.FromSeconds(10), $"round {round} took {work}");
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
