using System.Diagnostics;
using System.Text.Json;

namespace ModelGuidelines.Tests.CommandLine;

/// <summary>The command line as a process: exit codes, what goes to which stream.</summary>
public sealed class CommandLineTests : IDisposable
{
    private const string Bad = "samples/keras/shared_relu.keras";
    private const string Clean = "samples/keras/clean.keras";
    private readonly string _folder = Directory.CreateTempSubdirectory("mg-cli-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(0, "test", Clean)]
    [InlineData(1, "test", Bad)]
    [InlineData(0, "test", Bad, "--fail-on", "never")]
    [InlineData(1, "test", Bad, "--fail-on", "error", "--minimum-severity", "error")]
    [InlineData(0, "test", Bad, "--exclude-guideline", "Keras.*")]
    [InlineData(0, "test", Bad, "--guideline", "Keras.ModelApi")]
    [InlineData(0, "test", Bad, "--exclude-module", "relu,pool")]
    [InlineData(0, "test", "samples/keras/subclassed.keras", "--guideline", "Keras.LayerReuse")]
    [InlineData(1, "test", "samples/keras/subclassed.keras", "--guideline", "Keras.LayerReuse", "--fail-on", "undecidable")]
    [InlineData(2, "test", "no-such-file.onnx")]
    [InlineData(2, "test", Bad, "no-such-file.onnx")]
    [InlineData(2, "test")]
    [InlineData(2, "test", "--entry", "Net()")]
    [InlineData(2, "test", "--entry", "no.such.module:Net()")]
    [InlineData(2, "test", Clean, "--search-path", "no-such-folder")]
    [InlineData(2, "test", Bad, "--guideline", "No.Such")]
    [InlineData(2, "test", Bad, "--format", "bogus")]
    [InlineData(2, "test", Bad, "--bogus")]
    [InlineData(2, "bogus")]
    [InlineData(0, "guidelines")]
    [InlineData(0, "explain", "PyTorch.ModuleReuse")]
    [InlineData(0, "explain", Bad)]
    [InlineData(2, "explain", "No.Such")]
    [InlineData(2, "explain", "00000000", "samples/pytorch")]
    [InlineData(2, "explain", "PyTorch.ModuleReuse", Bad)]
    [InlineData(0, "graph", Bad)]
    [InlineData(0, "graph", Bad, "--nodes", "--format", "dot")]
    [InlineData(2, "graph", Bad, "--nodes", "--modules")]
    [InlineData(2, "graph", Bad, "--module", "nope")]
    [InlineData(2, "graph", "samples")]
    [InlineData(0, "--help")]
    [InlineData(0, "--version")]
    public void Exit_code(int expected, params string[] arguments)
    {
        var (code, output, error) = Run(arguments);
        Assert.True(code == expected, $"exit code {code}\n{output}\n{error}");
    }

    [Fact]
    public void Explain_uses_the_names_of_the_model()
    {
        var (_, output, _) = Run(["explain", "samples/pytorch/nested_reuse.py:23"]);
        Assert.Contains("self.inner2 = Inner(...)", output, StringComparison.Ordinal);
        Assert.Contains("How AIMET fails", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("samples/pytorch")]
    [InlineData("audit.json")]
    [InlineData("audit.sarif")]
    public void Explain_finds_a_finding_by_its_fingerprint(string place)
    {
        const string model = "samples/pytorch/relu_twice.onnx";
        using var json = JsonDocument.Parse(Run(["test", model, "--format", "json"]).Output);
        var fingerprint = json.RootElement.GetProperty("findings").EnumerateArray().First(f => f.GetProperty("guideline").GetString() == "PyTorch.ModuleReuse").GetProperty("fingerprint").GetString()!;
        if (Path.HasExtension(place))
        {
            place = Path.Combine(_folder, place);
            Run(["test", model, "--format", Path.GetExtension(place)[1..], "--output", place]);
        }

        var (code, output, error) = Run(["explain", fingerprint[..8], place]);
        Assert.Equal((0, ""), (code, error));
        Assert.StartsWith("# PyTorch.ModuleReuse: module 'relu' is called 2 times", output, StringComparison.Ordinal);
        Assert.Contains("How AIMET fails", output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_report_that_cannot_be_written_names_the_file_that_was_asked_for()
    {
        var file = Path.Combine("README.md", "report.json");
        var (code, output, error) = Run(["test", Bad, "--format", "json", "--output", file]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains($"cannot write '{file}': ", error, StringComparison.Ordinal);
        Assert.DoesNotContain(".tmp", error, StringComparison.Ordinal);
    }

    [Fact]
    public void The_folder_of_a_report_is_made()
    {
        var file = Path.Combine(_folder, "out", "of", "audit.sarif");
        Assert.Equal(1, Run(["test", Bad, "--report", "sarif=" + file]).Code);
        Assert.True(File.Exists(file));
    }

    [Fact]
    public void What_git_ignores_is_said()
    {
        Directory.CreateDirectory(Path.Combine(_folder, ".git", "refs"));
        Directory.CreateDirectory(Path.Combine(_folder, ".git", "objects"));
        File.WriteAllText(Path.Combine(_folder, ".git", "HEAD"), "ref: refs/heads/main\n");
        Directory.CreateDirectory(Path.Combine(_folder, "weights"));
        Directory.CreateDirectory(Path.Combine(_folder, "__pycache__"));
        foreach (var name in new[] { "a.keras", "b.keras", "weights/c.keras", "__pycache__/d.keras" })
        {
            File.Copy(RepositoryFiles.Path(Clean), Path.Combine(_folder, name));
        }

        File.WriteAllText(Path.Combine(_folder, ".gitignore"), "/b.keras\nweights\n__pycache__\n");
        var (code, _, error) = Run(["test", _folder]);
        Assert.Equal(0, code);
        Assert.Contains("note: 1 model and 1 folder (weights) that git ignores were passed over; --no-gitignore audits them", error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_option_takes_one_value_and_swallows_no_path()
    {
        var (code, output, _) = Run(["test", "--guideline", "PyTorch.ModuleReuse", "samples/pytorch/relu_twice.onnx", "--format", "jsonl"]);
        Assert.Equal(1, code);
        Assert.Equal(["file", "finding"], output.TrimEnd().Split('\n').Select(l => JsonDocument.Parse(l).RootElement.GetProperty("type").GetString()));
        Assert.Equal(2, Run(["test", "samples/pytorch/clean.onnx", "--guideline", "PyTorch.ModuleReuse,PyTorch.FunctionalCall", "no/such/file.onnx"]).Code);
    }

    [Fact]
    public void Json_stands_alone_on_standard_output_also_with_errors()
    {
        var (_, output, error) = Run(["test", Bad, "no-such-file.onnx", "--format", "json"]);
        using var json = JsonDocument.Parse(output);
        Assert.Equal("2.0", json.RootElement.GetProperty("schemaVersion").GetString());
        Assert.Equal([Bad, "no-such-file.onnx"], json.RootElement.GetProperty("files").EnumerateArray().Select(f => f.GetProperty("path").GetString()));
        Assert.Contains("MG.Input.NotFound", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_of_all_samples_follows_the_schema()
    {
        var schema = await NJsonSchema.JsonSchema.FromFileAsync(RepositoryFiles.Path("docs", "report.schema.json"), TestContext.Current.CancellationToken);
        Assert.Empty(schema.Validate(Run(["test", "samples", "--format", "json", "--minimum-severity", "information"]).Output));
    }

    [Theory]
    [InlineData(0, "Repaired")]
    [InlineData(0, "WhatIf", "--what-if")]
    [InlineData(0, "Repaired", "--share-parameters", "--verify-by-running")]
    public async Task Json_of_repairs_follows_the_schema(int expectedCode, string expectedStatus, params string[] options)
    {
        var schema = await NJsonSchema.JsonSchema.FromFileAsync(RepositoryFiles.Path("docs", "repair.schema.json"), TestContext.Current.CancellationToken);
        var (code, output, _) = Run(["repair", "samples/pytorch/linear_twice.onnx", "samples/pytorch/relu_twice.onnx", "samples/pytorch/clean.onnx", "--output-path", _folder, "--format", "json", .. options]);
        Assert.Empty(schema.Validate(output));
        Assert.Equal(expectedCode, code);
        using var json = JsonDocument.Parse(output);
        Assert.Equal([expectedStatus, expectedStatus, "Unchanged"], json.RootElement.GetProperty("repairs").EnumerateArray().Select(f => f.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Json_of_what_is_left_or_fails_follows_the_schema()
    {
        var schema = await NJsonSchema.JsonSchema.FromFileAsync(RepositoryFiles.Path("docs", "repair.schema.json"), TestContext.Current.CancellationToken);
        var (code, output, _) = Run(["repair", "samples/pytorch/relu_twice.pt2", "samples/pytorch/nested_reuse.py", "no-such-file.onnx", "samples/pytorch/linear_twice.onnx", "samples/pytorch/../pytorch/linear_twice.onnx", "--output-path", _folder, "--format", "json"]);
        Assert.Empty(schema.Validate(output));
        Assert.Equal(2, code);
        using var json = JsonDocument.Parse(output);
        var repairs = json.RootElement.GetProperty("repairs").EnumerateArray().ToList();
        Assert.Equal(["Refused", "Refused", "Failed", "Repaired", "Failed"], repairs.Select(f => f.GetProperty("status").GetString()));
        Assert.Equal("MG.Repair.TargetIsTaken", repairs[4].GetProperty("error").GetProperty("id").GetString());
    }

    [Fact]
    public void Paths_come_from_standard_input()
    {
        var (code, output, _) = Run(["test", "-", "--format", "json"], $"{Bad}\n\n{Clean}\n");
        Assert.Equal(1, code);
        using var json = JsonDocument.Parse(output);
        Assert.Equal([Bad, Clean], json.RootElement.GetProperty("files").EnumerateArray().Select(f => f.GetProperty("path").GetString()));
    }

    [Fact]
    public void A_list_of_changed_files_may_name_what_is_gone_or_no_model()
    {
        var odd = Path.Combine(_folder, "line\nend ä.keras");
        File.Copy(RepositoryFiles.Path(Clean), odd);
        Assert.Equal(0, Run(["test", "-"], $"{odd}\0gone.onnx\0README.md\0{Clean}\0").Code);
        var (code, output, _) = Run(["test", "-", "--format", "json"], $"gone.onnx\r\nLICENSE\r\n{Bad}\r\n");
        Assert.Equal(1, code);
        using var json = JsonDocument.Parse(output);
        Assert.Equal([Bad], json.RootElement.GetProperty("files").EnumerateArray().Select(f => f.GetProperty("path").GetString()));
    }

    [Fact]
    public void A_list_may_have_names_as_git_quotes_them()
    {
        var odd = Path.Combine(_folder, "a\"b\\\tä.keras");
        File.Copy(RepositoryFiles.Path(Clean), odd);
        var (code, output, error) = Run(["test", "-", "--format", "json"], $"\"{_folder}/a\\\"b\\\\\\t\\303\\244.keras\"\n\"gone\\n.keras\"\n");
        Assert.Equal(0, code);
        using var json = JsonDocument.Parse(output);
        Assert.Equal([odd], json.RootElement.GetProperty("files").EnumerateArray().Select(f => f.GetProperty("path").GetString()));
        Assert.Contains("of 1 name that was listed there is no file", error, StringComparison.Ordinal);
    }

    /// <summary>Paths are relative to where the parts are merged; the repairs in SARIF and on the page are planned from the files.</summary>
    [Fact]
    public void Merged_shards_have_the_fixes_of_one_run()
    {
        const string Source = "tests/ModelGuidelines.Tests/Fixtures/python-source/tensor_methods/model.py";
        var part = Path.Combine(_folder, "part.json");
        Run(["test", Source, "--shard", "1/1", "--format", "json", "--output", part]);
        var whole = Run(["test", Source, "--format", "sarif"]).Output;
        Assert.Contains("\"fixes\"", whole, StringComparison.Ordinal);
        Assert.Equal(whole, Run(["merge", part, "--format", "sarif"]).Output);
    }

    /// <summary>As Invoke-ModelAudit has it: a gate that audits nothing is open. What a program lists and what is a part may be nothing.</summary>
    [Theory]
    [InlineData(2, "json")]
    [InlineData(2, "jsonl")]
    [InlineData(0, "json", "--shard", "1/2")]
    [InlineData(0, "jsonl", "-")]
    public void Nothing_to_audit_is_no_success_unless_it_may_be(int expected, string format, params string[] more)
    {
        File.WriteAllText(Path.Combine(_folder, "readme.txt"), "no model");
        File.WriteAllText(Path.Combine(_folder, "guess.json"), "{}"); // looked into, and none
        var (code, output, error) = Run(["test", .. more is ["-"] ? more : [_folder, .. more], "--format", format], "readme.txt\n");
        Assert.Equal((expected, expected == 2), (code, error.Contains("MG.Input.NothingAudited", StringComparison.Ordinal)));
        Assert.Equal(format == "json", output.Contains("\"files\": []", StringComparison.Ordinal));
    }

    [Fact]
    public void A_report_file_is_replaced_as_a_whole()
    {
        var file = Path.Combine(_folder, "report.json");
        File.WriteAllText(file, "old");
        var (code, output, _) = Run(["test", Bad, "--format", "json", "--output", file]);
        Assert.Equal(1, code);
        Assert.Empty(output);
        JsonDocument.Parse(File.ReadAllText(file)).Dispose();
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public void A_report_that_cannot_be_written_is_exit_code_2()
    {
        var (code, _, error) = Run(["test", Clean, "--output", Path.Combine(RepositoryFiles.Path(Clean), "no", "folder.txt")]);
        Assert.Equal(2, code);
        Assert.Contains("folder.txt", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("table")]
    [InlineData("markdown")]
    public void No_colours_and_no_broken_places_without_a_terminal(string format)
    {
        var (_, output, _) = Run(["test", "samples", "--format", format]);
        Assert.DoesNotContain('\u001b', output);
        if (format == "table")
        {
            // A place is never broken, or no terminal makes a link of it; everything about it stands on its line.
            Assert.Matches(@"(?m)^samples/pytorch/nested_reuse\.py:\d+:\d+: error: .* \(PyTorch\.ModuleReuse\)\r?$", output);
        }
    }

    [Fact]
    public void Order_does_not_depend_on_the_machine()
    {
        static string Normal(string json) => System.Text.RegularExpressions.Regex.Replace(json, "\"seconds\": [0-9.e-]+", "", System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5));
        Assert.Equal(Normal(Run(["test", "samples", "--format", "json"]).Output), Normal(Run(["test", "samples", "--format", "json"]).Output));
    }

    /// <summary>The list of names never ends, so that nothing but the interrupt ends the process.</summary>
    [Fact]
    public async Task An_interrupt_ends_the_wait_for_names()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no signal to send");
        }

        using var process = Start(["test", "-", "--format", "json"]);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await WriteNames(process, 20_000); // more than a pipe holds: it reads
        await Interrupt(process);
        Assert.Equal(130, process.ExitCode);
        Assert.Empty(await output);
        Assert.Empty(await error);
    }

    /// <summary>Counted by what it writes: nobody takes it before the interrupt, so it cannot be far ahead.</summary>
    [Fact]
    public async Task An_interrupt_ends_an_audit()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no signal to send");
        }

        const int names = 100_000;
        using var process = Start(["test", "-", "--format", "jsonl"]);
        await WriteNames(process, names);
        process.StandardInput.Close();
        Assert.StartsWith("{", await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        var ended = Interrupt(process);
        var results = 1;
        while (await process.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken) is not null)
        {
            results++;
        }

        await ended;
        Assert.Equal(130, process.ExitCode);
        Assert.InRange(results, 1, names - 1);
    }

    /// <summary>Of a report that is written as results come.</summary>
    [Fact]
    public async Task An_interrupted_report_leaves_nothing_behind()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no signal to send");
        }

        using var process = Start(["test", "-", "--format", "jsonl", "--output", Path.Combine(_folder, "out.jsonl")]);
        await WriteNames(process, 100_000);
        process.StandardInput.Close();
        while (Directory.GetFiles(_folder).Length == 0)
        {
            Assert.False(process.HasExited, "nothing was written");
            await Task.Delay(10, TestContext.Current.CancellationToken);
        }

        await Interrupt(process);
        Assert.Equal(130, process.ExitCode);
        Assert.Empty(Directory.GetFiles(_folder));
    }

    private static async Task WriteNames(Process process, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await process.StandardInput.WriteLineAsync(Bad);
        }

        await process.StandardInput.FlushAsync(TestContext.Current.CancellationToken);
    }

    private static async Task Interrupt(Process process)
    {
        using var kill = Process.Start(new ProcessStartInfo("kill", ["-INT", process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The library that writes tables takes these for terminals.</summary>
    [Theory]
    [InlineData("TF_BUILD")]
    [InlineData("GITHUB_ACTIONS")]
    [InlineData("TEAMCITY_VERSION")]
    public void The_log_of_a_build_server_gets_no_escape_codes(string variable)
    {
        var (_, output, error) = Run(["test", "samples/pytorch/relu_twice.onnx"], variable: variable);
        Assert.Contains("relu_twice.onnx", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', output + error);
    }

    /// <summary>What a part leaves out, knows from a baseline or does not count, no merged report can tell.</summary>
    [Theory]
    [InlineData]
    [InlineData("--fail-on", "never")]
    [InlineData("--minimum-severity", "error", "--fail-on", "warning")]
    [InlineData("--exclude-module", "*")]
    [InlineData("--baseline", "known.json")]
    public void Merged_shards_end_as_one_run_does(params string[] asked)
    {
        using var folder = new Repairs.TemporaryFolder();
        foreach (var name in new[] { "clean.onnx", "functional_relu.onnx", "linear_twice.onnx", "relu_twice.onnx" })
        {
            File.Copy(RepositoryFiles.Path($"samples/pytorch/{name}"), folder.File(name));
        }

        var models = Directory.GetFiles(folder.File("."), "*.onnx");
        Run(["test", .. models, "--format", "json", "--output", folder.File("known.json")]);
        string[] options = [.. asked.Select(a => a == "known.json" ? folder.File(a) : a)];
        var (code, _, _) = Run(["test", .. models, .. options]);
        string[] parts = [.. Enumerable.Range(1, 3).Select(i => folder.File($"part-{i}.json"))];
        for (var i = 0; i < 3; i++)
        {
            Run(["test", .. models, .. options, "--shard", $"{i + 1}/3", "--format", "json", "--output", parts[i]]);
        }

        Assert.Equal(code, Run(["merge", .. parts]).Code);
        Run(["test", .. models, .. options, "--fail-on-external", "--shard", "1/3", "--format", "json", "--output", parts[0]]);
        var (other, _, error) = Run(["merge", .. parts]);
        Assert.Equal(2, other);
        Assert.StartsWith("modelguidelines: MG.Merge.OtherRequest: ", error, StringComparison.Ordinal);
        var settings = folder.File("modelguidelines.yaml");
        File.WriteAllText(settings, "suppressions:\n  - guideline: PyTorch.ModuleReuse\n    path: linear*.onnx\n    reason: known\n");
        Run(["test", .. models, .. options, "--settings", settings, "--shard", "1/3", "--format", "json", "--output", parts[0]]);
        (other, _, error) = Run(["merge", .. parts]);
        Assert.Equal(2, other);
        Assert.Contains("suppressions: PyTorch.ModuleReuse in linear*.onnx: known", error, StringComparison.Ordinal);
    }

    /// <summary>A disk that is full, of several.</summary>
    [Fact]
    public void A_report_that_cannot_be_written_takes_no_other_along()
    {
        if (!File.Exists("/dev/full"))
        {
            return;
        }

        using var folder = new Repairs.TemporaryFolder();
        var other = folder.File("out.json");
        var (code, output, error) = Run(["test", RepositoryFiles.Path("samples/pytorch/relu_twice.onnx"), "--report", "html=/dev/full", "--report", $"json={other}"]);
        Assert.Equal(2, code);
        Assert.Contains("relu_twice.onnx", output, StringComparison.Ordinal);
        Assert.Contains("/dev/full", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains("relu_twice.onnx", File.ReadAllText(other), StringComparison.Ordinal);
    }

    /// <summary>Nobody writes to it: whoever opens it waits without end.</summary>
    [Theory]
    [InlineData("test", "MODEL", "--settings", "PIPE")]
    [InlineData("test", "MODEL", "--baseline", "PIPE")]
    [InlineData("merge", "PIPE")]
    public void A_pipe_in_a_folder_is_no_settings_and_no_report(params string[] arguments)
    {
        if (OperatingSystem.IsWindows())
        {
            return;
        }

        using var folder = new Repairs.TemporaryFolder();
        var pipe = folder.File("pipe.json");
        using (var make = System.Diagnostics.Process.Start("mkfifo", [pipe]))
        {
            make.WaitForExit();
        }

        var (code, _, error) = Run([.. arguments.Select(a => a == "PIPE" ? pipe : a == "MODEL" ? RepositoryFiles.Path("samples/pytorch/relu_twice.onnx") : a)]);
        Assert.Equal(2, code);
        Assert.Contains("it is a pipe, a socket or a device", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
    }

    private static (int Code, string Output, string Error) Run(string[] arguments, string input = "", string? variable = null)
    {
        using var process = Start(arguments, variable);
        var error = process.StandardError.ReadToEndAsync();
        process.StandardInput.Write(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEnd();
        Assert.True(process.WaitForExit(60_000), "the command line hangs");
        return (process.ExitCode, output, error.GetAwaiter().GetResult());
    }

    private static Process Start(string[] arguments, string? variable = null)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ModelGuidelines.Cli.dll"), .. arguments])
        {
            WorkingDirectory = RepositoryFiles.Root,
            UseShellExecute = false,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
            StandardOutputEncoding = new System.Text.UTF8Encoding(false),
        };
        if (variable is not null)
        {
            start.Environment[variable] = "true";
        }

        using var heeded = new HeededInterrupts();
        return Process.Start(start)!;
    }
}
