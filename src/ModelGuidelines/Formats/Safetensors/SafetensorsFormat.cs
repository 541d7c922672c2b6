using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.Safetensors;

/// <summary><c>.safetensors</c>: names, shapes and bytes of tensors. Recognised, and answered with what it is.</summary>
/// <remarks>Source: the format's own specification: a 64-bit length, that many bytes of JSON, then data.</remarks>
public sealed class SafetensorsFormat : IModelFormat
{
    public string Name => "Safetensors";

    public IReadOnlyCollection<string> Extensions => [".safetensors"];

    public bool Matches(ModelSource source) => !source.IsDirectory && source.Header is { Length: > 9 } header && header[8] == '{' && (
        source.Extension is ".safetensors" || (BinaryPrimitives.ReadUInt64LittleEndian(header) is > 1 and < 100_000_000 and var length && (long)length <= source.File.Length - 8));

    public ModelGraph Read(ModelSource source)
    {
        var length = BinaryPrimitives.ReadUInt64LittleEndian(source.Header);
        if (length > (ulong)(source.File.Length - 8) || length > (ulong)source.Limits.EntryBytes)
        {
            throw new ModelReadException("MG.Safetensors.Header", "the header's length lies outside the file", 0);
        }

        try
        {
            var tensors = CountTensors(SoundJson.Of(source.File.Memory(8, (int)length)).Span, source.Limits.Depth, source.Cancellation);
            return new()
            {
                Framework = Framework.PyTorch,
                Evidence = GraphEvidence.AllAbsent(string.Create(CultureInfo.InvariantCulture,
                    $"a safetensors file holds weights only ({tensors} {(tensors == 1 ? "tensor" : "tensors")} and no code); export the model with torch.export, torch.jit or torch.onnx, or audit the source")),
            };
        }
        catch (JsonException e)
        {
            throw new ModelReadException("MG.Safetensors.Header", "the header is not JSON", 8 + (e.BytePositionInLine ?? 0), e);
        }
    }

    private static int CountTensors(ReadOnlySpan<byte> json, int depth, CancellationToken cancellation)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = depth });
        var tensors = 0;
        for (var count = 0; reader.Read(); count++)
        {
            if ((count & 0xfff) == 0)
            {
                cancellation.ThrowIfCancellationRequested();
            }

            if (reader.TokenType is JsonTokenType.PropertyName && reader.CurrentDepth == 1 && !reader.ValueTextEquals("__metadata__"u8))
            {
                tensors++;
            }
        }

        return tensors;
    }
}
