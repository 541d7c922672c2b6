using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Formats.PythonSource;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Repairs;
using ModelGuidelines.Repairs.Source;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>Reuse whose repair falls into several files: all are edited together, or none.</summary>
public sealed class SourceTogetherTests
{
    private const string Head = "import torch\nfrom torch import nn\n";

    /// <summary>The class in base.py makes the module, the one in model.py calls it.</summary>
    private const string Base = Head + "\nclass Base(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n        self.fc = nn.Linear(4, 4)\n";
    private const string Net = Head + "from base import Base\n\nclass Net(Base):\n    def forward(self, x):\n        return self.act(self.fc(self.act(x)))\n";

    [Fact]
    public void WhatAnotherFileDefinesIsDefinedThereAgain()
    {
        using var folder = Folder(("base.py", Base), ("model.py", Net));

        var result = Repair(folder, "model.py");

        Assert.True(result is { Status: RepairStatus.Repaired, Verified: "Structure" } && result.Left.IsEmpty, string.Join("; ", result.Left));
        Assert.Equal(["base.py"], result.Others.Select(o => Path.GetFileName(o.OutputPath)));
        Assert.Contains("self.act = nn.ReLU()\n        self.act2 = nn.ReLU()\n", Read(folder, "base.py"), StringComparison.Ordinal);
        Assert.Contains("self.act2(self.fc(self.act(x)))", Read(folder, "model.py"), StringComparison.Ordinal);
        Assert.Contains("+++ b/", result.Diff!.Text[result.Diff.Text.IndexOf("base.py", StringComparison.Ordinal)..], StringComparison.Ordinal);
    }

    [Fact]
    public void WhatAnotherFileCallsIsDefinedByAllThatDeriveFromItsClass()
    {
        const string Sub = "from base import Base\n\nclass {0}(Base):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.{1}()\n        self.fc = nn.Linear(4, 4)\n";
        using var folder = Folder(("base.py", Head + "\nclass Base(nn.Module):\n    def forward(self, x):\n        return self.act(self.fc(self.act(x)))\n"),
            ("model.py", Head + string.Format(null, Sub, "Net", "ReLU")), ("other.py", Head + string.Format(null, Sub, "Other", "Tanh")));

        var result = Repair(folder, "model.py");

        Assert.True(result is { Status: RepairStatus.Repaired }, string.Join("; ", result.Left));
        Assert.Equal(["base.py", "other.py"], result.Others.Select(o => Path.GetFileName(o.Path)).Order(StringComparer.Ordinal));
        Assert.Contains("self.act2 = nn.ReLU()", Read(folder, "model.py"), StringComparison.Ordinal);
        Assert.Contains("self.act2 = nn.Tanh()", Read(folder, "other.py"), StringComparison.Ordinal);
    }

