using ModelGuidelines.Python.Libraries;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>What is asked of a proxy, as the end of a sentence about the expression.</summary>
internal static class UntracedTexts
{
    public static string Of(Untraced asked) => asked switch
    {
        Untraced.Truth => "decides which way Python goes",
        Untraced.Number => "must be a number for Python",
        Untraced.Elements => "is taken apart element by element",
        Untraced.Items => "is assigned to, element by element",
        Untraced.Made => "makes a tensor by sizes of others",
        _ => "is handed to a library whose code torch.fx would trace into",
    };
}
