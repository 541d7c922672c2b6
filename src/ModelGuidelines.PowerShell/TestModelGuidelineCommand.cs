using System.Management.Automation;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;

namespace ModelGuidelines.PowerShell;

/// <summary>Audits models: emits one object per finding.</summary>
[Cmdlet(VerbsDiagnostic.Test, "ModelGuideline", DefaultParameterSetName = PathSet, HelpUri = "https://github.com/ModelGuidelines/ModelGuidelines/blob/main/docs/cmdlets/Test-ModelGuideline.md")]
[OutputType(typeof(Finding), typeof(UndecidableGuideline), typeof(AuditedFile), typeof(SuppressedFinding), typeof(bool), typeof(AuditSummary))]
public sealed class TestModelGuidelineCommand : GuidelineAuditCmdlet
{
    private readonly List<object> _results = [];
    private bool _failed;

    [Parameter]
    public SwitchParameter Quiet { get; set; }

    [Parameter]
    public SwitchParameter Summary { get; set; }

    [Parameter]
    [Alias("IncludePassed")]
    public SwitchParameter PassThru { get; set; }

    [Parameter]
    public SwitchParameter IncludeSuppressed { get; set; }

    protected override void BeginProcessing()
    {
        if (MyInvocation.BoundParameters.ContainsKey(nameof(FailOn)) && !Quiet)
        {
            ThrowError("MG.Test.Options", "-FailOn decides the answer of -Quiet; to fail a step of a pipeline use Invoke-ModelAudit -FailOn.", nameof(FailOn));
        }

        base.BeginProcessing();
    }

    protected override void EndProcessing()
    {
        base.EndProcessing();
        if (Summary)
        {
            WriteObject(new AuditSummary(ReportSummary.Of([.. _results.Cast<AuditResult>()])));
        }

        if (Quiet)
        {
            if (Audited == 0)
            {
                WriteError(new("MG.Input.NothingAudited", $"No model was audited{(Recurse ? "" : "; -Recurse searches the folders in a folder")}.", null), MyInvocation.MyCommand.Name);
            }

            WriteObject(Audited > 0 && !_failed);
        }
    }

    private protected override void Emit(AuditResult result, string fullPath)
    {
        _failed |= result.Error is not null || Fails(result);
        if (Summary)
        {
            _results.Add(Shown(result));
        }
        else if (!Quiet)
        {
            WriteObject(Objects.All(Shown(result), fullPath, PassThru, IncludeSuppressed), enumerateCollection: true);
        }

        if (Quiet && Plan().FailOn is not FailOn.Undecidable)
        {
            foreach (var undecided in Objects.Undecided(result, fullPath))
            {
                WriteWarning($"{undecided.Path}: {undecided.Guideline} {undecided.Message}");
            }
        }
    }
}
