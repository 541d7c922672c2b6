using System.Diagnostics;
using System.Text.Json;
using ModelGuidelines.Tests.Repairs;

namespace ModelGuidelines.Tests.CommandLine;

/// <summary>What a slip of whoever writes a command line must not do: end in a crash, take a file away, or pass unnoticed.</summary>
public sealed class SlipTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly string _model;

    public SlipTests() => _model = _folder.Copy(RepositoryFiles.Path("samples/pytorch/linear_twice.onnx"), "model.onnx");

    public void Dispose() => _folder.Dispose();

    /// <summary>A script's variable that is not set.</summary>
    [Theory]
    [InlineData("test", "--baseline")]
    [InlineData("test", "--output")]
    [InlineData("test", "--guideline")]
    [InlineData("test", "--exclude")]
    [InlineData("repair", "--output-path")]
    [InlineData("repair", "--diff")]
    [InlineData("graph", "--output")]
    public void An_empty_value_is_wrong_usage(string command, string option)
    {
        var (code, output, error) = Run(command, "model.onnx", option, "");
        Assert.Equal((2, ""), (code, output));
        Assert.StartsWith($"modelguidelines: the value of {option} is empty\n", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("test", "model.onnx", "--format", "csv", "--output", "model.onnx")]
    [InlineData("test", ".", "--report", "csv=./model.onnx")]
    [InlineData("test", "model.onnx", "--report", "csv=link.onnx")]
    [InlineData("repair", "model.onnx", "--output", "model.onnx")]
    [InlineData("repair", "model.onnx", "--diff", "model.onnx")]
    [InlineData("graph", "model.onnx", "--output", "model.onnx")]
    [InlineData("aimet", "model.onnx", "--output", "model.onnx")]
    public void No_report_replaces_the_model_that_is_read(params string[] arguments)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.CreateSymbolicLink(_folder.File("link.onnx"), "model.onnx");
        }
        else if (arguments.Contains("csv=link.onnx"))
        {
            return;
        }

        var before = File.ReadAllBytes(_model);
        var (code, output, error) = Run(arguments);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("is a model that is read here", error, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(_model));
    }

    [Fact]
    public void A_report_of_before_is_replaced_also_where_a_search_comes_upon_it_and_two_reports_do_not_share_a_file()
    {
        Assert.Equal(1, Run("test", ".", "--format", "json", "--output", "report.json").Code);
        Assert.Equal(1, Run("test", ".", "--format", "json", "--output", "report.json").Code);
        var (code, _, error) = Run("test", ".", "--report", "json=report.json", "--report", "csv=./report.json");
        Assert.Equal(2, code);
        Assert.Contains("named for two outputs", error, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(1, Run("test", ".", "--report", "json=/dev/null", "--report", "csv=/dev/null").Code);
        }
    }

    [Fact]
    public void Names_of_modules_swallow_no_path_of_a_repair_and_must_exist()
    {
        var (code, output, _) = Run("repair", "--module", "mix", "model.onnx", "--what-if");
        Assert.Equal(0, code);
        Assert.Contains("1 of 1 files would be repaired", output, StringComparison.Ordinal);
        (code, _, var error) = Run("repair", "model.onnx", "--module", "mix,nope", "--what-if");
        Assert.Equal((2, "modelguidelines: no model has a module 'nope'\n"), (code, error));
    }

    /// <summary>From within a part of the repository, as settings that lie above it make one do.</summary>
    [Fact]
    public void A_baseline_is_the_same_in_every_folder()
    {
        Directory.CreateDirectory(_folder.File("part"));
        File.Copy(RepositoryFiles.Path("samples/keras/siamese.h5"), _folder.File("part/siamese.h5"));
        File.WriteAllText(_folder.File("modelguidelines.yaml"), "baseline: known.json\n");
        Run("test", ".", "--update-baseline", "--baseline", "known.json");
        var known = File.ReadAllText(_folder.File("known.json"));
        var (code, _, error) = RunIn("part", "test", ".");
        Assert.Equal((0, "modelguidelines: baseline: 0 new, 0 fixed, 1 known\n"), (code, error));
        Assert.Equal(0, RunIn("part", "test", ".", "../model.onnx", "--update-baseline").Code);
        Assert.Equal(known, File.ReadAllText(_folder.File("known.json")));
    }

    [Fact]
    public void Links_that_are_not_followed_are_said()
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        Directory.CreateDirectory(_folder.File("part"));
        File.Copy(_model, _folder.File("part/model.onnx"));
        File.CreateSymbolicLink(_folder.File("part/other.h5"), RepositoryFiles.Path("samples/keras/siamese.h5"));
        Directory.CreateSymbolicLink(_folder.File("part/folder"), RepositoryFiles.Path("samples/keras"));
        Directory.CreateSymbolicLink(_folder.File("part/inside"), ".");
        Assert.Equal("modelguidelines: note: 2 links lead out of what was named and were passed over; --follow-links follows\n", Run("test", "part").Error);
        Assert.Equal("", Run("test", "part", "--follow-links").Error);
    }

    /// <summary>The current folder is another than the one that is searched.</summary>
    [Theory]
    [InlineData("..", "--exclude", "keras", 1)]
    [InlineData("..", "--exclude", "/keras", 1)]
    [InlineData("..", "--exclude", "*.h5", 1)]
    [InlineData("..", "--exclude", "../keras", 1)]
    [InlineData("..", "--exclude", "a/../../keras/*.h5", 1)]
    [InlineData("..", "--include", "*.onnx", 1)]
    [InlineData("..", "--include", "here/**", 0)]
    [InlineData("..", "--exclude", "nothing", 2)]
    [InlineData("../keras", "--exclude", "keras", 1)]
    [InlineData("../keras", "--exclude", "siamese*", 0)]
    public void Globs_hold_in_a_search_elsewhere(string path, string option, string glob, int files)
    {
        Directory.CreateDirectory(_folder.File("here"));
        Directory.CreateDirectory(_folder.File("keras"));
        File.Copy(RepositoryFiles.Path("samples/keras/siamese.h5"), _folder.File("keras/siamese.h5"));
        Assert.Contains($"{files} file{(files == 1 ? "" : "s")} audited", RunIn("here", "test", path, option, glob).Output, StringComparison.Ordinal);
    }

    /// <summary>As a full disk leaves it. Whatever is no model may be called .json; .h5 is HDF5.</summary>
    [Fact]
    public void An_empty_file_that_must_be_a_model_is_told_where_a_search_comes_upon_it()
    {
        File.WriteAllText(_folder.File("empty.h5"), "");
        File.WriteAllText(_folder.File("empty.json"), "");
        var (code, output, _) = Run("test", ".");
        Assert.Equal(2, code);
        Assert.Contains("./empty.h5: not audited: the file is empty", output, StringComparison.Ordinal);
        Assert.DoesNotContain("empty.json", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_message_about_a_file_names_what_was_asked_for()
    {
        File.WriteAllText(_folder.File("file"), "");
        var (code, _, error) = Run("test", "model.onnx", "--output", "file/report.txt");
        Assert.Equal(2, code);
        Assert.Matches("^modelguidelines: cannot write 'file/report.txt': '[^']*file' is a file, not a folder\n$", error);
        if (!OperatingSystem.IsWindows())
        {
            using var mkfifo = Process.Start("mkfifo", [_folder.File("pipe")]);
            mkfifo.WaitForExit();
            using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "cat model.onnx | dotnet \"$0\" test /dev/fd/0", Path.Combine(AppContext.BaseDirectory, "ModelGuidelines.Cli.dll")]) { WorkingDirectory = _folder.Path, UseShellExecute = false, RedirectStandardOutput = true })!;
            Assert.Contains("no ordinary file (a pipe, a device)", shell.StandardOutput.ReadToEnd(), StringComparison.Ordinal);
        }
    }

    /// <summary>On Linux a name is any bytes; .NET shows them as U+FFFD. That name leads to the file again, and its repair goes beside it under the name that is shown, or into its place.</summary>
    [Fact]
    public void A_file_whose_name_is_no_text_is_known_by_its_shown_name_and_repaired()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        Shell("mv model.onnx \"$(printf 'o\\376.onnx')\" && chmod 640 o*.onnx");
        using var report = JsonDocument.Parse(Run("test", ".", "--format", "json").Output);
        var path = report.RootElement.GetProperty("files")[0].GetProperty("path").GetString()!;
        Assert.Equal("./o\uFFFD.onnx", path);

        Assert.Equal(0, Run("repair", path, "--what-if").Code);
        Assert.Equal(0, Run("repair", path).Code);
        Assert.True(File.Exists(_folder.File("o\uFFFD.repaired.onnx")));
        File.Delete(_folder.File("o\uFFFD.repaired.onnx"));

        Assert.Equal(0, Run("repair", path, "--in-place", "--backup").Code);
        Assert.True(File.Exists(_folder.File("o\uFFFD.onnx.bak")));
        Assert.Equal("2 640\n", Shell("echo $(ls | wc -l) $(stat -c %a \"$(printf 'o\\376.onnx')\")"));
        Assert.Equal(0, Run("test", path).Code);
        Shell("mv \"$(printf 'o\\376.onnx')\" model.onnx"); // .NET cannot remove it

        string Shell(string line)
        {
            using var shell = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", $"cd \"$0\" && {line}", _folder.Path]) { UseShellExecute = false, RedirectStandardOutput = true })!;
            var said = shell.StandardOutput.ReadToEnd();
            shell.WaitForExit();
            return said;
        }
    }

    private (int Code, string Output, string Error) Run(params string[] arguments) => RunIn(".", arguments);

    private (int Code, string Output, string Error) RunIn(string folder, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ModelGuidelines.Cli.dll"), .. arguments])
        {
            WorkingDirectory = _folder.File(folder),
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(60_000), "the command line hangs");
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }
}
