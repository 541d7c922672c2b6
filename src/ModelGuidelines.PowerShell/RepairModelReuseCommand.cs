using System.IO.Enumeration;
using System.Management.Automation;
using ModelGuidelines.Audit;
using ModelGuidelines.OnnxRuntime;
using ModelGuidelines.Repairs;
using ModelGuidelines.Repairs.Source;
using ModelGuidelines.Reports;
using ModelGuidelines.Storage;

namespace ModelGuidelines.PowerShell;

/// <summary>Undoes reuse: every further use of a module becomes an identical module of its own.</summary>
[Cmdlet(VerbsDiagnostic.Repair, "ModelReuse", DefaultParameterSetName = PathSet, SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium, HelpUri = "https://github.com/ModelGuidelines/ModelGuidelines/blob/main/docs/cmdlets/Repair-ModelReuse.md")]
[OutputType(typeof(ModelRepair))]
public sealed class RepairModelReuseCommand : ModelPathCmdlet
{
    // Files in the order in which they came, with what is asked for in each: findings come one by one, and a file is repaired once.
    private readonly List<Request> _files = [];
    private readonly List<Request> _waiting = [];
    private readonly Dictionary<string, Request> _byPath = new(StringComparer.Ordinal);

    // Held as objects: types of the engine in fields would load the engine while the module is imported.
    private readonly Dictionary<string, object> _folders = new(StringComparer.Ordinal);
    private readonly List<object> _results = [];

    private readonly List<string> _unknown = [];
    private object? _targets;

