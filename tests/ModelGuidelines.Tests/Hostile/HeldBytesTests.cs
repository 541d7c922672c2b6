using System.IO.Compression;
using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Storage;
using ModelGuidelines.Tests.Repairs;

namespace ModelGuidelines.Tests.Hostile;

/// <summary>Small files of which large things would be made: what is held of a file is counted before it is there, in every format.</summary>
public sealed class HeldBytesTests : IDisposable
{
    private const int Held = 16 << 20;
    private const int Many = 1_000_000;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Names => [.. Files().Select(f => f.Name)];

    /// <summary>Each of them would take hundreds of megabytes.</summary>
    [Theory]
    [MemberData(nameof(Names))]
    public void Is_one_error_before_it_is_made(string name)
    {
        var file = _folder.Write(name, Files().Single(f => f.Name == name).Bytes());
        Assert.InRange(Work.Allocated(() => Assert.Equal(ReadBudget.OutOfMemoryId, Audit(file)?.Id)), 0, 4L * Held);
    }

    /// <summary>Dimensions of a tensor that no rule asks for are passed over: nothing is made of them.</summary>
    [Fact]
    public void Dimensions_are_counted_and_not_made()
    {
        var file = _folder.Write("dimensions.onnx", Onnx(Message(11, Message(2, Message(1, Message(2, Times(Message(1, []), Many)))))));
        Assert.InRange(Work.Allocated(() => Assert.Null(Audit(file))), 0, 4L * Held);
    }

    /// <summary>An archive of holes: nothing on the disk, two gigabytes to whoever reads it.</summary>
    [Fact]
    public void A_directory_of_holes()
    {
        var file = _folder.File("holes.keras");
        using (var stream = File.Create(file))
        {
            stream.Write("PK\x3\x4"u8);
            stream.Position = 2_100_000_000;
            stream.Write([(byte)'P', (byte)'K', 5, 6, 0, 0, 0, 0, 1, 0, 1, 0, .. BitConverter.GetBytes(2_000_000_000), .. BitConverter.GetBytes(100), 0, 0]);
        }

        Assert.Equal(ReadBudget.OutOfMemoryId, Auditor.Default.Audit(new(file, file), AuditSettings.Default, TestContext.Current.CancellationToken)!.Error?.Id);
    }

    /// <summary>No file of these is too large, all of them are.</summary>
    [Fact]
    public void Imports_count()
    {
        var lines = string.Concat(Enumerable.Repeat("x = [0, 0, 0, 0, 0, 0, 0]\n", 1_000));
        for (var i = 0; i < 20; i++)
        {
            File.WriteAllText(_folder.File($"part{i}.py"), lines);
        }

        var file = _folder.File("net.py");
        File.WriteAllText(file, $"{string.Concat(Enumerable.Range(0, 20).Select(i => $"from part{i} import x as x{i}\n"))}from torch import nn\nclass Net(nn.Module):\n    def forward(self, x):\n        return x[{string.Join(" + ", Enumerable.Range(0, 20).Select(i => $"len(x{i})"))}]\n");

        Assert.Equal(ReadBudget.OutOfMemoryId, Audit(file)?.Id);
        Assert.Null(Auditor.Default.Audit(new(file, file), AuditSettings.Default, TestContext.Current.CancellationToken)!.Error);
    }

    private static AuditError? Audit(string file) =>
        Auditor.Default.Audit(new(file, Path.GetFileName(file)), AuditSettings.Default with { Limits = ReadLimits.Default with { HeldBytes = Held } }, TestContext.Current.CancellationToken)!.Error;

    private static IEnumerable<(string Name, Func<byte[]> Bytes)> Files()
    {
        yield return ("nodes.onnx", () => Onnx(Times(Message(1, Message(4, [(byte)'R'])), Many / 10)));
        yield return ("attributes.onnx", () => Onnx(Message(1, Times(Message(5, []), Many))));
        yield return ("inputs.onnx", () => Onnx(Message(1, Times(Message(1, []), Many))));
        yield return ("numbers.onnx", () => Onnx(Message(1, Message(5, Message(8, Times([1], 4 * Many))))));
        yield return ("bodies.onnx", () => Onnx(Message(1, Message(5, Message(6, Times(Message(1, []), Many))))));
        yield return ("functions.onnx", () => [.. Onnx([]), .. Message(25, Times(Message(7, []), Many))]);
        yield return ("entries.onnx", () => [.. Onnx([]), .. Times(Message(14, []), Many)]);
        yield return ("list.pt", () => Script($"    y = [{Repeat("0,", Many)}0]\n"));
        yield return ("statements.pt", () => Script(Repeat("    y = x\n", Many / 4)));
        yield return ("chain.pt", () => Script($"    y = x{Repeat(".a", Many)}\n"));
        yield return ("list.py", () => Source($"x = [{Repeat("0,", Many)}0]\n"));
        yield return ("lines.py", () => Source(Repeat("\n", 3 * Many)));
        yield return ("fields.py", () => Source($"x = f\"{Repeat("{0}", Many)}\"\n"));
        yield return ("zeros.keras", () => Zip(("metadata.json", [(byte)'{', (byte)'}']), ("config.json", new byte[2 * Held])));
    }

    private static byte[] Onnx(byte[] graph) => [8, 8, .. Message(7, graph), .. Message(8, [16, 17])];

    private static byte[] Message(int field, byte[] content) => [.. Varint((field << 3) | 2), .. Varint(content.Length), .. content];

    private static IEnumerable<byte> Varint(int value)
    {
        for (; value > 127; value >>= 7)
        {
            yield return (byte)((value & 127) | 128);
        }

        yield return (byte)value;
    }

    private static byte[] Times(byte[] part, int times)
    {
        var all = new byte[part.Length * times];
        for (var i = 0; i < times; i++)
        {
            part.CopyTo(all, i * part.Length);
        }

        return all;
    }

    private static string Repeat(string part, int times) => new StringBuilder(part.Length * times).Insert(0, part, times).ToString();

    private static byte[] Source(string line) => Encoding.UTF8.GetBytes("import torch\nclass Net(torch.nn.Module):\n    pass\n" + line);

    private static byte[] Script(string lines) => Zip(
        ("a/version", "3\n"u8.ToArray()),
        ("a/data.pkl", Encoding.Latin1.GetBytes("\u0080\u0002c__torch__\nNet\n)\u0081}b.")),
        ("a/constants.pkl", [0x80, 2, (byte)')', (byte)'.']),
        ("a/code/__torch__.py", Encoding.UTF8.GetBytes($"class Net(Module):\n  __parameters__ = []\n  __buffers__ = []\n  def forward(self: __torch__.Net,\n    x: Tensor) -> Tensor:\n{lines}    return x\n")));

    private static byte[] Zip(params (string Name, byte[] Bytes)[] entries)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, bytes) in entries)
            {
                using var entry = zip.CreateEntry(name, CompressionLevel.Fastest).Open();
                entry.Write(bytes);
            }
        }

        return stream.ToArray();
    }
}
