#if WITH_ONNXRUNTIME
using System.Globalization;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace ModelGuidelines.OnnxRuntime;

/// <summary>One model, loaded, and the inputs on which it can be run.</summary>
internal sealed class ModelRun(string path) : IDisposable
{
    /// <summary>What is tried for open dimensions and integers, until the original accepts it.</summary>
    private static readonly DrawSettings[] Attempts =
    [
        new(2, 100), new(2, 8), new(1, 100), new(1, 2), new(2, 1), new(1, 1), new(4, 8), new(8, 8), new(16, 8), new(32, 8), new(64, 8), new(224, 2),
    ];

    private InferenceSession? _session;
    private DrawSettings _settings = Attempts[0];

    public IReadOnlyList<string> OutputNames { get; private set; } = [];

    /// <summary>Names, types and chosen shapes.</summary>
    public string Description { get; private set; } = "";

    /// <summary>Loads the model and finds inputs on which it runs; the reason when there are none.</summary>
    public string? Prepare(int seed, CancellationToken cancellation)
    {
        if (Load() is { } reason)
        {
            return reason;
        }

        string? last = null;
        foreach (var settings in Attempts)
        {
            _settings = settings;
            cancellation.ThrowIfCancellationRequested();
            try
            {
                Compute(seed, cancellation);
                Description = Describe();
                return null;
            }
            catch (OnnxRuntimeException e)
            {
                last = FirstLine(e);
            }

            if (!IsOpen)
            {
                break;
            }
        }

        return $"the original does not run on inputs of its declared types and shapes: {last}";
    }

    /// <summary>Loads the model, to be run on the inputs of another.</summary>
    public string? PrepareLike(ModelRun original, CancellationToken cancellation)
    {
        _settings = original._settings;
        if (Load() is { } reason)
        {
            return reason;
        }

        try
        {
            Compute(0, cancellation);
            return null;
        }
        catch (OnnxRuntimeException e)
        {
            return FirstLine(e);
        }
    }

    /// <summary>All outputs, in the order of <see cref="OutputNames"/>.</summary>
    public List<ModelOutput> Compute(int seed, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var random = new Random(seed);
        var inputs = new Dictionary<string, OrtValue>(StringComparer.Ordinal);
        try
        {
            foreach (var (name, metadata) in Inputs())
            {
                inputs.Add(name, RandomInputs.Create(metadata.ElementDataType, ShapeOf(metadata), random, _settings));
            }

            using var options = new RunOptions();
            using var stop = cancellation.Register(() => options.Terminate = true);
            using var outputs = _session!.Run(options, inputs, [.. OutputNames]);
            return [.. outputs.Select(ModelOutput.Of)];
        }
        finally
        {
            foreach (var value in inputs.Values)
            {
                value.Dispose();
            }
        }
    }

    public void Dispose()
    {
        _session?.Dispose();
        _session = null;
    }

    /// <summary>Whether the model leaves anything to choose.</summary>
    private bool IsOpen => Inputs().Any(i => i.Value.Dimensions.Any(d => d < 0)
        || i.Value.ElementDataType is not (TensorElementType.Float or TensorElementType.Double or TensorElementType.Float16 or TensorElementType.BFloat16 or TensorElementType.Bool));

    private IOrderedEnumerable<KeyValuePair<string, NodeMetadata>> Inputs() => _session!.InputMetadata.OrderBy(i => i.Key, StringComparer.Ordinal);

    private long[] ShapeOf(NodeMetadata metadata) => [.. metadata.Dimensions.Select(d => d < 0 ? _settings.Dimension : d)];

    private string? Load()
    {
        try
        {
            using var options = new SessionOptions
            {
                // Nothing fused or reordered: what is compared is the two graphs as they are written.
                GraphOptimizationLevel = GraphOptimizationLevel.ORT_DISABLE_ALL,
                IntraOpNumThreads = 1,
                InterOpNumThreads = 1,
                LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            };
            _session = new(path, options);
        }
        catch (OnnxRuntimeException e)
        {
            return $"ONNX Runtime does not load the model: {FirstLine(e)}";
        }

        OutputNames = [.. _session.OutputMetadata.Keys.Order(StringComparer.Ordinal)];
        foreach (var (name, metadata) in _session.InputMetadata)
        {
            if (!metadata.IsTensor || !RandomInputs.IsSupported(metadata.ElementDataType))
            {
                return $"input '{name}' is no tensor of numbers: no random values can be drawn for it";
            }
        }

        return null;
    }

    private string Describe() => string.Join(", ", Inputs().Select(i =>
        $"{i.Key}: {i.Value.ElementDataType.ToString().ToLowerInvariant()}[{string.Join(',', ShapeOf(i.Value).Select(d => d.ToString(CultureInfo.InvariantCulture)))}]"));

    private static string FirstLine(OnnxRuntimeException e) => e.Message.ReplaceLineEndings("\n").Split('\n')[0];
}
#endif
