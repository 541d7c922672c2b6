using System.Globalization;
using System.Text.Json;
using System.Xml;
using ModelGuidelines.Reports.Pictures;

namespace ModelGuidelines.Reports.Diagrams;

/// <summary>One SVG file that needs nothing else: no script, no font, no link. Lengths are in user units (pixels).</summary>
public sealed class SvgDiagram : IDiagramWriter
{
    private const string Namespace = "http://www.w3.org/2000/svg";

    public string Name => "svg";

    public void Write(TextWriter text, Picture picture, PictureView view)
    {
        using var script = new PictureScript();
        using var drawing = script.Draw(picture, view);
        var (width, height) = (drawing.RootElement.GetProperty("width").GetDouble(), drawing.RootElement.GetProperty("height").GetDouble());
        using (var svg = XmlWriter.Create(text, new() { Indent = true, OmitXmlDeclaration = true, NewLineChars = "\n", CloseOutput = false }))
        {
            svg.WriteStartElement("svg", Namespace);
            svg.WriteAttributeString("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {width:0} {height:0}"));
            svg.WriteAttributeString("width", width.ToString("0", CultureInfo.InvariantCulture));
            svg.WriteAttributeString("height", height.ToString("0", CultureInfo.InvariantCulture));
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
