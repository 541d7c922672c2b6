using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace ModelGuidelines.Formats;

/// <summary>Modules of source that are no models (losses, metrics, transforms, preprocessors, tests), and therefore were not audited: counted, so that nobody takes them for clean.</summary>
/// <remarks>Thread-safe: the readers of one audit share it.</remarks>
public sealed class RolesLeftOut
{
    public const string Loss = "loss";
    public const string Metric = "metric";
    public const string Transform = "transform";
    public const string Test = "test";
    public const string Dataset = "dataset";
    public const string Trainer = "trainer";
    public const string Optimizer = "optimizer";
    public const string Preprocessor = "preprocessor";

    private readonly ConcurrentDictionary<(string File, string Class), string> _classes = new();

    /// <summary>All roles.</summary>
    public static ImmutableArray<string> All { get; } = [Loss, Metric, Transform, Test, Dataset, Trainer, Optimizer, Preprocessor];

    /// <summary>How many classes of each role were left out; roles without any are absent.</summary>
    public ImmutableSortedDictionary<string, int> Counts => _classes.Values.GroupBy(r => r, StringComparer.Ordinal).ToImmutableSortedDictionary(g => g.Key, g => g.Count(), StringComparer.Ordinal);

    /// <summary>Role, file and class of each.</summary>
    internal IEnumerable<(string Role, string File, string Class)> Entries => _classes.Select(c => (c.Value, c.Key.File, c.Key.Class));

    public void Add(string role, string file, string type) => _classes.TryAdd((file, type), role);

    /// <summary>One line for people; null when nothing was left out.</summary>
    /// <param name="counts">As <see cref="Counts"/> gives them.</param>
    /// <param name="option">What brings them back, as the front end writes it.</param>
    public static string? Line(IReadOnlyDictionary<string, int> counts, string option) => counts.Count == 0 ? null
        : $"Left out, because they are no models: {string.Join(", ", counts.Select(c => FormattableString.Invariant($"{c.Value} {Noun(c.Key, c.Value)}")))} ({option} {string.Join(',', counts.Keys)} brings them back).";

    private static string Noun(string role, int count) => count == 1 ? role : role == Loss ? "losses" : role + "s";
}
