using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using ModelGuidelines.Audit;
using ModelGuidelines.Audit.Configuration;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;
using ModelGuidelines.Reports.Pipelines;

namespace ModelGuidelines.PowerShell;

/// <summary>The one line for a step of a pipeline: audits, says what is wrong, writes reports, marks findings for the server, and fails the step.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "ModelAudit", DefaultParameterSetName = PathSet, HelpUri = "https://github.com/ModelGuidelines/ModelGuidelines/blob/main/docs/cmdlets/Invoke-ModelAudit.md")]
[OutputType(typeof(AuditRun))]
public sealed class InvokeModelAuditCommand : GuidelineAuditCmdlet
{
    private readonly List<object> _results = [];
    private readonly HashSet<string> _audited = [];
    private readonly long _started = Stopwatch.GetTimestamp();
    private List<object>? _baseline;
    private string? _root;

    /// <summary>Reports to write; the extension tells the format.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[] Report { get; set; } = [];

    /// <summary>A report whose findings are known.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Baseline { get; set; }

    [Parameter]
    public SwitchParameter UpdateBaseline { get; set; }

    [Parameter]
    [ValidateSet("Auto", "Azure", "GitHub", "None")]
    public string Annotate { get; set; } = "Auto";

    /// <summary>A step audits folders as a whole.</summary>
    protected override bool SearchesRecursively => true;

    /// <summary>The report of a part is for a merge, which knows which file holds a place.</summary>
    private protected override bool Settles => Shard is null;

    private protected override AuditOptions Given() => base.Given() with
    {
        Reports = MyInvocation.BoundParameters.ContainsKey(nameof(Report)) ? [.. Report.Select(p => new ReportRequest(ReportTarget.FormatOf(p)!.ToLowerInvariant(), p))] : null,
        Baseline = Baseline,
    };

    private protected override AuditSettings ForEngine(AuditPlan plan) => base.ForEngine(plan) with
    {
        Pictures = (plan.Options.Reports ?? []).Any(r => ReportWriters.Find(r.Format) is { ShowsPictures: true }),
    };

    protected override void BeginProcessing()
    {
        if (OutputConflict.Find(Report.Select(FilePath).OfType<string>(), []) is { } twice)
        {
            ThrowError("MG.Report.Options", twice, nameof(Report));
        }

        foreach (var path in Report.Where(p => ReportTarget.FormatOf(p) is null))
        {
            ThrowError("MG.Report.Options", $"The extension of '{path}' tells no format: .sarif, .json, .xml, .html, .md and .csv do.", path);
        }

        base.BeginProcessing();
        if (UpdateBaseline && Plan().Options.Baseline is null)
        {
            ThrowError("MG.Report.Options", "-UpdateBaseline needs -Baseline, the file to write.", nameof(UpdateBaseline));
        }

        _baseline = ReadBaseline(Plan().Options.Baseline);
    }

    private protected override void Emit(AuditResult result, string fullPath)
    {
        _results.Add(result);
        _audited.Add(fullPath);
    }

