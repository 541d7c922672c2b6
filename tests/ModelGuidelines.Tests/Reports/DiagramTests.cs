using System.Xml.Linq;
using ModelGuidelines.Models;
using ModelGuidelines.Reports.Diagrams;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Reports;

public sealed class DiagramTests
{
    private static readonly ModelGraph Graph = Make();

    [Fact]
    public void Mermaid() => Snapshot.Match(Write("mermaid"));

    [Fact]
    public void Dot() => Snapshot.Match(Write("dot"));

    [Fact]
    public void Svg()
    {
        XDocument.Parse(Write("svg"));
        Snapshot.Match(Write("svg"));
    }

    [Fact]
    public void Shows_one_module_and_a_depth()
    {
        Assert.Equal(["encoder ×2", "encoder.relu ×2"], Diagram.Of(Graph, "x", module: "encoder").Boxes.Select(b => b.Label));
        Assert.Equal(["(root)", "encoder ×2", "\"head\" <b>"], Diagram.Of(Graph, "x", depth: 1).Boxes.Select(b => b.Label));
    }

    [Fact]
    public void Refuses_an_unknown_module() => Assert.Equal("MG.Graph.NoSuchModule", Assert.Throws<ModelReadException>(() => Diagram.Of(Graph, "x", module: "nope")).Id);

    [Fact]
    public void A_cycle_has_a_layout()
    {
        var builder = new ModelGraphBuilder();
        builder.Nodes.Add(new() { Name = "a", OpType = "A", Inputs = [new("y")], Outputs = [new("x")] });
        builder.Nodes.Add(new() { Name = "b", OpType = "B", Inputs = [new("x")], Outputs = [new("y")] });
        var diagram = Diagram.Of(builder.Build(Framework.Unknown, null, new()), "x", DiagramView.Nodes);
        XDocument.Parse(DiagramWriters.Write(new SvgDiagram(), diagram));
    }

    [Fact]
    public void A_large_graph_is_cut()
    {
        var builder = new ModelGraphBuilder();
        for (var i = 0; i < Diagram.MaximumBoxes + 5; i++)
        {
            builder.Nodes.Add(new() { Name = $"n{i}", OpType = "Relu", Inputs = [new($"v{i}")], Outputs = [new($"v{i + 1}")] });
        }

        Assert.Equal(5, Diagram.Of(builder.Build(Framework.Unknown, null, new()), "x", DiagramView.Nodes).Omitted);
    }

    private static string Write(string name) => DiagramWriters.Write(DiagramWriters.Find(name)!, Diagram.Of(Graph, "net.onnx"));

    private static ModelGraph Make()
    {
        var builder = new ModelGraphBuilder();
        var root = builder.FindOrAdd("");
        var encoder = builder.FindOrAdd("encoder");
        var relu = builder.FindOrAdd("encoder.relu");
        var head = builder.FindOrAdd("\"head\" <b>");
        builder.Modules[relu] = builder.Modules[relu] with { Type = "torch.nn.modules.activation.ReLU" };
        builder.Calls.Add(new() { Module = encoder, Caller = root });
        builder.Calls.Add(new() { Module = relu, Caller = encoder });
        builder.Calls.Add(new() { Module = encoder, Caller = root });
        builder.Calls.Add(new() { Module = relu, Caller = encoder });
        builder.Calls.Add(new() { Module = head, Caller = root });
        return builder.Build(Framework.PyTorch, null, new());
    }
}
