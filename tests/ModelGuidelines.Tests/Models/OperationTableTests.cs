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

    /// <summary>torch.nn.functional as PyTorch documents it, without what has no class in torch.nn: gumbel_softmax, pdist, one_hot, grid_sample, affine_grid,
    /// normalize, scaled_dot_product_attention, conv_tbc.</summary>
    [Theory]
    [InlineData("conv1d conv2d conv3d conv_transpose1d conv_transpose2d conv_transpose3d unfold fold")]
    [InlineData("avg_pool1d avg_pool2d avg_pool3d max_pool1d max_pool2d max_pool3d max_unpool1d max_unpool2d max_unpool3d lp_pool1d lp_pool2d lp_pool3d")]
    [InlineData("adaptive_max_pool1d adaptive_max_pool2d adaptive_max_pool3d adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d fractional_max_pool2d fractional_max_pool3d")]
    [InlineData("threshold threshold_ relu relu_ hardtanh hardtanh_ hardswish relu6 elu elu_ selu celu leaky_relu leaky_relu_ prelu rrelu rrelu_ glu gelu logsigmoid hardshrink tanhshrink")]
    [InlineData("softsign softplus softmin softmax softshrink log_softmax tanh sigmoid hardsigmoid silu mish batch_norm group_norm instance_norm layer_norm local_response_norm rms_norm")]
    [InlineData("linear bilinear dropout alpha_dropout feature_alpha_dropout dropout1d dropout2d dropout3d embedding embedding_bag pairwise_distance cosine_similarity")]
    [InlineData("binary_cross_entropy binary_cross_entropy_with_logits poisson_nll_loss cosine_embedding_loss cross_entropy ctc_loss gaussian_nll_loss hinge_embedding_loss kl_div l1_loss mse_loss")]
    [InlineData("margin_ranking_loss multilabel_margin_loss multilabel_soft_margin_loss multi_margin_loss nll_loss huber_loss smooth_l1_loss soft_margin_loss triplet_margin_loss triplet_margin_with_distance_loss")]
    [InlineData("pixel_shuffle pixel_unshuffle pad interpolate upsample upsample_nearest upsample_bilinear channel_shuffle multi_head_attention_forward lstm_cell gru_cell rnn_tanh_cell rnn_relu_cell")]
    public void Every_function_with_a_class_has_it(string functions)
    {
        foreach (var function in functions.Split(' '))
        {
            Assert.StartsWith("torch.nn.", OperationTable.Find(function)?.ModuleClass ?? $"{function} is not known", StringComparison.Ordinal);
        }
    }
}
