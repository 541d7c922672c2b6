using System.Management.Automation;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.PowerShell;

/// <summary>Lists the guidelines.</summary>
[Cmdlet(VerbsCommon.Get, "ModelGuideline", HelpUri = "https://github.com/ModelGuidelines/ModelGuidelines/blob/main/docs/cmdlets/Get-ModelGuideline.md")]
[OutputType(typeof(ModelGuideline))]
public sealed class GetModelGuidelineCommand : ModelCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Guideline")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GuidelineCompleter))]
    [ValidateNotNullOrEmpty]
    public string[] Id { get; set; } = ["*"];

    /// <summary>A finding, live or deserialized: with -Explain it is explained in its own names.</summary>
    [Parameter(ValueFromPipeline = true)]
    [AllowNull]
    public PSObject? InputObject { get; set; }

    /// <summary>Writes the guidelines' pages instead: bad code, good code, what AIMET does.</summary>
    [Parameter]
    public SwitchParameter Explain { get; set; }

    protected override void ProcessRecord()
    {
        if (Explain && InputObject is not null && PipedObject.Text(InputObject, "Guideline") is not null && PipedObject.Text(InputObject, "Outcome") == "Fail")
        {
            ExplainFinding(InputObject);
            return;
        }

        foreach (var pattern in Id)
        {
            var found = GuidelineCatalog.All.Select(g => g.Descriptor).Where(d => GuidelineCatalog.Matches(pattern, d.Id)).ToList();
            WriteObject(found.Select(d => Explain ? (object)Reports.Explanation.Of(d) : Objects.Of(d)), enumerateCollection: true);
            if (found.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(pattern))
            {
                WriteError(new("MG.Guideline.NotFound", $"There is no guideline '{pattern}'.", null), pattern);
            }
        }
    }

    private void ExplainFinding(PSObject piped)
    {
        try
        {
            var audit = new PipedAudit();
            audit.Add(piped);
            WriteObject(audit.Report(StopToken).Results.SelectMany(r => r.Findings).Select(Reports.Explanation.Of), enumerateCollection: true);
        }
        catch (Storage.ModelReadException e)
        {
            WriteError(new(e.Id, e.Message, null), PipedObject.Name(piped));
        }
    }
}
