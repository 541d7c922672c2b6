using ModelGuidelines.Audit;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs;

/// <summary>Where a repaired file goes.</summary>
internal static class RepairTarget
{
    /// <exception cref="ModelReadException">There is no safe place: <c>MG.Repair.TargetIs...</c></exception>
    public static string Find(AuditInput input, RepairSettings settings)
    {
        var original = input.FullPath;
        if (settings.InPlace)
        {
            // Replacing a link by a file would leave what it points at as it was.
            return new FileInfo(original).LinkTarget is null
                ? original
                : throw new ModelReadException("MG.Repair.TargetIsLink", "the file is a link: name the file that it points at to repair it in place");
        }

        var target = settings.OutputFolder is { } folder
            ? Path.Combine(Path.GetFullPath(folder), Below(input))
            : Path.Combine(Path.GetDirectoryName(original)!, Path.GetFileNameWithoutExtension(original) + settings.Suffix + Path.GetExtension(original));
        if (IsSame(target, original))
        {
            throw new ModelReadException("MG.Repair.TargetIsSource", "the result would replace the original: ask for that with in-place repair, or choose another folder or suffix");
        }

        if (new FileInfo(target).LinkTarget is not null)
        {
            throw new ModelReadException("MG.Repair.TargetIsLink", $"'{target}' is a link; it is not followed and not replaced");
        }

        if (Directory.Exists(target))
        {
            throw new ModelReadException("MG.Repair.TargetIsFolder", $"'{target}' is a folder");
        }

        if (settings.Targets?.TryTake(target) == false)
        {
            throw new ModelReadException("MG.Repair.TargetIsTaken", $"'{target}' is the result of another file of this run already; nothing was written");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(target)!);
        return target;
    }

    /// <summary>The target as reports call it: beside the original, as the original was given.</summary>
    public static string Display(AuditInput input, string target, RepairSettings settings) =>
        settings.OutputFolder is { } folder ? Path.Join(folder, Below(input)) : Path.Join(Path.GetDirectoryName(input.DisplayPath), Path.GetFileName(target));

    /// <summary>What a folder holds keeps its place below it.</summary>
    private static string Below(AuditInput input) => input.SearchedFolder is { } folder ? Path.GetRelativePath(folder, input.FullPath) : Path.GetFileName(input.FullPath);

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
    private readonly HashSet<string> _taken = new(OperatingSystem.IsLinux() ? StringComparer.Ordinal : StringComparer.OrdinalIgnoreCase);

    internal bool TryTake(string target) => _taken.Add(Path.GetFullPath(target));
}

/// <summary>Keeps what is about to be replaced.</summary>
internal static class Backup
{
    /// <summary>Copies the file to its name with <c>.bak</c> appended, as a whole or not at all. An earlier backup is replaced.</summary>
    public static void Keep(string path)
    {
        using var copy = AtomicFile.Create(path + ".bak");
        using (var source = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20))
        {
            source.CopyTo(copy.Stream, 1 << 20);
        }

        copy.Complete();
        copy.Commit();
    }
}
