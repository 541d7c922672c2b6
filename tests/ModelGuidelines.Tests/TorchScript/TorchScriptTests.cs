using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.TorchScript;

/// <summary>Real archives, as PyTorch 2.13 (the corpus' patterns) and 1.13 (saved_forms, made by the model.py beside them) wrote them.</summary>
public sealed class TorchScriptTests
{
    private static AuditResult Audit(params string[] fixture)
    {
        var path = RepositoryFiles.Fixture(["torchscript", .. fixture]);
        return Auditor.Default.Audit(new(path, path), Written.Settings with { EveryInstance = true })!;
    }

    private static string Lines(AuditResult result) => string.Join('\n', result.Findings.Where(f => f.Outcome is Outcome.Fail).Select(f =>
        $"{f.Guideline[8..]} {f.Confidence} '{f.Module}'{f.Operator}{f.Direction}{(f.CallCount is { } n ? $" x{n}" : "")} :{f.Location?.Line}{string.Concat(f.Calls.Select(c => $" {c.Location?.Line}"))}"));

    [Theory]

    // Traced: one object is handed down and called forward, forward1, forward2; in a Sequential the line is the one that called it.
    [InlineData("class_default_act/traced.pt", "ModuleReuse Certain 'model.1.cv2.act' x3 :21 21 21 21")]
    [InlineData("two_names/traced.pt", "ModuleReuse Certain 'relu1' x2 :14 13 14")]
    [InlineData("sequential_same_act/traced.pt", "ModuleReuse Certain 'net.1' x2 :12 12 12")]
    [InlineData("functional_norm_embed/traced.pt", "FunctionalCall Certain ''embedding :15\nFunctionalCall Certain ''batch_norm :16\nFunctionalCall Certain ''gelu :17")]

    // A module of torch.nn called by its forward is not the user's function.
    [InlineData("direct_forward/traced.pt", "")]

    // Scripted: loops by the numbers in data.pkl, or of unknown length; early returns; objects that read the same tensors.
    [InlineData("loop_refine/scripted.pt", "ModuleReuse Certain 'block' x3 :26 26 26 26")]
    [InlineData("char_rnn/scripted.pt", "ModuleReuse Likely 'i2h' x2 :15 15\nModuleReuse Likely 'h2o' x2 :16 16\nModuleReuse Likely 'softmax' x2 :16 16")]
    [InlineData("early_return/scripted.pt", "")]
    [InlineData("modulelist_times/scripted.pt", "ModuleReuse Likely 'layers.0' x3 :17 17 17 17\nModuleReuse Likely 'layers.0.0' x3 :17 17 17 17\nModuleReuse Likely 'layers.0.1' x3 :17 17 17 17\nModuleReuse Likely 'layers.0.2' x3 :17 17 17 17")]
    [InlineData("shared_kernels/scripted.pt", "")]
    [InlineData("standardized_conv/scripted.pt", "")]
    [InlineData("functional_norm_embed/scripted.pt", "FunctionalCall Certain ''embedding :15\nFunctionalCall Certain ''batch_norm :16\nFunctionalCall Certain ''gelu :17")]
    [InlineData("returns_namedtuple/scripted.pt", "TensorInterface Certain ''Output :20")]
    [InlineData("takes_dict/scripted.pt", "TensorInterface Certain ''Input :14")]

    // PyTorch 1.13, and a mobile archive that still has its code.
    [InlineData("saved_forms/traced.pt", "FunctionalCall Certain ''gelu :10\nFunctionalCall Certain ''softmin :12\nModuleReuse Certain 'b' x2 :10 10 10\nModuleReuse Certain 'act' x2 :11 10 11")]
    [InlineData("saved_forms/scripted.pt", "FunctionalCall Certain ''gelu :10\nFunctionalCall Certain ''softmin :12\nModuleReuse Certain 'b' x2 :10 10 10\nModuleReuse Certain 'act' x2 :11 10 11")]
    [InlineData("saved_forms/mobile.ptl", "FunctionalCall Certain ''gelu :10\nFunctionalCall Certain ''softmin :12\nModuleReuse Certain 'b' x2 :10 10 10\nModuleReuse Certain 'act' x2 :11 10 11")]

