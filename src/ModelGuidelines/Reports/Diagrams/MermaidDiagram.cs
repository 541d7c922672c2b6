using System.Text;

namespace ModelGuidelines.Reports.Diagrams;

/// <summary>Mermaid, as GitHub and many editors draw it. Reused modules carry the class <c>reused</c>.</summary>
public sealed class MermaidDiagram : IDiagramWriter
{
    public string Name => "mermaid";

    public void Write(TextWriter text, Diagram diagram)
    {
        text.WriteLine("flowchart TD");
        text.WriteLine($"  %% {Printable.Text(diagram.Title)}");
        for (var i = 0; i < diagram.Boxes.Length; i++)
        {
            var box = diagram.Boxes[i];
            var detail = box.Detail is null ? "" : $"<br/>{Escape(box.Detail)}";
            text.WriteLine(FormattableString.Invariant($"  n{i}[\"{Escape(box.Label)}{detail}\"]{(box.IsReused ? ":::reused" : "")}"));
        }

        foreach (var arrow in diagram.Arrows)
        {
            text.WriteLine(FormattableString.Invariant($"  n{arrow.From} -->{(arrow.Label is null ? "" : $"|{Escape(arrow.Label)}|")} n{arrow.To}"));
        }

        if (diagram.Omitted > 0)
        {
            text.WriteLine(FormattableString.Invariant($"  omitted[\"{diagram.Omitted} more are not shown\"]"));
        }

        text.WriteLine("  classDef reused fill:#fde2e1,stroke:#b3261e,stroke-width:2px,color:#000");
    }

    /// <summary>Inside quotes Mermaid reads entity codes; anything else that it could take for syntax becomes one.</summary>
    private static string Escape(string label)
    {
        var result = new StringBuilder();
        foreach (var c in label)
        {
            if (c is '"' or '#' or '<' or '>' or '&' or '`' or '|' or ';' or '\\')
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
