using System.Diagnostics;
using System.Reflection;
using System.Text.Json;
using Xunit;

namespace ModelGuidelines.Module;

/// <summary>The Pester suite as tests of .NET: one result for each of its tests.</summary>
public sealed class PesterSuite
{
    /// <param name="result">Passed or Failed, as Pester says.</param>
    /// <param name="message">Why it failed, and where.</param>
    [Theory]
    [MemberData(nameof(RunAsync), DisableDiscoveryEnumeration = true)]
    public void Test(string result, string message) => Assert.True(result == "Passed", message);

    /// <summary>Runs the whole suite in one PowerShell.</summary>
    public static async Task<IEnumerable<TheoryDataRow<string, string>>> RunAsync()
    {
        var folder = Metadata("SuiteFolder");
        var report = Path.GetTempFileName();
        try
        {
            await DotNetAsync(folder, "tool", "restore");
            await DotNetAsync(
                folder, "tool", "run", "pwsh", "-NoProfile", "-NonInteractive", "-File", Path.Combine(folder, "Invoke-Suite.ps1"), "-Pester", Metadata("PesterManifest"), "-Report", report);
            using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(report));
            return
            [
                .. json.RootElement.EnumerateArray().Select(t => new TheoryDataRow<string, string>(t.GetProperty("result").GetString()!, t.GetProperty("message").GetString()!)
                {
                    TestDisplayName = t.GetProperty("name").GetString(),
                    Skip = t.GetProperty("result").GetString() == "Skipped" ? t.GetProperty("message").GetString() : null,
                }),
            ];
        }
        finally
        {
            File.Delete(report);
        }
    }

    /// <exception cref="InvalidOperationException">It failed; the message has all that it said.</exception>
    private static async Task DotNetAsync(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", arguments) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        start.Environment["POWERSHELL_TELEMETRY_OPTOUT"] = "1";
        start.Environment["POWERSHELL_UPDATECHECK"] = "Off";
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"dotnet {string.Join(' ', arguments)} ended with {process.ExitCode}:{Environment.NewLine}{string.Concat(output)}");
        }
    }

    private static string Metadata(string name) => typeof(PesterSuite).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().First(a => a.Key == name).Value!;
}
