using System.Text.Json;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;

namespace ModelGuidelines.Reports;

/// <summary>A model graph as JSON: everything that guidelines see, and the nodes when asked for.</summary>
public static class GraphJson
{
    /// <summary>Writes one object, UTF-8 without a byte order mark; modules refer to each other by qualified name.</summary>
    public static void Write(Stream stream, string path, string format, ModelGraph graph, bool nodes)
    {
        using var json = new Utf8JsonWriter(stream, JsonReport.Options);
        string Name(int module) => graph.Modules[module].QualifiedName;
        json.WriteStartObject();
        json.WriteString("schemaVersion", "1.0");
        JsonReport.WriteTool(json);
        json.WriteString("path", path);
        json.WriteString("format", format);
        json.WriteString("exporter", graph.Exporter);
        json.WriteString("framework", graph.Framework.ToString());
        WriteEvidence(json, graph.Evidence);
        var calls = graph.Calls.GroupBy(c => c.Module).ToDictionary(g => g.Key, g => g.Sum(c => (long)c.Times));
        Array(json, "modules", graph.Modules.Select((m, i) => (m, i)), item =>
        {
            json.WriteString("name", item.m.QualifiedName);
            JsonReport.WriteText(json, "type", item.m.Type);
            JsonReport.WriteText(json, "parent", item.m.Parent is { } parent ? Name(parent) : null);
            JsonReport.WriteTexts(json, "parameters", item.m.Parameters);
            JsonReport.WriteTexts(json, "aliases", item.m.Aliases);
            json.WriteString("origin", item.m.Origin.ToString());
            json.WriteNumber("calls", calls.GetValueOrDefault(item.i));
            JsonReport.WriteLocation(json, item.m.Location);
        });
        Array(json, "calls", graph.Calls, c =>
        {
            json.WriteString("module", Name(c.Module));
            JsonReport.WriteText(json, "caller", c.Caller is { } caller ? Name(caller) : null);
            JsonReport.WriteText(json, "node", c.Node);
            json.WriteNumber("times", c.Times);
            json.WriteString("confidence", (c.Certainty.IsCertain ? Confidence.Certain : Confidence.Likely).ToString());
            JsonReport.WriteLocation(json, c.Location);
        });
        Array(json, "operations", graph.Operations, o =>
        {
            json.WriteString("operator", o.Function);
            json.WriteString("module", Name(o.Module));
            JsonReport.WriteText(json, "node", o.Node);
            JsonReport.WriteText(json, "opType", o.OpType);
            JsonReport.WriteLocation(json, o.Location);
        });
        Array(json, "interfaces", graph.Interfaces, i =>
        {
            json.WriteString("module", Name(i.Module));
            json.WriteString("direction", i.Direction is ValueDirection.Input ? "input" : "output");
            json.WriteString("argument", i.Argument);
            json.WriteString("valueType", i.Type.ToString());
        });
        if (nodes)
        {
            Array(json, "nodes", graph.Nodes, n =>
            {
                json.WriteString("name", n.Name);
                json.WriteString("opType", n.OpType);
                JsonReport.WriteText(json, "module", n.Module is { } module ? Name(module) : null);
                JsonReport.WriteText(json, "graph", n.Graph.Length == 0 ? null : n.Graph);
                JsonReport.WriteTexts(json, "inputs", [.. n.Inputs.Select(v => v.ToString())]);
                JsonReport.WriteTexts(json, "outputs", [.. n.Outputs.Select(v => v.ToString())]);
                JsonReport.WriteLocation(json, n.Location);
            });
        }

        json.WriteEndObject();
        json.Flush();
        stream.Write("\n"u8);
    }

    private static void WriteEvidence(Utf8JsonWriter json, GraphEvidence evidence)
    {
        json.WriteStartObject("evidence");
        foreach (var (name, item) in new[]
        {
            ("moduleCalls", evidence.ModuleCalls), ("operations", evidence.Operations), ("rootInterface", evidence.RootInterface),
            ("submoduleInterfaces", evidence.SubmoduleInterfaces), ("construction", evidence.Construction),
        })
        {
            json.WriteStartObject(name);
            json.WriteString("completeness", item.Completeness.ToString());
            json.WriteString("reason", item.Reason);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void Array<T>(Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (var item in items)
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
