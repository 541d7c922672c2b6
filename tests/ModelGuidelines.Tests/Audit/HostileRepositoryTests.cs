using System.Diagnostics;
using ModelGuidelines.Audit;
using ModelGuidelines.Audit.Memory;
using ModelGuidelines.Storage;
using ModelGuidelines.Tests.Repairs;

namespace ModelGuidelines.Tests.Audit;

/// <summary>A repository that somebody else made, its configuration too: git is asked about it, and nothing that it names is run.</summary>
public sealed class HostileRepositoryTests
{
    [Fact]
    public void Nothing_that_the_configuration_names_is_run()
    {
        using var folder = new TemporaryFolder();
        var root = Directory.CreateDirectory(folder.File("root")).FullName;
        var (inner, marks) = (folder.File("inner"), Directory.CreateDirectory(folder.File("marks")).FullName);
        Directory.CreateDirectory(inner);
        Make(inner, ("part.onnx", "1234"));
        Make(root, ("net.onnx", "1234"), (".gitattributes", "*.onnx filter=a=b diff=a=b\n"));
        Git(root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner, "parts");
        Git(root, "commit", "-qm", "parts");
        File.WriteAllText(Path.Join(root, "parts", ".gitattributes"), "*.onnx filter=own\n");
        foreach (var (configuration, name) in new[] { (Path.Join(root, ".git"), "root"), (Path.Join(root, ".git", "modules", "parts"), "module") })
        {
            Poison(configuration, name, marks);
        }

        // A folder that looks like a bare repository.
        var bare = Path.Join(root, "bare");
        Git(root, "init", "-q", "--bare", bare);
        Poison(bare, "bare", marks);
        File.WriteAllText(Path.Join(bare, "net.onnx"), "");

        // Of the same size and another time, so that git must look into them.
        foreach (var model in new[] { Path.Join(root, "net.onnx"), Path.Join(root, "parts", "part.onnx") })
        {
            File.WriteAllText(model, "1235");
            File.SetLastWriteTimeUtc(model, new DateTime(2030, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }

        var inputs = new[] { "net.onnx", "parts/part.onnx", "bare/net.onnx" }.Select(n => new AuditInput(Path.Join(root, n), n)).ToList();
        Assert.NotEmpty(ChangedFiles.Select(inputs, "HEAD", []));
        Assert.Throws<ModelReadException>(() => ChangedFiles.Select(inputs, "1234567890123456789012345678901234567890", []));
        foreach (var at in new[] { root, Path.Join(root, "parts"), bare })
        {
            AuditMemory.RepositoryOf(at);
            ModelGuidelines.Audit.Git.Ignored(at);
        }

        Assert.Empty(Directory.EnumerateFiles(marks).Select(Path.GetFileName));

        // That the trap works: git by itself falls into it.
        Git(root, "status", "--short");
        Assert.NotEmpty(Directory.EnumerateFiles(marks));
    }

    private static void Poison(string gitFolder, string name, string marks)
    {
        string Trap(string what) => $"\"touch '{marks}/{name}-{what}'; cat\"".Replace('\\', '/');
        File.AppendAllText(Path.Join(gitFolder, "config"), $"""

            [core]
                fsmonitor = {Trap("fsmonitor")}
                sshCommand = {Trap("ssh")}
                pager = {Trap("pager")}
                hooksPath = hooks
                askPass = {Trap("askpass")}
            [diff]
                external = {Trap("external")}
            [diff "a=b"]
                textconv = {Trap("textconv")}
                command = {Trap("command")}
            [filter "a=b"]
                clean = {Trap("clean")}
                process = {Trap("process")}
                required = true
            [filter "own"]
                clean = {Trap("own-clean")}
            [credential]
                helper = {Trap("credential")}
            [protocol]
                allow = always
            [remote "origin"]
                url = ssh://nobody@localhost/x
                promisor = true
                uploadpack = {Trap("uploadpack")}
            [extensions]
                partialClone = origin
            """);
        foreach (var hook in new[] { "post-index-change", "post-checkout", "pre-auto-gc" })
        {
            var file = Path.Join(Directory.CreateDirectory(Path.Join(gitFolder, "hooks")).FullName, hook);
            File.WriteAllText(file, $"#!/bin/sh\ntouch '{marks}/{name}-{hook}'\n");
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
    }

    private static void Make(string folder, params (string Name, string Text)[] files)
    {
        Git(folder, "init", "-q");
        foreach (var (name, text) in files)
        {
            File.WriteAllText(Path.Join(folder, name), text);
        }

        Git(folder, "add", ".");
        Git(folder, "commit", "-qm", "all");
    }

    private static void Git(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in new[] { "-c", "user.name=t", "-c", "user.email=t@example.org" }.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        using var git = Process.Start(start)!;
        var error = git.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        git.StandardOutput.ReadToEnd();
        git.WaitForExit();
        Assert.True(git.ExitCode == 0 || arguments[0] == "status", error.GetAwaiter().GetResult());
    }
}
