using System.Collections.Concurrent;

namespace ModelGuidelines.Storage;

/// <summary>Size and time of a file, by which it is taken for unchanged before its bytes are asked.</summary>
/// <param name="Length">Bytes.</param>
/// <param name="Written">Ticks of the last write, UTC.</param>
public readonly record struct FileStamp(long Length, long Written)
{
    /// <summary>Of the file behind a path, through links; null where there is none.</summary>
    public static FileStamp? Of(string path)
    {
        if (FileProperties.TryStamp(path, out var stamp))
        {
            return stamp;
        }

        try
        {
            var info = new FileInfo(path);
            var target = info.LinkTarget is null ? info : info.ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? info;
            return target.Exists ? new(target.Length, target.LastWriteTimeUtc.Ticks) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>One thing that a reader asked of the disk.</summary>
/// <param name="Path">The full path.</param>
/// <param name="Stamp">Null: there was no such file.</param>
/// <param name="Ranges">Offsets and lengths of what was read, in the order in which it was let go of; null: only whether it is there. Of a model that is never its weights.</param>
/// <param name="Hash">SHA-256 over those of these ranges, hexadecimal; null where nothing was read.</param>
public sealed record SeenFile(string Path, FileStamp? Stamp, long[]? Ranges, string? Hash);

/// <summary>What the reader of one file asked of the disk: as long as all of it is as it was, the reader says the same again.</summary>
/// <remarks>Not thread-safe; it belongs to one audit of one file.</remarks>
public sealed class FileTrace
{
    /// <summary>Pieces of one file; a file that was read in more is audited again.</summary>
    private const int MaxRanges = 20_000;
    private readonly Dictionary<string, SeenFile> _seen = new(StringComparer.Ordinal);

    /// <summary>All that was seen; null when something cannot be remembered.</summary>
    public IReadOnlyCollection<SeenFile>? Seen => IsComplete ? _seen.Values : null;

    private bool IsComplete { get; set; } = true;

    /// <summary>Whether a file is there was asked.</summary>
    public void Asked(string path, bool exists)
    {
        if (!_seen.ContainsKey(path))
        {
            _seen[path] = new(path, exists ? new(0, 0) : null, null, null);
        }
    }

    /// <summary>Something was asked that no trace can tell.</summary>
    public void GiveUp() => IsComplete = false;

    /// <summary>A text file was read whole.</summary>
    /// <param name="path">The full path.</param>
    /// <param name="stamp">As it was before.</param>
    /// <param name="hashes">Those of this run.</param>
    public void ReadWhole(string path, FileStamp stamp, FileHashes hashes)
    {
        if (hashes.Of(path, stamp) is { } hash)
        {
            _seen[path] = new(path, stamp, [0, stamp.Length], hash);
        }
        else
        {
            IsComplete = false; // it changes while it is read
        }
    }

    /// <summary>Parts of a file were read.</summary>
    internal void Read(string path, FileStamp stamp, RangeHash parts)
    {
        var (ranges, hash) = parts.End();

        // A folder that is a model is opened several times, each time for more.
        IsComplete &= ranges.Length <= 2 * MaxRanges && (!_seen.TryGetValue(path, out var known) || known.Ranges is null || known.Ranges.AsSpan().SequenceEqual(ranges));
        _seen[path] = new(path, stamp, ranges, hash);
    }

    /// <summary>The hash of the same bytes of a file as it is now; null when it cannot be read or has become shorter.</summary>
    public static string? HashOf(string path, IReadOnlyList<long> ranges)
    {
        try
        {
            using var file = FileProperties.OpenRegular(path);
            if (file is null)
            {
                return null;
            }

            using var hash = new RangeHash();
            var buffer = new byte[1 << 16];
            for (var i = 0; i < ranges.Count; i += 2)
            {
                for (var (offset, left) = (ranges[i], ranges[i + 1]); left > 0;)
                {
                    var read = RandomAccess.Read(file, buffer.AsSpan(0, (int)Math.Min(left, buffer.Length)), offset);
                    if (read == 0)
                    {
                        return null;
                    }

                    hash.Add(offset, buffer.AsSpan(0, read));
                    (offset, left) = (offset + read, left - read);
                }
            }

            return hash.End().Hash;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}

/// <summary>Hashes of text files that several audited files read. One per run, shared by its threads.</summary>
public sealed class FileHashes
{
    private readonly ConcurrentDictionary<(string Path, FileStamp Stamp), string?> _hashes = new();

    /// <summary>The hash of a file that still is as it was; null when it is not.</summary>
    public string? Of(string path, FileStamp stamp) => _hashes.GetOrAdd((path, stamp), static k =>
        FileTrace.HashOf(k.Path, [0, k.Stamp.Length]) is { } hash && FileStamp.Of(k.Path) == k.Stamp ? hash : null);
}
