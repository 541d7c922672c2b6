using System.Buffers.Binary;
using System.Text;
using ModelGuidelines.Storage;
using ModelGuidelines.Tests.Keras;

namespace ModelGuidelines.Tests.Storage;

/// <summary>HDF5 files that lie: one clear error each, quick, and without the memory they ask for.</summary>
public sealed class Hdf5HostileTests : IDisposable
{
    private readonly KerasInputs _inputs = new();

    public void Dispose() => _inputs.Dispose();

    [Fact]
    public void An_attribute_of_an_exabyte() => Refused("earliest-3-30.h5", "MG.Hdf5.Truncated", file =>
    {
        // The dimensions of 'fixed': 3 strings. Version 1 attribute: name (8 bytes padded), type (8), then the shape's dimensions at its byte 8.
        var name = file.AsSpan().IndexOf("fixed\0"u8);
        Assert.Equal(3, BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(name + 24)));
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(name + 24), 1L << 60);
    });

    [Fact]
    public void A_shape_that_overflows() => Refused("earliest-3-30.h5", "MG.Hdf5.Truncated", file =>
    {
        var name = file.AsSpan().IndexOf("grid\0"u8);
        Assert.Equal(2, BinaryPrimitives.ReadInt64LittleEndian(file.AsSpan(name + 24)));
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(name + 24), long.MaxValue);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(name + 32), long.MaxValue);
    });

    [Fact]
    public void A_global_heap_whose_objects_go_beyond_it() => Refused("earliest-3-30.h5", "MG.Hdf5.Truncated", file =>
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(file.AsSpan().IndexOf("GCOL"u8) + 24), long.MaxValue - 3));

    [Fact]
    public void A_global_heap_larger_than_the_file() => Refused("earliest-3-30.h5", "MG.Hdf5.Truncated", file =>
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(file.AsSpan().IndexOf("GCOL"u8) + 8), 1L << 62));

    [Fact]
    public void A_tree_that_is_its_own_child() => Refused("earliest-3-30.h5", "MG.Hdf5.", file =>
    {
        for (var at = file.AsSpan().IndexOf("TREE"u8); at >= 0; at = Next(file, at, "TREE"u8))
        {
            file[at + 5] = 1;
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(at + 24 + 8), at);
        }
    });

    [Fact]
    public void A_heap_whose_root_points_at_itself() => Refused("latest-40-30.h5", "MG.Hdf5.", file =>
    {
        // Every fractal heap: the root block is the heap's own header, and claims rows of further blocks.
        for (var at = file.AsSpan().IndexOf("FRHP"u8); at >= 0; at = Next(file, at, "FRHP"u8))
        {
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(at + 132), at);
            BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(at + 140), 30000);
        }
    });

    [Fact]
    public void An_index_that_is_its_own_node() => Refused("latest-40-30.h5", "MG.Hdf5.", file =>
    {
        for (var at = file.AsSpan().IndexOf("BTHD"u8); at >= 0; at = Next(file, at, "BTHD"u8))
        {
            BinaryPrimitives.WriteInt16LittleEndian(file.AsSpan(at + 12), 15);
            BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(at + 16), at);
        }
    });

    [Fact]
    public void A_header_that_continues_in_itself()
    {
        // Superblock 2, and one object header whose only message continues where the header's messages begin.
        var file = new byte[256];
        new byte[] { 0x89, (byte)'H', (byte)'D', (byte)'F', 13, 10, 26, 10, 2, 8, 8, 0 }.CopyTo(file, 0);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(20), -1);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(28), 256);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(36), 64);
        file[64] = 1; // version 1 header, 24 bytes of messages
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(72), 24);
        file[80] = 16;
        file[82] = 16;
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(88), 80);
        BinaryPrimitives.WriteInt64LittleEndian(file.AsSpan(96), 24);
        Assert.Equal("MG.Hdf5.Cycle", KerasInputs.Refuse("KerasHdf5", _inputs.Write("x.h5", file)).Id);
    }

    [Fact]
    public void Many_names_for_one_large_text()
    {
        // Few bytes that ask for many: the texts read are counted, however often they stand in the file.
        var limits = ReadLimits.Default with { EntryBytes = 50_000 };
        var path = RepositoryFiles.Fixture("keras", "hdf5", "latest-config66k.h5");
        Assert.Equal("MG.Hdf5.TooLarge", KerasInputs.Refuse("KerasHdf5", path, limits).Id);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    [InlineData(12)]
    [InlineData(60)]
    [InlineData(5000)]
    public void A_file_that_ends_early(int length)
    {
        var file = File.ReadAllBytes(RepositoryFiles.Fixture("keras", "hdf5", "latest-40-30.h5"))[..length];
        Assert.StartsWith("MG.Hdf5.", KerasInputs.Refuse("KerasHdf5", _inputs.Write("x.h5", file)).Id, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_out_of_the_file_are_listed_and_never_opened()
    {
        using var mapped = new PagedFile(RepositoryFiles.Fixture("keras", "hdf5", "latest-40-30.h5"));
        var file = Hdf5File.Open(mapped, 0, mapped.Length, ReadLimits.Default, TestContext.Current.CancellationToken);
        var outside = file.Links(file.Root).Single(l => l.Name == "outside");
        Assert.Null(outside.Address);
        Assert.Null(file.Find(file.Root, "outside"));
        Assert.Equal("MG.Hdf5.Link", Assert.Throws<ModelReadException>(() => file.Open(outside)).Id);
    }

    /// <summary>Reads everything that the file holds: the format alone would stop at what it needs.</summary>
    private void Refused(string name, string id, Action<byte[]> damage)
    {
        var content = File.ReadAllBytes(RepositoryFiles.Fixture("keras", "hdf5", name));
        damage(content);
        var path = _inputs.Write(name, content);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<ModelReadException>(() => ReadAll(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
        Assert.StartsWith(id, error.Id, StringComparison.Ordinal);
        Assert.NotNull(error.Offset);
    }

    internal static void ReadAll(string path)
    {
        using var mapped = new PagedFile(path);
        var file = Hdf5File.Open(mapped, 0, mapped.Length, ReadLimits.Default, TestContext.Current.CancellationToken);
        var seen = new HashSet<long>();
        var waiting = new Stack<Hdf5Object>([file.Root]);
        while (waiting.TryPop(out var item))
        {
            if (!seen.Add(item.Address))
            {
                continue;
            }

            foreach (var attribute in file.AttributeNames(item).ToList())
            {
                file.Strings(item, attribute);
            }

            foreach (var link in file.Links(item).Where(l => l.Address is not null))
            {
                waiting.Push(file.Open(link));
            }
        }
    }

    private static int Next(byte[] file, int at, ReadOnlySpan<byte> signature)
    {
        var next = file.AsSpan(at + 4).IndexOf(signature);
        return next < 0 ? -1 : at + 4 + next;
    }
}
