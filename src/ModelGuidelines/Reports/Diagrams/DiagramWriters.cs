using System.Collections.Immutable;
using ModelGuidelines.Reports.Pictures;

namespace ModelGuidelines.Reports.Diagrams;

/// <summary>Writes a picture as text of one language.</summary>
public interface IDiagramWriter
{
    /// <summary>As on the command line: <c>mermaid</c>.</summary>
    string Name { get; }

    /// <exception cref="Storage.ModelReadException">The picture has no module of that name, or is too large.</exception>
    void Write(TextWriter text, Picture picture, PictureView view);
}

/// <summary>All languages of diagrams: one line each.</summary>
public static class DiagramWriters
{
    public static ImmutableArray<IDiagramWriter> All { get; } = [new MermaidDiagram(), new DotDiagram(), new SvgDiagram()];

    /// <summary>The writer of that name, or null.</summary>
    public static IDiagramWriter? Find(string name) => All.FirstOrDefault(w => string.Equals(w.Name, name, StringComparison.OrdinalIgnoreCase));

    /// <summary>The picture as one text with \n at line ends.</summary>
    public static string Write(IDiagramWriter writer, Picture picture, PictureView view)
    {
        using var text = new StringWriter(System.Globalization.CultureInfo.InvariantCulture) { NewLine = "\n" };
        writer.Write(text, picture, view);
        return text.ToString();
    }
}
