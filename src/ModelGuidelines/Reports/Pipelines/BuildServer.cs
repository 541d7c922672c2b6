using System.Collections.Immutable;
using System.Globalization;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Reports.Pipelines;

/// <summary>A server that runs pipelines and reads commands from the log of a step: it marks findings at their lines and shows a summary of the step.</summary>
public abstract class BuildServer
{
    private readonly string _folder;
    private readonly string? _workspace;

    /// <param name="folder">What paths in reports are relative to; a full path.</param>
    /// <param name="workspace">The root of the sources, to which the server takes paths as relative; null: not known.</param>
    private protected BuildServer(string folder, string? workspace) => (_folder, _workspace) = (folder, workspace);

    /// <summary>What a front end may be told: the names of servers, <c>auto</c> for the one that this runs on, <c>none</c>.</summary>
    public static ImmutableArray<string> Names { get; } = ["auto", "azure", "github", "none"];

    /// <summary>The server of that name; null for none.</summary>
    /// <param name="name">One of <see cref="Names"/>, in any case.</param>
    /// <param name="folder">What paths in reports are relative to; a full path.</param>
    /// <param name="variable">The value of an environment variable.</param>
    public static BuildServer? Find(string name, string folder, Func<string, string?> variable) => name.ToLowerInvariant() switch
    {
        "azure" => new AzurePipelines(folder, variable),
        "github" => new GitHubActions(folder, variable),
        "auto" when IsAzure(variable) => new AzurePipelines(folder, variable),
        "auto" when IsGitHub(variable) => new GitHubActions(folder, variable),
        _ => null,
    };

    /// <summary>Whether the log of a build server takes the output: it is no terminal, whatever it says of itself.</summary>
    public static bool IsPresent(Func<string, string?> variable) => IsAzure(variable) || IsGitHub(variable);

    /// <summary>Writes the summary of the step where the server takes it, and gives the lines for its log: what cannot be audited, new findings, worst first, and commands.</summary>
    /// <param name="report">What is shown.</param>
    /// <param name="verdict">One sentence: whether the step fails, and why.</param>
    public IEnumerable<string> Publish(AuditReport report, string verdict)
    {
        var left = new Dictionary<string, int>(StringComparer.Ordinal);
        var omitted = 0;
        foreach (var (level, path, line, title, text) in Marks(report))
        {
            if ((left[level] = left.GetValueOrDefault(level, MostOfALevel) - 1) < 0)
            {
                omitted++;
                continue;
            }

            yield return Annotation(level, PathOf(path), line?.ToString(CultureInfo.InvariantCulture), title, line is null ? $"{path}: {text}" : text);
        }

        if (omitted > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{omitted} more findings are marked at no line; the reports have all.");
        }

        foreach (var line in PublishSummary(StepSummary.Of(report, verdict)))
        {
            yield return line;
        }
    }

    /// <summary>Annotations of a level that the server shows of a step.</summary>
    private protected abstract int MostOfALevel { get; }

    private protected abstract string Annotation(string level, string path, string? line, string title, string text);

    private protected abstract IEnumerable<string> PublishSummary(string markdown);

    private static IEnumerable<(string Level, string Path, int? Line, string Title, string Text)> Marks(AuditReport report)
    {
        foreach (var result in report.Results.Where(r => r.Error is not null))
        {
            yield return ("error", result.Path, null, result.Error!.Id, result.Error.Message);
        }

        foreach (var finding in StepSummary.WorstFirst(report).Where(f => !f.External))
        {
            yield return (finding.Severity switch { Severity.Error => "error", Severity.Warning => "warning", _ => "notice" }, finding.SourcePlace?.File ?? finding.Path, finding.SourcePlace?.Line, finding.Guideline, finding.Message);
        }
    }

    private string PathOf(string path)
    {
        var full = Path.GetFullPath(path, _folder);
        var relative = Path.GetRelativePath(_workspace is { Length: > 0 } ? _workspace : _folder, full);
        return (relative.StartsWith("..", StringComparison.Ordinal) ? full : relative).Replace('\\', '/');
    }

    private static bool IsAzure(Func<string, string?> variable) => string.Equals(variable("TF_BUILD"), "True", StringComparison.OrdinalIgnoreCase);

    private static bool IsGitHub(Func<string, string?> variable) => string.Equals(variable("GITHUB_ACTIONS"), "true", StringComparison.OrdinalIgnoreCase);
}
