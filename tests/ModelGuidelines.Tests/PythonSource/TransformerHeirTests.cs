namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Classes that derive from torch.nn's transformers: what they hold is known, and what their own forward runs of it.</summary>
public sealed class TransformerHeirTests
{
    /// <summary>A forward of its own runs what the base's constructor made.</summary>
    [Theory]
    [InlineData("", "relu Certain")]
    [InlineData(", activation='gelu'", "gelu Certain")]
    [InlineData(", activation=nn.GELU()", "")]
    public void AnHeirRunsWhatItsBaseMade(string given, string expected) => Assert.Equal(expected.Length == 0 ? [] : ["FunctionalCall  " + expected], Written.Said($$"""
        class Layer(nn.TransformerEncoderLayer):
            def __init__(self, d, heads):
                super().__init__(d, heads{{given}})
                self.extra = nn.Linear(d, d)

            def forward(self, x):
                y, _ = self.self_attn(x, x, x)
                y = self.norm1(self.dropout1(y))
                y = self.linear2(self.dropout(self.activation(self.linear1(y))))
                return self.extra(self.norm2(self.dropout2(y)))
        """));

    /// <summary>The blocks of the base run its modules: a block that runs twice runs them twice. Their functions are not the user's.</summary>
    [Fact]
    public void ABlockOfTheBaseRuns() => Assert.Equal(["dropout", "dropout2", "linear1", "linear2", "norm1"], Written.Said("""
        class Layer(nn.TransformerEncoderLayer):
            def forward(self, x):
                x = self.norm1(self._sa_block(x, None, None))
                return self.norm1(self._ff_block(self._ff_block(x)))
        """).Select(f => f.Split(' ')[1]).Order(StringComparer.Ordinal));

    /// <summary>A stack holds copies of the layer that it is handed: each runs once.</summary>
    [Fact]
    public void AStackRunsCopies() => Assert.Equal(["ModuleReuse norm torch.nn.LayerNorm Certain"], Written.Said("""
        class Stack(nn.TransformerEncoder):
            def __init__(self):
                super().__init__(nn.TransformerEncoderLayer(8, 2), 3, norm=nn.LayerNorm(8))

            def forward(self, x):
                for layer in self.layers:
                    x = layer(x)
                return self.norm(self.norm(x))
        """));
}
