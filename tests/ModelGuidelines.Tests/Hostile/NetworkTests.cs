using System.Diagnostics;

namespace ModelGuidelines.Tests.Hostile;

/// <summary>Nothing is asked of a network: where there is none, not even the machine's own address, everything works as elsewhere.</summary>
public sealed class NetworkTests
{
    [Theory]
    [InlineData("test", "samples", "--format", "json")]
    [InlineData("test", "samples", "--format", "html")]
    [InlineData("graph", "samples/keras/shared_relu.keras", "--format", "svg")]
    [InlineData("repair", "samples/keras/shared_relu.keras", "--what-if")]
    [InlineData("aimet", "samples/keras/shared_relu.keras")]
    [InlineData("explain", "PyTorch.ModuleReuse")]
    public void Commands_work_without_a_network(params string[] arguments)
    {
        if (!OperatingSystem.IsLinux() || Run("unshare", ["--map-root-user", "--net", "true"]).Code != 0)
        {
            Assert.Skip("this system gives no empty network namespace ('unshare --map-root-user --net')");
        }

        string[] command = ["dotnet", Path.Combine(AppContext.BaseDirectory, "ModelGuidelines.Cli.dll"), .. arguments];
        var usual = Run(command[0], command[1..]);
        var alone = Run("unshare", ["--map-root-user", "--net", .. command]);
        Assert.Equal((usual.Code, usual.Error), (alone.Code, alone.Error));
        Assert.NotEqual("", alone.Output);
        Assert.InRange(alone.Output.Length, usual.Output.Length * 99 / 100, usual.Output.Length * 101 / 100); // times differ
    }

    private static (int Code, string Output, string Error) Run(string program, string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = RepositoryFiles.Root, UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
            process.StandardInput.Close();
            var error = process.StandardError.ReadToEndAsync();
            var output = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return (process.ExitCode, output, error.GetAwaiter().GetResult());
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return (-1, "", "");
        }
    }
}
