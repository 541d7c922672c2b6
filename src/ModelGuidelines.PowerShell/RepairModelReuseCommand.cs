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
[OutputType(typeof(RepairResult))]
public sealed class RepairModelReuseCommand : ModelPathCmdlet, IDisposable
{
    private readonly CancellationTokenSource _stop = new();

    // Files in the order in which they came, with the modules asked for in each: findings come one by one. Held as an object: see TestModelGuidelineCommand.
    private readonly List<(object Input, HashSet<string> Modules)> _files = [];
    private readonly Dictionary<string, int> _indices = new(StringComparer.Ordinal);

    // Held as objects, too.
    private readonly Dictionary<string, object> _folders = new(StringComparer.Ordinal);
    private readonly List<object> _results = [];

    private object? _targets;

    [Parameter]
    public SwitchParameter Recurse { get; set; }

    [Parameter(ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ModuleNameCompleter))]
    public string[] Module { get; set; } = [];

    [Parameter]
    [ArgumentCompleter(typeof(ModuleNameCompleter))]
    public string[] ExcludeModule { get; set; } = [];

    [Parameter]
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
    public string? Diff { get; set; }

    [Parameter]
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
        if (InPlace && (OutputPath is not null || MyInvocation.BoundParameters.ContainsKey(nameof(Suffix))))
        {
            ThrowTerminatingError(Errors.Record(new("MG.Repair.Options", "-InPlace excludes -OutputPath and -Suffix.", null), nameof(InPlace)));
        }

        if (Backup && !InPlace && !Force)
        {
            ThrowTerminatingError(Errors.Record(new("MG.Repair.Options", "-Backup keeps what -InPlace or -Force replaces: give one of them.", null), nameof(Backup)));
        }
    }

    protected override void ProcessRecord()
    {
        foreach (var input in FindInputs())
        {
            if (!_indices.TryGetValue(input.FullPath, out var index))
            {
                _indices[input.FullPath] = index = _files.Count;
                _files.Add((input, new(StringComparer.Ordinal)));
            }

            // A finding of a file as a whole names no module: the whole file is meant then.
            _files[index].Modules.UnionWith(Module is [] ? ["*"] : Module);
        }
    }

    protected override void EndProcessing()
    {
        foreach (var (input, modules) in _files)
        {
            if (Stopping)
            {
                return;
            }

            try
            {
                Repair((AuditInput)input, modules);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }

        WriteFiles();
    }

    protected override void StopProcessing() => _stop.Cancel();

    public void Dispose() => _stop.Dispose();

    private void Repair(AuditInput input, HashSet<string> modules)
    {
        var settings = new RepairSettings
        {
            Modules = [.. modules],
            ExcludedModules = [.. ExcludeModule],
            InPlace = InPlace,
            OutputFolder = OutputPath is null ? null : GetUnresolvedProviderPathFromPSPath(OutputPath),
            Suffix = Suffix,
            Backup = Backup,
            IncludeWeighted = IncludeWeighted,
            ShareParameters = ShareParameters,
            Folder = FolderOf(input.SearchedFolder),
            Force = Force,
            WhatIf = true,
            Targets = (RepairTargets?)_targets,
        };
        var result = Repairer.Default.Repair(input, settings, _stop.Token);
        if (!result.Changes.IsEmpty && Diff is null)
        {
            var changes = string.Join(Environment.NewLine, RepairText.Changes(result).Concat(RepairText.Diff(result)));
            if (ShouldProcess($"{input.DisplayPath}:{Environment.NewLine}{changes}", $"Repair '{input.DisplayPath}' by these changes?{Environment.NewLine}{changes}", "Repair-ModelReuse"))
            {
                result = Repairer.Default.Repair(input, settings with { WhatIf = false, Verifier = VerifyByRunning ? Verifier() : null }, _stop.Token);
            }
        }

        _results.Add(result);
        Report(result);
        if (PassThru && result.IsModel)
        {
            WriteObject(result);
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
            if (path is not null)
            {
                using var output = OutputFile.Create(GetUnresolvedProviderPathFromPSPath(path));
                write(output.Stream);
                output.Complete();
                output.Commit();
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
