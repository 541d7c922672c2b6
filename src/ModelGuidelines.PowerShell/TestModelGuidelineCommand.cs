using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;

namespace ModelGuidelines.PowerShell;

/// <summary>Audits models: emits one object per finding.</summary>
[Cmdlet(VerbsDiagnostic.Test, "ModelGuideline", DefaultParameterSetName = PathSet, HelpUri = "https://github.com/ModelGuidelines/ModelGuidelines/blob/main/docs/cmdlets/Test-ModelGuideline.md")]
[OutputType(typeof(Finding), typeof(bool), typeof(ReportSummary))]
public sealed class TestModelGuidelineCommand : ModelPathCmdlet, IDisposable
{
    private static readonly TimeSpan ProgressInterval = TimeSpan.FromMilliseconds(200);
    private readonly List<object> _results = [];
    private AuditSession? _session;

    // Held as an object: an enum of the engine as a field would load the engine while the module is imported.
    private object? _minimumSeverity;
    private long _lastProgress;
    private bool _failed;

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
    [ArgumentCompleter(typeof(ModuleNameCompleter))]
    public string[] ExcludeModule { get; set; } = [];

    [Parameter]
    public Severity MinimumSeverity
    {
        get => _minimumSeverity is Severity severity ? severity : Severity.Warning;
        set => _minimumSeverity = value;
    }

    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = Environment.ProcessorCount;

    [Parameter]
    public SwitchParameter Quiet { get; set; }

    [Parameter]
    public SwitchParameter Summary { get; set; }

    protected override bool SearchesRecursively => Recurse;

    protected override void BeginProcessing()
    {
        foreach (var unknown in GuidelineCatalog.Unknown(Guideline.Concat(ExcludeGuideline)))
        {
            ThrowTerminatingError(Errors.Record(new("MG.Guideline.NotFound", $"There is no guideline '{unknown}'.", null), unknown));
        }

        _session = new(Auditor.Default, new()
        {
            Guidelines = [.. Guideline],
            ExcludedGuidelines = [.. ExcludeGuideline],
            ExcludedModules = [.. ExcludeModule],
            MinimumSeverity = MinimumSeverity,
            Parallelism = ThrottleLimit,
        });
    }

    protected override void ProcessRecord()
    {
        foreach (var input in FindInputs())
        {
            if (Stopping)
            {
                return;
            }

            _session!.Add(input);
            while (_session.IsReady)
            {
                Emit();
            }
        }
    }

    protected override void EndProcessing()
    {
        while (!_session!.IsEmpty && !Stopping)
        {
            Emit();
        }

        if (_lastProgress != 0)
        {
            WriteProgress(new(0, "Auditing models", "done") { RecordType = ProgressRecordType.Completed });
        }

        if (Stopping)
        {
            return;
        }

        if (Summary)
        {
            WriteObject(ReportSummary.Of([.. _results.Cast<AuditResult>()]));
        }

        if (Quiet)
        {
            WriteObject(!_failed);
        }
    }

    protected override void StopProcessing() => _session?.Stop();

    /// <summary>Called when the pipeline ends, also when a command after this one has had enough.</summary>
    public void Dispose() => _session?.Dispose();

    /// <summary>Takes the next result and writes it to the streams, on the pipeline's thread as all writing here.</summary>
    private void Emit()
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

        if (result is null)
        {
            return; // found by a search, and no model
        }

        Report(result);
        if (result.Error is { } error)
        {
            _failed = true;
            WriteError(error, result.Path);
        }

        _failed |= FailurePolicy.Fails(result, FailOn.Warning);
        if (Summary)
        {
            _results.Add(result);
        }

        if (!Quiet && !Summary)
        {
            foreach (var finding in result.Findings)
            {
                WriteObject(finding);
            }
        }
        else if (Quiet)
        {
            foreach (var guideline in result.Guidelines.Where(g => g.Outcome is Outcome.Undecidable))
            {
                WriteWarning($"{result.Path}: {guideline.Guideline} cannot be decided: {Printable.Text(guideline.Reason)}");
            }
        }
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
        WriteProgress(new(0, "Auditing models", string.Create(CultureInfo.InvariantCulture, $"{session.Taken} of {session.Added}: {result.Path}"))
        {
            PercentComplete = Math.Clamp(session.Taken * 100 / Math.Max(1, session.Added), 0, 100),
        });
    }
}
