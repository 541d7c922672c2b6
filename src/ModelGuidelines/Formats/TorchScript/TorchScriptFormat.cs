using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.TorchScript;

/// <summary>Files of <c>torch.jit.save</c> and <c>torch.save</c>: TorchScript archives, and pickles of weights or whole models, which hold no forward.</summary>
public sealed class TorchScriptFormat : IModelFormat
{
    public string Name => "TorchScript";

    public IReadOnlyCollection<string> Extensions => [".pt", ".pth", ".ptl", ".jit", ".torchscript"];

    /// <remarks><c>.ts</c> is TypeScript's too.</remarks>
    public IReadOnlyCollection<string> SharedExtensions => [".bin", ".ckpt", ".ts", ".torch"];

    public bool Matches(ModelSource source)
    {
        if (source.IsDirectory)
        {
            return false;
        }

        if (LegacyPickle.IsLegacy(source.Header) || IsPlainPickle(source) || IsMobileFlatbuffer(source.Header))
        {
            return true;
        }

        if (!source.IsZip)
        {
            return false;
        }

        try
        {
            return TorchArchive.Find(source) is not null;
        }
        catch (ModelReadException)
        {
            return Extensions.Contains(source.Extension); // what is wrong with it, reading says
        }
    }

    public ModelGraph Read(ModelSource source)
    {
        if (IsMobileFlatbuffer(source.Header))
        {
            return Undecidable("a mobile module in the flatbuffer layout holds bytecode only; audit the TorchScript archive it was made from, or the source");
        }

        if (LegacyPickle.IsLegacy(source.Header) || IsPlainPickle(source))
        {
            return PickledModel.Read(LegacyPickle.Read(source), source.Limits, source.Cancellation);
        }

        var archive = TorchArchive.Find(source) ?? throw new ModelReadException("MG.TorchScript.NoModel", "the archive holds neither TorchScript nor a pickle of PyTorch");
        if (archive.Has(".data/extern_modules"))
        {
            return Undecidable("a torch.package archive holds Python source and pickles that only running it puts together; export the model with torch.export or torch.jit.trace, or audit the source");
        }

        if (archive.HasCode && archive.Has("data.pkl"))
        {
            return ScriptArchive.Read(archive, source.IncludeNodes);
        }

        if (archive.Has("model.json"))
        {
            return EarlyArchive.Read(archive);
        }

        return archive.ReadPickle("data.pkl") is { } data
            ? PickledModel.Read(data, source.Limits, source.Cancellation)
            : Undecidable("a mobile archive with bytecode only holds no modules and no code; audit the archive it was made from, or the source");
    }

    /// <summary>What pickle.dump wrote of a model. Named files only: a folder's pickles are data as a rule.</summary>
    private static bool IsPlainPickle(ModelSource source) => source.Extension is ".pkl" or ".pickle" or ".pt" or ".pth" && LegacyPickle.IsPlain(source.Header);

    private static bool IsMobileFlatbuffer(ReadOnlySpan<byte> header) => header.Length > 8 && header[4..].StartsWith("PTMF"u8);

    private static ModelGraph Undecidable(string reason) => new() { Framework = Framework.PyTorch, Evidence = GraphEvidence.AllAbsent(reason) };
}
