using ModelGuidelines.OnnxRuntime;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>ONNX Runtime itself, in every build but that without it.</summary>
internal static class RealRuntime
{
    /// <summary>The verifier; ends the test where the build was asked to have none.</summary>
    public static IEquivalenceVerifier OrSkip()
    {
        Assert.SkipUnless(OnnxRuntimeVerifier.IsBuiltIn, "needs ONNX Runtime: built with -p:WithOnnxRuntime=false");
        return new OnnxRuntimeVerifier();
    }
}
