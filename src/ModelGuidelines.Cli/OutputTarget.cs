using ModelGuidelines.Audit;
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

        OutputFile? output = null;
        try
        {
            output = OutputFile.CreateWithFolder(file);
            using (var buffer = new BufferedStream(output.Stream, 1 << 16))
            {
                write(buffer);
                buffer.Flush();
                output.Complete();
            }

            output.Commit();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Of the file that was asked for; that another is written first is nobody's concern.
            throw new UsageException($"cannot write '{file}': {output?.WithoutTemporary(e.Message) ?? e.Message}");
        }
        finally
        {
            output?.Dispose();
        }
    }

    /// <summary>Refuses to write a report over a model that is audited, or over another report.</summary>
    /// <param name="files">Where reports go; null where to none.</param>
    /// <param name="inputs">What is audited.</param>
    public static void Check(IEnumerable<string?> files, IEnumerable<AuditInput> inputs)
    {
        if (OutputConflict.Find(files.OfType<string>(), inputs) is { } conflict)
        {
            throw new UsageException(conflict);
        }
    }
}
