using System.Globalization;

namespace ModelGuidelines.Tests;

/// <summary>How many damaged inputs a test makes: few with every run, as many as MODELGUIDELINES_MUTATIONS says in a long one.</summary>
internal static class MutationCount
{
    public static int Or(int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable("MODELGUIDELINES_MUTATIONS"), NumberStyles.None, CultureInfo.InvariantCulture, out var asked) ? asked : usual;
}
