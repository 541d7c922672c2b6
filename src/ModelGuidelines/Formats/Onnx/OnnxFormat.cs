using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Onnx;

/// <summary>ONNX models of any exporter.</summary>
public sealed class OnnxFormat : IModelFormat
{
    public string Name => "Onnx";

    public IReadOnlyCollection<string> Extensions => [".onnx"];

    /// <summary>Protobuf has no magic number: the first fields must be those of a ModelProto. A file called .onnx that is of no other
    /// known kind is claimed as well, so that what is wrong with it is said in ONNX's terms.</summary>
    public bool Matches(ModelSource source)
    {
        if (source.IsDirectory)
        {
            return false;
        }

        return (!IsPlainText(source.Header) && IsModelProto(source.File)) || (source.Extension == ".onnx" && !source.IsZip);
    }

    public ModelGraph Read(ModelSource source)
    {
        if (source.File.Length == 0)
        {
            throw new ModelReadException("MG.Onnx.Empty", "the file is empty, or is no ordinary file (a pipe, a device)", 0);
        }

        if (IsText(source.Header))
        {
            throw new ModelReadException("MG.Onnx.Text", "the file is called .onnx, but its content is text", 0);
        }

        var begin = Leftovers.Now;
        var model = OnnxReader.Read(source);
        Leftovers.GiveBackOfStep(ref begin);
        return OnnxTranslation.Translate(model, source);
    }

    /// <summary>Whether the first line is plain text: a message of ONNX has lengths and tags among its first bytes.</summary>
    private static bool IsText(ReadOnlySpan<byte> header) => header[..Math.Min(header.Length, 16)].IndexOfAnyExceptInRange((byte)' ', (byte)'~') is -1 or > 14;

    /// <summary>Whether nothing but text stands at the beginning: letters are tags and lengths as well, by chance those of a model.</summary>
    private static bool IsPlainText(ReadOnlySpan<byte> header)
    {
        foreach (var b in header[..Math.Min(header.Length, 256)])
        {
            if (b is (< (byte)' ' and not ((byte)'\t' or (byte)'\n' or (byte)'\r' or (byte)'\f')) or 0x7F)
            {
                return false;
            }
        }

        return header.Length > 0;
    }

    /// <summary>Walks at most the first few fields: IR version first or soon, and nothing that a ModelProto lacks.</summary>
    private static bool IsModelProto(PagedFile file)
    {
        var seen = 0;
        var hasVersion = false;
        try
        {
            var cursor = new ProtoCursor(file, "Onnx", 0, file.Length);
            while (seen < 12 && cursor.Next())
            {
                seen++;
                var isKnown = (cursor.Field, cursor.WireType) is (1, 0) or (2, 2) or (3, 2) or (4, 2) or (5, 0) or (6, 2) or (7, 2) or (8, 2) or (14, 2) or (20, 2) or (25, 2) or (26, 2);
                if (!isKnown)
                {
                    return false;
                }

                hasVersion |= cursor.Field == 1 && cursor.Value is >= 1 and < 1000;
                if (cursor.Field == 7)
                {
                    return hasVersion || seen > 1; // the graph follows: enough
                }
            }
        }
        catch (ModelReadException)
        {
            // A truncated model still begins like one.
            return hasVersion && seen > 1;
        }

        return hasVersion && seen > 1;
    }
}
