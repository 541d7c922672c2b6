using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;

namespace ModelGuidelines.Tests.Audit;

/// <summary>A place is reported once, where it stands, with all that come to it.</summary>
public sealed class PlaceLedgerTests : IDisposable
{
    private const string Head = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n";
    private readonly string _folder = Directory.CreateTempSubdirectory("mg-places-").FullName;

    public PlaceLedgerTests()
    {
        Write("parts/__init__.py", "");
        Write("parts/block.py", Head + "class Block(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 4)\n\n    def forward(self, x):\n        return F.relu(self.fc(x)) + self.fc(x)\n");
        Write("__init__.py", "");
        foreach (var name in new[] { "Small", "Large" })
        {
            Write($"{name}.py", Head + $"from .parts.block import Block\n\nclass {name}(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.a = Block()\n        self.b = Block()\n\n    def forward(self, x):\n        return self.b(self.a(x))\n");
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_place_is_reported_once_in_its_file_with_the_models_that_come_to_it()
    {
        var results = PlaceLedger.Collate([Audit("Large.py"), Audit("Small.py"), Audit("parts/block.py")]);

        Assert.Equal([0, 0, 2], results.Select(r => r.Findings.Length));
        Assert.All(results, r => Assert.Equal(Outcome.Fail, r.Guidelines[0].Outcome));
        var finding = results[2].Findings[0];
        Assert.Equal(["Block", "Large", "Small"], finding.Models.Order(StringComparer.Ordinal));
        Assert.Equal(["", "a", "b"], finding.Instances.Order(StringComparer.Ordinal));
        Assert.Equal(("pkg/parts/block.py", 10, "return F.relu(self.fc(x)) + self.fc(x)"), (finding.Location!.File, finding.Location.Line, finding.Snippet));
        Assert.Equal("PyTorch.FunctionalCall | pkg/parts/block.py | Block | 10 | relu", finding.Place);
    }

    [Fact]
    public void A_file_audited_alone_reports_what_it_reaches()
    {
        var result = Assert.Single(PlaceLedger.Collate([Audit("Small.py")]));

        Assert.Equal(["pkg/parts/block.py"], result.Findings.Select(f => f.Location!.File).Distinct());
        Assert.All(result.Findings, f => Assert.Equal("pkg/Small.py", f.Path));
    }

    [Fact]
    public void Results_that_must_go_out_at_once_repeat_no_place()
    {
        var ledger = new PlaceLedger();
        var results = new[] { "Large.py", "Small.py", "parts/block.py" }.Select(f => ledger.Settle(Audit(f))).ToList();

        Assert.Equal([2, 0, 0], results.Select(r => r.Findings.Length));
        Assert.All(results[0].Findings, f => Assert.Equal("pkg/parts/block.py", f.Path));
    }

    [Fact]
    public void A_fingerprint_stays_when_lines_move_and_files_are_renamed()
    {
        var before = Audit("parts/block.py").Findings.Select(f => f.Fingerprint).ToList();
        Write("parts/renamed.py", "# a line more\n" + File.ReadAllText(Path.Combine(_folder, "pkg/parts/block.py")));

        Assert.Equal(before, Audit("parts/renamed.py").Findings.Select(f => f.Fingerprint));
        Assert.Equal(before.Count, before.Distinct().Count());
    }

    [Fact]
    public void Equal_blocks_of_a_graph_file_are_findings_with_one_place_and_one_finding_for_people()
    {
        var path = RepositoryFiles.Fixture("onnx", "scripted", "tiny_gpt.onnx");
        var report = new AuditReport(PlaceLedger.Collate([Auditor.Default.Audit(new(path, "tiny_gpt.onnx"), new())!]));
        var each = report.Results[0].Findings.Where(f => f.Operator == "softmax").ToList();
        var together = Assert.Single(report.ByPlace().Results[0].Findings, f => f.Operator == "softmax");

        Assert.Equal(["h.0.attn", "h.1.attn"], each.Select(f => f.Module));
        Assert.All(each, f => Assert.Equal((f.Module, 1, together.Place), (Assert.Single(f.Instances), f.InstanceCount, f.Place)));
        Assert.Equal(2, each.Select(f => f.Fingerprint).Distinct().Count());
        Assert.Equal(["h.0.attn", "h.1.attn"], together.Instances);
        Assert.Equal((2, "h.0.attn", each[0].Fingerprint), (together.InstanceCount, together.Module, together.Fingerprint));
        Assert.EndsWith("(and 1 more: h.*.attn)", together.Message, StringComparison.Ordinal);
    }

    private AuditResult Audit(string file) => Auditor.Default.Audit(new(Path.Combine(_folder, "pkg", file), Path.Combine("pkg", file)), new())!;

    private void Write(string file, string text)
    {
        var path = Path.Combine(_folder, "pkg", file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }
}
