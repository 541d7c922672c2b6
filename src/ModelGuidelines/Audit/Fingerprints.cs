using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Audit;

/// <summary>Names findings so that a baseline recognises them: by what they say, not by where the file or the line is.</summary>
internal static class Fingerprints
{
    public static ImmutableArray<Finding> Stamp(IEnumerable<Finding> findings)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        return
        [
            .. findings.Select(f =>
            {
                var identity = string.Join('\n', f.Guideline, f.Outcome, f.Model, f.Module, f.ModuleType, f.Operator, f.Direction, f.Argument);

                // The same function called twice by one module: told apart by their order.
                var ordinal = seen[identity] = seen.GetValueOrDefault(identity) + 1;
                var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{identity}\n{ordinal}")));
                return f with { Fingerprint = Convert.ToHexString(hash.AsSpan(0, 8)).ToLowerInvariant() };
            }),
        ];
    }
}
