using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Tests.Python;

/// <summary>Names find their rows, wherever they are imported from; what is not known stays unknown.</summary>
public class LibraryCatalogTests
{
    [Theory]
    [InlineData("torch.nn.modules.conv.Conv2d", "torch.nn.Conv2d")]
    [InlineData("torch.nn.modules.Linear", "torch.nn.Linear")]
    [InlineData("tensorflow.keras.layers.Dense", "keras.layers.Dense")]
    [InlineData("tensorflow.compat.v1.keras.models.Model", "keras.Model")]
    [InlineData("tf_keras.Sequential", "keras.Sequential")]
    [InlineData("tensorflow.keras.layers.experimental.preprocessing.Rescaling", "keras.layers.Rescaling")]
    [InlineData("torch.ao.nn.quantized.FloatFunctional", "torch.nn.quantized.FloatFunctional")]
    [InlineData("timm.models.layers.drop.DropPath", "timm.layers.DropPath")]
    [InlineData("lightning.pytorch.LightningModule", "pytorch_lightning.LightningModule")]
    public void AClassHasOneNameWhereverItIsImportedFrom(string written, string name)
    {
        Assert.Equal(name, LibraryCatalog.Default.Canonical(written));
        Assert.NotNull(LibraryCatalog.Default.Class(written));
    }

    [Theory]
    [InlineData("torch.nn.functional.relu", "Tensor", "Operation")]
    [InlineData("torch.nn.functional.relu_", "First", "Operation")]
    [InlineData("torch.Tensor.unfold", "Tensor", "Nothing")]
    [InlineData("torch.Tensor.clamp_", "First", "Operation")]
    [InlineData("torch.fft.rfft2", "Tensor", "Operation")]
    [InlineData("einops.rearrange", "Tensor", "Nothing")]
    [InlineData("os.path.join", "Text", "Nothing")]
    [InlineData("numpy.random.rand", "Array", "Nothing")]
    [InlineData("tensorflow.nn.relu", "KerasTensor", "Nothing")]
    [InlineData("keras.ops.softmax", "KerasTensor", "Nothing")]
    public void AFunctionSaysWhatItReturnsAndWhetherItCounts(string name, string returns, string does)
    {
        var row = Assert.IsType<LibraryRow>(LibraryCatalog.Default.Row(name));
        Assert.Equal((returns, does), (row.Returns.ToString(), row.Does.ToString()));
    }

    [Theory]
    [InlineData("torch.Tensor.no_such_method")]
    [InlineData("torch.nn.functional.no_such_function")]
    [InlineData("somebody.relu")]
    [InlineData("torch.frobnicate")]
    public void WhatIsNotKnownHasNoRow(string name) => Assert.Null(LibraryCatalog.Default.Row(name));

    [Fact]
    public void FilesOfAFrameworkAreNeverReadAndThoseOfALibraryAreWhereTheyAre()
    {
        Assert.All(["torch", "keras", "tensorflow", "numpy", "os", "typing"], n => Assert.True(LibraryCatalog.Default.Knows(n), n));
        Assert.All(["timm", "transformers", "torchvision", "einops", "mmcv", "keras_hub", "somebody"], n => Assert.False(LibraryCatalog.Default.Knows(n), n));
    }

    [Fact]
    public void WhatAPyTorchHasDependsOnItsVersion()
    {
        const string Name = "torch.nn.functional.scaled_dot_product_attention";
        Assert.True(LibraryCatalog.Default.Has(Name));
        Assert.False(LibraryCatalog.For(new(1, 13)).Has(Name));
        Assert.False(LibraryCatalog.Default.Has("torch.nn.functional.no_such_function"));
        Assert.Null(LibraryCatalog.Default.Has("torch.backends.cuda.no_such_thing"));
    }

    [Fact]
    public void AnInstanceKeepsWhatItsConstructorWasGiven()
    {
        var conv = LibraryCatalog.Default.Class("torch.nn.Conv2d")!;
        var arguments = CallArguments.Of(ConstantValue.Of(3), ConstantValue.Of(16), ConstantValue.Of(7));
        arguments.Named.Add(("padding", SequenceValue.Tuple(ConstantValue.Of(3), ConstantValue.Of(1))));
        var kept = conv.Keeps(arguments).ToDictionary(k => k.Name, k => k.Value);
        Assert.Equal(3L, Assert.IsType<ConstantValue>(kept["in_channels"]).Raw);
        Assert.Equal([7L, 7L], Assert.IsType<SequenceValue>(kept["kernel_size"]).Items.Cast<ConstantValue>().Select(c => c.Raw));
        Assert.Equal([1L, 1L], Assert.IsType<SequenceValue>(kept["stride"]).Items.Cast<ConstantValue>().Select(c => c.Raw));
        Assert.Equal([3L, 1L], Assert.IsType<SequenceValue>(kept["padding"]).Items.Cast<ConstantValue>().Select(c => c.Raw));
        Assert.DoesNotContain("bias", kept.Keys); // a parameter or None: the constructor sets it
    }
}
