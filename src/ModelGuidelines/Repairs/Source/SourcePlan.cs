using System.Globalization;
using System.Text;
using ModelGuidelines.Formats;
using ModelGuidelines.Formats.PythonSource;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Changes that are made together, proven to leave what the text did before as it was.</summary>
/// <param name="File">The text before.</param>
/// <param name="Graph">What it shows.</param>
/// <param name="Changes">What is changed.</param>
internal sealed record SourceStep(PythonFile File, ModelGraph Graph, IReadOnlyList<SourceChange> Changes)
{
    /// <summary>The text after.</summary>
    public string Changed() => SourceEdits.Apply(File.Text, Changes.SelectMany(c => c.Edits));
}

/// <summary>The changes of a source file, and the file they make.</summary>
internal sealed class SourcePlan(PythonFile file, string changed, IReadOnlyList<SourceStep> steps) : RepairPlan
{
    /// <summary>What is done one after the other; each is proven by itself.</summary>
    public IReadOnlyList<SourceStep> Steps => steps;

    public override string? NotRunnable => "source code is not run";

    public override void Write(Stream output, CancellationToken cancellation) => output.Write(Encode(file, changed));

    public override SourceDiff Diff(string name)
    {
        var mark = file.HasByteOrderMark ? "\uFEFF" : "";
        return new(UnifiedDiff.Create(name, mark + file.Text, mark + changed), file.Encoding ?? new UTF8Encoding(false));
    }

    public override StructureProof Prove(ModelSource original, ModelSource result)
    {
        // The text that was written, in the original's place: its imports are found from there. The steps before the last were proven as they were planned.
        var (graph, changes) = (steps[^1].Graph, steps[^1].Changes);
        var written = PythonParser.Parse(result.File.Span(0, (int)result.File.Length), result.Budget);
        return written.HasByteOrderMark != file.HasByteOrderMark ? StructureProof.Fails("the byte order mark is gone or new")
            : SourceProof.Compare(new(steps[^1].File, original.Path), graph, written, original, changes).Difference is { } difference ? StructureProof.Fails(difference)
            : StructureProof.Equal(string.Create(CultureInfo.InvariantCulture, $"the same {steps[0].Graph.Calls.Length} calls of modules and {steps[0].Graph.Operations.Length} of functions in the same order, but for {steps.Sum(s => s.Changes.Count)} that new modules took over"));
    }

    /// <summary>A text as the bytes of that file: its encoding, its byte order mark.</summary>
    public static byte[] Encode(PythonFile file, string text)
    {
        var content = (file.Encoding ?? Encoding.UTF8).GetBytes(text);
        return file.HasByteOrderMark ? [.. Encoding.UTF8.Preamble, .. content] : content;
    }
}
