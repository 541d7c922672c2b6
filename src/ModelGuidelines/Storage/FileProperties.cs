using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace ModelGuidelines.Storage;

/// <summary>What stands at a path.</summary>
public enum FileKind
{
    Missing,

    /// <summary>A file with bytes of its own, which can be replaced.</summary>
    Regular,

    Folder,

    /// <summary>A device, pipe or socket: what is written to it goes elsewhere, and replacing it would do harm.</summary>
    Special,
}

/// <summary>Kind, owner, mode, times and extended attributes of files: what <c>cp -p</c> keeps. .NET tells neither kind nor owner on Unix, so libc is asked.</summary>
internal static partial class FileProperties
{
    private const int CurrentFolder = -100; // AT_FDCWD
    private const int TypeMask = 0xF000;
    private const int SharedWithoutWaiting = 5; // LOCK_SH | LOCK_NB, as .NET asks of what it opens
    private const int OfDescriptor = 0x1000; // AT_EMPTY_PATH
    private const int ReadWithoutWaiting = 0x80800; // O_RDONLY | O_NONBLOCK | O_CLOEXEC

    /// <summary>What a path leads to; links are followed.</summary>
    public static FileKind KindOf(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            return path.StartsWith(@"\\.\", StringComparison.Ordinal) ? FileKind.Special : Directory.Exists(path) ? FileKind.Folder : File.Exists(path) ? FileKind.Regular : FileKind.Missing;
        }

        return Stat(path) is not { } stat ? (Directory.Exists(path) ? FileKind.Folder : File.Exists(path) ? FileKind.Regular : FileKind.Missing) : (stat.Mode & TypeMask) switch
        {
            0x8000 => FileKind.Regular,
            0x4000 => FileKind.Folder,
            _ => FileKind.Special,
        };
    }

    /// <summary>Opens a file to be read, and no pipe, which would wait for its writer without end: also where one has taken the place of a file since somebody looked.</summary>
    /// <returns>Null where a pipe, a socket or a device stands there.</returns>
    /// <exception cref="IOException">The file is locked, missing, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">No right to read it.</exception>
    public static SafeFileHandle? OpenRegular(string path)
    {
        if (OperatingSystem.IsLinux() && OpenLinux(path, ReadWithoutWaiting) is >= 0 and var descriptor)
        {
            var handle = new SafeFileHandle(descriptor, ownsHandle: true);
            Span<byte> buffer = stackalloc byte[256];
            if (StatLinux(descriptor, "", OfDescriptor, 0x7FF, buffer) == 0 && (BinaryPrimitives.ReadUInt16LittleEndian(buffer[28..]) & TypeMask) is var type and not 0x4000)
            {
                if (type == 0x8000 && LockLinux(descriptor, SharedWithoutWaiting) == 0)
                {
                    return handle;
                }

                if (type != 0x8000)
                {
                    handle.Dispose();
                    return null;
                }
            }

            handle.Dispose(); // a folder, or locked: .NET says what is wrong
        }

        return File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
    }

    /// <summary>Size and time of the file behind a path, through links, asked at once; false where the system does not tell it so.</summary>
    /// <param name="path">Of the file.</param>
    /// <param name="stamp">Null: there is no file.</param>
    internal static bool TryStamp(string path, out FileStamp? stamp)
    {
        stamp = null;
        try
        {
            Span<byte> buffer = stackalloc byte[256];
            if (!OperatingSystem.IsLinux() || StatLinux(CurrentFolder, path, 0, 0x7FF, buffer) != 0)
            {
                return false;
            }

            // struct statx: stx_mode at 28, stx_size at 40, stx_mtime at 112, its nanoseconds at 120, on every architecture.
            if ((BinaryPrimitives.ReadUInt16LittleEndian(buffer[28..]) & TypeMask) != 0x4000)
            {
                var written = DateTime.UnixEpoch.Ticks + (BitConverter.ToInt64(buffer[112..]) * TimeSpan.TicksPerSecond) + (BitConverter.ToUInt32(buffer[120..]) / 100);
                stamp = new(BitConverter.ToInt64(buffer[40..]), written);
            }

            return true;
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            return false; // a C library without statx
        }
    }

