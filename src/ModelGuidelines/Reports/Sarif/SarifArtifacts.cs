using System.Security.Cryptography;
using System.Text.Json;
using ModelGuidelines.Audit;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Reports.Sarif;

/// <summary>The files in which something was found, with the hashes of small ones: of a large one most is weights, which an audit does not read.</summary>
internal static class SarifArtifacts
{
    /// <summary>Bytes up to which a file is hashed.</summary>
    private const long Most = 4 << 20;

    public static void Write(Utf8JsonWriter json, IEnumerable<AuditResult> results)
    {
        json.WriteStartArray("artifacts");
        foreach (var result in results.DistinctBy(r => r.Path))
        {
            json.WriteStartObject();
            SarifPlaces.WriteArtifact(json, result.Path, "location");
            json.WriteStartArray("roles");
            json.WriteStringValue("analysisTarget");
            json.WriteEndArray();
            if (Content(result.FullPath ?? result.Path) is var (length, hash))
            {
                json.WriteNumber("length", length);
                json.WriteStartObject("hashes");
                json.WriteString("sha-256", hash);
                json.WriteEndObject();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Of the file as it is now; null where it is large, no file, or not here, as where reports are merged.</summary>
    private static (long Length, string Hash)? Content(string path)
    {
        try
        {
            var file = new FileInfo(path);
            return FileProperties.KindOf(path) is FileKind.Regular && file.Length <= Most && File.ReadAllBytes(path) is var bytes
                ? (bytes.Length, Convert.ToHexString(SHA256.HashData(bytes)).ToLowerInvariant()) : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }
}
