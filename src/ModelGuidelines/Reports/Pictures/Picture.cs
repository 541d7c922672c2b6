using System.Collections.Immutable;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;

namespace ModelGuidelines.Reports.Pictures;

/// <summary>A box of a picture: a module, a node of the file's graph, or a function that a guideline minds.</summary>
/// <param name="Name">What it is called in its parent.</param>
/// <param name="Path">Its qualified name.</param>
/// <param name="Type">Its class or operator; null where the file does not tell.</param>
/// <param name="Parent">Index of the box that holds it; -1 for a root. Parents stand before their children.</param>
public sealed record PictureBox(string Name, string Path, string? Type, int Parent)
{
    /// <summary>A function or node, and not a module.</summary>
    public bool IsOperation { get; init; }

    /// <summary>How often it is called, where that is what a guideline minds; else 0.</summary>
    public long Calls { get; init; }

    /// <summary>What guidelines say of it, a line each: shown at the box, and never folded away unseen.</summary>
    public ImmutableArray<string> Marks { get; init; } = [];

    /// <summary>What passes its border and should not, where it goes in and where it comes out; null: nothing.</summary>
    public string? Entering { get; init; }

    /// <inheritdoc cref="Entering"/>
    public string? Leaving { get; init; }
}

/// <summary>A value that goes from one box to another, or the order of two calls where the file keeps no values.</summary>
/// <param name="From">Index of the box that makes it.</param>
/// <param name="To">Index of the box that takes it.</param>
/// <param name="Call">The number of the call, where the box is called several times; else 0.</param>
public sealed record PictureFlow(int From, int To, int Call);

/// <summary>A model as it is drawn: boxes within boxes and what flows between them. What is folded is decided where it is drawn.</summary>
public sealed record Picture
{
    /// <summary>More boxes help nobody; the first of them are kept.</summary>
    public const int MaximumBoxes = 4000;

    public required string Title { get; init; }

    public ImmutableArray<PictureBox> Boxes { get; init; } = [];

    public ImmutableArray<PictureFlow> Flows { get; init; } = [];

    /// <summary>Arrows are the order of calls, because the file keeps no values.</summary>
    public bool IsOrder { get; init; }

    /// <summary>Boxes left out because there are too many.</summary>
    public int Omitted { get; init; }

    /// <param name="graph">What to draw; with its nodes, where arrows are to be values.</param>
    /// <param name="findings">What is marked: one per module.</param>
    /// <param name="title">The file's name.</param>
    /// <param name="everyNode">Draw every node of the file's graph, not modules alone.</param>
    public static Picture Of(ModelGraph graph, IReadOnlyCollection<Finding> findings, string title, bool everyNode = false) =>
        new PictureBuilder(graph, findings, everyNode).Build(title);

    /// <summary>The same with all that guidelines say of the graph, notes apart.</summary>
    public static Picture Of(ModelGraph graph, string title, bool everyNode = false) => Of(
        graph,
        [.. GuidelineCatalog.All.Where(g => graph.Framework is Framework.Unknown || g.Descriptor.Framework == graph.Framework).SelectMany(g => g.Evaluate(graph).Findings).Where(f => f.Severity > Severity.Information)],
        title,
        everyNode);
}
