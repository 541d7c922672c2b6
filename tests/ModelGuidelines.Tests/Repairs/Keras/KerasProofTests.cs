using System.Text;
using ModelGuidelines.Formats.Keras;
using ModelGuidelines.Repairs;
using ModelGuidelines.Repairs.Hdf5;
using ModelGuidelines.Repairs.Keras;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Repairs.Keras;

public sealed class KerasProofTests
{
    private const string Entry = """
        {"class_name": "Functional", "config": {"name": "m", "trainable": true, "layers": [
          {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [null, 2]}, "name": "x", "inbound_nodes": []},
          {"class_name": "Dense", "config": {"name": "d", "units": 2}, "name": "d", "inbound_nodes": [[["x", 0, 0, {}]], [["d", 0, 0, {}]]]},
          {"class_name": "Dense", "config": {"name": "e", "units": 2}, "name": "e", "inbound_nodes": [[["d", 1, 0, {"scale": 2}]]]}
        ], "input_layers": [["x", 0, 0]], "output_layers": [["e", 0, 0], ["d", 0, 0]]}, "keras_version": "2.13.1"}
        """;

    private const string Repaired = """
        {"class_name": "Functional", "config": {"name": "m", "trainable": true, "layers": [
          {"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [null, 2]}, "name": "x", "inbound_nodes": []},
          {"class_name": "Dense", "config": {"name": "d", "units": 2}, "name": "d", "inbound_nodes": [[["x", 0, 0, {}]]]},
          {"class_name": "Dense", "config": {"name": "d_2", "units": 2}, "name": "d_2", "inbound_nodes": [[["d", 0, 0, {}]]]},
          {"class_name": "Dense", "config": {"name": "e", "units": 2}, "name": "e", "inbound_nodes": [[["d_2", 0, 0, {"scale": 2}]]]}
        ], "input_layers": [["x", 0, 0]], "output_layers": [["e", 0, 0], ["d", 0, 0]]}, "keras_version": "2.13.1"}
        """;

    [Theory]
    [InlineData("", "", null)]
    [InlineData("\"name\": \"d_2\", \"units\": 2", "\"name\": \"d_2\", \"units\": 3", "an output")] // another argument
    [InlineData("[[[\"d_2\", 0, 0, {\"scale\": 2}]]]", "[[[\"d\", 0, 0, {\"scale\": 2}]]]", "an output")] // another value
    [InlineData("{\"scale\": 2}", "{\"scale\": 3}", "an output")] // another keyword
    [InlineData("\"output_layers\": [[\"e\", 0, 0], [\"d\", 0, 0]]", "\"output_layers\": [[\"d\", 0, 0], [\"e\", 0, 0]]", "an output")] // another order
    [InlineData("[[[\"d_2\", 0, 0, {\"scale\": 2}]]]", "[[[\"d_2\", 1, 0, {\"scale\": 2}]]]", "counted")] // a call that is not there
    [InlineData("\"trainable\": true", "\"trainable\": false", "the model itself")]
    [InlineData("2.13.1", "3.0.0", "the model itself")]
    [InlineData("\"inbound_nodes\": [[[\"d\", 0, 0, {}]]]", "\"inbound_nodes\": [[[\"d\", 0, 0, {}]], [[\"d_2\", 0, 0, {}]]]", "d_2")] // a call more
    [InlineData("\"name\": \"x\", \"batch_input_shape\": [null, 2]", "\"name\": \"x\", \"batch_input_shape\": [null, 4]", "an output")]
    [InlineData("\"class_name\": \"Dense\", \"config\": {\"name\": \"d_2\"", "\"class_name\": \"EinsumDense\", \"config\": {\"name\": \"d_2\"", "an output")]
    public void WhatComputesOtherwiseIsNoProof(string text, string changed, string? reason)
    {
        Assert.Contains(text, Repaired, StringComparison.Ordinal);
        var proof = Compare(Entry, _ => "", text.Length == 0 ? Repaired : Repaired.Replace(text, changed, StringComparison.Ordinal), _ => "");

        Assert.True(proof.Holds == reason is null, proof.Text);
        Assert.Contains(reason ?? "the same outputs by the same 3 calls", proof.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void WeightsAreTheOnesOfTheLayerThatWasCopied()
    {
        Assert.True(Compare(Entry, l => l.Name, Repaired, l => l.Name == "d_2" ? "d" : l.Name).Holds);
        Assert.False(Compare(Entry, l => l.Name, Repaired, l => l.Name == "d_2" ? "e" : l.Name).Holds);
        Assert.False(Compare(Entry, l => l.Name, Repaired, l => l.Name == "d_2" ? "" : l.Name).Holds);
    }

    /// <summary>A second call goes on from the state that the first left; the call of a copy does not.</summary>
    [Fact]
    public void ACopyOfAStateIsNoProof() => Assert.False(Compare(
        Entry.Replace("\"units\": 2", "\"units\": 2, \"stateful\": true", StringComparison.Ordinal), _ => "",
        Repaired.Replace("\"units\": 2", "\"units\": 2, \"stateful\": true", StringComparison.Ordinal), _ => "").Holds);

    [Fact]
    public void BytesOfUnknownOriginProveNothing()
    {
        using var folder = new TemporaryFolder();
        using var weights = new PagedFile(RepositoryFiles.Fixture("keras", "k2_nested_twice", "model.h5"));
        var root = Hdf5Editor.Open(weights, 0, weights.Length, ReadLimits.Default, TestContext.Current.CancellationToken).Root;
        var dataset = root.Find("model_weights")!.Links.Values.SelectMany(Datasets).First();

        Assert.NotEmpty(ProofDatasets.OfOriginal(weights, 0).Text(dataset));
        Assert.Contains("not the original's", Assert.Throws<ModelReadException>(() => new ProofDatasets(weights, 0, _ => null).Text(dataset)).Message, StringComparison.Ordinal);
    }

    private static IEnumerable<Hdf5Node> Datasets(Hdf5Node node) => node.IsDataset ? [node] : node.Links.Values.SelectMany(Datasets);

    private static StructureProof Compare(string before, Func<KerasLayer, string> weightsOf, string after, Func<KerasLayer, string> newWeightsOf) =>
        KerasProof.Or(() => KerasProof.Compare(Read(before), weightsOf, Read(after), newWeightsOf, ReadLimits.Default, TestContext.Current.CancellationToken));

    private static ConfigLayers Read(string text) =>
        new(KerasConfigText.Read(Encoding.UTF8.GetBytes(text), ReadLimits.Default, "config", TestContext.Current.CancellationToken), new KerasFacts { Where = "config" }, ReadLimits.Default, TestContext.Current.CancellationToken);
}
