using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Reports;

/// <summary>Reads reports back: the JSON of <see cref="JsonReport"/>, or SARIF, which keeps less.</summary>
/// <remarks>Fields that are not known are passed over: within a major version of the schema they are added freely. Of another major version nobody here knows what its fields mean.
/// Names are taken in any case, so that ConvertTo-Json's can.</remarks>
public static class ReportReader
{
    private const long MaximumBytes = (1L << 30) - 1; // a byte more and the parser asks for twice as much
    private const int NewestSchema = 2; // major version of JsonReport's
    private const int SarifVersion = 2;
    private const string Undecided = "cannot be decided: ";
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64, CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    /// <summary>Opens a file to read a report of it.</summary>
    /// <param name="file">Its path.</param>
    /// <exception cref="IOException">It cannot be opened, or is a pipe, a socket or a device.</exception>
    public static Stream Open(string file) => FileProperties.OpenNamed(file);

    /// <summary>The results that a report holds, in its order.</summary>
    /// <param name="stream">UTF-8, with or without a byte order mark.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="ModelReadException">It is no report: <c>MG.Report.Damaged</c>, <c>MG.Report.Unknown</c>, <c>MG.Report.SchemaVersion</c>, <c>MG.Report.TooLarge</c>.</exception>
    public static IReadOnlyList<AuditResult> Read(Stream stream, CancellationToken cancellation = default) => ReadReport(stream, cancellation).Results;

    /// <summary>The same with how the audit was run; SARIF keeps nothing of that.</summary>
    /// <param name="stream">UTF-8, with or without a byte order mark.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="ModelReadException">It is no report: <c>MG.Report.Damaged</c>, <c>MG.Report.Unknown</c>, <c>MG.Report.SchemaVersion</c>, <c>MG.Report.TooLarge</c>.</exception>
    public static AuditReport ReadReport(Stream stream, CancellationToken cancellation = default)
    {
        try
        {
            using var bounded = new BoundedStream(stream, MaximumBytes, () => new("MG.Report.TooLarge", "no report is that large"));
            using var document = JsonDocument.Parse(bounded, Options);
            var root = document.RootElement;
            if (root.ValueKind is JsonValueKind.Object && Items(root, "runs").Any())
            {
                Expect(Text(root, "version"), SarifVersion, "SARIF");
                if (Property(Property(Items(root, "runs").First(), "properties"), Reports.Sarif.SarifReport.Part) is { ValueKind: JsonValueKind.Object } part)
                {
                    return new(Report(part, cancellation).ConvertAll(Settled)) { Run = RunOf(Property(part, "run")) };
                }

                return new(Sarif(root, cancellation).ConvertAll(Settled));
            }

            Expect(Text(root, "schemaVersion"), NewestSchema, "its schema");
            return root.ValueKind is JsonValueKind.Object && (Property(root, "files") ?? Property(root, "findings")) is not null
                ? new(Report(root, cancellation).ConvertAll(Settled)) { Run = RunOf(Property(root, "run")) }
                : throw new ModelReadException("MG.Report.Unknown", "this is no report of an audit: neither JSON with 'files' and 'findings' nor SARIF");
        }
        catch (JsonException e)
        {
            throw new ModelReadException("MG.Report.Damaged", $"this is no JSON: {e.Message}");
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException or ArgumentException or OverflowException)
        {
            throw new ModelReadException("MG.Report.Damaged", $"a value of the report is not what it should be: {e.Message}");
        }
    }

    private static void Expect(string? version, int newest, string what)
    {
        if (version is not null && !(int.TryParse(version.Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var major) && major <= newest))
        {
            throw new ModelReadException("MG.Report.SchemaVersion", $"the version of {what} is '{version}'; versions up to {newest} are known: read it with the version of this tool that wrote it");
        }
    }

    /// <summary>What cannot be decided is no finding, though SARIF and reports of schema 1.0 list it among them.</summary>
    private static AuditResult Settled(AuditResult result) => result with
    {
        Findings = result.Findings.RemoveAll(f => f.Outcome is Outcome.Undecidable),
        Guidelines =
        [
            .. result.Guidelines.Select(g => g.Outcome is Outcome.Undecidable && g.Reason is null && result.Findings.FirstOrDefault(f => f.Outcome is Outcome.Undecidable && f.Guideline == g.Guideline) is { } why
                ? g with { Reason = why.Message.StartsWith(Undecided, StringComparison.Ordinal) ? why.Message[Undecided.Length..] : why.Message }
                : g),
        ],
    };

