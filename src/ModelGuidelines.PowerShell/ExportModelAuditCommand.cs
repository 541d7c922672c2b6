using System.Management.Automation;

namespace ModelGuidelines.PowerShell;

/// <summary>Writes the pipeline's objects as reports.</summary>
[Cmdlet(VerbsData.Export, "ModelAudit", SupportsShouldProcess = true, HelpUri = "https://github.com/ModelGuidelines/ModelGuidelines/blob/main/docs/cmdlets/Export-ModelAudit.md")]
[OutputType(typeof(FileInfo), typeof(Finding))]
public sealed class ExportModelAuditCommand : ReportCmdlet
{
    private readonly PipedAudit _audit = new();

    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    public string[] Path { get; set; } = [];

    [Parameter(Position = 1)]
    [ValidateSet("Sarif", "JUnit", "NUnit", "Html", "Markdown", "Csv", "Json")]
    public string[] Format { get; set; } = [];

    [Parameter(Mandatory = true, ValueFromPipeline = true)]
    [AllowNull]
    public PSObject? InputObject { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override void BeginProcessing()
    {
        if (Format.Length > 1 && Format.Length != Path.Length)
        {
            ThrowError("MG.Report.Options", $"There are {Path.Length} paths and {Format.Length} formats: give one format for each path, or none.", nameof(Format));
        }

        foreach (var path in Path.Where((_, i) => FormatAt(i) is null))
        {
            ThrowError("MG.Report.Options", $"The extension of '{path}' tells no format: give it with -Format.", path);
        }
    }

    protected override void ProcessRecord()
    {
        if (InputObject is null || !_audit.Add(InputObject))
        {
            WriteNotAnAudit(InputObject);
        }
        else if (PassThru)
        {
            WriteObject(InputObject);
        }
    }

    protected override void EndProcessing()
    {
        var report = Results(_audit);
        for (var i = 0; i < Path.Length; i++)
        {
            ThrowIfStopped();
            if (FilePath(Path[i]) is not { } full || !ShouldProcess(full, "Export-ModelAudit"))
            {
                continue;
            }

            try
            {
                ReportTarget.Write(full, FormatAt(i)!, report, StopToken);
                if (!PassThru)
                {
                    WriteObject(new FileInfo(full));
                }
            }
            catch (OperationCanceledException)
            {
                throw new PipelineStoppedException();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                WriteError(new("MG.Report.WriteFailed", e.Message, null), Path[i]);
            }
        }
    }

    private string? FormatAt(int index) => Format.Length == 1 && Path.Length == 1 ? Format[0] : Format.Length == Path.Length ? Format[index] : Format.Length == 1 ? Format[0] : ReportTarget.FormatOf(Path[index]);
}
