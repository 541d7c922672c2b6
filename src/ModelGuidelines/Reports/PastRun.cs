namespace ModelGuidelines.Reports;

/// <summary>An earlier run in the numbers that a chart shows.</summary>
/// <param name="Started">When.</param>
/// <param name="Files">Files in it.</param>
/// <param name="Errors">Findings of that severity.</param>
/// <param name="Warnings">Findings of that severity.</param>
/// <param name="Undecided">Guidelines that could not be decided, counted per file.</param>
public sealed record PastRun(DateTimeOffset Started, int Files, int Errors, int Warnings, int Undecided);
