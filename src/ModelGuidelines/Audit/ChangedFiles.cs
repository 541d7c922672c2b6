using ModelGuidelines.Formats;
using ModelGuidelines.Python.Projects;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Audit;

/// <summary>Of the inputs of an audit those that differ from a commit, and Python files that import such a file.</summary>
/// <remarks>What changed is what git says of the work tree against the commit, what is not tracked included, in submodules against the commit that they stood at.</remarks>
public sealed class ChangedFiles
{
    private readonly string _revision;
    private readonly CancellationToken _cancellation;
    private readonly Dictionary<string, string?> _roots = new(StringComparer.Ordinal);
    private readonly HashSet<string> _asked = new(StringComparer.Ordinal);
    private readonly HashSet<string> _changed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _folders = new(StringComparer.Ordinal);

    private ChangedFiles(string revision, CancellationToken cancellation) => (_revision, _cancellation) = (revision, cancellation);

    /// <summary>The inputs to audit, in their order. An input that could not be found stays, with its error.</summary>
    /// <param name="inputs">All.</param>
    /// <param name="revision">A commit, as git names it.</param>
    /// <param name="searchPath">Where imports are sought too; full paths.</param>
    /// <param name="cancellation">Ends the wait for git, and the search for imports.</param>
    /// <exception cref="ModelReadException"><c>MG.Git.*</c>: no repository, no such commit, a clone that is too shallow to hold it.</exception>
    public static IReadOnlyList<AuditInput> Select(IEnumerable<AuditInput> inputs, string revision, IReadOnlyList<string> searchPath, CancellationToken cancellation = default)
    {
        var all = inputs.ToList();
        var changes = new ChangedFiles(revision, cancellation);
        foreach (var folder in all.Where(i => i.Error is null && i.Handle is null).Select(i => Path.GetDirectoryName(i.FullPath)!).Concat(searchPath.Where(Git.IsInWorkTree)).Distinct(StringComparer.Ordinal))
        {
            cancellation.ThrowIfCancellationRequested();
            changes.Ask(folder);
        }

        if (changes._changed.Count == 0)
        {
            return [.. all.Where(i => i.Error is not null || i.Handle is not null)];
        }

        var imports = new ImportClosure(searchPath, cancellation);
        return [.. all.Where(i => i.Error is not null || i.Handle is not null || changes.Holds(i.FullPath)
            || (i.FullPath.EndsWith(".py", StringComparison.OrdinalIgnoreCase) && imports.Reaches(i.FullPath, i.SearchedFolder, changes._changed)))];
    }

    /// <summary>Whether a file changed, or of a folder that is a model any file in it.</summary>
    private bool Holds(string fullPath) => _changed.Contains(fullPath) || _folders.Contains(fullPath);

    private void Ask(string folder)
    {
        if (RootOf(folder) is not { } root)
        {
            throw new ModelReadException("MG.Git.NoRepository", $"'{folder}' is in no git repository, so nothing tells what changed since '{_revision}'");
        }

        if (_asked.Add(root))
        {
            AddChanges(root, Commit(root, _revision));
        }
    }

    /// <summary>The outermost work tree that holds the folder through submodules: the revision is one of its.</summary>
    private string? RootOf(string folder)
    {
        if (_roots.TryGetValue(folder, out var known))
        {
            return known;
        }

        if (Path.Exists(Path.Join(folder, ".git")))
        {
            var outer = Git.Run(folder, _cancellation, "rev-parse", "--show-superproject-working-tree").TrimEnd('\n');
            known = outer.Length == 0 ? folder : RootOf(Path.GetFullPath(outer));
        }
        else
        {
            known = Path.GetDirectoryName(folder) is { } parent ? RootOf(parent) : null;
        }

        return _roots[folder] = known;
    }

    private string Commit(string root, string revision)
    {
        try
        {
            return Git.Run(root, _cancellation, "rev-parse", "--verify", "--quiet", "--end-of-options", revision + "^{commit}").TrimEnd('\n');
        }
        catch (ModelReadException e) when (e.Id == "MG.Git.Failed")
        {
            throw Git.Run(root, _cancellation, "rev-parse", "--is-shallow-repository").StartsWith("true", StringComparison.Ordinal)
                ? new("MG.Git.Shallow", $"the clone '{root}' is shallow and does not hold '{revision}': fetch it first (git fetch --depth=1 origin {revision}), or clone with the history (fetch-depth: 0 of actions/checkout, fetchDepth: 0 of Azure Pipelines)")
                : new ModelReadException("MG.Git.UnknownRevision", $"there is no commit '{revision}' in the repository '{root}'");
        }
    }

    /// <param name="root">A work tree.</param>
    /// <param name="commit">What it is compared with; null: everything in it is new.</param>
    private void AddChanges(string root, string? commit)
    {
        // Submodules are asked one by one: git would look into them under their own configuration. <mode> <id> <stage> TAB <name>
        var modules = Git.Lines(root, _cancellation, "ls-files", "-z", "--stage").Where(l => l.StartsWith("160000 ", StringComparison.Ordinal)).Select(l => l[(l.IndexOf('\t', StringComparison.Ordinal) + 1)..]);
        var names = commit is null ? Git.Lines(root, _cancellation, "ls-files", "-z")
            : Git.Unfiltered(root, _cancellation, "diff", "-z", "--name-only", "--no-renames", "--no-ext-diff", "--no-textconv", "--ignore-submodules=dirty", commit, "--");
        foreach (var name in names.Concat(modules).Concat(Git.Lines(root, _cancellation, "ls-files", "-z", "--others", "--exclude-standard")).Distinct(StringComparer.Ordinal))
        {
            var full = Path.TrimEndingDirectorySeparator(Path.GetFullPath(Path.Join(root, name)));
            if (Directory.Exists(full) && Path.Exists(Path.Join(full, ".git")))
            {
                AddSubmodule(root, commit, name.TrimEnd('/'), full);
                continue;
            }

            _changed.Add(full);
            for (var folder = Path.GetDirectoryName(full); folder is not null && folder != root && _folders.Add(folder); folder = Path.GetDirectoryName(folder))
            {
                // every folder around it
            }
        }
    }

    private void AddSubmodule(string root, string? commit, string name, string full)
    {
        // 160000 commit <id> TAB <name>: where the submodule stood.
        var before = commit is null ? null : Git.Lines(root, _cancellation, "ls-tree", "-z", commit, "--", name).FirstOrDefault(l => l.StartsWith("160000 ", StringComparison.Ordinal))?.Split(' ', '\t')[2];
        _roots[full] = root;
        _asked.Add(full);
        AddChanges(full, before is null ? null : Commit(full, before));
    }
}
