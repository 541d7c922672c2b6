using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests.Docs;

/// <summary>Guidelines, their pages and their help are one-to-one.</summary>
public sealed class DocumentationTests
{
    public static TheoryData<string> Guidelines => [.. GuidelineCatalog.All.Select(g => g.Descriptor.Id)];

    [Theory]
    [MemberData(nameof(Guidelines))]
    public void Every_guideline_has_a_page(string id)
    {
        var page = File.ReadAllText(RepositoryFiles.Path("docs", "guidelines", id + ".md"));
        Assert.StartsWith($"# {id}\n", page.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.All(new[] { "## Bad", "## Good", "## How AIMET fails without it", "## What counts", "## What files cannot tell" }, h => Assert.Contains(h, page, StringComparison.Ordinal));
        Assert.EndsWith($"/docs/guidelines/{id}.md", GuidelineCatalog.All.Single(g => g.Descriptor.Id == id).Descriptor.HelpUri.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_page_has_a_guideline() => Assert.Equal(
        GuidelineCatalog.All.Select(g => g.Descriptor.Id).Order(StringComparer.Ordinal),
        Directory.GetFiles(RepositoryFiles.Path("docs", "guidelines"), "*.md").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));

    [Fact]
    public void Links_between_pages_lead_somewhere()
    {
        foreach (var page in Directory.GetFiles(RepositoryFiles.Path("docs"), "*.md", SearchOption.AllDirectories).Append(RepositoryFiles.Path("README.md")))
        {
            foreach (System.Text.RegularExpressions.Match link in System.Text.RegularExpressions.Regex.Matches(WithoutCode(File.ReadAllText(page)), @"\]\((?!https?:|#)(?<path>[^)#\s]+)", System.Text.RegularExpressions.RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(5)))
            {
                var target = Path.Combine(Path.GetDirectoryName(page)!, link.Groups["path"].Value);
                Assert.True(Path.Exists(target), $"{page}: {link.Groups["path"].Value}");
            }
        }
    }

    private static string WithoutCode(string page) => string.Join("```", page.Split("```").Where((_, i) => i % 2 == 0));
}
