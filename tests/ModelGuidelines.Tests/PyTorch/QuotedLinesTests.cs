using ModelGuidelines.Formats.PyTorch;

namespace ModelGuidelines.Tests.PyTorch;

/// <summary>What the source line that a stack quotes tells.</summary>
public sealed class QuotedLinesTests
{
    [Theory]
    [InlineData("return F.relu6(self.fc(x))", "aten.hardtanh.default", "relu6")]
    [InlineData("x = torch.selu(x)", "aten.elu.default", "selu")]
    [InlineData("x = F.max_pool1d(self.conv(x), 2)", "aten.max_pool2d_with_indices.default", "max_pool1d")]
    [InlineData("x = F.adaptive_avg_pool2d(x, 1).flatten(1)", "aten.mean.dim", "adaptive_avg_pool2d")]
    [InlineData("x = self.relu6(x)", "aten.hardtanh.default", null)] // a module
    [InlineData("x = F.selu(x) + F.celu(x)", "aten.elu.default", null)] // which of the two
    [InlineData("x = F.relu(x)", "aten.relu.default", null)] // the operator says it
    public void Functions_that_export_writes_as_other_operators(string code, string target, string? expected) => Assert.Equal(expected, WrittenFunctions.Find(code, target));

    [Theory]
    [InlineData("x = F.relu(self.conv(x))", "function relu")]
    [InlineData("return self.act(self.conv(x))", "module act")]
    [InlineData("return self.b(self.conv(x).relu())", "function relu")]
    [InlineData("x = self.conv(x)", "nothing")]
    [InlineData("x = self.act(self.conv(x) + self.conv(y))", "nothing")] // two calls on the line
    public void Around(string code, string expected) => Assert.Equal(expected, Text(QuotedCalls.Around(code, "conv")));

    [Theory]
    [InlineData("return self.conv(F.pad(x, (1, 1)))", "function pad")]
    [InlineData("return self.conv(self.pad(x))", "module pad")]
    [InlineData("return self.conv(x + F.pad(x, (1, 1)))", "nothing")]
    [InlineData("return self.conv(x)", "nothing")]
    public void Inside(string code, string expected) => Assert.Equal(expected, Text(QuotedCalls.Inside(code, "conv")));

    private static string Text(QuotedCalls.Call? call) => call is null ? "nothing" : call.Function is { } function ? $"function {function}" : $"module {call.Attribute}";
}
