using System.Management.Automation;

namespace ModelGuidelines.PowerShell;

/// <summary>Joins audits: reports of several agents, or objects.</summary>
[Cmdlet(VerbsData.Merge, "ModelAudit", HelpUri = "https://github.com/ModelGuidelines/ModelGuidelines/blob/main/docs/cmdlets/Merge-ModelAudit.md")]
[OutputType(typeof(AuditedFile), typeof(Finding), typeof(UndecidableGuideline))]
public sealed class MergeModelAuditCommand : ReportCmdlet
{
    private readonly List<object?> _given = [];

    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [AllowNull]
    [SupportsWildcards]
    public PSObject?[]? InputObject { get; set; } = [];

    protected override void ProcessRecord() => _given.AddRange(InputObject ?? []);

    protected override void EndProcessing()
    {
        foreach (var result in Reports.ReportMerger.Merge([new(ResultsOf(_given))]).Results)
        {
            ThrowIfStopped();
            WriteObject(Objects.All(result, null, withFile: true, withSuppressed: false), enumerateCollection: true);
        }
    }
}
