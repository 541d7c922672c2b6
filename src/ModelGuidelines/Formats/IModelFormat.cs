using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats;

/// <summary>One file format: recognises it by its content and translates it into a <see cref="ModelGraph"/>.</summary>
/// <remarks>Stateless. Registered by one line in <see cref="FormatRegistry"/>.</remarks>
public interface IModelFormat
{
    /// <summary>As in reports: <c>Onnx</c>.</summary>
    string Name { get; }

    /// <summary>Extensions with the dot, lower case, that only models carry: a hint for searching folders, never proof.
    /// A file found by one of these that no format recognises is reported.</summary>
    IReadOnlyCollection<string> Extensions { get; }

    /// <summary>Extensions that other files carry too (<c>.json</c>, <c>.h5</c>): searched, and silently passed over when the content is something else that may be called so.</summary>
    IReadOnlyCollection<string> SharedExtensions => [];

    /// <summary>Whether the content is of this format. Reads the header, for archives the directory, nothing more. Does not throw on bad content.</summary>
    bool Matches(ModelSource source);

    /// <summary>What is said of a named file that has one of its extensions and that no format matches; null where there is nothing better to say than that.</summary>
    (string Id, string Message)? NoMatch(ModelSource source) => null;

    /// <summary>Whether such a file is damaged, since whatever rightly bears the extension has a header that it lacks: then it is reported wherever it is found.</summary>
    bool IsDamaged(ModelSource source) => false;

    /// <summary>Whether the graph's locations are places in the audited file and in files beside it, by names relative to its folder;
    /// otherwise they are what the exporter recorded.</summary>
    bool LocatesSource => false;

    /// <summary>Translates the file.</summary>
    /// <exception cref="ModelReadException">The file is damaged, hostile, or exceeds a limit.</exception>
    ModelGraph Read(ModelSource source);
}
