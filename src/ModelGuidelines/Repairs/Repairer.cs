using System.Collections.Immutable;
using System.Globalization;
using System.IO.Enumeration;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Repairs.Source;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs;

/// <summary>Repairs files: plans, writes, audits what was written, has it proven, and only then puts it in its place.</summary>
public sealed class Repairer(Auditor auditor, FormatRegistry formats, ImmutableArray<IFormatRepairer> repairers)
{
    private static readonly ImmutableArray<string> ReuseGuidelines = ["PyTorch.ModuleReuse", "Keras.LayerReuse"];

    /// <summary>Of ONNX graphs, whose initializers are given to others as they are.</summary>
    internal const string SharedParameter = "Aimet.SharedParameter";

    /// <summary>All formats that can be repaired: one line each.</summary>
    public static Repairer Default { get; } = new(Auditor.Default, FormatRegistry.Default,
    [
        new Onnx.OnnxRepairer(),
        new Keras.KerasArchiveRepairer(),
        new Keras.KerasHdf5Repairer(),
        new Keras.KerasJsonRepairer(),
        new Source.PythonSourceRepairer(),
    ]);

    /// <summary>Repairs one file on the calling thread.</summary>
    public RepairResult Repair(AuditInput input, RepairSettings settings, CancellationToken cancellation = default)
    {
        try
        {
            return input.Error is { } error ? Failed(input, error) : RepairFile(input, settings, cancellation);
        }
        catch (Exception e) when (ErrorOf(e) is { } error)
        {
            return Failed(input, error);
        }
    }

    private RepairResult RepairFile(AuditInput input, RepairSettings settings, CancellationToken cancellation)
    {
        if (input.IsOpened && !Directory.Exists(Path.GetDirectoryName(input.NamedPath)))
        {
            return Failed(input, new("MG.Repair.Name", "neither the name of the file nor that of its folder is UTF-8, and nothing can be written beside it: rename one of them first", null));
        }

        settings.Progress?.Report(new(input.DisplayPath, RepairStage.Reading));
        var stamp = FileStamp.Of(input);
        var texts = settings.Targets?.Texts;
        var audit = Audit(input.FullPath, input, texts, settings, cancellation);
        if (audit is null)
        {
            return input.IsGuess
                ? new() { Path = input.DisplayPath, Status = RepairStatus.Unchanged, IsModel = false }
                : Failed(input, new("MG.Input.UnknownFormat", "the content is of no format that can be audited", 0));
        }

        if (audit.Error is { } unread)
        {
            return Failed(input, unread);
        }

        var repairer = repairers.FirstOrDefault(r => r.Format == audit.Format);
        var findings = audit.Findings.Where(f => f.Outcome is Outcome.Fail && IsToRepair(f) && IsAskedFor(f, settings) && (ReuseGuidelines.Contains(f.Guideline, StringComparer.Ordinal) || repairer is ISourceRepairer || (f.Guideline == SharedParameter && repairer is Onnx.OnnxRepairer && !settings.ShareParameters))).ToList();
        var left = audit.Guidelines.Where(g => g.Outcome is Outcome.Undecidable && ReuseGuidelines.Contains(g.Guideline, StringComparer.Ordinal))
            .Select(g => new LeftFinding(g.Guideline, null, $"cannot be decided: {g.Reason}")).ToList();
        if (findings.Count == 0 || repairer is null)
        {
            left.AddRange(findings.Where(f => f.Severity > Severity.Information).Select(f => new LeftFinding(f.Guideline, f.Module, $"files of the format {audit.Format} cannot be repaired: repair the source and export again")));
            return new() { Path = input.DisplayPath, Status = left.Count > 0 ? RepairStatus.Refused : RepairStatus.Unchanged, Left = [.. left] };
        }

        using var source = new ModelSource(input.FullPath, settings.Limits, cancellation) { Texts = texts, Name = input.Handle is null ? null : input.DisplayPath };
        var format = formats.Detect(source) ?? throw new ModelReadException("MG.Repair.Changed", "the file was changed while it was being repaired");
        var plan = repairer.Plan(source, format.Read(source), findings, settings);

        // What is only worth knowing is repaired where that can be done, and is nothing to complain of where not.
        var quiet = findings.Where(f => f.Severity is Severity.Information).Select(f => (f.Guideline, f.Module)).Except(findings.Where(f => f.Severity > Severity.Information).Select(f => (f.Guideline, f.Module))).ToHashSet();
        left.AddRange(plan.Left.Where(l => !quiet.Contains((l.Guideline, l.Module))));
        var result = new RepairResult { Path = input.DisplayPath, Status = RepairStatus.Unchanged, Changes = plan.Changes, Left = [.. left] };
        if (plan.Changes.IsEmpty)
        {
            return result with { Status = left.Count > 0 ? RepairStatus.Refused : RepairStatus.Unchanged };
        }

        result = result with { Diff = plan.Diff(p => DiffName(p == input.FullPath ? input.DisplayPath : WrittenFiles.DisplayOf(input, p))), Others = [.. plan.Others.Select(o => new ChangedFile(WrittenFiles.DisplayOf(input, o.Path), null))] };
        result = settings.WhatIf ? result with { Status = RepairStatus.WhatIf } : Write(input, source, plan, result, findings, stamp, settings, cancellation);

        // What is not written over the original is what further repairs of this run go on from, in their diffs and in the folder of results.
        if (result.Status is RepairStatus.WhatIf ? settings.Accumulates : result.Status is RepairStatus.Repaired && settings.OutputFolder is not null)
        {
            settings.Targets?.GoOnFrom(plan.Texts);
        }

        return result;
    }

