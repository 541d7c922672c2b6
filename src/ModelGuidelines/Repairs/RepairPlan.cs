using System.Collections.Immutable;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;

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

    /// <summary>All changes as one unified diff that <c>git apply</c> accepts; null for what is no text.</summary>
    /// <param name="name">The file's name in the diff.</param>
    public virtual SourceDiff? Diff(string name) => null;

    /// <summary>Compares what was written with the original, by their structure. Null: the format has no such proof.</summary>
    /// <param name="original">Still open.</param>
    /// <param name="result">What <see cref="Write"/> wrote.</param>
    public virtual StructureProof? Prove(ModelSource original, ModelSource result) => null;

    /// <summary>Writes the changed file. Reads from the source, which must still be open.</summary>
    public abstract void Write(Stream output, CancellationToken cancellation);
}

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
