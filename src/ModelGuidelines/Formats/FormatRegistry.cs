using System.Collections.Immutable;

namespace ModelGuidelines.Formats;

/// <summary>The formats in the order in which they are asked: the most telling header first.</summary>
public sealed class FormatRegistry(IEnumerable<IModelFormat> formats)
{
    /// <summary>All formats of the product: one line each.</summary>
    public static FormatRegistry Default { get; } = new(
    [
        new SavedModel.SavedModelFormat(),
        new Onnx.OnnxFormat(),
        new KerasArchive.KerasArchiveFormat(),
        new KerasHdf5.KerasHdf5Format(),
        new KerasJson.KerasJsonFormat(),
        new PythonSource.PythonSourceFormat(),
        new ExportedProgram.ExportedProgramFormat(),
        new TorchScript.TorchScriptFormat(),
        new Safetensors.SafetensorsFormat(),
        new NoGraph.NoGraphFormat(),
    ]);

    public ImmutableArray<IModelFormat> Formats { get; } = [.. formats];

    /// <summary>The format of that content, or null when none claims it.</summary>
    public IModelFormat? Detect(ModelSource source) => Formats.FirstOrDefault(f => f.Matches(source));

    /// <summary>Whether only models carry that extension.</summary>
    public bool IsModelExtension(string extension) => Formats.Any(f => f.Extensions.Contains(extension, StringComparer.OrdinalIgnoreCase));

    /// <summary>Whether models and other files carry that extension.</summary>
    public bool IsSharedExtension(string extension) => Formats.Any(f => f.SharedExtensions.Contains(extension, StringComparer.OrdinalIgnoreCase));

    /// <summary>What is said of a file that no format matches; null where no format has more to say.</summary>
    public (string Id, string Message)? NoMatch(ModelSource source) => Of(source.Extension).Select(f => f.NoMatch(source)).FirstOrDefault(n => n is not null);

    /// <summary>Whether a file that no format matches is damaged, whatever else may have its extension.</summary>
    public bool IsDamaged(ModelSource source) => Of(source.Extension).Any(f => f.IsDamaged(source));

    private IEnumerable<IModelFormat> Of(string extension) => Formats.Where(f => f.Extensions.Concat(f.SharedExtensions).Contains(extension, StringComparer.OrdinalIgnoreCase));
}
