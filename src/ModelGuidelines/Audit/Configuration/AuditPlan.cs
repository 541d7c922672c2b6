using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Audit.Configuration;

/// <summary>What is in force: the command line over the settings file over the defaults. The same for every front end.</summary>
public sealed partial class AuditPlan
{
    /// <summary>The name of a settings file, which is sought from the audited folder upward.</summary>
    public const string FileName = "modelguidelines.yaml";

    /// <summary>In place of a settings file: none.</summary>
    public const string NoFile = "none";

    private readonly AuditOptions _given;
    private readonly AuditOptions _file;
    private readonly DateOnly _today;

    private readonly string? _misnamed;

    private AuditPlan(AuditOptions given, AuditOptions file, DateOnly today, string? misnamed) => (_given, _file, _today, _misnamed, Options) = (given, file, today, misnamed, given.Over(file));

    /// <summary>What is in force; null: the default.</summary>
    public AuditOptions Options { get; }

    /// <summary>The settings file; null where there is none.</summary>
    public string? SettingsFile => _file.Folder is null ? null : _file.Source;

    public Severity MinimumSeverity => Options.MinimumSeverity ?? Severity.Warning;

    /// <summary>Where audits are kept; null: nowhere.</summary>
    public string? Store => Options.Store == NoFile ? null : Options.Store;

    public FailOn FailOn => Options.FailOn ?? FailOn.Warning;

    /// <summary>Each key with its value and where that comes from.</summary>
    public IEnumerable<(string Key, string Value, string Source)> Settings => AuditOptions.Keys.Select(k =>
        k.Get(_given) is { } given ? (k.Key, Shown(k, given), _given.Source)
        : k.Get(_file) is { } file ? (k.Key, Shown(k, file), _file.Source)
        : (k.Key, k.Default, "default"));

    /// <summary>What is no default of all that decides which files are audited and what is found, and that no other property of a part's request says: <c>exclude: old/**</c>.</summary>
    /// <param name="folder">The current folder; the same checkout lies elsewhere on another machine.</param>
    public ImmutableArray<string> Asked(string folder) =>
    [
        .. AuditOptions.Keys.Where(k => !k.IsAskedElsewhere).Select(k => (Key: k, Value: k.Get(Options))).Where(k => k.Value is not null)
            .Select(k => $"{k.Key.Key}: {Text(k.Key.HoldsPaths ? ((ImmutableArray<string>)k.Value!).Select(p => Path.IsPathRooted(p) ? Path.GetRelativePath(folder, p).Replace('\\', '/') : p).ToImmutableArray() : k.Value!)}"),
    ];

    /// <summary>What the settings file accepts, also what has expired.</summary>
    public ImmutableArray<FindingSuppression> Suppressions => _file.Suppressions ?? [];

    /// <summary>What the user should know before an audit: settings under a name that is near, suppressions that have expired.</summary>
    public IEnumerable<string> Warnings => (_misnamed is null ? Array.Empty<string>() : [$"{_misnamed} is not read: settings are called {FileName}"]).Concat(Suppressions.Where(s => s.Expires < _today)
        .Select(s => string.Create(CultureInfo.InvariantCulture, $"{_file.Source}:{s.Line}: the suppression of {s.Guideline} expired on {s.Expires:yyyy-MM-dd} and does nothing")));

    /// <summary>Finds and reads the settings file and lays what was given over it.</summary>
    /// <param name="given">What the command line asks for; its globs are relative to the current folder.</param>
    /// <param name="settingsFile">A settings file, <see cref="NoFile"/>, or null: sought.</param>
    /// <param name="firstPath">The first path to audit, from whose folder the file is sought; null: the current folder.</param>
    /// <param name="currentFolder">A full path.</param>
    /// <param name="today">Suppressions that end before it do nothing.</param>
    /// <exception cref="Storage.ModelReadException"><c>MG.Settings.*</c>, with file and line.</exception>
    public static AuditPlan Create(AuditOptions given, string? settingsFile, string? firstPath, string currentFolder, DateOnly today)
    {
        if ((given.Include ?? []).Concat(given.Exclude ?? []).Select(Globs.Mistake).FirstOrDefault(m => m is not null) is { } mistake)
        {
            throw new Storage.ModelReadException("MG.Settings.BadValue", mistake);
        }

        string? misnamed = null;
        var file = settingsFile ?? Find(firstPath, currentFolder, out misnamed);
        return new(given with { Folder = currentFolder }, file is null or NoFile ? new() : SettingsReader.Read(Path.GetFullPath(file, currentFolder), isNamed: settingsFile is not null), today, misnamed);
    }

