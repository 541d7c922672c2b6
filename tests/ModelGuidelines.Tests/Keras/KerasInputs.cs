using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Keras;

/// <summary>A folder of files made by a test, deleted with it.</summary>
public sealed class KerasInputs : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("keras-inputs");

    public string Write(string name, byte[] content)
    {
        var path = Path.Join(_folder.FullName, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllBytes(path, content);
        return path;
    }

    public string Write(string name, string content) => Write(name, Encoding.UTF8.GetBytes(content));

    public static AuditResult Audit(string path) => Auditor.Default.Audit(new(path, path), Written.Settings with { EveryInstance = true }, TestContext.Current.CancellationToken)!;

    /// <summary>The graph, by the named format whether or not it would recognise the file.</summary>
    public static ModelGraph Read(string format, string path, ReadLimits? limits = null)
    {
        using var source = new ModelSource(path, limits ?? ReadLimits.Default, TestContext.Current.CancellationToken);
        return FormatRegistry.Default.Formats.Single(f => f.Name == format).Read(source);
    }

    /// <summary>What reading fails with, after making sure that it was quick and took little memory.</summary>
    public static ModelReadException Refuse(string format, string path, ReadLimits? limits = null, long megabytes = 64)
    {
        ModelReadException error = null!;
        var allocated = 0L;
        var work = Work.Processor(() => allocated = Work.Allocated(() => error = Assert.Throws<ModelReadException>(() => Read(format, path, limits))));
        Assert.InRange(allocated, 0, megabytes << 20);
        Assert.InRange(work.TotalSeconds, 0, 5);
        return error;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
