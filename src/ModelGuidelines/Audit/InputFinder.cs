using System.IO.Enumeration;
using ModelGuidelines.Formats;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Audit;

/// <summary>Turns files, folders and wildcards into the files to audit, in a stable order.</summary>
/// <remarks>Folders are searched for the extensions of the registered formats; a folder that is itself a model (SavedModel) is one input.
/// A search stays inside its folder, and ends: links that lead elsewhere are followed only where that is asked for, and each folder is searched once.</remarks>
public sealed class InputFinder(FormatRegistry formats)
{
    /// <summary>What a search passes over; null: nothing.</summary>
    public Configuration.SearchFilter? Filter { get; init; }

    /// <summary>Whether a search follows links that lead out of its folder. Otherwise a model behind one is an error, and folders behind them are passed over.</summary>
    public bool FollowLinks { get; init; }

    /// <summary>Links out of a searched folder that were not followed: to folders, and to files that need be no models.</summary>
    public int LinksOutside { get; private set; }

    /// <summary>Ends a search, also one that comes upon no model for long: its next step throws <see cref="OperationCanceledException"/>.</summary>
    public CancellationToken Cancellation { get; init; }

    /// <summary>The inputs behind one path.</summary>
    /// <param name="path">A file, a folder, or a path with * and ? in it.</param>
    /// <param name="isLiteral">Whether * and ? mean themselves.</param>
    /// <param name="recurse">Whether folders are searched with all below them.</param>
    public IEnumerable<AuditInput> Find(string path, bool isLiteral = false, bool recurse = true)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
        {
            return [new(path, path, new("MG.Input.InvalidPath", "a path is empty or contains a null character", null))];
        }

        if (!isLiteral && path.AsSpan().IndexOfAny('*', '?') >= 0 && !File.Exists(path))
        {
            return FindByPattern(path, recurse);
        }

