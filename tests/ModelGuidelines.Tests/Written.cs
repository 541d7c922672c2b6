using ModelGuidelines.Audit;

namespace ModelGuidelines.Tests;

/// <summary>Audits for AIMET's written guidelines alone: tests that list all findings of a file are of these.</summary>
internal static class Written
{
    public static AuditSettings Settings { get; } = new() { Guidelines = ["PyTorch.*", "Keras.*"] };
}
