using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Audit;

/// <summary>What became of a finding.</summary>
public enum FindingState
{
    /// <summary>The reference does not know it.</summary>
    New,

    /// <summary>The reference knows it.</summary>
    Unchanged,

    /// <summary>It is gone.</summary>
    Fixed,
}

/// <summary>Tells what is new, fixed and unchanged against an earlier audit.</summary>
/// <remarks>A finding is the same where guideline and fingerprint are: in the same file first, then in one that the earlier audit does not know, for one that
/// is gone: a file that was renamed. The fingerprint says what stands there, not where, so lines and models may move.
/// Each finding of the reference answers for one. Of what was not looked at (a file that was not named or could not be read, a guideline that was not asked,
/// a module or severity that an option leaves out) nothing is fixed, nor what is accepted.</remarks>
public static class Baseline
{
    /// <summary>The state of a finding that the baseline knows.</summary>
    public const string Unchanged = "unchanged";

    /// <summary>An audit with the state of each finding, and what of the baseline is gone.</summary>
    /// <param name="baseline">The earlier audit.</param>
    /// <param name="results">The audit.</param>
    /// <param name="isGone">Whether a file of the baseline that was not audited is gone, so that its findings are fixed.</param>
    /// <param name="folder">The folder to which paths are relative, so that an absolute one is the same file.</param>
    /// <param name="settings">What the audit was asked for; null: everything.</param>
    public static (IReadOnlyList<AuditResult> Results, IReadOnlyList<Finding> Fixed) Mark(IEnumerable<AuditResult> baseline, IReadOnlyList<AuditResult> results, Func<string, bool> isGone, string? folder = null, AuditSettings? settings = null)
    {
        var (isKnown, gone, _) = Sort([.. baseline], results, isGone, folder, settings);
        var next = 0;
        return ([.. results.Select(r => r with { Findings = [.. r.Findings.Select(f => f with { BaselineState = isKnown[next++] ? Unchanged : "new" })] })], gone);
    }

    /// <summary>The findings of an audit with their states, then those of the reference that are gone.</summary>
    /// <param name="reference">The earlier audit.</param>
    /// <param name="difference">The later one.</param>
    /// <param name="isGone">Whether a file of the reference that was not audited is gone, so that its findings are; null: all are.</param>
    public static IReadOnlyList<(FindingState State, Finding Finding)> Compare(IEnumerable<AuditResult> reference, IEnumerable<AuditResult> difference, Func<string, bool>? isGone = null)
    {
        var after = difference.ToList();
        var (isKnown, gone, _) = Sort([.. reference], after, isGone, null, null);
        return [.. FindingsOf(after).Select((f, i) => (isKnown[i] ? FindingState.Unchanged : FindingState.New, f)), .. gone.Select(f => (FindingState.Fixed, f))];
    }

    /// <summary>The baseline to which this audit leads: what it found, and what the one before holds of all that it did not look at.</summary>
    /// <param name="baseline">The earlier audit.</param>
    /// <param name="results">The audit.</param>
    /// <param name="isGone">Whether a file of the baseline that was not audited is gone.</param>
    /// <param name="folder">The folder to which paths are relative.</param>
    /// <param name="settings">What the audit was asked for; null: everything.</param>
    /// <param name="root">The folder to which its paths are relative where that is not <paramref name="folder"/>: see <see cref="RootOf"/>.</param>
    /// <remarks>Sorted, and without what differs from run to run (lines, outcomes, counts), so that a review shows what changed and branches rarely conflict.</remarks>
    public static AuditReport Updated(IEnumerable<AuditResult> baseline, IReadOnlyList<AuditResult> results, Func<string, bool> isGone, string? folder = null, AuditSettings? settings = null, string? root = null)
    {
        string Name(string path) => NameOf(folder is null || root is null || root == folder ? path : Path.GetFullPath(path, folder), root ?? folder);
        var before = baseline.ToList();
        var (_, _, untold) = Sort(before, results, isGone, folder, settings);
        var kept = untold.ToLookup(f => Name(f.Path), StringComparer.Ordinal);
        var audited = results.Select(r => Name(r.Path)).ToHashSet(StringComparer.Ordinal);
        var files = results.Concat(before.Where(r => !audited.Contains(Name(r.Path)) && !isGone(r.Path)).Select(r => r with { Findings = [] }));
        return new([
            .. files.GroupBy(r => (Path: Name(r.Path), r.Entry)).OrderBy(g => g.Key.Path, StringComparer.Ordinal).ThenBy(g => g.Key.Entry, StringComparer.Ordinal)
                .GroupBy(g => g.Key.Path).SelectMany(entries => entries.Select((g, i) => new AuditResult
                {
                    Path = g.Key.Path,
                    Entry = g.Key.Entry,
                    Format = g.First().Format,
                    Framework = g.First().Framework,
                    Findings = [.. g.SelectMany(r => r.Findings).Concat(i == 0 ? kept[g.Key.Path] : []).Select(f => Lasting(f, g.Key.Path)).OrderBy(f => f.Guideline, StringComparer.Ordinal).ThenBy(f => f.Fingerprint, StringComparer.Ordinal)],
                })),
        ])
        {
            Run = new() { IsBaseline = true },
        };
    }

