namespace ModelGuidelines.Repairs.Source;

/// <summary>The changes of a source file, and the file they make.</summary>
internal sealed class SourcePlan(byte[] bytes) : RepairPlan
{
    public override string? NotVerifiable => "source code is not run; the changed file was audited again";

    public override void Write(Stream output, CancellationToken cancellation) => output.Write(bytes);
}