    /// <summary>Opens a file that was named to be read beside the models: settings, a report. A pipe in a folder waits for who writes to it, without end; what the caller itself
    /// has opened (<c>/dev/fd/63</c>, <c>/dev/stdin</c>) is read.</summary>
    /// <exception cref="IOException">It is a pipe, a socket or a device.</exception>
    public static FileStream OpenNamed(string path)
    {
        if (KindOf(path) is FileKind.Special && !IsOpened(Path.GetFullPath(path)))
        {
            throw new IOException("it is a pipe, a socket or a device, which is not opened");
        }

        return new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 1);
    }

    /// <summary>Whether the caller has opened what stands there, or it answers at once; a terminal, or a pipe that lies in /dev, may never answer.</summary>
    private static bool IsOpened(string fullPath) =>
        fullPath is "/dev/stdin" or "/dev/null" || Array.Exists(["/dev/fd/", "/proc/self/fd/"], f => fullPath.StartsWith(f, StringComparison.Ordinal));

    /// <summary>Gives a file the owner, mode and extended attributes of another, and its times where asked; what the process has no right to give stays, as with <c>cp -p</c>.</summary>
    public static void Copy(string from, string to, bool withTimes)
    {
        if (!OperatingSystem.IsWindows())
        {
            CopyUnix(from, to);
        }

        if (withTimes)
        {
            File.SetLastWriteTimeUtc(to, File.GetLastWriteTimeUtc(from));
            File.SetLastAccessTimeUtc(to, File.GetLastAccessTimeUtc(from));
        }
    }

    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static void CopyUnix(string from, string to)
    {
        var mode = File.GetUnixFileMode(from);
        if (Stat(from) is { } owner && Stat(to) is { } own && (owner.User, owner.Group) != (own.User, own.Group))
        {
            // First both, then the group alone, which every member may give.
            if (ChangeOwner(to, owner.User, owner.Group) != 0)
            {
                _ = ChangeOwner(to, uint.MaxValue, owner.Group);
                mode &= ~(UnixFileMode.SetUser | UnixFileMode.SetGroup);
            }
        }

        if (OperatingSystem.IsLinux())
        {
            CopyAttributes(from, to);
        }

        File.SetUnixFileMode(to, mode);
    }

    /// <summary>Extended attributes, access lists among them. A file system without them has none to copy.</summary>
    private static void CopyAttributes(string from, string to)
    {
        var names = new byte[1 << 16];
        var length = ListAttributes(from, names, names.Length);
        for (var at = 0; at < length;)
        {
            var end = Array.IndexOf(names, (byte)0, at, (int)length - at);
            var name = System.Text.Encoding.UTF8.GetString(names, at, end - at);
            at = end + 1;
            var value = new byte[1 << 16];
            if (GetAttribute(from, name, value, value.Length) is var size and >= 0)
            {
                _ = SetAttribute(to, name, value, size, 0);
            }
        }
    }

    private readonly record struct FileStat(int Mode, uint User, uint Group);

    /// <summary>Null where the file is missing or the system tells nothing.</summary>
    private static FileStat? Stat(string path)
    {
        try
        {
            if (OperatingSystem.IsLinux())
            {
                // struct statx: stx_uid at 20, stx_gid at 24, stx_mode at 28, on every architecture.
                Span<byte> filled = stackalloc byte[256];
                return StatLinux(CurrentFolder, path, 0, 0x7FF, filled) == 0
                    ? new(BinaryPrimitives.ReadUInt16LittleEndian(filled[28..]), BitConverter.ToUInt32(filled[20..]), BitConverter.ToUInt32(filled[24..]))
                    : null;
            }

            var buffer = new byte[256];

            // struct stat of 64-bit inodes: st_mode at 4, st_uid at 16, st_gid at 20.
            return OperatingSystem.IsMacOS() && (RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? StatMac(path, buffer) : StatMacX64(path, buffer)) == 0
                ? new(BinaryPrimitives.ReadUInt16LittleEndian(buffer.AsSpan(4)), BitConverter.ToUInt32(buffer, 16), BitConverter.ToUInt32(buffer, 20))
                : null;
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            return null; // a C library without statx
        }
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int OpenLinux(string path, int flags);

    [LibraryImport("libc", EntryPoint = "flock")]
    private static partial int LockLinux(int descriptor, int operation);

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatLinux(int folder, string path, int flags, uint mask, Span<byte> buffer);

    [LibraryImport("libc", EntryPoint = "stat", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatMac(string path, [Out] byte[] buffer);

    [LibraryImport("libc", EntryPoint = "stat$INODE64", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int StatMacX64(string path, [Out] byte[] buffer);

    [LibraryImport("libc", EntryPoint = "chown", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ChangeOwner(string path, uint user, uint group);

    [LibraryImport("libc", EntryPoint = "listxattr", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint ListAttributes(string path, [Out] byte[] names, nint size);

    [LibraryImport("libc", EntryPoint = "getxattr", StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint GetAttribute(string path, string name, [Out] byte[] value, nint size);

    [LibraryImport("libc", EntryPoint = "setxattr", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetAttribute(string path, string name, byte[] value, nint size, int flags);
}
