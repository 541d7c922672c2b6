using System.Globalization;

namespace ModelGuidelines.Audit.Configuration;

/// <summary>Which of the files that a search finds are audited. What a user names himself is audited in any case.</summary>
public sealed class SearchFilter
{
    private readonly Globs? _include;
    private readonly Globs? _exclude;
    private readonly bool _asksGit;
    private IReadOnlySet<string> _ignored = new HashSet<string>(StringComparer.Ordinal);

    internal SearchFilter(Globs? include, Globs? exclude, bool asksGit) => (_include, _exclude, _asksGit) = (include, exclude, asksGit);

    /// <summary>Folders that are named when they are passed over.</summary>
    private const int MostNamed = 3;

    private readonly SortedSet<string> _folders = new(StringComparer.Ordinal);
    private int _models;

    /// <summary>Says what was passed over because git ignores it: models, and folders into which nobody looked; null: nothing. Caches are not worth a word.</summary>
    public string? Ignored
    {
        get
        {
            var models = _models == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{_models} {(_models == 1 ? "model" : "models")}");
            var folders = _folders.Count == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{_folders.Count} {(_folders.Count == 1 ? "folder" : "folders")} ({string.Join(", ", _folders.Take(MostNamed).Select(f => Reports.Printable.Text(f)))}{(_folders.Count > MostNamed ? ", ..." : "")})");
            return models.Length + folders.Length == 0 ? null
                : $"{models}{(models.Length > 0 && folders.Length > 0 ? " and " : "")}{folders} that git ignores {(_models + _folders.Count == 1 ? "was" : "were")} passed over";
        }
    }

    /// <summary>Before a folder is searched.</summary>
    internal void Enter(string folder, CancellationToken cancellation)
    {
        _include?.Enter(folder);
        _exclude?.Enter(folder);
        _ignored = _asksGit ? Git.Ignored(folder, cancellation) : _ignored;
    }

    internal bool Skips(string fullPath, bool isFolder)
    {
        if (_exclude?.Match(fullPath) == true || (!isFolder && _include?.Match(fullPath) == false))
        {
            return true;
        }

        var isIgnored = _ignored.Contains(fullPath);
        if (isIgnored && !isFolder)
        {
            _models++;
        }
        else if (isIgnored && Path.GetFileName(fullPath) is [not ('.' or '_'), ..] name)
        {
            _folders.Add(name);
        }

        return isIgnored;
    }
}
