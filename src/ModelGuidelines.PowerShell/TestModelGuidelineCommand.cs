using System.Management.Automation;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;

namespace ModelGuidelines.PowerShell;

/// <summary>Audits models: emits one object per finding.</summary>
[Cmdlet(VerbsDiagnostic.Test, "ModelGuideline", DefaultParameterSetName = PathSet, HelpUri = "https://github.com/ModelGuidelines/ModelGuidelines/blob/main/docs/cmdlets/Test-ModelGuideline.md")]
[OutputType(typeof(Finding), typeof(UndecidableGuideline), typeof(AuditedFile), typeof(SuppressedFinding), typeof(bool), typeof(AuditSummary))]
public sealed class TestModelGuidelineCommand : AuditCmdlet
{
    private readonly List<object> _results = [];
    private object? _failOn;
    private bool _failed;

    [Parameter]
    public SwitchParameter Quiet { get; set; }

    [Parameter]
    public FailOn FailOn
    {
        get => _failOn is FailOn failOn ? failOn : FailOn.Warning;
        set => _failOn = value;
    }

    [Parameter]
    public SwitchParameter Summary { get; set; }

    [Parameter]
    [Alias("IncludePassed")]
    public SwitchParameter PassThru { get; set; }

    [Parameter]
    public SwitchParameter IncludeSuppressed { get; set; }

    /// <summary>What decides the answer of -Quiet is looked for, whatever -MinimumSeverity would show.</summary>
    private protected override int Looked => Math.Min((int)MinimumSeverity, (int)(Quiet ? FailurePolicy.Threshold(FailOn) : Severity.Error));

    protected override void BeginProcessing()
    {
        if (_failOn is not null && !Quiet)
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
            WriteObject(Objects.Of(ReportSummary.Of([.. _results.Cast<AuditResult>()])));
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
        _failed |= result.Error is not null || FailurePolicy.Fails(result, FailOn, FailOnExternal);
        if (Summary)
        {
            _results.Add(FailurePolicy.Filter(result, MinimumSeverity));
        }
        else if (!Quiet)
        {
            WriteObject(Objects.All(FailurePolicy.Filter(result, MinimumSeverity), fullPath, PassThru, IncludeSuppressed), enumerateCollection: true);
        }

        if (Quiet && FailOn is not FailOn.Undecidable)
        {
            foreach (var undecided in Objects.Undecided(result, fullPath))
            {
                WriteWarning($"{undecided.Path}: {undecided.Guideline} {undecided.Message}");
            }
        }
    }
}