    private static RunInfo RunOf(JsonElement? run) => run is not { } item ? new() : new()
    {
        Settings = Text(run, "settings"),
        Shard = Text(run, "shard"),
        Asked = Property(run, "asked") is { ValueKind: JsonValueKind.Object } asked ? AskedOf(asked) : null,
        SearchPath = Texts(item, "searchPath"),
        Entries = Texts(item, "entries"),
        Baseline = Text(run, "baseline"),
        Fixed = (int?)Number(Property(run, "counts"), "fixed"),
        LeftOut = Property(run, "leftOut") is { ValueKind: JsonValueKind.Object } roles
            ? roles.EnumerateObject().ToImmutableSortedDictionary(r => r.Name, r => r.Value.GetInt32(), StringComparer.Ordinal)
            : ImmutableSortedDictionary<string, int>.Empty,
    };

    private static PartRequest AskedOf(JsonElement asked) => new()
    {
        FailOn = Enum.Parse<FailOn>(Text(asked, "failOn") ?? nameof(FailOn.Warning)),
        FailOnExternal = Property(asked, "failOnExternal") is { ValueKind: JsonValueKind.True },
        MinimumSeverity = Enum.Parse<Severity>(Text(asked, "minimumSeverity") ?? nameof(Severity.Warning)),
        Guidelines = Texts(asked, "guidelines"),
        ExcludedGuidelines = Texts(asked, "excludedGuidelines"),
        ExcludedModules = Texts(asked, "excludedModules"),
        Settings = Texts(asked, "settings"),
        Fails = Property(asked, "fails") is { ValueKind: JsonValueKind.True },
    };

    private static List<AuditResult> Report(JsonElement root, CancellationToken cancellation)
    {
        var findings = Items(root, "findings").Select(f => FindingOf(f, cancellation)).GroupBy(f => f.Path, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.ToList(), StringComparer.Ordinal);
        var results = new List<AuditResult>();
        foreach (var file in Items(root, "files"))
        {
            var path = Text(file, "path") ?? "";
            findings.Remove(path, out var own);
            results.Add(FileOf(file, path, own ?? []));
        }

        // Findings whose files are not listed: of a pipeline that had findings only.
        results.AddRange(findings.Select(pair => WithoutFile(pair.Key, pair.Value)));
        return results;
    }

    private static AuditResult FileOf(JsonElement file, string path, List<Finding> findings) => new()
    {
        Path = path,
        Entry = Text(file, "entry"),
        Order = (int?)Number(file, "order"),
        Format = Text(file, "format") ?? "",
        Exporter = Text(file, "exporter"),
        Framework = Value(file, "framework", Framework.Unknown),
        Elapsed = Property(file, "seconds") is { ValueKind: JsonValueKind.Number } seconds ? TimeSpan.FromSeconds(Math.Clamp(seconds.GetDouble(), 0, 1e9)) : default,
        Error = Property(file, "error") is { ValueKind: JsonValueKind.Object } error ? new(Text(error, "id") ?? "MG.Report.Unknown", Text(error, "message") ?? "", Number(error, "offset")) : null,
        Suppressed = (int)(Number(file, "suppressed") ?? 0),
        Guidelines = [.. Items(file, "guidelines").Select(g => new GuidelineOutcome(Text(g, "guideline") ?? "", Value(g, "outcome", Outcome.Undecidable), Text(g, "reason")))],
        Gaps = [.. Items(file, "gaps").Select(g => new UnfollowedPlace(Text(g, "what") ?? "", Location(g), Texts(g, "hides"), Text(g, "remedy")))],
        GapCount = (int)(Number(file, "gapCount") ?? 0),
        Findings = [.. findings],
    };

    private static AuditResult WithoutFile(string path, List<Finding> findings) => new()
    {
        Path = path,
        Format = findings[0].Format,
        Framework = findings[0].Framework,
        Guidelines = [.. findings.GroupBy(f => f.Guideline, StringComparer.Ordinal).Select(g => new GuidelineOutcome(g.Key, OutcomeOf(g), null))],
        Findings = [.. findings],
    };

    private static Outcome OutcomeOf(IEnumerable<Finding> findings) =>
        findings.Any(f => f.Outcome is Outcome.Fail && f.Severity >= Severity.Warning) ? Outcome.Fail
        : findings.Any(f => f.Outcome is Outcome.Undecidable) ? Outcome.Undecidable : Outcome.Pass;

