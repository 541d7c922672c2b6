using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using ModelGuidelines.Formats;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Changes that are made together, proven to leave what the texts did before as it was.</summary>
/// <param name="Main">The full path of the audited file.</param>
/// <param name="Texts">All files before.</param>
/// <param name="Graph">What they show.</param>
/// <param name="Changes">What is changed.</param>
internal sealed record SourceStep(string Main, ProjectTexts Texts, ModelGraph Graph, IReadOnlyList<SourceChange> Changes)
{
    /// <summary>The audited file's text before.</summary>
    public PythonFile File => Texts.Read(Main)!;

    /// <summary>The texts after, of the files that are changed.</summary>
    public Dictionary<string, PythonFile> Changed(CancellationToken cancellation) =>
        Changes.SelectMany(c => c.Edits).GroupBy(e => e.Path!, StringComparer.Ordinal).ToDictionary(f => f.Key, f => Apply(Texts.Read(f.Key)!, f, cancellation), StringComparer.Ordinal);

    /// <summary>A change as the others would read it who see it alone: its own edits of each file.</summary>
    public string DiffOf(SourceChange change) =>
        string.Concat(change.Edits.GroupBy(e => e.Path!, StringComparer.Ordinal).OrderBy(f => f.Key != Main).ThenBy(f => f.Key, StringComparer.Ordinal).Select(f => UnifiedDiff.Create(NameOf(f.Key), Texts.Read(f.Key)!.Text, SourceEdits.Apply(Texts.Read(f.Key)!.Text, f))));

    private string NameOf(string path) => path == Main ? Path.GetFileName(path) : Path.GetRelativePath(Path.GetDirectoryName(Main)!, path).Replace('\\', '/');

    private static PythonFile Apply(PythonFile file, IEnumerable<SourceEdit> edits, CancellationToken cancellation) =>
        PythonParser.Parse(SourcePlan.Encode(file, SourceEdits.Apply(file.Text, edits)), cancellation);
}

/// <summary>The changes of a source file, and of others that have to change with it, and the files they make.</summary>
/// <param name="main">The full path of the audited file.</param>
/// <param name="steps">What is done one after the other; each is proven by itself.</param>
/// <param name="changed">The texts in the end, of the files that are changed.</param>
internal sealed class SourcePlan(string main, IReadOnlyList<SourceStep> steps, IReadOnlyDictionary<string, PythonFile> changed) : RepairPlan
{
    /// <summary>What is done one after the other; each is proven by itself.</summary>
    public IReadOnlyList<SourceStep> Steps => steps;

    public override string? NotRunnable => "source code is not run";

    public override IReadOnlyDictionary<string, PythonFile>? Texts => changed;

    public override bool ChangesFile => changed.ContainsKey(main);

    /// <summary>First the files that only get something new, which nobody asks for yet: a run that is killed between two files leaves what works.</summary>
    public override ImmutableArray<RelatedFile> Others => [.. changed.Keys.Where(p => p != main).Select(p => new RelatedFile(p, OnlyAdds(p), Encode(steps[0].Texts.Read(p)!, steps[0].Texts.Read(p)!.Text))).OrderBy(f => !f.OnlyAdds).ThenBy(f => f.Path, StringComparer.Ordinal)];

    private bool OnlyAdds(string path) => steps.All(s => s.Changes.SelectMany(c => c.Edits).Where(e => e.Path == path).All(e => e.Span.Length == 0 && (e.Text.TrimStart().StartsWith("self.", StringComparison.Ordinal) || e.Text.Trim() is "import copy")));

    public override void Write(Stream output, CancellationToken cancellation) => WriteOther(main, output);

    public override void WriteOther(string path, Stream output) => output.Write(Encode(changed[path], changed[path].Text));

    public override SourceDiff Diff(Func<string, string> name) => new([.. changed.OrderBy(f => f.Key != main).ThenBy(f => f.Key, StringComparer.Ordinal).Select(f =>
    {
        var old = steps[0].Texts.Read(f.Key)!;
        var mark = old.HasByteOrderMark ? "\uFEFF" : "";
        return (UnifiedDiff.Create(name(f.Key), mark + old.Text, mark + f.Value.Text), old.Encoding ?? new UTF8Encoding(false));
    })]);

    public override StructureProof Prove(ModelSource original, ModelSource? result, IReadOnlyDictionary<string, ModelSource> others)
    {
        // The texts that were written, in the originals' places: imports are found from there. The steps before the last were proven as they were planned.
        var written = new Dictionary<string, PythonFile>(StringComparer.Ordinal);
        foreach (var (path, file) in others.Concat(result is null ? [] : [new KeyValuePair<string, ModelSource>(main, result)]))
        {
            written[path] = PythonParser.Parse(file.File.Span(0, (int)file.File.Length), file.Budget);
            if (written[path].HasByteOrderMark != steps[0].Texts.Read(path)!.HasByteOrderMark)
            {
                return StructureProof.Fails("the byte order mark is gone or new");
            }
        }

        // What an earlier step changed and the last did not is as that one left it.
        var step = steps[^1];
        var edited = step.Changes.SelectMany(c => c.Edits).Select(e => e.Path).ToHashSet(StringComparer.Ordinal);
        if (written.FirstOrDefault(w => !edited.Contains(w.Key) && w.Value.Text != step.Texts.Read(w.Key)!.Text) is { Key: { } other })
        {
            return StructureProof.Fails($"{Path.GetFileName(other)} is another text than was proven");
        }

        return SourceProof.Compare(step, written.Where(w => edited.Contains(w.Key)).ToDictionary(StringComparer.Ordinal), original).Difference is { } difference ? StructureProof.Fails(difference)
            : StructureProof.Equal(string.Create(CultureInfo.InvariantCulture, $"the same {steps[0].Graph.Calls.Length} calls of modules and {steps[0].Graph.Operations.Length} of functions in the same order, but for {steps.Sum(s => s.Changes.Count)} that new modules took over"));
    }

    /// <summary>A text as the bytes of that file: its encoding, its byte order mark.</summary>
    public static byte[] Encode(PythonFile file, string text)
    {
        var content = (file.Encoding ?? Encoding.UTF8).GetBytes(text);
        return file.HasByteOrderMark ? [.. Encoding.UTF8.Preamble, .. content] : content;
    }
}
