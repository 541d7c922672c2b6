using ModelGuidelines.Formats;
using ModelGuidelines.Formats.PythonSource;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Repairs whose edits fall into other files than the audited one: which may be edited, and that every file which uses what is edited goes on doing the same.</summary>
internal static class Together
{
    /// <summary>Files that may use what is edited in another; beyond that many a repair would read the whole project again for each finding.</summary>
    private const int MaxUsers = 40;

    /// <summary>The files in which the edits of a finding may stand, by their full paths: those of its calls, that of its place, the audited one.</summary>
    public static IReadOnlyList<string> Roots(Finding finding, SourceFiles files) =>
        [.. finding.Calls.Select(c => c.Location).Append(finding.Location).OfType<SourceLocation>().Select(files.FullPath).Append(files.Main.Path).Distinct(StringComparer.Ordinal)];

    /// <summary>Why a file is not edited with the audited one; null where the user named it too.</summary>
    public static string? NotNamed(string path, string audited, RepairSettings settings) =>
        settings.Named.Contains(path) ? null : $"it stands in another file, {Shown(path, audited)}: repair that one, or name both files or the folder that holds them";

    /// <summary>Why edits of these files cannot be made; null where they can.</summary>
    public static string? NotWritten(IReadOnlyList<string> paths, string audited, ProjectTexts texts, RepairSettings settings)
    {
        var others = paths.Where(p => p != audited).ToList();
        if (others.Count == 0)
        {
            return null;
        }

        var shown = string.Join(", ", others.Select(p => Shown(p, audited)));
        return others.Exists(p => !settings.Named.Contains(p)) ? $"its edits fall into {shown} too, which was not named: name all these files, or the folder that holds them"
            : others.Find(p => !texts.Changed.ContainsKey(p) && !SourcePlan.Encode(texts.Read(p)!, texts.Read(p)!.Text).AsSpan().SequenceEqual(File.ReadAllBytes(p))) is { } other ? $"its edits fall into {Shown(other, audited)} too, whose encoding cannot be written back as it is"
            : !settings.WhatIf && !settings.InPlace && settings.OutputFolder is null ? $"its edits fall into {shown} too, and files beside the originals would not import each other: repair in place (-InPlace, --in-place) or into a folder (-OutputPath, --output-path)"
            : !settings.WhatIf && settings.OutputFolder is not null && settings.Folder is null && others.Exists(p => Path.GetDirectoryName(p) != Path.GetDirectoryName(audited)) ? $"its edits fall into {shown} too, which lies in another folder: name the folder that holds both, or repair in place"
            : null;
    }

    /// <summary>What differs in files that use what a step edits in other files than the audited one; null where nothing does.</summary>
    public static string? Differs(ModelSource source, SourceStep step, RepairSettings settings)
    {
        var changed = step.Changed(source.Cancellation);
        if (changed.Keys.All(p => p == source.Path))
        {
            return null;
        }

        if (Users(source, step, changed, settings) is not { } users)
        {
            return $"more than {MaxUsers} files use what is edited: that they go on doing the same is not looked at";
        }

        var texts = step.Texts.With(changed);
        foreach (var path in users)
        {
            source.Cancellation.ThrowIfCancellationRequested();
            using var file = new ModelSource(path, source.Limits, source.Cancellation);
            var (before, failed) = Read(file, step.Texts);
            var (after, fails) = Read(file, texts);
            if (failed != fails)
            {
                return $"{Shown(path, source.Path)}, which uses what is edited, could not be read as before ({fails ?? failed})";
            }

            if (before is not null && after is not null && SourceProof.Difference(before, after, step.Changes) is { } difference)
            {
                return $"{Shown(path, source.Path)}, which uses what is edited, could not be proven to do the same: {difference}";
            }
        }

        return null;
    }

    private static (ModelGraph? Graph, string? Error) Read(ModelSource file, ProjectTexts texts)
    {
        try
        {
            return (PythonSourceFormat.Read(texts.Read(file.Path)!, file, texts.Changed), null);
        }
        catch (ModelReadException e)
        {
            return (null, e.Id);
        }
    }

