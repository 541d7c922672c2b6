#if WITH_ONNXRUNTIME
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ModelGuidelines.OnnxRuntime;

/// <summary>How to draw: what to put in for what a model leaves open.</summary>
/// <param name="Dimension">For symbolic dimensions.</param>
/// <param name="IntegerBound">Integers are drawn from 0 to below it: indices must lie in tables whose size is not declared.</param>
internal sealed record DrawSettings(long Dimension, int IntegerBound);

/// <summary>Draws tensors of declared types; the same seed gives the same bits.</summary>
internal static class RandomInputs
{
    public static bool IsSupported(TensorElementType type) => SizeOf(type) > 0;

    public static OrtValue Create(TensorElementType type, long[] shape, Random random, DrawSettings settings)
    {
        var value = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, type, shape);
        Fill(value.GetTensorMutableRawData(), type, random, settings.IntegerBound);
        return value;
    }

    private static int SizeOf(TensorElementType type) => type switch
    {
        TensorElementType.Bool or TensorElementType.Int8 or TensorElementType.UInt8 => 1,
        TensorElementType.Int16 or TensorElementType.UInt16 or TensorElementType.Float16 or TensorElementType.BFloat16 => 2,
        TensorElementType.Int32 or TensorElementType.UInt32 or TensorElementType.Float => 4,
        TensorElementType.Int64 or TensorElementType.UInt64 or TensorElementType.Double => 8,
        _ => 0,
    };

    private static void Fill(Span<byte> bytes, TensorElementType type, Random random, int bound)
    {
        var size = SizeOf(type);
        for (var at = 0; at + size <= bytes.Length; at += size)
        {
            var element = bytes.Slice(at, size);
            switch (type)
            {
                case TensorElementType.Float:
                    MemoryMarshal.Write(element, (float)Normal(random));
                    break;
                case TensorElementType.Double:
                    MemoryMarshal.Write(element, Normal(random));
                    break;
                case TensorElementType.Float16:
                    MemoryMarshal.Write(element, (Half)Normal(random));
                    break;
                case TensorElementType.BFloat16:
                    MemoryMarshal.Write(element, (ushort)(BitConverter.SingleToUInt32Bits((float)Normal(random)) >> 16));
                    break;
                case TensorElementType.Bool:
                    element[0] = (byte)random.Next(2);
                    break;
                default:
                    // Little-endian, small and not negative: the low byte or two suffice.
                    element.Clear();
                    var number = random.Next(size == 1 ? Math.Min(bound, 128) : bound);
                    element[0] = (byte)number;
                    if (size > 1)
                    {
                        element[1] = (byte)(number >> 8);
                    }

                    break;
            }
        }
    }

    /// <summary>Box and Muller: from 0 and of variance 1, as normalised data is.</summary>
    private static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
#endif
