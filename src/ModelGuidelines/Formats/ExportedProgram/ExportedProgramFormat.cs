using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary><c>.pt2</c>: what torch.export.save writes, a zip archive of a program in JSON beside its weights.</summary>
/// <remarks>Layouts: <c>{root}/models/{name}.json</c> (torch 2.7 and newer), <c>serialized_exported_program.json</c> (2.1 to 2.6).
/// AOTInductor's packages hold compiled code under <c>data/aotinductor</c>, and no program.</remarks>
public sealed class ExportedProgramFormat : IModelFormat
{
    private const string OldProgram = "serialized_exported_program.json";

    public string Name => "ExportedProgram";

    public IReadOnlyCollection<string> Extensions => [".pt2"];

    public bool Matches(ModelSource source)
    {
        if (source.IsDirectory || !source.IsZip)
        {
            return false;
        }

        try
        {
            return source.Zip.Entries.Any(e => IsProgram(e.Name) || IsCompiled(e.Name));
        }
        catch (ModelReadException)
        {
            return source.Extension is ".pt2"; // what is wrong with it, reading says
        }
    }

    public ModelGraph Read(ModelSource source)
    {
        var entries = Programs(source.Zip).ToList();
        if (entries.Count == 0)
        {
            return source.Zip.Entries.Any(e => IsCompiled(e.Name))
                ? new()
                {
                    Framework = Framework.PyTorch,
                    Exporter = "PyTorch (AOTInductor)",
                    Evidence = GraphEvidence.AllAbsent("the package holds code that AOTInductor compiled, and no program: its modules are gone; audit the program that was compiled, saved with torch.export.save"),
                }
                : throw new ModelReadException("MG.ExportedProgram.NoProgram", "the archive holds no exported program");
        }

        var programs = new List<(string Name, ModelGraph Graph)>();
        ModelReadException? none = null;
        foreach (var entry in entries)
        {
            try
            {
                programs.Add((Path.GetFileNameWithoutExtension(entry.Name), ReadProgram(source, entry)));
            }
            catch (ModelReadException e) when (e.Id is ProgramReader.NoGraph && entries.Count > 1)
            {
                none = e; // another file that lies beside programs
            }
        }

        return programs.Count == 0 ? throw none! : ModelGraphs.Join(programs);
    }

    private static ModelGraph ReadProgram(ModelSource source, ZipEntry entry)
    {
        var begin = Leftovers.Now;
        var program = ReadJson(source, entry);
        Leftovers.GiveBack(begin);
        return program.SchemaMajor is > ProgramVersion.NewestSchema or < 1
            ? throw new ModelReadException(
                "MG.ExportedProgram.SchemaVersion",
                $"the program's schema version is {program.SchemaMajor}; versions 1 to {ProgramVersion.NewestSchema} are known")
            : new ProgramTranslation(program, source.Limits, source.Cancellation, source.IncludeNodes).Translate();
    }

    private static Program ReadJson(ModelSource source, ZipEntry entry)
    {
        using var json = source.Zip.Stream(entry);
        return new ProgramReader(source.Limits, source.Cancellation, source.IncludeNodes).Read(json, source.Budget.Hold);
    }

    /// <summary>The archive's programs; in a package there may be several, one for each method. A user's extra files lie deeper, whatever their names.</summary>
    private static IEnumerable<ZipEntry> Programs(ZipArchiveView zip)
    {
        var found = zip.Entries.Where(e => IsProgram(e.Name)).GroupBy(e => e.Name.AsSpan().Count('/')).MinBy(g => g.Key);
        return found ?? Enumerable.Empty<ZipEntry>();
    }

    private static bool IsProgram(string name) => name is OldProgram || name.EndsWith("/" + OldProgram, StringComparison.Ordinal)
        || (name.EndsWith(".json", StringComparison.Ordinal) && name.Split('/') is [.., "models", _]);

    private static bool IsCompiled(string name) => name.Contains("data/aotinductor/", StringComparison.Ordinal);
}
