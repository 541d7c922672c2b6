using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Storage;

public sealed class PagedFileTests : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"mapped-{Guid.NewGuid():N}");

    public void Dispose() => File.Delete(_path);

    [Theory]
    [InlineData(1)]
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    public void Any_part_is_what_the_file_holds(int length)
    {
        var bytes = new byte[length];
        new Random(7).NextBytes(bytes);
        File.WriteAllBytes(_path, bytes);
        using var file = new PagedFile(_path);
        for (var i = 0; i < 300; i++)
        {
            var offset = (int)(length * (i * 37 % 300) / 300L);
            var count = Math.Min(length - offset, i * i);
            Assert.True(file.Span(offset, count).SequenceEqual(bytes.AsSpan(offset, count)));
            Assert.True(file.Memory(offset, count).Span.SequenceEqual(bytes.AsSpan(offset, count)));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => file.Span(length, 1).Length);
    }

    /// <summary>A mapping would end the process here.</summary>
    [Fact]
    public void A_file_that_becomes_shorter_is_an_exception()
    {
        File.WriteAllBytes(_path, new byte[1_000_000]);
        using var file = new PagedFile(_path);
        using (var other = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            other.SetLength(50_000);
        }

        Assert.Equal(0, file.Span(100, 8)[0]);
        Assert.Throws<IOException>(() => file.Span(900_000, 8).Length);
        Assert.Throws<IOException>(() => file.Span(0, 600_000).Length);
    }
}
