using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;

namespace ModelGuidelines.PowerShell;

/// <summary>What the cmdlets that audit share: a session that audits in parallel, its results in order on the pipeline's thread, errors, progress.</summary>
public abstract class AuditCmdlet : ModelPathCmdlet
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(200);
    private readonly Queue<object> _inputs = new();
    private readonly List<object> _given = [];
    private AuditSession? _session;

    // Held as an object: an enum of the engine as a field would load the engine while the module is imported.
    private object? _minimumSeverity;
    private object? _settings;
    private object? _ledger;
    private long _lastProgress;

    [Parameter]
    public SwitchParameter Recurse { get; set; }

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

    /// <summary>Models of Python files, each by the expression that builds it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Entry { get; set; } = [];

    /// <summary>Folders in which Python's imports are sought too; env stands for PYTHONPATH.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] SearchPath { get; set; } = [];

    /// <summary>Modules that are no models, and are audited all the same.</summary>
    [Parameter]
    [ValidateSet("loss", "metric", "transform", "test")]
    public string[] IncludeRole { get; set; } = [];

    /// <summary>Findings in installed packages count for -FailOn too.</summary>
    [Parameter]
    public SwitchParameter FailOnExternal { get; set; }

    /// <summary>A commit: only what differs from it is audited, and Python files that import what does.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ChangedSince { get; set; }

    [Parameter]
    public Severity MinimumSeverity
    {
        get => _minimumSeverity is Severity severity ? severity : Severity.Warning;
        set => _minimumSeverity = value;
    }

    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    protected override bool SearchesRecursively => Recurse;

    /// <summary>How many files were audited; those that could not be are not among them.</summary>
    private protected int Audited { get; private set; }

    /// <summary>The least severity that must be looked for, whatever of it is shown. A number: an enum of the engine in the signature would load the engine while the module is imported.</summary>
    private protected virtual int Looked => (int)MinimumSeverity;

    protected override void BeginProcessing()
    {
        foreach (var unknown in GuidelineCatalog.Unknown(Guideline.Concat(ExcludeGuideline)))
        {
            ThrowError("MG.Guideline.NotFound", $"There is no guideline '{unknown}'.", unknown);
        }

        _settings = new AuditSettings
        {
            Guidelines = [.. Guideline],
            ExcludedGuidelines = [.. ExcludeGuideline],
            ExcludedModules = [.. ExcludeModule],
            MinimumSeverity = (Severity)Looked,
            Parallelism = ThrottleLimit,
            SearchPath = [.. ResolveSearchPath()],
            IncludedRoles = [.. IncludeRole.Select(r => r.ToLowerInvariant())],
            LeftOut = new(),
        };
        _session = new(Auditor.Default, (AuditSettings)_settings);
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
            if (Entry.Length > 0 || ChangedSince is not null)
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

        if (Formats.RolesLeftOut.Line(((AuditSettings)_settings!).LeftOut!.Counts, "-IncludeRole") is { } leftOut)
        {
            WriteVerbose(leftOut);
        }

        if (_lastProgress != 0)
        {
            WriteProgress(new(0, "Auditing models", "done") { RecordType = ProgressRecordType.Completed });
        }
    }

    private void AddGiven()
    {
        var settings = (AuditSettings)_settings!;
        var inputs = EntryInputs.Apply(_given.Cast<AuditInput>(), [.. Entry.Select(Formats.ModelEntry.Parse)], settings.SearchPath, SessionState.Path.CurrentFileSystemLocation.ProviderPath);
        try
        {
            inputs = ChangedSince is null ? inputs : ChangedFiles.Select(inputs, ChangedSince, settings.SearchPath);
        }
        catch (Storage.ModelReadException e)
        {
            ThrowError(e.Id, e.Message, ChangedSince!);
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

        // A place goes out once, with the first file that comes to it.
        result = ((PlaceLedger)(_ledger ??= new PlaceLedger())).Settle(result);
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

        foreach (var unused in result.Suppressions.Where(s => !result.SuppressedFindings.Any(f => f.By == s)))
        {
            WriteVerbose($"{result.Path}: the suppression of {unused.Guideline} at line {unused.FirstLine} suppresses nothing");
        }

        if (_lastProgress != 0 && Stopwatch.GetElapsedTime(_lastProgress) < ProgressInterval)
        {
            return;
        }

        _lastProgress = Stopwatch.GetTimestamp();
        var session = _session!;
        WriteProgress(new(0, "Auditing models", string.Create(CultureInfo.InvariantCulture, $"{session.Taken} of {session.Added}: {result.Path}"))
        {
            PercentComplete = Math.Clamp(session.Taken * 100 / Math.Max(1, session.Added), 0, 100),
        });
    }
}
