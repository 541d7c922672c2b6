using ModelGuidelines.Reports.Pictures;

namespace ModelGuidelines.Reports.Diagrams;

/// <summary>DOT, the language of Graphviz: modules as clusters.</summary>
public sealed class DotDiagram : IDiagramWriter
{
    public string Name => "dot";

    public void Write(TextWriter text, Picture picture, PictureView view)
    {
        var outline = Outline.Of(picture, view);
        text.WriteLine($"digraph {Quote([picture.Title])} {{");
        text.WriteLine("  compound=true; node [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=\"sans-serif\"]; fontname=\"sans-serif\";");
        var anchors = new int[outline.Boxes.Length];
        for (var i = outline.Boxes.Length - 1; i >= 0; i--)
        {
            // An arrow to a cluster is one to a box in it.
            anchors[i] = outline.Boxes[i].IsOpen ? anchors[Enumerable.Range(i + 1, outline.Boxes.Length - i - 1).First(c => outline.Boxes[c].Parent == i)] : i;
        }

        outline.Walk(
            (i, level) => text.WriteLine(FormattableString.Invariant($"{Indent(level)}subgraph cluster_{i} {{ label={Quote(outline.Boxes[i].Lines)}; style=\"rounded\";{(Color(outline.Boxes[i]) is { } c ? $" color=\"{c.Line}\"; penwidth=2;" : "")}")),
            level => text.WriteLine($"{Indent(level)}}}"),
            (i, level) => text.WriteLine(FormattableString.Invariant($"{Indent(level)}n{i} [label={Quote(Text(outline.Boxes[i]))}{(Color(outline.Boxes[i]) is { } c ? $", color=\"{c.Line}\", fillcolor=\"{c.Fill}\", penwidth=2" : "")}];")));
        foreach (var (from, to, label) in outline.Arrows)
        {
            var ends = new[] { label.Length > 0 ? $"label={Quote([label])}" : "", outline.Boxes[from].IsOpen ? FormattableString.Invariant($"ltail=cluster_{from}") : "", outline.Boxes[to].IsOpen ? FormattableString.Invariant($"lhead=cluster_{to}") : "" };
            var attributes = string.Join(", ", ends.Where(e => e.Length > 0));
            text.WriteLine(FormattableString.Invariant($"  n{anchors[from]} -> n{anchors[to]}{(attributes.Length > 0 ? $" [{attributes}]" : "")};"));
        }

        if (picture.Omitted > 0)
        {
            text.WriteLine(FormattableString.Invariant($"  omitted [shape=plaintext, label=\"{picture.Omitted} more are not shown\"];"));
        }

        text.WriteLine("}");
    }

    private static IEnumerable<string> Text(OutlineBox box) => box.Inside > 0 ? box.Lines.Append(FormattableString.Invariant($"{box.Inside} marked inside")) : box.Lines;

    private static (string Line, string Fill)? Color(OutlineBox box) => box.Kind switch
    {
        _ when box.IsFocus => ("#0a58ca", "#e7f0ff"),
        "reused" => ("#b3261e", "#fde2e1"),
        "marked" => ("#9a6700", "#ffffff"),
        "function" => ("#9a6700", "#fff3d6"),
        _ => null,
    };

    private static string Indent(int level) => new(' ', level * 2);

    private static string Quote(IEnumerable<string> lines) =>
        $"\"{string.Join("\\n", lines.Select(l => Printable.Text(l).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)))}\"";
}
