namespace ModelGuidelines.Python.Syntax;

/// <summary>A range of a text, in UTF-16 units.</summary>
/// <param name="Start">The first unit.</param>
/// <param name="End">One past the last.</param>
public readonly record struct TextSpan(int Start, int End)
{
    public int Length => End - Start;

    public override string ToString() => $"[{Start}..{End})";
}
