using ModelGuidelines.Audit;
using ModelGuidelines.Audit.Configuration;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Storage;
using NJsonSchema;

namespace ModelGuidelines.Tests.Audit;

/// <summary>What a settings file says, and what wins.</summary>
public sealed class SettingsTests : IDisposable
{
    private static readonly DateOnly Today = new(2026, 6, 1);
    private readonly string _folder = Directory.CreateTempSubdirectory("mg-settings-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("exlude: x", "MG.Settings.UnknownKey", ":1: there is no key 'exlude' in the settings; the nearest is 'exclude'")]
    [InlineData("gitignore: false\npaths:\n- matches: x", "MG.Settings.UnknownKey", ":3: there is no key 'matches' in a rule of 'paths'; the nearest is 'match'")]
    [InlineData("guidelines: [PyTorch.ModulReuse]", "MG.Settings.UnknownGuideline", ":1: there is no guideline 'PyTorch.ModulReuse'; the nearest is 'PyTorch.ModuleReuse'")]
    [InlineData("exclude:\n- a\n- '!a/b'", "MG.Settings.BadValue", ":2: '!a/b' begins with '!'")]
    [InlineData("\nfailOn: sometimes", "MG.Settings.BadValue", ":2: 'failOn' is one of error, warning, information, undecidable, never")]
    [InlineData("suppressions:\n- {guideline: '*', path: x.onnx}", "MG.Settings.MissingKey", ":2: a suppression needs 'reason'")]
    [InlineData("suppressions:\n- {guideline: '*', path: x.onnx, reason: r, expires: soon}", "MG.Settings.BadValue", ":2: 'expires' is a day")]
    [InlineData("models:\n- {name: x}", "MG.Settings.MissingKey", ":2: a model of 'models' needs 'entry'")]
    [InlineData("models:\n- entry: Net()", "MG.Settings.BadValue", ":2: the entry 'Net()' does not say in which file")]
    [InlineData("aimet: {definition: x}", "MG.Settings.UnknownKey", "the nearest is 'definitions'")]
    [InlineData("exclude: a\nexclude: b", "MG.Settings.Damaged", ":2:")]
    [InlineData("failOn: [", "MG.Settings.Damaged", "While parsing")]
    [InlineData("exclude: a\n\0failOn: never", "MG.Settings.Damaged", ":2: a NUL")]
    [InlineData("exclude: a\n---\nexclude: b", "MG.Settings.Damaged", ":3: settings are one document")]
    [InlineData("reports: {sarif: out/a.sarif}\nbaseline: b.json\nstore: ../a.db", "MG.Settings.Outside", ":3: 'store' leads out of the folder")]
    [InlineData("reports: {csv: /tmp/x.csv}", "MG.Settings.Outside", ":1: 'csv' leads out")]
    [InlineData("baseline: ../b.json", "MG.Settings.Outside", ":1: 'baseline' leads out")]
    [InlineData("store: 'Host=db.example;Database=a'", "MG.Settings.Outside", ":1: a server is not taken")]
    [InlineData("store: postgres://db.example/a", "MG.Settings.Outside", ":1: a server is not taken")]
    [InlineData("x: [[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]]]]]", "MG.Settings.Damaged", "nested too deeply")]
    public void A_mistake_is_told_with_its_line(string text, string id, string message)
    {
        var error = Assert.Throws<ModelReadException>(() => Plan(text));
        Assert.Equal(id, error.Id);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Settings_under_a_name_that_is_near_are_told()
    {
        File.WriteAllText(Path.Combine(_folder, "modelguidelines.yml"), "failOn: never");
        Assert.EndsWith("modelguidelines.yml is not read: settings are called modelguidelines.yaml", Assert.Single(AuditPlan.Create(new(), null, _folder, _folder, Today).Warnings), StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder, "modelguidelines.yaml"), "");
        Assert.Empty(AuditPlan.Create(new(), null, _folder, _folder, Today).Warnings);
    }

    /// <summary>The same file may, once it is named.</summary>
    [Fact]
    public void What_is_named_may_lead_out_of_its_folder()
    {
        var file = Path.Combine(_folder, "named.yaml");
        File.WriteAllText(file, "reports: {csv: ../x.csv}\nbaseline: ../b.json\nstore: 'Host=db.example'");
        Assert.Equal("Host=db.example", AuditPlan.Create(new(), file, _folder, _folder, Today).Store);
    }

    /// <summary>What stands in a folder of models under the name of settings, and is read without being asked for.</summary>
    [Theory]
    [InlineData("mkfifo modelguidelines.yaml", "MG.Settings.Outside")]
    [InlineData("ln -s /dev/zero modelguidelines.yaml", "MG.Settings.Outside")]
    [InlineData("ln -s /etc/passwd modelguidelines.yaml", "MG.Settings.Outside")]
    [InlineData("ln -s /proc/self/environ modelguidelines.yaml", "MG.Settings.Outside")]
    [InlineData("truncate -s 1T modelguidelines.yaml", "MG.Settings.TooLarge")]
    [InlineData("ln -s / out; echo 'reports: {csv: out/tmp/x.csv}' > modelguidelines.yaml", "MG.Settings.Outside")]
    public void Settings_that_are_found_are_ordinary_files_and_stay_in_their_folder(string make, string id)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs pipes and devices");
        using (var bash = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/bash", ["-c", make]) { WorkingDirectory = _folder })!)
        {
            bash.WaitForExit();
        }

        var bytes = Work.Allocated(() => Assert.Equal(id, Assert.Throws<ModelReadException>(() => AuditPlan.Create(new(), null, _folder, _folder, Today)).Id));
        Assert.InRange(bytes, 0, 8 << 20);
    }

    /// <summary>A terminal that nobody types at, a pipe that nobody writes to: opening or reading would wait.</summary>
    [Theory]
    [InlineData("/dev/ptmx", null)]
    [InlineData("/dev/shm/modelguidelines-test.yaml", "mkfifo /dev/shm/modelguidelines-test.yaml")]
    public void A_device_that_may_never_answer_is_not_opened(string file, string? make)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Directory.Exists("/dev/shm"), "needs devices");
        if (make is not null)
        {
            using var bash = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("/bin/bash", ["-c", make]) { RedirectStandardError = true, UseShellExecute = false })!;
            bash.WaitForExit();
        }

        Assert.SkipUnless(File.Exists(file), "needs the device");
        Assert.Equal("MG.Settings.Unreadable", Assert.Throws<ModelReadException>(() => AuditPlan.Create(new(), file, _folder, _folder, Today)).Id);
        if (make is not null)
        {
            File.Delete(file);
        }
    }

    /// <summary>Bytes that are no text, and characters for which the library has no exception of its own.</summary>
    [Theory]
    [InlineData("exclude: [\u001b[31mred]\n\u0007: 1\n", "MG.Settings.Damaged")]
    [InlineData("exclude: [\u00e9]\n", "MG.Settings.Damaged")]
    [InlineData("\u0001: \u0002", "MG.Settings.UnknownKey")]
    public void What_is_no_YAML_is_one_error(string latin, string id)
    {
        var file = Path.Combine(_folder, "damaged.yaml");
        File.WriteAllBytes(file, System.Text.Encoding.Latin1.GetBytes(latin));
        Assert.Equal(id, Assert.Throws<ModelReadException>(() => AuditPlan.Create(new(), file, _folder, _folder, Today)).Id);
    }

    [Fact]
    public void A_device_that_is_named_is_not_opened()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "needs devices");
        Assert.Equal("MG.Settings.Unreadable", Assert.Throws<ModelReadException>(() => AuditPlan.Create(new(), "/dev/zero", _folder, _folder, Today)).Id);
    }

    [Fact]
    public async Task The_schema_knows_every_key_and_takes_what_the_reader_takes()
    {
        var schema = await JsonSchema.FromFileAsync(Path.Combine(RepositoryFiles.Root, "docs", "settings.schema.json"));
        Assert.Equal(AuditOptions.Keys.Select(k => k.Key).Append("severities").Order(StringComparer.Ordinal), schema.Properties.Keys.Order(StringComparer.Ordinal));
        var page = await File.ReadAllTextAsync(Path.Combine(RepositoryFiles.Root, "docs", "settings.md"));
        Assert.All(schema.Properties.Keys, key => Assert.Contains($"`{key}`", page, StringComparison.Ordinal));
        var sample = page.Split("```yaml\n")[1].Split("```")[0];
        Assert.Equal("experiments/**/old_*", Plan(sample).Options.Exclude!.Value[1]);
    }

    [Fact]
    public void The_command_line_goes_before_the_file_before_the_default()
    {
        var plan = Plan("failOn: never\nexclude: [a, b]\nminimumSeverity: error", new() { Source = "command line", FailOn = FailOn.Error });
        Assert.Equal((FailOn.Error, Severity.Error), (plan.FailOn, plan.MinimumSeverity));
        var file = Path.Combine(_folder, AuditPlan.FileName);
        Assert.Contains(("failOn", "error", "command line"), plan.Settings);
        Assert.Contains(("exclude", "a, b", file), plan.Settings);
        Assert.Contains(("gitignore", "true", "default"), plan.Settings);

        // It is sought from the audited file upward, and only to the root of the repository.
        var deep = Directory.CreateDirectory(Path.Combine(_folder, "repository", "models")).FullName;
        Assert.Equal(file, AuditPlan.Create(new(), null, Path.Combine(deep, "x.onnx"), "/", Today).SettingsFile);
        Directory.CreateDirectory(Path.Combine(_folder, "repository", ".git"));
        Assert.Null(AuditPlan.Create(new(), null, Path.Combine(deep, "x.onnx"), "/", Today).SettingsFile);
        Assert.Null(AuditPlan.Create(new(), AuditPlan.NoFile, _folder, "/", Today).SettingsFile);
    }

    [Fact]
    public void Searches_pass_over_what_is_excluded_and_named_files_are_audited()
    {
        foreach (var name in new[] { "a.onnx", "old/b.onnx", "deep/old/c.onnx", "deep/d.py", "deep/e.onnx" })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_folder, name))!);
            File.WriteAllText(Path.Combine(_folder, name), "");
        }

        IEnumerable<string> Found(string text, string below = "") => Plan(text).Finder(FormatRegistry.Default).Find(Path.Combine(_folder, below)).Select(i => Path.GetRelativePath(_folder, i.FullPath));
        Assert.Equal(["a.onnx", "deep/d.py", "deep/e.onnx"], Found("exclude: old"));
        Assert.Equal(["a.onnx", "deep/e.onnx", "old/b.onnx"], Found("exclude: [deep/old, '*.py']"));
        Assert.Equal(["deep/e.onnx"], Found("include: deep/*.onnx\nexclude: old"));
        Assert.Equal(["old/b.onnx"], Found("exclude: '*.onnx'", "old/b.onnx"));
    }

    [Fact]
    public void Models_take_the_place_of_their_files_with_a_name_and_what_forward_is_given()
    {
        File.WriteAllText(Path.Combine(_folder, "net.py"), "import torch.nn as nn\nimport torch.nn.functional as F\nclass Net(nn.Module):\n    def __init__(self, act='relu'):\n        super().__init__()\n        self.act = act\n    def forward(self, x, mode):\n        return F.gelu(x) if mode == 'fast' else F.relu(x)\n");
        File.WriteAllText(Path.Combine(_folder, "other.py"), "");
        var plan = Plan("models:\n- {name: fast one, entry: \"net.py:Net()\", forward: {mode: \"'fast'\"}}\n- entry: net.py:Net('x')\naimet: {definitions: [net.Net]}");
        string[] Inputs(params AuditInput[] given) => [.. EntryInputs.Apply(given, plan.Entries, [], "/").Select(i => $"{Path.GetFileName(i.FullPath)} {i.Entry?.Name}".TrimEnd())];
        var net = Path.Combine(_folder, "net.py");
        Assert.Equal(["net.py fast one", "net.py"], Inputs(new AuditInput(net, "net.py") { SearchedFolder = _folder }));
        Assert.Equal(["net.py fast one", "net.py"], Inputs());
        Assert.Equal(["other.py"], Inputs(new AuditInput(Path.Combine(_folder, "other.py"), "other.py"))); // another file was named
        Assert.Equal(["net.Net"], plan.AuditSettings(_folder).DefinedClasses);

        var audited = EntryInputs.Apply([], plan.Entries, [], "/").Select(i => Auditor.Default.Audit(i, plan.AuditSettings(_folder))!.Findings).SelectMany(f => f).ToList();

        // Without it the mode is a text, whichever: what it is compared with says so.
        Assert.Equal(["fast one gelu Certain", "Net gelu Likely", "Net relu Likely"], audited.Select(f => $"{f.Model} {f.Operator} {f.Confidence}"));

        // Who names entries on the command line means these.
        Assert.Equal("Net(3)", Assert.Single(Plan("models:\n- entry: net.py:Net()", new() { Source = "command line", Entries = ["Net(3)"] }).Entries).Expression);
    }

    [Fact]
    public void Severities_go_by_path_and_what_is_accepted_is_kept_with_its_reason()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "released"));
        var (plain, released) = (Copy("plain.onnx"), Copy("released/net.onnx"));
        const string Text = """
            severities: { PyTorch.FunctionalCall: off }
            paths:
            - { match: released, severities: { PyTorch.FunctionalCall: error } }
            suppressions:
            - { guideline: PyTorch.FunctionalCall, path: released/*.onnx, reason: known, expires: 2026-06-01 }
            """;
        var first = Audit(Text, plain);
        Assert.Empty(first.Findings);
        Assert.Equal(Outcome.Pass, first.Guidelines.First(g => g.Guideline == "PyTorch.FunctionalCall").Outcome);
        var second = Audit(Text, released);
        Assert.Empty(second.Findings);
        Assert.Equal(("known", Severity.Error), (Assert.Single(second.SuppressedFindings).By.Reason, second.SuppressedFindings[0].Finding.Severity));

        // A day later it has expired.
        var expired = Text.Replace("06-01", "05-31", StringComparison.Ordinal);
        Assert.Equal(Severity.Error, Assert.Single(Audit(expired, released).Findings).Severity);
        Assert.Contains(":5: the suppression of PyTorch.FunctionalCall expired on 2026-05-31", Assert.Single(Plan(expired).Warnings), StringComparison.Ordinal);
    }

    private string Copy(string name)
    {
        var path = Path.Combine(_folder, name);
        File.Copy(Path.Combine(RepositoryFiles.Root, "samples/pytorch/functional_relu.onnx"), path);
        return path;
    }

    private AuditResult Audit(string text, string path) => Auditor.Default.Audit(new(path, path), Plan(text).AuditSettings(_folder))!;

    private AuditPlan Plan(string text, AuditOptions? given = null)
    {
        File.WriteAllText(Path.Combine(_folder, AuditPlan.FileName), text);
        return AuditPlan.Create(given ?? new(), null, _folder, _folder, Today);
    }
}
