using System.Globalization;
using System.Management.Automation;
using ModelGuidelines.Audit;
using ModelGuidelines.Audit.Configuration;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;

namespace ModelGuidelines.PowerShell;

/// <summary>Lists what accepts findings, comments and the settings file's suppressions, and how many each accepts.</summary>
[Cmdlet(VerbsCommon.Get, "ModelSuppression", DefaultParameterSetName = PathSet, HelpUri = "https://github.com/ModelGuidelines/ModelGuidelines/blob/main/docs/cmdlets/Get-ModelSuppression.md")]
[OutputType(typeof(ModelSuppression))]
public sealed class GetModelSuppressionCommand : AuditCmdlet
{
    /// <summary>Findings accepted by the settings file, by the line that accepts them.</summary>
    private readonly Dictionary<int, int> _accepted = [];

    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GuidelineCompleter))]
    public string[] Guideline { get; set; } = [];

    /// <summary>Only those that accept nothing any more.</summary>
    [Parameter]
    public SwitchParameter Unused { get; set; }

    /// <summary>A settings file, or none; without it modelguidelines.yaml is sought from the first path upward.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SettingsCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Settings { get; set; }

    private protected override string? SettingsFile => SettingsNamed(Settings);

    private protected override AuditSettings ForEngine(AuditPlan plan) => base.ForEngine(plan) with { MinimumSeverity = Severity.Information };

    private protected override void Emit(AuditResult result, string fullPath)
    {
        foreach (var suppression in result.Suppressions)
        {
            Emit(new()
            {
                Path = result.Path,
                Guideline = suppression.Guideline,
                Reason = suppression.Reason is null ? null : Printable.Text(suppression.Reason),
                File = suppression.File ?? result.Path,
                FirstLine = suppression.FirstLine,
                LastLine = suppression.LastLine,
                Suppressed = result.SuppressedFindings.Count(f => f.By == suppression),
            });
        }

        foreach (var (_, by) in result.SuppressedFindings.Where(f => f.By.File == Plan().SettingsFile))
        {
            _accepted[by.FirstLine] = _accepted.GetValueOrDefault(by.FirstLine) + 1;
        }
    }

    protected override void EndProcessing()
    {
        base.EndProcessing();
        foreach (var suppression in Plan().Suppressions)
        {
            Emit(new()
            {
                Path = string.Join(", ", suppression.Path),
                Guideline = suppression.Guideline,
                Module = suppression.Module,
                Reason = Printable.Text(suppression.Reason),
                Expires = suppression.Expires?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
                File = Plan().SettingsFile!,
                FirstLine = suppression.Line,
                LastLine = suppression.Line,
                Suppressed = _accepted.GetValueOrDefault(suppression.Line),
            });
        }
    }

    private void Emit(ModelSuppression suppression)
    {
        if ((!Unused || !suppression.IsUsed) && (Guideline.Length == 0 || Guideline.Any(p => GuidelineCatalog.Matches(p, suppression.Guideline))))
        {
            WriteObject(suppression);
        }
    }
}
