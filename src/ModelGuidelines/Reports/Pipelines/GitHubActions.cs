using System.Text;

namespace ModelGuidelines.Reports.Pipelines;

/// <summary>GitHub Actions: workflow commands <c>::error ...::</c>, recognised at the beginning of a line, and a file for the summary.</summary>
/// <remarks>https://docs.github.com/actions/reference/workflow-commands-for-github-actions: ten annotations of a level are shown of a step.</remarks>
internal sealed class GitHubActions(string folder, Func<string, string?> variable) : BuildServer(folder, variable("GITHUB_WORKSPACE"))
{
    private readonly string? _summary = variable("GITHUB_STEP_SUMMARY");

    private protected override int MostOfALevel => 10;

    private protected override string Annotation(string level, string path, string? line, string title, string text) =>
        $"::{level} file={Property(path)}{(line is null ? "" : $",line={line}")},title={Property(title)}::{Data(text)}";

    private protected override IEnumerable<string> PublishSummary(string markdown)
    {
        if (_summary is not { Length: > 0 })
        {
            return [];
        }

        try
        {
            File.AppendAllText(_summary, markdown, new UTF8Encoding(false));
            return [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [$"The summary could not be written: {Printable.InLog(e.Message)}"];
        }
    }

    private static string Data(string text) => Printable.InLog(text).Replace("%", "%25", StringComparison.Ordinal);

    private static string Property(string text) => Data(text).Replace(":", "%3A", StringComparison.Ordinal).Replace(",", "%2C", StringComparison.Ordinal);
}
