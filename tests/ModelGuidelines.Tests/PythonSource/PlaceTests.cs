namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Places of lists that hold some elements only at times. Each expectation is what the model does when it runs.</summary>
public sealed class PlaceTests
{
    private static string Net(string init, string forward) => $$"""
        class Net(nn.Module):
            def __init__(self, flag, kind="a"):
                super().__init__()
                self.a, self.b, self.c = nn.ReLU(), nn.GELU(), nn.SiLU()
                self.flag = flag
        {{Written.Indented(init)}}

            def forward(self, x: torch.Tensor):
        {{Written.Indented(forward)}}
        """;

    /// <summary>Where the element in the middle is not there, the next one stands at its place.</summary>
    [Theory]
    [InlineData("return self.c(layers[1](x))", "ModuleReuse c torch.nn.SiLU Likely")]
    [InlineData("return self.b(layers[1](x))", "ModuleReuse b torch.nn.GELU Likely")]
    [InlineData("return self.a(layers[-2](x))", "ModuleReuse a torch.nn.ReLU Likely")]
    [InlineData("return self.a(layers[1](x))", "")]
    [InlineData("return self.c(layers[0](x))", "")]
    public void What_stands_behind_what_may_be_missing(string use, string expected) => Assert.Equal(
        expected.Length == 0 ? [] : [expected],
        Written.Said(Net("pass", "layers = [self.a]\nif self.flag:\n    layers.append(self.b)\nlayers.append(self.c)\n" + use)));

    /// <summary>One of two lists is walked by number: blocks of the other are not called, and none is called twice.</summary>
    [Fact]
    public void One_of_several_lists() => Assert.Equal(["FunctionalCall blocks.0 relu Likely", "FunctionalCall blocks.2 gelu Likely"], Written.Said("""
        class A(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x):
                return F.relu(self.fc(x))

        class B(nn.Module):
            def __init__(self):
                super().__init__()
                self.fc = nn.Linear(4, 4)

            def forward(self, x):
                return F.gelu(self.fc(x))

        class Net(nn.Module):
            def __init__(self, dims=(1, 2), kind="a"):
                super().__init__()
                if kind == "a":
                    blocks = [A() for d in dims]
                elif kind == "b":
                    blocks = [B() for d in dims]
                else:
                    raise ValueError(kind)
                self.blocks = nn.ModuleList(blocks)

            def forward(self, x: torch.Tensor):
                for i, part in enumerate(x.chunk(2)):
                    x = x + self.blocks[i](part)
                return x
        """).Where(f => !f.Contains(" add ", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
}
