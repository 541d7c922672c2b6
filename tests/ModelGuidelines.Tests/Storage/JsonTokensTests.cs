using System.Text;
using System.Text.Json;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Storage;

/// <summary>JSON that comes in pieces of any length reads as JSON that is there as a whole.</summary>
public sealed class JsonTokensTests
{
    private const string Json = """{"a": [1, -2.5e3, true, null, "x\"\\ NaN \u00e9"], "Infinity": {"b": {}}, "long": "LONG", "c": [[], {"d": ["e"]}]}""";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(70_000)]
    public void Tokens_are_the_same(int piece)
    {
        var json = Encoding.UTF8.GetBytes(Json.Replace("LONG", new string('z', 200_000), StringComparison.Ordinal));
        Assert.Equal(Whole(json), Pieces(json, piece));
    }

    /// <summary>What Python writes, cut anywhere; within texts it is text.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(100)]
    public void Pythons_numbers_are_numbers(int piece)
    {
        var json = """[Infinity, -Infinity, NaN, {"NaN": "Infinity \"NaN"}, 1]"""u8.ToArray();
        Assert.Equal(Whole("""[1e999999, -1e999999, 0  , {"NaN": "Infinity \"NaN"}, 1]"""u8.ToArray()), Pieces(json, piece));
    }

    [Theory]
    [InlineData("[1, 2")]
    [InlineData("[1] 2")]
    [InlineData("{\"a\": Inf}")]
    [InlineData("\"open")]
    [InlineData("")]
    public void What_is_no_JSON_is_none(string json) => Assert.ThrowsAny<JsonException>(() => Pieces(Encoding.UTF8.GetBytes(json), 1));

    [Fact]
    public void A_value_is_passed_over()
    {
        var tokens = new JsonTokens(new Slow("""{"a": [[1, {"b": 2}], 3], "c": 4}"""u8.ToArray(), 1), 64);
        Assert.True(tokens.Read());
        Assert.True(tokens.Read());
        tokens.Skip();
        Assert.Equal((JsonTokenType.EndArray, 1), (tokens.TokenType, tokens.CurrentDepth));
        Assert.True(tokens.Read());
        Assert.Equal("c"u8.ToArray(), tokens.ValueSpan.ToArray());
        Assert.Equal(26, tokens.TokenStartIndex);
    }

    private static List<string> Whole(byte[] json)
    {
        var reader = new Utf8JsonReader(json);
        var tokens = new List<string>();
        while (reader.Read())
        {
            tokens.Add($"{reader.TokenType} {reader.CurrentDepth} {reader.TokenStartIndex} {Encoding.UTF8.GetString(reader.ValueSpan)}");
        }

        return tokens;
    }

    private static List<string> Pieces(byte[] json, int piece)
    {
        var reader = new JsonTokens(new Slow(json, piece), 64);
        var tokens = new List<string>();
        while (reader.Read())
        {
            tokens.Add($"{reader.TokenType} {reader.CurrentDepth} {reader.TokenStartIndex} {Encoding.UTF8.GetString(reader.ValueSpan)}");
        }

        return tokens;
    }

    /// <summary>Gives a few bytes at a time.</summary>
    private sealed class Slow(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, piece)]);
    }
}
