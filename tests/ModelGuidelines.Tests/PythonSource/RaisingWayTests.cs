namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Ways on which Python raises without being told to: nobody runs them, and nothing is said of them.</summary>
public sealed class RaisingWayTests
{
    /// <summary>None has no attributes and no elements, a tuple of two no third one, a dictionary no key that it was not given.</summary>
    [Theory]
    [InlineData("if b is None:\n    b = self.embed(a.clone())\nreturn self.act(b)")]
    [InlineData("if b is None:\n    b = self.embed(a[:, 1])\nreturn self.act(b)")]
    [InlineData("kept = (a, b)\nif a is None:\n    b = self.embed(kept[2])\nreturn self.act(b)")]
    [InlineData("kept = {'a': a}\nif a is None:\n    b = self.embed(kept['b'])\nreturn self.act(b)")]
    [InlineData("kept = None if a is None else (a,)\nif a is None:\n    kept = kept + (b,)\nreturn self.act(self.embed(b))")]
    public void What_raises_is_no_run(string forward) => Assert.Empty(Said(forward));

    /// <summary>Where a model does so on every way, it was not understood what it is given.</summary>
    [Fact]
    public void What_raises_always_cannot_be_told() => Assert.Contains("ModuleReuse Undecidable", Said("kept = None\nreturn self.act(kept.make(b))"));

    /// <summary>A handler goes on from what raises.</summary>
    [Fact]
    public void What_a_handler_catches_runs() => Assert.Equal(["ModuleReuse act torch.nn.ReLU Certain"], Said("b = self.act(b)\ntry:\n    b = a.clone()\nexcept AttributeError:\n    b = self.act(b)\nreturn b").Where(f => f.StartsWith("ModuleReuse", StringComparison.Ordinal)));

    private static IEnumerable<string> Said(string forward) => Written.Said($$"""
        class Net(nn.Module):
            def __init__(self):
                super().__init__()
                self.embed, self.act = nn.Embedding(4, 4), nn.ReLU()

            def forward(self, a: torch.Tensor = None, b: torch.Tensor = None):
        {{Written.Indented(forward)}}
        """).Where(f => !f.StartsWith("TensorInterface", StringComparison.Ordinal));
}
