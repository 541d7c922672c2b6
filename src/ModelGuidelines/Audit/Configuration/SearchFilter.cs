namespace ModelGuidelines.Audit.Configuration;

/// <summary>Which of the files that a search finds are audited. What a user names himself is audited in any case.</summary>
public sealed class SearchFilter
{
    private readonly Globs? _include;
    private readonly Globs? _exclude;
    private readonly bool _asksGit;
    private IReadOnlySet<string> _ignored = new HashSet<string>(StringComparer.Ordinal);

    internal SearchFilter(Globs? include, Globs? exclude, bool asksGit) => (_include, _exclude, _asksGit) = (include, exclude, asksGit);

    /// <summary>Models that were passed over because git ignores them.</summary>
    public int Ignored { get; private set; }

    /// <summary>Before a folder is searched.</summary>
    internal void Enter(string folder) => _ignored = _asksGit ? Git.Ignored(folder) : _ignored;

    internal bool Skips(string fullPath, bool isFolder)
    {
        if (_exclude?.Match(fullPath) == true || (!isFolder && _include?.Match(fullPath) == false))
        {
            return true;
        }

        var isIgnored = _ignored.Contains(fullPath);
        Ignored += isIgnored && !isFolder ? 1 : 0;
        return isIgnored;
    }
}
