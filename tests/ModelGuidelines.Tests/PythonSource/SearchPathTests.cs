using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Formats.PythonSource;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Python.Projects;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Imports of installed packages: followed where they are reached, and reported apart.</summary>
public sealed class SearchPathTests : IDisposable
{
    private const string Head = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n";
    private const string Block = "class Block(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = nn.ReLU()\n\n    def forward(self, x):\n        return self.act(F.gelu(self.act(x)))\n";
    private readonly string _folder = Directory.CreateTempSubdirectory("mg-path-").FullName;

    public SearchPathTests()
    {
        // A package as installed: an __init__ that imports much, of which little is reached.
        Write("site/layers/__init__.py", "from .block import Block\nfrom .other import *\nfrom .heavy import Heavy\n");
        Write("site/layers/block.py", Head + "from .act import act_of\n\n" + Block);
        Write("site/layers/act.py", "def act_of(name):\n    return name\n");
        Write("site/layers/other.py", "__all__ = ['Other']\nclass Other:\n    pass\n");
        Write("site/layers/heavy.py", Head + "class Heavy(nn.Module):\n    def forward(self, x):\n        return F.relu(x) + 1\n");
        Write("site/yaml/__init__.py", "raise RuntimeError('not read')\n");
        for (var i = 0; i < 300; i++)
        {
            Write($"site/layers/models/m{i}.py", Head + "class M(nn.Module):\n    pass\n");
        }

        Write("app/net.py", Head + "import yaml\nfrom layers import Block\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.block = Block()\n\n    def forward(self, x):\n        return F.relu(self.block(x)) * 2\n");
    }

    private string Net => Path.Join(_folder, "app", "net.py");

    private string Site => Path.Join(_folder, "site");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string name, string text)
    {
        var path = Path.Join(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    private AuditResult Audit(params string[] searchPath) => Auditor.Default.Audit(new(Net, "app/net.py"), Written.Settings with { SearchPath = [.. searchPath] })!;

    /// <summary>Outside of the project and the search path nothing is read, and a pipe nowhere: it would wait for its writer for ever.</summary>
    [Theory]
    [InlineData("from inside import Block", true)]
    [InlineData("from ..outside import Block", false)]
    [InlineData("from ...outside import Block", false)]
    [InlineData("from linked import Block", false)]
    [InlineData("from folder.outside import Block", false)]
    [InlineData("from pipe import Block", false)]
    public async Task Imports_stay_inside(string import, bool isRead)
    {
        using var pipe = await WatchedPipe.Make(Path.Join(_folder, "project", "pipe.py"), TestContext.Current.CancellationToken);
        Write("outside.py", Head + Block);
        Write("project/inside.py", Head + Block);
        Write("project/net.py", Head + import + "\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.block = Block()\n\n    def forward(self, x):\n        return self.block(x)\n");
        File.CreateSymbolicLink(Path.Join(_folder, "project", "linked.py"), "../outside.py");
        Directory.CreateSymbolicLink(Path.Join(_folder, "project", "folder"), "..");
        var path = Path.Join(_folder, "project", "net.py");
        var result = Auditor.Default.Audit(new(path, "net.py"), AuditSettings.Default, TestContext.Current.CancellationToken)!;
        Assert.False(pipe.WasOpened);
        Assert.Null(result.Error);
        Assert.Equal(isRead, result.Findings.Length > 0);
        Assert.Equal(isRead ? Outcome.Pass : Outcome.Undecidable, result.Guidelines.Single(g => g.Guideline == "PyTorch.TensorInterface").Outcome);
    }

    [Fact]
    public void What_a_package_does_is_reported_apart_and_fails_nothing_unless_asked()
    {
        var result = Audit(Site);
        Assert.Equal(
            [" site/layers/block.py layers", "gelu site/layers/block.py layers", "relu app/net.py "],
            result.Findings.Select(f => $"{f.Operator} {f.Location!.File} {f.Package}").Order(StringComparer.Ordinal));
        Assert.All(result.Findings, f => Assert.Equal(f.Package is not null, f.External));
        Assert.True(FailurePolicy.Fails(result, FailOn.Warning));
        var outside = result with { Findings = result.Findings.RemoveAll(f => !f.External) };
        Assert.False(FailurePolicy.Fails(outside, FailOn.Warning));
        Assert.True(FailurePolicy.Fails(outside, FailOn.Warning, external: true));
    }

    [Fact]
    public void Without_it_the_package_is_a_gap_that_names_it()
    {
        var result = Audit();
        Assert.Equal(["relu"], result.Findings.Select(f => f.Operator));
        Assert.Contains(result.Gaps, g => $"{g.What} {g.Remedy}".Contains("layers", StringComparison.Ordinal));
        Assert.Contains(result.Guidelines, g => g is { Guideline: "PyTorch.TensorInterface", Outcome: Outcome.Undecidable });
    }

    [Fact]
    public void The_projects_own_files_come_first_and_are_not_external()
    {
        var result = Audit(Path.Join(_folder, "app"), _folder);
        Assert.All(result.Findings, f => Assert.False(f.External));
        Write("app/layers.py", Head + Block);
        Assert.Equal(["app/layers.py", "app/net.py"], Audit(Site).Findings.Select(f => f.Location!.File).Distinct().Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Only_files_that_are_reached_are_opened()
    {
        var cache = new ReaderCache();
        using var source = new ModelSource(Net, ModelGuidelines.Storage.ReadLimits.Default) { Cache = cache, Options = new() { SearchPath = [Site] } };
        new PythonSourceFormat().Read(source);
        Assert.Equal(
            ["__init__.py", "block.py"],
            cache.Get<ParsedFiles>().Opened.Select(p => Path.GetFileName(p)!).Order(StringComparer.Ordinal));
    }
}
