// Prints our tree of each file named on standard input, one line per file, for compare.py:
//   dump of the tree, or "!" and the first error.
using System.Text;
using ModelGuidelines.SyntaxCheck;
using ModelGuidelines.Python.Syntax;

using var output = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 1 << 16);
while (Console.ReadLine() is { } path)
{
    var file = PythonParser.Parse(File.ReadAllBytes(path));
    if (file.Errors.IsEmpty)
    {
        output.Write(new PythonDump(file).Dump());
    }
    else
    {
        var (line, column) = file.PositionOf(file.Errors[0].Offset);
        output.Write($"! {line}:{column} {file.Errors[0].Message}");
    }

    output.Write('\n');
}
