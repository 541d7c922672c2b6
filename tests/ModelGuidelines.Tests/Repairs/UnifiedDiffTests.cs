using System.Diagnostics;
using System.Text;
using ModelGuidelines.Audit;
using ModelGuidelines.Repairs;

namespace ModelGuidelines.Tests.Repairs;

/// <summary>Diffs are judged by git.</summary>
public sealed class UnifiedDiffTests
{
    private const string Text = "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\no\np\n";

    [Theory]
    [InlineData("model.py", Text, "a\nB\nc\nd\ne\nf\ng\nh\ni\nj\nk\nl\nm\nn\no\np\nq\n")]
    [InlineData("a b/model.py", Text, "a\nb\nc\nx\ny\nd\ne\nf\nh\ni\nj\nk\nl\nm\nn\no\np")]
    [InlineData("m\u00f6del.py", "a\r\nb\r\n", "a\r\nx\r\nb\r\n")]
    [InlineData("model.py", "a\rb\r", "a\rx\rb\r")]
    [InlineData("model.py", "\ufeffa\nb", "\ufeffx\nb\nc")]
    [InlineData("model.py", "", "x\n")]
    public void GitAppliesIt(string name, string old, string changed)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, old, new UTF8Encoding(false));
        File.WriteAllText(folder.File("patch"), UnifiedDiff.Create(name, old, changed), new UTF8Encoding(false));

        using var git = Process.Start(new ProcessStartInfo("git", ["apply", "-v", "patch"]) { WorkingDirectory = folder.Path, UseShellExecute = false, RedirectStandardError = true })!;
        var said = git.StandardError.ReadToEnd();
        git.WaitForExit();

        Assert.True(git.ExitCode == 0, said);
        Assert.Equal(changed, new UTF8Encoding(false).GetString(File.ReadAllBytes(path)));
    }

    [Fact]
    public void RandomTextsAreApplied()
    {
        var random = new Random(3);
        for (var i = 0; i < 20; i++)
        {
            string Draw(int lines) => string.Concat(Enumerable.Range(0, lines).Select(_ => (char)('a' + random.Next(4)) + "\n"));
            GitAppliesIt("model.py", Draw(random.Next(1, 40)), "x\n" + Draw(random.Next(0, 40)));
        }
    }

    /// <summary>Git takes names from the repository's root, wherever it runs, and passes by others without a word.</summary>
    [Theory]
    [InlineData(".")]
    [InlineData("nets")]
    public void DiffsOfSeveralFilesAreNamedFromTheRepositorysRoot(string where)
    {
        using var folder = new TemporaryFolder();
        Git(folder.Path, "init", "-q");
        Directory.CreateDirectory(folder.File("nets/old"));
        string[] paths = [folder.File("nets/a.py"), folder.File("nets/old/b.py")];
        foreach (var path in paths)
        {
            File.WriteAllText(path, "import torch\n\nclass M(torch.nn.Module):\n    def forward(self, x):\n        return torch.tanh(x)\n");
        }

        File.WriteAllBytes(folder.File("patch"), [.. paths.SelectMany(p => Repairer.Default.Repair(new AuditInput(p, p), RepairSettings.Default with { WhatIf = true }, TestContext.Current.CancellationToken).Diff!.ToBytes())]);
        Git(folder.File(where), "apply", folder.File("patch"));

        Assert.All(paths, p => Assert.Contains("self.tanh = torch.nn.Tanh()\n", File.ReadAllText(p), StringComparison.Ordinal));
    }

    private static void Git(string folder, params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { WorkingDirectory = folder, UseShellExecute = false, RedirectStandardError = true })!;
        var said = git.StandardError.ReadToEnd();
        git.WaitForExit();
        Assert.True(git.ExitCode == 0, said);
    }
}
