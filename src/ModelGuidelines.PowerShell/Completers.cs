using System.Collections;
using System.Collections.Concurrent;
using System.Management.Automation;
using System.Management.Automation.Language;
using ModelGuidelines.Audit;
using ModelGuidelines.Audit.Configuration;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.PowerShell;

/// <summary>Completes ids of guidelines.</summary>
public sealed class GuidelineCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        GuidelineCatalog.All
            .Select(g => g.Descriptor)
            .Where(d => Completion.Begins(wordToComplete, d.Id) || Completion.Begins(wordToComplete, d.Id[(d.Id.IndexOf('.', StringComparison.Ordinal) + 1)..]))
            .Select(d => new CompletionResult(d.Id, d.Id, CompletionResultType.ParameterValue, d.Title));
}

/// <summary>Completes names of modules of the file that the command line names.</summary>
public sealed class ModuleNameCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Names(fakeBoundParameters).Modules
            .Where(n => Completion.Begins(wordToComplete, n))
            .Select(n => new CompletionResult(Completion.Quote(n), n, CompletionResultType.ParameterValue, n));
}

/// <summary>Completes models of the file of source that the command line names, each as the call that builds it.</summary>
public sealed class EntryCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Names(fakeBoundParameters).Models
            .Select(n => $"{n}()")
            .Where(n => Completion.Begins(wordToComplete, n))
            .Select(n => new CompletionResult(Completion.Quote(n), n, CompletionResultType.ParameterValue, n));
}

/// <summary>Completes operators of the file that the command line names.</summary>
public sealed class OpTypeCompleter : IArgumentCompleter
{
    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        Completion.Names(fakeBoundParameters).OpTypes
            .Where(n => Completion.Begins(wordToComplete, n))
            .Select(n => new CompletionResult(Completion.Quote(n), n, CompletionResultType.ParameterValue, n));
}

/// <summary>Completes settings files, folders that may hold one, and none.</summary>
public sealed class SettingsCompleter : IArgumentCompleter
{
    private static readonly string[] Extensions = [".yaml", ".yml"];

    public IEnumerable<CompletionResult> CompleteArgument(string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        if (Completion.Begins(wordToComplete, AuditPlan.NoFile))
        {
            yield return new(AuditPlan.NoFile, AuditPlan.NoFile, CompletionResultType.ParameterValue, "no settings file");
        }

        foreach (var found in CompletionCompleters.CompleteFilename(wordToComplete).Where(f => f.ResultType is CompletionResultType.ProviderContainer || Extensions.Any(e => f.ListItemText.EndsWith(e, StringComparison.OrdinalIgnoreCase))))
        {
            yield return found;
        }
    }
}

/// <summary>What the completers share: a file is read once and remembered until it changes.</summary>
internal static class Completion
{
    private const int Remembered = 16;
    private static readonly NamesOfFile Nothing = new([], [], []);
    private static readonly ConcurrentDictionary<(string Path, DateTime Written, long Length), NamesOfFile> Known = new();

    /// <summary>How often a file was read; for tests.</summary>
    public static int Reads { get; private set; }

    public static bool Begins(string? typed, string candidate) => candidate.StartsWith((typed ?? "").Trim('\'', '"'), StringComparison.OrdinalIgnoreCase);

    public static string Quote(string name) => name.All(c => char.IsLetterOrDigit(c) || c is '.' or '_' or '/') ? name : $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'";

    public static NamesOfFile Names(IDictionary bound)
    {
        var given = bound["LiteralPath"] ?? bound["Path"];
        var path = given is IEnumerable list and not string ? list.Cast<object>().FirstOrDefault()?.ToString() : given?.ToString();
        if (path is null)
        {
            return Nothing;
        }

        try
        {
            using var here = System.Management.Automation.PowerShell.Create(RunspaceMode.CurrentRunspace);
            var full = here.AddCommand("Microsoft.PowerShell.Management\\Convert-Path").AddParameter(bound["LiteralPath"] is null ? "Path" : "LiteralPath", path).Invoke<string>().FirstOrDefault();
            if (full is null)
            {
                return Nothing;
            }

            var input = new InputFinder(FormatRegistry.Default).FindOne(full, full, recurse: false).FirstOrDefault();
            if (input is null || input.Error is not null)
            {
                return Nothing;
            }

            var file = new FileInfo(input.FullPath);
            var key = (input.FullPath, file.LastWriteTimeUtc, file.Exists ? file.Length : 0);
            if (Known.Count > Remembered)
            {
                Known.Clear();
            }

            return Known.GetOrAdd(key, k => Read(k.Item1));
        }
        catch (Exception e) when (e is ModelReadException or RuntimeException or IOException or UnauthorizedAccessException)
        {
            return Nothing; // no completion is better than an error while typing
        }
    }

    private static NamesOfFile Read(string path)
    {
        Reads++;
        var (_, graph) = Auditor.Default.ReadGraph(path, ReadLimits.Default);
        return new(
            [.. graph.Modules.Select(m => m.QualifiedName).Where(n => n.Length > 0).Distinct(StringComparer.Ordinal)],
            [.. graph.Nodes.Select(n => n.OpType).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            graph.Modules.Any(m => m.Model is not null) ? [.. graph.Modules.Where(m => m.Parent is null).Select(m => m.Model).OfType<string>().Distinct(StringComparer.Ordinal)] : []);
    }

    internal sealed record NamesOfFile(string[] Modules, string[] OpTypes, string[] Models);
}
