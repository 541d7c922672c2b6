#if WITH_ONNXRUNTIME
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ModelGuidelines.OnnxRuntime;

/// <summary>One output of a run: its tensors, those of a sequence one by one.</summary>
internal sealed class ModelOutput
{
    /// <summary>Relative to the largest magnitude: about a hundred units in the last place of each type.</summary>
    private static readonly Dictionary<TensorElementType, double> Tolerances = new()
    {
        [TensorElementType.Double] = 1e-13,
        [TensorElementType.Float] = 1e-5,
        [TensorElementType.Float16] = 1e-2,
        [TensorElementType.BFloat16] = 1e-1,
    };

    private readonly List<(TensorElementType Type, byte[] Shape, byte[] Elements)> _tensors = [];

    public static ModelOutput Of(OrtValue value)
    {
        var result = new ModelOutput();
        result.Add(value, 0);
        return result;
    }

    public bool IsBitEqual(ModelOutput other) => IsAlike(other) && _tensors.Zip(other._tensors).All(p => p.First.Elements.AsSpan().SequenceEqual(p.Second.Elements));

    /// <summary>The largest difference of two elements, relative to the largest magnitude in their tensor; infinite where no difference can be told.</summary>
    /// <param name="other">Of the other model.</param>
    /// <param name="tolerance">How large it may be for the types at hand.</param>
    public double Difference(ModelOutput other, out double tolerance)
    {
        tolerance = 0;
        if (!IsAlike(other))
        {
            return double.PositiveInfinity;
        }

        var largest = 0.0;
        foreach (var (mine, its) in _tensors.Zip(other._tensors))
        {
            if (mine.Elements.AsSpan().SequenceEqual(its.Elements))
            {
                continue;
            }

            if (!Tolerances.TryGetValue(mine.Type, out var allowed))
            {
                return double.PositiveInfinity;
            }

            tolerance = Math.Max(tolerance, allowed);
            var (a, b) = (Numbers(mine.Type, mine.Elements), Numbers(its.Type, its.Elements));
            var scale = a.Where(double.IsFinite).Select(Math.Abs).DefaultIfEmpty(0).Max();
            for (var i = 0; i < a.Length; i++)
            {
                if (!a[i].Equals(b[i]))
                {
                    var difference = Math.Abs(a[i] - b[i]) / (scale > 0 ? scale : 1);
                    largest = Math.Max(largest, double.IsNaN(difference) ? double.PositiveInfinity : difference);
                }
            }
        }

        return largest;
    }

    private bool IsAlike(ModelOutput other) => _tensors.Count == other._tensors.Count
        && _tensors.Zip(other._tensors).All(p => p.First.Type == p.Second.Type && p.First.Shape.AsSpan().SequenceEqual(p.Second.Shape) && p.First.Elements.Length == p.Second.Elements.Length);

    private static double[] Numbers(TensorElementType type, byte[] elements) => type switch
    {
        TensorElementType.Double => MemoryMarshal.Cast<byte, double>(elements).ToArray(),
        TensorElementType.Float => Array.ConvertAll(MemoryMarshal.Cast<byte, float>(elements).ToArray(), f => (double)f),
        TensorElementType.Float16 => Array.ConvertAll(MemoryMarshal.Cast<byte, Half>(elements).ToArray(), h => (double)h),
        _ => Array.ConvertAll(MemoryMarshal.Cast<byte, ushort>(elements).ToArray(), b => (double)BitConverter.Int32BitsToSingle(b << 16)),
    };

    private void Add(OrtValue value, int depth)
    {
        if (value.OnnxType is OnnxValueType.ONNX_TYPE_SEQUENCE or OnnxValueType.ONNX_TYPE_MAP && depth < 16)
        {
            var count = value.OnnxType is OnnxValueType.ONNX_TYPE_MAP ? 2 : value.GetValueCount();
            for (var i = 0; i < count; i++)
            {
                using var element = value.GetValue(i, OrtAllocator.DefaultInstance);
                Add(element, depth + 1);
            }

            return;
        }

        if (!value.IsTensor)
        {
            return; // an optional without value
        }

        var type = value.GetTensorTypeAndShape();
        var elements = type.IsString ? Encoding.UTF8.GetBytes(string.Join('\0', value.GetStringTensorAsArray())) : type.ElementCount > 0 ? value.GetTensorMutableRawData().ToArray() : [];
        _tensors.Add((type.ElementDataType, MemoryMarshal.AsBytes(type.Shape.AsSpan()).ToArray(), elements));
    }
}
#endif
