using Microsoft.Extensions.FileSystemGlobbing;

namespace ModelGuidelines.Audit.Configuration;

/// <summary>Globs relative to a folder: <c>*</c> within a name, <c>**</c> over folders. One without a slash is meant at any depth; one that matches a folder, all in it.</summary>
internal sealed class Globs
{
    private readonly Matcher _matcher = new(OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);
    private readonly string _folder;

    public Globs(IEnumerable<string> patterns, string folder)
    {
        _folder = folder;
        foreach (var pattern in patterns)
        {
            var plain = pattern.Replace('\\', '/').TrimEnd('/');
            plain = plain.StartsWith("./", StringComparison.Ordinal) ? plain[2..] : plain;
            var anchored = plain.Contains('/', StringComparison.Ordinal) ? plain.TrimStart('/') : $"**/{plain}";
            _matcher.AddInclude(anchored).AddInclude($"{anchored}/**");
        }
    }

    /// <summary>Whether a file or folder below the folder matches; nothing outside does.</summary>
    public bool Match(string fullPath)
    {
        var relative = Path.GetRelativePath(_folder, fullPath);
        return relative != "." && !Path.IsPathRooted(relative) && !relative.StartsWith("..", StringComparison.Ordinal) && _matcher.Match(relative).HasMatches;
    }
}
