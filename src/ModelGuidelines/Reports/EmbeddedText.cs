using System.Text;

namespace ModelGuidelines.Reports;

/// <summary>Texts that the engine carries: pages, style sheets, scripts.</summary>
internal static class EmbeddedText
{
    /// <summary>The text with \n at line ends and none behind the last line; null where there is none of that name.</summary>
    public static string? Find(string name)
    {
        using var stream = typeof(EmbeddedText).Assembly.GetManifestResourceStream(name);
        if (stream is null)
        {
            return null;
        }

        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd().ReplaceLineEndings("\n").TrimEnd('\n');
    }
}