    // Inlined: the weight tells whose code it is; PyTorch up to 2.0 inlines a scripted child of a trace.
    [InlineData("inlined/scripted.pt", "ModuleReuse Certain 'fc' x2 :  ")]
    [InlineData("inlined/traced.pt", "ModuleReuse Certain 'fc' x2 :228 228 228")]
    [InlineData("scripted_child/traced.pt", "ModuleReuse Likely 'layers.0' x3 :17 17 17 17\nModuleReuse Certain 'layers.0.0' x3 :17 17 17 17\nModuleReuse Certain 'layers.0.1' x3 :17 17 17 17")]

    // Lines of -1, as PyTorch 1.13 writes them on Python 3.10: it is a trace all the same.
    [InlineData("line_minus_one/traced.pt", "FunctionalCall Certain 'norm'layer_norm :9")]

    // Classes of the torch of R; a leaf that is called twice is no function called twice.
    [InlineData("other_language/traced.pt", "ModuleReuse Certain 'act' x2 :441 441 441")]

    // Three loops of 3000 rounds within each other.
    [InlineData("counting_loops/scripted.pt", "ModuleReuse Certain 'fc' x1048576 :352 352")]
    public void Findings_are(string fixture, string expected)
    {
        var result = Audit(fixture.Split('/'));
        Assert.Null(result.Error);
        Assert.Equal(expected, Lines(result));
    }

    [Theory]
    [InlineData("flat.ptl", "flatbuffer")]
    [InlineData("state.pth", "state_dict file holds weights only (9 tensors")]
    [InlineData("state_old.pth", "state_dict file holds weights only (9 tensors")]
    [InlineData("ckpt.pth", "checkpoint")]
    [InlineData("weights.safetensors", "weights only (1 tensor and no code")]
    [InlineData("reduce_os_system.pth", "weights only (1 tensor and no code")]
    public void What_keeps_too_little_is_undecidable_with_the_reason(string fixture, string reason)
    {
        var result = Audit("saved_forms", fixture);
        Assert.Null(result.Error);
        Assert.Equal("", Lines(result));
        Assert.All(result.Guidelines.Where(g => g.Guideline.StartsWith("PyTorch.", StringComparison.Ordinal)), g =>
        {
            Assert.Equal(Outcome.Undecidable, g.Outcome);
            Assert.Contains(reason, g.Reason, StringComparison.Ordinal);
        });
    }

    /// <summary>Freezing takes the names. A weight that is read twice is a module called twice all the same, and a trace shows whose code calls a function.</summary>
    [Theory]
    [InlineData("saved_forms/frozen_t.pt", "FunctionalCall Certain ''gelu :10\nFunctionalCall Certain ''softmin :12\nModuleReuse Likely '' x2 :5 5 5", Outcome.Fail)]
    [InlineData("saved_forms/frozen_s.pt", "ModuleReuse Likely '' x2 :  ", Outcome.Undecidable)]
    [InlineData("saved_forms/opt.pt", "ModuleReuse Likely '' x2 :  ", Outcome.Undecidable)]
    [InlineData("frozen/clean.pt", "", Outcome.Pass)]
    [InlineData("frozen/mobile.ptl", "ModuleReuse Likely '' x2 :16 16 16", Outcome.Pass)]
    [InlineData("frozen/blocks.pt", "", Outcome.Pass)]
    [InlineData("frozen/own_code.pt", "", Outcome.Undecidable)] // functions in the user's own lines: by which module?
    [InlineData("frozen/weight_reader.pt", "FunctionalCall Certain ''linear :35", Outcome.Fail)] // F.linear on a module's weight is no call of the module
    public void Frozen_archives_tell_what_is_left(string fixture, string expected, Outcome functions)
    {
        var result = Audit(fixture.Split('/'));
        Assert.Equal(expected, Lines(result));
        Assert.Equal(functions, result.Guidelines.Single(g => g.Guideline == "PyTorch.FunctionalCall").Outcome);
        Assert.All(result.Findings.Where(f => f.CallCount > 0), f =>
        {
            Assert.Null(f.Module);
            Assert.Contains("whose name the file does not keep", f.Message, StringComparison.Ordinal);
        });
    }

