using System.IO.Compression;
using System.Text;
using System.Text.Json;
using ModelGuidelines.Audit;
using ModelGuidelines.Fuzz;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Hostile;

/// <summary>Half a character and bytes that are none, in every name and text of JSON.</summary>
public sealed class JsonTextTests
{
    [Theory]
    [InlineData("""{"a": "x"}""", """{"a": "x"}""")]
    [InlineData("""["\ud83d\ude00", "\\ud800", "\uD83D\uDE00"]""", """["\ud83d\ude00", "\\ud800", "\uD83D\uDE00"]""")]
    [InlineData("""["\ud800", "\udc00\ud800", "\\\ud83d\n", "\uD83Dx"]""", """["\\ud800", "\\udc00\\ud800", "\\\\ud83d\n", "\\uD83Dx"]""")]
    [InlineData("""["\ud8""", """["\ud8""")]
    [InlineData("""["\ud800\""", """["\\ud800\""")]
    public void Half_a_character_is_the_text_that_it_is_written_as(string json, string sound) =>
        Assert.Equal(sound, Encoding.UTF8.GetString(SoundJson.Of(Encoding.UTF8.GetBytes(json)).Span));

    [Fact]
    public void Bytes_that_are_no_text_are_replaced()
    {
        using var document = SoundJson.Parse((byte[])[.. "{\"model"u8, 0xff, .. "\": \""u8, 0xc3, .. "\"}"u8], 4);
        Assert.Equal("\uFFFD", document.RootElement.EnumerateObject().Single().Value.GetString());
    }

    /// <summary>Behind every name and text of the JSON of every format, one after another.</summary>
    [Fact]
    public void No_text_of_a_model_is_a_defect()
    {
        byte[][] pieces = ["\\ud800"u8.ToArray(), "\\udc00x"u8.ToArray(), [0xff], [0xe2, 0x82]];
        var folder = Directory.CreateTempSubdirectory("mg-json-").FullName;
        var tried = new SortedDictionary<string, int>(StringComparer.Ordinal);
        try
        {
            foreach (var sample in Samples())
            {
                for (var part = 0; part < sample.Parts.Length; part++)
                {
                    foreach (var damaged in Damaged(sample.Parts[part].Bytes, pieces))
                    {
                        var path = (sample with { Parts = sample.Parts.SetItem(part, (sample.Parts[part].Name, damaged)) }).Write(folder);
                        Assert.NotEqual("MG.Internal.Defect", Auditor.Default.Audit(new(path, sample.Name), AuditSettings.Default)?.Error?.Id);
                        tried[Path.GetExtension(path)] = tried.GetValueOrDefault(Path.GetExtension(path)) + 1;
                    }
                }
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }

        Assert.All([".json", ".keras", ".pt", ".pt2", ".safetensors", ".mar"], e => Assert.InRange(tried.GetValueOrDefault(e), 4, 100_000));
    }

    [Theory]
    [InlineData("""{"auto_map": {"AutoModel\ud800": "modeling_a.M", "AutoModel": "modeling_a.M\udc00"}, "model_type": "\ud800"}""")]
    [InlineData("""{"architectures": ["\ud800"], "architectures\ud800": 1}""")]
    public void A_configuration_beside_source_is_no_defect(string json)
    {
        var folder = Directory.CreateTempSubdirectory("mg-json-").FullName;
        try
        {
            File.WriteAllText(Path.Join(folder, "config.json"), json);
            File.WriteAllText(Path.Join(folder, "modeling_a.py"), $"import json\nfrom torch import nn\nd = json.loads('{json.Replace("\\", "\\\\", StringComparison.Ordinal)}')\ne = json.loads('\"\\ud800\"')\nclass M(nn.Module):\n    config_class = 1\n    def __init__(self):\n        super().__init__()\n        self.a = nn.ReLU()\n    def forward(self, x):\n        return self.a(self.a(x))\n");
            var result = Auditor.Default.Audit(new(Path.Join(folder, "modeling_a.py"), "modeling_a.py"), AuditSettings.Default)!;
            Assert.Null(result.Error);
            Assert.NotEmpty(result.Findings);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static IEnumerable<Sample> Samples()
    {
        yield return new("model.mar", [("", Zip(("MAR-INF/MANIFEST.json", """{"model": {"modelName": "a", "serializedFile": "a.pt"}}"""u8.ToArray())))]);
        yield return new("model.pt", [("", Zip(("a/version", "1"u8.ToArray()), ("a/model.json", """{"producerVersion": "1.0", "mainModule": {"name": "n", "parameters": [{"name": "w", "tensorId": "0"}], "submodules": [{"name": "s"}]}}"""u8.ToArray())))]);
        foreach (var kind in Sample.Read(RepositoryFiles.Fixture(), maximum: 12 << 10).Where(s => s.Parts.Any(p => IsJson(p.Bytes) || p.Bytes.AsSpan().StartsWith("PK"u8) || s.Name.EndsWith(".safetensors", StringComparison.Ordinal))).GroupBy(s => s.Name))
        {
            foreach (var sample in kind.OrderBy(s => s.Length).Take(4))
            {
                yield return sample;
            }
        }
    }

    private static IEnumerable<byte[]> Damaged(byte[] content, byte[][] pieces)
    {
        if (content.AsSpan().StartsWith("PK"u8))
        {
            using var zip = new ZipArchive(new MemoryStream(content));
            var entries = zip.Entries.Select(e => (e.FullName, Bytes: Bytes(e))).ToArray();
            return entries.SelectMany((e, i) => (IsJson(e.Bytes) ? Texts(e.Bytes, pieces) : []).Select(d => Zip([.. entries[..i], (e.FullName, d), .. entries[(i + 1)..]])));
        }

        if (IsJson(content))
        {
            return Texts(content, pieces);
        }

        return content.Length > 9 && content[8] == (byte)'{' // safetensors
            ? Texts(content[8..(8 + (int)BitConverter.ToInt64(content))], pieces).Select(d => (byte[])[.. BitConverter.GetBytes((long)d.Length), .. d, .. content.AsSpan(8 + (int)BitConverter.ToInt64(content))])
            : [];

        static byte[] Bytes(ZipArchiveEntry entry)
        {
            using var stream = entry.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            return bytes.ToArray();
        }
    }

    private static IEnumerable<byte[]> Texts(byte[] json, byte[][] pieces)
    {
        var ends = new List<int>();
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName)
            {
                ends.Add((int)reader.TokenStartIndex + 1 + reader.ValueSpan.Length);
            }
        }

        // All of a small one, a part of a large one.
        return ends.Where((_, i) => ends.Count < 60 || i % (ends.Count / 30) == 0).SelectMany((e, i) => new[] { pieces[i % pieces.Length], pieces[(i + 1) % pieces.Length] }.Select(p => (byte[])[.. json[..e], .. p, .. json[e..]]));
    }

    private static bool IsJson(byte[] bytes)
    {
        try
        {
            using var document = JsonDocument.Parse(bytes);
            return document.RootElement.ValueKind is JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static byte[] Zip(params (string Name, byte[] Bytes)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in entries)
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.NoCompression).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }
}
