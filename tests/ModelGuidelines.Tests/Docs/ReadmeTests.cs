using System.Diagnostics;

namespace ModelGuidelines.Tests.Docs;

/// <summary>README shows what the command really prints.</summary>
public sealed class ReadmeTests
{
    private const string Command = "dotnet run --project src/ModelGuidelines.Cli -- test samples\n```\n\n```\n";

    /// <remarks>To take over what the command prints now, run it with MODELGUIDELINES_ACCEPT=1.</remarks>
    [Fact]
    public void Output_of_the_first_command_is_real()
    {
        var path = RepositoryFiles.Path("README.md");
        var text = File.ReadAllText(path).ReplaceLineEndings("\n");
        var start = text.IndexOf(Command, StringComparison.Ordinal) + Command.Length;
        var end = text.IndexOf("```\n", start, StringComparison.Ordinal);
        var actual = Run();
        if (Environment.GetEnvironmentVariable("MODELGUIDELINES_ACCEPT") == "1")
        {
            File.WriteAllText(path, text[..start] + actual + text[end..]);
            return;
        }

        Assert.Equal(text[start..end], actual);
    }

    private static string Run()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ModelGuidelines.Cli.dll"), "test", "samples"])
        {
            WorkingDirectory = RepositoryFiles.Root,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            StandardOutputEncoding = new System.Text.UTF8Encoding(false),
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEnd().ReplaceLineEndings("\n");
        process.WaitForExit();
        return OperatingSystem.IsWindows() ? output.Replace('\\', '/') : output;
    }
}
