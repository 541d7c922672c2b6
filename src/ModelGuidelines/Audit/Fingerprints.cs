using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Audit;

/// <summary>Names findings so that a baseline recognises them: by what they say, not by where the file or the line is.</summary>
internal static partial class Fingerprints
{
    public static ImmutableArray<Finding> Stamp(IEnumerable<Finding> findings)
    {
        var seen = new Dictionary<string, int>(StringComparer.Ordinal);
        return
        [
            .. findings.Select(f =>
            {
                // Of source what stands there; of a graph file the names of its modules, without the numbers of equal blocks.
                var identity = f.SourcePath is not null
                    ? string.Join('\n', f.Guideline, Places.Holder(f), f.Operator, f.Direction, f.Argument, Blanks().Replace(f.Snippet ?? "", " "))
                    : string.Join('\n', f.Guideline, f.ModuleType, Places.Pattern(Places.Subject(f)), f.Operator, f.Direction, f.Argument);

                // Equal ones in one file are told apart by their order.
                var ordinal = seen[identity] = seen.GetValueOrDefault(identity) + 1;
                var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{identity}\n{ordinal}")));
                return f with { Fingerprint = Convert.ToHexString(hash.AsSpan(0, 8)).ToLowerInvariant() };
            }),
        ];
    }

    [GeneratedRegex(@"\s+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Blanks();
}
