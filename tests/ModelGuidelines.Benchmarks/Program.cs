using BenchmarkDotNet.Running;
using ModelGuidelines.Benchmarks;

// "warm PATH...": what the comparison scripts beside this file call; anything else is BenchmarkDotNet's own command line.
if (args.Length > 1 && args[0] == "warm")
{
    return await WarmAudit.RunAsync(args[1..]);
}

BenchmarkSwitcher.FromAssembly(typeof(AuditBenchmarks).Assembly).Run(args);
return 0;
