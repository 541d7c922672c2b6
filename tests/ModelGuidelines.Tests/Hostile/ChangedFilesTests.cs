using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Storage;
using ModelGuidelines.Tests.Repairs;

namespace ModelGuidelines.Tests.Hostile;

/// <summary>What happens to a file between the search that found it and the reading: it is one error, or is read as what it is then; the others are read as ever.</summary>
public sealed class ChangedFilesTests : IDisposable
{
    private static readonly string[] Formats = ["onnx", "pt", "pt2", "keras", "h5", "json", "pth", "safetensors", "py"];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string, string> Changes => new()
    {
        { "deleted", "MG.Input.NotFound" },
        { "a folder", "MG.Input." },
        { "empty", "MG." },
        { "a pipe", "MG." },
        { "a dead link", "MG.Input.NotFound" },
        { "a link to itself", "MG.Input." },
        { "of another kind", "MG." },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Costs_that_file_alone(string change, string id)
    {
        var good = RepositoryFiles.Fixture("onnx", "guide_relu_twice", "torchscript-exporter.onnx");
        var files = Formats.Select(f => _folder.File($"b.{f}")).ToArray();
        Array.ForEach(files, f => File.Copy(good, f));
        string[] sound = [_folder.Copy(good, "a.onnx"), _folder.Copy(good, "z.onnx")];
        var inputs = new InputFinder(FormatRegistry.Default).Find(_folder.Path).ToList();
        Assert.Equal(files.Length + 2, inputs.Count);

        var pipes = new List<WatchedPipe>();
        foreach (var file in files)
        {
            File.Delete(file);
            switch (change)
            {
                case "a folder": Directory.CreateDirectory(file); break;
                case "empty": await File.WriteAllBytesAsync(file, [], TestContext.Current.CancellationToken); break;
                case "a pipe": pipes.Add(await WatchedPipe.Make(file, TestContext.Current.CancellationToken)); break;
                case "a dead link": File.CreateSymbolicLink(file, "nowhere"); break;
                case "a link to itself": File.CreateSymbolicLink(file, file); break;
                case "of another kind": await File.WriteAllTextAsync(file, "{{ no model", TestContext.Current.CancellationToken); break;
            }
        }

        var results = new List<AuditResult>();
        await foreach (var result in Auditor.Default.AuditAsync(inputs, AuditSettings.Default, TestContext.Current.CancellationToken))
        {
            results.Add(result);
        }

        Assert.Equal(2, results.Count(r => r.Findings.Length > 0 && sound.Contains(r.Path)));
        Assert.DoesNotContain(pipes, p => p.WasOpened);
        pipes.ForEach(p => p.Dispose());

        // What is a model only by a guess from its name, and is none when it is read, is passed over as in the search; what is not there is an error.
        var failed = results.Where(r => !sound.Contains(r.Path)).ToList();
        var said = inputs.Where(i => !sound.Contains(i.DisplayPath) && (!i.IsGuess || id == "MG.Input.NotFound")).Select(i => i.DisplayPath).ToList();
        Assert.NotEmpty(said);
        Assert.Empty(said.Except(failed.Select(r => r.Path)));
        Assert.All(failed, r => Assert.StartsWith(id, Assert.IsType<AuditError>(r.Error).Id, StringComparison.Ordinal));
    }

    /// <summary>A pipe is made in the place of a file after somebody looked what stands there.</summary>
    [Fact]
    public async Task A_pipe_that_was_a_file_is_not_waited_for()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs pipes");
        var pipe = _folder.File("a.onnx");
        await Shell($"mkfifo '{pipe}'");
        var length = await Task.Run(() =>
        {
            using var file = new PagedFile(pipe, kind: FileKind.Regular);
            return file.Length;
        }).WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Equal((0, null), (length, FileTrace.HashOf(pipe, [0, 1])));
    }

    [Fact]
    public async Task A_pipe_whose_name_is_no_text_is_not_opened()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs names of bytes");
        await Shell($"cd '{_folder.Path}' && mkfifo \"$(printf 'a\\377.onnx')\" && mkfifo \"$(printf 'a\\377.py')\"");
        var results = await Task.Run(() => new InputFinder(FormatRegistry.Default).Find(_folder.Path).Select(i => Auditor.Default.Audit(i, AuditSettings.Default)).ToList())
            .WaitAsync(TimeSpan.FromMinutes(1), TestContext.Current.CancellationToken);
        Assert.Contains(results, r => r?.Error?.Id == "MG.Onnx.Empty");
        await Shell($"rm '{_folder.Path}'/a*"); // names that .NET cannot write
    }

    private static async Task Shell(string command)
    {
        using var shell = System.Diagnostics.Process.Start("sh", ["-c", command]);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, shell.ExitCode);
    }
}
