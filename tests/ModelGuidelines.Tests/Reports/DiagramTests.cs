using System.Globalization;
using System.Xml.Linq;
using ModelGuidelines.Audit;
using ModelGuidelines.Models;
using ModelGuidelines.Reports.Diagrams;
using ModelGuidelines.Reports.Pictures;
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
        Assert.Equal(["encoder ×2", "relu ×2"], Lines(new("encoder")));
        Assert.Equal(["model", "encoder ×2", "\"head\" <b>"], Lines(new(null, 1)));
    }

    [Fact]
    public void Refuses_an_unknown_module() => Assert.Equal("MG.Graph.NoSuchModule", Assert.Throws<ModelReadException>(() => Lines(new("nope"))).Id);

    [Fact]
    public void A_cycle_has_a_layout()
    {
        var builder = new ModelGraphBuilder();
        builder.Nodes.Add(new() { Name = "a", OpType = "A", Inputs = [new("y")], Outputs = [new("x")] });
        builder.Nodes.Add(new() { Name = "b", OpType = "B", Inputs = [new("x")], Outputs = [new("y")] });
        XDocument.Parse(DiagramWriters.Write(new SvgDiagram(), Picture.Of(builder.Build(Framework.Unknown, null, new()), "x", everyNode: true), new()));
    }

    [Fact]
    public void A_large_graph_is_cut()
    {
        var builder = new ModelGraphBuilder();
        for (var i = 0; i < Picture.MaximumBoxes + 5; i++)
        {
            builder.Nodes.Add(new() { Name = $"n{i}", OpType = "Relu", Inputs = [new($"v{i}")], Outputs = [new($"v{i + 1}")] });
        }

        Assert.Equal(5, Picture.Of(builder.Build(Framework.Unknown, null, new()), "x", everyNode: true).Omitted);
    }

    /// <summary>The first view of models of real size: few boxes, and all of it on one page.</summary>
    [Theory]
    [InlineData("resnet50.onnx")]
    [InlineData("inception_v3.onnx")]
    [InlineData("transformer24.onnx")]
    [InlineData("unet.onnx")]
    [InlineData("siamese.json")]
    public void The_first_view_fits_a_page(string name)
    {
        var picture = Picture.Of(Auditor.Default.ReadGraph(Fixture(name), ReadLimits.Default).Graph, name);
        Assert.InRange(Outline.Of(picture, new()).Boxes.Length, 5, 60);
        var svg = XDocument.Parse(DiagramWriters.Write(new SvgDiagram(), picture, new())).Root!;
        Assert.InRange(double.Parse(svg.Attribute("width")!.Value, CultureInfo.InvariantCulture), 200, 1600);
        Assert.InRange(double.Parse(svg.Attribute("height")!.Value, CultureInfo.InvariantCulture), 200, 1000);
    }

    /// <summary>An arrow behind a box looks like one that ends there.</summary>
    [Theory]
    [InlineData("resnet50.onnx")]
    [InlineData("inception_v3.onnx")]
    [InlineData("transformer24.onnx")]
    [InlineData("unet.onnx")]
    [InlineData("siamese.json")]
    public void Arrows_between_columns_pass_no_box(string name)
    {
        var picture = Picture.Of(Auditor.Default.ReadGraph(Fixture(name), ReadLimits.Default).Graph, name);
        var svg = XDocument.Parse(DiagramWriters.Write(new SvgDiagram(), picture, new())).Root!;
        static double Number(XElement e, string a) => double.Parse(e.Attribute(a)!.Value, CultureInfo.InvariantCulture);
        static bool IsOf(XElement e, string c) => e.Attribute("class")?.Value.Split(' ').Contains(c) == true;
        var boxes = svg.Descendants().Where(e => e.Name.LocalName == "rect" && IsOf(e, "leaf")).Select(e => (Left: Number(e, "x"), Top: Number(e, "y"), Right: Number(e, "x") + Number(e, "width"), Bottom: Number(e, "y") + Number(e, "height"))).ToList();
        foreach (var way in svg.Descendants().Where(e => e.Name.LocalName == "path" && IsOf(e, "flow")).Select(e => e.Attribute("d")!.Value).Where(d => !d.Contains('Q', StringComparison.Ordinal)))
        {
            var points = way[1..].Split('L').Select(p => p.Split(',').Select(n => double.Parse(n, CultureInfo.InvariantCulture)).ToArray()).ToList();
            foreach (var (from, to) in points.Zip(points.Skip(1)).Where(s => s.First[1] == s.Second[1]))
            {
                Assert.DoesNotContain(boxes, b => b.Top + 1 < from[1] && from[1] < b.Bottom - 1 && Math.Max(from[0], to[0]) > b.Left + 1 && Math.Min(from[0], to[0]) < b.Right - 1);
            }
        }
    }

    [Fact]
    public void Equal_blocks_are_one_box_and_a_reused_module_is_drawn_once()
    {
        var outline = Outline.Of(Picture.Of(Auditor.Default.ReadGraph(Fixture("resnet50.onnx"), ReadLimits.Default).Graph, "x"), new());
        Assert.Contains(outline.Boxes, b => b.Lines.SequenceEqual(["1 … 5", " × 5"]));
        var relu = Enumerable.Range(0, outline.Boxes.Length).First(i => outline.Boxes[i].Kind == "reused");
        Assert.Equal(["1", "2", "3", "3"], outline.Arrows.Where(a => a.To == relu).Select(a => a.Label).Order());
    }

    /// <summary>A focus within equal blocks is in sight: its block begins a run of its own.</summary>
    [Theory]
    [InlineData("layer3.0.relu")]
    [InlineData("layer3.1.relu")]
    [InlineData("layer3.3.relu")]
    [InlineData("layer3.5.relu")]
    public void A_focus_is_never_folded_away(string module)
    {
        var picture = Picture.Of(Auditor.Default.ReadGraph(Fixture("resnet50.onnx"), ReadLimits.Default).Graph, "x");
        var outline = Outline.Of(picture, new() { Focus = PictureFocus.Of(module, []) });
        var focus = Assert.Single(outline.Boxes, b => b.IsFocus);
        Assert.Equal("relu ×3", focus.Lines[0]);
        Assert.StartsWith(module.Split('.')[1], outline.Boxes[focus.Parent].Lines[0], StringComparison.Ordinal);
        Assert.Equal("layer3", outline.Boxes[outline.Boxes[focus.Parent].Parent].Lines[0]);
    }

    /// <summary>What is marked is in sight, or a number at the box that hides it says so.</summary>
    [Fact]
    public void Nothing_marked_is_folded_away_unseen()
    {
        var picture = Picture.Of(Auditor.Default.ReadGraph(Fixture("inception_v3.onnx"), ReadLimits.Default).Graph, "x");
        var outline = Outline.Of(picture, new(Depth: 1));
        Assert.All(outline.Boxes.Where(b => b.Lines[0].StartsWith("Mixed", StringComparison.Ordinal)), b => Assert.True(b.Inside > 0));
    }

    private static string Fixture(string name) => RepositoryFiles.Fixture("pictures", name);

    private static IEnumerable<string> Lines(PictureView view) => Outline.Of(Picture.Of(Graph, "x"), view).Boxes.Select(b => b.Lines[0]);

    private static string Write(string name) => DiagramWriters.Write(DiagramWriters.Find(name)!, Picture.Of(Graph, "net.onnx"), new());

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
