using ModelGuidelines.Guidelines;
using ModelGuidelines.Reports;

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

    [Theory]
    [MemberData(nameof(Guidelines))]
    public void A_page_of_measured_behaviour_says_what_AIMET_prints_on_which_version_and_the_ways_out_in_code(string id)
    {
        if (!id.StartsWith("Aimet.", StringComparison.Ordinal))
        {
            return;
        }

        Assert.Matches(@"measured on aimet_(torch|onnx) 2\.\d+\.\d+", GuidelinePages.Page(id));
        Assert.InRange(Blocks("What AIMET prints"), 1, 9);
        Assert.InRange(Blocks("Ways out"), 2, 9);

        int Blocks(string heading) => GuidelinePages.Section(id, heading)!.Split('\n').Count(l => l.StartsWith("```", StringComparison.Ordinal)) / 2;
    }

    [Fact]
    public void Every_page_has_a_guideline() => Assert.Equal(
        GuidelineCatalog.All.Select(g => g.Descriptor.Id).Order(StringComparer.Ordinal),
        Directory.GetFiles(RepositoryFiles.Path("docs", "guidelines"), "*.md").Select(Path.GetFileNameWithoutExtension).Order(StringComparer.Ordinal));

    /// <summary>The page about reports has all options of an audit and all commands.</summary>
    [Fact]
    public void Every_option_of_test_and_every_command_is_told()
    {
        var page = File.ReadAllText(RepositoryFiles.Path("docs", "reports.md"));
        Assert.All(Names(["test", "--help"], @"--[a-z][a-z-]+"), o => Assert.Contains($"`{o}", page, StringComparison.Ordinal));
        Assert.All(Names(["--help"], @"(?<=\n  )(?!modelguidelines)[a-z]+(?= |<)"), c => Assert.Contains($"modelguidelines {c} ", page, StringComparison.Ordinal));

        static HashSet<string> Names(string[] arguments, string pattern)
        {
            using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "ModelGuidelines.Cli.dll"), .. arguments]) { UseShellExecute = false, RedirectStandardOutput = true })!;
            return [.. System.Text.RegularExpressions.Regex.Matches(process.StandardOutput.ReadToEnd(), pattern, System.Text.RegularExpressions.RegexOptions.None, TimeSpan.FromSeconds(5)).Select(m => m.Value).Where(n => n != "--help")];
        }
    }

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