    private RepairResult Write(AuditInput input, ModelSource source, RepairPlan plan, RepairResult result, List<Finding> findings, FileStamp stamp, RepairSettings settings, CancellationToken cancellation)
    {
        using var files = WrittenFiles.Write(plan, input, stamp, settings, cancellation);

        // Source is read as what it will be, with the others as they will be: where it is written its imports may not be found.
        var written = files.TemporaryPath ?? input.FullPath;
        var again = Audit(plan.Texts is null ? written : input.FullPath, input, plan.Texts is { } changed ? ProjectTexts.Merged(settings.Targets?.Texts, changed) : null, settings, cancellation)
            ?? throw new ModelReadException("MG.Repair.Defect", "the repaired file is not recognised any more; nothing was written");
        if (again.Error is { } error)
        {
            throw new ModelReadException("MG.Repair.Defect", $"the repaired file cannot be read ({error.Id}: {error.Message}); nothing was written");
        }

        var guideline = again.Framework is Framework.Keras ? "Keras.LayerReuse" : "PyTorch.ModuleReuse";

        // What was found before and not changed is said already, once for each place.
        var repaired = plan.Changes.Select(c => c.Module).ToHashSet(StringComparer.Ordinal);
        var known = result.Left.Select(l => (l.Guideline, l.Module)).Concat(findings.SelectMany(f => f.Affected.Add(f.Module ?? "").Where(m => !repaired.Contains(m)).Select(m => (f.Guideline, (string?)m)))).ToHashSet();
        var remaining = again.Findings.Where(f => f is { Outcome: Outcome.Fail, Severity: > Severity.Information } && ReuseGuidelines.Contains(f.Guideline, StringComparer.Ordinal) && IsAskedFor(f, settings) && !known.Contains((f.Guideline, f.Module))
            && !(settings.ShareParameters && IsAskedSharing(f, plan.Changes)));
        result = result with { Left = [.. result.Left, .. remaining.DistinctBy(f => (f.Guideline, f.ModuleType, Pattern(f.Module ?? ""))).Select(f => new LeftFinding(f.Guideline, f.Module, $"still found after the repair: {f.Message}"))] };

        settings.Progress?.Report(new(input.DisplayPath, RepairStage.Proving));
        result = result with { Proof = Prove(source, plan, files, settings, cancellation) };
        if (result.Proof is { Holds: false, Text: var difference })
        {
            return result with
            {
                Status = RepairStatus.Refused,
                Changes = [],
                Diff = null,
                Others = [],
                Left = [.. result.Left, .. result.Changes.Select(c => new LeftFinding(c.Kind switch { RepairKind.FunctionalToModule => "PyTorch.FunctionalCall", RepairKind.ParameterCopy => SharedParameter, _ => guideline }, c.Module, $"the result could not be proven to compute the same, so nothing was written: {difference}")).Distinct()],
            };
        }

        if (settings.Verifier is { } verifier)
        {
            settings.Progress?.Report(new(input.DisplayPath, RepairStage.Running));
            result = result with { Running = plan.NotRunnable is { } reason ? RunComparison.NotRun(reason) : verifier.Compare(input.FullPath, written, cancellation) };
            if (result.Running.Outcome is RunOutcome.Different)
            {
                return result with { Status = RepairStatus.Failed, Error = new("MG.Repair.Different", $"the repaired model does not compute the same ({result.Running.Reason}); nothing was written", null) };
            }
        }

        files.Commit();
        return result with { Status = RepairStatus.Repaired, OutputPath = files.OutputPath, Others = [.. files.Others] };
    }

    private static StructureProof? Prove(ModelSource source, RepairPlan plan, WrittenFiles files, RepairSettings settings, CancellationToken cancellation)
    {
        using var written = files.TemporaryPath is { } path ? new ModelSource(path, settings.Limits, cancellation) : null;
        var others = files.OpenOthers(cancellation);
        try
        {
            return plan.Prove(source, written, others);
        }
        finally
        {
            others.Values.ToList().ForEach(o => o.Dispose());
        }
    }

