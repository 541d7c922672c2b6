using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Models of several files: what a star import brings, what registries build.</summary>
public sealed class PackageTests : IDisposable
{
    private const string Head = "import torch\nimport torch.nn as nn\nimport torch.nn.functional as F\n";
    private readonly string _folder = Directory.CreateTempSubdirectory("mg-package-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void Write(string name, string text)
    {
        var path = Path.Join(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
    }

    /// <summary>Findings as <c>guideline module operator|type confidence</c>, and guidelines that could not be decided.</summary>
    private IEnumerable<string> Audit(string name)
    {
        var path = Path.Join(_folder, name);
        var report = Auditor.Default.Audit(new(path, path), Written.Settings)!;
        return [.. report.Findings.Where(f => f.Outcome is Outcome.Fail && f.Severity > Severity.Information && f.Guideline.StartsWith("PyTorch", StringComparison.Ordinal)).Select(f => $"{f.Guideline[8..]} {f.Module} {f.Operator ?? f.ModuleType} {f.Confidence}"),
            .. report.Guidelines.Where(g => g.Outcome is Outcome.Undecidable && g.Guideline.StartsWith("PyTorch", StringComparison.Ordinal)).Select(g => $"{g.Guideline[8..]} {g.Reason}")];
    }

    /// <summary>The last star import that exports a name gives it: <c>__all__</c> says which names those are, however it is put together; among them are files of the package and names with an underscore.</summary>
    [Fact]
    public void AStarImportGivesTheNamesOfAll()
    {
        Write("package/__init__.py", "from .acts import *\nfrom .nets import *\n__all__ = acts.__all__ + nets.__all__ + ['heads']\n");
        Write("package/acts.py", Head + "__all__ = ['act']\n__all__ += ['_other']\ndef act(x):\n    return F.relu(x)\ndef _other(x):\n    return F.gelu(x)\n");
        Write("package/nets.py", Head + "__all__ = []\ndef act(x):\n    return F.tanh(x)\n");
        Write("package/heads.py", Head + "def head(x):\n    return F.softplus(x)\n");
        Write("net.py", Head + "from package import *\nclass Net(nn.Module):\n    def forward(self, x):\n        return heads.head(_other(act(x)))\n");
        Assert.Equal(["FunctionalCall  gelu Certain", "FunctionalCall  relu Certain", "FunctionalCall  softplus Certain"], Audit("net.py").Order());
    }

    /// <summary>A library that takes any name for one of its own need not have this one: where a file that is read has it, its is meant, though the library is imported last. What the library is known to have it does have.</summary>
    [Theory]
    [InlineData("torchvision.transforms", "FunctionalCall act relu Certain")]
    [InlineData("torch.autograd", "FunctionalCall act relu Certain")]
    [InlineData("numpy", "FunctionalCall act relu Certain")]
    [InlineData("torch.nn")]
    public void AStarImportOfALibraryTakesNoNameThatItMayNotHave(string library, params string[] expected)
    {
        Write("parts.py", Head + "class Softsign(nn.Module):\n    def forward(self, x):\n        return F.relu(F.relu(x))\n");
        Write("net.py", Head + $"from parts import *\nfrom {library} import *\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = Softsign()\n    def forward(self, x):\n        return self.act(x)\n");
        Assert.Equal(expected, Audit("net.py"));
    }

    /// <summary>What a file imports relatively lies where its folder says, though the audited file, which imports that file, tells of no folder above.</summary>
    [Theory]
    [InlineData("from ..module.acts import act", "act")]
    [InlineData("from ..module import acts", "acts.act")]
    [InlineData("from .. import module", "module.acts.act", "net/model/module/__init__.py")]
    public void ARelativeImportLeadsToTheFolder(string import, string act, params string[] packages)
    {
        packages.Append("net/__init__.py").Append("net/model/neck/__init__.py").ToList().ForEach(p => Write(p, p.Contains("module", StringComparison.Ordinal) ? "from . import acts\n" : ""));
        Write("net/model/module/acts.py", Head + "def act(x):\n    return F.gelu(x)\n");
        Write("net/model/neck/base.py", Head + $"{import}\nclass Base(nn.Module):\n    def forward(self, x):\n        return {act}(x)\n");
        Write("net/model/neck/neck.py", Head + "from .base import Base\nclass Neck(Base):\n    pass\n");
        var path = Path.Join(_folder, "net", "model", "neck", "neck.py");
        var report = Auditor.Default.Audit(new(path, path) { SearchedFolder = _folder }, Written.Settings)!;
        Assert.Equal("gelu", Assert.Single(report.Findings).Operator);
        Assert.Empty(report.Gaps);
    }

    /// <summary>The names of another file as a dictionary are its names.</summary>
    [Theory]
    [InlineData("parts.__dict__['act']")]
    [InlineData("vars(parts)['act']")]
    [InlineData("parts.__dict__.get('act')")]
    public void NamesOfAFileAreADictionary(string act)
    {
        Write("parts.py", Head + "def act(x):\n    return F.gelu(x)\n");
        Write("net.py", Head + $"import parts\nclass Net(nn.Module):\n    def forward(self, x):\n        return {act}(x)\n");
        Assert.Equal(["FunctionalCall  gelu Certain"], Audit("net.py"));
    }

    /// <summary>A program may be started in a folder of the package, though that has an <c>__init__.py</c>: its files import each other by what they are called from there.</summary>
    [Theory]
    [InlineData("from model import acts", "acts.act")]
    [InlineData("from model.acts import act", "act")]
    [InlineData("import model.acts", "model.acts.act")]
    public void AProgramMayBeStartedInAFolderOfThePackage(string import, string act)
    {
        foreach (var package in (string[])["code", "code/model", "code/other"])
        {
            Write(package + "/__init__.py", "");
        }

        Write("code/model/acts.py", Head + "def act(x):\n    return F.gelu(x)\n");
        Write("code/other/net.py", Head + $"{import}\nclass Net(nn.Module):\n    def forward(self, x):\n        return {act}(x)\n");
        Assert.Equal(["FunctionalCall  gelu Certain"], Audit("code/other/net.py"));
    }

    /// <summary>A folder below the audited one may be a project of its own: its files import their own <c>layers</c>, not those above, nor nothing.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void AFolderBelowIsAProjectOfItsOwn(bool isThereAbove)
    {
        Write("other/layers/act.py", Head + "def act(x):\n    return F.gelu(x)\n");
        Write("other/models/net.py", Head + "from layers.act import act\nclass Net(nn.Module):\n    def forward(self, x):\n        return act(x)\n");
        if (isThereAbove)
        {
            Write("layers/act.py", Head + "def act(x):\n    return F.relu(x)\n");
        }

        var path = Path.Join(_folder, "other", "models", "net.py");
        Assert.Equal("gelu", Assert.Single(Auditor.Default.Audit(new(path, path) { SearchedFolder = _folder }, Written.Settings)!.Findings).Operator);
    }

    /// <summary>A folder of a package may hold no <c>__init__.py</c>: what a file imports from further up lies there, and so does what that imports.</summary>
    [Theory]
    [InlineData("package/__init__.py", "package/models/rank/__init__.py")]
    [InlineData("package/models/rank/__init__.py")]
    [InlineData("package/__init__.py")]
    public void AFolderOfAPackageMayHoldNoInit(params string[] packages)
    {
        packages.ToList().ForEach(p => Write(p, ""));
        Write("package/basic/acts.py", Head + "def act(x):\n    return F.gelu(x)\n");
        Write("package/models/base/blocks.py", Head + "from ...basic.acts import act\nclass Block(nn.Module):\n    def forward(self, x):\n        return act(x)\n");
        Write("package/models/rank/net.py", Head + "from ...basic.acts import act\nfrom ..base.blocks import Block\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.block = Block()\n    def forward(self, x):\n        return act(self.block(x))\n");
        var path = Path.Join(_folder, "package", "models", "rank", "net.py");
        var report = Auditor.Default.Audit(new(path, path) { SearchedFolder = _folder }, Written.Settings)!;
        Assert.Equal(["FunctionalCall Fail", "ModuleReuse Pass", "TensorInterface Pass"], report.Guidelines.Where(g => g.Guideline.StartsWith("PyTorch", StringComparison.Ordinal)).Select(g => $"{g.Guideline[8..]} {g.Outcome}").Order());
        Assert.Empty(report.Gaps);
    }

    /// <summary>A function makes another file's model of its own file's blocks: what the blocks do in it is known.</summary>
    [Theory]
    [InlineData("def net(depth, **others):\n    if depth == 18:\n        return Net(Block, 2, **others)\n    return Net(Block, 3, **others)")]
    [InlineData("def net():\n    return Net(Block, 2)")]
    public void AFunctionMakesAnotherFilesModelOfItsOwnBlocks(string maker)
    {
        Write("nets.py", Head + """
            class Net(nn.Module):
                def __init__(self, block, count):
                    super().__init__()
                    self.blocks = nn.Sequential(*[block(4, nn.Linear(4, 4)) for _ in range(count)])
                def forward(self, x):
                    return self.blocks(x)
            """);
        Write("wide.py", Head + """
            from nets import Net
            class Block(nn.Module):
                def __init__(self, width, down):
                    super().__init__()
                    self.fc, self.down = nn.Linear(width, width), down
                def forward(self, x):
                    return F.relu(self.fc(self.down(x)))

            """ + maker);
        Assert.Equal(["FunctionalCall blocks.0 relu Certain"], Audit("wide.py"));
    }

    /// <summary>A package gives with stars what its files ask it for, the asking file among them: each gets the others' names.</summary>
    [Fact]
    public void AFileAsksThePackageThatExportsIt()
    {
        Write("package/__init__.py", "");
        Write("package/layers/__init__.py", "from .acts import *\nfrom .heads import *\n");
        Write("package/layers/acts.py", Head + "class Act(nn.Module):\n    def forward(self, x):\n        return F.relu(F.relu(x))\n");
        Write("package/layers/heads.py", Head + "from package.layers import Act\nclass Head(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.act = Act()\n    def forward(self, x):\n        return self.act(x)\n");
        Assert.Equal(["FunctionalCall act relu Certain"], Audit("package/layers/heads.py"));
    }

    /// <summary>A file that defines no class but puts a model together of other files' says what those files cannot: of which parts it is made, in which setting. One that only makes a layer does not.</summary>
    [Theory]
    [InlineData("def make(width=8, checkpoint=None):\n    net = Net(part=Part(width, again=True), head=nn.Linear(width, 4))\n    if checkpoint is not None:\n        net.load_state_dict(torch.load(checkpoint))\n    return net", "FunctionalCall part relu Certain", "ModuleReuse part.act torch.nn.ReLU Certain")]
    [InlineData("def make(config):\n    part = Part(config.width, again=True)\n    return Net(part, nn.Linear(config.width, 4))", "FunctionalCall part relu Certain", "ModuleReuse part.act torch.nn.ReLU Certain")]
    [InlineData("def make(width=8):\n    part = Part(width, again=True)\n    return part")]
    public void AFileWithoutAClassPutsAModelTogether(string maker, params string[] expected)
    {
        Write("parts.py", Head + """
            class Part(nn.Module):
                def __init__(self, width, again=False):
                    super().__init__()
                    self.fc, self.act, self.again = nn.Linear(width, width), nn.ReLU(), again
                def forward(self, x):
                    x = self.act(self.fc(x))
                    return F.relu(self.act(x) if self.again else x)
            class Net(nn.Module):
                def __init__(self, part, head):
                    super().__init__()
                    self.part, self.head = part, head
                def forward(self, x):
                    return self.head(self.part(x))
            """);
        Write("make.py", "import torch\nfrom torch import nn\nfrom parts import Net, Part\n" + maker);
        Assert.Equal(expected, expected.Length > 0 ? Audit("make.py").Order() : Auditor.Default.Audit(new(Path.Join(_folder, "make.py"), "make.py"), Written.Settings) is null or { Findings.IsEmpty: true } ? [] : ["found"]);
    }

    /// <summary>What a registry builds from settings is the class that is registered under their type, here, in a file that is imported, or in mmcv: it is called with the settings.</summary>
    [Fact]
    public void ARegistryBuildsWhatIsRegistered()
    {
        Write("package/__init__.py", "from .registry import MODELS\nfrom .blocks import Block\n");
        Write("package/registry.py", "from mmengine.registry import MODELS as PARENT, Registry\nMODELS = Registry('model', parent=PARENT, locations=['package'])\n");
        Write("package/blocks.py", Head + """
            from mmcv.cnn import build_norm_layer
            from mmcv.cnn.bricks import build_activation_layer
            from .registry import MODELS
            @MODELS.register_module(name='Blocked')
            class Block(nn.Module):
                def __init__(self, dim, twice=False, norm_cfg=dict(type='BN', requires_grad=True), conv_cfg=None):
                    super().__init__()
                    self.norm_name, norm = build_norm_layer(norm_cfg, dim, postfix=1)
                    self.add_module(self.norm_name, norm)
                    self.act = build_activation_layer(dict(type='ReLU'))
                    self.twice = twice
                def forward(self, x):
                    x = self.act(self.bn1(x))
                    return self.act(x) if self.twice else x
            """);
        Write("package/net.py", Head + """
            from package.registry import MODELS
            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.once = MODELS.build(dict(type='Blocked', dim=8))
                    self.both = MODELS.build(dict(type='package.Blocked', dim=8), default_args=dict(twice=True))
                def forward(self, x):
                    return self.both(self.once(x))
            """);
        Assert.Equal(["ModuleReuse both.act torch.nn.ReLU Certain"], Audit("package/net.py"));
    }

    /// <summary>A dictionary that only its own file fills is a table: what is not in it is sought nowhere, and no other file is run for it, whatever that says. One whose name another file says,
    /// or that a function of its file fills, may be filled by others: their files are run.</summary>
    [Theory]
    [InlineData("for table in ALL:\n    table.setdefault('silu', table.get('swish'))", "names = ['relu']", "F.tanh")]
    [InlineData("", "from .acts import MORE\nMORE['relu'] = F.relu", "F.relu")]
    [InlineData("", "from . import acts\nacts.MORE.update({'relu': F.relu})", "F.relu")]
    [InlineData("def add(name, act):\n    MORE[name] = act", "from .acts import add\nadd('relu', F.relu)", "F.relu")]
    [InlineData("def add(name, act):\n    ALL[0][name] = act", "from .acts import add\nadd('relu', F.relu)", "F.relu")]
    [InlineData("def table():\n    return MORE", "from .acts import table\ntable()['relu'] = F.relu", "F.relu")]
    [InlineData("class Acts:\n    held = MORE", "from .acts import Acts\nActs.held['relu'] = F.relu", "F.relu")]
    public void OnlyWhatOthersMayFillIsSoughtInTheirFiles(string more, string other, string act)
    {
        Write("package/__init__.py", "");
        Write("package/acts.py", Head + $$"""
            MORE = {'swish': F.silu, 'mish': F.mish}
            USUAL: dict = dict(tanh=F.tanh)
            ALL = (MORE, USUAL)
            {{more}}
            def get(name):
                if name in MORE:
                    return MORE[name]
                return USUAL.get(name, F.tanh)
            """);

        // To run it takes more steps than a function has that builds a model.
        var loops = string.Concat(Enumerable.Repeat("for i in range(5000):\n    text = str(i) + str(i + 1)\n    texts.append(text)\n", act == "F.tanh" ? 60 : 0));
        Write("package/other.py", $"{Head}{other}\ntexts = []\n{loops}");
        Write("package/net.py", Head + """
            from .acts import get
            from .other import unused
            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.act = get('relu')
                def forward(self, x):
                    return self.act(x)
            def net():
                return Net()
            """);
        Assert.Equal([$"FunctionalCall  {act[2..]} Certain"], Audit("package/net.py"));
    }

    /// <summary>What a file takes to run is not on the account of the function that is first to need a name of it.</summary>
    [Fact]
    public void AnImportedFileRunsOnItsOwnAccount()
    {
        // More than a function has that builds a model, and less than a file may take.
        var loops = string.Concat(Enumerable.Repeat("for i in range(1500):\n    text = str(i) + str(i + 1)\n    texts.append(text)\n", 16));
        Write("package/__init__.py", "");
        Write("package/other.py", $"{Head}texts = []\n{loops}def act(x):\n    return F.relu(x)\n");
        Write("package/net.py", Head + """
            from .other import act
            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.act = act
                def forward(self, x):
                    return self.act(x)
            def net():
                return Net()
            """);
        Assert.Equal(["FunctionalCall  relu Certain"], Audit("package/net.py"));
    }

    /// <summary>A folder without an <c>__init__.py</c> is a package where the files in it say so.</summary>
    [Fact]
    public void AFolderIsThePackageThatItsFilesImportFrom()
    {
        Write("basis/models/__init__.py", "");
        Write("basis/models/acts.py", Head + "def act(x):\n    return F.relu(x)\n");
        Write("basis/models/net.py", Head + "from basis.models.acts import act\nclass Net(nn.Module):\n    def forward(self, x):\n        return act(x)\n");
        Assert.Equal(["FunctionalCall  relu Certain"], Audit("basis/models/net.py"));
    }

    /// <summary>A package's own layer stands for its name in the package's settings though mmcv has one of that name, and though its file has not run yet; one that the package only names is mmcv's.</summary>
    [Theory]
    [InlineData("DropPath", "FunctionalCall drop tanh Certain|ModuleReuse drop.act torch.nn.ReLU Certain")]
    [InlineData("Swish", "")]
    public void AnOwnLayerIsMeantBeforeTheLibrarys(string type, string expected)
    {
        Write("package/__init__.py", "from .drop import *\nfrom .net import Net\n");
        Write("package/registry.py", "from mmengine.registry import MODELS as PARENT, Registry\nMODELS = Registry('model', parent=PARENT, locations=['package'])\n");
        Write("package/drop.py", Head + """
            from .registry import MODELS
            OTHERS = ['Swish']
            @MODELS.register_module()
            class DropPath(nn.Module):
                def __init__(self, drop_prob=0.1):
                    super().__init__()
                    self.act = nn.ReLU()
                def forward(self, x):
                    return self.act(self.act(torch.tanh(x)))
            """);
        Write("package/net.py", Head + $$"""
            from package.registry import MODELS
            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.drop = MODELS.build(dict(type='{{type}}'))
                def forward(self, x):
                    return self.drop(x)
            """);
        Assert.Equal(expected, string.Join('|', Audit("package/net.py")));
    }
}
