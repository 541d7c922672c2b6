using ModelGuidelines.Audit;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs;

/// <summary>What a file was when it was read: tells whether somebody else wrote it meanwhile.</summary>
internal readonly record struct FileStamp(long Length, DateTime Written)
{
    public static FileStamp Of(string path)
    {
        var info = new FileInfo(path);
        return info.Exists ? new(info.Length, info.LastWriteTimeUtc) : default;
    }

    /// <summary>Of what is audited, through links.</summary>
    public static FileStamp Of(AuditInput input)
    {
        if (!input.IsOpened)
        {
            return Of(OutputFile.Target(input.FullPath));
        }

        using var file = File.OpenHandle(input.FullPath);
        return new(RandomAccess.GetLength(file), File.GetLastWriteTimeUtc(file));
    }
}
