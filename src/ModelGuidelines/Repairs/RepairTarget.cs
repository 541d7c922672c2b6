using System.Globalization;
using ModelGuidelines.Audit;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs;

/// <summary>Where a repaired file goes.</summary>
internal static class RepairTarget
{
    /// <exception cref="ModelReadException">There is no safe place: <c>MG.Repair.TargetIs...</c>, <c>MG.Repair.TargetExists</c>.</exception>
    public static string Find(AuditInput input, RepairSettings settings)
    {
        // A link stays and what it points at is edited.
        var named = input.NamedPath;
        var original = OutputFile.Target(named);
        if (settings.InPlace)
        {
            return original;
        }

        var target = settings.OutputFolder is { } folder
            ? Path.Combine(Path.GetFullPath(folder), Below(input))
            : Path.Combine(Path.GetDirectoryName(named)!, Path.GetFileNameWithoutExtension(named) + settings.Suffix + Path.GetExtension(named));
        if (IsSame(OutputFile.Target(target), original))
        {
            throw new ModelReadException("MG.Repair.TargetIsSource", "the result would replace the original: ask for that with in-place repair, or choose another folder or suffix");
        }

        switch (FileProperties.KindOf(target))
        {
            case FileKind.Folder:
                throw new ModelReadException("MG.Repair.TargetIsFolder", $"'{target}' is a folder");
            case FileKind.Special:
                throw new ModelReadException("MG.Repair.TargetIsDevice", $"'{target}' is a device, pipe or socket");
        }

        var isOwn = false;
        if (settings.Targets?.TryTake(target, original, out isOwn) == false)
        {
            throw new ModelReadException("MG.Repair.TargetIsTaken", $"'{target}' is the result of another file of this run already; nothing was written");
        }

        if (!settings.Force && !isOwn && File.Exists(target))
        {
            throw new ModelReadException("MG.Repair.TargetExists", $"'{target}' exists already; nothing was written: ask for its replacement with -Force (--force)");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        return target;
    }

    /// <summary>The target as reports call it: beside the original, as the original was given.</summary>
    public static string Display(AuditInput input, string target, RepairSettings settings) =>
        settings.OutputFolder is { } folder ? Path.Join(folder, Below(input)) : Path.Join(Path.GetDirectoryName(input.DisplayPath), Path.GetFileName(target));

    /// <summary>What a folder holds keeps its place below it.</summary>
    private static string Below(AuditInput input) => input.SearchedFolder is { } folder ? Path.GetRelativePath(folder, input.NamedPath) : Path.GetFileName(input.NamedPath);

    private static bool IsSame(string a, string b) => string.Equals(Real(a), Real(b), OperatingSystem.IsLinux() ? StringComparison.Ordinal : StringComparison.OrdinalIgnoreCase);

    private static string Real(string path)
    {
        var folder = Path.GetDirectoryName(path)!;
        return Path.Combine(Directory.Exists(folder) ? new DirectoryInfo(folder).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? folder : folder, Path.GetFileName(path));
    }
}

/// <summary>The results of one run.</summary>
public sealed class RepairTargets
{
    private readonly Dictionary<string, string> _taken = new(OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);
    private Dictionary<string, PythonFile>? _texts;

    /// <summary>Source that was changed in this run and not written over its original, by full paths: what further repairs go on from. Null: none.</summary>
    internal IReadOnlyDictionary<string, PythonFile>? Texts => _texts;

    private readonly Dictionary<string, Source.RepairFolder> _folders = new(StringComparer.Ordinal);

    /// <summary>A folder that was not named, and is looked at all the same.</summary>
    internal Source.RepairFolder FolderOf(string path) => _folders.TryGetValue(path, out var known) ? known : _folders[path] = new(path);

    internal void GoOnFrom(IReadOnlyDictionary<string, PythonFile>? texts)
    {
        foreach (var (path, text) in texts ?? new Dictionary<string, PythonFile>())
        {
            (_texts ??= new(StringComparer.Ordinal))[path] = text;
        }
    }

    /// <summary>Takes a place; false where another file's result has it.</summary>
    /// <param name="target">The place.</param>
    /// <param name="original">Whose result it is.</param>
    /// <param name="isOwn">Whether an earlier repair of this run wrote the same source's result there, from which this one went on.</param>
    internal bool TryTake(string target, string original, out bool isOwn)
    {
        var place = Path.GetFullPath(target);
        isOwn = false;
        return _taken.TryAdd(place, original) || (isOwn = _texts?.ContainsKey(original) is true && _taken[place] == original);
    }
}

/// <summary>Keeps what is about to be replaced.</summary>
internal static class Backup
{
    /// <summary>Copies the file with all its properties to its name with <c>.bak</c> appended, as a whole or not at all; where an earlier backup stands, with <c>.bak2</c> and so on.</summary>
    /// <param name="path">Its name.</param>
    /// <param name="source">Where it is read, if not by that name.</param>
    public static void Keep(string path, string? source = null)
    {
        source ??= path;
        for (var number = 1; ; number++)
        {
            var backup = number == 1 ? path + ".bak" : string.Create(CultureInfo.InvariantCulture, $"{path}.bak{number}");
            if (Path.Exists(backup) || new FileInfo(backup).LinkTarget is not null)
            {
                continue;
            }

            using var copy = OutputFile.Create(backup);
            using (var bytes = new FileStream(source, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20))
            {
                bytes.CopyTo(copy.Stream, 1 << 20);
            }

            copy.Complete();
            FileProperties.Copy(source, copy.TemporaryPath, withTimes: true);
            copy.Commit();
            return;
        }
    }
}
