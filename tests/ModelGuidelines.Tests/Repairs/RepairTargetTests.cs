using System.Diagnostics;
using ModelGuidelines.Audit;
using ModelGuidelines.Repairs;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>A repair where something stands that is no ordinary file: nothing of it is lost, and a link is followed to what it names.</summary>
public sealed class RepairTargetTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public RepairTargetTests() => _model = _folder.Copy(RepositoryFiles.Fixture("onnx", "twin_encoder", "dynamo.onnx"), "model.onnx");

    public void Dispose() => _folder.Dispose();

    private string Target => _folder.File("model.repaired.onnx");

    [Theory]
    [InlineData("mkfifo \"$1\"", "MG.Repair.TargetIsDevice")]
    [InlineData("ln -s /dev/null \"$1\"", "MG.Repair.TargetIsDevice")]
    [InlineData("ln -s /dev/full \"$1\"", "MG.Repair.TargetIsDevice")]
    [InlineData("mkdir \"$1\"", "MG.Repair.TargetIsFolder")]
    [InlineData("ln -s . \"$1\"", "MG.Repair.TargetIsFolder")]
    [InlineData("ln -s model.onnx \"$1\"", "MG.Repair.TargetIsSource")]
    public void WhatIsNoPlaceForAModelIsRefusedAndStays(string make, string id)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs pipes and devices");
        Bash(make, Target);
        var (kind, link, source) = (FileProperties.KindOf(Target), new FileInfo(Target).LinkTarget, File.ReadAllBytes(_model));

        var result = Repair(new() { Force = true });

        Assert.Equal(id, result.Error?.Id);
        Assert.Equal((kind, link), (FileProperties.KindOf(Target), new FileInfo(Target).LinkTarget));
        Assert.Equal(source, File.ReadAllBytes(_model));
        Assert.Equal(2, Directory.GetFileSystemEntries(_folder.Path).Length);
    }

    [Fact]
    public void ALinkStaysAndWhatItNamesIsReplaced()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right");
        var named = _folder.Write("named.onnx", [1]);
        File.CreateSymbolicLink(Target, "named.onnx");

        Assert.Equal("MG.Repair.TargetExists", Repair(new()).Error?.Id);
        Assert.Equal([1], File.ReadAllBytes(named));

        Assert.Equal(RepairStatus.Repaired, Repair(new() { Force = true }).Status);
        Assert.Equal("named.onnx", new FileInfo(Target).LinkTarget);
        Assert.True(new FileInfo(named).Length > 1000);
    }

    [Fact]
    public void ALinkThatLeadsNowhereMakesWhatItNames()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "links need a right");
        File.CreateSymbolicLink(Target, "later.onnx");

        Assert.Equal("MG.Repair.TargetExists", Repair(new()).Error?.Id);
        Assert.Equal(RepairStatus.Repaired, Repair(new() { Force = true }).Status);
        Assert.Equal("later.onnx", new FileInfo(Target).LinkTarget);
        Assert.True(new FileInfo(_folder.File("later.onnx")).Length > 1000);
    }

    private RepairResult Repair(RepairSettings settings) => Repairer.Default.Repair(new AuditInput(_model, _model), settings, TestContext.Current.CancellationToken);

    private static void Bash(string script, string argument)
    {
        using var process = Process.Start("/bin/bash", ["-c", script, "bash", argument]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
