using ModelGuidelines.Fuzz;

namespace ModelGuidelines.Tests.Hostile;

/// <summary>Damaged models of all formats: an answer or an error with an id, in bounded work and memory.</summary>
/// <remarks>Always the same inputs. The long run, <c>dotnet run -c Release --project tests/ModelGuidelines.Fuzz</c>, makes more of larger samples, and builds on what it finds; its figures stand in docs/limits.md.</remarks>
public sealed class FuzzTests
{
    private const int Inputs = 20_000;

    [Fact]
    public async Task Damage_is_an_answer_or_an_error()
    {
        var samples = Sample.Read(RepositoryFiles.Fixture(), maximum: 12 << 10);

        // Builds without optimization take several times as long.
        var limits = new FuzzLimits(InputBytes: 64 << 10, TimeSpan.FromSeconds(20), Bytes: 512L << 20);
        var workers = Enumerable.Range(1, 2).Select(seed => new Fuzzer(samples, seed, limits, grows: false)).ToList();
        await Task.WhenAll(workers.Select(w => Task.Run(() => w.Run(Inputs / workers.Count, TestContext.Current.CancellationToken))));
        Assert.Empty(workers.SelectMany(w => w.Failures).Select(f => $"{f.Sample.Write(Directory.CreateTempSubdirectory("mg-fuzz-failed-").FullName)}: {f.Reason}"));

        var tally = new FuzzTally();
        workers.ForEach(w => tally.Add(w.Tally));
        TestContext.Current.SendDiagnosticMessage("{0} inputs, most {1} MB and {2} of a processor", tally.Inputs, tally.Most.Bytes >> 20, tally.Most.Time);
        Assert.Equal(Inputs, tally.Inputs);
        Assert.True(tally.Outcomes.Count > 10, "the damage does not reach the readers");
        Assert.InRange(tally.Outcomes["findings"], Inputs / 10, Inputs);
    }
}
