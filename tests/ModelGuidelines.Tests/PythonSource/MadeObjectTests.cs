using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.PythonSource;

/// <summary>What a call of a class gives: its own <c>__new__</c> says so, if it has one. A module <c>act</c> is called a second time where a test holds.</summary>
public sealed class MadeObjectTests
{
    private const string Text = """
        from collections import namedtuple
        from torch import nn

        class Column(namedtuple("Column", ["name", "size", "kind"])):
            __slots__ = ()

            def __new__(cls, name, size=4, kind=None):
                if kind is None:
                    kind = name
                return super(Column, cls).__new__(cls, name, size, kind)

        class Low(nn.Module):
            def __new__(cls, size, rank=None):
                if rank is None:
                    return nn.Linear(size, size)
                return super().__new__(cls)

            def __init__(self, size, rank=None):
                super().__init__()
                self.down = nn.Linear(size, rank)
                self.up = nn.Linear(rank, size)

            def forward(self, x):
                return self.up(self.down(self.down(x)))

        class Single:
            one = None

            def __new__(cls):
                if cls.one is None:
                    cls.one = object.__new__(cls)
                return cls.one

            def __init__(self):
                self.size = 3

        class Other:
            def __new__(cls, *given, **named):
                return Single()

        class Net(nn.Module):
            def __init__(self, column):
                super().__init__()
                self.act = nn.ReLU()
                self.column = column
                self.low = Low(3, TEST_RANK)

            def forward(self, x):
                column = self.column
                x = self.act(self.low(x))
                if TEST:
                    x = self.act(x)
                return x

        net = Net(Column("a"))
        """;

    [Theory]
    [InlineData("column.kind == 'b'", "")]
    [InlineData("column.kind == 'a' and column.size == 4", "act")]
    [InlineData("column._replace(kind='c').kind == 'c' and column[2] == 'a'", "act")]
    [InlineData("isinstance(column._replace(size=5), Column) and column._fields == ('name', 'size', 'kind')", "act")]
    [InlineData("column == Column(x)", "act?")]
    [InlineData("Single() is Single() and Single().size == 3", "act")]
    [InlineData("Other(1, a=2).size == 3 and isinstance(Other(), Single)", "act")]
    [InlineData("isinstance(self.low, nn.Linear)", "act")]
    [InlineData("{(1, ('1',)): 0, (Low, (1, 1)): 1, ((1, '1'),): 3}[((1, '1'),)] == 3", "act")]
    [InlineData("{(Low, (1, 1)): 1, (Single, (1, 1)): 2}[(Single, (1, 1))] == 1", "")]
    [InlineData("isinstance(self.low, nn.Linear)", "low.down", "2")]
    public void A_class_may_say_what_it_makes(string test, string expected, string rank = "None")
    {
        using var folder = new Repairs.TemporaryFolder();
        var path = folder.File("net.py");
        File.WriteAllText(path, Text.Replace("TEST_RANK", rank, StringComparison.Ordinal).Replace("TEST", test, StringComparison.Ordinal));
        var result = Auditor.Default.Audit(new(path, "net.py"), Written.Settings)!;
        Assert.Null(result.Error);
        Assert.Equal(expected, string.Join(' ', result.Findings.Where(f => f.Guideline == "PyTorch.ModuleReuse" && f.Model == "Net").Select(f => $"{f.Module}{(f.Confidence is Confidence.Likely ? "?" : "")}")));
    }
}
