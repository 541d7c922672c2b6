using System.Diagnostics;
using System.Text;
using ModelGuidelines.Storage;
using ModelGuidelines.Tests.Repairs;

namespace ModelGuidelines.Tests.Storage;

/// <summary>The one writer of reports and repairs: what is no regular file is written through, never replaced.</summary>
public sealed class OutputFileTests
{
    [Fact]
    public void ALinkStaysAndItsTargetIsReplacedWithTheTargetsProperties()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes and links of Unix");
        using var folder = new TemporaryFolder();
        var target = folder.Write("target.txt", [1]);
        Bash("chmod 4640 \"$1\"; setfattr -n user.note -v kept \"$1\" 2>/dev/null; true", target);
        File.CreateSymbolicLink(folder.File("link"), "target.txt");

        Write(folder.File("link"), "new");

        Assert.Equal("target.txt", new FileInfo(folder.File("link")).LinkTarget);
        Assert.Equal("new", File.ReadAllText(target));
        Assert.Equal("4640", Bash("stat -c %a \"$1\"", target));
        Assert.True(Bash("command -v getfattr >/dev/null && getfattr --only-values -n user.note \"$1\" 2>/dev/null || echo kept", target) is "kept");
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
    }

    [Fact]
    public void WhatALinkToNothingMakesIsAFileAsAnyNewOne()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "modes and links of Unix");
        using var folder = new TemporaryFolder();
        File.CreateSymbolicLink(folder.File("link"), "later.txt");

        Write(folder.File("link"), "new");
        Write(folder.File("plain.txt"), "new");

        Assert.Equal(Bash("stat -c %a \"$1\"", folder.File("plain.txt")), Bash("stat -c %a \"$1\"", folder.File("later.txt")));
    }

    [Fact]
    public void TimesAreKeptWhereAsked()
    {
        using var folder = new TemporaryFolder();
        var path = folder.Write("model", [1]);
        var time = new DateTime(2001, 2, 3, 4, 5, 6, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(path, time);
        using (var output = OutputFile.Create(path))
        {
            output.Stream.Write("longer"u8);
            output.Complete();
            output.Commit(path, withTimes: true);
        }

        Assert.Equal(time, File.GetLastWriteTimeUtc(path));
        Assert.Equal("longer", File.ReadAllText(path));
    }

    [Theory]
    [InlineData("/dev/null")]
    [InlineData("/dev/full")]
    public void ADeviceIsWrittenThrough(string device)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs devices");
        using var output = OutputFile.Create(device);

        Assert.False(output.IsAtomic);
        Assert.Equal(FileKind.Special, FileProperties.KindOf(device));
        Assert.Equal(device, output.TemporaryPath);
    }

    [Fact]
    public void APipeGetsTheBytesAndStays()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs pipes");
        using var folder = new TemporaryFolder();
        var pipe = folder.File("pipe");
        Bash("mkfifo \"$1\"", pipe);
        using var reader = Process.Start(new ProcessStartInfo("cat", [pipe]) { UseShellExecute = false, RedirectStandardOutput = true })!;

        Write(pipe, "through");

        Assert.Equal("through", reader.StandardOutput.ReadToEnd());
        Assert.Equal(FileKind.Special, FileProperties.KindOf(pipe));
    }

    [Fact]
    public void AFolderAndAReadOnlyFileAreRefused()
    {
        using var folder = new TemporaryFolder();
        Assert.Throws<IOException>(() => OutputFile.Create(folder.Path));
        var path = folder.Write("fixed", [1]);
        File.SetAttributes(path, FileAttributes.ReadOnly);
        Assert.Throws<UnauthorizedAccessException>(() => OutputFile.Create(path));
        File.SetAttributes(path, FileAttributes.Normal);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    private static void Write(string path, string text)
    {
        using var output = OutputFile.Create(path);
        output.Stream.Write(Encoding.UTF8.GetBytes(text));
        output.Complete();
        output.Commit();
    }

    private static string Bash(string script, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", script, "bash", .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true })!;
        var text = process.StandardOutput.ReadToEnd().Trim();
        process.WaitForExit();
        return text;
    }
}
