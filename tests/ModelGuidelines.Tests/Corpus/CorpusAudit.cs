using ModelGuidelines.Audit;

namespace ModelGuidelines.Tests.Corpus;

/// <summary>The whole shared corpus, audited once for all rows of figures; empty where the corpus is not there.</summary>
public sealed class CorpusAudit : IAsyncLifetime
{
    /// <summary>Kinds of files by their name within a corpus folder.</summary>
    private static readonly Dictionary<string, string> Kinds = new(StringComparer.Ordinal)
    {
        ["torchscript-exporter.onnx"] = "onnx-ts",
        ["dynamo.onnx"] = "onnx-dynamo",
        ["exported.pt2"] = "pt2",
        ["traced.pt"] = "traced",
        ["scripted.pt"] = "scripted",
        ["model.py"] = "source",
        ["model.keras"] = "keras",
        ["model.h5"] = "h5",
        ["config.json"] = "keras-json",
        ["saved_model"] = "savedmodel",
        ["saved_model_export"] = "savedmodel-export",
        ["model.onnx"] = "onnx-keras",
    };

    internal CorpusScore Score { get; } = new();

    public async ValueTask InitializeAsync()
    {
        if (RepositoryFiles.Corpus is not { } root)
        {
            return;
        }

        var inputs = new List<(AuditInput Input, string Kind, CorpusTruth Truth)>();
        foreach (var path in Directory.EnumerateFiles(root, "truth.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var truth = CorpusTruth.Load(path);
            var folder = Path.GetDirectoryName(path)!;
            foreach (var file in truth.Files.Values.Select(f => f.File.TrimEnd('/')).Distinct(StringComparer.Ordinal).Append("model.py"))
            {
                var full = Path.Combine(folder, file);
                if (Kinds.TryGetValue(file, out var kind) && Path.Exists(full) && !inputs.Exists(i => i.Input.FullPath == full))
                {
                    inputs.Add((new(full, Path.GetRelativePath(root, full)), kind, truth));
                }
            }
        }

        var index = 0;
        await foreach (var result in Auditor.Default.AuditAsync(inputs.Select(i => i.Input), AuditSettings.Default))
        {
            var (input, kind, truth) = inputs[index++];
            Score.Add(kind, input.DisplayPath, truth, result);
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
