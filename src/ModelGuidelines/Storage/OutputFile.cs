using System.Diagnostics;
using System.Globalization;

namespace ModelGuidelines.Storage;

/// <summary>A file that is written: reports and repaired models alike. A regular file is written beside its place and takes it as a whole, so that
/// a kill at any moment leaves the old file or the new one; a link stays and its target is replaced; a device, pipe or socket is written through.</summary>
/// <remarks>What a killed run leaves behind bears the run's process id; the next run with the same target removes it.</remarks>
public sealed class OutputFile : IDisposable
{
    private const string Mark = ".mgtmp-";
    private const int Links = 40;
    private readonly string? _temporary;
    private readonly string? _replaced;
    private FileStream? _stream;

    private OutputFile(string target, string? temporary, FileStream stream, string? replaced = null)
    {
        _replaced = replaced;
        if (temporary is not null)
        {
            AppDomain.CurrentDomain.ProcessExit += RemoveUnfinished;
        }

        TargetPath = target;
        _temporary = temporary;
        _stream = stream;
    }

    /// <summary>The file that is replaced: where the links that were named lead to.</summary>
    public string TargetPath { get; }

    /// <summary>Whether nothing of it is seen before <see cref="Commit"/>; false for devices, pipes and sockets.</summary>
    public bool IsAtomic => _temporary is not null;

    /// <summary>Where it is written; in the target's folder, so that references relative to it hold.</summary>
    public string TemporaryPath => _temporary ?? TargetPath;

    public Stream Stream => _stream ?? throw new InvalidOperationException("the file is closed");

    /// <summary>The same in a folder that is made where there is none: a report goes where a fresh checkout has nothing yet.</summary>
    /// <inheritdoc cref="Create(string)"/>
    public static OutputFile CreateWithFolder(string path)
    {
        if (Path.GetDirectoryName(Target(path)) is { } folder && !Directory.Exists(folder))
        {
            for (var above = folder; above is not null; above = Path.GetDirectoryName(above))
            {
                if (File.Exists(above))
                {
                    throw new IOException($"'{above}' is a file, not a folder");
                }
            }

            Directory.CreateDirectory(folder);
        }

        return Create(path);
    }

    /// <summary>Begins a file that is to stand at <paramref name="path"/>, and clears away what killed runs left of it.</summary>
    /// <exception cref="IOException">The path is a folder, or its folder is missing, full, or cannot be written to.</exception>
    /// <exception cref="UnauthorizedAccessException">No right to write there, or the file that stands there is read-only.</exception>
    public static OutputFile Create(string path) => Create(path, null);

    /// <summary>The same, where the file that it replaces has a name that is no text.</summary>
    /// <param name="path">That name, as it is shown.</param>
    /// <param name="replaced">What keeps that file open (<see cref="UndecodableName.Open"/>); null: the path is its name.</param>
    internal static OutputFile Create(string path, string? replaced)
    {
        var full = Path.GetFullPath(path);
        var kind = FileProperties.KindOf(full);
        var target = Target(full, out var isHandle);
        if (kind is FileKind.Special || isHandle)
        {
            // A regular file behind /dev/stdout belongs to whoever opened it: nothing there is taken away.
            var stream = new FileStream(full, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 1);
            if (kind is FileKind.Regular)
            {
                stream.Seek(0, SeekOrigin.End);
            }

            return new(full, null, stream);
        }

        if (kind is FileKind.Folder)
        {
            throw new IOException($"'{path}' is a folder");
        }

        var replaces = replaced is not null || (kind is FileKind.Regular && File.Exists(target)); // a link may lead nowhere
        if (replaces)
        {
            CheckWritable(replaced ?? target);
        }

        RemoveLeftovers(target);

        // With the target's extension, by which formats are recognised. Of a file that replaces another nobody else reads a byte before its mode is set.
        var name = string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(target)}{Mark}{Environment.ProcessId}-{Guid.NewGuid():N}{Path.GetExtension(target)}");
        var temporary = Path.Combine(Path.GetDirectoryName(target)!, name);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 1 << 20 };
        if (!OperatingSystem.IsWindows() && replaces)
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        try
        {
            return new(target, temporary, new(temporary, options), replaced);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new UnauthorizedAccessException($"there is no right to write in the folder of '{target}'", e);
        }
        catch (DirectoryNotFoundException e)
        {
            throw new DirectoryNotFoundException($"there is no folder '{Path.GetDirectoryName(target)}'", e);
        }
        catch (IOException e)
        {
            throw new IOException(e.Message.Replace(temporary, target, StringComparison.Ordinal), e) { HResult = e.HResult };
        }
    }

    /// <summary>A message of the system about the file that is written, with the name that was asked for.</summary>
    public string WithoutTemporary(string message) => _temporary is null ? message : message.Replace(_temporary, TargetPath, StringComparison.Ordinal);

    /// <summary>Where a path's links lead to; the path itself where it is no link. The end need not exist.</summary>
    /// <exception cref="IOException">The links lead in a circle.</exception>
    public static string Target(string path) => Target(Path.GetFullPath(path), out _);

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
        _stream!.Flush(flushToDisk: IsAtomic);
        _stream.Dispose();
        _stream = null;
    }

    /// <summary>Puts the completed file in its place.</summary>
    /// <param name="like">A file whose owner, mode and extended attributes it gets; null: those of the file it replaces.</param>
    /// <param name="withTimes">The times too, as of an edited original.</param>
    public void Commit(string? like = null, bool withTimes = false)
    {
        if (_temporary is null)
        {
            return;
        }

        var replaces = File.Exists(TargetPath);
        if ((like ?? (replaces ? TargetPath : null)) is { } source)
        {
            // Caches such as Python's know a file by its time and length: one of the two has to tell the new file from the old.
            FileProperties.Copy(source, _temporary, withTimes && new FileInfo(source).Length != new FileInfo(_temporary).Length);
        }

        if (_replaced is not null)
        {
            UndecodableName.Replace(_temporary, _replaced);
        }
        else if (OperatingSystem.IsWindows() && replaces)
        {
            File.Replace(_temporary, TargetPath, null); // keeps the access list
        }
        else
        {
            File.Move(_temporary, TargetPath, overwrite: true);
        }
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
        if (_temporary is not null)
        {
            AppDomain.CurrentDomain.ProcessExit -= RemoveUnfinished;
            TryDelete(_temporary);
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

    /// <summary>A process ends that does not wait for who still writes: nothing is left beside the target.</summary>
    private void RemoveUnfinished(object? sender, EventArgs e) => TryDelete(_temporary!);

    /// <param name="path">A full path.</param>
    /// <param name="isHandle">Whether the way leads through <c>/dev</c> or <c>/proc</c>, to a file that some process has open.</param>
    private static string Target(string path, out bool isHandle)
    {
        isHandle = false;
        for (var i = 0; new FileInfo(path).LinkTarget is { } next; i++)
        {
            isHandle |= path.StartsWith("/dev/", StringComparison.Ordinal) || path.StartsWith("/proc/", StringComparison.Ordinal);
            if (i == Links)
            {
                throw new IOException($"'{path}' is a link in a circle of links");
            }

            path = Path.GetFullPath(next, Path.GetDirectoryName(path)!);
        }

        return path;
    }

    /// <summary>A rename would replace a read-only file too: its folder alone decides that.</summary>
    private static void CheckWritable(string path)
    {
        if (new FileInfo(path).IsReadOnly
            || (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & (UnixFileMode.UserWrite | UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)) == UnixFileMode.None))
        {
            throw new UnauthorizedAccessException($"'{path}' is read-only");
        }

        using var handle = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
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
}
