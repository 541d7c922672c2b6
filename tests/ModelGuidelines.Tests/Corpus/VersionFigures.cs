using System.Globalization;
using ModelGuidelines.Audit;

namespace ModelGuidelines.Tests.Corpus;

/// <summary>What the audit reaches on files of nine versions of PyTorch and of the tools behind its exporters; prints the table of docs/limits.md.</summary>
public sealed class VersionFigures(ITestOutputHelper output)
{
    /// <summary>How a file's name begins, what it is, and its kind for scoring; the first that fits.</summary>
    private static readonly (string Start, string What, string Kind)[] Kinds =
    [
        ("exported-strict", "torch.export, strict", "pt2"),
        ("exported-dynamic", "torch.export, dynamic shapes", "pt2"),
        ("exported-decomposed", "torch.export, decomposed", "pt2"),
        ("exported-training", "torch.export, for training", "pt2"),
        ("exported", "torch.export", "pt2"),
        ("traced-frozen", "traced, frozen", "traced"),
        ("traced-ofi", "traced, optimize_for_inference", "traced"),
        ("traced-mobile", "traced, optimize_for_mobile", "traced"),
        ("traced-scripted-child", "traced, with a scripted child", "traced"),
        ("traced", "traced", "traced"),
        ("scripted-frozen", "scripted, frozen", "scripted"),
        ("scripted-ofi", "scripted, optimize_for_inference", "scripted"),
        ("scripted-mobile", "scripted, optimize_for_mobile", "scripted"),
        ("scripted-traced-child", "scripted, with a traced child", "scripted"),
        ("scripted", "scripted", "scripted"),
        ("ts-functions", "TorchScript-based ONNX, modules as functions", "onnx-ts"),
        ("ts-script", "TorchScript-based ONNX of a scripted module", "onnx-ts"),
        ("ts-", "TorchScript-based ONNX", "onnx-ts"),
        ("torchscript-exporter", "TorchScript-based ONNX", "onnx-ts"),
        ("ts~ort-qoperator", "... quantized, QLinear operators", "onnx-ts"),
        ("ts~ort-qdq", "... quantized", "onnx-ts"),
        ("ts~ort-preqdq", "... quantized", "onnx-ts"),
        ("ts~ort-dynamic", "... quantized", "onnx-ts"),
        ("ts~ort-extended", "... fused by ONNX Runtime", "onnx-ts"),
        ("ts~ort-all", "... fused by ONNX Runtime", "onnx-ts"),
        ("ts~", "... after other tools", "onnx-ts"),
        ("dynamo-export", "torch.onnx.dynamo_export", "onnx-dynamo"),
        ("dynamo~ort-qdq", "... quantized", "onnx-dynamo"),
        ("dynamo~ort-dynamic", "... quantized", "onnx-dynamo"),
        ("dynamo~onnxsim", "... after tools that drop metadata", "onnx-dynamo"),
        ("dynamo~onnxslim", "... after tools that drop metadata", "onnx-dynamo"),
        ("dynamo~graphsurgeon", "... after tools that drop metadata", "onnx-dynamo"),
        ("dynamo~version", "... after tools that drop metadata", "onnx-dynamo"),
        ("dynamo~ort", "... after ONNX Runtime's optimizer", "onnx-dynamo"),
        ("dynamo~", "... after other tools", "onnx-dynamo"),
        ("dynamo", "torch.export-based ONNX", "onnx-dynamo"),
    ];

    /// <summary>A guideline per column. ONNX keeps no borders: TensorInterface is Undecidable in every file.</summary>
    [Theory(SkipTestWithoutData = true)]
    [InlineData(".onnx", "ModuleReuse FunctionalCall")]
    [InlineData(".pt2", "ModuleReuse FunctionalCall TensorInterface")]
    [InlineData(".pt .ptl", "ModuleReuse FunctionalCall TensorInterface")]
    public async Task Of_files(string extensions, string guidelines)
    {
        RepositoryFiles.CorpusOrSkip();
        var root = Path.Combine(RepositoryFiles.Corpus!, "..", "corpus-versions");
        Assert.SkipUnless(Directory.Exists(root), "the corpus of versions is not there");

        var files = Directory.EnumerateFiles(root, "*", SearchOption.AllDirectories).Where(f => extensions.Split(' ').Contains(Path.GetExtension(f))).Order(StringComparer.Ordinal)
            .Select(f => (Path: f, Kind: Array.Find(Kinds, k => Path.GetFileName(f).StartsWith(k.Start, StringComparison.Ordinal))))
            .Where(f => f.Kind.Start is not null && File.Exists(Path.Combine(Path.GetDirectoryName(f.Path)!, "truth.json"))).ToList();
        var cells = new Dictionary<(Version Version, string What), CorpusScore>();
        var index = 0;
        await foreach (var result in Auditor.Default.AuditAsync(files.Select(f => new AuditInput(f.Path, Path.GetRelativePath(root, f.Path))), new() { EveryInstance = true }))
        {
            var (path, kind) = files[index++];
            var version = Version.Parse(Path.GetRelativePath(root, path).Split(Path.DirectorySeparatorChar)[0]);
            if (!cells.TryGetValue((version, Name(kind)), out var score))
            {
                cells.Add((version, Name(kind)), score = new());
            }

            score.Add(kind.Kind, Path.GetRelativePath(root, path), CorpusTruth.Load(Path.Combine(Path.GetDirectoryName(path)!, "truth.json")), result);
        }

        var columns = guidelines.Split(' ');
        output.WriteLine($"| file | PyTorch | files | {string.Join(" | ", columns.Select(c => $"{c}: precision / recall / undecided"))} |");
        output.WriteLine($"|---|---|---|{string.Concat(columns.Select(_ => "---|"))}");
        foreach (var ((version, what), score) in cells.OrderBy(c => Array.FindIndex(Kinds, k => Name(k) == c.Key.What)).ThenBy(c => c.Key.Version))
        {
            Assert.Empty(score.Unread);
            var scores = columns.Select(c => score.Scores.Single(s => s.Key.Guideline == $"PyTorch.{c}").Value).ToList();
            output.WriteLine($"| {what} | {version} | {scores[0].Files} | {string.Join(" | ", scores.Select(Cell))} |");
            Assert.All(scores, s => Assert.True(s.CertainPrecision >= 0.995, string.Join('\n', s.Wrong)));
        }

        static string Name((string Start, string What, string Kind) kind) =>
            kind.What.StartsWith("...", StringComparison.Ordinal) ? $"{(kind.Kind == "onnx-ts" ? "TorchScript-based" : "torch.export-based")}, {kind.What[4..]}" : kind.What;

        static string Cell(Score score) => string.Create(CultureInfo.InvariantCulture, $"{score.CertainPrecision:F2} / {score.Recall:F2} / {(double)score.Undecided / score.Files:P0}");
    }
}
