using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using ModelGuidelines.Formats;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;
using ModelGuidelines.Storage;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace ModelGuidelines.Audit.Configuration;

/// <summary>Reads a settings file. Everything in it must be known: a misspelt key that is passed over is a guard that is not there.</summary>
/// <remarks>One that nobody named may be anybody's, as the models beside it: what it has written, compared with or kept stays in its folder.</remarks>
public sealed class SettingsReader
{
    private const int MaximumBytes = 1 << 20;
    private const int MaximumDepth = 16;
    private readonly string _file;
    private readonly string _folder;
    private readonly bool _isNamed;
    private readonly RealPaths _paths = new();

    private SettingsReader(string file, bool isNamed) => (_file, _folder, _isNamed) = (file, Path.GetDirectoryName(Path.GetFullPath(file))!, isNamed);

    /// <summary>The options that a file asks for; relative paths in it are relative to its folder.</summary>
    /// <param name="file">A full path.</param>
    /// <param name="isNamed">The user named the file; else it was found.</param>
    /// <exception cref="ModelReadException"><c>MG.Settings.*</c>, with file and line.</exception>
    public static AuditOptions Read(string file, bool isNamed = true) => new SettingsReader(file, isNamed).Read();

    private AuditOptions Read()
    {
        try
        {
            var text = ReadText();
            RefuseDepth(text);
            var yaml = new YamlStream();
            yaml.Load(new StringReader(text));
            if (yaml.Documents.Count > 1)
            {
                throw Error(yaml.Documents[1].RootNode, "Damaged", "settings are one document; a second begins here");
            }

            return yaml.Documents.Count == 0 || IsNothing(yaml.Documents[0].RootNode) ? new() { Source = _file, Folder = _folder } : Options(yaml.Documents[0].RootNode);
        }
        catch (YamlException e)
        {
            throw new ModelReadException("MG.Settings.Damaged", string.Create(CultureInfo.InvariantCulture, $"{_file}:{e.Start.Line}: {e.InnerException?.Message ?? e.Message}"));
        }
        catch (Exception e) when (YamlDamage.Is(e))
        {
            // What the library has no message for: control characters where a word is expected.
            throw new ModelReadException("MG.Settings.Damaged", $"{_file}: it is no YAML: a character stands where none of its kind may", inner: e);
        }
    }

    private string ReadText()
    {
        var kind = FileProperties.KindOf(_file);
        if (kind is FileKind.Missing or FileKind.Folder)
        {
            throw new ModelReadException("MG.Settings.NotFound", $"{_file}: there is no such settings file");
        }

        if (!_isNamed && (kind is not FileKind.Regular || !_paths.IsWithin(_file, _folder)))
        {
            throw new ModelReadException("MG.Settings.Outside", $"{_file}: it is no ordinary file, or a link out of its folder; name it with --settings (-Settings) if it is to be read, or none");
        }

        // A device has no length and no end.
        var bytes = new byte[MaximumBytes + 1];
        int length;
        try
        {
            using var stream = FileProperties.OpenNamed(_file);
            length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ModelReadException("MG.Settings.Unreadable", $"{_file}: {e.Message}", inner: e);
        }

        if (length > MaximumBytes)
        {
            throw new ModelReadException("MG.Settings.TooLarge", $"{_file}: no settings are that large");
        }

        // To the library a NUL is the end: what stands behind it would be no settings, and nobody told.
        var text = Decoded(bytes.AsSpan(0, length).ToArray());
        var end = text.IndexOf('\0', StringComparison.Ordinal);
        return end < 0 ? text
            : throw new ModelReadException("MG.Settings.Damaged", string.Create(CultureInfo.InvariantCulture, $"{_file}:{text.AsSpan(0, end).Count('\n') + 1}: a NUL character is no text"));
    }

