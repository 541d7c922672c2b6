using System.Diagnostics;

namespace ModelGuidelines.Tests.CommandLine;

/// <summary>Standard streams that are closed or take nothing: no crash, no wait, and an exit code that tells what was found.</summary>
public sealed class StandardStreamsTests
{
    /// <summary>Nobody hears what is said; what was found is told by the exit code.</summary>
    [Theory]
    [InlineData("test \"$1\" 2>&-", 1)]
    [InlineData("test \"$1\" 2>/dev/full", 1)]
    [InlineData("graph no-such-file 2>&-", 2)]
    [InlineData("graph no-such-file 2>/dev/full", 2)]
    [InlineData("nonsense 2>&-", 2)]
    [InlineData("test \"$1\" >/dev/full 2>/dev/full", 2)]
    [InlineData("test \"$1\" >&-", 2)]
    [InlineData("test \"$1\" --format json >&- 2>&- <&-", 2)]
    [InlineData("test - <&-", 0)]
    [InlineData("test - <&- 2>&-", 0)]
    public async Task The_command_ends_as_it_would(string command, int code)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/bin/bash"), "needs bash");
        var model = RepositoryFiles.Path("samples/pytorch/relu_twice.onnx");
        var cli = Path.Combine(AppContext.BaseDirectory, "ModelGuidelines.Cli.dll");
        using var process = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", $"dotnet \"$0\" {command}", cli, model])
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        })!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(2));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }

        Assert.True(process.ExitCode == code, $"exit code {process.ExitCode}: {await output} {await error}");
    }
}
