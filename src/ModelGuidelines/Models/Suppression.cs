namespace ModelGuidelines.Models;

/// <summary>An author's word in the source that a finding is accepted there.</summary>
/// <param name="Guideline">Its id, or "*" for all.</param>
/// <param name="Reason">Why, as written after <c>--</c>; null when none was given.</param>
/// <param name="FirstLine">1-based, inclusive.</param>
/// <param name="LastLine">1-based, inclusive.</param>
/// <param name="File">The file of those lines, as locations name it; null for any.</param>
public sealed record Suppression(string Guideline, string? Reason, int FirstLine, int LastLine, string? File = null);
