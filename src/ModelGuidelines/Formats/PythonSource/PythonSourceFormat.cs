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

    /// <summary>A Python file that names a framework, and has a class, sets a forward or calls Keras.</summary>
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
        return bytes.IndexOf("keras"u8) >= 0
            || ((bytes.IndexOf("torch"u8) >= 0 || bytes.IndexOf("def forward"u8) >= 0) && ClassHeaders.MayHoldModule(bytes))
            || (bytes.IndexOf("torch"u8) >= 0 && bytes.IndexOf(".forward = "u8) >= 0)
            || (bytes.IndexOf(".Model("u8) >= 0 && bytes.IndexOf("import"u8) >= 0);
    }

    /// <summary>Whether a text that names no framework may build a Keras model through a module of its own project.</summary>
    internal static bool BuildsModel(string text) => text.Contains(".Model(", StringComparison.Ordinal);

    public ModelGraph Read(ModelSource source)
    {
        var length = source.File.Length;
        if (length > source.Limits.EntryBytes)
        {
            throw new ModelReadException("MG.PythonSource.TooLarge", $"the file has {length} bytes, more than the {source.Limits.EntryBytes} that are read as source");
        }

        var file = PythonParser.Parse(source.File.Span(0, (int)length), source.Budget);
        return Read(file, source);
    }

    /// <summary>Reads a text as if it stood in that file: how a repair looks at what it is about to write.</summary>
    internal static ModelGraph Read(PythonFile file, ModelSource source) => new SourceReader(file, source).Read();
}
