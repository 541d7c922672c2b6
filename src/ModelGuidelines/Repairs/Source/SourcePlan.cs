using System.Globalization;
using System.Text;
using ModelGuidelines.Formats;
using ModelGuidelines.Formats.PythonSource;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>The changes of a source file, and the file they make.</summary>
internal sealed class SourcePlan(PythonFile file, string changed, ModelGraph graph, IReadOnlyCollection<SourceChange> changes) : RepairPlan
{
    public override string? NotRunnable => "source code is not run";

    public override void Write(Stream output, CancellationToken cancellation) => output.Write(Encode(file, changed));

    public override SourceDiff Diff(string name)
    {
        var mark = file.HasByteOrderMark ? "\uFEFF" : "";
        return new(UnifiedDiff.Create(name, mark + file.Text, mark + changed), file.Encoding ?? new UTF8Encoding(false));
    }

    public override StructureProof Prove(ModelSource original, ModelSource result)
    {
        // The text that was written, in the original's place: its imports are found from there.
        var written = PythonParser.Parse(result.File.Span(0, (int)result.File.Length), result.Cancellation);
        return !written.Errors.IsEmpty ? StructureProof.Fails("what was written has syntax errors")
            : SourceProof.Difference(graph, PythonSourceFormat.Read(written, original), changes) is { } difference ? StructureProof.Fails(difference)
            : StructureProof.Equal(string.Create(CultureInfo.InvariantCulture, $"the same {graph.Calls.Length} calls of modules and {graph.Operations.Length} of functions in the same order, but for {changes.Count} that new modules took over"));
    }

    /// <summary>A text as the bytes of that file: its encoding, its byte order mark.</summary>
    public static byte[] Encode(PythonFile file, string text)
    {
        var content = (file.Encoding ?? Encoding.UTF8).GetBytes(text);
        return file.HasByteOrderMark ? [.. Encoding.UTF8.Preamble, .. content] : content;
    }
}
