using System.Diagnostics;
using System.IO.Compression;

namespace ModelGuidelines.Tests.Repairs;

public sealed class KilledRepairTests
{
    private const int Large = 24 << 20;

    /// <summary>The process is ended without warning at random moments of a repair in place: the old file or the whole new one is there,
    /// and what was left behind goes with the next run.</summary>
    [Theory]
    [InlineData("model.onnx", 200)]
    [InlineData("model.keras", 60)]
    public void AKilledRepairLeavesTheOldFileOrTheNewOne(string name, int kills)
    {
        using var folder = new TemporaryFolder();
        var original = folder.File("original.bin");
        if (name == "model.keras")
        {
            WriteArchive(RepositoryFiles.Fixture("keras", "k2_shared_then_own", "model.keras"), original);
        }
        else
        {
            LargeModel.Write(RepositoryFiles.Fixture("onnx", "twin_encoder", "torchscript-exporter.onnx"), original, Large);
        }

        var model = folder.Copy(original, name);
        var watch = Stopwatch.StartNew();
        Run(model).WaitForExit();
        var duration = watch.ElapsedMilliseconds;
        var old = File.ReadAllBytes(original);
        var repaired = File.ReadAllBytes(model);
        Assert.NotEqual(old.Length, repaired.Length);
        File.Copy(original, model, overwrite: true);

        var random = new Random(7);
        var seen = (Old: 0, New: 0, Litter: 0);
        // A repair may take longer than the one that was timed: the moments move on until both were seen.
        for (var i = 0; i < kills || (i < 10 * kills && seen is not { Old: > 0, New: > 0 }); i++)
        {
            using (var process = Run(model))
            {
                process.WaitForExit(random.Next(((int)duration * 5 / 4) + (100 * (i / kills))));
                process.Kill();
                process.WaitForExit();
            }

            seen.Litter = Math.Max(seen.Litter, Directory.GetFiles(folder.Path).Length - 2);
            var now = File.ReadAllBytes(model);
            if (now.AsSpan().SequenceEqual(repaired))
            {
                seen.New++;
                File.Copy(original, model, overwrite: true);
            }
            else
            {
                Assert.True(now.AsSpan().SequenceEqual(old), $"after kill {i} the file is neither the old one nor the new one");
                seen.Old++;
            }
        }

        Run(model).WaitForExit();
        Assert.Equal(2, Directory.GetFiles(folder.Path).Length);
        Assert.Equal(repaired, File.ReadAllBytes(model));
        Assert.True(seen is { Old: > 0, New: > 0 }, $"{seen}: the moments were not spread over the repair");
    }

    /// <summary>An archive with a large entry that is copied as it is.</summary>
    private static void WriteArchive(string path, string target)
    {
        File.Copy(path, target);
        using var zip = ZipFile.Open(target, ZipArchiveMode.Update);
        using var entry = zip.CreateEntry("notes.bin", CompressionLevel.NoCompression).Open();
        entry.Write(new byte[Large]);
    }

    private static Process Run(string model) => Process.Start(new ProcessStartInfo(
        "dotnet", [Path.Combine(AppContext.BaseDirectory, "ModelGuidelines.Cli.dll"), "repair", "--in-place", "--skip-verification", model])
    {
        UseShellExecute = false,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
