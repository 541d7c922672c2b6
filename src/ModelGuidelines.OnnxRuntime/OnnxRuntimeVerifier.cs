using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.OnnxRuntime;

/// <summary>Runs both models with ONNX Runtime, unoptimised and on one thread, on the same random inputs; compares all outputs bit for bit.</summary>
/// <remarks>ONNX Runtime is loaded by the first call of <see cref="Verify"/>, not before.</remarks>
public sealed class OnnxRuntimeVerifier : IEquivalenceVerifier
{
    /// <summary>Whether this build has ONNX Runtime; without it every answer is NotVerified.</summary>
#if WITH_ONNXRUNTIME
    public static bool IsBuiltIn => true;
#else
    public static bool IsBuiltIn => false;
#endif

    /// <summary>Seeds of the draws; recorded in the result.</summary>
    private static readonly ImmutableArray<int> Seeds = [20260101, 20260102, 20260103];

    public Verification Verify(string originalPath, string repairedPath, CancellationToken cancellation)
    {
#if WITH_ONNXRUNTIME
        try
        {
            return Run(originalPath, repairedPath, cancellation);
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException or BadImageFormatException or FileNotFoundException or EntryPointNotFoundException)
        {
            return Verification.NotVerified($"ONNX Runtime cannot be loaded here: {(e.InnerException ?? e).Message}");
        }
#else
        return Verification.NotVerified("this build has no ONNX Runtime");
#endif
    }

#if WITH_ONNXRUNTIME
    /// <summary>Apart from its caller, whose compilation must not load ONNX Runtime outside its try.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Verification Run(string originalPath, string repairedPath, CancellationToken cancellation)
    {
        var original = new ModelRun(originalPath);
        if (original.Prepare(Seeds[0], cancellation) is { } reason)
        {
            return Verification.NotVerified(reason);
        }

        var expected = new List<List<byte[]>>();
        foreach (var seed in Seeds)
        {
            expected.Add(original.Compute(seed, cancellation));
        }

        // A model that draws random numbers itself proves nothing.
        var repeated = original.Compute(Seeds[0], cancellation);
        original.Dispose();
        if (FirstDifference(expected[0], repeated) is not null)
        {
            return Verification.NotVerified("the original gives different outputs for the same inputs: it draws random numbers itself");
        }

        using var repaired = new ModelRun(repairedPath);
        if (repaired.PrepareLike(original, cancellation) is { } failure)
        {
            return new(VerificationOutcome.Different, $"the original runs and the repaired model does not: {failure}", Seeds, original.Description);
        }

        for (var draw = 0; draw < Seeds.Length; draw++)
        {
            if (FirstDifference(expected[draw], repaired.Compute(Seeds[draw], cancellation)) is { } output)
            {
                var which = output < original.OutputNames.Count ? $"output '{original.OutputNames[output]}'" : "the number of outputs";
                return new(VerificationOutcome.Different, string.Create(CultureInfo.InvariantCulture, $"{which} differs (seed {Seeds[draw]})"), Seeds, original.Description);
            }
        }

        return new(VerificationOutcome.Verified, null, Seeds, original.Description);
    }

    private static int? FirstDifference(List<byte[]> expected, List<byte[]> actual)
    {
        for (var i = 0; i < Math.Max(expected.Count, actual.Count); i++)
        {
            if (i >= expected.Count || i >= actual.Count || !expected[i].AsSpan().SequenceEqual(actual[i]))
            {
                return i;
            }
        }

        return null;
    }
#endif
}
