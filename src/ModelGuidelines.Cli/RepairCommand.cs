using System.CommandLine;
using ModelGuidelines.Audit;
using ModelGuidelines.OnnxRuntime;
using ModelGuidelines.Repairs;
using ModelGuidelines.Repairs.Source;
using ModelGuidelines.Reports;
using Spectre.Console;

namespace ModelGuidelines.Cli;

/// <summary><c>modelguidelines repair PATH...</c></summary>
internal static class RepairCommand
{
    private static readonly Argument<string[]> Paths = new("path")
    {
        Description = "Files, folders (searched recursively), wildcards, or - for a list of paths on standard input.",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> InPlace = new("--in-place") { Description = "Replace the originals." };
    private static readonly Option<string?> OutputPath = new("--output-path") { Description = "Write the results to this folder, under the originals' names.", HelpName = "folder" };
    private static readonly Option<string> Suffix = new("--suffix") { Description = "Put before the extension of a result beside its original.", DefaultValueFactory = _ => RepairSettings.Default.Suffix, HelpName = "text" };
    private static readonly Option<bool> Backup = new("--backup") { Description = "Keep what is replaced, with .bak, .bak2 and so on appended to its name." };
    private static readonly Option<bool> WhatIf = new("--what-if") { Description = "Only show what would be changed." };
    private static readonly Option<string[]> Modules = new("--module") { Description = "Only these modules; wildcards are allowed. Repeat it, or separate by commas.", HelpName = "name" };
    private static readonly Option<string[]> ExcludedModules = new("--exclude-module") { Description = "Not these modules, nor anything below them. Repeat it, or separate by commas.", HelpName = "name" };
    private static readonly Option<bool> IncludeWeighted = new("--include-weighted") { Description = "In source code, copy modules with parameters too (in ONNX and Keras files they always are: the file holds the weights); the copies train apart and need the first one's entries of a checkpoint." };
    private static readonly Option<bool> ShareParameters = new("--share-parameters") { Description = "New modules hold the first one's parameters instead of copies, in ONNX graphs and in source code; Keras files cannot say that and are refused." };
    private static readonly Option<bool> Force = new("--force") { Description = "Replace results of earlier runs." };
    private static readonly Option<string?> Diff = new("--diff") { Description = "Write all changes of source code as one unified diff (for git apply), and nothing else.", HelpName = "file" };
    private static readonly Option<string?> Checkpoints = new("--checkpoint-map") { Description = "Write which entries of a checkpoint the new modules need, as JSON: old key to new keys.", HelpName = "file" };
    private static readonly Option<bool> VerifyByRunning = new("--verify-by-running") { Description = "Beside the proof by structure, run original and result with ONNX Runtime and compare their outputs." };

    // Of earlier versions, which ran every model.
    private static readonly Option<bool> SkipVerification = new("--skip-verification") { Description = "Do not run original and result to compare them.", Hidden = true };
    private static readonly Option<string> Format = new("--format", "-f") { Description = "The form of the report: table or json.", DefaultValueFactory = _ => "table" };
    private static readonly Option<string?> Output = new("--output", "-o") { Description = "Write the report to a file, which is replaced as a whole.", HelpName = "file" };

    public static Command Create()
    {
        Format.AcceptOnlyFromAmong("table", "json");
        var command = new Command("repair", "Undoes reuse of modules and proves the result equal. Exit code: 0 all was repaired or nothing was to do, 1 something was left, 2 wrong usage or a file that could not be read or written.")
        {
            Paths, InPlace, OutputPath, Suffix, Force, Backup, WhatIf, Diff, Modules, ExcludedModules, IncludeWeighted, ShareParameters, Checkpoints, VerifyByRunning, SkipVerification, Format, Output,
        };
        command.Validators.Add(result =>
        {
            var ways = new[] { result.GetValue(InPlace), result.GetValue(OutputPath) is not null, result.GetResult(Suffix) is { Implicit: false } }.Count(w => w);
            if (ways > 1)
            {
                result.AddError("--in-place, --output-path and --suffix exclude each other");
            }

            if (result.GetValue(Backup) && !result.GetValue(InPlace) && !result.GetValue(Force))
            {
                result.AddError("--backup keeps what --in-place or --force replaces: give one of them");
            }
        });
        command.SetAction((parsed, cancellation) => Task.Run(() => Run(parsed, cancellation), CancellationToken.None));
        return command;
    }

    private static int Run(ParseResult parsed, CancellationToken cancellation)
    {
        using var progress = new RepairProgressLine();
        var settings = new RepairSettings
        {
            InPlace = parsed.GetValue(InPlace),
            OutputFolder = parsed.GetValue(OutputPath),
            Suffix = parsed.GetValue(Suffix)!,
            Backup = parsed.GetValue(Backup),
            Force = parsed.GetValue(Force),
            WhatIf = parsed.GetValue(WhatIf) || parsed.GetValue(Diff) is not null,
            Accumulates = parsed.GetValue(WhatIf) || parsed.GetValue(Diff) is not null,
            Modules = [.. TestOptions.Values(parsed.GetValue(Modules) ?? [])],
            ExcludedModules = [.. TestOptions.Values(parsed.GetValue(ExcludedModules) ?? [])],
            IncludeWeighted = parsed.GetValue(IncludeWeighted),
            Targets = new(),
            ShareParameters = parsed.GetValue(ShareParameters),
            Verifier = parsed.GetValue(VerifyByRunning) ? new OnnxRuntimeVerifier() : null,
            Progress = progress,
        };
        var folders = new Dictionary<string, RepairFolder>(StringComparer.Ordinal);
        var inputs = PathArguments.Find(parsed.GetValue(Paths)!, Console.In).ToList(); // before the first is repaired: what is written lies beside what is searched
        OutputTarget.Check([parsed.GetValue(Output), parsed.GetValue(Diff), parsed.GetValue(Checkpoints)], inputs);
        settings = settings with { Named = inputs.Select(i => i.FullPath).ToHashSet(StringComparer.Ordinal) };
        var unknown = settings.Modules.ToList();
        var results = inputs.Select(i => Repair(i, settings with { Folder = FolderOf(i, folders) }, unknown, cancellation)).Where(r => r.IsModel).ToList();
        progress.Dispose();
        if (parsed.GetValue(Diff) is { } diff)
        {
            OutputTarget.Write(diff, stream => results.ForEach(r => stream.Write(r.Diff?.ToBytes())));
        }

        if (parsed.GetValue(Checkpoints) is { } map)
        {
            OutputTarget.Write(map, stream => CheckpointMap.Write(stream, results));
        }

        if (parsed.GetValue(Format) == "json")
        {
            OutputTarget.Write(parsed.GetValue(Output), stream => RepairReport.Write(stream, results));
        }
        else
        {
            Terminal.Write(parsed.GetValue(Output), parsed, console => Show(console, results, settings.WhatIf));
        }

        foreach (var result in results.Where(r => r.Error is not null))
        {
            Terminal.SayFailure(result.Path, result.Error!);
        }

        if (results.Count == 0)
        {
            unknown.Clear();
            Terminal.Say("warning: there is no model in what was named");
        }

        unknown.ForEach(name => Terminal.Say($"no model has a module '{Printable.Text(name)}'"));
        return unknown.Count > 0 || results.Exists(r => r.Status is RepairStatus.Failed) ? ExitCode.Failure
            : results.Exists(r => !r.Left.IsEmpty) ? ExitCode.Findings
            : ExitCode.Success;
    }

    private static RepairResult Repair(AuditInput input, RepairSettings settings, List<string> unknown, CancellationToken cancellation)
    {
        var result = Repairer.Default.Repair(input, settings, cancellation);
        if (result is { Error: null, IsModel: true })
        {
            UnknownModules.Strike(unknown, input, cancellation);
        }

        return result;
    }

    private static RepairFolder? FolderOf(AuditInput input, Dictionary<string, RepairFolder> folders) =>
        input.SearchedFolder is not { } folder ? null : folders.TryGetValue(folder, out var known) ? known : folders[folder] = new(folder);

    private static void Show(IAnsiConsole console, List<RepairResult> results, bool isPlan)
    {
        foreach (var result in results.Where(r => r.Status is not RepairStatus.Unchanged || !r.Changes.IsEmpty || !r.Left.IsEmpty))
        {
            var output = (result.OutputPath is null ? "" : $" -> {Printable.Text(result.OutputPath)}") + string.Concat(result.Others.Select(o => $", together with {Printable.Text(o.Path)}{(o.OutputPath is null ? "" : $" -> {Printable.Text(o.OutputPath)}")}"));
            console.MarkupLineInterpolated($"[bold]{Printable.Text(result.Path)}[/]{output}: {(result.Status is RepairStatus.WhatIf ? "would be repaired" : result.Status)}");
            foreach (var line in RepairText.Changes(result))
            {
                console.WriteLine($"  {line}");
            }

            // As it is, not indented and not wrapped: what is copied from here can be applied.
            foreach (var line in RepairText.Diff(result))
            {
                console.Profile.Out.Writer.WriteLine(line);
            }

            foreach (var line in RepairText.Left(result))
            {
                console.MarkupLineInterpolated($"  [yellow]left[/]  {line}");
            }

            if (result.Verified is { } verified)
            {
                console.MarkupLineInterpolated($"  verified: {verified}{(result.Proof is null ? "" : $": {Printable.Text(result.Proof.Text)}")}");
            }

            if (result.Running is { } running)
            {
                console.MarkupLineInterpolated($"  {running.Outcome}: {Printable.Text(running.ToString())}");
            }

            console.WriteLine();
        }

        console.WriteLine(isPlan
            ? $"{results.Count(r => !r.Changes.IsEmpty)} of {results.Count} files would be repaired; nothing was written."
            : $"{results.Count(r => r.Status is RepairStatus.Repaired)} of {results.Count} files repaired.");
    }
}
