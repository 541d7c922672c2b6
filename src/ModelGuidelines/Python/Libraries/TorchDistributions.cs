using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>torch.distributions: objects that keep tensors and give tensors; what they compute inside is PyTorch's own.</summary>
internal sealed class TorchDistributions : PythonLibrary
{
    private const string Base = "torch.distributions.Distribution";

    /// <summary>Distributions that are made of tensors and numbers, which they keep as tensors.</summary>
    private const string Plain =
        "Bernoulli Beta Binomial Categorical Cauchy Chi2 ContinuousBernoulli Dirichlet Exponential FisherSnedecor Gamma GeneralizedPareto Geometric Gumbel HalfCauchy HalfNormal InverseGamma Kumaraswamy LKJCholesky Laplace " +
        "LogNormal LogisticNormal LowRankMultivariateNormal Multinomial MultivariateNormal NegativeBinomial Normal OneHotCategorical OneHotCategoricalStraightThrough Pareto Poisson RelaxedBernoulli RelaxedOneHotCategorical " +
        "StudentT Uniform VonMises Weibull Wishart";

    private const string Transforms =
        "AbsTransform AffineTransform CatTransform ComposeTransform CorrCholeskyTransform CumulativeDistributionTransform ExpTransform IndependentTransform LowerCholeskyTransform PositiveDefiniteTransform PowerTransform " +
        "ReshapeTransform SigmoidTransform SoftmaxTransform SoftplusTransform StackTransform StickBreakingTransform TanhTransform";

    /// <summary>The files in which they are defined.</summary>
    private const string Files =
        "bernoulli beta binomial categorical cauchy chi2 continuous_bernoulli dirichlet distribution exp_family exponential fishersnedecor gamma generalized_pareto geometric gumbel half_cauchy half_normal independent inverse_gamma " +
        "kl kumaraswamy laplace lkj_cholesky log_normal logistic_normal lowrank_multivariate_normal mixture_same_family multinomial multivariate_normal negative_binomial normal one_hot_categorical pareto poisson relaxed_bernoulli " +
        "relaxed_categorical studentT transformed_distribution transforms uniform von_mises weibull wishart";

    private static readonly string[] Kept =
    [
        "alpha", "concentration", "concentration0", "concentration1", "covariance_matrix", "df", "df1", "df2", "cov_diag", "cov_factor", "high", "loc", "logits", "low", "mean", "mode", "precision_matrix", "probs", "rate", "scale",
        "scale_tril", "stddev", "temperature", "total_count", "variance",
    ];

    public override IReadOnlyList<string> Prefixes => ["torch.distributions"];

    public override IReadOnlyDictionary<string, string> Aliases { get; } =
        Files.Split(' ').ToDictionary(f => $"torch.distributions.{f}.", _ => "torch.distributions.", StringComparer.Ordinal);

    public override IEnumerable<LibraryRow> Rows => LibraryRow.For("kl_divergence", Returns.Tensor);

    public override IEnumerable<LibraryClass> Classes =>
    [
        new("Distribution", ClassKind.Plain)
        {
            Attributes = [.. Kept.Select(a => (a, Returns.Tensor)), ("batch_shape", Returns.Numbers), ("event_shape", Returns.Numbers), ("has_rsample", Returns.Boolean), ("has_enumerate_support", Returns.Boolean), ("support", Returns.Unknown)],
            Methods =
            [
                .. LibraryRow.For("cdf entropy enumerate_support icdf log_prob perplexity rsample sample sample_n", Returns.Tensor),
                .. LibraryRow.For("expand", Returns.Receiver),
            ],
        },
        .. LibraryClass.For("ExponentialFamily " + Plain, ClassKind.Plain, Returns.Unknown, Base),
        .. LibraryClass.For("Independent TransformedDistribution", ClassKind.Plain, Returns.Unknown, Base).Select(c => c with { Construct = KeepBase }),
        .. LibraryClass.For("MixtureSameFamily", ClassKind.Plain, Returns.Unknown, Base, "mixture_distribution component_distribution"),
        new("Transform", ClassKind.Plain) { Attributes = [("inv", Returns.Unknown)], Methods = [.. LibraryRow.For("__call__ log_abs_det_jacobian", Returns.Tensor), .. LibraryRow.For("with_cache", Returns.Receiver)] },
        .. LibraryClass.For(Transforms, ClassKind.Plain, Returns.Unknown, "torch.distributions.Transform"),
    ];

    private static Value? KeepBase(ILibraryContext context, ObjectValue self, CallArguments arguments)
    {
        if (arguments.Find(0, "base_distribution") is { } inner)
        {
            context.SetAttribute(self, "base_dist", inner);
        }

        return null;
    }
}
