using ModelGuidelines.Storage;

namespace ModelGuidelines.Cli;

/// <summary>Where a report goes: standard output, or a file that is either whole and new or as it was before. A device or a pipe is written through.</summary>
internal static class OutputTarget
{
    /// <summary>Runs <paramref name="write"/> on standard output or on the file of that name.</summary>
    public static void Write(string? file, Action<Stream> write)
    {
        if (file is null)
        {
            if (StandardStreams.IsOutputClosed)
            {
                throw new UsageException("standard output is closed: there is nowhere to write to; name a file with --output");
            }

            using var standard = new BufferedStream(Console.OpenStandardOutput(), 1 << 16);
            write(standard);
            return;
        }

        using var output = Create(file);
        using (var buffer = new BufferedStream(output.Stream, 1 << 16))
        {
            write(buffer);
            buffer.Flush();
            output.Complete();
        }

        output.Commit();
    }

    private static OutputFile Create(string file)
    {
        try
        {
            return OutputFile.CreateWithFolder(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"cannot write '{file}': {e.Message}");
        }
    }
}