    [Parameter]
    public SwitchParameter Recurse { get; set; }

    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModuleNameCompleter))]
    public string[] Module { get; set; } = [];

    [Parameter]
    [SupportsWildcards]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ModuleNameCompleter))]
    public string[] ExcludeModule { get; set; } = [];

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? OutputPath { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string Suffix { get; set; } = ".repaired";

    [Parameter]
    public SwitchParameter InPlace { get; set; }

    [Parameter]
    public SwitchParameter Backup { get; set; }

    [Parameter]
    public SwitchParameter IncludeWeighted { get; set; }

    [Parameter]
    public SwitchParameter ShareParameters { get; set; }

    [Parameter]
    public SwitchParameter Force { get; set; }

    [Parameter]
    public SwitchParameter VerifyByRunning { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Diff { get; set; }

    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? CheckpointMap { get; set; }

    /// <summary>Of earlier versions, which ran every model.</summary>
    [Parameter(DontShow = true)]
    public SwitchParameter SkipVerification { get; set; }

    [Parameter]
    public SwitchParameter PassThru { get; set; }

    protected override bool SearchesRecursively => Recurse;

    protected override void BeginProcessing()
    {
        _targets = new RepairTargets();
        _unknown.AddRange(Module);
        if (new bool[] { InPlace, OutputPath is not null, MyInvocation.BoundParameters.ContainsKey(nameof(Suffix)) }.Count(w => w) > 1)
        {
            ThrowTerminatingError(Errors.Record(new("MG.Repair.Options", "-InPlace, -OutputPath and -Suffix exclude each other.", null), InPlace ? nameof(InPlace) : nameof(OutputPath)));
        }

        if (Backup && !InPlace && !Force)
        {
            ThrowTerminatingError(Errors.Record(new("MG.Repair.Options", "-Backup keeps what -InPlace or -Force replaces: give one of them.", null), nameof(Backup)));
        }
    }

    protected override void ProcessRecord()
    {
        var finding = ParameterSetName == InputObjectSet && InputObject is not null && IsFinding(InputObject) ? InputObject : null;
        var whole = new List<Request>();

        // All of them before the first is repaired: what is written lies beside what is searched.
        foreach (var input in FindInputs().ToList())
        {
            var isNew = !_byPath.TryGetValue(input.FullPath, out var request);
            if (isNew)
            {
                _byPath[input.FullPath] = request = new(input);
                _files.Add(request);
                (finding is null ? whole : _waiting).Add(request);
            }

            if (finding is null)
            {
                request!.Everything = true;
            }
            else
            {
                request!.Add(finding);
            }
        }

        Repair(whole);
    }

    protected override void EndProcessing()
    {
        Repair(_waiting);
        WriteFiles();
        foreach (var name in _files.Count > 0 ? _unknown : [])
        {
            WriteError(new("MG.Graph.NoSuchModule", $"no model has a module '{name}'", null), name);
        }

        if (_files.Count > 0)
        {
            WriteProgress(new(0, "Repairing models", "done") { RecordType = ProgressRecordType.Completed });
        }
    }

    private void Repair(List<Request> requests)
    {
        for (var i = 0; i < requests.Count; i++)
        {
            ThrowIfStopped();
            WriteProgress(new(0, "Repairing models", $"{_files.Count - requests.Count + i + 1} of {_files.Count}: {Printable.Text(((AuditInput)requests[i].Input).DisplayPath)}") { PercentComplete = i * 100 / requests.Count });
            try
            {
                Repair(requests[i]);
            }
            catch (OperationCanceledException)
            {
                ThrowIfStopped();
                throw;
            }
        }
    }

    private static bool IsFinding(PSObject piped) => PipedObject.Text(piped, "Guideline") is not null && PipedObject.Text(piped, "Outcome") is not null;

    private void Repair(Request request)
    {
        var input = (AuditInput)request.Input;
        var patterns = Module.Length > 0 ? Module : ["*"];
        var settings = new RepairSettings
        {
            Modules = request.Everything ? [.. patterns] : [.. request.Modules.Where(m => Module.Length == 0 || patterns.Any(p => FileSystemName.MatchesSimpleExpression(p, m, ignoreCase: false))).Select(Escape)],
            Guidelines = request.Everything ? [] : [.. request.Guidelines],
            ExcludedModules = [.. ExcludeModule],
            InPlace = InPlace,
            OutputFolder = OutputPath is null ? null : GetUnresolvedProviderPathFromPSPath(OutputPath),
            Suffix = Suffix,
            Backup = Backup,
            IncludeWeighted = IncludeWeighted,
            ShareParameters = ShareParameters,
            Force = Force,
            WhatIf = true,
            Folder = FolderOf(input.SearchedFolder),
            Targets = (RepairTargets?)_targets,
            Named = _byPath.Keys.ToHashSet(StringComparer.Ordinal),
            Accumulates = Diff is not null,
        };
        var isAsked = request.Everything || settings.Modules.Length > 0;
        var result = isAsked ? Repairer.Default.Repair(input, settings, StopToken) : new() { Path = input.DisplayPath, Status = RepairStatus.Unchanged };
        if (!result.Changes.IsEmpty && Diff is null)
        {
            var changes = string.Join(Environment.NewLine, RepairText.Changes(result).Concat(RepairText.Diff(result)));
            var name = Printable.InLog(input.DisplayPath);
            if (ShouldProcess($"{name}:{Environment.NewLine}{changes}", $"Repair '{name}' by these changes?{Environment.NewLine}{changes}", "Repair-ModelReuse"))
            {
                result = Repairer.Default.Repair(input, settings with { WhatIf = false, Verifier = VerifyByRunning ? Verifier() : null }, StopToken);
            }
        }

        result = result with
        {
            Left = [.. result.Left, .. request.Skipped.Select(s => new Repairs.LeftFinding(s.Guideline, s.Module, s.Reason))],
            Status = result.Status is RepairStatus.Unchanged && request.Skipped.Count > 0 ? RepairStatus.Refused : result.Status,
        };
        _results.Add(result);
        Report(result);
        if (result.Error is null && result.IsModel)
        {
            UnknownModules.Strike(_unknown, input, StopToken);
        }

        if (PassThru && result.IsModel)
        {
            WriteObject(Objects.Of(result));
        }
    }

    /// <summary>A name of a file is no pattern, whatever characters it has.</summary>
    private static string Escape(string name) => name.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("*", "\\*", StringComparison.Ordinal).Replace("?", "\\?", StringComparison.Ordinal);

    /// <summary>What is asked for in one file.</summary>
    /// <param name="input">The file.</param>
    private sealed class Request(object input)
    {
        public object Input { get; } = input;

        /// <summary>The file came by itself, and not by its findings.</summary>
        public bool Everything { get; set; }

        public HashSet<string> Modules { get; } = new(StringComparer.Ordinal);

        public HashSet<string> Guidelines { get; } = new(StringComparer.Ordinal);

        public List<LeftFinding> Skipped { get; } = [];

        public void Add(PSObject finding)
        {
            var guideline = PipedObject.Text(finding, "Guideline")!;
            var module = PipedObject.Text(finding, "Module");
            var outcome = PipedObject.Text(finding, "Outcome");
            var reason = outcome != "Fail" ? $"{outcome}: {PipedObject.Text(finding, "Reason") ?? PipedObject.Text(finding, "Message")}"
                : module is null || guideline is not ("PyTorch.ModuleReuse" or "Keras.LayerReuse" or "PyTorch.FunctionalCall") ? "findings of this guideline are repaired by hand: see its page"
                : null;
            if (reason is not null)
            {
                Skipped.Add(new() { Guideline = guideline, Module = module, Reason = reason });
                return;
            }

            Guidelines.Add(guideline);
            Modules.Add(module!);
            foreach (var instance in finding.Properties["Instances"]?.Value is IEnumerable<object> instances ? instances : [])
            {
                Modules.Add(instance.ToString()!);
            }
        }
    }

    private RepairFolder? FolderOf(string? folder) =>
        folder is null ? null : (RepairFolder)(_folders.TryGetValue(folder, out var known) ? known : _folders[folder] = new RepairFolder(folder));

    /// <summary>What was asked for beside the results.</summary>
    private void WriteFiles()
    {
        var results = _results.ConvertAll(r => (RepairResult)r);
        foreach (var (path, write) in new (string?, Action<Stream>)[] { (Diff, s => results.ForEach(r => s.Write(r.Diff?.ToBytes()))), (CheckpointMap, s => Reports.CheckpointMap.Write(s, results)) })
        {
            if (path is null)
            {
                continue;
            }

            try
            {
                var full = GetUnresolvedProviderPathFromPSPath(path);
                if (OutputConflict.Find([full], _files.Select(f => (AuditInput)f.Input)) is { } conflict)
                {
                    WriteError(new("MG.Report.Options", conflict, null), path);
                    continue;
                }

                using var output = OutputFile.CreateWithFolder(full);
                write(output.Stream);
                output.Complete();
                output.Commit();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                WriteError(new("MG.Report.WriteFailed", e.Message, null), path);
            }
        }
    }

    /// <summary>Apart from its caller, whose compilation would load the verifier's assembly when none is asked for.</summary>
    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static IEquivalenceVerifier Verifier() => new OnnxRuntimeVerifier();

    private void Report(RepairResult result)
    {
        if (result.Error is { } error)
        {
            WriteError(error, result.Path);
        }

        foreach (var line in RepairText.Left(result))
        {
            WriteWarning($"{result.Path}: left: {line}");
        }

        WriteVerbose($"{result.Path}: {result.Status}{(result.OutputPath is null ? "" : $", written to {result.OutputPath}")}");
        if (result.Verified is { } verified)
        {
            WriteVerbose($"{result.Path}: verified: {verified}{(result.Proof is null ? "" : $": {Printable.Text(result.Proof.Text)}")}");
        }

        if (result.Running is { } running)
        {
            if (running.Outcome is RunOutcome.NotRun)
            {
                WriteWarning($"{result.Path}: not run: {Printable.Text(running.Reason)}");
            }

            WriteVerbose($"{result.Path}: {running.Outcome}: {Printable.Text(running.ToString())}");
        }
    }
}
