using System.Collections.Immutable;
using ModelGuidelines.Formats;

namespace ModelGuidelines.Audit;

/// <summary>Makes inputs of entries: each one model of a Python file.</summary>
public static class EntryInputs
{
    /// <summary>The inputs with each entry as one of its own, in place of the file that it names; files that no entry names stay as they are.</summary>
    /// <param name="inputs">What was named besides.</param>
    /// <param name="entries">Without a module they belong to the only Python file among the inputs.</param>
    /// <param name="searchPath">Where modules are sought, full paths.</param>
    /// <param name="baseFolder">Where modules and paths are sought first.</param>
    public static IEnumerable<AuditInput> Apply(IEnumerable<AuditInput> inputs, ImmutableArray<ModelEntry> entries, ImmutableArray<string> searchPath, string baseFolder)
    {
        if (entries.IsEmpty)
        {
            return inputs;
        }

        var given = inputs.ToList();
        var scripts = given.Where(i => i.FullPath.EndsWith(".py", StringComparison.OrdinalIgnoreCase)).ToList();

        // What a settings file says of a model counts where its file is among what is audited, or where a search may stand for everything.
        bool IsMeant(AuditInput entry) => entry.Entry!.Folder is null || entry.Error is not null || given.All(i => i.SearchedFolder is not null) || given.Exists(i => i.FullPath == entry.FullPath);
        var named = entries.Select(e => Input(e, given, scripts, searchPath, e.Folder ?? baseFolder, baseFolder)).Where(IsMeant).ToList();
        var replaced = named.Select(n => n.FullPath).ToHashSet(StringComparer.Ordinal);
        return [.. given.Where(i => !replaced.Contains(i.FullPath)), .. named];
    }

    private static AuditInput Input(ModelEntry entry, List<AuditInput> given, List<AuditInput> scripts, ImmutableArray<string> searchPath, string baseFolder, string currentFolder)
    {
        AuditInput Failed(string id, string message) => new("", entry.ToString(), new(id, message, null)) { Entry = entry };
        if (entry.Module is null)
        {
            return scripts is [{ Error: null } only] ? only with { Entry = entry, IsGuess = false }
                : given is [{ Error: not null } broken] ? broken with { Entry = entry }
                : Failed("MG.Entry.NoFile", $"the entry '{entry.Expression}' does not say in which file: name one Python file, or write module:expression");
        }

        var candidates = entry.Module.EndsWith(".py", StringComparison.Ordinal) ? [Path.GetFullPath(entry.Module, baseFolder)]
            : searchPath.Prepend(baseFolder).Select(f => Path.Join(f, entry.Module.Replace('.', Path.DirectorySeparatorChar))).SelectMany(p => new[] { p + ".py", Path.Join(p, "__init__.py") });
        if (candidates.FirstOrDefault(File.Exists) is not { } path)
        {
            return Failed("MG.Entry.NoModule", $"the entry '{entry}' names a file that is not there: '{entry.Module}' is sought in the current folder and on the search path (--search-path)");
        }

        return given.Find(i => i.FullPath == path) is { } known ? known with { Entry = entry, IsGuess = false }
            : new AuditInput(path, Shown(path, currentFolder)) { Entry = entry };
    }

    private static string Shown(string path, string baseFolder) =>
        path.StartsWith(Path.TrimEndingDirectorySeparator(baseFolder) + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? Path.GetRelativePath(baseFolder, path) : path;
}
