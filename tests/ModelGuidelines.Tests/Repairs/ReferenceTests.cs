using System.Diagnostics;
using ModelGuidelines.Audit;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>What PyTorch and onnx themselves say of repaired models; skipped where the system's Python has no such package.</summary>
public sealed class ReferenceTests
{
    private const string Python = "/usr/bin/python3";

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void RepairedSourcesComputeTheSameAndCallEachModuleOnce(bool includeWeighted)
    {
        SkipWithout("torch");
        using var folder = new TemporaryFolder();
        var (repaired, weighted) = (0, 0);
        foreach (var model in Directory.GetDirectories(RepositoryFiles.CorpusOrSkip("pytorch", "patterns")).Select(d => Path.Combine(d, "model.py")).Where(File.Exists))
        {
            var own = Directory.CreateDirectory(folder.File(Path.GetFileName(Path.GetDirectoryName(model)!))).FullName;
            File.Copy(model, Path.Combine(own, "model.py"));
            var result = Repair(Path.Combine(own, "model.py"), RepairSettings.Default with { IncludeWeighted = includeWeighted });
            repaired += result.Status is RepairStatus.Repaired ? 1 : 0;
            weighted += result.Changes.Count(c => c.Note?.Contains("train apart", StringComparison.Ordinal) == true);
            File.WriteAllLines(Path.Combine(own, "copies.txt"), result.Changes.Where(c => c.Kind is RepairKind.ModuleCopy).Select(c => $"{LastPart(c.NewModule)} {LastPart(c.Module)}"));
        }

        var lines = Run("compare_sources.py", folder.Path);

        Assert.Equal(repaired, lines.Length);
        Assert.All(lines, l => Assert.EndsWith(" equal {}", l, StringComparison.Ordinal));
        Assert.Equal(includeWeighted, weighted > 0);
    }

    private static string LastPart(string module) => module[(module.LastIndexOf('.') + 1)..];

    [Fact]
    public void RepairedModelsPassTheChecker()
    {
        SkipWithout("onnx");
        using var folder = new TemporaryFolder();
        var i = 0;
        foreach (var model in Directory.GetFiles(RepositoryFiles.CorpusOrSkip("pytorch", "patterns"), "torchscript-exporter.onnx", SearchOption.AllDirectories).Concat(Directory.GetFiles(RepositoryFiles.CorpusOrSkip("keras"), "*.onnx", SearchOption.AllDirectories))
            .Concat(Directory.GetFiles(RepositoryFiles.Fixture("onnx", "control_flow"))).Concat(Directory.GetFiles(RepositoryFiles.Fixture("onnx", "modules_as_functions"))).Concat(Directory.GetFiles(RepositoryFiles.Fixture("onnx", "shared_weight"))))
        {
            Repair(model, RepairSettings.Default with { OutputFolder = folder.File($"{i++}") });
        }

        var lines = Run("check_onnx.py", folder.Path);

        Assert.NotEmpty(lines);
        Assert.DoesNotContain(lines, l => l.StartsWith("wrong", StringComparison.Ordinal));
    }

    private static RepairResult Repair(string path, RepairSettings settings) =>
        Repairer.Default.Repair(new AuditInput(path, path), settings, TestContext.Current.CancellationToken);

    private static void SkipWithout(string package)
    {
        if (!File.Exists(Python) || Start("-c", $"import importlib.util, sys; sys.exit(importlib.util.find_spec('{package}') is None)").ExitCode != 0)
        {
            Assert.Skip($"needs the system's Python with {package}");
        }
    }

    private static string[] Run(string script, string folder)
    {
        var (code, output) = Start(RepositoryFiles.Path("tests", "ModelGuidelines.Tests", "Repairs", script), folder);
        Assert.Equal(0, code);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static (int ExitCode, string Output) Start(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Python, arguments) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output);
    }
}
