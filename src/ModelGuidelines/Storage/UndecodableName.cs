using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace ModelGuidelines.Storage;

/// <summary>Opens, and replaces, files whose names are no UTF-8, which .NET shows with U+FFFD in place of the bytes and cannot open by that text; opens such folders.</summary>
/// <remarks>On Linux a name is any bytes. The C library finds and opens it; what is opened is then read under <c>/proc/self/fd</c>, as long as the handle lives.
/// Other systems have no such names.</remarks>
internal static class UndecodableName
{
    private const string Handles = "/proc/self/fd/";
    private const char Replacement = '\uFFFD';
    private const int OnlyItsPlace = 0x280000; // O_PATH | O_CLOEXEC: what stands there is not opened, for it may be a pipe, which waits for its writer

    /// <summary>Where d_name begins in struct dirent of 64-bit Linux, of glibc and of musl: after inode, offset, length and type.</summary>
    private const int NameOffset = 19;

    /// <summary>Whether the path may stand for one that cannot be written as text.</summary>
    public static bool IsPossible(string path) => path.Contains(Replacement, StringComparison.Ordinal) && OperatingSystem.IsLinux() && Environment.Is64BitProcess;

    /// <summary>Whether it is a path that <see cref="Open"/> gave, and no file in a folder that it opened.</summary>
    public static bool IsHandle(string path) => path.StartsWith(Handles, StringComparison.Ordinal) && !path.AsSpan(Handles.Length).Contains('/');

    /// <summary>Puts a file in the place of an opened one, as <c>rename</c> does, under the very bytes of its name.</summary>
    /// <param name="from">Its path.</param>
    /// <param name="handle">As <see cref="Open"/> gave it.</param>
    /// <exception cref="IOException">The opened file stands nowhere any more, or the system refuses.</exception>
    public static void Replace(string from, string handle)
    {
        var to = new byte[1 << 15];
        var length = (int)readlink([.. Encoding.UTF8.GetBytes(handle), 0], to, to.Length - 1);
        if (length <= 0 || rename([.. Encoding.UTF8.GetBytes(from), 0], [.. to.AsSpan(0, length), 0]) != 0)
        {
            throw new IOException($"the file cannot be replaced: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    /// <summary>Whether there is a file or folder of such a name.</summary>
    /// <param name="fullPath">As .NET decodes it.</param>
    public static bool Exists(string fullPath)
    {
        var found = Open(fullPath);
        found?.Handle.Dispose();
        return found is not null;
    }

    /// <summary>A path under which the file or folder can be read while the handle lives; null when there is none.</summary>
    /// <param name="fullPath">As .NET decodes it.</param>
    /// <param name="ordinal">Which of the names in its folder that are decoded alike, in the order of their bytes.</param>
    public static (string Path, SafeFileHandle Handle)? Open(string fullPath, int ordinal = 0)
    {
        if (!IsPossible(fullPath))
        {
            return null;
        }

        var parts = fullPath.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var path = new List<byte>();
        for (var i = 0; i < parts.Length; i++)
        {
            var name = parts[i].Contains(Replacement, StringComparison.Ordinal) ? NameIn([.. path, (byte)'/'], parts[i], i == parts.Length - 1 ? ordinal : 0) : Encoding.UTF8.GetBytes(parts[i]);
            if (name is null)
            {
                return null;
            }

            path.Add((byte)'/');
            path.AddRange(name);
        }

        var descriptor = open([.. path, 0], OnlyItsPlace);
        return descriptor < 0 ? null : ($"{Handles}{descriptor}", new(descriptor, ownsHandle: true));
    }

    private static byte[]? NameIn(byte[] folder, string decoded, int ordinal)
    {
        var directory = opendir([.. folder, 0]);
        if (directory == 0)
        {
            return null;
        }

        var names = new List<byte[]>();
        while (readdir(directory) is var entry && entry != 0)
        {
            var length = 0;
            while (Marshal.ReadByte(entry, NameOffset + length) != 0)
            {
                length++;
            }

            var name = new byte[length];
            Marshal.Copy(entry + NameOffset, name, 0, length);
            if (Encoding.UTF8.GetString(name) == decoded)
            {
                names.Add(name);
            }
        }

        _ = closedir(directory);
        return names.OrderBy(Convert.ToHexString, StringComparer.Ordinal).ElementAtOrDefault(ordinal);
    }

#pragma warning disable SA1300, IDE1006, CA2101 // names of the C library
    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int open(byte[] path, int flags);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint readlink(byte[] path, byte[] to, nint size);

    [DllImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int rename(byte[] from, byte[] to);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint opendir(byte[] path);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint readdir(nint directory);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int closedir(nint directory);
#pragma warning restore SA1300, IDE1006, CA2101
}