    /// <summary>A report that was written before, with its paths relative to a folder, as those of an audit are.</summary>
    /// <param name="file">Where it is.</param>
    /// <param name="folder">The folder.</param>
    /// <param name="root">The folder to which they are relative in the file: see <see cref="RootOf"/>.</param>
    /// <inheritdoc cref="Read(string)"/>
    public static IReadOnlyList<AuditResult> Read(string file, string folder, out string root)
    {
        var results = Read(file);
        var from = root = RootOf(file, results, folder);
        return from == folder ? results : [.. results.Select(r => Moved(r, from, folder))];
    }

    /// <summary>A report that was written before.</summary>
    /// <param name="file">Where it is.</param>
    /// <exception cref="ModelReadException">It is none, or cannot be read.</exception>
    public static IReadOnlyList<AuditResult> Read(string file)
    {
        try
        {
            using var stream = ReportReader.Open(file);
            return ReportReader.Read(stream);
        }
        catch (ModelReadException e)
        {
            throw new ModelReadException(e.Id, $"the baseline '{file}' cannot be read: {e.Message}");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ModelReadException("MG.Input.NotFound", $"there is no baseline '{file}'; updating it writes one");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelReadException("MG.Input.Unreadable", $"the baseline '{file}' cannot be read: {e.Message}");
        }
    }

    /// <summary>The folder to which the paths in a baseline are relative: the current one of whoever wrote it. That is the one here, or where more of its files lie: a folder above,
    /// that of the baseline, or one above that. So an audit of a part of a repository, from within the part, is compared like one of the whole.</summary>
    /// <param name="file">The baseline.</param>
    /// <param name="results">What is in it.</param>
    /// <param name="folder">The current folder.</param>
    public static string RootOf(string file, IEnumerable<AuditResult> results, string folder)
    {
        List<string> paths = [.. results.Select(r => r.Path).Where(p => p.Length > 0 && !Path.IsPathRooted(p)).Distinct(StringComparer.Ordinal).Take(1000)];
        return paths.TrueForAll(p => Path.Exists(Path.Combine(folder, p))) ? folder
            : Upwards(folder).Concat(Upwards(Path.GetDirectoryName(Path.GetFullPath(file, folder)))).Distinct(StringComparer.Ordinal).MaxBy(root => paths.Count(p => Path.Exists(Path.Combine(root, p)))) ?? folder;

        static IEnumerable<string> Upwards(string? from)
        {
            for (; from is not null; from = Path.GetDirectoryName(from))
            {
                yield return from;
            }
        }
    }

    private static AuditResult Moved(AuditResult result, string from, string to)
    {
        string Here(string path) => path.Length == 0 || Path.IsPathRooted(path) ? path : Path.GetRelativePath(to, Path.Combine(from, path)).Replace(Path.DirectorySeparatorChar, '/');
        return result with { Path = Here(result.Path), Findings = [.. result.Findings.Select(f => f with { Path = Here(f.Path) })] };
    }

    /// <summary>A path as one audit and another name the same file: relative to the folder, without a dot before it.</summary>
    private static string NameOf(string path, string? folder)
    {
        if (Path.DirectorySeparatorChar == '\\')
        {
            path = path.Replace('\\', '/');
        }

        if (folder is not null && Path.IsPathFullyQualified(path) && Path.GetRelativePath(folder, path).Replace(Path.DirectorySeparatorChar, '/') is var inside && inside != ".." && !inside.StartsWith("../", StringComparison.Ordinal))
        {
            path = inside;
        }

        while (path.StartsWith("./", StringComparison.Ordinal))
        {
            path = path[2..].TrimStart('/');
        }

        return path;
    }

