using System.IO.Enumeration;
using ModelGuidelines.Formats;

namespace ModelGuidelines.Audit;

/// <summary>Turns files, folders and wildcards into the files to audit, in a stable order.</summary>
/// <remarks>Folders are searched for the extensions of the registered formats; a folder that is itself a model (SavedModel) is one input.
/// Links to folders are not followed, so a search ends and stays inside its folder.</remarks>
public sealed class InputFinder(FormatRegistry formats)
{
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

    /// <summary>The inputs behind one existing path whose place and displayed name are known.</summary>
    public IEnumerable<AuditInput> FindOne(string fullPath, string displayPath, bool recurse = true)
    {
        if (!Directory.Exists(fullPath))
        {
            return [FileAt(fullPath, displayPath)];
        }

        return IsModelFolder(fullPath) ? [new(fullPath, displayPath)] : FindInFolder(fullPath, displayPath, recurse).Select(i => i with { SearchedFolder = fullPath });
    }

    /// <summary>One file, or why it is none.</summary>
    private static AuditInput FileAt(string fullPath, string displayPath)
    {
        var file = new FileInfo(fullPath);
        if (file.LinkTarget is { } target && !Leads(file))
        {
            return new(fullPath, displayPath, new("MG.Input.BrokenLink", $"the link points at '{target}', which does not exist", null));
        }

        return file.Exists ? new(fullPath, displayPath) : new(fullPath, displayPath, new("MG.Input.NotFound", "no such file or folder", null));
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

    private IEnumerable<AuditInput> FindInFolder(string folder, string display, bool recurse)
    {
        List<FileSystemInfo> children;
        AuditError? error = null;
        try
        {
            children = [.. new DirectoryInfo(folder).EnumerateFileSystemInfos().OrderBy(c => c.Name, StringComparer.Ordinal)];
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

        foreach (var child in children)
        {
            var name = Path.Join(display, child.Name);
            if (child is FileInfo)
            {
                var isModel = formats.IsModelExtension(child.Extension);
                if (isModel || formats.IsSharedExtension(child.Extension))
                {
                    yield return FileAt(child.FullName, name) with { IsGuess = !isModel };
                }
            }
            else if (recurse && child.LinkTarget is null && !child.Name.StartsWith('.'))
            {
                if (IsModelFolder(child.FullName))
                {
                    yield return new(child.FullName, name);
                    continue;
                }

                foreach (var input in FindInFolder(child.FullName, name, recurse))
                {
                    yield return input;
                }
            }
        }
    }

    private bool IsModelFolder(string folder)
    {
        using var source = new ModelSource(folder, Storage.ReadLimits.Default);
        return formats.Detect(source) is not null;
    }
}
