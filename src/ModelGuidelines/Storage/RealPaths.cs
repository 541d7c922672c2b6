using System.Collections.Concurrent;

namespace ModelGuidelines.Storage;

/// <summary>Where paths really are: the links on their way followed, as <c>realpath</c> does. Folders are looked at once. Thread-safe.</summary>
internal sealed class RealPaths
{
    private const int Links = 40;
    private readonly ConcurrentDictionary<string, string?> _folders = new(StringComparer.Ordinal);

    /// <summary>The place of a file or folder, which need not exist; null where links lead in a circle or the way cannot be read.</summary>
    /// <param name="path">A full path.</param>
    public string? Of(string path) => Of(path, Links);

    /// <summary>Whether a path leads to the folder or into it, whatever the links on both ways are.</summary>
    public bool IsWithin(string path, string folder) =>
        Of(path) is { } real && OfFolder(folder, Links) is { } root
        && (real == root || real.StartsWith(Path.EndsInDirectorySeparator(root) ? root : root + Path.DirectorySeparatorChar, StringComparison.Ordinal));

    private string? OfFolder(string path, int links) =>
        _folders.TryGetValue(path, out var known) ? known : _folders[path] = Of(path, links);

    private string? Of(string path, int links)
    {
        path = Path.TrimEndingDirectorySeparator(path);
        if (Path.GetDirectoryName(path) is not { } parent)
        {
            return path;
        }

        if (OfFolder(parent, links) is not { } folder)
        {
            return null;
        }

        try
        {
            var full = Path.Join(folder, Path.GetFileName(path));
            return new FileInfo(full).LinkTarget is not { } target ? full : links == 0 ? null : Of(Path.GetFullPath(target, folder), links - 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
