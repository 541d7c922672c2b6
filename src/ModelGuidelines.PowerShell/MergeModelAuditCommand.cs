using System.Management.Automation;
using ModelGuidelines.Audit;

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
    public PSObject?[] InputObject { get; set; } = [];

    protected override void ProcessRecord() => _given.AddRange(InputObject);

    protected override void EndProcessing()
    {
        var merged = new Dictionary<string, AuditResult>(StringComparer.Ordinal);
        foreach (var result in ResultsOf(_given))
        {
            ThrowIfStopped();

            // A file that two agents audited stands once, with what either found; one that could be read says more than one that could not.
            merged[result.Path] = !merged.TryGetValue(result.Path, out var known) || known.Error is not null ? result : result.Error is not null ? known : known with
            {
                Guidelines = [.. known.Guidelines.UnionBy(result.Guidelines, g => g.Guideline)],
                Findings = [.. known.Findings.UnionBy(result.Findings, f => (f.Guideline, f.Fingerprint, f.Message))],
            };
        }

        foreach (var result in merged.Values.OrderBy(r => r.Path, StringComparer.Ordinal))
        {
            ThrowIfStopped();
            WriteObject(Objects.All(result, null, withFile: true, withSuppressed: false), enumerateCollection: true);
        }
    }
}
