using ModelGuidelines.Storage;

namespace ModelGuidelines.Audit;

/// <summary>Keeps one search inside its folder, and from searching a folder twice.</summary>
/// <param name="folder">That is searched; it may be a link itself, since somebody named it.</param>
/// <param name="follow">Whether links out of it are followed.</param>
internal sealed class LinkGuard(string folder, bool follow)
{
    private readonly RealPaths _paths = new();
    private readonly HashSet<string> _entered = new(StringComparer.Ordinal);

    /// <summary>Why a file is not opened: it is a link, and what it points at lies elsewhere; null where it may be.</summary>
    public AuditError? LeadsOutside(string file) =>
        follow || new FileInfo(file).LinkTarget is null || _paths.IsWithin(file, folder) ? null
        : new("MG.Input.LinkOutside", $"the link leads to '{_paths.Of(file)}', outside of the folder that was named", null);

    /// <summary>Whether a folder is searched. Behind a link that stays inside is a folder that the search comes to anyway.</summary>
    public bool Enters(string child, bool isLink) =>
        !follow ? !isLink : (!isLink || !_paths.IsWithin(child, folder)) && _paths.Of(child) is { } real && _entered.Add(real);
}
