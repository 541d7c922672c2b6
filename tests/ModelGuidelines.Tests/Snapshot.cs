using System.Runtime.CompilerServices;

namespace ModelGuidelines.Tests;

/// <summary>Compares text that people read with the text that was accepted: one file each under Snapshots.</summary>
/// <remarks>To accept what a test wrote, run it with MODELGUIDELINES_ACCEPT=1 and read the difference that git shows.</remarks>
internal static class Snapshot
{
    public static void Match(string actual, [CallerMemberName] string name = "")
    {
        var path = RepositoryFiles.Path("tests", "ModelGuidelines.Tests", "Snapshots", name + ".txt");
        actual = actual.ReplaceLineEndings("\n");
        if (Environment.GetEnvironmentVariable("MODELGUIDELINES_ACCEPT") == "1")
        {
            File.WriteAllText(path, actual);
        }

        Assert.True(File.Exists(path), $"{path} does not exist; what would be in it:\n{actual}");
        Assert.Equal(File.ReadAllText(path).ReplaceLineEndings("\n"), actual);
    }
}
