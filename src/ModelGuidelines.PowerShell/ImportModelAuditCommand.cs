using System.Management.Automation;

namespace ModelGuidelines.PowerShell;

/// <summary>Reads reports back into the objects of an audit.</summary>
[Cmdlet(VerbsData.Import, "ModelAudit", DefaultParameterSetName = "Path", HelpUri = "https://github.com/ModelGuidelines/ModelGuidelines/blob/main/docs/cmdlets/Import-ModelAudit.md")]
[OutputType(typeof(Finding), typeof(UndecidableGuideline), typeof(AuditedFile))]
public sealed class ImportModelAuditCommand : ReportCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true, ParameterSetName = "Path")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipelineByPropertyName = true, ParameterSetName = "LiteralPath")]
    [Alias("PSPath", "FullName", "LP")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = [];

    [Parameter]
    [Alias("IncludePassed")]
    public SwitchParameter PassThru { get; set; }

    protected override void ProcessRecord()
    {
        var isLiteral = ParameterSetName == "LiteralPath";
        foreach (var report in ReadReports(isLiteral ? LiteralPath : Path, isLiteral))
        {
            foreach (var result in report.Results)
            {
                ThrowIfStopped();
                WriteObject(Objects.All(result, null, PassThru, withSuppressed: false, report.Run), enumerateCollection: true);
            }
        }
    }
}
