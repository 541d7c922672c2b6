using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Reports.Pictures;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Audit.Memory;

/// <summary>What is kept of each type, in the order of the bytes.</summary>
internal static class RecordFields
{
    private static readonly ImmutableArray<string> Known = [.. GuidelineCatalog.All.Select(g => g.Descriptor.Id), ""];

    public static AuditRecord Record(RecordForm f, AuditRecord? r)
    {
        f.Know(Known);
        return new(
            f.List(r?.Seen ?? [], File),
            f.Number(r?.Recorded ?? 0),
            f.Perhaps(r?.Result, Result),
            f.List(r?.Roles ?? [], static (f, role) => f.Texts(role.IsDefault ? [] : role)),
            f.Text(r?.Digest));
    }

    private static SeenFile File(RecordForm f, SeenFile? s) => new(
        f.Name(s?.Path),
        f.Flag(s?.Stamp is not null) ? new FileStamp(f.Number(s?.Stamp?.Length ?? 0), f.Number(s?.Stamp?.Written ?? 0)) : null,
        f.Flag(s?.Ranges is not null) ? [.. f.List<long>(s?.Ranges is null ? [] : [.. s.Ranges], static (f, n) => f.Number(n))] : null,
        f.Text(s?.Hash));

    private static AuditResult Result(RecordForm f, AuditResult? r) => new()
    {
        Path = f.Name(r?.Path),
        FullPath = f.Text(r?.FullPath),
        Entry = f.Text(r?.Entry),
        Order = f.Perhaps(r?.Order),
        Format = f.Name(r?.Format),
        Exporter = f.Text(r?.Exporter),
        Framework = (Framework)f.Number((int?)r?.Framework ?? 0),
        Elapsed = new(f.Number(r?.Elapsed.Ticks ?? 0)),
        Error = f.Perhaps(r?.Error, static (f, e) => new(f.Name(e?.Id), f.Name(e?.Message), f.Perhaps(e?.Offset))),
        Guidelines = f.List(r?.Guidelines ?? [], static (f, g) => new GuidelineOutcome(f.Name(g?.Guideline), (Outcome)f.Number((int?)g?.Outcome ?? 0), f.Text(g?.Reason))),
        Gaps = f.List(r?.Gaps ?? [], static (f, g) => new UnfollowedPlace(f.Name(g?.What), f.Perhaps(g?.Location, Location), f.Texts(g?.Hides ?? []), f.Text(g?.Remedy))),
        GapCount = f.Number(r?.GapCount ?? 0),
        Findings = f.List(r?.Findings ?? [], Finding),
        Picture = f.Text(r?.Picture is { } picture ? JsonSerializer.Serialize(picture, PictureJson.Default.Picture) : null) is { } drawn ? JsonSerializer.Deserialize(drawn, PictureJson.Default.Picture) : null,
        Suppressed = f.Number(r?.Suppressed ?? 0),
        SuppressedFindings = f.List(r?.SuppressedFindings ?? [], static (f, s) => new SuppressedFinding(Finding(f, s?.Finding), Suppression(f, s?.By))),
        Suppressions = f.List(r?.Suppressions ?? [], Suppression),
    };

    private static Suppression Suppression(RecordForm f, Suppression? s) => new(f.Name(s?.Guideline), f.Text(s?.Reason), f.Number(s?.FirstLine ?? 0), f.Number(s?.LastLine ?? 0), f.Text(s?.File));

    private static SourceLocation Location(RecordForm f, SourceLocation? l) => new(f.Name(l?.File), f.Number(l?.Line ?? 0), f.Perhaps(l?.Column));

    private static CallSite Call(RecordForm f, CallSite? c) => new(f.Text(c?.Caller), f.Text(c?.Node), f.Perhaps(c?.Location, Location));

    private static Finding Finding(RecordForm f, Finding? x) => new()
    {
        Guideline = f.Name(x?.Guideline),
        Severity = (Severity)f.Number((int?)x?.Severity ?? 0),
        Outcome = (Outcome)f.Number((int?)x?.Outcome ?? 0),
        Confidence = (Confidence)f.Number((int?)x?.Confidence ?? 0),
        Conditions = f.Texts(x?.Conditions ?? []),
        Doubt = f.Text(x?.Doubt),
        Path = f.Name(x?.Path),
        Format = f.Name(x?.Format),
        Framework = (Framework)f.Number((int?)x?.Framework ?? 0),
        Module = f.Text(x?.Module),
        ModuleType = f.Text(x?.ModuleType),
        Model = f.Text(x?.Model),
        Place = f.Name(x?.Place),
        Instances = f.Texts(x?.Instances ?? []),
        InstanceCount = f.Number(x?.InstanceCount ?? 0),
        Models = f.Texts(x?.Models ?? []),
        External = f.Flag(x?.External ?? false),
        Package = f.Text(x?.Package),
        Aliases = f.Texts(x?.Aliases ?? []),
        Operator = f.Text(x?.Operator),
        Replacement = f.Text(x?.Replacement),
        CallCount = f.Perhaps(x?.CallCount),
        Calls = f.List(x?.Calls ?? [], Call),
        Affected = f.Texts(x?.Affected ?? []),
        Direction = (ValueDirection?)f.Perhaps((int?)x?.Direction),
        Argument = f.Text(x?.Argument),
        ValueType = f.Text(x?.ValueType),
        Node = f.Text(x?.Node),
        OpType = f.Text(x?.OpType),
        Location = f.Perhaps(x?.Location, Location),
        Snippet = f.Text(x?.Snippet),
        Message = f.Name(x?.Message),
        Recommendation = f.Text(x?.Recommendation),
        HelpUri = Help(f.Text(x?.HelpUri?.OriginalString)),
        Fingerprint = f.Name(x?.Fingerprint),
        BaselineState = f.Text(x?.BaselineState),
        Sentence = f.Text(x?.Sentence),
        IsAtDefinition = f.Flag(x?.IsAtDefinition ?? false),
        Subject = (FindingSubject)f.Number((int?)x?.Subject ?? 0),
        SourcePath = f.Text(x?.SourcePath),
    };

    private static Uri? Help(string? address) => address is null ? null
        : GuidelineCatalog.All.Select(g => g.Descriptor.HelpUri).FirstOrDefault(u => u.OriginalString == address) ?? new Uri(address, UriKind.RelativeOrAbsolute);
}

/// <summary>A picture is kept as it is drawn; only where a report shows any.</summary>
[JsonSourceGenerationOptions(DefaultIgnoreCondition = JsonIgnoreCondition.Never)]
[JsonSerializable(typeof(Picture))]
internal sealed partial class PictureJson : JsonSerializerContext;
