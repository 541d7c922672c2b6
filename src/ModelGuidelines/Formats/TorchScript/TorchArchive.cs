using System.Text;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.TorchScript;

/// <summary>The entries of a zip archive that <c>torch.save</c> or <c>torch.jit.save</c> wrote: all stand in one folder, whatever its name.</summary>
/// <remarks>Source: PyTorch, caffe2/serialize/inline_container.h.</remarks>
internal sealed class TorchArchive
{
    private readonly ModelSource _source;
    private readonly string _folder;

    private TorchArchive(ModelSource source, string folder)
    {
        _source = source;
        _folder = folder;
    }

    public ReadLimits Limits => _source.Limits;

    public ReadBudget Budget => _source.Budget;

    public CancellationToken Cancellation => _source.Cancellation;

    /// <summary>The archive, if it is one of PyTorch's: it has a <c>data.pkl</c>, or, written before PyTorch 1.4, a <c>model.json</c> beside code.</summary>
    public static TorchArchive? Find(ModelSource source)
    {
        foreach (var entry in source.Zip.Entries)
        {
            var name = entry.Name;
            var slash = name.IndexOf('/', StringComparison.Ordinal);
            var rest = name.AsSpan(slash + 1);
            if (slash > 0 && rest is "data.pkl" or "model.json" or "bytecode.pkl" or ".data/extern_modules")
            {
                var archive = new TorchArchive(source, name[..(slash + 1)]);
                if (rest is not "model.json" || archive.HasCode)
                {
                    return archive;
                }
            }
        }

        return null;
    }

    /// <summary>Whether it holds TorchScript code.</summary>
    public bool HasCode => _source.Zip.Entries.Any(e => e.Name.StartsWith(_folder + "code/", StringComparison.Ordinal));

    public bool Has(string name) => _source.Zip.Find(_folder + name) is not null;

    /// <summary>The bytes of an entry, or null when there is none.</summary>
    public ReadOnlyMemory<byte>? Read(string name) => _source.Zip.Find(_folder + name) is { } entry ? _source.Zip.Read(entry) : default(ReadOnlyMemory<byte>?);

    /// <summary>The pickle in an entry, as data; null when there is no such entry.</summary>
    public PickleValue? ReadPickle(string name) => Read(name) is { } bytes ? PickleReader.Read(bytes.Span, Limits, name, Cancellation) : null;

    /// <summary>The archive's own format number: 1 to 3 up to PyTorch 1.5 or so, 10 today; null when it has none.</summary>
    public string? Version => Short("version") ?? Short(".data/version");

    private string? Short(string name) =>
        _source.Zip.Find(_folder + name) is { Length: <= 16 } entry ? Encoding.ASCII.GetString(_source.Zip.Read(entry).Span).Trim() : null;
}
