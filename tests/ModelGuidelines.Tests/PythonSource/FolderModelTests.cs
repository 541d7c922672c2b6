using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Formats.PythonSource;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Python.Projects;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Models that files beside the code decide: a Hugging Face folder's configuration, YAML that a constructor reads, installed packages.</summary>
public sealed class FolderModelTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    private static string Said(AuditResult result) =>
        result.Error is { } error ? error.Id : string.Join(' ', result.Findings.Select(f => $"{f.Operator ?? f.ValueType ?? string.Join(',', f.Instances)}{(f.Confidence is Confidence.Likely ? "?" : "")}").Order(StringComparer.Ordinal));

    private static AuditResult Audit(string path, string? entry = null, params string[] searchPath) =>
        Auditor.Default.Audit(new(path, Path.GetFileName(path)) { Entry = entry is null ? null : ModelEntry.Parse(entry) }, AuditSettings.Default with { SearchPath = [.. searchPath], Guidelines = ["PyTorch.*"] })!;

    /// <summary>A copy that a test may change.</summary>
    private string Copy(string fixture)
    {
        foreach (var file in Directory.GetFiles(RepositoryFiles.Fixture(fixture)))
        {
            File.Copy(file, Path.Combine(_folder.FullName, Path.GetFileName(file)), overwrite: true);
        }

        return _folder.FullName;
    }

    [Fact]
    public void A_Hugging_Face_folder_is_one_model_with_the_values_of_its_configuration()
    {
        var folder = Copy("huggingface");
        var result = Audit(Path.Combine(folder, "modeling_tiny.py"));
        Assert.Equal("TokenClassifierOutput gelu layers.0", Said(result));
        Assert.All(result.Findings, f => Assert.Equal("TinyForTagging", f.Model));
        Assert.DoesNotContain(result.Guidelines, g => g.Outcome is Outcome.Undecidable);

        var config = Path.Combine(folder, "config.json");
        File.WriteAllText(config, File.ReadAllText(config).Replace("gelu", "relu", StringComparison.Ordinal).Replace("true", "false", StringComparison.Ordinal));
        Assert.Equal("TokenClassifierOutput relu", Said(Audit(Path.Combine(folder, "modeling_tiny.py"))));
    }

    /// <summary>With nothing but <c>model_type</c> it is the model whose configuration has it.</summary>
    [Theory]
    [InlineData("tiny", "TokenClassifierOutput gelu layers.0")]
    [InlineData("other", "silu")]
    public void A_model_type_alone_names_a_model(string type, string expected)
    {
        var folder = Copy("huggingface");
        File.WriteAllText(Path.Combine(folder, "config.json"), $$"""{"model_type": "{{type}}", "hidden_act": "gelu", "num_layers": 2, "share": true}""");
        var said = Said(Audit(Path.Combine(folder, "modeling_tiny.py")));
        Assert.True(type == "tiny" ? said == expected : said.Contains(expected, StringComparison.Ordinal), said);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"architectures": ["Elsewhere"]}""")]
    [InlineData("""{"architectures": "TinyForTagging", "auto_map": {"AutoModel": 3}}""")]
    public void Without_a_configuration_that_names_its_class_the_file_is_read_as_any_other(string config)
    {
        var folder = Copy("huggingface");
        File.WriteAllText(Path.Combine(folder, "config.json"), config);
        Assert.Contains("silu", Said(Audit(Path.Combine(folder, "modeling_tiny.py"))), StringComparison.Ordinal);
    }

    [Fact]
    public void Yaml_beside_the_file_decides_what_is_built()
    {
        var folder = Copy("yaml-model");
        var net = Path.Combine(folder, "net.py");
        Assert.Equal("list[Tensor] model.0.act", Said(Audit(net, "Model('tiny.yaml')")));
        var yaml = Path.Combine(folder, "tiny.yaml");
        File.WriteAllText(yaml, string.Join('\n', File.ReadLines(yaml).Where(l => !l.Contains("Concat", StringComparison.Ordinal))));
        Assert.Equal("model.0.act", Said(Audit(net, "Model('tiny.yaml')")));
    }

    /// <summary>A class that others derive from is a model too, where the file stands there that it is built from by default.</summary>
    [Fact]
    public void A_class_with_a_file_of_its_own_is_a_model_beside_those_that_derive_from_it()
    {
        var net = Path.Combine(Copy("yaml-model"), "net.py");
        File.AppendAllText(net, "\n\nclass Larger(Model):\n    def __init__(self, cfg='larger.yaml', ch=3):\n        super().__init__(cfg, ch)\n");
        Assert.Contains("model.0.act", Said(Audit(net, null)), StringComparison.Ordinal);
        Assert.All(Audit(net, null).Findings.Where(f => f.Module == "model.0.act"), f => Assert.Equal((Confidence.Certain, "Model"), (f.Confidence, f.Model)));
    }

    [Fact]
    public void Yaml_may_be_named_from_the_folder_in_which_people_stand()
    {
        var folder = Copy("yaml-model");
        Assert.Equal("list[Tensor] model.0.act", Said(Audit(Path.Combine(folder, "net.py"), $"Model('{Path.GetFileName(folder)}/tiny.yaml')")));
    }

    [Theory]
    [InlineData("Model('missing.yaml')")]
    [InlineData("Model('../outside.yaml')")]
    [InlineData("Model('bomb.yaml')")]
    public void What_is_not_beside_the_file_is_not_read(string entry)
    {
        var folder = Directory.CreateDirectory(Path.Combine(Copy("yaml-model"), "inner")).FullName;
        File.Move(Path.Combine(_folder.FullName, "net.py"), Path.Combine(folder, "net.py"));
        File.Move(Path.Combine(_folder.FullName, "tiny.yaml"), Path.Combine(_folder.FullName, "outside.yaml"));
        File.WriteAllText(Path.Combine(folder, "bomb.yaml"), string.Concat(Enumerable.Range(1, 40).Select(i => $"a{i}: &a{i} [{string.Join(',', Enumerable.Repeat(i == 1 ? "1" : $"*a{i - 1}", 9))}]\n")));
        var result = Audit(Path.Combine(folder, "net.py"), entry);
        Assert.True(result.Error is not null || result.Guidelines.Any(g => g.Outcome is Outcome.Undecidable), Said(result));
    }

    [Theory]
    [InlineData("timm", "softmax / adaptive_avg_pool2d backbone.act", 6)]
    [InlineData("torchvision", "softmax / backbone.layer1.0.relu,backbone.layer1.1.relu", 2)]
    [InlineData("transformers", "softmax / Dict[str, Tensor] relu", 4)]
    public void Installed_packages_are_read_where_they_are_reached_and_reported_apart(string package, string expected, int files)
    {
        var app = RepositoryFiles.Fixture("installed", "app", $"with_{package}.py");
        var result = Audit(app, null, RepositoryFiles.Fixture("installed", "site"));
        string Of(bool external) => string.Join(' ', result.Findings.Where(f => f.External == external).Select(f => f.Operator ?? f.ValueType ?? string.Join(',', f.Instances)).Order(StringComparer.Ordinal));
        Assert.Equal(expected, $"{Of(false)} / {Of(true)}");
        Assert.All(result.Findings, f => Assert.Equal(f.External ? package : null, f.Package));
        Assert.All(result.Findings, f => Assert.Equal(Confidence.Certain, f.Confidence));

        // Counted: of a package of thousands of files those that the model needs.
        var cache = new ReaderCache();
        using var source = new ModelSource(app, ModelGuidelines.Storage.ReadLimits.Default) { Cache = cache, Options = new() { SearchPath = [RepositoryFiles.Fixture("installed", "site")] } };
        _ = new PythonSourceFormat().Read(source);
        var opened = cache.Get<ParsedFiles>().Opened.Select(p => Path.GetRelativePath(RepositoryFiles.Fixture("installed", "site"), p)).Order(StringComparer.Ordinal).ToList();
        Assert.True(opened.Count <= files, string.Join(' ', opened));
        Assert.DoesNotContain(opened, p => p.Contains("video", StringComparison.Ordinal) || p.Contains("large", StringComparison.Ordinal) || p.Contains("deep", StringComparison.Ordinal));

        // Without the package nothing of it passes.
        var without = Audit(app);
        Assert.Equal("softmax", Said(without).TrimEnd('?'));
        Assert.Contains(without.Gaps, g => g.Remedy?.Contains(package, StringComparison.Ordinal) == true);
        Assert.Equal(Outcome.Undecidable, without.Guidelines.Single(g => g.Guideline == "PyTorch.ModuleReuse").Outcome);
    }
}
