using System.Management.Automation;
using ModelGuidelines.Audit;
using ModelGuidelines.Audit.Configuration;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.PowerShell;

/// <summary>Says whether AIMET's tools will take a model, in the order in which they would fail, and what to change.</summary>
/// <remarks>All guidelines are asked and no settings file is read: what a team accepts stops AIMET all the same.</remarks>
[Cmdlet(VerbsCommon.Get, "ModelReadiness", DefaultParameterSetName = PathSet, HelpUri = "https://github.com/ModelGuidelines/ModelGuidelines/blob/main/docs/cmdlets/Get-ModelReadiness.md")]
[OutputType(typeof(ModelReadiness))]
public sealed class GetModelReadinessCommand : AuditCmdlet
{
    [Parameter]
    [ValidateSet("Validator", "Preparer", "QuantSim", "Onnx", "Keras")]
    public string[] Tool { get; set; } = [];

    private protected override AuditSettings ForEngine(AuditPlan plan) => base.ForEngine(plan) with { MinimumSeverity = Severity.Information };

    private protected override void Emit(AuditResult result, string fullPath)
    {
        foreach (var tool in Audit.ModelReadiness.Of(result).Where(t => Tool.Length == 0 || Tool.Contains(t.Tool.ToString(), StringComparer.OrdinalIgnoreCase)))
        {
            WriteObject(Objects.Of(tool, result));
        }
    }
}