    private static Finding FindingOf(JsonElement finding, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        return FindingOf(finding);
    }

    private static Finding FindingOf(JsonElement finding) => new()
    {
        Guideline = Text(finding, "guideline") ?? throw new FormatException("a finding has no 'guideline'"),
        Severity = Value(finding, "severity", Severity.Warning),
        Outcome = Value(finding, "outcome", Outcome.Fail),
        Confidence = Value(finding, "confidence", Confidence.Certain),
        Conditions = Texts(finding, "conditions"),
        Doubt = Text(finding, "doubt"),
        Path = Text(finding, "path") ?? "",
        Format = Text(finding, "format") ?? "",
        Framework = Value(finding, "framework", Framework.Unknown),
        Module = Text(finding, "module"),
        ModuleType = Text(finding, "moduleType"),
        Model = Text(finding, "model"),
        Place = Text(finding, "place") ?? "",
        Instances = Texts(finding, "instances"),
        InstanceCount = (int)(Number(finding, "instanceCount") ?? 0),
        Models = Texts(finding, "models"),
        External = Text(finding, "external") is "True" or "true",
        Package = Text(finding, "package"),
        Aliases = Texts(finding, "aliases"),
        Operator = Text(finding, "operator"),
        Replacement = Text(finding, "replacement"),
        CallCount = (int?)Number(finding, "callCount"),
        Calls = [.. Items(finding, "calls").Select(c => new CallSite(Text(c, "caller"), Text(c, "node"), Location(c)))],
        Affected = Texts(finding, "affected"),
        Direction = Text(finding, "direction") is { } direction ? Enum.Parse<ValueDirection>(direction, ignoreCase: true) : null,
        Argument = Text(finding, "argument"),
        ValueType = Text(finding, "valueType"),
        Node = Text(finding, "node"),
        OpType = Text(finding, "opType"),
        Location = Location(finding),
        Snippet = Text(finding, "snippet"),
        Message = Text(finding, "message") ?? "",
        Recommendation = Text(finding, "recommendation"),
        HelpUri = Uri.TryCreate(Text(finding, "helpUri"), UriKind.Absolute, out var uri) ? uri : null,
        Fingerprint = Text(finding, "fingerprint") ?? "",
        BaselineState = Text(finding, "baselineState"),
    };

    private static List<AuditResult> Sarif(JsonElement root, CancellationToken cancellation)
    {
        var findings = new List<Finding>();
        var failures = new List<AuditResult>();
        var undecided = new List<(string Path, GuidelineOutcome Outcome)>();
        foreach (var run in Items(root, "runs"))
        {
            var helpUris = Items(Property(Property(run, "tool"), "driver"), "rules").ToLookup(r => Text(r, "id") ?? "", r => Text(r, "helpUri"), StringComparer.Ordinal);
            foreach (var result in Items(run, "results").Where(r => !Items(r, "suppressions").Any()))
            {
                cancellation.ThrowIfCancellationRequested();
                findings.Add(SarifFinding(result, helpUris));
            }

            foreach (var notification in Items(run, "invocations").SelectMany(i => Items(i, "toolExecutionNotifications")).Where(n => Items(n, "locations").Any()))
            {
                var (path, message) = (SarifPath(Items(notification, "locations").First()), Text(Property(notification, "message"), "text") ?? "");
                if (Text(Property(notification, "associatedRule"), "id") is { } guideline)
                {
                    undecided.Add((path, new(guideline, Outcome.Undecidable, message.StartsWith(Undecided, StringComparison.Ordinal) ? message[Undecided.Length..] : message)));
                }
                else
                {
                    failures.Add(new() { Path = path, Error = new(Text(Property(notification, "descriptor"), "id") ?? "MG.Report.Unknown", message, null) });
                }
            }
        }

        var files = findings.GroupBy(f => f.Path, StringComparer.Ordinal).Select(g => WithoutFile(g.Key, [.. g])).ToDictionary(r => r.Path, StringComparer.Ordinal);
        foreach (var of in undecided.GroupBy(u => u.Path, u => u.Outcome, StringComparer.Ordinal))
        {
            var file = files.GetValueOrDefault(of.Key) ?? new() { Path = of.Key };
            files[of.Key] = file with { Guidelines = [.. file.Guidelines, .. of] };
        }

        return [.. files.Values, .. failures];
    }

