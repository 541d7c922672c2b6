using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Repairs;
using ModelGuidelines.Repairs.Onnx;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>The proof has to deny every other computation: edits that no repair makes.</summary>
public sealed class OnnxProofTests
{
    private static readonly string TwinEncoder = RepositoryFiles.Fixture("onnx", "twin_encoder", "torchscript-exporter.onnx");

    [Fact]
    public void AnotherNameIsNoDifference() => Assert.True(Prove((d, e) => e.Of(d.Main!.Nodes[0]).Name = "other").Holds);

    [Fact]
    public void ACopyThatIsReadInsteadIsNoDifference() => Assert.True(Prove((d, e) =>
    {
        var node = d.Main!.Nodes.First(n => n.OpType == "Conv");
        e.Copy(d.Main, node.Inputs[1], "copy");
        e.Of(node).Inputs[1] = "copy";
    }).Holds);

    [Fact]
    public void AnotherWeightOfTheSameShapeIsADifference() => Assert.False(Prove((d, e) =>
    {
        var convolutions = d.Main!.Nodes.Where(n => n.OpType == "Conv").ToList();
        var other = convolutions.First(c => c.Inputs[1] != convolutions[0].Inputs[1]);
        e.Of(convolutions[0]).Inputs[1] = other.Inputs[1];
    }).Holds);

    [Fact]
    public void AnotherValueIsADifference() => Assert.False(Prove((d, e) =>
    {
        var convolutions = d.Main!.Nodes.Where(n => n.OpType == "Conv").ToList();
        e.Of(convolutions[^1]).Inputs[0] = convolutions[^2].Inputs[0];
    }).Holds);

    [Fact]
    public void AnotherAttributeOfAnotherNodeIsADifference() => Assert.False(Prove((d, e) =>
    {
        var node = d.Main!.Nodes.First(n => n.OpType == "Conv");
        e.Of(node).Name = "other"; // the graph is written anew
        e.NodeCopies[node] = [new NodeEdit { Output = "unread", Inputs = { [0] = node.Outputs[0] } }];
    }).Holds);

    /// <summary>What holds a weight is known by where it was copied from: bytes of unknown origin prove nothing.</summary>
    [Fact]
    public void AWeightFromElsewhereIsADifference()
    {
        using var source = new ModelSource(TwinEncoder, ReadLimits.Default);
        var one = OnnxDocument.Read(source).Main!.Initializers.Values.First();
        var segments = new SegmentList();
        segments.Add(new ByteRange(0, one.Start));
        segments.Add(source.File.Span(one.Start, (int)one.Length).ToArray());
        segments.Add(new ByteRange(one.End, source.File.Length - one.End));
        Assert.False(Prove(source, segments).Holds);
    }

    /// <summary>All that the corpus has, without running it.</summary>
    [Fact]
    public void EveryRepairOfTheFixturesIsProven()
    {
        using var folder = new TemporaryFolder();
        var results = Directory.GetFiles(RepositoryFiles.Fixture("onnx"), "*.onnx", SearchOption.AllDirectories)
            .Select((f, i) => Repairer.Default.Repair(new AuditInput(f, f), RepairSettings.Default with { OutputFolder = folder.File($"{i}") }, TestContext.Current.CancellationToken)).ToList();
        Assert.All(results.Where(r => r.Status is RepairStatus.Repaired), r => Assert.Equal("Structure", r.Verified));
        Assert.DoesNotContain(results, r => r.Proof is { Holds: false });
        Assert.Contains(results, r => r.Status is RepairStatus.Repaired);
    }

    private static StructureProof Prove(Action<OnnxDocument, OnnxEdits> change)
    {
        using var source = new ModelSource(TwinEncoder, ReadLimits.Default);
        var document = OnnxDocument.Read(source);
        var edits = new OnnxEdits();
        change(document, edits);
        return Prove(source, new OnnxRewriter(document, edits).Rewrite());
    }

    private static StructureProof Prove(ModelSource source, SegmentList segments)
    {
        using var folder = new TemporaryFolder();
        using (var output = File.Create(folder.File("changed.onnx")))
        {
            segments.WriteTo(output, source.Path, TestContext.Current.CancellationToken);
        }

        using var result = new ModelSource(folder.File("changed.onnx"), ReadLimits.Default);
        return OnnxProof.Compare(source, result, segments);
    }
}
