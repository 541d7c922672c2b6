namespace ModelGuidelines.Reports.Diagrams;

/// <summary>DOT, the language of Graphviz.</summary>
public sealed class DotDiagram : IDiagramWriter
{
    public string Name => "dot";

    public void Write(TextWriter text, Diagram diagram)
    {
        text.WriteLine($"digraph {Quote(diagram.Title)} {{");
        text.WriteLine("  node [shape=box, style=\"rounded,filled\", fillcolor=white, fontname=\"sans-serif\"];");
        for (var i = 0; i < diagram.Boxes.Length; i++)
        {
            var box = diagram.Boxes[i];
            var label = box.Detail is null ? Quote(box.Label) : Quote(box.Label + "\n" + box.Detail);
            text.WriteLine(FormattableString.Invariant($"  n{i} [label={label}{(box.IsReused ? ", color=\"#b3261e\", fillcolor=\"#fde2e1\", penwidth=2" : "")}];"));
        }

        foreach (var arrow in diagram.Arrows)
        {
            text.WriteLine(FormattableString.Invariant($"  n{arrow.From} -> n{arrow.To}{(arrow.Label is null ? "" : $" [label={Quote(arrow.Label)}]")};"));
        }

        if (diagram.Omitted > 0)
        {
            text.WriteLine(FormattableString.Invariant($"  omitted [shape=plaintext, label=\"{diagram.Omitted} more are not shown\"];"));
        }

        text.WriteLine("}");
    }

    private static string Quote(string text)
    {
        var lines = text.Split('\n').Select(l => Printable.Text(l).Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal));
        return $"\"{string.Join("\\n", lines)}\"";
    }
}
