using System.Globalization;
using System.Text;
using System.Text.Json;
using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.ExportedProgram;

/// <summary>What the table of figures does not show: borders of roots, and places in the source.</summary>
public sealed class ExportedProgramCorpusTests(ITestOutputHelper output)
{
    [Fact]
    public void Borders_of_roots_and_places_in_the_source()
    {
        var root = RepositoryFiles.CorpusOrSkip("pytorch");
        var (roots, foundRoots, lines, carried, found) = (0, 0, 0, 0, 0);
        var wrong = new List<string>();
        foreach (var path in Directory.EnumerateFiles(root, "exported.pt2", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            using var stream = File.OpenRead(Path.Combine(Path.GetDirectoryName(path)!, "truth.json"));
            using var truth = JsonDocument.Parse(stream);
            var findings = ExportedProgramInputs.AuditOf(path).Findings;
            foreach (var border in truth.RootElement.GetProperty("interfaces").EnumerateArray().Where(i => i.GetProperty("module").GetString()!.Length == 0 && !i.GetProperty("soft").GetBoolean()))
            {
                var direction = border.GetProperty("direction").GetString();
                roots++;
                foundRoots += findings.Any(f => f.Guideline == "PyTorch.TensorInterface" && f.Module?.Length == 0 && string.Equals(f.Direction?.ToString(), direction, StringComparison.OrdinalIgnoreCase)) ? 1 : 0;
            }

            if (!Path.GetDirectoryName(path)!.Contains("patterns", StringComparison.Ordinal))
            {
                continue;
            }

            var text = Encoding.UTF8.GetString(ExportedProgramInputs.Json(path));
            foreach (var (what, at, said) in Places(truth.RootElement, findings))
            {
                lines++;
                if (!text.Contains($"model.py\\\", line {at},", StringComparison.Ordinal))
                {
                    continue; // a helper's line: the file keeps the lines of forwards only
                }

                carried++;
                if (said.Contains(at))
                {
                    found++;
                }
                else
                {
                    wrong.Add($"{Path.GetFileName(Path.GetDirectoryName(path))}: {what} at line {at}, said {string.Join(' ', said)}");
                }
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"roots' borders: {foundRoots} of {roots}; places: {lines} in the truth, {carried} carried by the files, {found} of these said"));
        wrong.ForEach(output.WriteLine);
        Assert.True(foundRoots >= 0.95 * roots, $"{foundRoots} of {roots} borders of roots");
        Assert.True(found >= 0.98 * carried, $"{found} of {carried} places:\n{string.Join('\n', wrong)}");
    }

    private static IEnumerable<(string What, int Line, HashSet<int> Said)> Places(JsonElement truth, IReadOnlyCollection<Finding> findings)
    {
        foreach (var f in findings.Where(f => f.Guideline is "PyTorch.FunctionalCall" && f.Outcome is Outcome.Fail).GroupBy(f => (f.Module, f.Operator)))
        {
            var said = f.Select(g => g.Location?.Line ?? 0).ToHashSet();
            foreach (var e in truth.GetProperty("functionals").EnumerateArray().Where(e => e.GetProperty("module").GetString() == f.Key.Module && e.GetProperty("function").GetString() == f.Key.Operator))
            {
                foreach (var at in e.GetProperty("at").EnumerateArray())
                {
                    yield return ($"{f.Key.Module}.{f.Key.Operator}", Line(at), said);
                }
            }
        }

        foreach (var f in findings.Where(f => f.Guideline is "PyTorch.ModuleReuse" && f.Outcome is Outcome.Fail))
        {
            var said = f.Calls.Select(c => c.Location?.Line ?? 0).ToHashSet();
            foreach (var e in truth.GetProperty("reused").EnumerateArray().Where(e => e.GetProperty("path").GetString() == f.Module))
            {
                foreach (var use in e.GetProperty("uses").EnumerateArray())
                {
                    yield return (f.Module!, Line(use.GetProperty("at")), said);
                }
            }
        }
    }

    private static int Line(JsonElement at) => int.Parse(at.GetString()!.Split(':')[^1], CultureInfo.InvariantCulture);
}
