using System.Diagnostics;
using System.Globalization;
using ModelGuidelines.Audit;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>Measures; runs only when asked for: <c>dotnet test --filter RepairSpeed -- xUnit.Explicit=only</c>.</summary>
public sealed class RepairSpeedTests
{
    private const long ModelBytes = 500L << 20;

    [Fact(Explicit = true)]
    public void ALargeModelIsRepairedNearlyAsFastAsItIsCopied()
    {
        using var folder = new TemporaryFolder();
        var small = folder.Copy(RepositoryFiles.Fixture("onnx", "twin_encoder", "torchscript-exporter.onnx"), "small.onnx");
        var large = folder.File("large.onnx");
        LargeModel.Write(small, large, ModelBytes);
        var (_, smallPeak) = Run("dotnet", Repair(small));
        var best = (Copy: double.MaxValue, Repair: double.MaxValue, Peak: 0L);
        for (var i = 0; i < 3; i++)
        {
            // Both with what they write flushed to the disk.
            best.Copy = Math.Min(best.Copy, Run("sh", ["-c", $"cp '{large}' '{folder.File("copy.onnx")}' && sync -d '{folder.File("copy.onnx")}'"]).Seconds);
            File.Delete(folder.File("copy.onnx"));
            var watch = Stopwatch.StartNew();
            var result = Repairer.Default.Repair(new AuditInput(large, large), RepairSettings.Default, TestContext.Current.CancellationToken);
            var seconds = watch.Elapsed.TotalSeconds;
            Assert.Equal(RepairStatus.Repaired, result.Status);
            File.Delete(folder.File("large.repaired.onnx"));

            // Memory is that of a process of its own.
            best = (best.Copy, Math.Min(best.Repair, seconds), Math.Max(best.Peak, Run("dotnet", Repair(large)).Peak));
            File.Delete(folder.File("large.repaired.onnx"));
        }

        var added = (best.Peak - smallPeak) >> 20;
        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"500 MB: cp {best.Copy:F2} s, repair {best.Repair:F2} s ({best.Copy / best.Repair:F2} times cp's speed), {added} MB more memory than for a small model"));
        Assert.True(best.Copy / best.Repair >= 0.7, $"{best}");
        Assert.True(added < 50, $"{added} MB");
    }

    [Fact(Explicit = true)]
    public void ExternalDataGoesAlongNearlyAsFastAsItIsCopied()
    {
        using var folder = new TemporaryFolder();
        var model = folder.File("model.onnx");
        LargeModel.Write(RepositoryFiles.Fixture("onnx", "twin_encoder", "torchscript-exporter.onnx"), model, ModelBytes, "model.data");
        var best = (Copy: double.MaxValue, Repair: double.MaxValue);
        for (var i = 0; i < 3; i++)
        {
            best.Copy = Math.Min(best.Copy, Run("sh", ["-c", $"cp '{folder.File("model.data")}' '{folder.File("copy")}' && sync -d '{folder.File("copy")}'"]).Seconds);
            File.Delete(folder.File("copy"));
            var watch = Stopwatch.StartNew();
            var result = Repairer.Default.Repair(new AuditInput(model, model), RepairSettings.Default with { OutputFolder = folder.File("out") }, TestContext.Current.CancellationToken);
            best.Repair = Math.Min(best.Repair, watch.Elapsed.TotalSeconds);
            Assert.Equal(RepairStatus.Repaired, result.Status);
            Directory.Delete(folder.File("out"), recursive: true);
        }

        TestContext.Current.TestOutputHelper!.WriteLine(string.Create(CultureInfo.InvariantCulture, $"500 MB external: cp {best.Copy:F2} s, repair {best.Repair:F2} s ({best.Copy / best.Repair:F2} times cp's speed)"));
        Assert.True(best.Copy / best.Repair >= 0.7, $"{best}");
    }

    private static string[] Repair(string path) => [Path.Combine(AppContext.BaseDirectory, "ModelGuidelines.Cli.dll"), "repair", "--skip-verification", path];

    private static (double Seconds, long Peak) Run(string program, string[] arguments)
    {
        var watch = Stopwatch.StartNew();
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var peak = 0L;
        while (!process.WaitForExit(5))
        {
            try
            {
                process.Refresh();
                peak = Math.Max(peak, process.PeakWorkingSet64);
            }
            catch (InvalidOperationException)
            {
                break; // it has just ended
            }
        }

        process.WaitForExit();
        return (watch.Elapsed.TotalSeconds, peak);
    }
}
