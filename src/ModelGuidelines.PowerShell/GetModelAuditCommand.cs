using System.Globalization;
using System.Management.Automation;
using ModelGuidelines.Audit.Configuration;
using ModelGuidelines.Audit.Memory;
using ModelGuidelines.Storage;
using ModelGuidelines.Store;

namespace ModelGuidelines.PowerShell;

/// <summary>What a store holds: runs, their trend, or what one of them found.</summary>
[Cmdlet(VerbsCommon.Get, "ModelAudit", DefaultParameterSetName = RunSet, HelpUri = "https://github.com/ModelGuidelines/ModelGuidelines/blob/main/docs/cmdlets/Get-ModelAudit.md")]
[OutputType(typeof(StoredAudit), typeof(GuidelineTrend), typeof(Finding), typeof(UndecidableGuideline))]
public sealed class GetModelAuditCommand : ModelCmdlet
{
    private const string RunSet = "Run";
    private const string IdSet = "Id";
    private const string TrendSet = "Trend";

    /// <summary>Runs whose findings are wanted.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = IdSet, ValueFromPipelineByPropertyName = true)]
    public long[] Id { get; set; } = [];

    /// <summary>How many findings of each guideline every run had.</summary>
    [Parameter(Mandatory = true, ParameterSetName = TrendSet)]
    public SwitchParameter Trend { get; set; }

    /// <summary>A SQLite file or a PostgreSQL server; without it the one of the settings file.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Store { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Settings { get; set; }

    [Parameter(ParameterSetName = RunSet)]
    [Parameter(ParameterSetName = TrendSet)]
    [ValidateRange(1, int.MaxValue)]
    public int Last { get; set; } = 20;

    /// <summary>Of every repository in the store.</summary>
    [Parameter(ParameterSetName = RunSet)]
    [Parameter(ParameterSetName = TrendSet)]
    public SwitchParameter All { get; set; }

    protected override void ProcessRecord()
    {
        try
        {
            Read();
        }
        catch (ModelReadException e)
        {
            ThrowError(e.Id, e.Message, Store ?? AuditPlan.FileName);
        }
    }

    private void Read()
    {
        var here = SessionState.Path.CurrentFileSystemLocation.ProviderPath;
        var name = Store is null or AuditPlan.NoFile ? Store : StoreNames.Resolve(Store, p => GetUnresolvedProviderPathFromPSPath(p));
        var settings = Settings is null or AuditPlan.NoFile ? Settings : GetUnresolvedProviderPathFromPSPath(Settings);
        var plan = AuditPlan.Create(new() { Source = "parameter", Store = name }, settings, null, here, DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime));
        if (plan.Store is not { } store)
        {
            ThrowError("MG.Store.Name", "Which store? Name it by -Store, or by 'store' in the settings.", nameof(Store));
            return;
        }

        using var opened = AuditStore.OpenKept(store);
        var repository = All ? null : AuditMemory.RepositoryOf(here);
        if (ParameterSetName == TrendSet)
        {
            foreach (var line in opened.Trend(repository, Last))
            {
                ThrowIfStopped();
                WriteObject(new GuidelineTrend { Id = line.Run, Started = line.Started, Guideline = line.Guideline, Severity = line.Severity, Findings = line.Findings, Files = line.Files });
            }
        }
        else if (ParameterSetName == RunSet)
        {
            foreach (var run in opened.Runs(repository, Last))
            {
                ThrowIfStopped();
                WriteObject(new StoredAudit(run));
            }
        }
        else
        {
            var known = opened.Runs(null, int.MaxValue).Select(r => r.Id).ToHashSet();
            foreach (var id in Id)
            {
                if (!known.Contains(id))
                {
                    WriteError(new("MG.Store.NoRun", string.Create(CultureInfo.InvariantCulture, $"The store holds no run {id}; Get-ModelAudit lists them."), null), id.ToString(CultureInfo.InvariantCulture));
                    continue;
                }

                foreach (var result in opened.Results(id))
                {
                    ThrowIfStopped();
                    WriteObject(Objects.All(result, null, withFile: false, withSuppressed: false), enumerateCollection: true);
                }
            }
        }
    }
}
