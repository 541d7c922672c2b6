using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Conditions name ways that can be gone, and no more of them than is needed.</summary>
public sealed class ConditionTextTests
{
    /// <summary>The text of a condition leaves out what it does not need, though the test was made.</summary>
    [Theory]
    [InlineData("if kind == 'first':\n    self.extra = bool(a)\nelif kind == 'second':\n    self.extra = bool(b) and bool(c)", "kind == \"first\" and a is not None and a")]
    [InlineData("if kind == 'second':\n    self.extra = bool(b) and bool(c)\nelif kind == 'first':\n    self.extra = bool(a)", "kind != \"second\" and kind == \"first\" and a is not None and a")]
    public void No_more_than_is_needed(string init, string expected) => Assert.Equal([expected], Reused(init, "if self.extra:\n    x = self.act(x)"));

    /// <summary>What equals a text is not None, whichever is asked first; what an operator gives is not None.</summary>
    [Theory]
    [InlineData("if self.kind == 'a':\n    x = self.act(x)\nif self.kind is None:\n    x = self.act(x)", 0)]
    [InlineData("if self.kind is None:\n    x = self.act(x)\nif self.kind == 'a':\n    x = self.act(x)", 0)]
    [InlineData("if self.kind * 2 is None:\n    x = self.act(x)", 0)]
    [InlineData("if self.kind == 'a':\n    x = self.act(x)\nif self.kind is not None:\n    x = self.act(x)", 1)]
    public void What_excludes_what(string forward, int expected) => Assert.Equal(expected, Reused("pass", forward, isCalled: forward.Contains("* 2", StringComparison.Ordinal)).Count());

    private static IEnumerable<string> Reused(string init, string forward, bool isCalled = true) => Written.Audit($$"""
        from torch import nn

        class Net(nn.Module):
            def __init__(self, kind, a, b, c):
                super().__init__()
                self.act, self.extra, self.kind = nn.ReLU(), False, kind
        {{Written.Indented(init)}}

            def forward(self, x):
                {{(isCalled ? "x = self.act(x)" : "pass")}}
        {{Written.Indented(forward)}}
                return x
        """).Findings.Where(f => f.Guideline == "PyTorch.ModuleReuse" && f.Outcome is Outcome.Fail).Select(f => f.Conditions.FirstOrDefault() ?? "");
}
