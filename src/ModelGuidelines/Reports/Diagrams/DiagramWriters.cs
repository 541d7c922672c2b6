using System.Collections.Immutable;

namespace ModelGuidelines.Reports.Diagrams;

/// <summary>Writes a diagram as text of one language.</summary>
public interface IDiagramWriter
{
    /// <summary>As on the command line: <c>mermaid</c>.</summary>
    string Name { get; }

    void Write(TextWriter text, Diagram diagram);
}

/// <summary>All languages of diagrams: one line each.</summary>
public static class DiagramWriters
{
    public static ImmutableArray<IDiagramWriter> All { get; } = [new MermaidDiagram(), new DotDiagram(), new SvgDiagram()];

    /// <summary>The writer of that name, or null.</summary>
    public static IDiagramWriter? Find(string name) => All.FirstOrDefault(w => string.Equals(w.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The diagram as one text with \n at line ends.</summary>
    public static string Write(IDiagramWriter writer, Diagram diagram)
    {
        using var text = new StringWriter(System.Globalization.CultureInfo.InvariantCulture) { NewLine = "\n" };
        writer.Write(text, diagram);
        return text.ToString();
    }
}