    /// <summary>The modules of one place of the source differ by their numbers.</summary>
    private static string Pattern(string module) => string.Concat(module.Select(c => char.IsAsciiDigit(c) ? '*' : c)).Replace("**", "*", StringComparison.Ordinal);

    /// <summary>Whether a finding of the result says no more than that a new module shares its parameters with the first, as was asked.</summary>
    private static bool IsAskedSharing(Finding finding, ImmutableArray<RepairChange> changes) =>
        finding.Confidence is Confidence.Likely && finding.Aliases.Add(finding.Module ?? "").Any(name => changes.Any(c => name == c.NewModule || name.StartsWith(c.NewModule + ".", StringComparison.Ordinal)));

    /// <summary>The file's name in a diff, as <c>git apply</c> wants it wherever it runs: below the folder of its repository; outside of one below the current folder, or without its root.</summary>
    private static string DiffName(string path)
    {
        var full = Path.GetFullPath(path);
        var name = Path.GetRelativePath(Git.WorkTreeOf(Path.GetDirectoryName(full)) ?? Environment.CurrentDirectory, full);
        name = Path.IsPathRooted(name) || name.StartsWith("..", StringComparison.Ordinal) ? full[Path.GetPathRoot(full)!.Length..] : name;
        return name.Replace('\\', '/');
    }

    private AuditResult? Audit(string fullPath, AuditInput input, IReadOnlyDictionary<string, PythonFile>? texts, RepairSettings settings, CancellationToken cancellation) =>
        auditor.Audit(new(fullPath, input.DisplayPath) { IsGuess = true, Handle = fullPath == input.FullPath ? input.Handle : null }, new() { Limits = settings.Limits, Texts = texts, EveryInstance = true, MinimumSeverity = Severity.Information, Guidelines = ["PyTorch.*", "Keras.*", SharedParameter] }, cancellation);

    /// <summary>Whether a finding is repaired: of those for information, modules that compute nothing in inference, which train as others do, and are used once as others are.</summary>
    internal static bool IsToRepair(Finding finding) => finding.Severity > Severity.Information || ReuseGuidelines.Contains(finding.Guideline, StringComparer.Ordinal);

    internal static bool IsAskedFor(Finding finding, RepairSettings settings)
    {
        var module = finding.Module ?? "";
        return (settings.Modules.IsEmpty || settings.Modules.Any(p => FileSystemName.MatchesSimpleExpression(p, module, ignoreCase: false)))
            && (settings.Guidelines.IsEmpty || settings.Guidelines.Contains(finding.Guideline, StringComparer.Ordinal))
            && !settings.ExcludedModules.Any(e => ModuleNames.Covers(e, module));
    }

    private static RepairResult Failed(AuditInput input, AuditError error) => new() { Path = input.DisplayPath, Status = RepairStatus.Failed, Error = error };

    private static AuditError? ErrorOf(Exception exception) => exception switch
    {
        ModelReadException e => new(e.Id, e.Message, e.Offset),
        UnauthorizedAccessException e => new("MG.Repair.AccessDenied", $"{e.Message}; the original is untouched", null),
        IOException e when e.HResult == ReadOnlyFileSystem => new("MG.Repair.AccessDenied", $"{e.Message}; the original is untouched", null),
        FileNotFoundException or DirectoryNotFoundException => new("MG.Repair.NotFound", exception.Message, null),
        IOException e when IsDiskFull(e) => new("MG.Repair.DiskFull", "the disk is full; the original is untouched", null),
        IOException e => new("MG.Repair.WriteFailed", $"{e.Message}; the original is untouched", null),
        OutOfMemoryException => new("MG.Input.TooLarge", "the file's graph needs more memory than there is", null),
        OperationCanceledException => null,
        _ => new("MG.Internal.Defect", string.Create(CultureInfo.InvariantCulture, $"a defect in ModelGuidelines, please report it: {exception.GetType().Name}: {exception.Message}"), null),
    };

    /// <summary>EROFS.</summary>
    private const int ReadOnlyFileSystem = 30;

    /// <summary>ENOSPC, EDQUOT; ERROR_DISK_FULL, ERROR_HANDLE_DISK_FULL.</summary>
    private static bool IsDiskFull(IOException e) => e.HResult is 28 or 122 || (uint)e.HResult is 0x80070070 or 0x80070027 || e.Message.StartsWith("No space left", StringComparison.Ordinal);
}

/// <summary>A repairer that also turns functions into modules.</summary>
public interface ISourceRepairer : IFormatRepairer;
