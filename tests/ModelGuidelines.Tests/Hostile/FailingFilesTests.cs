using ModelGuidelines.Audit;
using ModelGuidelines.Tests.Repairs;

namespace ModelGuidelines.Tests.Hostile;

/// <summary>What a disk or a network share does: it has a file, and gives none of its bytes.</summary>
public sealed class FailingFilesTests
{
    /// <summary>An ordinary file of 4,096 bytes for whoever asks what it is; reading it is an error of the system.</summary>
    private const string Failing = "/sys/class/net/lo/duplex";

    [Fact]
    public async Task A_read_that_fails_costs_one_file()
    {
        Assert.SkipUnless(Fails(), "this system has no file whose reading fails");
        using var folder = new TemporaryFolder();
        string[] failing = ["b.onnx", "c.pt", "d.pt2", "e.keras", "f.h5", "g.json", "h.py", "i.safetensors", "j.pth", "k.bin"];
        Array.ForEach(failing, n => File.CreateSymbolicLink(folder.File(n), Failing));
        var first = folder.Copy(RepositoryFiles.Fixture("onnx", "guide_relu_twice", "torchscript-exporter.onnx"), "a.onnx");
        var last = folder.Copy(first, "z.onnx");

        var results = new List<AuditResult>();
        await foreach (var result in Auditor.Default.AuditAsync([.. failing.Select(folder.File).Prepend(first).Append(last).Select(p => new AuditInput(p, p))], AuditSettings.Default, TestContext.Current.CancellationToken))
        {
            results.Add(result);
        }

        Assert.Equal([first, .. failing.Select(folder.File), last], results.Select(r => r.Path));
        Assert.Equal([null, .. failing.Select(_ => "MG.Input.Unreadable"), null], results.Select(r => r.Error?.Id));
        Assert.NotEmpty(results[^1].Findings);
    }

    private static bool Fails()
    {
        try
        {
            File.ReadAllBytes(Failing);
            return false;
        }
        catch (Exception e) when (e is IOException)
        {
            return e is not (FileNotFoundException or DirectoryNotFoundException);
        }
    }
}
