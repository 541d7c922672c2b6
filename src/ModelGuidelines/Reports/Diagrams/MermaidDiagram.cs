using System.Text;
using ModelGuidelines.Reports.Pictures;

namespace ModelGuidelines.Reports.Diagrams;

/// <summary>Mermaid, as GitHub and many editors draw it: modules as subgraphs. Reused modules carry the class <c>reused</c>.</summary>
/// <remarks>GitHub draws at most 500 arrows and 50,000 characters; a picture of a page is far below that, and a larger one is folded until it is.</remarks>
public sealed class MermaidDiagram : IDiagramWriter
{
    private const int MaximumArrows = 500;
    private const int MaximumLength = 50_000;

    public string Name => "mermaid";

    public void Write(TextWriter text, Picture picture, PictureView view)
    {
        var content = Write(picture, view);
        for (var most = view.Most; content is null && most > 1; most /= 2)
        {
            content = Write(picture, view with { Depth = -1, Most = most });
        }

        text.Write(content ?? "flowchart TD\n  omitted[\"too large to be drawn\"]\n");
    }

    private static string? Write(Picture picture, PictureView view)
    {
        var outline = Outline.Of(picture, view);
        if (outline.Arrows.Length > MaximumArrows)
        {
            return null;
        }

        var text = new StringBuilder("flowchart TD\n");
        void Line(int level, FormattableString line) => text.Append(' ', level * 2).Append(FormattableString.Invariant(line)).Append('\n');
        Line(1, $"%% {Escape(Printable.Text(picture.Title))}");
        string Label(OutlineBox box) => string.Join("<br/>", (box.Inside > 0 ? box.Lines.Append(FormattableString.Invariant($"{box.Inside} marked inside")) : box.Lines).Select(Escape));
        outline.Walk(
            (i, level) => Line(level, $"subgraph n{i}[\"{Label(outline.Boxes[i])}\"]"),
            level => Line(level, $"end"),
            (i, level) => Line(level, $"n{i}{(outline.Boxes[i].Kind == "function" ? "([" : "[")}\"{Label(outline.Boxes[i])}\"{(outline.Boxes[i].Kind == "function" ? "])" : "]")}{Class(outline.Boxes[i])}"));
        for (var i = 0; i < outline.Boxes.Length; i++)
        {
            if (outline.Boxes[i].IsOpen && Class(outline.Boxes[i]) is { Length: > 0 } type)
            {
                Line(1, $"class n{i} {type[3..]}");
            }
        }

        for (var i = 0; i < outline.Boxes.Length; i++)
        {
            if (outline.Boxes[i].IsFocus)
            {
                Line(1, $"style n{i} stroke:#0a58ca,stroke-width:4px");
            }
        }

        foreach (var (from, to, label) in outline.Arrows)
        {
            Line(1, $"n{from} -->{(label.Length == 0 ? "" : $"|{Escape(label)}|")} n{to}");
        }

        if (picture.Omitted > 0)
        {
            Line(1, $"omitted[\"{picture.Omitted} more are not shown\"]");
        }

        Line(1, $"classDef reused fill:#fde2e1,stroke:#b3261e,stroke-width:2px,color:#000");
        Line(1, $"classDef marked stroke:#9a6700,stroke-width:2px");
        Line(1, $"classDef function fill:#fff3d6,stroke:#9a6700,color:#000");
        return text.Length > MaximumLength ? null : text.ToString();
    }

    private static string Class(OutlineBox box) => box.Kind == "plain" ? "" : $":::{box.Kind}";

    /// <summary>Inside quotes Mermaid reads entity codes; anything else that it could take for syntax becomes one. A directive, <c>%%{</c>, it finds anywhere.</summary>
    private static string Escape(string label)
    {
        var result = new StringBuilder();
        foreach (var c in label)
        {
            if (c is '"' or '#' or '<' or '>' or '&' or '`' or '|' or ';' or '\\' or '%' or '{' or '}')
            {
                result.Append(FormattableString.Invariant($"#{(int)c};"));
            }
            else
            {
                result.Append(c);
            }
        }

        return result.ToString();
    }
}