    /// <summary>UTF-8, or what its byte order mark says; a pattern with other letters in it than the user meant would match nothing, and nobody told.</summary>
    private string Decoded(byte[] bytes)
    {
        try
        {
            return new StreamReader(new MemoryStream(bytes), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true).ReadToEnd();
        }
        catch (DecoderFallbackException e)
        {
            var at = Math.Clamp(e.Index, 0, bytes.Length);
            throw new ModelReadException("MG.Settings.Damaged", string.Create(CultureInfo.InvariantCulture, $"{_file}:{bytes.AsSpan(0, at).Count((byte)'\n') + 1}: it is not written in UTF-8"), at, e);
        }
    }

    /// <summary>The library descends a level a call.</summary>
    private void RefuseDepth(string text)
    {
        var parser = new Parser(new StringReader(text));
        for (var depth = 0; parser.MoveNext();)
        {
            depth += parser.Current!.NestingIncrease;
            if (depth > MaximumDepth + 2)
            {
                throw new ModelReadException("MG.Settings.Damaged", string.Create(CultureInfo.InvariantCulture, $"{_file}:{parser.Current.Start.Line}: nested too deeply"));
            }
        }
    }

    private AuditOptions Options(YamlNode root)
    {
        var severities = ImmutableArray<PathRule>.Empty;
        var rules = ImmutableArray<PathRule>.Empty;
        var options = new AuditOptions { Source = _file, Folder = _folder };
        Each(root, "the settings", [.. AuditOptions.Keys.Select(k => k.Key), "severities"], (key, value) =>
        {
            switch (key)
            {
                case "include": options = options with { Include = Paths(value, key) }; break;
                case "exclude": options = options with { Exclude = Paths(value, key) }; break;
                case "gitignore": options = options with { GitIgnore = Flag(value, key) }; break;
                case "followLinks": options = options with { FollowLinks = Flag(value, key) }; break;
                case "guidelines": options = options with { Guidelines = Ids(value, key) }; break;
                case "excludeGuidelines": options = options with { ExcludedGuidelines = Ids(value, key) }; break;
                case "excludeModules": options = options with { ExcludedModules = Texts(value, key) }; break;
                case "roles": options = options with { IncludedRoles = Roles(value, key) }; break;
                case "minimumSeverity": options = options with { MinimumSeverity = OneOf<Severity>(value, key) }; break;
                case "failOn": options = options with { FailOn = OneOf<FailOn>(value, key) }; break;
                case "failOnExternal": options = options with { FailOnExternal = Flag(value, key) }; break;
                case "searchPath": options = options with { SearchPath = [.. Texts(value, key).Select(p => p == SearchPath.Environment ? p : Full(p))] }; break;
                case "entries": options = options with { Entries = Texts(value, key) }; break;
                case "models": options = options with { Models = [.. Items(value, key).Select(Model)] }; break;
                case "aimet": Each(value, "'aimet'", ["definitions"], (name, classes) => options = options with { DefinedClasses = Texts(classes, name) }); break;
                case "timeLimit": options = options with { TimeLimit = Seconds(value, key) }; break;
                case "severities": severities = [new PathRule([], null, null, Severities(value))]; break;
                case "paths": rules = [.. Items(value, key).Select(Rule)]; break;
                case "suppressions": options = options with { Suppressions = [.. Items(value, key).Select(Suppression)] }; break;
                case "reports": options = options with { Reports = Reports(value) }; break;
                case "store": options = options with { Store = StoreName(value, key) }; break;
                default: options = options with { Baseline = Inside(value, key) }; break;
            }
        });
        return severities.IsEmpty && rules.IsEmpty ? options : options with { Rules = severities.AddRange(rules) };
    }

    private PathRule Rule(YamlNode node)
    {
        var rule = new PathRule([], null, null, []);
        Each(node, "a rule of 'paths'", ["match", "guidelines", "excludeGuidelines", "severities"], (key, value) => rule = key switch
        {
            "match" => rule with { Match = Paths(value, key) },
            "guidelines" => rule with { Guidelines = Ids(value, key) },
            "excludeGuidelines" => rule with { ExcludedGuidelines = Ids(value, key) },
            _ => rule with { Severities = Severities(value) },
        });
        return rule.Match.IsEmpty ? throw Error(node, "MissingKey", "a rule of 'paths' needs 'match'") : rule;
    }

