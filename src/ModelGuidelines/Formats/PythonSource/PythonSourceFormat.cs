using ModelGuidelines.Models;
using ModelGuidelines.Storage;
using ModelGuidelines.Syntax.Python;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Python source that defines PyTorch modules or builds Keras models.</summary>
/// <remarks>Nothing is executed: classes and functions are followed as the frameworks would run them.</remarks>
public sealed class PythonSourceFormat : IModelFormat
{
    public string Name => "PythonSource";

    public IReadOnlyCollection<string> Extensions => [];

    public IReadOnlyCollection<string> SharedExtensions => [".py"];

    /// <summary>A Python file that names a framework, and has a class or calls Keras.</summary>
    public bool Matches(ModelSource source)
    {
        if (source.IsDirectory || source.Extension is not ".py" || source.File.Length is 0 or > int.MaxValue)
        {
            return false;
        }

        var bytes = source.File.Span(0, (int)source.File.Length);
        return bytes.IndexOf("keras"u8) >= 0 || (bytes.IndexOf("torch"u8) >= 0 && HasModuleClass(bytes));
    }

    /// <summary>Whether a class has a base that may be a module: one whose name says so, or any that is not known for something else in a file that defines a forward or uses torch.nn.</summary>
    private static bool HasModuleClass(ReadOnlySpan<byte> bytes)
    {
        bool? isLikely = null;
        var rest = bytes;
        for (var at = rest.IndexOf("class "u8); at >= 0; at = rest.IndexOf("class "u8))
        {
            var isStart = at == 0 || rest[at - 1] is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r';
            rest = rest[(at + 6)..];
            var open = rest.IndexOfAny("(:\n"u8);
            if (!isStart || open <= 0 || rest[open] != '(')
            {
                continue;
            }

            var bases = rest[(open + 1)..];
            var close = bases.IndexOfAny((byte)')', (byte)':');
            bases = close < 0 ? bases : bases[..close];
            if (bases.IndexOf("Module"u8) >= 0 || bases.IndexOf("Net"u8) >= 0 || bases.IndexOf("Model"u8) >= 0)
            {
                return true;
            }

            if (!IsPlain(bases) && (isLikely ??= bytes.IndexOf("def forward"u8) >= 0 || bytes.IndexOf("torch.nn"u8) >= 0 || bytes.IndexOf("import nn"u8) >= 0))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsPlain(ReadOnlySpan<byte> bases)
    {
        if (bases.Length > 256)
        {
            return false;
        }

        foreach (var part in System.Text.Encoding.ASCII.GetString(bases).Split(','))
        {
            var name = Libraries.LastPart(part.Trim());
            if (name.Length > 0 && !name.Contains('=', StringComparison.Ordinal) && !Libraries.IsPlainBase(name))
            {
                return false;
            }
        }

        return true;
    }

    public ModelGraph Read(ModelSource source)
    {
        var length = source.File.Length;
        if (length > source.Limits.EntryBytes)
        {
            throw new ModelReadException("MG.PythonSource.TooLarge", $"the file has {length} bytes, more than the {source.Limits.EntryBytes} that are read as source");
        }

        var file = PythonParser.Parse(source.File.Span(0, (int)length), source.Cancellation);
        return new SourceReader(file, source).Read();
    }
}
