using System.Security.Cryptography;

namespace ModelGuidelines.Storage;

/// <summary>The hash of parts of a file that come one after the other, so that none of them need be held for it: SHA-256 over those of the parts, each whole part for itself.</summary>
internal sealed class RangeHash : IDisposable
{
    private readonly List<long> _ranges = [];
    private readonly IncrementalHash _part = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly IncrementalHash _all = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    /// <summary>Adds bytes. Those that stand behind the ones before are of one part with them.</summary>
    public void Add(long offset, ReadOnlySpan<byte> bytes)
    {
        if (_ranges.Count > 0 && _ranges[^2] + _ranges[^1] == offset)
        {
            _ranges[^1] += bytes.Length;
        }
        else
        {
            EndPart();
            _ranges.AddRange([offset, bytes.Length]);
        }

        _part.AppendData(bytes);
    }

    /// <summary>Offsets and lengths of the parts, and the hash, hexadecimal; nothing may be added any more.</summary>
    public (long[] Ranges, string Hash) End()
    {
        EndPart();
        return ([.. _ranges], Convert.ToHexString(_all.GetHashAndReset()));
    }

    public void Dispose()
    {
        _part.Dispose();
        _all.Dispose();
    }

    private void EndPart()
    {
        if (_ranges.Count > 0)
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            _part.GetHashAndReset(hash);
            _all.AppendData(hash);
        }
    }
}
