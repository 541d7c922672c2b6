using System.Diagnostics;
using System.Text.Json;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.Storage;

/// <summary>The reader against what h5py writes and reads back: every layout that it offers, and a committed few.</summary>
public sealed class Hdf5LayoutTests
{
    public static TheoryData<string> Committed => [.. Directory.EnumerateFiles(Folder, "*.h5").Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    private static string Folder => RepositoryFiles.Fixture("keras", "hdf5");

    [Theory]
    [MemberData(nameof(Committed))]
    public void Reads_what_h5py_wrote(string name)
    {
        using var expected = JsonDocument.Parse(File.ReadAllBytes(Path.Join(Folder, "expected.json")));
        Compare(Path.Join(Folder, name), expected.RootElement.GetProperty(name));
    }

    /// <summary>Writes some eighty files with the oldest and the newest structures, small and large, by the committed script.</summary>
    [Fact]
    public async Task Reads_every_layout_that_h5py_writes()
    {
        var folder = Directory.CreateTempSubdirectory("hdf5-layouts");
        var script = Path.Join(Folder, "layouts.py");
        var start = new ProcessStartInfo("/usr/bin/python3", [script, folder.FullName]) { UseShellExecute = false, RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var reading = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
            var errors = await reading;
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            if (process.ExitCode != 0)
            {
                Assert.Skip($"python3 with h5py is not installed here: {errors.Split('\n').LastOrDefault(l => l.Length > 0)}");
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Assert.Skip("there is no /usr/bin/python3 here");
        }

        using var expected = JsonDocument.Parse(await File.ReadAllBytesAsync(Path.Join(folder.FullName, "expected.json"), TestContext.Current.CancellationToken));
        var count = 0;
        var failures = new List<string>();
        foreach (var file in expected.RootElement.EnumerateObject())
        {
            if (Record.Exception(() => Compare(Path.Join(folder.FullName, file.Name), file.Value)) is { } failure)
            {
                failures.Add($"{file.Name}: {failure.Message}");
            }

            count++;
        }

        folder.Delete(recursive: true);
        Assert.Empty(failures);
        Assert.True(count >= 60, $"only {count} files were written");
    }

    private static void Compare(string path, JsonElement expected)
    {
        using var mapped = new PagedFile(path);
        Assert.True(Hdf5File.IsHdf5(mapped));
        var file = Hdf5File.Open(mapped, 0, mapped.Length, ReadLimits.Default, TestContext.Current.CancellationToken);
        var objects = new Dictionary<string, Hdf5Object>(StringComparer.Ordinal) { ["/"] = file.Root };
        foreach (var item in expected.EnumerateObject())
        {
            var where = $"{Path.GetFileName(path)}:{item.Name}";
            var found = objects[item.Name]; // h5py walks from the root on, as the reader does
            foreach (var link in file.Links(found).Where(l => l.Address is not null))
            {
                objects.TryAdd($"{item.Name.TrimEnd('/')}/{link.Name}", file.Open(link));
            }

            Assert.Equal(item.Value.GetProperty("dataset").GetBoolean(), found.IsDataset);
            var links = file.Links(found).ToList();
            Equal(item.Value.GetProperty("hard"), links.Where(l => l.Address is not null).Select(l => l.Name), where);
            Equal(item.Value.GetProperty("other"), links.Where(l => l.Address is null).Select(l => l.Name), where);
            var attributes = item.Value.GetProperty("attributes").EnumerateObject().ToList();
            Assert.Equal(attributes.Select(a => a.Name).Order(StringComparer.Ordinal), file.AttributeNames(found).Order(StringComparer.Ordinal));
            foreach (var attribute in attributes.Where(a => attributes.Count < 100 || a.Name.EndsWith('7')))
            {
                var strings = file.Strings(found, attribute.Name);
                if (attribute.Value.ValueKind is JsonValueKind.Null)
                {
                    Assert.True(strings is null, $"{where}@{attribute.Name} is no text");
                    continue;
                }

                Assert.Equal(attribute.Value.EnumerateArray().Select(s => s.GetString()!), strings ?? throw new InvalidOperationException($"{where}@{attribute.Name} was not read"));
            }
        }
    }

    private static void Equal(JsonElement expected, IEnumerable<string> found, string where)
    {
        var names = expected.EnumerateArray().Select(s => s.GetString()!).Order(StringComparer.Ordinal).ToList();
        var links = found.Order(StringComparer.Ordinal).ToList();
        Assert.True(names.SequenceEqual(links, StringComparer.Ordinal), $"{where}: expected {names.Count} links, found {links.Count}");
    }
}