    /// <summary>The edited files, and all that import one of these, or one that does, and name what it defines; without the audited one, which is compared by itself. Null: too many.</summary>
    private static List<string>? Users(ModelSource source, SourceStep step, Dictionary<string, PythonFile> changed, RepairSettings settings)
    {
        var folder = Folder(source.Path, settings);
        var words = new HashSet<string>(StringComparer.Ordinal);
        var users = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in changed.Keys)
        {
            users.Add(path);
            words.UnionWith(Edited(step, path));
        }

        for (var found = true; found;)
        {
            found = false;
            foreach (var path in folder.FilesThatMention(words, source.Cancellation).Concat(settings.Named).Where(p => !users.Contains(p)).Distinct(StringComparer.Ordinal).ToList())
            {
                if (step.Texts.Read(path) is not { } file || !Mentions(file, words) || !SourceFiles.Imports(path, file, source.Path).Any(users.Contains))
                {
                    continue;
                }

                if (users.Count > MaxUsers)
                {
                    return null;
                }

                found = users.Add(path);
                words.UnionWith(Using(file, words));
            }
        }

        users.Remove(source.Path);
        return [.. users.Order(StringComparer.Ordinal)];
    }

    /// <summary>The project: the folder that was named, or the one that holds the package of the audited file where that is larger.</summary>
    private static RepairFolder Folder(string audited, RepairSettings settings)
    {
        var root = SourceFiles.RootOf(audited);
        return settings.Folder is { } named && !named.Path.StartsWith(root + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? named : settings.Targets?.FolderOf(root) ?? new(root);
    }

    private static bool Mentions(PythonFile file, HashSet<string> words) => file.Statements.SelectMany(SourceTree.Below).Any(n => Says(n, words));

    /// <summary>Whether a node names one of these, or brings all names of a file.</summary>
    private static bool Says(PythonNode node, HashSet<string> words) => node switch
    {
        NameExpression n => words.Contains(n.Name),
        AttributeExpression a => words.Contains(a.Name),
        ImportFromStatement i => i.Names.Any(a => a.Name == "*" || words.Contains(a.Name)),
        StringExpression { IsBytes: false } s => words.Contains(s.Value),
        _ => false,
    };

    /// <summary>Names at a file's own level whose words are edited, and what else there uses these.</summary>
    private static HashSet<string> Edited(SourceStep step, string path)
    {
        var edits = step.Changes.SelectMany(c => c.Edits).Where(e => e.Path == path).ToList();
        var file = step.Texts.Read(path)!;
        var names = file.Statements.Where(s => edits.Exists(e => e.Span.Start >= s.Start && e.Span.Start <= s.End)).SelectMany(Named).ToHashSet(StringComparer.Ordinal);
        for (var count = -1; count != names.Count;)
        {
            count = names.Count;
            names.UnionWith(Using(file, names));
        }

        return names;
    }

    /// <summary>What a file's own statements name that use some names: classes, functions, variables, and what imports call them.</summary>
    private static IEnumerable<string> Using(PythonFile file, HashSet<string> words) => file.Statements.Where(s => SourceTree.Below(s).Any(n => Says(n, words))).SelectMany(Named).ToList();

    private static IEnumerable<string> Named(Statement statement) => statement switch
    {
        ClassDefinition c => [c.Name],
        FunctionDefinition f => [f.Name],
        ImportFromStatement i => i.Names.Select(a => a.Alias).OfType<string>(),
        _ => SourceTree.Below(statement).SelectMany(n => n switch
        {
            AssignStatement a => a.Targets.OfType<NameExpression>().Select(t => t.Name),
            AnnotatedAssignStatement { Target: NameExpression t } => [t.Name],
            ClassDefinition c => [c.Name],
            FunctionDefinition f => [f.Name],
            _ => Enumerable.Empty<string>(),
        }),
    };

    private static string Shown(string path, string audited) => Path.GetRelativePath(Path.GetDirectoryName(audited)!, path).Replace('\\', '/');
}
