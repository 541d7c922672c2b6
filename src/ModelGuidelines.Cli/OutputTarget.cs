namespace ModelGuidelines.Cli;

/// <summary>Where a report goes: standard output, or a file that is either whole and new or as it was before.</summary>
internal static class OutputTarget
{
    /// <summary>Runs <paramref name="write"/> on standard output or on the file of that name.</summary>
    public static void Write(string? file, Action<Stream> write)
    {
        if (file is null)
        {
            using var output = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
            write(output);
            return;
        }

        // Written beside its place, flushed to the disk, then renamed over it.
        var full = Path.GetFullPath(file);
        var temporary = $"{full}.{Environment.ProcessId}.{Guid.NewGuid():N}.tmp";
        var folder = Path.GetDirectoryName(full);
        if (!Directory.Exists(folder))
        {
            throw new UsageException($"cannot write '{file}': there is no folder '{folder ?? full}'");
        }

        try
        {
            using (var stream = Create(temporary, file, folder))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, full, overwrite: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    private static FileStream Create(string temporary, string file, string folder)
    {
        try
        {
            return new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 16);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write '{file}': the folder '{folder}' takes no new file");
        }
    }
}
