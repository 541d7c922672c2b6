using System.IO.Hashing;
using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace ModelGuidelines.Storage;

/// <summary>Stands for a piece of a file in a table, so that the piece need not be held: 128 bits, seeded anew in each process, so that no file can be made in which two pieces have one.</summary>
internal static class ContentHash
{
    private static readonly long Seed = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long)));

    public static UInt128 Of(ReadOnlySpan<byte> bytes) => XxHash128.HashToUInt128(bytes, Seed);

    public static UInt128 Of(ReadOnlySpan<char> text) => Of(MemoryMarshal.AsBytes(text));
}