    /// <summary>What the engine audits for.</summary>
    /// <param name="baseFolder">What a relative search path is relative to.</param>
    public AuditSettings AuditSettings(string baseFolder) => new()
    {
        Guidelines = Options.Guidelines ?? [],
        ExcludedGuidelines = Options.ExcludedGuidelines ?? [],
        ExcludedModules = Options.ExcludedModules ?? [],
        IncludedRoles = Options.IncludedRoles ?? [],
        DefinedClasses = Options.DefinedClasses ?? [],
        SearchPath = SearchPath.Resolve(Options.SearchPath ?? [], baseFolder, Environment.GetEnvironmentVariable("PYTHONPATH")),

        Limits = Storage.ReadLimits.Default.WithSeconds(Options.TimeLimit),

        // What decides the exit code is looked for even where it is not shown.
        MinimumSeverity = (Severity)Math.Min((int)MinimumSeverity, (int)FailurePolicy.Threshold(FailOn)),
        Rules = _file.Rules is null && _file.Suppressions is null ? null : new(_file, _today),
    };

    /// <summary>The models that are named: by the command line's entries, else by the settings file's entries and models.</summary>
    public ImmutableArray<ModelEntry> Entries => [.. (Options.Entries ?? []).Select(ModelEntry.Parse), .. Options.Models ?? []];

    /// <summary>A finder that passes over what the settings leave out.</summary>
    public InputFinder Finder(FormatRegistry formats, CancellationToken cancellation = default) => new(formats)
    {
        Cancellation = cancellation,
        FollowLinks = Options.FollowLinks ?? false,
        Filter = new(
            Options.Include is { } include ? new(include, FolderOf(o => o.Include), _given.Include is not null) : null,
            Options.Exclude is { } exclude ? new(exclude, FolderOf(o => o.Exclude), _given.Exclude is not null) : null,
            Options.GitIgnore ?? true),
    };

    private string FolderOf(Func<AuditOptions, object?> key) => (key(_given) is null ? _file : _given).Folder!;

    /// <summary>Up to the root of the repository, or of the file system.</summary>
    private static string? Find(string? firstPath, string currentFolder, out string? misnamed)
    {
        misnamed = null;
        var start = firstPath is null ? currentFolder : Path.GetFullPath(firstPath, currentFolder);
        for (var folder = Directory.Exists(start) ? start : Path.GetDirectoryName(start); folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var file = Path.Join(folder, FileName);
            if (File.Exists(file))
            {
                return file;
            }

            var near = Path.ChangeExtension(file, ".yml");
            misnamed ??= File.Exists(near) ? near : null;
            if (Path.Exists(Path.Join(folder, ".git")))
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>Nobody signs in with what is shown.</summary>
    private static string Shown(OptionKey key, object value) => key.MayHoldSecrets ? Secrets().Replace(Text(value), "${name}***") : Text(value);

    [GeneratedRegex(@"(?<name>(password|pwd)\s*=\s*|://[^:/@]*:)[^;@]*", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture, Timeout.Infinite)]
    private static partial Regex Secrets();

    private static string Text(object value) => value switch
    {
        ImmutableArray<string> texts => string.Join(", ", texts),
        ImmutableArray<ModelEntry> models => string.Join("; ", models.Select(m => m.Name is null ? m.ToString() : $"{m.Name}: {m}")),
        ImmutableArray<PathRule> rules => string.Join("; ", rules),
        ImmutableArray<FindingSuppression> suppressions => string.Join("; ", suppressions),
        ImmutableArray<ReportRequest> reports => string.Join(", ", reports),
        Enum or bool => value.ToString()!.ToLowerInvariant(),
        _ => value.ToString()!,
    };
}
