using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Runtime.CompilerServices;
using ModelGuidelines.Audit;
using ModelGuidelines.Audit.Configuration;
using ModelGuidelines.Formats;
using ModelGuidelines.Reports;
using ModelGuidelines.Store;

namespace ModelGuidelines.PowerShell;

/// <summary>What the cmdlets that audit share: a session that audits in parallel, its results in order on the pipeline's thread, errors, progress.</summary>
public abstract class AuditCmdlet : ModelPathCmdlet
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(200);
    private readonly Queue<object> _inputs = new();
    private readonly List<object> _given = [];
    private AuditSession? _session;

    // Held as objects: types of the engine in fields would load the engine while the module is imported.
    private object? _plan;
    private object? _settings;
    private object? _ledger;
    private object? _unused;
    private object? _orders;
    private object? _pace;
    private IDisposable? _kept;
    private long _lastProgress;

    [Parameter]
    public SwitchParameter Recurse { get; set; }

    /// <summary>Models of Python files, each by the expression that builds it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(EntryCompleter))]
    public string[] Entry { get; set; } = [];

    /// <summary>Folders in which Python's imports are sought too; env stands for PYTHONPATH.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] SearchPath { get; set; } = [];

    /// <summary>Module classes for which the user has registered quantized definitions with AIMET.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] AimetDefinition { get; set; } = [];

    /// <summary>Seconds for one file; 0: no end.</summary>
    [Parameter]
    [ValidateRange(0, 1_000_000)]
    public double TimeLimit { get; set; } = 60;

    /// <summary>Modules that are no models, and are audited all the same.</summary>
    [Parameter]
    [ValidateSet("loss", "metric", "transform", "test", "dataset", "trainer", "optimizer", "preprocessor")]
    public string[] IncludeRole { get; set; } = [];

    /// <summary>A commit: only what differs from it is audited, and Python files that import what does.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ChangedSince { get; set; }

    /// <summary>Globs of the only files to audit of those that a search finds.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Include { get; set; } = [];

    /// <summary>Globs of files and folders to pass over in a search.</summary>
    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    public string[] Exclude { get; set; } = [];

    /// <summary>A search does not pass over what git ignores.</summary>
    [Parameter]
    public SwitchParameter NoGitIgnore { get; set; }

    [Parameter]
    [Alias("Jobs")]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    protected override bool SearchesRecursively => Recurse;

    /// <summary>How many files were audited; those that could not be are not among them.</summary>
    private protected int Audited { get; private set; }

    /// <summary>The settings file; none: without any; null: the one that is found.</summary>
    private protected virtual string? SettingsFile => AuditPlan.NoFile;

    /// <summary>The settings file that a parameter names.</summary>
    private protected string? SettingsNamed(string? given) => given is null or AuditPlan.NoFile ? given : GetUnresolvedProviderPathFromPSPath(given);

    /// <summary>What is in force: the parameters over the settings file over the defaults.</summary>
    private protected AuditPlan Plan() => (AuditPlan)_plan!;

    /// <summary>What the engine audits for.</summary>
    private protected AuditSettings Asked() => (AuditSettings)_settings!;

    /// <summary>The folders in which imports were sought.</summary>
    private protected ImmutableArray<string> Searched => Asked().SearchPath;

    /// <summary>How many modules of each role were left out.</summary>
    private protected ImmutableSortedDictionary<string, int> LeftOut => Asked().LeftOut!.Counts;

    /// <summary>What the parameters ask for; what is not given is null.</summary>
    private protected virtual AuditOptions Given() => new()
    {
        Source = "parameter",
        Include = List(nameof(Include), Include),
        Exclude = List(nameof(Exclude), Exclude),
        GitIgnore = MyInvocation.BoundParameters.ContainsKey(nameof(NoGitIgnore)) ? !NoGitIgnore : null,
        FollowLinks = MyInvocation.BoundParameters.ContainsKey(nameof(FollowLinks)) ? FollowLinks.ToBool() : null,
        IncludedRoles = List(nameof(IncludeRole), IncludeRole.Select(r => r.ToLowerInvariant())),
        SearchPath = List(nameof(SearchPath), ResolveSearchPath()),
        Entries = List(nameof(Entry), Entry),
        DefinedClasses = List(nameof(AimetDefinition), AimetDefinition),
        TimeLimit = MyInvocation.BoundParameters.ContainsKey(nameof(TimeLimit)) ? TimeLimit : null,
    };

    /// <summary>Which of several equal parts is audited; null: all. Known once the settings are.</summary>
    private protected virtual Shard? Part() => null;

    /// <summary>Whether the run belongs into a store.</summary>
    private protected virtual bool UsesStore => false;

    /// <summary>Whether a place goes out once, with the first file that comes to it; else who puts parts together sees to that.</summary>
    private protected virtual bool Settles => true;

    /// <summary>The values of a parameter; null where it is not given.</summary>
    private protected ImmutableArray<string>? List(string parameter, IEnumerable<string> values) => MyInvocation.BoundParameters.ContainsKey(parameter) ? [.. values] : null;

    /// <summary>Whether suppressions that suppress nothing are told.</summary>
    private protected virtual bool TellsUnused => false;

    /// <summary>What the engine audits for, from what is in force.</summary>
    private protected virtual AuditSettings ForEngine(AuditPlan plan) => plan.AuditSettings(SessionState.Path.CurrentFileSystemLocation.ProviderPath);

    private protected override InputFinder NewFinder() => Plan().Finder(FormatRegistry.Default, StopToken);

    protected override void BeginProcessing()
    {
        var here = SessionState.Path.CurrentFileSystemLocation.ProviderPath;
        try
        {
            _plan = AuditPlan.Create(Given(), SettingsFile, FirstPath(), here, DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime));
        }
        catch (Storage.ModelReadException e)
        {
            ThrowError(e.Id, e.Message, SettingsFile ?? AuditPlan.FileName);
        }

        foreach (var warning in Plan().Warnings)
        {
            WriteWarning(warning);
        }

        if (Plan().SettingsFile is { } file)
        {
            WriteVerbose($"Settings: {file}");
        }

        try
        {
            _settings = ForEngine(Plan()) with { Parallelism = ThrottleLimit, LeftOut = new() };
        }
        catch (DirectoryNotFoundException e)
        {
            ThrowError("MG.Input.NotFound", e.Message, nameof(SearchPath));
        }

        if (UsesStore && Plan().Store is { } store)
        {
            OpenStore(store, here);
        }

        _pace = new AuditPace(null, TimeProvider.System);
        _session = new(Auditor.Default, (AuditSettings)_settings!);
    }

    // Apart, so that databases are loaded where one is used.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void OpenStore(string store, string here)
    {
        try
        {
            var kept = KeptRun.Begin(store, here, Part()?.ToString(), Part()?.Group, StopToken);
            _kept = kept;
            _settings = (AuditSettings)_settings! with { Memory = kept.Memory };
        }
        catch (Storage.ModelReadException e)
        {
            ThrowError(e.Id, e.Message, store);
        }
    }

    /// <summary>Notes a result, or that there is none any more.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Keep(AuditResult? result)
    {
        try
        {
            if (result is null)
            {
                ((KeptRun)_kept!).End();
            }
            else
            {
                ((KeptRun)_kept!).Report([result]);
            }
        }
        catch (Storage.ModelReadException e)
        {
            WriteError(new AuditError(e.Id, e.Message, null), Plan().Store!); // what was found is there all the same
        }
    }

    /// <summary>Finished runs of the store that keeps this one, which is the last; none without a store.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private protected ImmutableArray<PastRun> Past()
    {
        try
        {
            return _kept is null ? [] : ((KeptRun)_kept).History();
        }
        catch (Storage.ModelReadException e)
        {
            ThrowError(e.Id, e.Message, Plan().Store!);
            return [];
        }
    }

    /// <summary>The first path that was named, from whose folder the settings file is sought; null for a pipeline: the current folder.</summary>
    private string? FirstPath()
    {
        if ((ParameterSetName == LiteralPathSet ? LiteralPath : ParameterSetName == PathSet ? Path : []) is not [var first, ..])
        {
            return null;
        }

        try
        {
            var full = SessionState.Path.GetUnresolvedProviderPathFromPSPath(first, out var provider, out _);
            return provider.Name == "FileSystem" ? full : null;
        }
        catch (Exception e) when (e is System.Management.Automation.DriveNotFoundException or ProviderNotFoundException or ProviderInvocationException or NotSupportedException or ArgumentException)
        {
            return null; // said where the path is resolved
        }
    }

    private IEnumerable<string> ResolveSearchPath()
    {
        foreach (var folder in SearchPath)
        {
            var full = folder == Audit.SearchPath.Environment ? folder : GetUnresolvedProviderPathFromPSPath(folder);
            if (folder != Audit.SearchPath.Environment && !Directory.Exists(full))
            {
                ThrowError("MG.Input.NotFound", $"The folder '{folder}' of the search path does not exist.", folder);
            }

            foreach (var found in Audit.SearchPath.Resolve([full], SessionState.Path.CurrentFileSystemLocation.ProviderPath, Environment.GetEnvironmentVariable("PYTHONPATH")))
            {
                yield return found;
            }
        }
    }

    protected override void ProcessRecord()
    {
        foreach (var input in FindInputs())
        {
            if (!Plan().Entries.IsEmpty || ChangedSince is not null || Part() is not null)
            {
                _given.Add(input); // which file an entry belongs to, and who imports what, is known when all are
            }
            else
            {
                Add(input);
            }
        }
    }

    private void Add(object input)
    {
        _inputs.Enqueue(input);
        _session!.Add((AuditInput)input);
        while (_session.IsReady)
        {
            Take();
        }
    }

    protected override void EndProcessing()
    {
        AddGiven();

        while (!_session!.IsEmpty)
        {
            Take();
        }

        if (_kept is not null)
        {
            Keep(null);
        }

        foreach (var line in TellsUnused ? ((UnusedSuppressions?)_unused)?.Lines("Get-ModelSuppression -Unused") ?? [] : [])
        {
            WriteWarning(line);
        }

        if (RolesLeftOut.Line(LeftOut, "-IncludeRole") is { } leftOut)
        {
            WriteVerbose(leftOut);
        }

        if (LinksOutside > 0)
        {
            WriteVerbose(string.Create(CultureInfo.InvariantCulture, $"{(LinksOutside == 1 ? "1 link leads" : $"{LinksOutside} links lead")} out of what was named and {(LinksOutside == 1 ? "was" : "were")} passed over; -FollowLinks follows."));
        }

        if (Ignored is { } ignored)
        {
            var line = $"{ignored}; -NoGitIgnore audits them.";
            if (Audited == 0)
            {
                WriteWarning(line);
            }
            else
            {
                WriteVerbose(line);
            }
        }

        if (_lastProgress != 0)
        {
            WriteProgress(new(0, "Auditing models", "done") { RecordType = ProgressRecordType.Completed });
        }
    }

    private void AddGiven()
    {
        var settings = (AuditSettings)_settings!;
        var inputs = EntryInputs.Apply(_given.Cast<AuditInput>(), Plan().Entries, settings.SearchPath, SessionState.Path.CurrentFileSystemLocation.ProviderPath);
        try
        {
            inputs = ChangedSince is null ? inputs : ChangedFiles.Select(inputs, ChangedSince, settings.SearchPath, StopToken);
        }
        catch (Storage.ModelReadException e)
        {
            ThrowError(e.Id, e.Message, ChangedSince!);
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }

        if (Part() is { } part)
        {
            var own = part.Select([.. inputs]);
            _orders = own.ToDictionary(o => (object)o.Input, o => o.Order, ReferenceEqualityComparer.Instance);
            inputs = own.Select(o => o.Input);
        }

        foreach (var input in inputs)
        {
            Add(input);
        }
    }

    protected override void StopProcessing()
    {
        base.StopProcessing();
        _session?.Stop();
    }

    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
        {
            _session?.Dispose();
            _kept?.Dispose();
        }
    }

    /// <summary>One more result, in the order of the inputs, on the pipeline's thread.</summary>
    /// <param name="result">All that is said of the file; its error has been written.</param>
    /// <param name="fullPath">Where the file is.</param>
    private protected abstract void Emit(AuditResult result, string fullPath);

    private void Take()
    {
        AuditResult? result;
        try
        {
            result = _session!.Take();
        }
        catch (OperationCanceledException)
        {
            // Stopped from outside. Going on would ask for the same result for ever.
            throw new PipelineStoppedException();
        }

        var input = (AuditInput)_inputs.Dequeue();
        if (result is null)
        {
            return; // found by a search, and no model
        }

        ((UnusedSuppressions)(_unused ??= new UnusedSuppressions((AuditSettings)_settings!))).Add(result);
        result = Settles ? ((PlaceLedger)(_ledger ??= new PlaceLedger())).Settle(result) : result with { Order = ((Dictionary<object, int>)_orders!)[input] };
        if (_kept is not null)
        {
            Keep(result);
        }

        Report(result);
        if (result.Error is { } error)
        {
            WriteError(error, result.Path);
        }
        else
        {
            Audited++;
        }

        Emit(result, input.FullPath);
    }

    private void Report(AuditResult result)
    {
        var exporter = result.Exporter is null ? "" : $", {Printable.Text(result.Exporter)}";
        WriteVerbose(string.Create(
            CultureInfo.InvariantCulture,
            $"Read {result.Path} in {result.Elapsed.TotalMilliseconds:F1} ms: {(result.Format.Length == 0 ? "no model" : result.Format)}{exporter}, {result.Findings.Length} findings, {result.Suppressed} suppressed"));
        foreach (var outcome in result.Guidelines)
        {
            WriteDebug($"{result.Path}: {outcome.Guideline}: {outcome.Outcome}{(outcome.Reason is null ? "" : $": {Printable.Text(outcome.Reason)}")}");
        }

        if (_lastProgress != 0 && Stopwatch.GetElapsedTime(_lastProgress) < ProgressInterval)
        {
            return;
        }

        _lastProgress = Stopwatch.GetTimestamp();
        var session = _session!;
        var pace = (AuditPace)_pace!;
        pace.Done = session.Taken;
        WriteProgress(new(0, "Auditing models", string.Create(CultureInfo.InvariantCulture, $"{session.Taken} of {session.Added}: {Printable.Text(result.Path)}"))
        {
            CurrentOperation = string.Create(CultureInfo.InvariantCulture, $"{pace.Rate:0.0} files/s"),
            PercentComplete = Math.Clamp(session.Taken * 100 / Math.Max(1, session.Added), 0, 100),
        });
    }
}
