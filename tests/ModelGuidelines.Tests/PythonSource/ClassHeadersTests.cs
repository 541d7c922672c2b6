using System.Text;
using ModelGuidelines.Formats.PythonSource;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>Which files are worth a parser: never one too few.</summary>
public sealed class ClassHeadersTests
{
    [Theory]
    [InlineData("class A(nn.Module):\n    pass\n", true)]
    [InlineData("class A(\n    Base,\n):\n    def forward(self, x): ...\n", true)]
    [InlineData("class A:\n    pass\nclass B(A):\n    def forward(self, x): ...\n", false)] // its bases end in this file
    [InlineData("class A(Base):\n    pass\nclass B(A):\n    def forward(self, x): ...\n", true)]
    [InlineData("class E(enum.Enum, str):\n    X = 1\nclass W(UserWarning): ...\ndef forward(): ...\n", false)]
    [InlineData("try:\n    from base import (\n        Other, Base)\nexcept ImportError:\n    class Base: ...\nclass A(Base):\n    def forward(self, x): ...\n", true)] // either
    [InlineData("import base \\\n    as Base\nclass Base: ...\nclass A(Base):\n    def forward(self, x): ...\n", true)]
    [InlineData("Base = pick()\nclass A(Base):  # as the class Base\n    def forward(self, x): ...\n", true)] // a comment is no class
    [InlineData("class A(Base):\n    def run(self, x): ...\n", false)] // neither forward nor torch.nn
    public void May_hold_a_module(string text, bool expected) => Assert.Equal(expected, ClassHeaders.MayHoldModule(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void Time_follows_the_length()
    {
        var text = new StringBuilder("def forward(): ...\nclass A0: ...\n");
        for (var i = 1; i < 100_000; i++)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"import m{i}\nclass A{i}(A{i - 1}): ...\n");
        }

        // A class sought anew among all before it would be 5,000,000,000 steps.
        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        Assert.True(Work.Processor(() => Assert.False(ClassHeaders.MayHoldModule(bytes))) < TimeSpan.FromSeconds(5));
    }
}
