using System.Management.Automation;

namespace ModelGuidelines.PowerShell;

/// <summary>Says what is new, fixed and unchanged between two audits.</summary>
[Cmdlet(VerbsData.Compare, "ModelAudit", HelpUri = "https://github.com/ModelGuidelines/ModelGuidelines/blob/main/docs/cmdlets/Compare-ModelAudit.md")]
[OutputType(typeof(FindingChange))]
public sealed class CompareModelAuditCommand : ReportCmdlet
{
    private readonly List<object?> _difference = [];

    [Parameter(Mandatory = true, Position = 0)]
    [AllowNull]
    [AllowEmptyCollection]
    [SupportsWildcards]
    public PSObject?[]? Reference { get; set; }

    [Parameter(Mandatory = true, Position = 1, ValueFromPipeline = true)]
    [AllowNull]
    [AllowEmptyCollection]
    [SupportsWildcards]
    public PSObject?[]? Difference { get; set; }

    [Parameter]
    [ValidateSet("New", "Fixed", "Unchanged")]
    public string[] State { get; set; } = [];

    protected override void ProcessRecord() => _difference.AddRange(Difference ?? []);

    protected override void EndProcessing()
    {
        foreach (var (change, finding) in Audit.Baseline.Compare(ResultsOf(Reference ?? []), ResultsOf(_difference)))
        {
            ThrowIfStopped();
            var state = change.ToString();
            if (State.Length > 0 && !State.Contains(state, StringComparer.OrdinalIgnoreCase))
            {
                continue;
            }

            WriteObject(new FindingChange
            {
                State = state,
                Guideline = finding.Guideline,
                Severity = finding.Severity.ToString(),
                Path = finding.Path,
                Module = finding.Module,
                Message = finding.Message,
                Fingerprint = finding.Fingerprint,
                Finding = Objects.Of(finding),
            });
        }
    }
}
