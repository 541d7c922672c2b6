using System.Globalization;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>What the version of torch that wrote a program says of it.</summary>
internal static class ProgramVersion
{
    /// <summary>schema.SCHEMA_VERSION: a larger major version means fields whose meaning changed.</summary>
    public const int NewestSchema = 8;

    public static string Exporter(Program program) => $"PyTorch {program.TorchVersion ?? "<=2.4"} (torch.export)";

    /// <summary>Whether a further call's key ends in @1: seen in the file, or written by torch 2.6 or newer, which always does.</summary>
    public static bool RecordsFurtherCalls(Program program)
    {
        var parts = (program.TorchVersion ?? "").Split('.', '+');
        if (parts.Length >= 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var minor)
            && (major > 2 || (major == 2 && minor >= 6)))
        {
            return true;
        }

        return program.HasFurtherCalls;
    }
}
