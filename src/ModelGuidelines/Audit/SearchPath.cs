using System.Collections.Immutable;

namespace ModelGuidelines.Audit;

/// <summary>The folders in which imports are sought besides the audited project.</summary>
public static class SearchPath
{
    /// <summary>Stands for the folders of the environment variable PYTHONPATH, which is not looked at otherwise.</summary>
    public const string Environment = "env";

    /// <summary>Full paths, in order, without repetition.</summary>
    /// <param name="folders">As given: folders, and <see cref="Environment"/>.</param>
    /// <param name="baseFolder">What relative ones are relative to.</param>
    /// <param name="pythonPath">The value of PYTHONPATH.</param>
    /// <exception cref="DirectoryNotFoundException">A folder that was named does not exist; those of PYTHONPATH may be missing.</exception>
    public static ImmutableArray<string> Resolve(IEnumerable<string> folders, string baseFolder, string? pythonPath)
    {
        var result = new List<string>();
        foreach (var folder in folders)
        {
            if (folder == Environment)
            {
                result.AddRange((pythonPath ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Select(p => Path.GetFullPath(p, baseFolder)).Where(Directory.Exists));
                continue;
            }

            var full = Path.GetFullPath(folder, baseFolder);
            result.Add(Directory.Exists(full) ? full : throw new DirectoryNotFoundException($"the folder '{folder}' of the search path does not exist"));
        }

        return [.. result.Select(Path.TrimEndingDirectorySeparator).Distinct(StringComparer.Ordinal)];
    }
}
