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

    /// <summary>Who asks later whether the file is as it was reads the same bytes, and no others.</summary>
    [Fact]
    public void A_trace_is_told_of_what_is_not_held_any_more()
    {
        var bytes = new byte[1_000_000];
        new Random(7).NextBytes(bytes);
        File.WriteAllBytes(_path, bytes);
        var trace = new FileTrace();
        using (var file = new PagedFile(_path, trace))
        {
            _ = file.Span(10, 20);
            _ = file.Span(300_000, 100_000);
            file.Forget(500_000);
            file.Copy(600_003, new byte[5000]);
            file.Copy(605_003, new byte[100]);
            Assert.Equal(bytes[310_000], file.At(310_000));
            Assert.Equal(bytes[999_999], file.At(999_999));
        }

        var seen = Assert.Single(trace.Seen!);
        Assert.Equal(seen.Hash, FileTrace.HashOf(_path, seen.Ranges!));
        foreach (var (at, isRead) in new[] { (15, true), (350_000, true), (600_003, true), (605_102, true), (310_000, true), (999_999, true), (200_000, false), (605_103, false), (800_000, false) })
        {
            bytes[at] ^= 1;
            File.WriteAllBytes(_path, bytes);
            Assert.Equal(isRead, seen.Hash != FileTrace.HashOf(_path, seen.Ranges!));
            bytes[at] ^= 1;
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Who_goes_through_a_large_file_holds_little_of_it(bool isTraced)
    {
        File.WriteAllBytes(_path, new byte[1_000_000]);
        using var budget = new ReadBudget(ReadLimits.Default with { HeldBytes = 100_000 }, default);
        using var file = new PagedFile(_path, isTraced ? new() : null, budget);
        for (var at = 0; at < 1_000_000; at += 10_000)
        {
            _ = file.Span(at, 10_000);
            file.Copy(at, new byte[10_000]);
            file.Forget(at);
        }
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
