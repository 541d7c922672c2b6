namespace ModelGuidelines.Tests;

/// <summary>Where the repository is, and what may stand beside it.</summary>
internal static class RepositoryFiles
{
    /// <summary>The folder of ModelGuidelines.sln, found upwards from the test's own folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>A file or folder of the repository.</summary>
    public static string Path(params string[] parts) => System.IO.Path.Combine([Root, .. parts]);

    /// <summary>A file or folder under tests/ModelGuidelines.Tests/Fixtures.</summary>
    public static string Fixture(params string[] parts) => Path(["tests", "ModelGuidelines.Tests", "Fixtures", .. parts]);

    /// <summary>The shared corpus beside the repository, or null in a clone with nothing beside it.</summary>
    public static string? Corpus { get; } = FindCorpus();

    /// <summary>The shared corpus, or a part of it; the test is skipped with a plain sentence where it is absent.</summary>
    public static string CorpusOrSkip(params string[] parts)
    {
        if (Corpus is null)
        {
            Assert.Skip("needs the shared corpus, a folder '../shared/corpus' beside the repository (or MODELGUIDELINES_CORPUS), which is not there");
        }

        return System.IO.Path.Combine([Corpus, .. parts]);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(System.IO.Path.Combine(folder.FullName, "ModelGuidelines.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("ModelGuidelines.sln is in no folder above the tests");
    }

    private static string? FindCorpus()
    {
        if (Environment.GetEnvironmentVariable("MODELGUIDELINES_CORPUS") is { Length: > 0 } named)
        {
            return Directory.Exists(named) ? named : null;
        }

        // Beside the repository; beside the folder that holds it, where it is one of several worktrees.
        return new[] { "../shared/corpus", "../../shared/corpus" }
            .Select(p => System.IO.Path.GetFullPath(System.IO.Path.Combine(Root, p)))
            .FirstOrDefault(Directory.Exists);
    }
}
