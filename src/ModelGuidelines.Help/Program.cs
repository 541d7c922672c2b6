using System.Xml;
using ModelGuidelines.Help;

// usage: ModelGuidelines.Help MARKDOWN_FOLDER HELP_FOLDER
if (args is not [var source, var target])
{
    Console.Error.WriteLine("usage: ModelGuidelines.Help MARKDOWN_FOLDER HELP_FOLDER");
    return 2;
}

try
{
    var cmdlets = Directory.EnumerateFiles(source, "*-*.md").Order(StringComparer.Ordinal).Select(CmdletHelp.Parse).ToList();
    Directory.CreateDirectory(target);
    using (var xml = XmlWriter.Create(Path.Combine(target, "ModelGuidelines.PowerShell.dll-Help.xml"), new() { Indent = true }))
    {
        MamlWriter.Write(xml, cmdlets);
    }

    foreach (var about in Directory.EnumerateFiles(source, "about_*.md"))
    {
        File.WriteAllText(Path.Combine(target, Path.GetFileNameWithoutExtension(about) + ".help.txt"), AboutText.FromMarkdown(File.ReadAllLines(about)));
    }

    return 0;
}
catch (HelpFormatException e)
{
    Console.Error.WriteLine($"{e.Message}"); // the form in which MSBuild shows an error
    return 1;
}
