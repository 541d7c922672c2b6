using System.Globalization;

namespace ModelGuidelines.Audit;

/// <summary>How fast an audit goes, and how long it will go on. Not thread-safe.</summary>
/// <param name="total">Files; null where nobody knows.</param>
/// <param name="clock">Tells the time.</param>
public sealed class AuditPace(int? total, TimeProvider clock)
{
    private readonly long _started = clock.GetTimestamp();

    /// <summary>Files so far.</summary>
    public int Done { get; set; }

    /// <summary>Files a second.</summary>
    public double Rate => clock.GetElapsedTime(_started).TotalSeconds is > 0 and var seconds ? Done / seconds : 0;

    /// <summary>What the rest takes at the same rate; null where that cannot be told.</summary>
    public TimeSpan? Left => total is { } all && Done > 0 && Rate > 0 ? TimeSpan.FromSeconds(Math.Max(0, all - Done) / Rate) : null;

    /// <summary><c>1200 of 10000 files, 85.0 files/s, about 00:01:44 left</c></summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Done}{(total is { } all ? $" of {all}" : "")} files, {Rate:0.0} files/s{(Left is { } left ? $", about {left:hh\\:mm\\:ss} left" : "")}");
}
