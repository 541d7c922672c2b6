using System.Globalization;
using System.IO.Compression;
using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.TorchScript;

/// <summary>Damaged and hostile input: one error with a stable id each, in bounded time, and nothing is run.</summary>
public sealed class HostileTests(ITestOutputHelper output) : IDisposable
{
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"hostile-{Environment.ProcessId}-{Guid.NewGuid():N}.pt");

    public void Dispose() => File.Delete(_path);

    private AuditResult? Audit(ReadLimits? limits = null) =>
        Auditor.Default.Audit(new(_path, _path), AuditSettings.Default with { Limits = limits ?? ReadLimits.Default }, TestContext.Current.CancellationToken);

    /// <summary>An archive of one class whose code is given.</summary>
    private void Write(string code, string? data = null)
    {
        using var zip = ZipFile.Open(_path, ZipArchiveMode.Create);
        Add(zip, "m/data.pkl", data ?? "\u0080\u0002c__torch__\nM\n)\u0081}X\u0008\0\0\0training\u0089sb.");
        Add(zip, "m/code/__torch__.py", code);

        static void Add(ZipArchive zip, string name, string content)
        {
            using var entry = zip.CreateEntry(name).Open();
            entry.Write(Encoding.Latin1.GetBytes(content));
        }
    }

    private const string Header = "class M(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n  def forward(self: __torch__.M,\n    x: Tensor) -> Tensor:\n";

    [Fact]
    public void Nothing_is_run()
    {
        var trace = Path.Combine(Path.GetTempPath(), "model_guidelines_was_here");
        Assert.False(File.Exists(trace));
        var fixture = RepositoryFiles.Fixture("torchscript", "saved_forms", "reduce_os_system.pth");
        Assert.Null(Auditor.Default.Audit(new(fixture, fixture), AuditSettings.Default)!.Error);
        Assert.False(File.Exists(trace));
    }

    [Fact]
    public void Code_that_calls_itself_is_refused()
    {
        Write(Header + "    return __torch__.f(x, )\ndef f(x: Tensor) -> Tensor:\n  return __torch__.f(x, )\n");
        Assert.Equal("MG.TorchScript.TooDeep", Audit()!.Error?.Id);
    }

    /// <summary>Each function calls the next one twice: 2^60 calls.</summary>
    [Fact]
    public void Code_that_doubles_is_given_up()
    {
        var code = new StringBuilder(Header + "    return __torch__.f0(x, )\n");
        for (var i = 0; i < 60; i++)
        {
            code.Append(CultureInfo.InvariantCulture, $"def f{i}(x: Tensor) -> Tensor:\n  y = __torch__.f{i + 1}(x, )\n  return __torch__.f{i + 1}(y, )\n");
        }

        Write(code.Append("def f60(x: Tensor) -> Tensor:\n  return x\n").ToString());
        var result = Audit();
        Assert.Null(result!.Error);
        Assert.Contains("takes more than", result.Guidelines[0].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Loops_that_never_end_are_given_up()
    {
        Write(Header + "    while True:\n      for i in range(9223372036854775807):\n        for j in range(4000):\n          pass\n    return x\n");
        Assert.Null(Audit()!.Error);
    }

    /// <summary>A million rounds are followed once; the count is kept.</summary>
    [Fact]
    public void A_loop_of_a_million_rounds_costs_one()
    {
        Write(Header + "    y = x\n    for i in range(1000000):\n      for j in range(1000000):\n        y = (self).forward1(y, )\n    return y\n  def forward1(self: __torch__.M,\n    x: Tensor) -> Tensor:\n    return torch.relu(x)\n");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Null(Audit(ReadLimits.Default with { Items = 10_000, ExpandedCalls = 100 })!.Error);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 16 << 20);
    }

    [Fact]
    public void Deep_expressions_are_one_error()
    {
        Write(Header + "    return " + string.Concat(Enumerable.Repeat("torch.relu(", 20_000)) + "x" + new string(')', 20_000) + "\n");
        Assert.Equal("MG.TorchScript.Code", Audit()!.Error?.Id);
    }

    [Fact]
    public void A_module_that_contains_itself_ends()
    {
        Write(Header + "    a = self.a\n    return (a).forward(x, )\n", "\u0080\u0002c__torch__\nM\n)\u0081q\0}(X\u0001\0\0\0ah\0X\u0008\0\0\0training\u0089ub.");
        Assert.Equal("MG.TorchScript.TooDeep", Audit()!.Error?.Id);
    }

    [Fact]
    public void A_pickled_module_that_contains_itself_ends()
    {
        var state = "}(X\u0008\0\0\0_modules}X\u0001\0\0\0ah\0sX\u000b\0\0\0_parameters}ub.";
        using (var zip = ZipFile.Open(_path, ZipArchiveMode.Create))
        {
            using var entry = zip.CreateEntry("m/data.pkl").Open();
            entry.Write(Encoding.Latin1.GetBytes("\u0080\u0002cmodel\nM\n)\u0081q\0" + state));
        }

        Assert.Null(Audit()!.Error);
    }

    /// <summary>Seeded damage to zip archives, pickles and code. The number of mutated inputs is MODELGUIDELINES_MUTATIONS, 3,000 by default.</summary>
    [Fact]
    public void Damage_is_always_one_error_or_an_answer()
    {
        var count = MutationCount.Or(3_000);
        var archives = Directory.EnumerateFiles(RepositoryFiles.Fixture("torchscript"), "*.pt*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToArray();
        var (pickles, codes) = Parts(archives);
        var random = new Random(20_260_101);
        var answers = 0;
        var errors = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var limits = ReadLimits.Default with { Items = 100_000, ExpandedCalls = 2_000, EntryBytes = 1 << 20, HeldBytes = 64 << 20 };
        var slowest = TimeSpan.Zero;
        for (var i = 0; i < count; i++)
        {
            string? id = null;
            var elapsed = Work.Processor(() =>
            {
                switch (i % 4)
                {
                    case 0: // the whole archive
                        Rewrite(Mutate(archives[random.Next(archives.Length)], random));
                        id = Audit(limits)!.Error?.Id;
                        break;
                    case 1: // a pickle
                        try
                        {
                            PickleReader.Read(Mutate(pickles[random.Next(pickles.Length)], random), limits, "mutated", TestContext.Current.CancellationToken);
                        }
                        catch (ModelReadException e)
                        {
                            id = e.Id;
                        }

                        break;
                    case 2: // code, as text
                        PythonParser.Parse(Mutate(codes[random.Next(codes.Length)], random), TestContext.Current.CancellationToken);
                        break;
                    default: // a sound archive around damaged code and pickles
                        Rewrite(Repacked(archives[random.Next(archives.Length)], random));
                        id = Audit(limits)!.Error?.Id;
                        break;
                }
            });
            slowest = elapsed > slowest ? elapsed : slowest;
            if (id is null)
            {
                answers++;
            }
            else
            {
                Assert.StartsWith("MG.", id);
                if (id == "MG.Internal.Defect")
                {
                    using var source = new ModelGuidelines.Formats.ModelSource(_path, limits);
                    ModelGuidelines.Formats.FormatRegistry.Default.Detect(source)!.Read(source); // throws what the auditor caught
                    Assert.Fail("a defect outside of the reader");
                }

                errors[id] = errors.GetValueOrDefault(id) + 1;
            }
        }

        output.WriteLine($"{count} inputs, {answers} answered, slowest {slowest.TotalMilliseconds:F0} ms");
        foreach (var (id, times) in errors)
        {
            output.WriteLine($"{id} {times}");
        }

        Assert.True(slowest < TimeSpan.FromSeconds(20));
    }

    private static (byte[][] Pickles, byte[][] Codes) Parts(byte[][] archives)
    {
        var (pickles, codes) = (new List<byte[]>(), new List<byte[]>());
        foreach (var archive in archives)
        {
            if (!ZipArchiveView.IsZip(archive))
            {
                pickles.Add(archive);
                continue;
            }

            using var zip = new ZipArchive(new MemoryStream(archive));
            foreach (var entry in zip.Entries.Where(e => e.Name.EndsWith("pkl", StringComparison.Ordinal) || e.Name.EndsWith(".py", StringComparison.Ordinal)))
            {
                (entry.Name.EndsWith(".py", StringComparison.Ordinal) ? codes : pickles).Add(Bytes(entry));
            }
        }

        return ([.. pickles], [.. codes]);
    }

    private static byte[] Bytes(ZipArchiveEntry entry)
    {
        using var content = new MemoryStream();
        using var stream = entry.Open();
        stream.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>The file anew. Written over, it would still be locked where a test beside this one has just started a process, which holds what is open here until it runs its program.</summary>
    private void Rewrite(byte[] content)
    {
        File.Delete(_path);
        File.WriteAllBytes(_path, content);
    }

    private static byte[] Repacked(byte[] archive, Random random)
    {
        if (!ZipArchiveView.IsZip(archive))
        {
            return Mutate(archive, random);
        }

        using var source = new ZipArchive(new MemoryStream(archive));
        using var content = new MemoryStream();
        using (var target = new ZipArchive(content, ZipArchiveMode.Create))
        {
            var entries = source.Entries.Where(e => e.Name.EndsWith("pkl", StringComparison.Ordinal) || e.Name.EndsWith(".py", StringComparison.Ordinal)).ToList();
            var damaged = random.Next(entries.Count);
            for (var i = 0; i < entries.Count; i++)
            {
                using var entry = target.CreateEntry(entries[i].FullName, CompressionLevel.NoCompression).Open();
                var bytes = Bytes(entries[i]);
                entry.Write(i == damaged ? Mutate(bytes, random) : bytes);
            }
        }

        return content.ToArray();
    }

    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToList();
        for (var times = 1 << random.Next(5); times > 0 && bytes.Count > 0; times--)
        {
            var at = random.Next(bytes.Count);
            var length = Math.Min(random.Next(1, 64), bytes.Count - at);
            switch (random.Next(7))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2:
                    bytes[at] = new byte[] { 0, 1, 0x7f, 0x80, 0xff, (byte)'(', (byte)'.' }[random.Next(7)];
                    break;
                case 3:
                    bytes.RemoveRange(at, length);
                    break;
                case 4:
                    bytes.InsertRange(at, bytes.GetRange(at, length));
                    break;
                case 5:
                    bytes.InsertRange(at, bytes.GetRange(random.Next(bytes.Count - length + 1), length));
                    break;
                default:
                    bytes.RemoveRange(at, random.Next(8) == 0 ? bytes.Count - at : length);
                    break;
            }
        }

        return [.. bytes];
    }
}
