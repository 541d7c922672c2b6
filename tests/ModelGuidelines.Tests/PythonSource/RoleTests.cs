using ModelGuidelines.Audit;
using ModelGuidelines.Formats;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Modules that are no models are left out, counted, and audited when asked for.</summary>
public sealed class RoleTests : IDisposable
{
    private const string Head = "import torch.nn as nn\nimport torch.nn.functional as F\n";
    private readonly string _folder = Directory.CreateTempSubdirectory("mg-role-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (AuditResult? Result, string? Line) Audit(string name, string classes, params string[] included)
    {
        var path = Path.Join(_folder, name);
        File.WriteAllText(path, Head + classes);
        var settings = Written.Settings with { LeftOut = new(), IncludedRoles = [.. included] };
        var result = Auditor.Default.Audit(new(path, name) { IsGuess = true }, settings);
        return (result, RolesLeftOut.Line(settings.LeftOut!.Counts, "--include-role"));
    }

    private static string Class(string name, string @base) => $"class {name}({@base}):\n    def forward(self, x, y=None):\n        return F.relu(x) + x\n";

    [Theory]
    [InlineData("net.py", "Net", "nn.Module", null)]
    [InlineData("net.py", "DiceLoss", "nn.Module", "1 loss")]
    [InlineData("net.py", "Dice", "nn.modules.loss._Loss", "1 loss")]
    [InlineData("net.py", "Smooth", "nn.CrossEntropyLoss", "1 loss")]
    [InlineData("losses.py", "Dice", "nn.Module", "1 loss")]
    [InlineData("metrics.py", "Dice", "nn.Module", "1 metric")]
    [InlineData("transforms.py", "Flip", "nn.Module", "1 transform")]
    [InlineData("test_net.py", "Net", "nn.Module", "1 test")]
    [InlineData("net.py", "NetTrainer", "nn.Module", "1 trainer")]
    [InlineData("datasets.py", "Clips", "nn.Module", "1 dataset")]
    [InlineData("net.py", "SlowOptimizer", "nn.Module", "1 optimizer")]
    public void A_role_is_told_by_base_and_name(string file, string type, string @base, string? expected)
    {
        var (result, line) = Audit(file, Class(type, @base));
        Assert.Equal(expected is null, result?.Findings.Length > 0);
        Assert.Equal(expected is null ? null : $"Left out, because they are no models: {expected} (--include-role {expected[2..]} brings them back).", line);
        if (expected is not null)
        {
            Assert.Single(Audit(file, Class(type, @base), expected[2..]).Result!.Findings);
        }
    }

    /// <summary>A layer of Keras that makes inputs of texts or images, however far it is derived; what only is called so is a layer like any other.</summary>
    [Theory]
    [InlineData("class PreprocessingLayer(keras.layers.Layer): pass\nclass Tokenizer(PreprocessingLayer): pass\n", "BertTokenizer", "Tokenizer", "3 preprocessors")]
    [InlineData("", "ImagePreprocessor", "keras.layers.Layer", "1 preprocessor")]
    [InlineData("class BaseImageAugmentationLayer(keras.layers.Layer): pass\n", "Posterization", "BaseImageAugmentationLayer", "2 transforms")]
    [InlineData("", "ConvTokenizer", "keras.layers.Layer", null)]
    public void A_layer_of_Keras_that_makes_inputs_is_no_model(string before, string type, string @base, string? expected)
    {
        var (result, line) = Audit("net.py", $"import keras\n{before}class {type}({@base}):\n    def __init__(self):\n        super().__init__()\n        self.act = keras.layers.ReLU()\n    def call(self, x):\n        return self.act(self.act(x))\n");
        Assert.Equal(expected is null, result?.Findings.Any(f => f.Guideline == "Keras.LayerReuse") == true);
        Assert.Equal(expected is not null, line?.Contains(expected ?? "", StringComparison.Ordinal) == true);
    }

    [Theory]
    [InlineData("self, x, target", "return F.mse_loss(F.relu(x), target)", "loss")]
    [InlineData("self, x, labels", "total = (F.relu(x) - labels).pow(2).mean()\n        return self.weight * total", "loss")]
    [InlineData("self, x, target", "a = self.net(x)\n        return {'loss': self.criterion(a, target), 'out': F.relu(a)}", "trainer")]
    [InlineData("self, x, target", "return F.relu(x + target)", null)] // a model that is conditioned on something
    [InlineData("self, x, labels=None", "return F.relu(x).mean()", null)] // it runs without
    [InlineData("self, x", "return F.relu(x).mean()", null)]
    public void A_role_is_told_by_what_forward_is_given_and_gives_back(string parameters, string body, string? role)
    {
        var (result, line) = Audit("net.py", $"class Net(nn.Module):\n    def forward({parameters}):\n        {body}\n");
        Assert.Equal(role is null, result?.Findings.Length > 0);
        Assert.Equal(role is not null, line?.Contains($"1 {role}", StringComparison.Ordinal) == true);
    }

    [Fact]
    public void A_loss_beside_a_model_is_left_out_and_one_that_a_model_holds_is_followed()
    {
        var (result, line) = Audit("net.py", Class("DiceLoss", "nn.Module") + Class("FocalLoss", "nn.Module") + "class Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n        self.loss = DiceLoss()\n\n    def forward(self, x):\n        return self.loss(x)\n");
        Assert.Equal(["loss"], result!.Findings.Select(f => f.Module));
        Assert.Contains("2 losses", line, StringComparison.Ordinal);
    }
}
