using System.Globalization;

namespace ModelGuidelines.Formats.Keras;

/// <summary>Words for messages.</summary>
internal static class KerasText
{
    private const int Shown = 3;

    /// <summary><c>'encoder' (vision>Encoder)</c>.</summary>
    public static string Quote(KerasLayer layer) => layer.Parent is null ? $"the model ({layer.ClassName})" : $"'{layer.QualifiedName}' ({layer.ClassName})";

    /// <summary>The first few, and how many more.</summary>
    public static string List(IReadOnlyCollection<string> items) => items.Count <= Shown
        ? string.Join(", ", items)
        : string.Create(CultureInfo.InvariantCulture, $"{string.Join(", ", items.Take(Shown))} and {items.Count - Shown} more");
}
