using System.Diagnostics;
using ModelGuidelines.Audit;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>Whatever goes wrong: a clear error, the original as it was, and no litter.</summary>
public sealed class NothingLostTests
{
    private static readonly string Small = RepositoryFiles.Fixture("onnx", "twin_encoder", "dynamo.onnx");

    /// <summary>A disk that ends within the result, by a limit of the child process that every user may set.</summary>
    [Fact]
    public void AResultThatDoesNotFitIsGoneAgain()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/bin/bash"), "needs bash and its ulimit");
        using var folder = new TemporaryFolder();
        var model = folder.Copy(Small, "model.onnx");

        var (code, errors) = RunCli("trap '' XFSZ; ulimit -f 16; exec \"$@\"", "repair", "--in-place", "--backup", "--skip-verification", model);

        Assert.Equal(2, code);
        Assert.Contains("MG.Repair.WriteFailed", errors, StringComparison.Ordinal);
        AssertUntouched(folder, model);
    }

    [Fact]
    public void AFullDiskIsNamedAndLeavesNoLitter()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && File.Exists("/bin/bash"), "needs Linux");
        using var folder = new TemporaryFolder();
        var disk = Directory.CreateDirectory(folder.File("disk")).FullName;
        if (Bash("mount -t tmpfs -o size=48k tmpfs \"$1\"", disk).Code != 0)
        {
            Assert.Skip("needs the right to mount a small disk");
        }

        try
        {
            File.Copy(Small, Path.Combine(disk, "model.onnx"));
            var result = Repair(Path.Combine(disk, "model.onnx"), RepairSettings.Default with { InPlace = true, Backup = true });

            Assert.Equal("MG.Repair.DiskFull", result.Error?.Id);
            Assert.Equal(File.ReadAllBytes(Small), File.ReadAllBytes(Assert.Single(Directory.GetFiles(disk))));
        }
        finally
        {
            Bash("umount \"$1\"", disk);
        }
    }

    [Fact]
    public void AFolderThatCannotBeWrittenToIsNamed()
    {
        if (OperatingSystem.IsWindows() || Environment.IsPrivilegedProcess)
        {
            Assert.Skip("root may write everywhere, and folders of Windows have no mode");
            return;
        }

        using var folder = new TemporaryFolder();
        var model = folder.Copy(Small, "model.onnx");
        File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            Assert.Equal("MG.Repair.AccessDenied", Repair(model, RepairSettings.Default).Error?.Id);
            Assert.Equal("MG.Repair.AccessDenied", Repair(model, RepairSettings.Default with { InPlace = true }).Error?.Id);
        }
        finally
        {
            File.SetUnixFileMode(folder.Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        AssertUntouched(folder, model);
    }

    [Fact]
    public void AFileThatIsChangedMeanwhileIsNotReplaced()
    {
        using var folder = new TemporaryFolder();
        var model = folder.Copy(Small, "model.onnx");
        var result = Repair(model, RepairSettings.Default with { InPlace = true, Verifier = new Meanwhile(() => File.AppendAllText(model, "more")) });

        Assert.Equal("MG.Repair.Changed", result.Error?.Id);
        Assert.Equal(new FileInfo(Small).Length + 4, new FileInfo(Assert.Single(Directory.GetFiles(folder.Path))).Length);
    }

    [Fact]
    public void ARepairThatIsCancelledLeavesNothingBehind()
    {
        using var folder = new TemporaryFolder();
        var model = folder.File("model.onnx");
        LargeModel.Write(Small, model, 40 << 20);
        using var stop = new CancellationTokenSource();
        var settings = RepairSettings.Default with { InPlace = true, Backup = true, Progress = new Stop(stop) };

        Assert.ThrowsAny<OperationCanceledException>(() => Repairer.Default.Repair(new AuditInput(model, model), settings, stop.Token));

        Assert.Equal(model, Assert.Single(Directory.GetFiles(folder.Path)));
    }

    /// <summary>As <c>cp -p</c> keeps them, through a link too, which stays.</summary>
    [Fact]
    public void ModeTimesAndLinkStay()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("modes of Unix");
            return;
        }

        using var folder = new TemporaryFolder();
        var model = folder.Copy(Small, "model.onnx");
        File.SetUnixFileMode(model, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var time = new DateTime(2002, 3, 4, 5, 6, 7, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(model, time);
        File.CreateSymbolicLink(folder.File("link.onnx"), model);

        Assert.Equal(RepairStatus.Repaired, Repair(folder.File("link.onnx"), RepairSettings.Default with { InPlace = true, Backup = true }).Status);
        Assert.Equal(model, new FileInfo(folder.File("link.onnx")).LinkTarget);
        Assert.Equal(time, File.GetLastWriteTimeUtc(model));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead, File.GetUnixFileMode(model));
        Assert.Equal(File.ReadAllBytes(Small), File.ReadAllBytes(model + ".bak"));
        Assert.NotEqual(File.ReadAllBytes(Small), File.ReadAllBytes(model));
    }

    /// <summary>External data goes along; without the model it would be litter.</summary>
    [Fact]
    public void ExternalDataThatWasCopiedGoesWithAFailure()
    {
        using var folder = new TemporaryFolder();
        var model = folder.File("model.onnx");
        LargeModel.Write(Small, model, 3 << 20, "model.data");
        var output = folder.File("out");
        var settings = RepairSettings.Default with { OutputFolder = output };

        Assert.Equal("MG.Repair.Different", Repair(model, settings with { Verifier = new Denier() }).Error?.Id);
        Assert.Empty(Directory.GetFiles(output));

        Assert.Equal(RepairStatus.Repaired, Repair(model, settings).Status);
        Assert.Equal(2, Directory.GetFiles(output).Length);
        Assert.Equal(File.ReadAllBytes(folder.File("model.data")), File.ReadAllBytes(Path.Combine(output, "model.data")));
    }

    /// <summary>More weights than a protobuf file can hold stay where they are.</summary>
    [Fact]
    public void ThreeGigabytesOfExternalDataAreReferredTo()
    {
        using var folder = new TemporaryFolder();
        var model = folder.File("model.onnx");
        LargeModel.Write(Small, model, 0, "model.data");
        using (var data = File.OpenWrite(folder.File("model.data")))
        {
            data.SetLength(3L << 30); // takes no room on the disk
        }

        Assert.Equal(RepairStatus.Repaired, Repair(model, RepairSettings.Default).Status);
        Assert.Equal(3, Directory.GetFiles(folder.Path).Length);
        Assert.True(new FileInfo(folder.File("model.repaired.onnx")).Length < 1 << 20);
    }

    private static void AssertUntouched(TemporaryFolder folder, string model)
    {
        Assert.Equal(model, Assert.Single(Directory.GetFiles(folder.Path)));
        Assert.Equal(File.ReadAllBytes(Small), File.ReadAllBytes(model));
    }

    private static RepairResult Repair(string path, RepairSettings settings) =>
        Repairer.Default.Repair(new AuditInput(path, path), settings, TestContext.Current.CancellationToken);

    private static (int Code, string Errors) RunCli(string script, params string[] arguments) =>
        Bash(script, ["dotnet", Path.Combine(AppContext.BaseDirectory, "ModelGuidelines.Cli.dll"), .. arguments]);

    private static (int Code, string Errors) Bash(string script, params string[] arguments)
    {
        var start = new ProcessStartInfo("/bin/bash", ["-c", script, "bash", .. arguments]) { UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true };

        // Without these the runtime itself makes files that are larger than the limit.
        start.Environment["DOTNET_EnableWriteXorExecute"] = "0";
        start.Environment["DOTNET_EnableDiagnostics"] = "0";
        using var process = Process.Start(start)!;
        process.OutputDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, errors);
    }

    private sealed class Meanwhile(Action action) : IEquivalenceVerifier
    {
        public RunComparison Compare(string originalPath, string repairedPath, CancellationToken cancellation)
        {
            action();
            return RunComparison.NotRun("not run");
        }
    }

    private sealed class Stop(CancellationTokenSource source) : IProgress<RepairProgress>
    {
        public void Report(RepairProgress value)
        {
            if (value.Bytes > 0)
            {
                source.Cancel();
            }
        }
    }

    private sealed class Denier : IEquivalenceVerifier
    {
        public RunComparison Compare(string originalPath, string repairedPath, CancellationToken cancellation) => new(RunOutcome.Different, "no", []);
    }
}
