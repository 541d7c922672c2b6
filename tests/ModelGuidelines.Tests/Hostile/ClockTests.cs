using System.Reflection;
using System.Text.RegularExpressions;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;

namespace ModelGuidelines.Tests.Hostile;

/// <summary>What a text is does not depend on how busy the machine is.</summary>
public sealed class ClockTests
{
    /// <summary>A pattern that takes what its text is long needs no clock; one with a clock fails on a machine that has other things to do.</summary>
    [Fact]
    public void No_pattern_has_a_clock()
    {
        var patterns = typeof(Auditor).Assembly.GetTypes()
            .SelectMany(t => t.GetMethods(BindingFlags.Static | BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public | BindingFlags.DeclaredOnly))
            .Select(m => (Name: $"{m.DeclaringType!.Name}.{m.Name}", Pattern: m.GetCustomAttribute<GeneratedRegexAttribute>())).Where(p => p.Pattern is not null).ToList();
        Assert.NotEmpty(patterns);
        Assert.Empty(patterns.Where(p => p.Pattern!.MatchTimeoutMilliseconds != Timeout.Infinite).Select(p => p.Name));
    }

    /// <summary>Each blank could be of what stands before the name or of the name: 200,000 of them took minutes.</summary>
    [Fact]
    public void An_entry_of_blanks_is_read_once()
    {
        ModelEntry? entry = null;
        Assert.InRange(Work.Processor(() => entry = ModelEntry.Parse(new string(' ', 200_000) + "Net()")), TimeSpan.Zero, TimeSpan.FromSeconds(1));
        Assert.Equal("Net()", entry!.Expression);
    }
}
