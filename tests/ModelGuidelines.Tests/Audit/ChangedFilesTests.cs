using System.Diagnostics;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Audit;

/// <summary>What differs from a commit, in a repository that git itself makes.</summary>
public sealed class ChangedFilesTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mg-changes-").FullName;

    public ChangedFilesTests()
    {
        if (OperatingSystem.IsMacOS())
        {
            _folder = new DirectoryInfo(_folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? _folder;
        }
    }

    private string Root => Path.Join(_folder, "root");

    public void Dispose()
    {
        foreach (var file in Directory.EnumerateFiles(_folder, "*", SearchOption.AllDirectories))
        {
            File.SetAttributes(file, FileAttributes.Normal); // git's objects are read-only
        }

        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void Changed_new_renamed_and_oddly_named_files_and_their_importers()
    {
        Repository(Root, ("a.onnx", "1"), ("b.onnx", "2"), ("old.onnx", "3"), ("gone.onnx", "4"), ("same \"ä\".onnx", "5"), ("models/saved_model.pb", "6"), ("models/variables/index", "7"),
            ("pkg/__init__.py", ""), ("pkg/layers.py", "x = 1"), ("pkg/blocks.py", "from .layers import x"), ("pkg/net.py", "from . import blocks"), ("pkg/apart.py", "import os"),
            ("pkg/asks.py", "import pkg\ny = pkg.blocks.x"), ("pkg/missing.py", "try:\n    from .lost import z\nexcept ImportError:\n    pass"), ("pkg/lost.py", "z = 1"));
        Write(Root, ("a.onnx", "changed"), ("new.onnx", "8"), ("line\nend ä.onnx", "9"), ("pkg/layers.py", "x = 2"), ("models/variables/index", "70"));
        Git(Root, "mv", "old.onnx", "renamed.onnx");
        Git(Root, "rm", "-q", "gone.onnx", "pkg/lost.py");
        Assert.Equal(
            ["a.onnx", "line\nend ä.onnx", "models", "new.onnx", "pkg/asks.py", "pkg/blocks.py", "pkg/layers.py", "pkg/missing.py", "pkg/net.py", "renamed.onnx"],
            Changed("HEAD"));
    }

    [Fact]
    public void A_submodule_is_compared_with_the_commit_at_which_it_stood()
    {
        var inner = Path.Join(_folder, "inner");
        Repository(inner, ("one.onnx", "1"), ("two.onnx", "2"));
        Repository(Root, ("own.onnx", "1"));
        Git(Root, "-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner, "parts");
        Git(Root, "commit", "-qm", "submodule");
        Assert.Empty(Changed("HEAD"));
        Write(Path.Join(Root, "parts"), ("two.onnx", "changed"), ("three.onnx", "3"));
        Git(Path.Join(Root, "parts"), "commit", "-qam", "within");
        Assert.Equal(["parts/three.onnx", "parts/two.onnx"], Changed("HEAD"));
        Assert.Equal(["parts/one.onnx", "parts/three.onnx", "parts/two.onnx"], Changed("HEAD~1"));
    }

    [Fact]
    public void What_git_cannot_tell_is_a_clear_error()
    {
        Assert.Equal("MG.Git.NoRepository", Assert.Throws<ModelReadException>(() => Write(Root, ("a.onnx", "1")).Changed("HEAD")).Id);
        Repository(Root, ("a.onnx", "1"));
        Assert.Equal("MG.Git.UnknownRevision", Assert.Throws<ModelReadException>(() => Changed("no-such-branch")).Id);
        Assert.Equal("MG.Git.UnknownRevision", Assert.Throws<ModelReadException>(() => Changed("--output=stolen")).Id);
        Write(Root, ("a.onnx", "2"));
        Git(Root, "commit", "-qam", "second");
        Git(_folder, "clone", "-q", "--depth=1", $"file://{Root}", "shallow");
        var error = Assert.Throws<ModelReadException>(() => ChangedFiles.Select(new InputFinder(FormatRegistry.Default).Find(Path.Join(_folder, "shallow")), "HEAD~1", []));
        Assert.Equal("MG.Git.Shallow", error.Id);
        Assert.Contains("fetch", error.Message, StringComparison.Ordinal);
    }

    /// <summary>A share that does not answer, a helper that asks: git waits, and the audit for git.</summary>
    [Fact]
    public void A_git_that_hangs_is_ended()
    {
        var error = Assert.Throws<ModelReadException>(() => ModelGuidelines.Audit.Git.Run(Path.GetTempPath(), TimeSpan.FromSeconds(1), [], "-c", "alias.wait=!sleep 50", "wait"));
        Assert.Equal("MG.Git.TimeLimit", error.Id);
        Assert.Contains("git wait", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_wait_for_git_can_be_stopped()
    {
        using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.ThrowsAny<OperationCanceledException>(() => ModelGuidelines.Audit.Git.Run(Path.GetTempPath(), TimeSpan.FromSeconds(60), [], stop.Token, "-c", "alias.wait=!sleep 50", "wait"));
        Assert.InRange(watch.Elapsed.TotalSeconds, 0, 40);
        Assert.ThrowsAny<OperationCanceledException>(() => ModelGuidelines.Audit.Git.Ignored(Environment.CurrentDirectory, new(canceled: true)));
    }

    [Fact]
    public void The_search_for_imports_can_be_stopped()
    {
        Repository(Root, ("model.py", "import other\n"), ("other.py", "x = 1\n"));
        Write(Root, ("other.py", "x = 2\n"));
        Assert.Equal(["model.py", "other.py"], Changed("HEAD"));
        Assert.Throws<OperationCanceledException>(() => ChangedFiles.Select(new InputFinder(FormatRegistry.Default).Find(Root), "HEAD", [], new CancellationToken(canceled: true)));
    }

    [Fact]
    public void Nothing_that_the_repository_configures_is_run()
    {
        Repository(Root, ("a.onnx", "1"), (".gitattributes", "*.onnx filter=evil diff=evil"));
        var trace = Path.Join(_folder, "ran");
        foreach (var key in new[] { "filter.evil.clean", "filter.evil.smudge", "diff.evil.textconv", "diff.evil.command", "core.fsmonitor", "diff.external" })
        {
            Git(Root, "config", key, $"touch '{trace}'; cat");
        }

        Write(Root, ("a.onnx", "2"));
        Assert.Equal(["a.onnx"], Changed("HEAD"));
        Assert.False(File.Exists(trace));
    }

    private IEnumerable<string> Changed(string revision) =>
        ChangedFiles.Select(new InputFinder(FormatRegistry.Default).Find(Root), revision, []).Select(i => Path.GetRelativePath(Root, i.FullPath).Replace('\\', '/')).Order(StringComparer.Ordinal);

    private void Repository(string folder, params (string Name, string Text)[] files)
    {
        Write(folder, files);
        Git(folder, "init", "-q");
        Git(folder, "add", ".");
        Git(folder, "commit", "-qm", "first");
    }

    private ChangedFilesTests Write(string folder, params (string Name, string Text)[] files)
    {
        foreach (var (name, text) in files)
        {
            var path = Path.Join(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, text);
        }

        return this;
    }

    private static void Git(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("git") { WorkingDirectory = folder, RedirectStandardError = true, UseShellExecute = false };
        foreach (var argument in new[] { "-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false" }.Concat(arguments))
        {
            start.ArgumentList.Add(argument);
        }

        using var git = Process.Start(start)!;
        var error = git.StandardError.ReadToEnd();
        git.WaitForExit();
        Assert.True(git.ExitCode == 0, error);
    }
}
