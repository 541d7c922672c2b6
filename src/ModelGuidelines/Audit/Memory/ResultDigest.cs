using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using ModelGuidelines.Reports;

namespace ModelGuidelines.Audit.Memory;

/// <summary>What tells two results of one file apart: a hash of all that is reported, but for how long it took.</summary>
public sealed class ResultDigest
{
    private readonly string _text;
    private AuditResult? _result;

    private ResultDigest(string text) => _text = text;

    /// <summary>32 hexadecimal digits.</summary>
    /// <param name="result">What is reported.</param>
    /// <param name="text">Memory that is used again.</param>
    public static string Of(AuditResult result, ArrayBufferWriter<byte> text)
    {
        if (result.KnownDigest is { } known && ReferenceEquals(known._result, result))
        {
            return known._text;
        }

        text.ResetWrittenCount();
        var plain = result.Findings.Any(f => f.BaselineState is not null) ? result.Findings.Select(f => f with { BaselineState = null }).ToImmutableArray() : result.Findings;
        JsonLines.Write(text, result with { Elapsed = default, Findings = plain });
        return Convert.ToHexString(SHA256.HashData(text.WrittenSpan).AsSpan(0, 16));
    }

    /// <summary>The result as one that need not be hashed again; what is made of it with something changed is another, and does.</summary>
    internal static AuditResult Know(AuditResult result, string digest)
    {
        var known = result with { };
        known.KnownDigest = new(digest) { _result = known };
        return known;
    }
}
