using ModelGuidelines.Models;

namespace ModelGuidelines.Tests.Models;

/// <summary>The table of functions against torch.nn.functional's and torch.nn's own signatures.</summary>
public sealed class OperationTableTests
{
    [Theory]
    [InlineData("relu_", "relu")]
    [InlineData("leaky_relu_", "leaky_relu")]
    [InlineData("adaptive_max_pool3d_with_indices", "adaptive_max_pool3d")]
    [InlineData("fractional_max_pool2d_with_indices", "fractional_max_pool2d")]
    [InlineData("__matmul__", "matmul")]
    [InlineData("concat", "cat")]
    public void Other_names_of_a_function(string name, string expected) => Assert.Equal(expected, OperationTable.Find(name)?.Name);

    /// <summary>The orders that differ between the function and the class.</summary>
    [Theory]
    [InlineData("max_pool2d", "torch.nn.MaxPool2d", "kernel_size stride padding dilation return_indices ceil_mode")]
    [InlineData("rrelu", "torch.nn.RReLU", "lower upper inplace")]
    [InlineData("dropout", "torch.nn.Dropout", "p inplace")]
    [InlineData("max_unpool2d", "torch.nn.MaxUnpool2d", "kernel_size stride padding")]
    [InlineData("interpolate", "torch.nn.Upsample", "size scale_factor mode align_corners recompute_scale_factor")]
    public void Order_of_constructor_arguments(string name, string type, string order)
    {
        var info = OperationTable.Find(name)!;
        Assert.Equal((type, order), (info.ModuleClass, string.Join(' ', info.ConstructorParameters)));
    }
}
