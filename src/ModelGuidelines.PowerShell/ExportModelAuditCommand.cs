using System.Collections.Immutable;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using ModelGuidelines.Audit;
using ModelGuidelines.Audit.Configuration;
using ModelGuidelines.Audit.Memory;
using ModelGuidelines.Reports;
using ModelGuidelines.Storage;
using ModelGuidelines.Store;

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

    /// <summary>A SQLite file or a PostgreSQL server that kept audits of this repository: the HTML page charts them.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Store { get; set; }

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
        var report = Pictured(FoundAgain.Locate(Results(_audit), FileNamed));
        if (Store is not null and not AuditPlan.NoFile)
        {
            report = report with { Run = report.Run with { History = Charted(Store) } };
        }

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

    private string? FileNamed(string name) => SessionState.Path.GetUnresolvedProviderPathFromPSPath(WildcardPattern.Escape(name)) is { } full && System.IO.Path.Exists(full) ? full : null;

    // Apart, so that databases are loaded where one is used.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private ImmutableArray<PastRun> Charted(string name)
    {
        try
        {
            using var store = AuditStore.OpenKept(StoreNames.Resolve(name, p => GetUnresolvedProviderPathFromPSPath(p)));
            var repository = AuditMemory.RepositoryOf(SessionState.Path.CurrentFileSystemLocation.ProviderPath);
            var past = PastRuns.In(store, repository);
            if (past.IsEmpty)
            {
                WriteWarning($"The store '{name}' holds no finished audit of '{repository}': the report charts none.");
            }

            return past;
        }
        catch (ModelReadException e)
        {
            ThrowError(e.Id, e.Message, name);
            return [];
        }
    }

    /// <summary>The report with the pictures that a format of it shows: of files that are still there and in which the same is found as was.</summary>
    private AuditReport Pictured(AuditReport report)
    {
        if (!Enumerable.Range(0, Path.Length).Any(i => ReportWriters.Find(FormatAt(i)!) is { ShowsPictures: true }))
        {
            return report;
        }

        try
        {
            return Reports.Pictures.Redrawing.Redraw(report, SessionState.Path.CurrentFileSystemLocation.ProviderPath, p => SessionState.Path.GetUnresolvedProviderPathFromPSPath(p), StopToken);
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }

    private string? FormatAt(int index) => Format.Length == 1 && Path.Length == 1 ? Format[0] : Format.Length == Path.Length ? Format[index] : Format.Length == 1 ? Format[0] : ReportTarget.FormatOf(Path[index]);
}
