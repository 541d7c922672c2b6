using System.Management.Automation;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;

namespace ModelGuidelines.PowerShell;

/// <summary>Lists the comments that accept findings, and how many each accepts.</summary>
[Cmdlet(VerbsCommon.Get, "ModelSuppression", DefaultParameterSetName = PathSet, HelpUri = "https://github.com/ModelGuidelines/ModelGuidelines/blob/main/docs/cmdlets/Get-ModelSuppression.md")]
[OutputType(typeof(ModelSuppression))]
public sealed class GetModelSuppressionCommand : ModelPathCmdlet
{
    [Parameter]
    public SwitchParameter Recurse { get; set; }

    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GuidelineCompleter))]
    public string[] Guideline { get; set; } = [];

    /// <summary>Only those that accept nothing any more.</summary>
    [Parameter]
    public SwitchParameter Unused { get; set; }

    protected override bool SearchesRecursively => Recurse;

    protected override void ProcessRecord()
    {
        foreach (var input in FindInputs())
        {
            AuditResult? result = null;
            try
            {
                result = Auditor.Default.Audit(input, new() { MinimumSeverity = Severity.Information }, StopToken);
            }
            catch (OperationCanceledException)
            {
                ThrowIfStopped();
            }

            if (result?.Error is { } error)
            {
                WriteError(error, result.Path);
            }

            foreach (var suppression in result?.Suppressions ?? [])
            {
                var count = result!.SuppressedFindings.Count(f => f.By == suppression);
                if ((Unused && count > 0) || (Guideline.Length > 0 && !Guideline.Any(p => GuidelineCatalog.Matches(p, suppression.Guideline))))
                {
                    continue;
                }

                WriteObject(new ModelSuppression
                {
                    Path = result.Path,
                    Guideline = suppression.Guideline,
                    Reason = suppression.Reason is null ? null : Printable.Text(suppression.Reason),
                    File = suppression.File ?? result.Path,
                    FirstLine = suppression.FirstLine,
                    LastLine = suppression.LastLine,
                    Suppressed = count,
                });
            }
        }
    }
}
