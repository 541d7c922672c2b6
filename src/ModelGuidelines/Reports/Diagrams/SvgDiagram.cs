using System.Globalization;
using System.Text.Json;
using System.Xml;
using ModelGuidelines.Reports.Pictures;

namespace ModelGuidelines.Reports.Diagrams;

/// <summary>One SVG file that needs nothing else: no script, no font, no link. Lengths are in user units (pixels).</summary>
public sealed class SvgDiagram : IDiagramWriter
{
    private const string Namespace = "http://www.w3.org/2000/svg";

    /// <summary>The page that a first view fits, in pixels.</summary>
    private const double PageWidth = 1600, PageHeight = 1000;

    /// <summary>How much smaller a view is shown, to fit it; one that needs more than that is read by scrolling.</summary>
    private const double Smallest = 0.9;

    public string Name => "svg";

    public void Write(TextWriter text, Picture picture, PictureView view)
    {
        using var script = new PictureScript();
        using var drawing = script.Draw(picture, view);
        var (width, height) = (drawing.RootElement.GetProperty("width").GetDouble(), drawing.RootElement.GetProperty("height").GetDouble());
        var fitting = Math.Min(PageWidth / width, PageHeight / height);
        var scale = fitting is >= Smallest and < 1 && view.Depth < 0 ? fitting : 1;
        using (var svg = XmlWriter.Create(text, new() { Indent = true, OmitXmlDeclaration = true, NewLineChars = "\n", CloseOutput = false }))
        {
            svg.WriteStartElement("svg", Namespace);
            svg.WriteAttributeString("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {width:0} {height:0}"));
            svg.WriteAttributeString("width", Math.Floor(width * scale).ToString("0", CultureInfo.InvariantCulture));
            svg.WriteAttributeString("height", Math.Floor(height * scale).ToString("0", CultureInfo.InvariantCulture));
            svg.WriteElementString("title", Namespace, Printable.Text(picture.Title));
            svg.WriteElementString("style", Namespace, PictureScript.Style);
            foreach (var child in drawing.RootElement.GetProperty("children").EnumerateArray())
            {
                Write(svg, child);
            }

            svg.WriteEndElement();
        }

        text.WriteLine();
    }

    private static void Write(XmlWriter svg, JsonElement element)
    {
        if (element.ValueKind is JsonValueKind.String)
        {
            svg.WriteString(Printable.Text(element.GetString()!.Replace('\n', '·')));
            return;
        }

        svg.WriteStartElement(element.GetProperty("tag").GetString()!, Namespace);
        foreach (var attribute in element.GetProperty("attributes").EnumerateObject())
        {
            svg.WriteAttributeString(attribute.Name, attribute.Value.ValueKind is JsonValueKind.String ? attribute.Value.GetString() : attribute.Value.GetRawText());
        }

        foreach (var child in element.GetProperty("children").EnumerateArray())
        {
            Write(svg, child);
        }

        svg.WriteEndElement();
    }
}
