namespace ModelGuidelines.Models;

/// <summary>A place in source code, as the file names it.</summary>
/// <param name="File">The path as recorded; not checked to exist.</param>
/// <param name="Line">1-based.</param>
/// <param name="Column">1-based, in UTF-16 units; null when the format keeps none.</param>
public sealed record SourceLocation(string File, int Line, int? Column = null)
{
    public override string ToString() => Column is null ? $"{File}:{Line}" : $"{File}:{Line}:{Column}";
}