    [Fact]
    public void AMixinOfAnotherFileAndWhatASubmoduleIsGiven()
    {
        using var folder = Folder(("mix.py", "class Mixin:\n    def twice(self, x):\n        return self.act(self.act(x) + 1)\n"),
            ("blocks.py", Head + "\nclass Block(nn.Module):\n    def __init__(self, act):\n        super().__init__()\n        self.one = act\n        self.two = act\n\n    def forward(self, x):\n        return self.one(self.two(x) - 1)\n"),
            ("model.py", Head + "from mix import Mixin\nfrom blocks import Block\n\nclass Net(Mixin, nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n        self.block = Block(nn.Tanh())\n\n    def forward(self, x):\n        return self.block(self.twice(x))\n"));

        var result = Repair(folder, "model.py");

        Assert.True(result is { Status: RepairStatus.Repaired } && result.Left.IsEmpty, string.Join("; ", result.Left));
        Assert.Contains("self.act2", Read(folder, "mix.py"), StringComparison.Ordinal);
        Assert.Contains("copy.deepcopy(act)", Read(folder, "blocks.py"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("    def __init__(self):\n        super().__init__()\n        self.fc = nn.Linear(4, 4)\n\n    def forward(self, x):\n        for m in self.children():\n            x = m(x)\n        return x\n", "walks over modules")]
    [InlineData("    def forward(self, x):\n        return x * len(list(self.children()))\n", "walks over modules")]
    [InlineData("    def forward(self, x):\n        for m in [m for m in vars(self)['_modules'].values()]:\n            x = m(x)\n        return x\n", "walks over")]
    public void WhoDerivesFromWhatIsEditedIsAskedToo(string other, string expected)
    {
        using var folder = Folder(("base.py", Base), ("model.py", Net), ("other.py", Head + $"from base import Base\n\nclass Other(Base):\n{other}"));

        var result = Repair(folder, "model.py");

        Assert.Equal(RepairStatus.Refused, result.Status);
        Assert.Contains(result.Left, l => l.Reason.Contains(expected, StringComparison.Ordinal));
        Assert.Equal(Base, Read(folder, "base.py"));
    }

    [Theory]
    [InlineData("import base\n\ndef init(self):\n    nn.Module.__init__(self)\n    self.act = nn.Tanh()\n\nbase.Base.__init__ = init\n", "replaces a method")]
    [InlineData("from model import Net as N\n\nsetattr(N, 'forward', lambda self, x: x)\n", "replaces a method")]
    [InlineData("from model import Net\n\nn = Net()\nn.act = nn.Tanh()\n", "from outside")]
    [InlineData("from model import Net\n\nn = Net()\nfor name in ['act']:\n    setattr(n, name, nn.Tanh())\n", "names attributes by a text")]
    [InlineData("from model import Net\n\nn = Net()\nn.__dict__['act'] = nn.Tanh()\n", "all at once")]
    [InlineData("from model import Net\n\nn = Net()\nn.__dict__.update({'act': nn.Tanh()})\n", "all at once")]
    [InlineData("import sys\nfrom model import Net\n\nn = Net()\ngetattr(n, sys.argv[1]).register_forward_hook(print)\n", "changes or hooks an attribute")]
    [InlineData("from operator import attrgetter\nfrom model import Net\n\nn = Net()\nattrgetter('act')(n).eval()\n", "names it by a text")]
    [InlineData("from model import Net\n\nprint([hasattr(Net(), f'act{i}') for i in range(4)])\n", "puts names of attributes together")]
    [InlineData("from model import Net\n\nn = Net.__new__(Net)\nnn.Module.__init__(n)\nprint(n)\n", "without its __init__")]
    [InlineData("from model import Net\n\nclass O(nn.Module):\n    pass\n\no = O()\no.__class__ = Net\n", "without its __init__")]
    [InlineData("from model import Net\n\nclass O(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.fc = self.act = nn.Tanh()\n\n    forward = Net.forward\n", "takes 'forward' out of its class")]
    [InlineData("from model import Net\n\ntorch.nn.modules.module.register_module_forward_hook(print)\n", "hooks all modules")]
    [InlineData("from model import KINDS\n\nprint(len(list(KINDS['Net']().children())))\n", "walks over modules")]
    public void WhoChangesAClassFromOutsideStopsIt(string other, string expected)
    {
        using var folder = Folder(("base.py", Base), ("model.py", Net + (other.Contains("KINDS", StringComparison.Ordinal) ? "\nKINDS = {'Net': Net}\n" : "")), ("other.py", Head + other));

        Assert.Contains(expected, Assert.Single(Repair(folder, "model.py").Left).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void ClassesAreRelatedOverFilesThatStay()
    {
        using var folder = Folder(("base.py", Base), ("model.py", Head + "from base import Base as Root\n\nclass Net(Root):\n    pass\n"), ("third.py", Head + "import model\n\nclass T(model.Net):\n    def forward(self, x):\n        return self.act(self.fc(self.act(x)))\n"));

        var result = Repair(folder, "third.py");

        Assert.True(result is { Status: RepairStatus.Repaired }, string.Join("; ", result.Left));
        Assert.Equal(["base.py"], result.Others.Select(o => Path.GetFileName(o.Path)));
    }

    [Fact]
    public void NoFileIsEditedThatWasNotNamed()
    {
        using var folder = Folder(("base.py", Base), ("model.py", Net));

        var result = Repair(folder, "model.py", s => s with { Named = new HashSet<string> { folder.File("model.py") } });

        Assert.Equal(RepairStatus.Refused, result.Status);
        Assert.Contains("base.py too, which was not named", Assert.Single(result.Left).Reason, StringComparison.Ordinal);
        Assert.Equal((Base, Net), (Read(folder, "base.py"), Read(folder, "model.py")));
    }

    [Fact]
    public void NoneIsWrittenWhereOneCannotBe()
    {
        using var folder = Folder(("base.py", Base), ("model.py", Net));
        File.SetAttributes(folder.File("base.py"), FileAttributes.ReadOnly);

        var result = Repair(folder, "model.py");

        Assert.Equal(RepairStatus.Failed, result.Status);
        Assert.Equal("MG.Repair.AccessDenied", result.Error!.Id);
        File.SetAttributes(folder.File("base.py"), FileAttributes.Normal);
        Assert.Equal((Base, Net), (Read(folder, "base.py"), Read(folder, "model.py")));
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public void ResultsBesideTheOriginalsWouldNotImportEachOther()
    {
        using var folder = Folder(("base.py", Base), ("model.py", Net));

        Assert.Contains("repair in place", Assert.Single(Repair(folder, "model.py", s => s with { InPlace = false }).Left).Reason, StringComparison.Ordinal);

        var result = Repair(folder, "model.py", s => s with { InPlace = false, OutputFolder = folder.File("out") });
        Assert.Equal(RepairStatus.Repaired, result.Status);
        Assert.Equal(["base.py", "model.py"], Directory.GetFiles(folder.File("out")).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.Equal(Base, Read(folder, "base.py"));
    }

    [Fact]
    public void DiffsOfOneRunFollowEachOther()
    {
        const string Own = "    def forward(self, x):\n        return self.act(self.fc(self.act(x)))\n";
        using var folder = Folder(("base.py", Base + "\n" + Own), ("model.py", Net));
        var settings = new RepairSettings { WhatIf = true, Accumulates = true, Targets = new() };

        var first = Repair(folder, "base.py", s => settings with { Named = s.Named, Folder = s.Folder });
        var second = Repair(folder, "model.py", s => settings with { Named = s.Named, Folder = s.Folder });

        // What the first made is there for the second.
        Assert.Contains("self.act2 = nn.ReLU()", first.Diff!.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("+        self.act2 = nn.ReLU()", second.Diff!.Text, StringComparison.Ordinal);
        Assert.Contains("+        self.act3 = nn.ReLU()", second.Diff.Text, StringComparison.Ordinal);
    }

    /// <summary>Each file by itself damaged, the others right: whatever does something else is refused.</summary>
    [Fact]
    public void TheProofRefusesADamagedFileOfSeveral()
    {
        using var folder = Folder(("base.py", Base), ("model.py", Net));
        var path = folder.File("model.py");
        using var file = new ModelSource(path, ReadLimits.Default, TestContext.Current.CancellationToken);
        var graph = new PythonSourceFormat().Read(file);
        var settings = new RepairSettings { WhatIf = true, Named = Directory.GetFiles(folder.Path).ToHashSet(StringComparer.Ordinal), Folder = new(folder.Path) };
        var step = Assert.IsType<SourcePlan>(new PythonSourceRepairer().Plan(file, graph, [.. new ModuleReuse().Evaluate(graph).Findings.Where(f => f.Outcome is Outcome.Fail && f.ModuleType == "torch.nn.ReLU")], settings)).Steps[^1];
        var right = step.Changed(TestContext.Current.CancellationToken);
        Assert.Equal(2, right.Count);
        Assert.Null(SourceProof.Compare(step, right, file).Difference);

        foreach (var (damaged, text) in right)
        {
            var mutants = new SourceMutations(text.Text, step.Texts.Read(damaged)!.Text).All().Append(step.Texts.Read(damaged)!.Text).Distinct(StringComparer.Ordinal).ToList();
            Assert.True(mutants.Count > 30);
            Assert.All(mutants, m => Assert.True(SourceProof.Compare(step, new Dictionary<string, PythonFile>(right) { [damaged] = PythonParser.Parse(m) }, file).Difference is not null, m));
        }
    }

    private static RepairResult Repair(TemporaryFolder folder, string name, Func<RepairSettings, RepairSettings>? change = null)
    {
        var settings = new RepairSettings { InPlace = true, Named = Directory.GetFiles(folder.Path, "*.py").ToHashSet(StringComparer.Ordinal), Folder = new RepairFolder(folder.Path) };
        return Repairer.Default.Repair(new AuditInput(folder.File(name), folder.File(name)) { SearchedFolder = folder.Path }, change?.Invoke(settings) ?? settings, TestContext.Current.CancellationToken);
    }

    private static string Read(TemporaryFolder folder, string name) => File.ReadAllText(folder.File(name));

    private static TemporaryFolder Folder(params (string Name, string Text)[] files)
    {
        var folder = new TemporaryFolder();
        files.ToList().ForEach(f => folder.Write(f.Name, Encoding.UTF8.GetBytes(f.Text)));
        return folder;
    }
}
