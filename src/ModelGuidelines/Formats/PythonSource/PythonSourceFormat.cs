using System.Buffers;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.PythonSource;

/// <summary>Python source that defines PyTorch modules or builds Keras models.</summary>
/// <remarks>Nothing is executed: classes and functions are followed as the frameworks would run them.</remarks>
public sealed class PythonSourceFormat : IModelFormat
{
    internal const string NoModelId = "MG.PythonSource.NoModel";
    internal const string NoModelMessage = "the file defines no class that derives from torch.nn.Module or a Keras model or layer, and builds no Keras model";

    public string Name => "PythonSource";

    public IReadOnlyCollection<string> Extensions => [];

    public IReadOnlyCollection<string> SharedExtensions => [".py"];

    public bool LocatesSource => true;

    public (string Id, string Message)? NoMatch(ModelSource source) => (NoModelId, NoModelMessage);

    /// <summary>A Python file that names a framework, and has a class, sets a forward or calls Keras; or one with a function that may put a model together.</summary>
    public bool Matches(ModelSource source)
    {
        if (source.IsDirectory || source.Extension is not ".py" || source.File.Length is 0 or > int.MaxValue)
        {
            return false;
        }

        // Where the user says which expression builds the model, its classes may all be other files'.
        if (source.Options.Entry is not null)
        {
            return true;
        }

        var bytes = source.File.Span(0, (int)source.File.Length);
        return NamesModel(bytes)
            || (bytes.IndexOf("def "u8) >= 0 && bytes.IndexOf("import "u8) >= 0 && (MakesOne(bytes, "return "u8) || (bytes.IndexOf("return "u8) >= 0 && MakesOne(bytes, "= "u8))));
    }

    /// <summary>Whether a text has what a class of a model needs, or builds one with Keras; other texts may still put models together of other files' classes.</summary>
    internal static bool NamesModel(ReadOnlySpan<byte> bytes) => bytes.IndexOf("keras"u8) >= 0
        || ((bytes.IndexOf("torch"u8) >= 0 || bytes.IndexOf("def forward"u8) >= 0) && ClassHeaders.MayHoldModule(bytes))
        || (bytes.IndexOf("torch"u8) >= 0 && bytes.IndexOf(".forward = "u8) >= 0)
        || (bytes.IndexOf(".Model("u8) >= 0 && bytes.IndexOf("import"u8) >= 0);

    /// <summary>Whether something by the name of a class is called behind a word: <c>return Net(</c>.</summary>
    private static bool MakesOne(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> word)
    {
        for (var at = bytes.IndexOf(word); at >= 0; at = bytes.IndexOf(word))
        {
            bytes = bytes[(at + word.Length)..];
            var name = bytes[..Math.Max(0, bytes.IndexOfAnyExcept(NameBytes))];
            var last = name[(name.LastIndexOf((byte)'.') + 1)..];
            if (last.Length > 0 && char.IsAsciiLetterUpper((char)last[0]) && bytes[name.Length] == (byte)'(')
            {
                return true;
            }
        }

        return false;
    }

    private static readonly SearchValues<byte> NameBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_."u8);

    /// <summary>Whether a text that names no framework may build a Keras model through a module of its own project.</summary>
    internal static bool BuildsModel(string text) => text.Contains(".Model(", StringComparison.Ordinal);

    public ModelGraph Read(ModelSource source)
    {
        if (source.Texts?.GetValueOrDefault(source.Path) is { } given)
        {
            return Read(given, source);
        }

        var length = source.File.Length;
        if (length > source.Limits.EntryBytes)
        {
            throw new ModelReadException("MG.PythonSource.TooLarge", $"the file has {length} bytes, more than the {source.Limits.EntryBytes} that are read as source");
        }

        var file = PythonParser.Parse(source.File.Span(0, (int)length), source.Budget);
        return Read(file, source);
    }

    /// <summary>Reads a text as if it stood in that file: how a repair looks at what it is about to write.</summary>
    /// <param name="file">The text.</param>
    /// <param name="source">The file.</param>
    /// <param name="texts">What is read in place of other files; null: what the source says.</param>
    internal static ModelGraph Read(PythonFile file, ModelSource source, IReadOnlyDictionary<string, PythonFile>? texts = null) => new SourceReader(file, source, texts ?? source.Texts).Read();
}
