using System.Globalization;
using System.Text;
using ModelGuidelines.Formats.PyTorch;

namespace ModelGuidelines.Tests.PyTorch;

/// <summary>A stack is read from where it differs from the one before: the frames are those of a stack that is read alone.</summary>
public sealed class PythonTraceTests
{
    [Fact]
    public void A_stack_is_what_it_is_whatever_stood_before()
    {
        var random = new Random(11);
        var traces = new PythonTrace();
        for (var i = 0; i < 20_000; i++)
        {
            var text = Stack(random);
            Assert.Equal(new PythonTrace().Parse(text).Select(Text), traces.Parse(text).Select(Text));
        }
    }

    private static string Text(PythonFrame frame) => $"{frame.File}|{frame.Line}|{frame.Function}|{frame.Code}";

    private static string Stack(Random random)
    {
        var text = new StringBuilder();
        for (var depth = random.Next(6); depth >= 0; depth--)
        {
            // Lines that are cut off, that are missing, that are no code, and numbers that become others.
            text.Append(CultureInfo.InvariantCulture, $"  File \"/srv/{random.Next(2)}.py\"");
            text.Append(random.Next(8) == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $", line {random.Next(3) * 5}{(random.Next(9) == 0 ? "9999999999" : "")}"));
            text.Append(random.Next(4) == 0 ? "" : random.Next(2) == 0 ? ", in forward" : ", in forward2");
            text.Append('\n');
            for (var lines = random.Next(3); lines > 0; lines--)
            {
                text.Append(random.Next(2) == 0 ? "    y = self.conv(x)\n" : "    ~~~~^^^^\n");
            }
        }

        return random.Next(5) == 0 ? text.ToString(0, random.Next(text.Length)) : text.ToString();
    }
}
