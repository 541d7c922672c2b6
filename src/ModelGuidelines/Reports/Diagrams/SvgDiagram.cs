using System.Globalization;
using System.Xml;

namespace ModelGuidelines.Reports.Diagrams;

/// <summary>One SVG file that needs nothing else: no script, no font, no link. Lengths are in user units (pixels).</summary>
public sealed class SvgDiagram : IDiagramWriter
{
    private const string Namespace = "http://www.w3.org/2000/svg";
    private const int Margin = 20;
    private const int BoxHeight = 40;
    private const int GapX = 18;
    private const int GapY = 46;

    /// <summary>Width of a character of the 12 px font, on the generous side.</summary>
    private const double Character = 7.2;

    public string Name => "svg";

    public void Write(TextWriter text, Diagram diagram)
    {
        var boxes = Place(diagram, out var width, out var height);
        using (var svg = XmlWriter.Create(text, new() { Indent = true, OmitXmlDeclaration = true, NewLineChars = "\n", CloseOutput = false }))
        {
            svg.WriteStartElement("svg", Namespace);
            svg.WriteAttributeString("viewBox", string.Create(CultureInfo.InvariantCulture, $"0 0 {width:0} {height:0}"));
            svg.WriteAttributeString("width", width.ToString("0", CultureInfo.InvariantCulture));
            svg.WriteAttributeString("height", height.ToString("0", CultureInfo.InvariantCulture));
            svg.WriteElementString("title", Namespace, Printable.Text(diagram.Title));
            svg.WriteElementString(
                "style",
                Namespace,
                "text{font:12px sans-serif;text-anchor:middle;fill:#1f1f1f}.detail{fill:#666;font-size:11px}.box{fill:#fff;stroke:#888}.reused{fill:#fde2e1;stroke:#b3261e;stroke-width:2}path{fill:none;stroke:#888}");
            Element(svg, "rect", ("width", "100%"), ("height", "100%"), ("fill", "#fff"));
            foreach (var arrow in diagram.Arrows)
            {
                WriteArrow(svg, arrow, boxes[arrow.From], boxes[arrow.To]);
            }

            for (var i = 0; i < boxes.Length; i++)
            {
                WriteBox(svg, diagram.Boxes[i], boxes[i]);
            }

            if (diagram.Omitted > 0)
            {
                WriteText(svg, string.Create(CultureInfo.InvariantCulture, $"{diagram.Omitted} more are not shown"), width / 2, height - 6, "detail");
            }

            svg.WriteEndElement();
        }

        text.WriteLine();
    }

    private static Box[] Place(Diagram diagram, out double width, out double height)
    {
        var boxes = new Box[diagram.Boxes.Length];
        var layers = LayeredLayout.Place(diagram);
        double Width(int i) => Math.Max(60, 16 + (Character * Math.Max(diagram.Boxes[i].Label.Length, diagram.Boxes[i].Detail?.Length ?? 0)));
        var widths = layers.ConvertAll(l => l.Sum(Width) + (GapX * (l.Count - 1)));
        width = (widths.Count == 0 ? 0 : widths.Max()) + (2 * Margin);
        for (var y = 0; y < layers.Count; y++)
        {
            var x = (width - widths[y]) / 2;
            foreach (var i in layers[y])
            {
                boxes[i] = new(x, Margin + (y * (BoxHeight + GapY)), Width(i));
                x += Width(i) + GapX;
            }
        }

        height = Math.Max(1, layers.Count) * (BoxHeight + GapY) - GapY + (2 * Margin);
        return boxes;
    }

    private static void WriteBox(XmlWriter svg, DiagramBox box, Box place)
    {
        svg.WriteStartElement("g", Namespace);
        Element(svg, "rect", ("class", box.IsReused ? "reused" : "box"), ("x", Number(place.X)), ("y", Number(place.Y)), ("width", Number(place.Width)), ("height", Number(BoxHeight)), ("rx", "6"));
        var middle = place.X + (place.Width / 2);
        WriteText(svg, box.Label, middle, place.Y + (box.Detail is null ? 24 : 17), null);
        if (box.Detail is not null)
        {
            WriteText(svg, box.Detail, middle, place.Y + 32, "detail");
        }

        svg.WriteEndElement();
    }

    private static void WriteArrow(XmlWriter svg, DiagramArrow arrow, Box from, Box to)
    {
        var (x1, y1) = (from.X + (from.Width / 2), from.Y + BoxHeight);
        var (x2, y2) = (to.X + (to.Width / 2), to.Y);
        var bend = Math.Max(20, Math.Abs(y2 - y1) / 2);
        Element(svg, "path", ("d", string.Create(CultureInfo.InvariantCulture, $"M{x1:0.#},{y1:0.#} C{x1:0.#},{y1 + bend:0.#} {x2:0.#},{y2 - bend:0.#} {x2:0.#},{y2:0.#} m-4,-7 l4,7 l4,-7")));
        if (arrow.Label is not null)
        {
            WriteText(svg, arrow.Label, (x1 + x2) / 2, (y1 + y2) / 2, null);
        }
    }

    private static void WriteText(XmlWriter svg, string text, double x, double y, string? type)
    {
        svg.WriteStartElement("text", Namespace);
        svg.WriteAttributeString("x", Number(x));
        svg.WriteAttributeString("y", Number(y));
        if (type is not null)
        {
            svg.WriteAttributeString("class", type);
        }

        svg.WriteString(Printable.Text(text));
        svg.WriteEndElement();
    }

    private static void Element(XmlWriter svg, string name, params (string Name, string Value)[] attributes)
    {
        svg.WriteStartElement(name, Namespace);
        foreach (var (key, value) in attributes)
        {
            svg.WriteAttributeString(key, value);
        }

        svg.WriteEndElement();
    }

    private static string Number(double value) => value.ToString("0.#", CultureInfo.InvariantCulture);

    private readonly record struct Box(double X, double Y, double Width);
}
