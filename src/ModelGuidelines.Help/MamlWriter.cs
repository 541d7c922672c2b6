using System.Xml;

namespace ModelGuidelines.Help;

/// <summary>Writes pages as MAML, the form in which Get-Help reads the help of binary cmdlets.</summary>
internal static class MamlWriter
{
    private const string Maml = "http://schemas.microsoft.com/maml/2004/10";
    private const string Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private const string Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    public static void Write(XmlWriter xml, IEnumerable<CmdletHelp> cmdlets)
    {
        xml.WriteStartElement("helpItems", "http://msh");
        xml.WriteAttributeString("schema", "maml");
        foreach (var cmdlet in cmdlets)
        {
            Write(xml, cmdlet);
        }

        xml.WriteEndElement();
    }

    private static void Write(XmlWriter xml, CmdletHelp cmdlet)
    {
        xml.WriteStartElement("command", "command", Command);
        xml.WriteAttributeString("xmlns", "maml", null, Maml);
        xml.WriteAttributeString("xmlns", "dev", null, Dev);
        xml.WriteStartElement("details", Command);
        xml.WriteElementString("name", Command, cmdlet.Name);
        var name = cmdlet.Name.Split('-');
        xml.WriteElementString("verb", Command, name[0]);
        xml.WriteElementString("noun", Command, name[1]);
        Paragraphs(xml, "description", [cmdlet.Synopsis]);
        xml.WriteEndElement();
        Paragraphs(xml, "description", cmdlet.Description);
        WriteSyntax(xml, cmdlet);
        xml.WriteStartElement("parameters", Command);
        foreach (var parameter in cmdlet.Parameters)
        {
            WriteParameter(xml, parameter);
        }

        xml.WriteEndElement();
        WriteTypes(xml, "inputTypes", "inputType", cmdlet.Inputs);
        WriteTypes(xml, "returnValues", "returnValue", cmdlet.Outputs);
        WriteExamples(xml, cmdlet);
        xml.WriteStartElement("relatedLinks", Command);
        foreach (var (text, uri) in cmdlet.Links)
        {
            xml.WriteStartElement("navigationLink", Maml);
            xml.WriteElementString("linkText", Maml, text);
            xml.WriteElementString("uri", Maml, uri.StartsWith("http", StringComparison.Ordinal) ? uri : "");
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
        xml.WriteEndElement();
    }

    private static void WriteSyntax(XmlWriter xml, CmdletHelp cmdlet)
    {
        var sets = cmdlet.Parameters.Select(p => p.Fact("Set", "")).Where(s => s.Length > 0).Distinct(StringComparer.Ordinal).DefaultIfEmpty("");
        xml.WriteStartElement("syntax", Command);
        foreach (var set in sets)
        {
            xml.WriteStartElement("syntaxItem", Command);
            xml.WriteElementString("name", Maml, cmdlet.Name);
            foreach (var parameter in cmdlet.Parameters.Where(p => p.Fact("Set", "") is var own && (own.Length == 0 || own == set)))
            {
                WriteParameter(xml, parameter);
            }

            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteParameter(XmlWriter xml, ParameterHelp parameter)
    {
        var type = parameter.Fact("Type", "object");
        xml.WriteStartElement("parameter", Command);
        xml.WriteAttributeString("required", parameter.Fact("Required", "false"));
        xml.WriteAttributeString("variableLength", type.EndsWith("[]", StringComparison.Ordinal) ? "true" : "false");
        xml.WriteAttributeString("globbing", parameter.Fact("Wildcards", "false"));
        xml.WriteAttributeString("pipelineInput", parameter.Fact("Pipeline", "false"));
        xml.WriteAttributeString("position", parameter.Fact("Position", "named"));
        xml.WriteAttributeString("aliases", parameter.Fact("Aliases", "none"));
        xml.WriteElementString("name", Maml, parameter.Name);
        Paragraphs(xml, "description", parameter.Text);
        if (parameter.Facts.TryGetValue("Values", out var values))
        {
            xml.WriteStartElement("parameterValueGroup", Command);
            foreach (var value in values.Split(", "))
            {
                xml.WriteStartElement("parameterValue", Command);
                xml.WriteAttributeString("required", "false");
                xml.WriteAttributeString("variableLength", "false");
                xml.WriteString(value);
                xml.WriteEndElement();
            }

            xml.WriteEndElement();
        }

        if (type != "SwitchParameter")
        {
            xml.WriteStartElement("parameterValue", Command);
            xml.WriteAttributeString("required", "true");
            xml.WriteAttributeString("variableLength", type.EndsWith("[]", StringComparison.Ordinal) ? "true" : "false");
            xml.WriteString(type);
            xml.WriteEndElement();
        }

        xml.WriteStartElement("type", Dev);
        xml.WriteElementString("name", Maml, type);
        xml.WriteElementString("uri", Maml, "");
        xml.WriteEndElement();
        xml.WriteElementString("defaultValue", Dev, parameter.Fact("Default", "None"));
        xml.WriteEndElement();
    }

    private static void WriteTypes(XmlWriter xml, string list, string item, IEnumerable<string> types)
    {
        xml.WriteStartElement(list, Command);
        foreach (var type in types)
        {
            var colon = type.IndexOf(':', StringComparison.Ordinal);
            xml.WriteStartElement(item, Command);
            xml.WriteStartElement("type", Dev);
            xml.WriteElementString("name", Maml, (colon < 0 ? type : type[..colon]).TrimStart('-', ' '));
            xml.WriteEndElement();
            Paragraphs(xml, "description", colon < 0 ? [] : [type[(colon + 1)..].Trim()]);
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void WriteExamples(XmlWriter xml, CmdletHelp cmdlet)
    {
        xml.WriteStartElement("examples", Command);
        for (var i = 0; i < cmdlet.Examples.Count; i++)
        {
            var example = cmdlet.Examples[i];
            xml.WriteStartElement("example", Command);
            xml.WriteElementString("title", Maml, FormattableString.Invariant($"---- Example {i + 1}: {example.Title} ----"));
            xml.WriteElementString("code", Dev, example.Code);
            xml.WriteStartElement("remarks", Dev);
            foreach (var text in example.Text)
            {
                xml.WriteElementString("para", Maml, text);
            }

            xml.WriteElementString("para", Maml, ""); // the blank line before the next example
            xml.WriteEndElement();
            xml.WriteEndElement();
        }

        xml.WriteEndElement();
    }

    private static void Paragraphs(XmlWriter xml, string element, IEnumerable<string> paragraphs)
    {
        xml.WriteStartElement(element, Maml);
        foreach (var paragraph in paragraphs)
        {
            xml.WriteElementString("para", Maml, paragraph);
        }

        xml.WriteEndElement();
    }
}
