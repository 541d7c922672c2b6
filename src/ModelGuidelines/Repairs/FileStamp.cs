namespace ModelGuidelines.Repairs;

/// <summary>What a file was when it was read: tells whether somebody else wrote it meanwhile.</summary>
internal readonly record struct FileStamp(long Length, DateTime Written)
{
    public static FileStamp Of(string path)
    {
        var info = new FileInfo(path);
        return info.Exists ? new(info.Length, info.LastWriteTimeUtc) : default;
    }
}
