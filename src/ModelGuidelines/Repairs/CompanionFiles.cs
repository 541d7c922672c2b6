using System.Collections.Immutable;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Repairs;

/// <summary>Files to which a model refers by a name relative to its own folder: external weights.</summary>
internal sealed class CompanionFiles : IDisposable
{
    private readonly List<string> _copied = [];

    private CompanionFiles()
    {
    }

    /// <summary>The result is in its place: the copies stay.</summary>
    public void Keep() => _copied.Clear();

    /// <summary>Removes the copies, unless they were to stay: without the model they would be litter.</summary>
    public void Dispose() => _copied.ForEach(OutputFile.TryDelete);

    /// <summary>Copies them when the result goes to another folder; those already there with the same length and time stay.</summary>
    public static CompanionFiles Copy(ImmutableArray<string> names, string from, string to, CancellationToken cancellation)
    {
        var result = new CompanionFiles();
        try
        {
            if (!string.Equals(Path.GetFullPath(from), Path.GetFullPath(to), StringComparison.Ordinal))
            {
                result.CopyAll(names, from, to, cancellation);
            }

            return result;
        }
        catch
        {
            result.Dispose();
            throw;
        }
    }

    private void CopyAll(ImmutableArray<string> names, string from, string to, CancellationToken cancellation)
    {
        foreach (var name in names)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Path.IsPathRooted(name) || name.Split('/', '\\').Contains("..", StringComparer.Ordinal))
            {
                throw new ModelReadException("MG.Repair.ExternalData", $"external data '{name}' lies outside the model's folder: repair it beside the original instead");
            }

            var source = Path.Combine(from, name);
            var target = Path.Combine(to, name);
            if (!File.Exists(source) || FileStamp.Of(source) == FileStamp.Of(target))
            {
                continue;
            }

            if (File.Exists(target))
            {
                throw new ModelReadException("MG.Repair.ExternalData", $"'{target}' exists already and is another file");
            }

            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using var file = OutputFile.Create(target);
            file.Complete();
            File.Copy(source, file.TemporaryPath, overwrite: true); // in the kernel: at file speed, or as a clone
            using (var written = new FileStream(file.TemporaryPath, FileMode.Open, FileAccess.Write))
            {
                written.Flush(flushToDisk: true);
            }

            File.SetLastWriteTimeUtc(file.TemporaryPath, File.GetLastWriteTimeUtc(source));
            file.Commit();
            _copied.Add(target);
        }
    }
}
