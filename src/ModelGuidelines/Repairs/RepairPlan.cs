using System.Collections.Immutable;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs;

/// <summary>What will be changed in one file, as data, and how the changed file is written.</summary>
public abstract class RepairPlan
{
    public ImmutableArray<RepairChange> Changes { get; init; } = [];

    public ImmutableArray<LeftFinding> Left { get; init; } = [];

    /// <summary>Files beside the original, by their names relative to its folder, to which the result goes on referring.</summary>
    public virtual ImmutableArray<string> CompanionFiles => [];

    /// <summary>Why the result cannot be run beside the original; null when it can.</summary>
    public virtual string? NotRunnable => null;

    /// <summary>Whether the file itself is changed: of source, all that has to be may stand in others.</summary>
    public virtual bool ChangesFile => true;

    /// <summary>Further files that are changed with this one, all or none, in the order in which they are put in their places; this one comes behind those that only get something new.</summary>
    public virtual ImmutableArray<RelatedFile> Others => [];

    /// <summary>Changed texts of source, by their files' full paths; null for other formats.</summary>
    public virtual IReadOnlyDictionary<string, PythonFile>? Texts => null;

    /// <summary>All changes as one unified diff that <c>git apply</c> accepts; null for what is no text.</summary>
    /// <param name="name">What a file of that full path is called in the diff.</param>
    public virtual SourceDiff? Diff(Func<string, string> name) => null;

    /// <summary>Compares what was written with the original, by their structure. Null: the format has no such proof.</summary>
    /// <param name="original">Still open.</param>
    /// <param name="result">What <see cref="Write"/> wrote.</param>
    public virtual StructureProof? Prove(ModelSource original, ModelSource result) => null;

    /// <summary>The same where other files are changed too.</summary>
    /// <param name="original">Still open.</param>
    /// <param name="result">What <see cref="Write"/> wrote; null where the file itself stays.</param>
    /// <param name="others">What <see cref="WriteOther"/> wrote, by the originals' full paths.</param>
    public virtual StructureProof? Prove(ModelSource original, ModelSource? result, IReadOnlyDictionary<string, ModelSource> others) => Prove(original, result!);

    /// <summary>Writes the changed file. Reads from the source, which must still be open.</summary>
    public abstract void Write(Stream output, CancellationToken cancellation);

    /// <summary>Writes one of <see cref="Others"/>.</summary>
    public virtual void WriteOther(string path, Stream output) => throw new InvalidOperationException("there is nothing to write");
}

/// <summary>A file that is changed with another.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="OnlyAdds">Whether it only gets something new, which means nothing to who does not ask for it.</param>
/// <param name="Before">What it holds, as it was read.</param>
public sealed record RelatedFile(string Path, bool OnlyAdds, ReadOnlyMemory<byte> Before);

/// <summary>A plan that changes nothing.</summary>
public sealed class EmptyPlan : RepairPlan
{
    public override void Write(Stream output, CancellationToken cancellation) => throw new InvalidOperationException("there is nothing to write");
}

/// <summary>Repairs the files of one format: one per format, registered in <see cref="Repairer"/>.</summary>
public interface IFormatRepairer
{
    /// <summary>As <see cref="IModelFormat.Name"/>.</summary>
    string Format { get; }

    /// <summary>Plans the repair of the findings that were asked for; says of every other one why it stays.</summary>
    /// <exception cref="Storage.ModelReadException">The file is damaged.</exception>
    RepairPlan Plan(ModelSource source, ModelGraph graph, IReadOnlyList<Finding> findings, RepairSettings settings);
}
