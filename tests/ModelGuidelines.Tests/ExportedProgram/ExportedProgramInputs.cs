using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using ModelGuidelines.Audit;
using ModelGuidelines.Formats;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.ExportedProgram;

/// <summary>Programs for tests: real ones from the fixtures, and archives made around a given JSON.</summary>
internal static class ExportedProgramInputs
{
    public const string NewEntry = "exported/models/model.json";
    public const string OldEntry = "serialized_exported_program.json";

    public static string Fixture(string pattern) => RepositoryFiles.Fixture("pt2", pattern, "exported.pt2");

    public static byte[] Json(string path)
    {
        using var zip = ZipFile.OpenRead(path);
        using var stream = zip.Entries.Single(e => e.FullName.EndsWith("/models/model.json", StringComparison.Ordinal)).Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }

    /// <summary>Every program of an archive, of whatever version.</summary>
    public static IEnumerable<byte[]> Programs(string path)
    {
        using var zip = ZipFile.OpenRead(path);
        foreach (var entry in zip.Entries.Where(e => e.FullName == OldEntry || e.FullName.Split('/') is [_, "models", _]))
        {
            using var stream = entry.Open();
            using var bytes = new MemoryStream();
            stream.CopyTo(bytes);
            yield return bytes.ToArray();
        }
    }

    public static JsonNode Program(string pattern) => JsonNode.Parse(Json(Fixture(pattern)))!;

    public static IEnumerable<JsonObject> Nodes(JsonNode program) => program["graph_module"]!["graph"]!["nodes"]!.AsArray().Select(n => n!.AsObject());

    /// <summary>A node as torch.export writes it.</summary>
    public static JsonObject Node(string name, string target, string stack, string? function = null, params JsonNode[] arguments)
    {
        var metadata = new JsonObject { ["nn_module_stack"] = stack };
        if (function is not null)
        {
            metadata["torch_fn"] = function;
        }

        return new()
        {
            ["target"] = target,
            ["inputs"] = new JsonArray([.. arguments.Select(a => new JsonObject { ["name"] = "arg", ["arg"] = a, ["kind"] = 1 })]),
            ["outputs"] = new JsonArray(new JsonObject { ["as_tensor"] = new JsonObject { ["name"] = name } }),
            ["metadata"] = metadata,
            ["name"] = name,
        };
    }

    public static JsonObject Graph(params JsonObject[] nodes) => new() { ["as_graph"] = new JsonObject { ["name"] = "g", ["graph"] = new JsonObject { ["nodes"] = new JsonArray([.. nodes]) } } };

    /// <summary>A program of those nodes.</summary>
    public static JsonObject ProgramOf(string torchVersion, params JsonObject[] nodes) => new()
    {
        ["graph_module"] = new JsonObject { ["graph"] = new JsonObject { ["nodes"] = new JsonArray([.. nodes]) }, ["module_call_graph"] = new JsonArray() },
        ["schema_version"] = new JsonObject { ["major"] = 8, ["minor"] = 1 },
        ["torch_version"] = torchVersion,
    };

    public static AuditResult AuditOf(JsonNode program, string entry = NewEntry) => With((entry, Encoding.UTF8.GetBytes(program.ToJsonString())), AuditOf);

    public static ModelGraph Read(JsonNode program) => With((NewEntry, Encoding.UTF8.GetBytes(program.ToJsonString())), Read);

    public static AuditResult AuditOf(string entry, byte[] content) => With((entry, content), AuditOf);

    public static AuditResult AuditOf(string path) => Auditor.Default.Audit(new(path, path), Written.Settings with { EveryInstance = true }, TestContext.Current.CancellationToken)!;

    public static ModelGraph Read(string path)
    {
        using var source = new ModelSource(path, ReadLimits.Default);
        return FormatRegistry.Default.Detect(source)!.Read(source);
    }

    private static T With<T>((string Entry, byte[] Content) file, Func<string, T> use)
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("model-guidelines-").FullName, "model.pt2");
        try
        {
            using (var zip = ZipFile.Open(path, ZipArchiveMode.Create))
            {
                using var stream = zip.CreateEntry(file.Entry).Open();
                stream.Write(file.Content);
            }

            return use(path);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
        }
    }
}
