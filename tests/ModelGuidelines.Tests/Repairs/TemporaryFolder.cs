namespace ModelGuidelines.Tests.Repairs;

/// <summary>A folder of a test's own, gone after it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Directory.CreateDirectory(Path);

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"modelguidelines-{Guid.NewGuid():N}");

    public string File(string name) => System.IO.Path.Combine(Path, name);

    public string Write(string name, byte[] bytes)
    {
        System.IO.File.WriteAllBytes(File(name), bytes);
        return File(name);
    }

    public string Copy(string from, string name)
    {
        System.IO.File.Copy(from, File(name));
        return File(name);
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
