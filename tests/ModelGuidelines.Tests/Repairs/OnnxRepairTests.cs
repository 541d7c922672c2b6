using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.OnnxRuntime;
using ModelGuidelines.Repairs;
using ModelGuidelines.Repairs.Onnx;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Repairs;

public sealed class OnnxRepairTests
{
    private static RepairSettings Verified => RepairSettings.Default with { Verifier = RealRuntime.OrSkip() };

    [Theory]
    [InlineData("twin_encoder", "torchscript-exporter.onnx")]
    [InlineData("twin_encoder", "dynamo.onnx")]
    [InlineData("guide_relu_twice", "torchscript-exporter.onnx")]
    [InlineData("guide_relu_twice", "dynamo.onnx")]
    public void TheResultIsCleanAndProvenAndRepairedOnceForAll(string pattern, string file)
    {
        using var folder = new TemporaryFolder();
        var model = folder.Copy(RepositoryFiles.Fixture("onnx", pattern, file), "model.onnx");

        var result = Repair(model, Verified);

        Assert.Equal(RepairStatus.Repaired, result.Status);
        Assert.Equal(RunOutcome.BitEqual, result.Running!.Outcome);
        Assert.Empty(result.Left);
        Assert.Equal(folder.File("model.repaired.onnx"), result.OutputPath);
        Assert.Equal(RepairStatus.Unchanged, Repair(result.OutputPath!, Verified).Status);
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public void SharedParametersStayOne()
    {
        using var folder = new TemporaryFolder();
        var model = folder.Copy(RepositoryFiles.Fixture("onnx", "twin_encoder", "torchscript-exporter.onnx"), "model.onnx");

        var result = Repair(model, Verified with { ShareParameters = true });

        Assert.All(result.Changes, c => Assert.Empty(c.Parameters));
        Assert.Equal(RunOutcome.BitEqual, result.Running!.Outcome);
    }

    [Fact]
    public void OnlyTheModulesThatAreNamedAreRepaired()
    {
        using var folder = new TemporaryFolder();
        var model = folder.Copy(RepositoryFiles.Fixture("onnx", "guide_relu_twice", "dynamo.onnx"), "model.onnx");

        Assert.Equal(RepairStatus.Unchanged, Repair(model, RepairSettings.Default with { Modules = ["conv*"] }).Status);
        Assert.Equal(RepairStatus.Unchanged, Repair(model, RepairSettings.Default with { ExcludedModules = ["relu"] }).Status);
        Assert.Equal(RepairStatus.WhatIf, Repair(model, RepairSettings.Default with { WhatIf = true }).Status);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void InPlaceKeepsABackupWhenAsked()
    {
        using var folder = new TemporaryFolder();
        var original = RepositoryFiles.Fixture("onnx", "guide_relu_twice", "dynamo.onnx");
        var model = folder.Copy(original, "model.onnx");

        var result = Repair(model, Verified with { InPlace = true, Backup = true });

        Assert.Equal(model, result.OutputPath);
        Assert.Equal(File.ReadAllBytes(original), File.ReadAllBytes(model + ".bak"));
        Assert.NotEqual(File.ReadAllBytes(original), File.ReadAllBytes(model));
    }

    [Fact]
    public void ADifferentResultIsNotWritten()
    {
        using var folder = new TemporaryFolder();
        var model = folder.Copy(RepositoryFiles.Fixture("onnx", "guide_relu_twice", "dynamo.onnx"), "model.onnx");

        var result = Repair(model, RepairSettings.Default with { Verifier = new Denier() });

        Assert.Equal("MG.Repair.Different", result.Error!.Id);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    [Fact]
    public void ATargetThatIsTheSourceOrStandsThereAlreadyIsRefused()
    {
        using var folder = new TemporaryFolder();
        var model = folder.Copy(RepositoryFiles.Fixture("onnx", "guide_relu_twice", "dynamo.onnx"), "model.onnx");

        Assert.Equal("MG.Repair.TargetIsSource", Repair(model, RepairSettings.Default with { OutputFolder = folder.Path }).Error!.Id);
        Assert.Equal("MG.Repair.TargetIsSource", Repair(model, RepairSettings.Default with { Suffix = "" }).Error!.Id);
        folder.Write("model.repaired.onnx", [1, 2, 3]);
        Assert.Equal("MG.Repair.TargetExists", Repair(model, RepairSettings.Default).Error!.Id);
        Assert.Equal(3, new FileInfo(folder.File("model.repaired.onnx")).Length);
        Assert.Equal("Structure", Repair(model, RepairSettings.Default with { Force = true, Backup = true }).Verified);
        Assert.Equal(3, new FileInfo(folder.File("model.repaired.onnx.bak")).Length);
    }

    [Fact]
    public void WithoutChangesEveryByteStays()
    {
        foreach (var path in Directory.GetFiles(RepositoryFiles.Fixture("onnx"), "*.onnx", SearchOption.AllDirectories))
        {
            using var source = new ModelSource(path, ReadLimits.Default);
            var document = OnnxDocument.Read(source);
            var edits = new OnnxEdits();
            foreach (var node in document.Graphs.SelectMany(g => g.Nodes).Where(n => n.Name.Length > 0))
            {
                edits.Of(node).Name = node.Name; // every message around every node is put together anew
            }

            using var output = new MemoryStream();
            new OnnxRewriter(document, edits).Rewrite().WriteTo(output, path, TestContext.Current.CancellationToken);
            Assert.Equal(File.ReadAllBytes(path), output.ToArray());
        }
    }

    [Fact]
    public void TheWholeCorpusIsRepairedCleanAndProven()
    {
        using var folder = new TemporaryFolder();
        var files = new[] { Path.Combine("pytorch", "patterns"), "keras" }
            .SelectMany(part => Directory.GetFiles(RepositoryFiles.CorpusOrSkip(part), "*.onnx", SearchOption.AllDirectories)).Order(StringComparer.Ordinal).ToList();
        var problems = new List<string>();
        var repaired = 0;
        foreach (var (file, i) in files.Select((f, i) => (f, i)))
        {
            var result = Repair(file, Verified with { OutputFolder = Path.Combine(folder.Path, $"{i}") });
            repaired += result.Status is RepairStatus.Repaired ? 1 : 0;
            if (result is { Status: RepairStatus.Failed } or { Status: RepairStatus.Repaired, Verified: not "Structure" } or { Status: RepairStatus.Repaired, Running.Outcome: not RunOutcome.BitEqual } || result.Left.Any(l => l.Module is not null && !l.Reason.Contains("keeps no nodes of its call", StringComparison.Ordinal)))
            {
                problems.Add($"{file}: {result.Status} {result.Proof} {result.Running} {result.Error} {string.Join("; ", result.Left)}");
            }
        }

        Assert.Empty(problems);
        Assert.True(repaired > 50, $"{repaired} repaired");
    }

    private static RepairResult Repair(string path, RepairSettings settings) =>
        Repairer.Default.Repair(new AuditInput(path, path), settings, TestContext.Current.CancellationToken);

    private sealed class Denier : IEquivalenceVerifier
    {
        public RunComparison Compare(string originalPath, string repairedPath, CancellationToken cancellation) => new(RunOutcome.Different, "it is", [1]);
    }
}
