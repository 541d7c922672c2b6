using System.Text;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>The changes of a source file, and the file they make.</summary>
internal sealed class SourcePlan(PythonFile file, string changed) : RepairPlan
{
    public override string? NotRunnable => "source code is not run";

    public override void Write(Stream output, CancellationToken cancellation) => output.Write(Encode(file, changed));

    public override byte[] Diff(string name)
    {
        var mark = file.HasByteOrderMark ? "\uFEFF" : "";
        return (file.Encoding ?? Encoding.UTF8).GetBytes(UnifiedDiff.Create(name, mark + file.Text, mark + changed));
    }

    /// <summary>A text as the bytes of that file: its encoding, its byte order mark.</summary>
    public static byte[] Encode(PythonFile file, string text)
    {
        var content = (file.Encoding ?? Encoding.UTF8).GetBytes(text);
        return file.HasByteOrderMark ? [.. Encoding.UTF8.Preamble, .. content] : content;
    }
}
