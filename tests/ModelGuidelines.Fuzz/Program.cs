using System.Globalization;
using ModelGuidelines.Fuzz;

if (args is ["--endurance", var fixtures, var audits])
{
    Endurance.Run([.. Sample.Read(fixtures, maximum: 12 << 10).Where((_, i) => i % 3 == 0)], int.Parse(audits, CultureInfo.InvariantCulture));
    return 0;
}

// What each of these files costs: outcome, seconds of a processor, megabytes allocated; the first is read twice, so that nothing is compiled in it.
if (args is ["--cost", .. var files])
{
    foreach (var file in files.Prepend(files[0]))
    {
        Fuzzer.Print(file);
    }

    return 0;
}

// dotnet run -c Release --project tests/ModelGuidelines.Fuzz -- SAMPLES [INPUTS [SEED [HOURS [FAILURES]]]]
// Damages the models below SAMPLES, as many times as INPUTS says, and prints the outcomes; inputs that fail are left in FAILURES as they come.
if (args is not [var samples, .. var rest])
{
    Console.Error.WriteLine("usage: SAMPLES [INPUTS [SEED [HOURS [FAILURES]]]]");
    return 2;
}

var inputs = rest.Length > 0 ? int.Parse(rest[0], CultureInfo.InvariantCulture) : 1_000_000;
var seed = rest.Length > 1 ? int.Parse(rest[1], CultureInfo.InvariantCulture) : 1;
var hours = rest.Length > 2 ? double.Parse(rest[2], CultureInfo.InvariantCulture) : 3;
var failures = rest.Length > 3 ? rest[3] : null;
using var stop = new CancellationTokenSource(TimeSpan.FromHours(hours));
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

var limits = new FuzzLimits(InputBytes: 1 << 20, TimeSpan.FromSeconds(2), Bytes: 512L << 20);
var read = Sample.Read(samples, maximum: 256 << 10);
var workers = Enumerable.Range(0, Environment.ProcessorCount).Select(i => new Fuzzer(read, seed + i, limits, grows: true)).ToList();
workers.ForEach(w => w.Failed = failure => Keep(failure, string.Create(CultureInfo.InvariantCulture, $"{workers.IndexOf(w)}-{w.Failures.Count}")));
var threads = workers.ConvertAll(w => new Thread(() => w.Run(inputs / workers.Count, stop.Token)));
threads.ForEach(t => t.Start());
threads.ForEach(t => t.Join());

var tally = new FuzzTally();
workers.ForEach(w => tally.Add(w.Tally));
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{tally.Inputs} inputs from {read.Length} samples, slowest {tally.Most.Time.TotalSeconds:F2} s, most {tally.Most.Bytes >> 20} MB"));
foreach (var (outcome, count) in tally.Outcomes.OrderByDescending(o => o.Value))
{
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count,9} {outcome}"));
}

return workers.TrueForAll(w => w.Failures.Count == 0) ? 0 : 1;

// A run of hours that is cut short still has told what it found.
void Keep(FuzzFailure failure, string name)
{
    Console.WriteLine($"failed: {failure.Sample.Name}: {failure.Reason}");
    if (failures is not null)
    {
        failure.Sample.Write(Directory.CreateDirectory(Path.Join(failures, name)).FullName);
    }
}
