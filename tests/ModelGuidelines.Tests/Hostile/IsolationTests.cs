using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Reports;

namespace ModelGuidelines.Tests.Hostile;

/// <summary>The engine in a process that stays: nothing is left of an audit, and none sees another.</summary>
public sealed class IsolationTests
{
    /// <summary>In a process of its own, since other tests open files and begin threads.</summary>
    [Fact]
    public void A_thousand_audits_leave_nothing_behind()
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ModelGuidelines.Fuzz.dll"), "--endurance", RepositoryFiles.Fixture(), "2000"]) { UseShellExecute = false, RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        var lines = process.StandardOutput.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);

        // By the half, caches of the runtime and its pool of threads are there; what a thousand audits more would leave, each a little, is more than these differences.
        var (half, end) = (Numbers(lines[1]), Numbers(lines[3]));
        Assert.Equal((1000, 2000), (half[0], end[0]));
        Assert.InRange(end[1] - half[1], long.MinValue, 2 << 20); // bytes
        Assert.InRange(end[2] - half[2], long.MinValue, 50); // open files
        Assert.InRange(end[3] - half[3], long.MinValue, 20); // threads
    }

    [Fact]
    public async Task Audits_at_once_give_what_each_gives_alone()
    {
        string[] parts = ["onnx", "torchscript", "pt2", "keras", "python-source"];
        var paths = parts.SelectMany(p => new InputFinder(ModelGuidelines.Formats.FormatRegistry.Default).Find(RepositoryFiles.Fixture(p))).Where((_, i) => i % 8 == 0).ToList();
        var alone = paths.ConvertAll(Audit);
        var together = await Task.WhenAll(paths.Concat(paths).Select(p => Task.Run(() => Audit(p))));
        Assert.Equal(alone.Concat(alone), together);

        static string Audit(AuditInput input)
        {
            using var stream = new MemoryStream();
            if (Auditor.Default.Audit(input, AuditSettings.Default) is { } result)
            {
                JsonLines.Write(stream, result with { Elapsed = TimeSpan.Zero });
            }

            return Encoding.UTF8.GetString(stream.ToArray());
        }
    }

    /// <summary>What one audit could leave in a static field, another would find there.</summary>
    [Fact]
    public void No_static_field_of_the_engine_changes()
    {
        var changing = typeof(Auditor).Assembly.GetTypes()
            .Where(t => !t.IsDefined(typeof(CompilerGeneratedAttribute)) && !t.Name.Contains('<', StringComparison.Ordinal))
            .SelectMany(t => t.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
            .Where(f => f.DeclaringType!.Namespace?.EndsWith(".Wire", StringComparison.Ordinal) is not true) // written by protoc, once
            .Where(f => (!f.IsInitOnly && !f.IsLiteral && !f.Name.Contains('<', StringComparison.Ordinal)) || f.FieldType.Namespace == typeof(System.Collections.Concurrent.ConcurrentBag<>).Namespace); // nobody needs such a collection but who changes it
        Assert.Empty(changing.Select(f => $"{f.DeclaringType}.{f.Name}"));
    }

    private static long[] Numbers(string line) => [.. line.Split(' ').Select(n => long.Parse(n, CultureInfo.InvariantCulture))];
}