    private ModelEntry Model(YamlNode node)
    {
        var (name, entry, arguments) = ((string?)null, (ModelEntry?)null, ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal));
        Each(node, "a model of 'models'", ["name", "entry", "forward"], (key, value) =>
        {
            switch (key)
            {
                case "name": name = Text(value, key); break;
                case "entry": entry = ModelEntry.Parse(Text(value, key)); break;
                default: Each(value, "'forward'", null, (argument, given) => arguments = arguments.SetItem(argument, Text(given, argument))); break;
            }
        });
        return entry is null ? throw Error(node, "MissingKey", "a model of 'models' needs 'entry'")
            : entry.Module is null ? throw Error(node, "BadValue", $"the entry '{entry}' does not say in which file: write src/net.py:{entry} or package.net:{entry}")
            : entry with { Name = name, Arguments = arguments, Folder = _folder };
    }

    private FindingSuppression Suppression(YamlNode node)
    {
        var (guideline, path, module, reason, expires) = ((string?)null, ImmutableArray<string>.Empty, (string?)null, (string?)null, (DateOnly?)null);
        Each(node, "a suppression", ["guideline", "path", "module", "reason", "expires"], (key, value) =>
        {
            switch (key)
            {
                case "guideline": guideline = Ids(value, key) is [var one] ? one : throw Error(value, "BadValue", "a suppression is of one guideline, or of a pattern"); break;
                case "path": path = Paths(value, key); break;
                case "module": module = value is YamlScalarNode { Value: "" } ? "" : Text(value, key); break; // "" is the root, and so every module
                case "reason": reason = Text(value, key); break;
                default: expires = DateOnly.TryParseExact(Text(value, key), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
                    ? day : throw Error(value, "BadValue", "'expires' is a day: 2027-01-31"); break;
            }
        });
        var missing = guideline is null ? "guideline" : path.IsEmpty ? "path" : string.IsNullOrWhiteSpace(reason) ? "reason" : null;
        return missing is null ? new(guideline!, path, module, reason!, expires, (int)node.Start.Line) : throw Error(node, "MissingKey", $"a suppression needs '{missing}'");
    }

    private ImmutableArray<KeyValuePair<string, Severity?>> Severities(YamlNode node)
    {
        var found = ImmutableArray.CreateBuilder<KeyValuePair<string, Severity?>>();
        Each(node, "'severities'", null, (key, value) =>
        {
            Known(node, [key]);
            found.Add(new(key, Text(value, key) == "off" ? null : OneOf<Severity>(value, key, "off")));
        });
        return found.ToImmutable();
    }

    private ImmutableArray<ReportRequest> Reports(YamlNode node)
    {
        var found = ImmutableArray.CreateBuilder<ReportRequest>();
        Each(node, "'reports'", [.. ReportWriters.All.Select(w => w.Name)], (key, value) => found.Add(new(key, Inside(value, key))));
        return found.ToImmutable();
    }

    private void Each(YamlNode node, string what, string[]? known, Action<string, YamlNode> use)
    {
        if (node is not YamlMappingNode mapping)
        {
            throw Error(node, "BadValue", $"{what} must be keys with values");
        }

        foreach (var (name, value) in mapping.Children)
        {
            var key = name is YamlScalarNode { Value: { } text } ? text : throw Error(name, "BadValue", "a key must be a word");
            if (known is not null && !known.Contains(key))
            {
                throw Error(name, "UnknownKey", $"there is no key '{key}' in {what}; the nearest is '{Spelling.Nearest(key, known)}'");
            }

            use(key, value);
        }
    }

    private ImmutableArray<string> Roles(YamlNode node, string key)
    {
        var roles = Texts(node, key);
        return roles.Except(RolesLeftOut.All).FirstOrDefault() is { } unknown ? throw Error(node, "BadValue", $"there is no role '{unknown}': {string.Join(", ", RolesLeftOut.All)}") : roles;
    }

    private ImmutableArray<string> Ids(YamlNode node, string key)
    {
        var ids = Texts(node, key);
        Known(node, ids);
        return ids;
    }

    private void Known(YamlNode node, IEnumerable<string> ids)
    {
        foreach (var id in GuidelineCatalog.Unknown(ids))
        {
            throw Error(node, "UnknownGuideline", $"there is no guideline '{id}'; the nearest is '{Spelling.Nearest(id, [.. GuidelineCatalog.All.Select(g => g.Descriptor.Id)])}'");
        }
    }

    private ImmutableArray<string> Texts(YamlNode node, string key) => node is YamlScalarNode ? [Text(node, key)] : [.. Items(node, key).Select(i => Text(i, key))];

    private ImmutableArray<string> Paths(YamlNode node, string key)
    {
        var globs = Texts(node, key);
        return globs.Select(Globs.Mistake).FirstOrDefault(m => m is not null) is { } mistake ? throw Error(node, "BadValue", mistake) : globs;
    }

    private IEnumerable<YamlNode> Items(YamlNode node, string key) => node is YamlSequenceNode list ? list.Children : throw Error(node, "BadValue", $"'{key}' is a list");

    private string Text(YamlNode node, string key) => node is YamlScalarNode { Value: { Length: > 0 } text } ? text : throw Error(node, "BadValue", $"'{key}' needs a text");

    private bool Flag(YamlNode node, string key) => Text(node, key) switch { "true" => true, "false" => false, _ => throw Error(node, "BadValue", $"'{key}' is true or false") };

    private double Seconds(YamlNode node, string key) => double.TryParse(Text(node, key), NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds is >= 0 and <= Storage.ReadLimits.MaxSeconds
        ? seconds : throw Error(node, "BadValue", string.Create(CultureInfo.InvariantCulture, $"'{key}' is a number of seconds from 0 to {Storage.ReadLimits.MaxSeconds:0}"));

    private T OneOf<T>(YamlNode node, string key, params string[] more)
        where T : struct, Enum
    {
        var names = Enum.GetNames<T>().Select(n => n.ToLowerInvariant()).ToArray();
        return Array.IndexOf(names, Text(node, key)) is >= 0 and var at ? Enum.GetValues<T>()[at] : throw Error(node, "BadValue", $"'{key}' is one of {string.Join(", ", names.Concat(more))}");
    }

    /// <summary>A file is relative to the settings; a server is not.</summary>
    private string StoreName(YamlNode node, string key)
    {
        var name = Text(node, key);
        var isServer = name.Contains("://", StringComparison.Ordinal) || name.Contains('=', StringComparison.Ordinal);
        return name == AuditPlan.NoFile ? name
            : !isServer ? Inside(node, key)
            : _isNamed ? name
            : throw Error(node, "Outside", "a server is not taken from settings that nobody named: name the file with --settings (-Settings), or the server with --store (-Store)");
    }

    /// <summary>A file that is written or compared with.</summary>
    private string Inside(YamlNode node, string key)
    {
        var path = Full(Text(node, key));
        return _isNamed || _paths.IsWithin(path, _folder) ? path
            : throw Error(node, "Outside", $"'{key}' leads out of the folder of settings that nobody named: name the file with --settings (-Settings) if it may");
    }

    private string Full(string path) => Path.GetFullPath(path, _folder);

    private ModelReadException Error(YamlNode node, string kind, string message) =>
        new($"MG.Settings.{kind}", string.Create(CultureInfo.InvariantCulture, $"{_file}:{node.Start.Line}: {message}"));

    private static bool IsNothing(YamlNode node) => node is YamlScalarNode { Style: ScalarStyle.Plain, Value: null or "" };
}
