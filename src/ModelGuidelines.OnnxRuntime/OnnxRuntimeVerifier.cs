using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.OnnxRuntime;

/// <summary>Runs both models with ONNX Runtime, unoptimised and on one thread, on the same random inputs; compares all outputs, bit for bit and, where
/// another kernel rounded otherwise, within a tolerance.</summary>
/// <remarks>ONNX Runtime is loaded by the first call of <see cref="Compare"/>, not before.</remarks>
public sealed class OnnxRuntimeVerifier : IEquivalenceVerifier
{
    /// <summary>Whether this build has ONNX Runtime; without it every answer is NotRun.</summary>
#if WITH_ONNXRUNTIME
    public static bool IsBuiltIn => true;
#else
    public static bool IsBuiltIn => false;
#endif

    /// <summary>Seeds of the draws; recorded in the result.</summary>
    private static readonly ImmutableArray<int> Seeds = [20260101, 20260102, 20260103];

    public RunComparison Compare(string originalPath, string repairedPath, CancellationToken cancellation)
    {
#if WITH_ONNXRUNTIME
        try
        {
            return Run(originalPath, repairedPath, cancellation);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or BadImageFormatException or FileNotFoundException or EntryPointNotFoundException)
        {
            return RunComparison.NotRun($"ONNX Runtime cannot be loaded here: {(e.InnerException ?? e).Message}");
        }
#else
        return RunComparison.NotRun("this build has no ONNX Runtime");
#endif
    }

#if WITH_ONNXRUNTIME
    /// <summary>Apart from its caller, whose compilation must not load ONNX Runtime outside its try.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static RunComparison Run(string originalPath, string repairedPath, CancellationToken cancellation)
    {
        var original = new ModelRun(originalPath);
        if (original.Prepare(Seeds[0], cancellation) is { } reason)
        {
            return RunComparison.NotRun(reason);
        }

        var expected = new List<List<ModelOutput>>();
        foreach (var seed in Seeds)
        {
            expected.Add(original.Compute(seed, cancellation));
        }

        // A model that draws random numbers itself proves nothing.
        var repeated = original.Compute(Seeds[0], cancellation);
        original.Dispose();
        if (expected[0].Zip(repeated).Any(p => !p.First.IsBitEqual(p.Second)))
        {
            return RunComparison.NotRun("the original gives different outputs for the same inputs: it draws random numbers itself");
        }

        using var repaired = new ModelRun(repairedPath);
        if (repaired.PrepareLike(original, cancellation) is { } failure)
        {
            return new(RunOutcome.Different, $"the original runs and the repaired model does not: {failure}", Seeds, original.Description);
        }

        var (largest, tolerance, isEqual) = (0.0, 0.0, true);
        for (var draw = 0; draw < Seeds.Length; draw++)
        {
            var actual = repaired.Compute(Seeds[draw], cancellation);
            if (actual.Count != expected[draw].Count)
            {
                return new(RunOutcome.Different, "the number of outputs differs", Seeds, original.Description);
            }

            for (var i = 0; i < actual.Count; i++)
            {
                if (actual[i].IsBitEqual(expected[draw][i]))
                {
                    continue;
                }

                isEqual = false;
                var difference = expected[draw][i].Difference(actual[i], out var allowed);
                (largest, tolerance) = (Math.Max(largest, difference), Math.Max(tolerance, allowed));
                if (!(difference <= allowed))
                {
                    return new(RunOutcome.Different, string.Create(CultureInfo.InvariantCulture, $"output '{original.OutputNames[i]}' differs by {difference:G2} (seed {Seeds[draw]})"), Seeds, original.Description)
                    {
                        LargestDifference = difference,
                        Tolerance = allowed,
                    };
                }
            }
        }

        return new(isEqual ? RunOutcome.BitEqual : RunOutcome.WithinTolerance, null, Seeds, original.Description) { LargestDifference = largest, Tolerance = tolerance };
    }
#endif
}