        var full = Path.GetFullPath(path);
        return FindOne(full, path, recurse);
    }

    /// <summary>Names of lists for which there was no file.</summary>
    public int Missing { get; private set; }

    /// <summary>The inputs behind a name of a list that a program wrote: nothing where there is no such file, or where it is no model or one that a search passes over.</summary>
    /// <remarks>A name in quotes for which there is no file is one that git has quoted, as it does with all but plain letters where it is not told <c>-z</c>.</remarks>
    public IEnumerable<AuditInput> FindListed(string path)
    {
        path = !Path.Exists(path) && Git.Unquoted(path) is { } unquoted ? unquoted : path;
        var full = path.Length == 0 || path.Contains('\0', StringComparison.Ordinal) ? null : Path.GetFullPath(path);
        if (full is null || (!Path.Exists(full) && !UndecodableName.Exists(full)))
        {
            Missing++;
            return [];
        }

        if (Filter?.Skips(full, Directory.Exists(full)) == true)
        {
            return [];
        }

        var found = FindOne(full, path);
        return Directory.Exists(full) ? found : found.Where(i => i.Error is null).Select(i => i with { IsGuess = !formats.IsModelExtension(Path.GetExtension(path)) });
    }

    /// <summary>The inputs behind one existing path whose place and displayed name are known.</summary>
    public IEnumerable<AuditInput> FindOne(string fullPath, string displayPath, bool recurse = true)
    {
        if (!Directory.Exists(fullPath))
        {
            return UndecodableName.Open(fullPath) is var (path, handle) ? FindOpened(path, displayPath, handle, recurse) : [FileAt(fullPath, displayPath)];
        }

        var search = new LinkGuard(fullPath, FollowLinks);
        if (IsModelFolder(fullPath))
        {
            return [ModelFolder(fullPath, displayPath, search)];
        }

        Filter?.Enter(fullPath, Cancellation);
        return FindInFolder(fullPath, displayPath, recurse, search).Select(i => i with { SearchedFolder = fullPath });
    }

    /// <summary>The inputs behind a file or folder whose name is no text.</summary>
    private IEnumerable<AuditInput> FindOpened(string path, string displayPath, IDisposable handle, bool recurse)
    {
        if (!Directory.Exists(path) || IsModelFolder(path))
        {
            yield return new(path, displayPath) { Handle = handle };
            yield break;
        }

        foreach (var input in FindInFolder(path, displayPath, recurse, new(path, FollowLinks)))
        {
            yield return input with { Handle = input.Handle ?? handle };
        }
    }

    /// <summary>One file, or why it is none.</summary>
    private static AuditInput FileAt(string fullPath, string displayPath)
    {
        var file = new FileInfo(fullPath);
        if (file.LinkTarget is { } target && !Leads(file) && FileProperties.KindOf(fullPath) is not FileKind.Special) // what a handle stands for has no name to lead to
        {
            return new(fullPath, displayPath, new("MG.Input.BrokenLink", $"the link points at '{target}', which does not exist", null));
        }

        return file.Exists ? new(fullPath, displayPath) : new(fullPath, displayPath, new("MG.Input.NotFound", "no such file or folder", null));
    }

    /// <summary>A folder that is one model, unless a file in it lies elsewhere.</summary>
    private static AuditInput ModelFolder(string fullPath, string displayPath, LinkGuard search)
    {
        try
        {
            return Directory.EnumerateFiles(fullPath).Order(StringComparer.Ordinal).Select(search.LeadsOutside).FirstOrDefault(e => e is not null) is { } error ? new(fullPath, displayPath, error) : new(fullPath, displayPath);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return new(fullPath, displayPath, new("MG.Input.FolderUnreadable", $"the folder cannot be listed: {e.Message}", null));
        }
    }

    /// <summary>The file behind a link; null where nobody asked for it and it need be no model.</summary>
    private AuditInput? LinkAt(string fullPath, string displayPath, bool isGuess, LinkGuard search)
    {
        var input = FileAt(fullPath, displayPath);
        if (input.Error is not null || search.LeadsOutside(fullPath) is not { } error)
        {
            return input;
        }

        LinksOutside += isGuess ? 1 : 0;
        return isGuess ? null : input with { Error = error };
    }

    /// <summary>Whether a link ends at something; a circle of links does not.</summary>
    private static bool Leads(FileInfo link)
    {
        try
        {
            return link.ResolveLinkTarget(returnFinalTarget: true) is { Exists: true };
        }
        catch (IOException)
        {
            return false;
        }
    }

    private IEnumerable<AuditInput> FindByPattern(string pattern, bool recurse)
    {
        var separators = new[] { Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar };
        var parts = pattern.Split(separators);
        var firstWild = Array.FindIndex(parts, p => p.AsSpan().IndexOfAny('*', '?') >= 0);
        var prefix = string.Join(Path.DirectorySeparatorChar, parts[..firstWild]);
        if (firstWild > 0)
        {
            prefix += Path.DirectorySeparatorChar;
        }

        var found = Expand(prefix, parts.AsMemory(firstWild)).Order(StringComparer.Ordinal).ToList();
        if (found.Count == 0)
        {
            return [new(Path.GetFullPath(prefix.Length == 0 ? "." : prefix), pattern, new("MG.Input.NotFound", "no file matches the pattern", null))];
        }

        return found.SelectMany(f => FindOne(Path.GetFullPath(f), f, recurse));
    }

    private static IEnumerable<string> Expand(string prefix, ReadOnlyMemory<string> parts)
    {
        var part = parts.Span[0];
        var folder = prefix.Length == 0 ? "." : prefix;
        if (!Directory.Exists(folder))
        {
            return [];
        }

        IEnumerable<string> names;
        try
        {
            names = [.. new DirectoryInfo(folder).EnumerateFileSystemInfos().Select(i => i.Name).Where(n => FileSystemName.MatchesSimpleExpression(part, n, ignoreCase: !OperatingSystem.IsLinux()))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }

        return parts.Length == 1
            ? names.Select(n => prefix + n)
            : names.SelectMany(n => Expand(prefix + n + Path.DirectorySeparatorChar, parts[1..]));
    }

    private IEnumerable<AuditInput> FindInFolder(string folder, string display, bool recurse, LinkGuard search)
    {
        Cancellation.ThrowIfCancellationRequested();
        List<Entry> children;
        AuditError? error = null;
        try
        {
            children = [.. Entries(folder).OrderBy(c => c.Name, StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            children = [];
            error = new("MG.Input.FolderUnreadable", $"the folder cannot be listed: {e.Message}", null);
        }

        if (error is not null)
        {
            yield return new(folder, display, error);
        }

        var (before, alike) = ("", 0);
        foreach (var child in children)
        {
            var (name, full) = (Path.Join(display, child.Name), Path.Join(folder, child.Name));
            if (Filter?.Skips(full, child.IsFolder) == true)
            {
                continue;
            }

            (before, alike) = (child.Name, child.Name == before ? alike + 1 : 0);
            if (UndecodableName.IsPossible(child.Name) && !Path.Exists(full))
            {
                if (child is { IsLink: true, IsFolder: false } && formats.IsModelExtension(Path.GetExtension(child.Name)))
                {
                    yield return new(full, name, new("MG.Input.LinkOutside", "where the link leads cannot be told: its name is no text", null));
                }

                if (child.IsLink || (child.IsFolder && !recurse) || UndecodableName.Open(full, alike) is not var (path, handle))
                {
                    continue;
                }

                foreach (var input in FindOpened(path, name, handle, recurse))
                {
                    yield return child.IsFolder ? input : input with { IsGuess = !formats.IsModelExtension(Path.GetExtension(child.Name)) };
                }

                continue;
            }

            if (!child.IsFolder)
            {
                var isGuess = !formats.IsModelExtension(Path.GetExtension(child.Name));
                if ((child.IsLink ? LinkAt(full, name, isGuess, search) : new(full, name)) is { } file)
                {
                    yield return file with { IsGuess = isGuess };
                }
            }
            else if (recurse && !child.Name.StartsWith('.'))
            {
                if (!search.Enters(full, child.IsLink))
                {
                    LinksOutside += child.IsLink && search.LeadsOutside(full) is not null ? 1 : 0;
                    continue;
                }

                if (IsModelFolder(full))
                {
                    yield return ModelFolder(full, name, search);
                    continue;
                }

                foreach (var input in FindInFolder(full, name, recurse, search))
                {
                    yield return input;
                }
            }
        }
    }

    private readonly record struct Entry(string Name, bool IsFolder, bool IsLink);

    /// <summary>Folders, and files with an extension of the formats. The others are not even looked at: a repository has many.</summary>
    private FileSystemEnumerable<Entry> Entries(string folder) => new(
        folder,
        (ref FileSystemEntry e) => new(e.FileName.ToString(), e.IsDirectory, e.Attributes.HasFlag(FileAttributes.ReparsePoint)),
        new() { AttributesToSkip = FileAttributes.None, IgnoreInaccessible = false })
    {
        ShouldIncludePredicate = (ref FileSystemEntry e) =>
            e.IsDirectory || Path.GetExtension(e.FileName) is { Length: > 0 } extension && IsOfFormat(extension.ToString()),
    };

    private bool IsOfFormat(string extension) => formats.IsModelExtension(extension) || formats.IsSharedExtension(extension);

    private bool IsModelFolder(string folder)
    {
        using var source = new ModelSource(folder, ReadLimits.Default);
        return formats.Detect(source) is not null;
    }
}
