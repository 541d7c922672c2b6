using System.Collections.Immutable;

namespace ModelGuidelines.Fuzz;

/// <summary>A file, or a folder of files, that is damaged and audited.</summary>
/// <param name="Name">Of the file or folder; its extension says what it is taken for.</param>
/// <param name="Parts">The files of a folder by their names; the one part of a file has no name.</param>
public sealed record Sample(string Name, ImmutableArray<(string Name, byte[] Bytes)> Parts)
{
    public long Length => Parts.Sum(p => (long)p.Bytes.Length);

    /// <summary>All samples below a folder that are no larger than that, in a stable order.</summary>
    public static ImmutableArray<Sample> Read(string folder, long maximum)
    {
        var samples = ImmutableArray.CreateBuilder<Sample>();
        foreach (var path in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            var name = Path.GetFileName(path);
            if (name is "saved_model.pb" or "metadata.json")
            {
                var parent = Path.GetDirectoryName(path)!;
                samples.Add(new("folder", [.. Directory.EnumerateFiles(parent).Order(StringComparer.Ordinal).Select(p => (Path.GetFileName(p), File.ReadAllBytes(p)))]));
            }
            else if (Path.GetExtension(name) is { Length: > 0 } extension && name is not "keras_metadata.pb" && Accepted.Contains(extension))
            {
                samples.Add(new("model" + extension, [("", File.ReadAllBytes(path))]));
            }
        }

        return [.. samples.Where(s => s.Length <= maximum && s.Length > 0)];
    }

    /// <summary>Writes it into an empty folder.</summary>
    /// <returns>What is to be audited.</returns>
    public string Write(string folder)
    {
        var path = Path.Join(folder, Name);
        if (Parts is [{ Name: "" } only])
        {
            File.WriteAllBytes(path, only.Bytes);
            return path;
        }

        Directory.CreateDirectory(path);
        foreach (var (name, bytes) in Parts)
        {
            File.WriteAllBytes(Path.Join(path, name), bytes);
        }

        return path;
    }

    private static readonly ImmutableHashSet<string> Accepted = [".onnx", ".pt", ".pth", ".pt2", ".ptl", ".keras", ".h5", ".hdf5", ".json", ".py", ".safetensors", ".bin", ".ckpt"];
}
