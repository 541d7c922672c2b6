using ModelGuidelines.Audit;
using ModelGuidelines.Formats.Onnx.Wire;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Guidelines.Aimet;
using ModelGuidelines.Models;
using ModelGuidelines.Tests.Onnx;

namespace ModelGuidelines.Tests.Aimet;

/// <summary>The checks behind the guidelines: what AIMET 2.42 was seen to refuse is found in files, what it takes is not.</summary>
public sealed class AimetTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("torch.nn.modules.linear.Linear", true)]
    [InlineData("torch.nn.Linear", true)]
    [InlineData("torch.nn.modules.linear.Identity", false)]
    [InlineData("torch.nn.modules.normalization.RMSNorm", false)]
    [InlineData("model.Linear", false)]
    public void Classes_count_by_their_exact_name(string type, bool defined) => Assert.Equal(defined, DefinedClasses.Default.Contains(type));

    /// <summary>Measured behaviour is audited like what AIMET writes, unless guidelines are named.</summary>
    [Theory]
    [InlineData(null, true)]
    [InlineData("PyTorch.*", false)]
    [InlineData("Aimet.*", true)]
    public void The_group_is_audited_unless_others_are_named(string? guideline, bool isThere)
    {
        var path = RepositoryFiles.Path("samples", "pytorch", "relu_twice.onnx");
        var result = Auditor.Default.Audit(new(path, path), new() { Guidelines = guideline is null ? [] : [guideline] })!;
        Assert.Equal(isThere, result.Findings.Any(f => f.Guideline == "Aimet.SharedParameter"));
        Assert.Equal(isThere, result.Guidelines.Any(g => g.Guideline.StartsWith("Aimet.", StringComparison.Ordinal)));
    }

    [Fact]
    public void Classes_of_the_user_can_be_added() => Assert.True(DefinedClasses.Default.With(["mine.Scale"]).Contains("mine.Scale"));

    [Theory]
    [InlineData("torch.nn.Identity")]
    [InlineData("torch.nn.modules.linear.Identity")]
    public void Classes_of_torch_have_two_spellings(string named)
    {
        Assert.False(DefinedClasses.Default.Contains(named));
        Assert.True(DefinedClasses.Default.With([named]).Contains("torch.nn.Identity"));
        Assert.True(DefinedClasses.Default.With([named]).Contains("torch.nn.modules.linear.Identity"));
        Assert.False(DefinedClasses.Default.With([named]).Contains("mine.Identity"));
    }

    [Fact]
    public void A_leaf_of_a_class_without_definition_is_found_in_a_trace()
    {
        var result = Audit(RepositoryFiles.Fixture("torchscript", "functional_norm_embed", "traced.pt"));
        Assert.All(Of(result, "Aimet.QuantizedDefinition"), f => Assert.Equal(Confidence.Certain, f.Confidence));
    }

    /// <summary>Where modules that leave no node are missing from the file, a class that holds modules elsewhere is no leaf.</summary>
    [Fact]
    public void A_class_that_holds_modules_elsewhere_is_no_leaf()
    {
        var builder = new ModelGraphBuilder();
        foreach (var (name, type) in new[] { ("norm1", "mine.NormAct"), ("norm1.act", "torch.nn.ReLU"), ("norm2", "mine.NormAct"), ("scale", "mine.Scale") })
        {
            var module = builder.FindOrAdd(name);
            builder.Modules[module] = builder.Modules[module] with { Type = type };
        }

        var graph = builder.Build(Framework.PyTorch, null, new() { ModuleTypes = Evidence.BlindSpots("modules that leave no node are not in the file") });
        Assert.Equal("scale", Assert.Single(new QuantizedDefinition().Evaluate(graph).Findings).Module);
    }

    [Fact]
    public void Control_flow_of_onnx_names_what_runs_in_the_body()
    {
        var finding = Assert.Single(Of(Audit(If("Relu")), "Aimet.ControlFlow"));
        Assert.Equal((Severity.Warning, "If"), (finding.Severity, finding.OpType));
        Assert.Contains("Relu", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Control_flow_of_onnx_that_only_moves_data_is_information() =>
        Assert.Equal(Severity.Information, Assert.Single(Of(Audit(If("Identity")), "Aimet.ControlFlow")).Severity);

    [Theory]
    [InlineData("MatMul", 1, "Gather", 0, true)] // a tied embedding
    [InlineData("Conv", 1, "Conv", 1, false)] // one type of operator
    [InlineData("Add", 1, "Mul", 1, false)] // no weight of a weighted operator
    [InlineData("Conv", 2, "Conv", 2, true)] // a bias twice
    public void Parameters_are_shared_across_types_of_operators(string first, int firstInput, string second, int secondInput, bool refused)
    {
        var graph = new GraphProto { Initializer = { new TensorProto { Name = "w" } }, Node = { Reads(first, firstInput, "w"), Reads(second, secondInput, "w") } };
        Assert.Equal(refused, Of(Audit(graph), "Aimet.SharedParameter").Any());
    }

    [Fact]
    public void Each_shared_parameter_is_a_finding_of_its_own()
    {
        var graph = new GraphProto { Initializer = { new TensorProto { Name = "a" }, new TensorProto { Name = "b" } }, Node = { Reads("Conv", 2, "a"), Reads("Conv", 2, "a"), Reads("Conv", 2, "b"), Reads("Conv", 2, "b") } };
        var found = Of(Audit(graph), "Aimet.SharedParameter").ToList();
        Assert.Equal(["a", "b"], found.Select(f => f.Node));
        Assert.NotEqual(found[0].Fingerprint, found[1].Fingerprint);
    }

    [Fact]
    public void A_transpose_hides_no_sharing()
    {
        var graph = new GraphProto
        {
            Initializer = { new TensorProto { Name = "w" } },
            Node = { Reads("Gather", 0, "w"), new NodeProto { OpType = "Transpose", Name = "t", Input = { "w" }, Output = { "wt" } }, Reads("MatMul", 1, "wt") },
        };
        Assert.Equal("w", Assert.Single(Of(Audit(graph), "Aimet.SharedParameter")).Node);
    }

    [Fact]
    public void Quantized_files_are_refused()
    {
        var finding = Assert.Single(Of(Audit(new GraphProto { Node = { Reads("QuantizeLinear", 0, "x"), Reads("QuantizeLinear", 0, "y") } }), "Aimet.AlreadyQuantized"));
        Assert.Contains("2 nodes", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Bfloat16_at_the_border_is_refused()
    {
        var graph = new GraphProto { Node = { Reads("Relu", 0, "x") }, Input = { new ValueInfoProto { Name = "x", Type = new() { TensorType = new() { ElemType = 16 } } } } };
        Assert.Equal("x", Assert.Single(Of(Audit(graph), "Aimet.AlreadyQuantized")).Node);
    }

    [Fact]
    public void A_keyword_as_a_name()
    {
        var graph = new GraphProto { Node = { new NodeProto { OpType = "Relu", Name = "/layers/in/Relu", Input = { "x" }, Output = { "y" } }, new NodeProto { OpType = "Relu", Name = "/layers/input/Relu", Input = { "y" }, Output = { "z" } } } };
        Assert.Equal("layers.in", Assert.Single(Of(Audit(graph), "Aimet.ModuleName")).Module);
    }

    [Fact]
    public void Readiness_stands_in_the_order_in_which_tools_fail()
    {
        var tools = ModelReadiness.Of(Audit(new GraphProto { Node = { Reads("QuantizeLinear", 0, "x") } }));
        Assert.Equal(ReadinessVerdict.Refuses, tools.Single(t => t.Tool is AimetTool.Onnx).Verdict);
        Assert.Equal(tools.Select(t => t.Tool).Order(), tools.Select(t => t.Tool));
    }

    private static GraphProto If(string inBody) => new()
    {
        Node =
        {
            new NodeProto
            {
                OpType = "If",
                Name = "/If",
                Input = { "c" },
                Output = { "o" },
                Attribute =
                {
                    new AttributeProto { Name = "then_branch", G = new() { Node = { Reads(inBody, 0, "x") } } },
                    new AttributeProto { Name = "else_branch", G = new() { Node = { Reads("Identity", 0, "x") } } },
                },
            },
        },
    };

    private static NodeProto Reads(string type, int input, string name)
    {
        var node = new NodeProto { OpType = type, Name = $"/{type}_{name}", Output = { $"{type}_{name}_{input}" } };
        node.Input.AddRange(Enumerable.Range(0, input + 1).Select(i => i == input ? name : "x"));
        return node;
    }

    private static IEnumerable<Finding> Of(AuditResult result, string guideline) => result.Findings.Where(f => f.Guideline == guideline && f.Outcome is Outcome.Fail);

    private AuditResult Audit(GraphProto graph)
    {
        var path = Path.Combine(_folder.FullName, "model.onnx");
        File.WriteAllBytes(path, WrittenModel.Of(graph));
        return Audit(path);
    }

    private static AuditResult Audit(string path)
    {
        var result = Auditor.Default.Audit(new(path, path), AuditSettings.Default with { MinimumSeverity = Severity.Information })!;
        Assert.Null(result.Error);
        return result;
    }
}
