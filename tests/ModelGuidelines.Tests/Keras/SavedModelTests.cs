using System.IO.Compression;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.Keras;

/// <summary>Model folders: whole, without their metadata, and damaged.</summary>
public sealed class SavedModelTests : IDisposable
{
    private readonly KerasInputs _inputs = new();

    public void Dispose() => _inputs.Dispose();

    /// <summary>The kinds of the saved objects are kept without metadata: they say how a model is defined, never how often layers are called.</summary>
    [Theory]
    [InlineData("k2_guide_subclassed", Outcome.Fail)]
    [InlineData("k2_nested_twice", Outcome.Pass)]
    [InlineData("k2_mixed_backbone", Outcome.Undecidable)]
    public void Without_metadata_the_kind_of_the_root_is_known(string pattern, Outcome modelApi)
    {
        var folder = Path.GetDirectoryName(_inputs.Write("m/saved_model.pb", File.ReadAllBytes(Saved(pattern, "saved_model.pb"))))!;
        var result = KerasInputs.Audit(folder);
        Assert.Equal("SavedModel", result.Format);
        Assert.Equal(modelApi, result.Guidelines.Single(g => g.Guideline == "Keras.ModelApi").Outcome);
        Assert.Equal(Outcome.Undecidable, result.Guidelines.Single(g => g.Guideline == "Keras.LayerReuse").Outcome);
    }

    [Fact]
    public void The_file_in_the_folder_is_the_folder()
    {
        var result = KerasInputs.Audit(Saved("k2_nested_twice", "saved_model.pb"));
        Assert.Equal("encoder", Assert.Single(result.Findings).Module);
    }

    [Fact]
    public void A_folder_of_keras_3_is_read_like_its_archive()
    {
        using (var zip = ZipFile.OpenRead(RepositoryFiles.Fixture("keras", "functional_child", "model.keras")))
        {
            foreach (var entry in zip.Entries)
            {
                using var content = new MemoryStream();
                using var stream = entry.Open();
                stream.CopyTo(content);
                _inputs.Write($"f/{entry.FullName}", content.ToArray());
            }
        }

        var result = KerasInputs.Audit(Path.GetDirectoryName(_inputs.Write("f/notes.txt", ""))!);
        Assert.Equal("KerasArchive", result.Format);
        Assert.Equal(Outcome.Pass, result.Guidelines.Single(g => g.Guideline == "Keras.ModelApi").Outcome); // its weights show the graph
    }

    [Theory]
    [InlineData(new byte[] { 0x12, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F }, "MG.SavedModel.Truncated")] // a graph of exabytes
    [InlineData(new byte[] { 0x12, 0x7F, 0x3A }, "MG.SavedModel.Truncated")]
    [InlineData(new byte[] { 0x0B }, "MG.SavedModel.Damaged")] // groups are no longer written
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01 }, "MG.SavedModel.Damaged")]
    public void Lengths_that_lie_are_refused(byte[] content, string id) =>
        Assert.Equal(id, KerasInputs.Refuse("SavedModel", Path.GetDirectoryName(_inputs.Write("m/saved_model.pb", content))!).Id);

    [Fact]
    public void Metadata_of_an_object_that_is_not_there()
    {
        _inputs.Write("m/saved_model.pb", File.ReadAllBytes(Saved("k2_nested_twice", "saved_model.pb")));
        var path = _inputs.Write("m/keras_metadata.pb", [0x0A, 0x05, 0x10, 0xFF, 0xFF, 0xFF, 0x7F]); // nodes { node_id: 268435455 }
        Assert.Equal("MG.SavedModel.Metadata", KerasInputs.Refuse("SavedModel", Path.GetDirectoryName(path)!).Id);
    }

    [Fact]
    public void A_model_folder_is_one_input()
    {
        var found = new InputFinder(Formats.FormatRegistry.Default).Find(RepositoryFiles.Fixture("keras", "k2_nested_twice")).Select(i => Path.GetFileName(i.DisplayPath));
        Assert.Equal(["model.h5", "saved_model"], found);
    }

    private static string Saved(string pattern, string name) => RepositoryFiles.Fixture("keras", pattern, "saved_model", name);
}
