using ModelGuidelines.Audit;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>Damaged models: repaired, left, or one error with an id; never a defect.</summary>
/// <remarks>A long run: MODELGUIDELINES_MUTATIONS=100000 dotnet test --filter RepairMutationTests.</remarks>
public sealed class RepairMutationTests(ITestOutputHelper output)
{
    [Fact]
    public void Damage_is_survived()
    {
        var seeds = new[] { "control_flow", "modules_as_functions", "shared_weight", "twin_encoder" }
            .SelectMany(f => Directory.GetFiles(RepositoryFiles.Fixture("onnx", f), "*.onnx")).Order(StringComparer.Ordinal).Select(File.ReadAllBytes).ToList();
        using var folder = new TemporaryFolder();
        var count = MutationCount.Or(800);
        var ends = new SortedDictionary<string, int>(StringComparer.Ordinal);
#pragma warning disable CA5394 // reproducible, not secret
        for (var i = 0; i < count; i++)
        {
            var random = new Random(i);
            var bytes = (byte[])seeds[i % seeds.Count].Clone();
            for (var n = random.Next(1, 5); n > 0; n--)
            {
                bytes[random.Next(bytes.Length)] = random.Next(2) == 0 ? (byte)random.Next(256) : (byte)random.Next('0', '9');
            }
#pragma warning restore CA5394

            var path = folder.Write("model.onnx", bytes);
            var result = Repairer.Default.Repair(new AuditInput(path, path), RepairSettings.Default, TestContext.Current.CancellationToken);

            Assert.True(result.Error?.Id is not ("MG.Internal.Defect" or "MG.Repair.Defect"), $"seed {i}: {result.Error}");
            Assert.Equal(bytes, File.ReadAllBytes(path));
            var end = result.Error?.Id ?? result.Status.ToString();
            ends[end] = ends.GetValueOrDefault(end) + 1;
        }

        output.WriteLine(string.Join(", ", ends.Select(e => $"{e.Key} {e.Value}")));
        Assert.True(ends.GetValueOrDefault("Repaired") > 0);
    }
}
