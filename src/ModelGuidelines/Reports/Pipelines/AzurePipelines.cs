using System.Text;

namespace ModelGuidelines.Reports.Pipelines;

/// <summary>Azure Pipelines: logging commands <c>##vso[...]</c>, recognised anywhere in a line.</summary>
/// <remarks>https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands</remarks>
internal sealed class AzurePipelines(string folder, Func<string, string?> variable) : BuildServer(folder, variable("BUILD_SOURCESDIRECTORY"))
{
    private readonly string _temporary = variable("AGENT_TEMPDIRECTORY") is { Length: > 0 } given && Directory.Exists(given) ? given : Path.GetTempPath();

    private protected override int MostOfALevel => 100;

    private protected override string Annotation(string level, string path, string? line, string title, string text) =>
        $"##vso[task.logissue type={(level == "error" ? "error" : "warning")};sourcepath={Property(path)}{(line is null ? "" : $";linenumber={line}")};code={Property(title)}]{Data(text)}";

    /// <summary>The agent takes the file when the step ends, so it stays there; the agent empties the folder.</summary>
    private protected override IEnumerable<string> PublishSummary(string markdown)
    {
        string command;
        try
        {
            var own = Directory.CreateDirectory(Path.Join(_temporary, $"modelguidelines-{Guid.NewGuid():N}")).FullName;
            var file = Path.Join(own, "Model guidelines.md"); // the heading in the summary
            File.WriteAllText(file, markdown, new UTF8Encoding(false));
            command = $"##vso[task.uploadsummary]{file}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            command = $"The summary could not be written: {Printable.InLog(e.Message)}";
        }

        return [command];
    }

    private static string Data(string text) => Printable.InLog(text).Replace("%", "%AZP25", StringComparison.Ordinal);

    private static string Property(string text) => Data(text).Replace(";", "%3B", StringComparison.Ordinal).Replace("]", "%5D", StringComparison.Ordinal);
}
