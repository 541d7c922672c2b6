using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
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
        var stamped = ImmutableArray.CreateBuilder<Finding>();
        foreach (var f in findings)
        {
            // Of source what stands there; of a graph file the names of its modules, without the numbers of equal blocks.
            var identity = f.SourcePath is not null
                ? string.Join('\n', f.Guideline, Places.Holder(f), f.Operator, f.Direction?.ToString(), f.Argument, Blanks().Replace(f.Snippet ?? "", " "))
                : string.Join('\n', f.Guideline, f.ModuleType, Places.Pattern(Places.Subject(f)), f.Operator, f.Direction?.ToString(), f.Argument);

            // Equal ones in one file are told apart by their order.
            var ordinal = ++CollectionsMarshal.GetValueRefOrAddDefault(seen, identity, out _);
            stamped.Add(f with { Fingerprint = Hash(identity, ordinal) });
        }

        return stamped.DrainToImmutable();
    }

    /// <summary>16 hexadecimal digits.</summary>
    private static string Hash(string identity, int ordinal)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(identity.Length) + 16);
        try
        {
            var length = Encoding.UTF8.GetBytes(identity, bytes);
            bytes[length++] = (byte)'\n';
            _ = ordinal.TryFormat(bytes.AsSpan(length), out var digits, provider: CultureInfo.InvariantCulture);
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(bytes.AsSpan(0, length + digits), hash);
            return string.Create(16, BinaryPrimitives.ReadUInt64BigEndian(hash), static (text, number) => _ = number.TryFormat(text, out _, "x16", CultureInfo.InvariantCulture));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    [GeneratedRegex(@"\s+", RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Blanks();
}
