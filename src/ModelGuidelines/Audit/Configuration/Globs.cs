using Microsoft.Extensions.FileSystemGlobbing;

namespace ModelGuidelines.Audit.Configuration;

/// <summary>Globs relative to a folder: <c>*</c> within a name, <c>**</c> over folders. One without a slash is meant at any depth; one that matches a folder, all in it.
/// One that begins with <c>../</c> is meant as that path, one that begins with a slash below the folder or as that path.</summary>
internal sealed class Globs
{
    private readonly Matcher _matcher = NewMatcher();
    private readonly Matcher? _absolute;
    private readonly string _folder;
    private readonly bool _isGiven;
    private string _base;

    /// <param name="patterns">The globs.</param>
    /// <param name="folder">What they are relative to.</param>
    /// <param name="isGiven">Whether they are those of a command: in a search elsewhere, outside of the folder, they are relative to where that begins.</param>
    public Globs(IEnumerable<string> patterns, string folder, bool isGiven = false)
    {
        (_folder, _base, _isGiven) = (folder, folder, isGiven);
        foreach (var pattern in patterns)
        {
            var plain = pattern.Replace('\\', '/').TrimEnd('/');
            plain = plain.StartsWith("./", StringComparison.Ordinal) ? plain[2..] : plain;
            var leads = plain.Split('/').Contains(".."); // the library takes no such part but at the beginning
            if (leads || Path.IsPathRooted(plain))
            {
                Add(_absolute ??= NewMatcher(), WithoutRoot(Path.GetFullPath(plain, folder)));
            }

            if (!leads)
            {
                Add(_matcher, plain.Contains('/', StringComparison.Ordinal) ? plain.TrimStart('/') : $"**/{plain}");
            }
        }
    }

    /// <summary>What is wrong with a glob; null: nothing.</summary>
    public static string? Mistake(string pattern) =>
        pattern.StartsWith('!') ? $"'{pattern}' begins with '!', which excepts nothing from a glob: name what is to match" : null;

    /// <summary>Before a folder is searched.</summary>
    public void Enter(string folder) => _base = _isGiven && !IsInside(Path.GetRelativePath(_folder, folder)) ? folder : _folder;

    /// <summary>Whether a file or folder below the folder matches; nothing outside does but by a glob that leads there.</summary>
    public bool Match(string fullPath)
    {
        var relative = Path.GetRelativePath(_base, fullPath);
        return (relative != "." && IsInside(relative) && _matcher.Match(relative).HasMatches) || _absolute?.Match(WithoutRoot(fullPath)).HasMatches == true;
    }

    private static Matcher NewMatcher() => new(OperatingSystem.IsWindows() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    private static void Add(Matcher matcher, string pattern) => matcher.AddInclude(pattern).AddInclude($"{pattern}/**");

    private static bool IsInside(string relative) => !Path.IsPathRooted(relative) && relative != ".." && !relative.StartsWith($"..{Path.DirectorySeparatorChar}", StringComparison.Ordinal);

    private static string WithoutRoot(string fullPath) => fullPath[(Path.GetPathRoot(fullPath)?.Length ?? 0)..].Replace('\\', '/');
}