    /// <summary>One ReLU called twice and two called once leave the same trace: no pass.</summary>
    [Fact]
    public void A_module_without_weights_that_freezing_took_may_be_called_again()
    {
        var outcome = Audit("frozen", "relu_twice.pt").Guidelines.Single(g => g.Guideline == "PyTorch.ModuleReuse");
        Assert.Equal(Outcome.Undecidable, outcome.Outcome);
        Assert.Contains("'relu' runs 2 times", outcome.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("full.pth")]
    [InlineData("full_old.pth")]
    public void A_pickled_model_tells_what_is_registered_twice(string fixture)
    {
        var result = Audit("saved_forms", fixture);
        Assert.Equal("ModuleReuse Likely 'a' x2 :  \nModuleReuse Likely 'e' x2 :  ", Lines(result));
        Assert.Equal(["b"], result.Findings.First(f => f.Module == "a").Aliases);
    }

    /// <summary>Protocol 4 in the format before zip files, and pickle.dump of protocol 0; one object that three blocks were handed.</summary>
    [Theory]
    [InlineData("protocol4_legacy.pth")]
    [InlineData("protocol0.pkl")]
    public void A_pickled_model_of_any_protocol_is_read(string fixture)
    {
        var result = Audit("saved_forms", fixture);
        Assert.Equal("ModuleReuse Likely 'blocks.0.act' x3 :   ", Lines(result));
        Assert.Equal(["blocks.1.act", "blocks.2.act"], result.Findings.First(f => f.Module == "blocks.0.act").Aliases);
    }

    /// <summary>The layout of PyTorch 1.0 to 1.3, made by hand from its schema: weights that are read twice, or stand under two names.</summary>
    [Fact]
    public void An_archive_from_before_1_4_tells_what_its_weights_tell()
    {
        var result = Audit("early", "early.pt");
        Assert.Equal("ModuleReuse Likely 'fc' x2 : \nModuleReuse Likely 'blocks.0' x2 :  ", Lines(result));
        Assert.Equal(["blocks.2"], result.Findings.First(f => f.Module == "blocks.0").Aliases);
        Assert.Equal(Outcome.Undecidable, result.Guidelines.Single(g => g.Guideline == "PyTorch.FunctionalCall").Outcome);
    }

    /// <summary>A folder's TypeScript is no damaged model.</summary>
    [Fact]
    public void Extensions_that_others_use_too_are_a_guess() =>
        Assert.All(new[] { ".ts", ".torch", ".bin", ".ckpt" }, e => Assert.Equal((false, true), (FormatRegistry.Default.IsModelExtension(e), FormatRegistry.Default.IsSharedExtension(e))));

    [Fact]
    public void Every_model_of_a_checkpoint_is_audited() =>
        Assert.Equal(["generator", "nets.0"], Audit("saved_forms", "two_models.pt").Findings.Where(f => f.Module == "blocks.0.act").Select(f => f.Model));

    [Fact]
    public void An_inlined_function_that_may_be_a_modules_is_undecidable()
    {
        var outcome = Audit("inlined", "scripted.pt").Guidelines.Single(g => g.Guideline == "PyTorch.FunctionalCall");
        Assert.Equal(Outcome.Undecidable, outcome.Outcome);
        Assert.Contains("inlined", outcome.Reason, StringComparison.Ordinal);
    }

    /// <summary>A function of a block is not the root's, and what the block returns (a dictionary) is gone.</summary>
    [Fact]
    public void Code_of_the_users_modules_that_was_inlined_is_not_the_roots()
    {
        var result = Audit("inlined", "borders.pt");
        Assert.Equal("relu", Assert.Single(result.Findings, f => f.Guideline == "PyTorch.FunctionalCall").Operator);
        Assert.Equal(Outcome.Undecidable, result.Guidelines.Single(g => g.Guideline == "PyTorch.TensorInterface").Outcome);
    }

    [Fact]
    public void A_package_of_TorchServe_says_what_to_audit_instead()
    {
        var path = RepositoryFiles.Fixture("no_graph", "net.mar");
        var result = Auditor.Default.Audit(new(path, path), Written.Settings with { EveryInstance = true })!;
        Assert.All(result.Guidelines.Where(g => g.Outcome is not Outcome.NotApplicable), g => Assert.Contains("unpack it and audit 'model.pt'", g.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void A_program_for_a_device_is_one_sentence_and_passed_over_in_folders()
    {
        var path = RepositoryFiles.Fixture("no_graph", "model.pte");
        Assert.Contains("audit the program it was lowered from", Auditor.Default.Audit(new(path, path), Written.Settings with { EveryInstance = true })!.Error!.Message, StringComparison.Ordinal);
        Assert.Null(Auditor.Default.Audit(new(path, path) { IsGuess = true }, Written.Settings));
    }

    /// <summary>Where a trace hides what crosses the borders between modules, it does not pass.</summary>
    [Fact]
    public void A_trace_cannot_pass_the_interfaces_of_submodules()
    {
        var result = Audit("two_names", "traced.pt");
        Assert.Equal(Outcome.Undecidable, result.Guidelines.Single(g => g.Guideline == "PyTorch.TensorInterface").Outcome);
    }

    /// <summary>Every edge comes from somewhere: an argument of the root, a parameter, or a node before.</summary>
    [Theory]
    [InlineData("functional_norm_embed", "traced.pt", "embedding")]
    [InlineData("functional_norm_embed", "scripted.pt", "embedding")]
    [InlineData("takes_dict", "scripted.pt", "flatten")]
    public void Nodes_are_a_graph(string pattern, string file, string expected)
    {
        using var source = new ModelSource(RepositoryFiles.Fixture("torchscript", pattern, file), ReadLimits.Default);
        var graph = FormatRegistry.Default.Detect(source)!.Read(source);
        var known = graph.Modules.SelectMany(m => m.Parameters.Select(p => m.QualifiedName.Length == 0 ? p : $"{m.QualifiedName}.{p}")).ToHashSet(StringComparer.Ordinal);
        var fromOutside = new HashSet<string>(StringComparer.Ordinal);
        foreach (var node in graph.Nodes)
        {
            fromOutside.UnionWith(node.Inputs.Select(i => i.Name).Where(n => !known.Contains(n)));
            Assert.True(known.Add(Assert.Single(node.Outputs).Name), $"'{node.Name}' stands twice");
            Assert.NotNull(node.Module);
        }

        Assert.Contains(graph.Nodes, n => n.Name == expected);
        Assert.InRange(fromOutside.Count, 0, 2);
    }

    /// <summary>For the corpus' own patterns: the share of lines that equal the recorded ones.</summary>
    [Fact]
    public void Lines_are_those_of_the_recorded_truth()
    {
        var root = RepositoryFiles.CorpusOrSkip("pytorch", "patterns");
        var (lines, right, none) = (0, 0, 0);
        var wrong = new List<string>();
        foreach (var file in Directory.EnumerateFiles(root, "*.pt", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) is "traced.pt" or "scripted.pt").Order(StringComparer.Ordinal))
        {
            using var truth = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Path.GetDirectoryName(file)!, "truth.json")));
            foreach (var finding in Auditor.Default.Audit(new(file, file), Written.Settings)!.Findings.Where(f => f.Outcome is Outcome.Fail))
            {
                var recorded = finding.Operator is not null
                    ? truth.RootElement.GetProperty("functionals").EnumerateArray()
                        .Where(f => f.GetProperty("module").GetString() == finding.Module && f.GetProperty("function").GetString() == finding.Operator)
                        .SelectMany(f => f.GetProperty("at").EnumerateArray().Select(a => a.GetString()!)).ToList()
                    : truth.RootElement.GetProperty("reused").EnumerateArray()
                        .Where(r => r.GetProperty("path").GetString() == finding.Module || r.GetProperty("aliases").EnumerateArray().Any(a => a.GetString() == finding.Module))
                        .SelectMany(r => r.GetProperty("uses").EnumerateArray().Select(u => u.GetProperty("at").GetString()!)).ToList();
                foreach (var location in finding.Operator is not null ? [finding.Location] : finding.Calls.Select(c => c.Location))
                {
                    lines++;
                    if (location is null)
                    {
                        none++;
                    }
                    else if (recorded.Exists(r => $"{location.File}:{location.Line}".EndsWith(r, StringComparison.Ordinal)))
                    {
                        right++;
                    }
                    else
                    {
                        wrong.Add($"{file}: {finding.Module} {location}");
                    }
                }
            }
        }

        TestContext.Current.TestOutputHelper!.WriteLine($"{lines} lines, {right} equal to the recorded ones, {none} not in the file (modules that compute nothing leave no trace), {wrong.Count} others");
        Assert.Empty(wrong);
        Assert.True(none * 50 < lines, $"{none} of {lines} have no line");
    }

    /// <summary>Weights are not read: an archive may claim any number of them.</summary>
    [Fact]
    public void Code_that_calls_without_end_is_given_up()
    {
        var limits = ReadLimits.Default with { ExpandedCalls = 3 };
        var path = RepositoryFiles.Fixture("torchscript", "loop_refine", "scripted.pt");
        var (_, graph) = Auditor.Default.ReadGraph(path, limits, TestContext.Current.CancellationToken);
        Assert.Contains("takes more than 3 calls", graph.Evidence.ModuleCalls.Reason, StringComparison.Ordinal);
    }
}
