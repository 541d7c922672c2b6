using System.IO.Compression;
using ModelGuidelines.Formats;
using ModelGuidelines.Repairs;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Repairs.Keras;

public sealed class KerasArchiveRepairTests
{
    [Theory]
    [InlineData("nested_twice", "encoder -> encoder_2", "layers/functional_1/layers/dense_1/vars/0")]
    [InlineData("inside_and_outside", "inner/shared -> shared_2", "layers/dense/vars/0")]
    [InlineData("wrapper_and_direct", "steps/embed -> steps/embed_2", "layers/dense/vars/0")] // the layer outside of the wrapper is the one that is found by its name
    [InlineData("shared_then_own", "inner/shared -> shared_2", "layers/dense/vars/0")] // Keras 3: what is met again takes a number, so the layer behind it has layers/dense_1
    [InlineData("k2_shared_then_own", "inner/shared -> shared_2", "layers/dense/vars/0")] // tf_keras: it takes none, so the layer behind it has layers/dense, which the copy gets
    [InlineData("unicode_names", "激活 -> 激活_2", null)]
    [InlineData("x_rms_gqa", "r -> r_2, r -> r_3", null)] // its group is named after the class in Python, GroupedQueryAttention, not after the exported name
    public void TheCopyHasTheWeightsUnderTheNameThatTheLoaderLooksFor(string model, string changes, string? copy)
    {
        using var folder = new TemporaryFolder();
        var path = folder.Copy(RepositoryFiles.Fixture("keras", model, "model.keras"), "model.keras");

        var result = KerasJsonRepairTests.Repair(path);

        Assert.Equal(RepairStatus.Repaired, result.Status);
        Assert.DoesNotContain(result.Left, l => l.Module is not null);
        Assert.Equal(changes, string.Join(", ", result.Changes.Select(c => $"{c.Module} -> {c.NewModule}")));
        Assert.Equal(RepairStatus.Unchanged, KerasJsonRepairTests.Repair(result.OutputPath!).Status);
        AssertSame(path, result.OutputPath!);
        if (copy is not null)
        {
            var rename = Assert.Single(result.Changes.SelectMany(c => c.Parameters), p => p.To == copy);
            Assert.Equal(Dataset(path, rename.From), Dataset(result.OutputPath!, copy));
        }
    }

    [Fact]
    public void AnOptimizersStateThatDoesNotFitTheCopiesIsSaid()
    {
        using var folder = new TemporaryFolder();
        var result = KerasJsonRepairTests.Repair(folder.Copy(RepositoryFiles.Fixture("keras", "x_fit_adam", "model.keras"), "model.keras"));
        Assert.Equal(RepairStatus.Repaired, result.Status);
        Assert.Contains("optimizer", Assert.Single(result.Left).Reason, StringComparison.Ordinal);
        Assert.All(result.Changes, c => Assert.Contains("train apart", c.Note, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("x_loss_scale", "model.keras", "loss scale")]
    [InlineData("x_shared_stateful", "config.json", "stateful")]
    public void WhatKerasWouldNotLoadOrNotRunTheSameIsRefused(string model, string file, string reason)
    {
        using var folder = new TemporaryFolder();
        var result = KerasJsonRepairTests.Repair(folder.Copy(RepositoryFiles.Fixture("keras", model, file), file));
        Assert.Equal(RepairStatus.Refused, result.Status);
        Assert.All(result.Left, l => Assert.Contains(reason, l.Reason, StringComparison.Ordinal));
        Assert.Null(result.OutputPath);
    }

    [Fact]
    public void EveryArchiveOfTheCorpusIsRepairedOrLeftWithAReason() => KerasJsonRepairTests.EveryModelOfTheCorpusIsRepairedOrLeft("model.keras", AssertSame);

    /// <summary>The same terms; the archive is whole (each entry's CRC is checked), what was not changed is the same bytes.</summary>
    private static void AssertSame(string before, string after)
    {
        using var folder = new TemporaryFolder();
        var (config, newConfig) = (Entry(before, "config.json"), Entry(after, "config.json"));
        using var weights = new StoredWeights(folder.Write("before.h5", Entry(before, "model.weights.h5")));
        using var newWeights = new StoredWeights(folder.Write("after.h5", Entry(after, "model.weights.h5")));
        var original = new KerasEvaluation(null, weights.OfArchive(config, Entry(before, "metadata.json")).Of);
        var repaired = new KerasEvaluation(original, newWeights.OfArchive(newConfig, Entry(after, "metadata.json")).Of);

        Assert.Equal(original.Outputs(config), repaired.Outputs(newConfig));
        Assert.All(repaired.Calls, c => Assert.Equal(1, c.Value));
        Assert.Equal(Entry(before, "metadata.json"), Entry(after, "metadata.json"));
        var (old, changed) = (Entry(before, "model.weights.h5"), Entry(after, "model.weights.h5"));
        Assert.Equal(old.AsSpan(96), changed.AsSpan(96, old.Length - 96));
    }

    private static byte[] Entry(string path, string name)
    {
        using var zip = ZipFile.OpenRead(path);
        using var stream = zip.GetEntry(name)!.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    private static byte[] Dataset(string path, string name)
    {
        using var folder = new TemporaryFolder();
        using var source = new ModelSource(folder.Write("weights.h5", Entry(path, "model.weights.h5")), ReadLimits.Default, TestContext.Current.CancellationToken);
        var file = Hdf5File.Open(source.File, 0, source.File.Length, ReadLimits.Default, TestContext.Current.CancellationToken);
        var item = name.Split('/').Aggregate(file.Root, (g, n) => file.Find(g, n)!);
        var layout = source.File.Span(item.Messages.Single(m => m.Type == Hdf5ObjectHeader.DataLayout).Address, 18);
        return source.File.Span(BitConverter.ToInt64(layout[2..]), (int)BitConverter.ToInt64(layout[10..])).ToArray();
    }
}
