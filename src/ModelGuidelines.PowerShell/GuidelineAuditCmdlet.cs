using System.Management.Automation;
using ModelGuidelines.Audit;
using ModelGuidelines.Audit.Configuration;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.PowerShell;

/// <summary>What the cmdlets share that audit for guidelines of the user's choice: parameters laid over a settings file.</summary>
public abstract class GuidelineAuditCmdlet : AuditCmdlet
{
    // Held as objects: enums of the engine as fields would load the engine while the module is imported.
    private object? _minimumSeverity;
    private object? _failOn;

    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GuidelineCompleter))]
    public string[] Guideline { get; set; } = [];

    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GuidelineCompleter))]
    public string[] ExcludeGuideline { get; set; } = [];

    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ModuleNameCompleter))]
    public string[] ExcludeModule { get; set; } = [];

    /// <summary>Findings in installed packages count for -FailOn too.</summary>
    [Parameter]
    public SwitchParameter FailOnExternal { get; set; }

    [Parameter]
    public Severity MinimumSeverity
    {
        get => _minimumSeverity is Severity severity ? severity : Severity.Warning;
        set => _minimumSeverity = value;
    }

    [Parameter]
    public FailOn FailOn
    {
        get => _failOn is FailOn failOn ? failOn : FailOn.Warning;
        set => _failOn = value;
    }

    /// <summary>A settings file, or none; without it modelguidelines.yaml is sought from the first path upward.</summary>
    [Parameter]
    [ArgumentCompleter(typeof(SettingsCompleter))]
    [ValidateNotNullOrEmpty]
    public string? Settings { get; set; }

    /// <summary>A SQLite file or a PostgreSQL server that keeps audits, so that nothing is audited again that is as it was; none: nowhere.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Store { get; set; }

    /// <summary>One of several equal parts: 3/16, or auto.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Shard { get; set; }

    private protected override bool UsesStore => true;

    private protected override bool TellsUnused => true;

    private protected override Shard? Part()
    {
        if (Shard is null)
        {
            return null;
        }

        try
        {
            return Audit.Shard.Parse(Shard, Environment.GetEnvironmentVariable);
        }
        catch (Storage.ModelReadException e)
        {
            ThrowError(e.Id, e.Message, Shard);
            return null;
        }
    }

    private protected override string? SettingsFile => SettingsNamed(Settings);

    private protected override AuditOptions Given() => base.Given() with
    {
        Guidelines = List(nameof(Guideline), Guideline),
        ExcludedGuidelines = List(nameof(ExcludeGuideline), ExcludeGuideline),
        ExcludedModules = List(nameof(ExcludeModule), ExcludeModule),
        MinimumSeverity = (Severity?)_minimumSeverity,
        FailOn = (FailOn?)_failOn,
        Store = Store is null or AuditPlan.NoFile ? Store : StoreNames.Resolve(Store, p => GetUnresolvedProviderPathFromPSPath(p)),
        FailOnExternal = MyInvocation.BoundParameters.ContainsKey(nameof(FailOnExternal)) ? FailOnExternal.ToBool() : null,
    };

    protected override void BeginProcessing()
    {
        foreach (var unknown in GuidelineCatalog.Unknown(Guideline.Concat(ExcludeGuideline)))
        {
            ThrowError("MG.Guideline.NotFound", $"There is no guideline '{unknown}'.", unknown);
        }

        base.BeginProcessing();
    }

    /// <summary>Whether a file fails by what is in force.</summary>
    private protected bool Fails(AuditResult result) => FailurePolicy.Fails(result, Plan().FailOn, Plan().Options.FailOnExternal == true);

    /// <summary>The result without what is below the severity that is shown.</summary>
    private protected AuditResult Shown(AuditResult result) => FailurePolicy.Filter(result, Plan().MinimumSeverity);
}
