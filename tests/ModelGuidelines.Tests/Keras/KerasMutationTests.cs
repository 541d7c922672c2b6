using System.Diagnostics;
using System.Globalization;
using ModelGuidelines.Formats;
using ModelGuidelines.Storage;
using ModelGuidelines.Tests.Storage;

namespace ModelGuidelines.Tests.Keras;

/// <summary>Damaged files: a graph or one ModelReadException, in bounded time and memory, whatever stands in them.</summary>
/// <remarks>Each run is repeatable: input n of a file is made from seed n. MODELGUIDELINES_MUTATIONS sets how many inputs are made in all;
/// the count of the documented long run is in docs/limits.md.</remarks>
public sealed class KerasMutationTests : IDisposable
{
    private readonly KerasInputs _inputs = new();

    private static readonly string[] Models =
    [
        "nested_twice/model.keras", "k2_mixed_backbone/model.keras", "mixed_backbone/model.h5", "k2old_two_parents/model.h5", "k2tf1_inside_and_outside/model.h5",
        "nested_twice/config.json", "k2_seq2seq_states/config.json", "k2_tf_ops/config.json", "masked_attention/config.json",
        "hdf5/earliest-3-30.h5", "hdf5/latest-40-30.h5", "hdf5/latest-order.h5", "hdf5/latest-userblock.h5",
        "k2_inside_and_outside/saved_model", "k2_nested_twice/saved_model",
    ];

    public void Dispose() => _inputs.Dispose();

    [Fact]
    public void Damage_is_survived()
    {
        var total = MutationCount.Or(3000);
        var (refused, read, slowest) = (0, 0, TimeSpan.Zero);
        for (var seed = 0; seed < total; seed++)
        {
            var name = Models[seed % Models.Length];
            var random = new Random(seed);
            var before = GC.GetAllocatedBytesForCurrentThread();
            var elapsed = Work.Processor(() =>
            {
                try
                {
                    Read(name, random);
                    read++;
                }
                catch (ModelReadException)
                {
                    refused++;
                }
                catch (Exception e) when (e is not OutOfMemoryException)
                {
                    Assert.Fail($"seed {seed} of {name}: {e}");
                }
            });
            slowest = elapsed > slowest ? elapsed : slowest;
            Assert.True(elapsed.TotalSeconds < 10, $"seed {seed} of {name} took {elapsed}");
            Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 512 << 20, $"seed {seed} of {name} took {GC.GetAllocatedBytesForCurrentThread() - before} bytes");
        }

        TestContext.Current.SendDiagnosticMessage("{0} inputs: {1} refused, {2} read, slowest {3}", total, refused, read, slowest);
        Assert.True(refused > total / 10 && read > 0, $"{refused} refused, {read} read: the damage does not reach the readers");
    }

    private void Read(string name, Random random)
    {
        var original = RepositoryFiles.Fixture(["keras", .. name.Split('/')]);
        if (Directory.Exists(original))
        {
            var damaged = random.Next(2) == 0 ? "saved_model.pb" : "keras_metadata.pb";
            foreach (var part in (string[])["saved_model.pb", "keras_metadata.pb"])
            {
                var content = File.ReadAllBytes(Path.Join(original, part));
                _inputs.Write($"m/{part}", part == damaged ? Mutate(content, random) : content);
            }

            KerasInputs.Read("SavedModel", Path.GetDirectoryName(_inputs.Write("m/x", ""))!);
            return;
        }

        var path = _inputs.Write($"x{Path.GetExtension(name)}", Mutate(File.ReadAllBytes(original), random));
        using (var source = new ModelSource(path, ReadLimits.Default, TestContext.Current.CancellationToken))
        {
            FormatRegistry.Default.Detect(source); // must not throw, whatever the content
        }

        if (name.StartsWith("hdf5/", StringComparison.Ordinal))
        {
            Hdf5HostileTests.ReadAll(path);
        }
        else
        {
            KerasInputs.Read(Path.GetExtension(name) switch { ".keras" => "KerasArchive", ".h5" => "KerasHdf5", _ => "KerasJson" }, path);
        }
    }

    private static byte[] Mutate(byte[] content, Random random)
    {
        for (var changes = 1 << random.Next(5); changes > 0 && content.Length > 8; changes--)
        {
            var at = random.Next(content.Length - 8);
            switch (random.Next(9))
            {
                case 0:
                    content[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    content[at] = (byte)random.Next(256);
                    break;
                case 2:
                    content.AsSpan(at, 1 << random.Next(4)).Fill((byte)(random.Next(2) * 255));
                    break;
                case 3:
                    BitConverter.TryWriteBytes(content.AsSpan(at), (long)random.Next(content.Length)); // an address inside
                    break;
                case 4:
                    BitConverter.TryWriteBytes(content.AsSpan(at), 1L << random.Next(63));
                    break;
                case 5:
                    var from = random.Next(content.Length);
                    var length = Math.Min(random.Next(64), Math.Min(content.Length - from, content.Length - at));
                    content.AsSpan(from, length).CopyTo(content.AsSpan(at));
                    break;
                case 6 when random.Next(4) == 0:
                    content = content[..random.Next(content.Length)];
                    break;
                case 7:
                    var cut = Math.Min(random.Next(1, 200), content.Length - at);
                    content = [.. content[..at], .. content[(at + cut)..]];
                    break;
                case 8:
                    var piece = content.AsSpan(at, Math.Min(random.Next(1, 400), content.Length - at)).ToArray();
                    content = [.. content[..at], .. piece, .. content[at..]];
                    break;
            }
        }

        return content;
    }
}
