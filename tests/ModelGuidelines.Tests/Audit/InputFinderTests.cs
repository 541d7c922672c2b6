using System.Diagnostics;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Models;

namespace ModelGuidelines.Tests.Audit;

/// <summary>What is found behind paths, on a real file system, with a format of two extensions.</summary>
public sealed class InputFinderTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mg-inputs-").FullName;
    private readonly InputFinder _finder = new(new FormatRegistry([new Stub()]));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_folder_is_searched_in_a_stable_order()
    {
        Touch("b/z.mod", "b/A.mod", "a.mod", "c.txt", ".hidden/x.mod", "b/maybe.dat");
        Assert.Equal(["a.mod", "b/A.mod", "b/maybe.dat", "b/z.mod"], Names(_folder));
        Assert.True(_finder.Find(_folder).Single(i => i.DisplayPath.EndsWith(".dat", StringComparison.Ordinal)).IsGuess);
    }

    [Fact]
    public void A_folder_is_not_searched_below_itself_when_told_so()
    {
        Touch("b/z.mod", "a.mod");
        Assert.Equal("a.mod", Path.GetFileName(Assert.Single(_finder.Find(_folder, recurse: false)).FullPath));
    }

    [Fact]
    public void Wildcards_match_in_every_part()
    {
        Touch("run1/x.mod", "run2/x.mod", "run2/y.mod", "other/x.mod");
        Assert.Equal(["run1/x.mod", "run2/x.mod"], Names(Path.Combine(_folder, "run*", "x.mod")));
        Assert.Equal("MG.Input.NotFound", Assert.Single(_finder.Find(Path.Combine(_folder, "none*.mod"))).Error!.Id);
    }

    /// <summary>On Linux a name is any bytes; two of them may be shown alike.</summary>
    [Fact]
    public void Names_that_are_no_text_are_found_and_can_be_read()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Skip("only Linux has such names");
        }

        using (var shell = Process.Start("/bin/sh", ["-c", "cd \"$0\" && mkdir $(printf 'f\\351') && printf one > $(printf 'f\\351')/a.mod && printf two > $(printf 'b\\351.mod') && printf three > $(printf 'b\\350.mod')", _folder]))
        {
            shell.WaitForExit();
        }

        var found = _finder.Find(_folder).ToList();
        Assert.Equal(["b\uFFFD.mod", "b\uFFFD.mod", "f\uFFFD/a.mod"], found.Select(i => Path.GetRelativePath(_folder, i.DisplayPath)));
        Assert.Equal(["three", "two", "one"], found.Select(i => File.ReadAllText(i.FullPath)));
        Assert.Equal("one", File.ReadAllText(Assert.Single(_finder.Find(Path.Join(_folder, "f\uFFFD"))).FullPath));
        Assert.Single(_finder.FindListed(Path.Join(_folder, "f\uFFFD", "a.mod")));
        Assert.Empty(_finder.FindListed(Path.Join(_folder, "f\uFFFD", "gone.mod")));
        Assert.Equal(1, _finder.Missing);
        GC.KeepAlive(found);
        using var cleaner = Process.Start("/bin/sh", ["-c", "rm -r \"$0\"/*", _folder]); // .NET cannot delete them
        cleaner.WaitForExit();
    }

    [Theory]
    [InlineData("a[x].mod")]
    [InlineData("a*b.mod")]
    [InlineData("sp ace.mod")]
    [InlineData("模型-🙂.mod")]
    [InlineData("-x.mod")]
    public void Names_with_special_characters_are_themselves(string name)
    {
        if (OperatingSystem.IsWindows() && name.Contains('*', StringComparison.Ordinal))
        {
            Assert.Skip("Windows has no files with * in their names");
        }

        Touch(name);
        var path = Path.Combine(_folder, name);
        Assert.Equal(path, Assert.Single(_finder.Find(path)).FullPath);
        Assert.Null(Assert.Single(_finder.Find(path, isLiteral: true)).Error);
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void An_impossible_path_is_an_error(string path) => Assert.Equal("MG.Input.InvalidPath", Assert.Single(_finder.Find(path)).Error!.Id);

    [Fact]
    public void A_search_that_comes_upon_nothing_can_be_stopped()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "nothing", "in", "it"));
        using var stop = new CancellationTokenSource();
        var finder = new InputFinder(new FormatRegistry([new Stub()])) { Cancellation = stop.Token };
        Assert.Empty(finder.Find(Path.Combine(_folder, "nothing")));
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => finder.Find(Path.Combine(_folder, "nothing")).ToList());
    }

    [Fact]
    public void A_missing_file_is_an_error() => Assert.Equal("MG.Input.NotFound", Assert.Single(_finder.Find(Path.Combine(_folder, "no.mod"))).Error!.Id);

    [Fact]
    public void A_broken_link_and_a_circle_of_links_are_errors()
    {
        Link("broken.mod", "nowhere");
        Link("circle.mod", "circle.mod");
        Assert.All(_finder.Find(_folder), i => Assert.Equal("MG.Input.BrokenLink", i.Error!.Id));
        Assert.Equal(2, _finder.Find(_folder).Count());
        Assert.Equal("MG.Input.BrokenLink", Assert.Single(_finder.Find(Path.Combine(_folder, "broken.mod"))).Error!.Id);
    }

    [Fact]
    public void A_link_to_a_folder_is_not_followed()
    {
        Touch("real/a.mod");
        Link("loop", ".");
        Assert.Equal(["real/a.mod"], Names(_folder));
    }

    [Fact]
    public void Links_that_lead_outside_are_followed_only_when_asked_for()
    {
        Touch("named/a.mod", "elsewhere/b.mod", "elsewhere/c.dat", "elsewhere/deep/d.mod", "elsewhere/deep/inside/e.mod");
        Link("named/inside.mod", "a.mod");
        Link("named/b.mod", "../elsewhere/b.mod");
        Link("named/c.dat", "../elsewhere/c.dat");
        Link("named/deep", "../elsewhere/deep");
        Link("named/twice", "../elsewhere/deep");
        Link("elsewhere/deep/back", "../../named");
        Link("elsewhere/deep/around", "..");

        // What is behind a link to a folder is as much outside as what the link itself leads to.
        Link("named/way.mod", "deep/d.mod");
        var named = Path.Combine(_folder, "named");
        var found = _finder.Find(named).ToDictionary(i => Path.GetFileName(i.FullPath), i => i.Error?.Id);
        Assert.Equal([("a.mod", null), ("b.mod", "MG.Input.LinkOutside"), ("inside.mod", null), ("way.mod", "MG.Input.LinkOutside")], found.Select(f => (f.Key, f.Value)).Order());

        var finder = new InputFinder(new FormatRegistry([new Stub()])) { FollowLinks = true };
        var all = finder.Find(named).ToList();
        Assert.All(all, i => Assert.Null(i.Error));
        Assert.Equal(
            ["a.mod", "b.mod", "c.dat", "deep/around/b.mod", "deep/around/c.dat", "deep/d.mod", "deep/inside/e.mod", "inside.mod", "way.mod"],
            all.Select(i => Path.GetRelativePath(named, i.FullPath).Replace('\\', '/')).Order(StringComparer.Ordinal));

        // Who names a link asks for what it leads to.
        Assert.Null(Assert.Single(_finder.Find(Path.Combine(named, "b.mod"))).Error);
        Assert.Equal(2, _finder.Find(Path.Combine(named, "deep")).Count(i => i.Error is null));
    }

    [Fact]
    public void A_folder_without_rights_is_one_error_and_the_rest_goes_on()
    {
        if (OperatingSystem.IsWindows() || Environment.UserName == "root")
        {
            Assert.Skip("needs a user whom rights bind");
        }
        else
        {
            Touch("closed/a.mod", "open/b.mod");
            var closed = Path.Combine(_folder, "closed");
            File.SetUnixFileMode(closed, UnixFileMode.None);
            try
            {
                var found = _finder.Find(_folder).ToList();
                Assert.Equal("MG.Input.FolderUnreadable", found[0].Error!.Id);
                Assert.Null(found[1].Error);
            }
            finally
            {
                File.SetUnixFileMode(closed, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            }
        }
    }

    [Fact]
    public void Long_paths_work()
    {
        var name = string.Join('/', Enumerable.Repeat(new string('d', 60), 5)) + "/a.mod";
        Touch(name);
        Assert.Equal(name, Assert.Single(Names(_folder)));
    }

    /// <summary>Opening a pipe would wait for its writer for ever, and take what is meant for another.</summary>
    [Fact]
    public async Task A_pipe_is_not_opened()
    {
        using var pipe = await WatchedPipe.Make(Path.Combine(_folder, "pipe.mod"), TestContext.Current.CancellationToken);
        Link("link.mod", "pipe.mod");
        var auditor = new Auditor(new FormatRegistry([new Stub()]), []);
        Assert.Equal(["MG.Input.Empty", "MG.Input.Empty"], _finder.Find(_folder).Select(i => auditor.Audit(i, AuditSettings.Default)!.Error!.Id));
        Assert.False(pipe.WasOpened);
    }

    private string[] Names(string path) => [.. _finder.Find(path).Select(i => Path.GetRelativePath(_folder, i.FullPath).Replace('\\', '/'))];

    private void Touch(params string[] names)
    {
        foreach (var path in names.Select(n => Path.Combine(_folder, n)))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllText(path, "x");
        }
    }

    private void Link(string name, string target)
    {
        try
        {
            File.CreateSymbolicLink(Path.Combine(_folder, name), target);
        }
        catch (IOException) when (OperatingSystem.IsWindows())
        {
            Assert.Skip("needs the right to create links");
        }
    }

    private sealed class Stub : IModelFormat
    {
        public string Name => "Stub";

        public IReadOnlyCollection<string> Extensions => [".mod"];

        public IReadOnlyCollection<string> SharedExtensions => [".dat"];

        public bool Matches(ModelSource source) => !source.IsDirectory && source.Header.Length > 0;

        public ModelGraph Read(ModelSource source) => new() { Framework = Framework.Unknown };
    }
}