    private static Finding SarifFinding(JsonElement result, ILookup<string, string?> helpUris)
    {
        var guideline = Text(result, "ruleId") ?? throw new FormatException("a result has no 'ruleId'");
        var place = Items(result, "locations").FirstOrDefault();
        var physical = Property(place, "physicalLocation");
        var region = Property(physical, "region");
        var path = SarifPath(place);
        var properties = Property(result, "properties");
        var message = Text(Property(result, "message"), "text") ?? "";
        var split = message.IndexOf(". To do: ", StringComparison.Ordinal);
        var prints = Property(result, "partialFingerprints");
        var name = Text(Items(place, "logicalLocations").FirstOrDefault(), "fullyQualifiedName");
        return new()
        {
            Guideline = guideline,
            Severity = Text(result, "level") switch { "error" => Severity.Error, "note" => Severity.Information, _ => Severity.Warning },
            Outcome = Text(result, "kind") == "open" ? Outcome.Undecidable : Outcome.Fail,
            Confidence = Value(properties, "confidence", Confidence.Certain),
            Path = path,
            Format = Text(properties, "format") ?? "",
            Framework = Value(properties, "framework", Framework.Unknown),
            Module = name == "(root)" ? "" : name,
            Operator = Text(properties, "operator"),
            Replacement = Text(properties, "replacement"),
            Node = Text(properties, "node"),
            Snippet = Text(Property(region, "snippet"), "text"),
            BaselineState = Text(result, "baselineState"),

            // A graph file has no lines, whatever a viewer is told.
            Location = Number(region, "startLine") is { } line && Text(properties, "format") is null or "PythonSource" ? new(path, (int)line, (int?)Number(region, "startColumn")) : null,
            Message = split < 0 ? message : message[..split],
            Recommendation = split < 0 ? null : message[(split + 9)..].TrimEnd('.'),
            HelpUri = Uri.TryCreate(helpUris[guideline].FirstOrDefault(), UriKind.Absolute, out var uri) ? uri : null,
            Fingerprint = Text(prints, "modelGuidelines/v1") ?? "",
        };
    }

    private static string SarifPath(JsonElement place)
    {
        var uri = Text(Property(Property(place, "physicalLocation"), "artifactLocation"), "uri") ?? "";
        return uri.StartsWith("file://", StringComparison.Ordinal) && Uri.TryCreate(uri, UriKind.Absolute, out var absolute) ? absolute.LocalPath : Uri.UnescapeDataString(uri);
    }

    private static JsonElement? Property(JsonElement? parent, string name)
    {
        if (parent is not { ValueKind: JsonValueKind.Object } item)
        {
            return null;
        }

        if (item.TryGetProperty(name, out var exact))
        {
            return exact.ValueKind is JsonValueKind.Null ? null : exact;
        }

        foreach (var property in item.EnumerateObject())
        {
            if (string.Equals(property.Name, name, StringComparison.OrdinalIgnoreCase))
            {
                return property.Value.ValueKind is JsonValueKind.Null ? null : property.Value;
            }
        }

        return null;
    }

    private static IEnumerable<JsonElement> Items(JsonElement? parent, string name) => Property(parent, name) switch
    {
        { ValueKind: JsonValueKind.Array } array => array.EnumerateArray().Where(i => i.ValueKind is not JsonValueKind.Null),

        // A list of one that some shell has unrolled.
        { ValueKind: JsonValueKind.Object or JsonValueKind.String } one => [one],
        _ => [],
    };

    private static string? Text(JsonElement? parent, string name) => Property(parent, name) switch
    {
        { ValueKind: JsonValueKind.String } text => text.GetString(),
        { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } other => other.ToString(),
        _ => null,
    };

    private static ImmutableArray<string> Texts(JsonElement parent, string name) =>
        [.. Items(parent, name).Where(i => i.ValueKind is JsonValueKind.String).Select(i => i.GetString()!)];

    private static long? Number(JsonElement? parent, string name) => Property(parent, name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : null;

    private static T Value<T>(JsonElement? parent, string name, T otherwise)
        where T : struct, Enum => Text(parent, name) is { } text ? Enum.Parse<T>(text, ignoreCase: true) : otherwise;

    private static SourceLocation? Location(JsonElement parent) =>
        Property(parent, "location") is { ValueKind: JsonValueKind.Object } location && Text(location, "file") is { } file
            ? new(file, (int)(Number(location, "line") ?? 0), (int?)Number(location, "column"))
            : null;
}