    /// <summary>Of a finding what does not change while it stands there.</summary>
    private static Finding Lasting(Finding finding, string path) => finding with
    {
        Path = path,
        Location = null,
        SourcePath = null,
        Calls = [],
        Instances = [],
        InstanceCount = 1,
        Models = [],
        Node = null,
        HelpUri = null,
        BaselineState = null,
    };

    private static IEnumerable<Finding> FindingsOf(IEnumerable<AuditResult> results) => results.SelectMany(r => r.Findings);

    /// <summary>Which findings of the later audit are known; which of the earlier are gone; of which this audit says nothing.</summary>
    private static (bool[] IsKnown, IReadOnlyList<Finding> Gone, IReadOnlyList<Finding> Untold) Sort(List<AuditResult> before, IReadOnlyList<AuditResult> after, Func<string, bool>? isGone, string? folder, AuditSettings? settings)
    {
        string Name(string path) => NameOf(path, folder);
        var (open, found) = (new LinkedList<Finding>(FindingsOf(before)), FindingsOf(after).ToList());
        var isKnown = new bool[found.Count];
        var (known, audited) = (Names(before), Names(after));
        var unread = after.Where(r => r.Error is not null).Select(r => Name(r.Path)).ToHashSet(StringComparer.Ordinal);
        var answers = after.ToLookup(r => (Name(r.Path), r.Entry));
        var entries = new Dictionary<Finding, string?>(ReferenceEqualityComparer.Instance);
        foreach (var result in before)
        {
            foreach (var finding in result.Findings)
            {
                entries[finding] = result.Entry;
            }
        }

        var gone = open.Select(f => f.Path).Distinct(StringComparer.Ordinal).Where(p => !audited.Contains(Name(p)) && (isGone is null || isGone(p))).Select(Name).ToHashSet(StringComparer.Ordinal);
        Match(found, isKnown, open, f => (Name(f.Path), f.Guideline, f.Fingerprint), _ => true, _ => true);
        Match(found, isKnown, open, f => ("", f.Guideline, f.Fingerprint), f => gone.Contains(Name(f.Path)), f => !known.Contains(Name(f.Path)));

        // Of the same model of the file, and decided; reports of findings alone do not tell what was asked.
        bool IsAsked(Finding f) => isGone is null || answers[(Name(f.Path), entries[f])].Any(r => r.Guidelines.IsEmpty || r.Guidelines.Any(g => g.Guideline == f.Guideline && g.Outcome is not Outcome.Undecidable));
        bool IsHidden(Finding f) => settings is not null && settings.Hides(f, Path.GetFullPath(f.Path, folder ?? Directory.GetCurrentDirectory()));
        var accepted = after.SelectMany(r => r.SuppressedFindings.Select(s => (Name(r.Path), s.Finding.Guideline, s.Finding.Fingerprint))).ToHashSet();
        var told = open.Where(f => gone.Contains(Name(f.Path)) || !accepted.Contains((Name(f.Path), f.Guideline, f.Fingerprint)))
            .ToLookup(f => gone.Contains(Name(f.Path)) || (audited.Contains(Name(f.Path)) && !unread.Contains(Name(f.Path)) && IsAsked(f) && !IsHidden(f)));
        return (isKnown, [.. told[true]], [.. told[false]]);

        HashSet<string> Names(IEnumerable<AuditResult> results) => results.Select(r => Name(r.Path)).ToHashSet(StringComparer.Ordinal);
    }

    private static void Match(
        List<Finding> after, bool[] isKnown, LinkedList<Finding> open, Func<Finding, (string, string, string)> key, Func<Finding, bool> fromBefore, Func<Finding, bool> fromAfter)
    {
        var waiting = new Dictionary<(string, string, string), Queue<LinkedListNode<Finding>>>();
        for (var node = open.First; node is not null; node = node.Next)
        {
            if (fromBefore(node.Value))
            {
                var place = key(node.Value);
                (waiting.TryGetValue(place, out var queue) ? queue : waiting[place] = new()).Enqueue(node);
            }
        }

        for (var i = 0; i < after.Count; i++)
        {
            if (!isKnown[i] && fromAfter(after[i]) && waiting.TryGetValue(key(after[i]), out var queue) && queue.TryDequeue(out var node))
            {
                isKnown[i] = true;
                open.Remove(node);
            }
        }
    }
}
