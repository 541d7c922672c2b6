using ModelGuidelines.Formats;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Audit;

/// <summary>Finds outputs that would take away what is read, or each other: a report over a model loses the model.</summary>
public static class OutputConflict
{
    /// <summary>What is wrong with a choice of outputs; null: nothing.</summary>
    /// <param name="outputs">Files to write. Devices and pipes take any number of reports.</param>
    /// <param name="inputs">What is read.</param>
    public static string? Find(IEnumerable<string> outputs, IEnumerable<AuditInput> inputs)
    {
        var named = new Dictionary<string, string>(PathComparer);
        foreach (var output in outputs)
        {
            if (TargetOf(output) is { } target && !named.TryAdd(target, output))
            {
                return $"'{output}' is named for two outputs: each needs a file of its own";
            }
        }

        return named.Count == 0 ? null
            : inputs.Where(i => i.Error is null).Select(i => (Input: i, Output: named.GetValueOrDefault(i.FullPath) ?? (i.SearchedFolder is null && TargetOf(i.FullPath) is { } target ? named.GetValueOrDefault(target) : null)))
                .FirstOrDefault(p => p.Output is not null && IsModel(p.Input)) is { Output: { } replaced }
                ? $"'{replaced}' is a model that is read here, which the output would replace: name another file" : null;
    }

    private static StringComparer PathComparer => OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal;

    /// <summary>The file that is replaced; null where none is, or where writing will say what is wrong.</summary>
    private static string? TargetOf(string path)
    {
        try
        {
            return path.Length == 0 || FileProperties.KindOf(Path.GetFullPath(path)) is FileKind.Special or FileKind.Folder ? null : OutputFile.Target(path);
        }
        catch (IOException)
        {
            return null;
        }
    }

    /// <summary>A search comes upon reports of earlier runs, too, which are no models.</summary>
    private static bool IsModel(AuditInput input)
    {
        if (!input.IsGuess)
        {
            return true;
        }

        try
        {
            using var source = new ModelSource(input.FullPath, ReadLimits.Default);
            return FormatRegistry.Default.Detect(source) is not null;
        }
        catch (Exception e) when (e is ModelReadException or IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
