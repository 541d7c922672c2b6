namespace ModelGuidelines.Tests.PythonSource;

/// <summary>What a module is given and cannot be told may be no tensor: that is neither passed nor found.</summary>
public sealed class UnknownBorderTests
{
    [Theory]
    [InlineData("rate = self.settings.rate\nif rate:\n    rate *= 1 / 2\nreturn self.block(x, rate=rate)", "TensorInterface Undecidable")]
    [InlineData("return self.block(x, self.settings)", "TensorInterface Undecidable")]
    [InlineData("return self.block(x, **self.settings)", "TensorInterface Undecidable")]
    [InlineData("return self.block(*self.settings)", "TensorInterface Undecidable")]
    [InlineData("return self.block(x, **kwargs)", "")]
    [InlineData("return self.block(x, x.dtype)", "TensorInterface block dtype Certain")]
    [InlineData("return self.block(x, kwargs['rate'] * 2)", "")]
    [InlineData("return self.block(x, x * 2)", "FunctionalCall  mul Certain")]
    public void What_cannot_be_told_at_a_border(string forward, string expected) => Assert.Equal(expected.Length == 0 ? [] : [expected], Written.Said($$"""
        class Block(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x, rate=None):
                return self.fc(x)

        class Net(nn.Module):
            def __init__(self, settings):
                super().__init__()
                self.settings, self.block = settings, Block()

            def forward(self, x: torch.Tensor, **kwargs):
        {{Written.Indented(forward)}}
        """));
}
