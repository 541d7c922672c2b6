using System.Collections.Immutable;
using System.Globalization;
using ModelGuidelines.Audit;
using ModelGuidelines.Fuzz.Mutators;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Tests;

namespace ModelGuidelines.Fuzz;

/// <summary>Audits damaged models one after another on the calling thread and counts what comes of it.</summary>
/// <remarks>Blind for coverage; where the samples grow, what leads to an outcome that was not seen before joins them, so that damage is built upon damage.
/// One seed is one run: nothing else decides what is tried.</remarks>
public sealed class Fuzzer(ImmutableArray<Sample> samples, int seed, FuzzLimits limits, bool grows)
{
    private const int MostSamples = 1_000;
    private readonly List<List<Sample>> _kinds = [.. samples.GroupBy(s => s.Name, StringComparer.Ordinal).OrderBy(k => k.Key, StringComparer.Ordinal).Select(k => k.ToList())];
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Random _random = new(seed);

    public FuzzTally Tally { get; } = new();

    /// <summary>What must not be: defects, and answers that cost more than the limits.</summary>
    public List<FuzzFailure> Failures { get; } = [];

    /// <summary>Is told of each failure as it comes.</summary>
    public Action<FuzzFailure>? Failed { get; set; }

    public void Run(int inputs, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("mg-fuzz-").FullName;
        try
        {
            for (var i = 0; i < inputs && !cancellation.IsCancellationRequested; i++)
            {
                Try(Next(), folder);
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Each kind of file as often as any other, however many samples there are of it.</summary>
    private Sample Next()
    {
        var sample = _random.Pick(_random.Pick(_kinds));
        var at = _random.Next(sample.Parts.Length);
        var alike = _random.Pick(_random.Next(2) == 0 ? _kinds.Find(k => k[0].Name == sample.Name)! : _random.Pick(_kinds));
        var part = sample.Parts[at];
        var damaged = Mutator.Mutate(part.Bytes, _random.Pick(alike.Parts).Bytes, _random);
        return damaged.Length > limits.InputBytes ? sample : sample with { Parts = sample.Parts.SetItem(at, (part.Name, damaged)) };
    }

    public static void Print(string path)
    {
        var (result, cost) = Audit(path, path);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Kind(result)} {cost.Time.TotalSeconds:F2} s {cost.Bytes >> 20} MB {path}"));
    }

    private static (AuditResult Result, FuzzCost Cost) Audit(string path, string name)
    {
        AuditResult result = null!;
        var time = TimeSpan.Zero;
        var bytes = Work.Allocated(() => time = Work.Processor(() => result = Auditor.Default.Audit(new(path, name), AuditSettings.Default)!));
        return (result, new(time, bytes));
    }

    private void Try(Sample sample, string folder)
    {
        var path = sample.Write(folder);
        var (result, cost) = Audit(path, sample.Name);
        Tally.Add(Kind(result), cost);
        var reason = result.Error?.Id == "MG.Internal.Defect" ? result.Error.Message
            : cost.Bytes > limits.Bytes || cost.Time > limits.Time ? string.Create(CultureInfo.InvariantCulture, $"{cost.Time.TotalSeconds:F1} s, {cost.Bytes >> 20} MB")
            : null;
        if (reason is not null)
        {
            var failure = new FuzzFailure(sample, reason);
            Failures.Add(failure);
            Failed?.Invoke(failure);
        }

        if (grows && _seen.Add(Novelty(result)) && _kinds.Find(k => k[0].Name == sample.Name) is { Count: < MostSamples } kind)
        {
            kind.Add(sample);
        }

        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        else
        {
            File.Delete(path);
        }
    }

    /// <summary>As it is counted.</summary>
    private static string Kind(AuditResult result) => result.Error?.Id
        ?? (result.Findings.Length > 0 ? "findings" : result.Guidelines.Any(g => g.Outcome is Outcome.Undecidable) ? "undecidable" : "nothing found");

    /// <summary>What tells one outcome from another: where reading ended, or what was found, without names.</summary>
    private static string Novelty(AuditResult result) => result.Error is { } error
        ? $"{result.Format} {error.Id} {new string([.. error.Message.Where(c => char.IsAsciiLetterLower(c) || c == ' ').Take(60)])}"
        : $"{result.Format} {string.Join(' ', result.Guidelines.Select(g => g.Outcome))} {string.Join(' ', result.Findings.Select(f => $"{f.Guideline}{f.Operator}{f.Confidence}").Distinct().Order(StringComparer.Ordinal).Take(6))} {Math.Min(result.GapCount, 4)}";
}

/// <param name="InputBytes">Larger inputs are not tried.</param>
/// <param name="Time">The most that one input may take of a processor.</param>
/// <param name="Bytes">The most that one input may allocate.</param>
public sealed record FuzzLimits(long InputBytes, TimeSpan Time, long Bytes);

public readonly record struct FuzzCost(TimeSpan Time, long Bytes);

public sealed record FuzzFailure(Sample Sample, string Reason);

/// <summary>How often each outcome came, and what the dearest input cost.</summary>
public sealed class FuzzTally
{
    public SortedDictionary<string, long> Outcomes { get; } = new(StringComparer.Ordinal);

    public long Inputs => Outcomes.Values.Sum();

    public FuzzCost Most { get; private set; }

    public void Add(string outcome, FuzzCost cost)
    {
        Outcomes[outcome] = Outcomes.GetValueOrDefault(outcome) + 1;
        Most = new(cost.Time > Most.Time ? cost.Time : Most.Time, Math.Max(cost.Bytes, Most.Bytes));
    }

    public void Add(FuzzTally other)
    {
        foreach (var (outcome, count) in other.Outcomes)
        {
            Outcomes[outcome] = Outcomes.GetValueOrDefault(outcome) + count;
        }

        Most = new(other.Most.Time > Most.Time ? other.Most.Time : Most.Time, Math.Max(other.Most.Bytes, Most.Bytes));
    }
}