    protected override void EndProcessing()
    {
        base.EndProcessing();
        var results = _results.Cast<AuditResult>().ToList();
        IReadOnlyList<AuditResult> all = results;
        var gone = 0;
        var knownBefore = 0;
        if (_baseline is not null)
        {
            (all, var away) = Audit.Baseline.Mark(_baseline.Cast<AuditResult>(), results, IsGone, Here, Asked());
            (gone, knownBefore) = (away.Count, all.Sum(r => r.Findings.Count(f => f.BaselineState == Audit.Baseline.Unchanged)));
            all = UpdateBaseline ? Audit.Baseline.Mark(results, results, IsGone, Here).Results : all; // from now on all is known
        }

        var known = new HashSet<Guidelines.Finding>(all.SelectMany(r => r.Findings).Where(f => f.BaselineState == Audit.Baseline.Unchanged), ReferenceEqualityComparer.Instance);
        var shown = all.Select(Shown).ToList();
        Say(shown, known);
        var run = new RunInfo
        {
            Settings = Plan().SettingsFile,
            Shard = Part()?.ToString(),
            SearchPath = Searched,
            Entries = [.. Plan().Entries.Select(e => e.ToString())],
            Baseline = Plan().Options.Baseline,
            Fixed = _baseline is null ? null : gone,
            LeftOut = LeftOut,
            History = Past(),
        };
        var reports = WriteReports(new(shown) { Run = run }, results);
        var failing = all.Count(Fails);
        var unreadable = results.Count(r => r.Error is not null);
        var succeeded = failing == 0 && unreadable == 0 && (Audited > 0 || MayBeNothing);
        var summary = ReportSummary.Of(shown);
        foreach (var line in BuildServer.Find(Annotate, SessionState.Path.CurrentFileSystemLocation.ProviderPath, Environment.GetEnvironmentVariable)
            ?.Publish(new(shown) { Run = run }, FailurePolicy.Verdict(all, Plan().FailOn, Plan().Options.FailOnExternal == true)) ?? [])
        {
            Write(line);
        }

        Write("");
        Write($"{summary}.{(_baseline is null ? "" : string.Create(CultureInfo.InvariantCulture, $" Against the baseline: {all.Sum(r => r.Findings.Length) - knownBefore} new, {gone} fixed, {knownBefore} known."))}");
        WriteObject(new AuditRun(summary)
        {
            Succeeded = succeeded,
            FailOn = Plan().FailOn.ToString(),
            New = _baseline is null ? shown.Sum(r => r.Findings.Count(f => f.Outcome is Outcome.Fail)) : all.Sum(r => r.Findings.Length) - known.Count,
            Fixed = gone,
            Known = known.Count,
            Reports = new(reports),
            Findings = new([.. shown.SelectMany(r => r.Findings).Where(f => f.Outcome is Outcome.Fail).Select(f => Objects.Of(f))]),
            Seconds = Math.Round(Stopwatch.GetElapsedTime(_started).TotalSeconds, 3),
        });
        if (!succeeded)
        {
            Fail(results.Count == 0 && !MayBeNothing ? "no model was audited" : failing > 0 ? $"{failing} of {results.Count} files fail (-FailOn {Plan().FailOn})" : $"{unreadable} of {results.Count} files could not be audited");
        }
    }

    /// <summary>A part of little, and what changed, may be no model.</summary>
    private bool MayBeNothing => Shard is not null || ChangedSince is not null;

    /// <summary>Ends the script that the cmdlet stands in, as throw does: a mere error of a statement would let a step go on and succeed.</summary>
    private void Fail(string reason)
    {
        var record = Errors.Record(new("MG.Audit.Failed", $"The audit failed: {reason}.", null), MyInvocation.MyCommand.Name);
        InvokeCommand.InvokeScript(false, ScriptBlock.Create("param($record) throw $record"), null, record);
    }

    private string Here => SessionState.Path.CurrentFileSystemLocation.ProviderPath;

    private bool IsGone(string path) => FilePath(path) is not { } full || !System.IO.Path.Exists(full);

    private List<object>? ReadBaseline(string? baseline)
    {
        if (baseline is null || FilePath(baseline) is not { } path)
        {
            return null;
        }

        if (!File.Exists(path))
        {
            if (!UpdateBaseline)
            {
                ThrowError("MG.Input.NotFound", $"There is no baseline '{baseline}'; -UpdateBaseline writes one.", baseline);
            }

            return [];
        }

        try
        {
            return [.. Audit.Baseline.Read(path, Here, out _root)];
        }
        catch (Storage.ModelReadException e)
        {
            ThrowError(e.Id, e.Message, baseline);
            return null;
        }
    }

    private void Say(List<AuditResult> results, HashSet<Guidelines.Finding> known)
    {
        foreach (var result in results)
        {
            ThrowIfStopped();
            foreach (var line in ConsoleSummary.Summary(result, known))
            {
                Write(line);
            }
        }
    }

    private List<string> WriteReports(AuditReport shown, List<AuditResult> all)
    {
        var written = new List<string>();
        foreach (var (path, format) in (Plan().Options.Reports ?? []).Select(r => (r.File, (string?)r.Format)).Concat(UpdateBaseline ? [(Plan().Options.Baseline!, null)] : []))
        {
            if (FilePath(path) is not { } full)
            {
                continue;
            }

            if (OutputConflict.Find([full], _audited.Select(p => new AuditInput(p, p))) is { } conflict)
            {
                WriteError(new("MG.Report.Options", conflict, null), path);
                continue;
            }

            try
            {
                ReportTarget.Write(full, format ?? "json", format is null ? Audit.Baseline.Updated(_baseline!.Cast<AuditResult>(), all, IsGone, Here, Asked(), _root) : shown, StopToken);
                written.Add(full);
            }
            catch (OperationCanceledException)
            {
                throw new PipelineStoppedException();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                WriteError(new("MG.Report.WriteFailed", e.Message, null), path);
            }
        }

        return written;
    }

    /// <summary>To the console, past the pipeline.</summary>
    private void Write(string line) => WriteInformation(new HostInformationMessage { Message = line }, ["PSHOST"]);
}
