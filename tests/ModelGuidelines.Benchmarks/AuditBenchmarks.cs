using BenchmarkDotNet.Attributes;
using ModelGuidelines.Audit;

namespace ModelGuidelines.Benchmarks;

/// <summary>The audit of one small file of each exporter: the models that the tests carry.</summary>
[MemoryDiagnoser]
public class AuditBenchmarks
{
    private AuditInput _input = null!;

    [Params("onnx/twin_encoder/torchscript-exporter.onnx", "onnx/twin_encoder/dynamo.onnx")]
    public string Fixture { get; set; } = "";

    [GlobalSetup]
    public void Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "ModelGuidelines.sln")))
        {
            folder = folder.Parent ?? throw new InvalidOperationException("ModelGuidelines.sln is in no folder above the benchmarks");
        }

        var path = Path.Combine(folder.FullName, "tests/ModelGuidelines.Tests/Fixtures", Fixture);
        _input = new(path, Fixture);
    }

    [Benchmark]
    public AuditResult? Audit() => Auditor.Default.Audit(_input, AuditSettings.Default);
}
