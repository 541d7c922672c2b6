using ModelGuidelines.Repairs;

namespace ModelGuidelines.Tests.Repairs.Keras;

public sealed class KerasHdf5RepairTests
{
    [Theory]
    [InlineData("nested_twice", "encoder -> encoder_2")]
    [InlineData("k2_nested_twice", "encoder -> encoder_2")]
    [InlineData("k2_wrapper_and_direct", "steps/embed -> steps/embed_2")]
    [InlineData("k2old_two_parents", "head_a/core -> head_b/core_2")]
    [InlineData("k2tf1_inside_and_outside", "inner/shared -> shared_2")]
    [InlineData("k2tf1_three_levels", "mid -> mid_2")]
    [InlineData("leaf_custom", "gelu2 -> gelu2_2")]
    [InlineData("split_inside", "inner/a -> inner/a_2, inner -> inner_2, inner/a -> inner_2/a_4")]
    public void EveryUseGetsALayerAndWeightsOfItsOwn(string model, string changes)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Copy(RepositoryFiles.Fixture("keras", model, "model.h5"), "model.h5");

        var result = KerasJsonRepairTests.Repair(path);

        Assert.Equal(RepairStatus.Repaired, result.Status);
        Assert.Equal(changes, string.Join(", ", result.Changes.Select(c => $"{c.Module} -> {c.NewModule}")));
        Assert.Empty(result.Left);
        AssertSame(path, result.OutputPath!);
        Assert.Equal(RepairStatus.Unchanged, KerasJsonRepairTests.Repair(result.OutputPath!).Status);
    }

    [Fact]
    public void EveryModelOfTheCorpusIsRepairedOrLeftWithAReason() => KerasJsonRepairTests.EveryModelOfTheCorpusIsRepairedOrLeft("model.h5", AssertSame);

    [Fact]
    public void WeightsThatOneRowDoesNotTellApartAreLeft()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Copy(RepositoryFiles.Fixture("keras", "split_inside", "norm.h5"), "model.h5");

        var result = KerasJsonRepairTests.Repair(path);

        Assert.Equal(RepairStatus.Refused, result.Status);
        Assert.All(result.Left, l => Assert.Contains("in one row", l.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void TermsTellWeightsApart()
    {
        using var weights = new StoredWeights(RepositoryFiles.Fixture("keras", "k2_nested_twice", "model.h5"));
        var config = weights.Attribute("model_config")!;
        var known = new KerasEvaluation(null, weights.OfModel(config).Of);
        var other = new KerasEvaluation(known, p => p == "encoder/code" ? weights.Of("encoder/dense") : weights.Of(p));

        Assert.NotEqual(known.Outputs(config), other.Outputs(config));
    }

    [Fact]
    public void SharedParametersAreRefused()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Copy(RepositoryFiles.Fixture("keras", "nested_twice", "model.h5"), "model.h5");

        var result = KerasJsonRepairTests.Repair(path, RepairSettings.Default with { ShareParameters = true });

        Assert.Equal(RepairStatus.Refused, result.Status);
        Assert.Contains("no way of giving two layers one weight", Assert.Single(result.Left).Reason, StringComparison.Ordinal);
    }

    private static void AssertSame(string before, string after)
    {
        using var old = new StoredWeights(before);
        using var changed = new StoredWeights(after);
        var (config, newConfig) = (old.Attribute("model_config")!, changed.Attribute("model_config")!);
        var original = new KerasEvaluation(null, old.OfModel(config).Of);
        var repaired = new KerasEvaluation(original, changed.OfModel(newConfig).Of);

        Assert.Equal(original.Outputs(config), repaired.Outputs(newConfig));
        Assert.All(repaired.Calls, c => Assert.Equal(1, c.Value));
        Assert.Equal(File.ReadAllBytes(before).AsSpan(96), File.ReadAllBytes(after).AsSpan(96, (int)new FileInfo(before).Length - 96));
    }
}
