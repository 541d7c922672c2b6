using System.Diagnostics;
using System.Globalization;

namespace ModelGuidelines.Repairs;

/// <summary>A file that is written beside its place and takes it as a whole: a kill at any moment leaves the old file or the new one.</summary>
/// <remarks>What a killed run leaves behind bears the run's process id; the next run with the same target removes it.</remarks>
public sealed class AtomicFile : IDisposable
{
    private const string Mark = ".mgtmp-";
    private readonly string _target;
    private FileStream? _stream;

    private AtomicFile(string target, string temporary, FileStream stream)
    {
        _target = target;
        TemporaryPath = temporary;
        _stream = stream;
    }

    /// <summary>Where it is written; in the target's folder, so that references relative to it hold.</summary>
    public string TemporaryPath { get; }

    public Stream Stream => _stream ?? throw new InvalidOperationException("the file is closed");

    /// <summary>Begins a file that is to become <paramref name="target"/>, and clears away what killed runs left of it.</summary>
    /// <exception cref="IOException">The folder is missing, full, or cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">No right to write there.</exception>
    public static AtomicFile Create(string target)
    {
        RemoveLeftovers(target);

        // With the target's extension, by which formats are recognised.
        var name = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(target)}{Mark}{Environment.ProcessId}-{Guid.NewGuid():N}{Path.GetExtension(target)}");
        var temporary = Path.Combine(Path.GetDirectoryName(target)!, name);
        return new(target, temporary, new(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, 1 << 20));
    }

    /// <summary>Removes what runs that no longer exist have left of a target.</summary>
    public static void RemoveLeftovers(string target)
    {
        var folder = Path.GetDirectoryName(target);
        if (folder is null || !Directory.Exists(folder))
        {
            return;
        }

        var start = Path.GetFileName(target) + Mark;
        foreach (var path in Directory.EnumerateFiles(folder).Where(p => Path.GetFileName(p).StartsWith(start, StringComparison.Ordinal)).ToList())
        {
            var rest = Path.GetFileNameWithoutExtension(path) is { } name && name.Length > start.Length ? name[start.Length..].Split('-') : [];
            if (rest is [var id, { Length: 32 }] && int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var process) && !IsRunning(process))
            {
                TryDelete(path);
            }
        }
    }

    /// <summary>Flushes all bytes to the disk and closes the file, which can then be read under <see cref="TemporaryPath"/>.</summary>
    public void Complete()
    {
        _stream!.Flush(flushToDisk: true);
        _stream.Dispose();
        _stream = null;
    }

    /// <summary>Puts the completed file in its place.</summary>
    public void Commit()
    {
        File.Move(TemporaryPath, _target, overwrite: true);
    }

    /// <summary>Deletes what was written, unless it was committed.</summary>
    public void Dispose()
    {
        try
        {
            _stream?.Dispose();
        }
        catch (Exception e) when (e is IOException or ArgumentOutOfRangeException)
        {
            // What is still buffered does not fit on a full disk; it is not wanted any more.
        }

        _stream = null;
        TryDelete(TemporaryPath);
    }

    private static bool IsRunning(int id)
    {
        try
        {
            using var process = Process.GetProcessById(id);
            return !process.HasExited;
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    internal static void TryDelete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Litter of another user, or of a file system that went away: not ours to insist on.
        }
    }
}
