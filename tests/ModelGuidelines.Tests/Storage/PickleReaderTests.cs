using System.Buffers.Binary;
using System.Text;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Storage;

public sealed class PickleReaderTests
{
    private static PickleValue Read(byte[] bytes) => PickleReader.Read(bytes, ReadLimits.Default, "test");

    private static string Refused(byte[] bytes) => Assert.Throws<ModelReadException>(() => Read(bytes)).Id;

    private static byte[] Ascii(string text) => Encoding.Latin1.GetBytes(text);

    [Theory]

    // {'a': [1, -2, 3.5, None, True], 'b': ('x', b'..')} as protocols 0, 2 and 5 write it.
    [InlineData("(dp0\nVa\np1\n(lp2\nI1\naI-2\naF3.5\naNaI01\nasVb\np3\n(Vx\np4\nVy\ntp5\ns.")]
    [InlineData("\u0080\u0002}q\0(X\u0001\0\0\0aq\u0001]q\u0002(K\u0001J\u00fe\u00ff\u00ff\u00ffG@\u000c\0\0\0\0\0\0N\u0088eX\u0001\0\0\0bq\u0003X\u0001\0\0\0xq\u0004h\u0004\u0086q\u0005u.")]
    [InlineData("\u0080\u0005\u0095\u0020\0\0\0\0\0\0\0}\u0094(\u008c\u0001a\u0094]\u0094(K\u0001J\u00fe\u00ff\u00ff\u00ffG@\u000c\0\0\0\0\0\0N\u0088e\u008c\u0001b\u0094\u008c\u0001x\u0094C\u0002..\u0086\u0094u.")]
    public void All_protocols_read_the_same(string pickle)
    {
        var root = Read(Ascii(pickle));
        Assert.Collection(
            root["a"]!.Elements,
            v => Assert.Equal(1, Assert.IsType<PickleInteger>(v).Value),
            v => Assert.Equal(-2, Assert.IsType<PickleInteger>(v).Value),
            v => Assert.Equal(3.5, Assert.IsType<PickleFloat>(v).Value),
            v => Assert.IsType<PickleNone>(v),
            v => Assert.True(Assert.IsType<PickleBoolean>(v).Value));
        Assert.Equal("x", root["b"]!.Elements[0].Text);
    }

    [Fact]
    public void A_call_is_kept_as_data()
    {
        var value = Assert.IsType<PickleObject>(Read(Ascii("cos\nsystem\n(S'touch /tmp/never'\ntR.")));
        Assert.Equal("os.system", value.TypeName);
        Assert.Equal("touch /tmp/never", value.Arguments.Elements[0].Text);
    }

    [Fact]
    public void One_object_stays_one()
    {
        var items = Read(Ascii("(]q\0h\0h\0t.")).Elements;
        Assert.Same(items[0], items[1]);
        Assert.Same(items[1], items[2]);
    }

    [Theory]
    [InlineData("", "MG.Pickle.Truncated")]
    [InlineData("K", "MG.Pickle.Truncated")]
    [InlineData("N", "MG.Pickle.Truncated")]
    [InlineData(".", "MG.Pickle.StackUnderflow")]
    [InlineData("t.", "MG.Pickle.StackUnderflow")]
    [InlineData("(R.", "MG.Pickle.StackUnderflow")]
    [InlineData("h\u0007.", "MG.Pickle.Memo")]
    [InlineData("g99999999999999999999\n.", "MG.Pickle.Memo")]
    [InlineData("N(Nu.", "MG.Pickle.Type")]
    [InlineData("\u00f0.", "MG.Pickle.Opcode")]
    [InlineData("X\u00ff\u00ff\u00ff\u00ffabc", "MG.Pickle.Truncated")] // a text of 4 GiB
    [InlineData("\u008d\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u00ff\u007fabc", "MG.Pickle.Truncated")]
    [InlineData("\u008b\u00ff\u00ff\u00ff\u00ffabc", "MG.Pickle.Truncated")] // a number of -1 bytes
    public void Damage_is_one_error(string pickle, string id) => Assert.Equal(id, Refused(Ascii(pickle)));

    [Fact]
    public void Depth_is_bounded() => Assert.Equal("MG.Pickle.TooDeep", Refused(Ascii(new string('(', 1_000_000))));

    [Fact]
    public void A_million_remembered_values_are_read()
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.IsType<PickleNone>(Read([.. Enumerable.Repeat((byte[])[(byte)'N', 0x94, (byte)'0'], 1_000_000).SelectMany(b => b), (byte)'N', (byte)'.']));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200 << 20);
    }

    /// <summary>Lists of lists of lists, two references each: 2^n values in n steps. Each is stored once.</summary>
    [Fact]
    public void A_memo_bomb_costs_what_it_weighs()
    {
        var bomb = new StringBuilder("]r\0\0\0\0");
        Span<byte> index = stackalloc byte[8];
        for (var i = 0; i < 100_000; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(index, i);
            BinaryPrimitives.WriteInt32LittleEndian(index[4..], i + 1);
            bomb.Append('j').Append(Encoding.Latin1.GetString(index[..4])).Append("\u0086r").Append(Encoding.Latin1.GetString(index[4..]));
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.IsType<PickleTuple>(Read(Ascii(bomb.Append('.').ToString())));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 100 << 20);
    }

    [Fact]
    public void Values_are_counted()
    {
        var bytes = Enumerable.Repeat((byte)'N', 1000).ToArray();
        Assert.Equal("MG.Pickle.TooManyValues", Assert.Throws<ModelReadException>(() => PickleReader.Read(bytes, ReadLimits.Default with { Items = 100 }, "test")).Id);
    }
}
