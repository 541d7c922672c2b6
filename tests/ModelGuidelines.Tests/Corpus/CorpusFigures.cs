namespace ModelGuidelines.Tests.Corpus;

/// <summary>What the audit must reach on the shared corpus, per kind of file and guideline.</summary>
public sealed class CorpusFigures(CorpusAudit audit, ITestOutputHelper output) : IClassFixture<CorpusAudit>
{
    /// <summary>Kind of file, guideline, least recall, least precision of Certain findings, least precision of Likely findings.</summary>
    /// <remarks>Every row is asserted; a kind of file joins the table when its reader reaches the figures.</remarks>
    public static readonly TheoryData<string, string, double, double, double> Required = new()
    {
        // The reuse that these exports still show; what folding, merging and dead code took away is listed in docs/limits.md.
        { "onnx-ts", "PyTorch.ModuleReuse", 0.968, 1.0, 0.97 },
        { "onnx-ts", "PyTorch.FunctionalCall", 0.9, 1.0, 0.97 },
        { "onnx-dynamo", "PyTorch.ModuleReuse", 0.99, 1.0, 0.97 },
        { "onnx-dynamo", "PyTorch.FunctionalCall", 0.9, 1.0, 0.97 },
        { "onnx-keras", "Keras.LayerReuse", 0.8, 1.0, 0.97 },
        { "pt2", "PyTorch.ModuleReuse", 0.98, 1.0, 1.0 },
        { "pt2", "PyTorch.FunctionalCall", 0.95, 1.0, 1.0 },
        // Submodules' borders are not in the file; the roots' have a test of their own (ExportedProgramCorpusTests).
        { "pt2", "PyTorch.TensorInterface", 0.0, 1.0, 1.0 },
        { "keras", "Keras.ModelApi", 1.0, 1.0, 1.0 },
        { "keras", "Keras.LayerReuse", 0.99, 1.0, 1.0 },
        { "h5", "Keras.ModelApi", 1.0, 1.0, 1.0 },
        { "h5", "Keras.LayerReuse", 0.99, 1.0, 1.0 },
        { "keras-json", "Keras.ModelApi", 1.0, 1.0, 1.0 },
        { "keras-json", "Keras.LayerReuse", 0.99, 1.0, 1.0 },
        { "savedmodel", "Keras.ModelApi", 1.0, 1.0, 1.0 },
        { "savedmodel", "Keras.LayerReuse", 0.99, 1.0, 1.0 },
        { "traced", "PyTorch.ModuleReuse", 0.98, 1.0, 1.0 },
        { "traced", "PyTorch.FunctionalCall", 0.95, 1.0, 1.0 },
        { "traced", "PyTorch.TensorInterface", 0.0, 1.0, 1.0 },
        { "scripted", "PyTorch.ModuleReuse", 0.98, 1.0, 1.0 },
        { "scripted", "PyTorch.FunctionalCall", 0.95, 1.0, 1.0 },
        { "scripted", "PyTorch.TensorInterface", 0.95, 1.0, 1.0 },
    };

    [Theory(SkipTestWithoutData = true)]
    [MemberData(nameof(Required))]
    public void Is_reached(string kind, string guideline, double recall, double certainPrecision, double likelyPrecision)
    {
        RepositoryFiles.CorpusOrSkip();
        Assert.True(audit.Score.Scores.TryGetValue((kind, guideline), out var score), $"no file of kind {kind} was audited");
        Assert.Empty(audit.Score.Unread.Where(u => u.Kind == kind).Select(u => u.Line));
        var wrong = string.Join('\n', score.Wrong);
        Assert.True(score.CertainPrecision >= certainPrecision, $"precision of Certain is {score.CertainPrecision:F4}, required {certainPrecision}:\n{wrong}");
        Assert.True(score.LikelyPrecision >= likelyPrecision, $"precision of Likely is {score.LikelyPrecision:F4}, required {likelyPrecision}:\n{wrong}");
        Assert.True(score.Recall >= recall, $"recall is {score.Recall:F4}, required {recall}:\n{wrong}");
    }

    [Fact]
    public void Table_of_figures()
    {
        RepositoryFiles.CorpusOrSkip();
        foreach (var line in audit.Score.Table())
        {
            output.WriteLine(line);
        }

        foreach (var group in audit.Score.Unread.GroupBy(u => u.Kind))
        {
            output.WriteLine($"{group.Key}: {group.Count()} files unread, for example {group.First().Line}");
        }

        Assert.NotEmpty(audit.Score.Scores.Keys.Select(k => k.Kind).Concat(audit.Score.Unread.Select(u => u.Kind)));
    }
}
