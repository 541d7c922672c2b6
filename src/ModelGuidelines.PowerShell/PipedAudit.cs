using System.Collections;
using System.Collections.Immutable;
using System.Management.Automation;
using System.Text.Json;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;

namespace ModelGuidelines.PowerShell;

/// <summary>Objects of an audit from the pipeline, live or from a job, a session, CLIXML or JSON, brought back into what reports are made of.</summary>
internal sealed class PipedAudit
{
    private const int MaximumDepth = 8;
    private readonly List<PSObject> _files = [];
    private readonly List<PSObject> _findings = [];
    private readonly List<(string Path, string Guideline, string Reason, PSObject From)> _undecided = [];

    /// <summary>Takes one object.</summary>
    /// <returns>Whether it is one of an audit.</returns>
    public bool Add(PSObject piped)
    {
        var path = PipedObject.Text(piped, "Path");
        var guideline = PipedObject.Text(piped, "Guideline");
        var outcome = PipedObject.Text(piped, "Outcome");
        if (PipedObject.Is<AuditRun>(piped) || PipedObject.Is<FindingChange>(piped))
        {
            foreach (var inner in Items(piped, "Findings").Concat(Items(piped, "Finding")))
            {
                Add(inner);
            }

            return true;
        }

        if (path is null || outcome is null)
        {
            return false;
        }

        if (piped.Properties["Guidelines"] is not null)
        {
            _files.Add(piped);
            return true;
        }

        switch (guideline is null ? null : outcome)
        {
            case "Fail":
                _findings.Add(piped);
                return true;
            case "Undecidable":
                _undecided.Add((path, guideline!, PipedObject.Text(piped, "Reason") ?? "", piped));
                return true;
            case "Suppressed":
                return true; // counted in its file's record
            default:
                return false;
        }
    }

    /// <summary>What was taken, as results of files in the order in which they came.</summary>
    /// <exception cref="Storage.ModelReadException">A property of an object is not what it should be.</exception>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public AuditReport Report(CancellationToken cancellation)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            Write(json, "files", _files, cancellation);
            Write(json, "findings", _findings, cancellation);
            json.WriteEndObject();
        }

        stream.Position = 0;
        var results = ReportReader.Read(stream, cancellation).ToList();
        foreach (var group in _undecided.GroupBy(u => u.Path, StringComparer.Ordinal))
        {
            var index = results.FindIndex(r => r.Path == group.Key);
            if (index < 0)
            {
                index = results.Count;
                var first = group.First().From;
                results.Add(new()
                {
                    Path = group.Key,
                    Format = PipedObject.Text(first, "Format") ?? "",
                    Framework = Enum.TryParse<Models.Framework>(PipedObject.Text(first, "Framework"), out var framework) ? framework : default,
                });
            }

            foreach (var (_, guideline, reason, _) in group.Where(u => !results[index].Guidelines.Any(g => g.Guideline == u.Guideline)))
            {
                results[index] = results[index] with { Guidelines = results[index].Guidelines.Add(new(guideline, Outcome.Undecidable, reason)) };
            }
        }

        // Live objects know how their audit was run; what went through a job or a file of another kind does not.
        return new(results) { Run = _files.Select(f => (f.BaseObject as AuditedFile)?.Run).OfType<RunInfo>().FirstOrDefault() ?? new() };
    }

    private static IEnumerable<PSObject> Items(PSObject piped, string property) => piped.Properties[property]?.Value switch
    {
        null => [],
        string => [],
        PSObject { BaseObject: IEnumerable inner and not string } => inner.Cast<object>().Select(PSObject.AsPSObject),
        IEnumerable list => list.Cast<object>().Select(PSObject.AsPSObject),
        var one => [PSObject.AsPSObject(one)],
    };

    private static void Write(Utf8JsonWriter json, string name, List<PSObject> items, CancellationToken cancellation)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            cancellation.ThrowIfCancellationRequested();
            Write(json, item, 0);
        }

        json.WriteEndArray();
    }

    /// <summary>Any value as JSON; properties keep their names, which the reader takes in any case.</summary>
    private static void Write(Utf8JsonWriter json, object? value, int depth)
    {
        var item = value is PSObject wrapped && wrapped.BaseObject is not PSCustomObject ? wrapped.BaseObject : value;
        switch (item)
        {
            case null:
                json.WriteNullValue();
                break;
            case string or Uri or Enum or Guid:
                json.WriteStringValue(item.ToString());
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case int or long or double or float or decimal or uint or short or byte:
                json.WriteNumberValue(Convert.ToDecimal(item, System.Globalization.CultureInfo.InvariantCulture));
                break;
            case IEnumerable list and not IDictionary:
                json.WriteStartArray();
                foreach (var inner in list)
                {
                    Write(json, inner, depth + 1);
                }

                json.WriteEndArray();
                break;
            default:
                WriteObject(json, value!, depth);
                break;
        }
    }

    private static void WriteObject(Utf8JsonWriter json, object value, int depth)
    {
        if (depth > MaximumDepth)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        foreach (var property in PSObject.AsPSObject(value).Properties.Where(p => p.IsGettable && p.Name is not ("File" or "Line" or "SeverityLevel") || depth > 0))
        {
            json.WritePropertyName(property.Name);
            Write(json, property.Value, depth + 1);
        }

        json.WriteEndObject();
    }
}
