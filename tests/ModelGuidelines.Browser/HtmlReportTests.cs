using System.Collections.Immutable;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;
using ModelGuidelines.Audit;
using ModelGuidelines.Guidelines;
using ModelGuidelines.Models;
using ModelGuidelines.Reports;
using ModelGuidelines.Reports.Html;
using ModelGuidelines.Tests;

namespace ModelGuidelines.Browser;

/// <summary>The HTML report in a real browser, opened from disk.</summary>
public sealed class HtmlReportTests(Chromium browser) : IClassFixture<Chromium>, IDisposable
{
    private const string Hostile = "</script><img src=x onerror=alert(1)>'\"`${1}";

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"report-{Guid.NewGuid():N}.html");

    public void Dispose() => File.Delete(_file);

    [Fact]
    public async Task Shows_what_to_fix_first_and_asks_for_nothing()
    {
        Write([Source("net.py", 3), Failed("broken.onnx"), Undecided("old.onnx")]);
        await using var open = await browser.OpenAsync(_file);
        await Assertions.Expect(open.Page.Locator("#list .row")).ToHaveCountAsync(3);
        await Assertions.Expect(open.Page.Locator("#detail h2")).ToHaveTextAsync("Fix these first");
        await open.Page.Locator("#list .row").First.ClickAsync();
        await Assertions.Expect(open.Page.Locator("#detail")).ToContainTextAsync("Why AIMET minds");
        Assert.Empty(open.Complaints);
    }

    [Fact]
    public async Task Filters_by_words_and_keeps_the_view_in_the_address()
    {
        Write([Source("net.py", 50), Source("other.py", 50)]);
        await using var open = await browser.OpenAsync(_file);
        await open.Page.Locator("#q").FillAsync("other.py layer7 ");
        await Assertions.Expect(open.Page.Locator("#number")).ToHaveTextAsync("1 place");
        await open.Page.Locator("#group").SelectOptionAsync("file");
        await Assertions.Expect(open.Page.Locator(".row.group")).ToHaveTextAsync("other.py1");
        var address = new Uri(open.Page.Url).Fragment;
        await using var again = await browser.OpenAsync(_file, address: address);
        await Assertions.Expect(again.Page.Locator("#number")).ToHaveTextAsync("1 place");
    }

    [Fact]
    public async Task Filters_by_the_baseline_and_says_what_is_gone()
    {
        var known = Source("net.py", 6);
        var before = known with { Findings = [.. known.Findings.Take(4), known.Findings[5] with { Fingerprint = "gone", Module = "gone" }] };
        var (marked, gone) = Baseline.Mark([before], [known], _ => false);
        WriteReport(new([.. marked]) { Run = new() { Baseline = "known.json", Fixed = gone.Count } });
        await using var open = await browser.OpenAsync(_file);
        await Assertions.Expect(open.Page.Locator("header")).ToContainTextAsync("1 fixed since the baseline");
        await Assertions.Expect(open.Page.Locator("#number")).ToHaveTextAsync("6 places");
        await Assertions.Expect(open.Page.Locator("#detail li").First).ToContainTextAsync("layer4"); // what is known is not what to fix first
        await open.Page.Locator("#baseline").SelectOptionAsync("new");
        await Assertions.Expect(open.Page.Locator("#number")).ToHaveTextAsync("2 places");
        await Assertions.Expect(open.Page.Locator("#list .row").First).ToContainTextAsync("layer4");
        await open.Page.Locator("#baseline").SelectOptionAsync("unchanged");
        await Assertions.Expect(open.Page.Locator("#number")).ToHaveTextAsync("4 places");
        await using var again = await browser.OpenAsync(_file, address: new Uri(open.Page.Url).Fragment);
        await Assertions.Expect(again.Page.Locator("#number")).ToHaveTextAsync("4 places");
        Assert.Empty(open.Complaints);
    }

    [Fact]
    public async Task Has_no_filter_of_the_baseline_without_one()
    {
        Write([Source("net.py", 2)]);
        await using var open = await browser.OpenAsync(_file);
        await Assertions.Expect(open.Page.Locator("#baseline")).ToBeHiddenAsync();
        Assert.Equal(0, await open.Page.Locator(".history").CountAsync());
    }

    [Fact]
    public async Task Charts_the_runs_of_a_store()
    {
        WriteReport(new([Source("net.py", 3)]) { Run = new() { History = History } });
        await using var open = await browser.OpenAsync(_file);
        await Assertions.Expect(open.Page.Locator(".history polyline")).ToHaveCountAsync(3);
        await Assertions.Expect(open.Page.Locator(".history circle.Error")).ToHaveCountAsync(4);
        await Assertions.Expect(open.Page.Locator(".history text.end.Error")).ToHaveTextAsync("3 errors");
        var highest = await open.Page.Locator(".history circle.Error").EvaluateAllAsync<double[]>("all => all.map(c => Number(c.getAttribute('cy')))");
        Assert.Equal(highest.Min(), highest[1]);
        await open.Page.Locator(".history summary").ClickAsync();
        await Assertions.Expect(open.Page.Locator(".history tbody tr").First).ToHaveTextAsync("2027-01-04 06:00123041");
        Assert.Empty(open.Complaints);
    }

    [Fact]
    public async Task Is_read_by_keyboard()
    {
        Write([Source("net.py", 500)]);
        await using var open = await browser.OpenAsync(_file);
        await open.Page.Keyboard.PressAsync("/");
        await open.Page.Keyboard.TypeAsync("layer1");
        await Assertions.Expect(open.Page.Locator("#number")).ToHaveTextAsync("111 places");
        await open.Page.Locator("#list").FocusAsync();
        await open.Page.Keyboard.PressAsync("End");
        await Assertions.Expect(open.Page.Locator("[aria-selected=true].row")).ToHaveAttributeAsync("aria-posinset", "111");
        await Assertions.Expect(open.Page.Locator("#list")).ToHaveAttributeAsync("aria-activedescendant", "row110");
        await open.Page.Locator("#tab-fix").FocusAsync();
        await open.Page.Keyboard.PressAsync("ArrowRight");
        await Assertions.Expect(open.Page.Locator("#tab-undecided")).ToBeFocusedAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task Is_accessible(ColorScheme scheme)
    {
        WriteReport(new([Source("net.py", 60), Failed("broken.onnx"), Undecided("old.onnx")]) { Run = new() { History = History } });
        await using var open = await browser.OpenAsync(_file, new() { ColorScheme = scheme, BypassCSP = true });
        await open.Page.Locator(".history summary").ClickAsync();
        Assert.Empty((await open.Page.RunAxe()).Violations.Select(v => $"{v.Id}: {v.Help}: {string.Join("; ", v.Nodes.Take(3).Select(n => n.Html))}"));
        foreach (var tab in new[] { "undecided", "files", "fix" })
        {
            await open.Page.Locator($"#tab-{tab}").ClickAsync();
            await open.Page.Locator("#list .row").First.ClickAsync();
            var result = await open.Page.RunAxe();
            Assert.True(result.Violations.Length == 0, string.Join('\n', result.Violations.Select(v => $"{tab}: {v.Id}: {v.Help}: {string.Join("; ", v.Nodes.Take(3).Select(n => n.Html))}")));
        }
    }

    [Fact]
    public async Task Names_are_text()
    {
        Write([Source($"{Hostile}.py", 2), Undecided(Hostile), Failed(Hostile)]);
        await using var open = await browser.OpenAsync(_file);
        foreach (var tab in new[] { "fix", "undecided", "files" })
        {
            await open.Page.Locator($"#tab-{tab}").ClickAsync();
            await open.Page.Locator("#list .row").First.ClickAsync();
            await Assertions.Expect(open.Page.Locator("#detail")).ToContainTextAsync("onerror=alert(1)");
        }

        Assert.Equal(0, await open.Page.Locator("img").CountAsync());
        Assert.Empty(open.Complaints);
    }

    [Fact]
    public async Task Is_a_table_where_no_script_runs()
    {
        Write([Source("net.py", 3), Undecided("old.onnx")]);
        await using var open = await browser.OpenAsync(_file, new() { JavaScriptEnabled = false });
        await Assertions.Expect(open.Page.Locator("#static tr")).ToHaveCountAsync(4);
        await Assertions.Expect(open.Page.Locator("#app")).ToBeHiddenAsync();
    }

    [Fact]
    public async Task Holds_fifty_thousand_places()
    {
        Write([.. Enumerable.Range(0, 10_000).Select(i => Source($"folder{i % 100}/net{i}.py", 5))]);
        Assert.InRange(new FileInfo(_file).Length, 1, 15_000_000);
        await using var open = await browser.OpenAsync(_file);
        await Assertions.Expect(open.Page.Locator("#number")).ToHaveTextAsync("50,000 places");
        Assert.InRange(await open.Page.Locator("#list .row").CountAsync(), 5, 60);
        await open.Page.Locator("#q").FillAsync("net777.py");
        await Assertions.Expect(open.Page.Locator("#number")).ToHaveTextAsync("5 places");

        // Said, not asserted: times depend on the machine.
        var opened = await open.Page.EvaluateAsync<double>("performance.getEntriesByName('ready')[0].startTime");
        var filtered = await open.Page.EvaluateAsync<double>("(() => { const q = document.getElementById('q'); q.value = 'layer3'; const t = performance.now(); q.dispatchEvent(new Event('input')); return performance.now() - t; })()");
        TestContext.Current.TestOutputHelper?.WriteLine($"{new FileInfo(_file).Length / 1e6:0.0} MB, opened in {opened:0} ms, filtered in {filtered:0} ms");
    }

    /// <summary>Pictures of models of real size, as the documentation shows them; MODELGUIDELINES_ACCEPT=1 writes them there.</summary>
    [Theory]
    [InlineData("resnet50.onnx")]
    [InlineData("inception_v3.onnx")]
    [InlineData("transformer24.onnx")]
    [InlineData("unet.onnx")]
    [InlineData("siamese.json")]
    public async Task Draws_the_model_of_a_finding(string name)
    {
        var model = RepositoryFiles.Fixture("pictures", name);
        Write([Auditor.Default.Audit(new(model, name), new() { Pictures = true, MinimumSeverity = Severity.Information }, TestContext.Current.CancellationToken)!]);
        await using var open = await browser.OpenAsync(_file);
        await open.Page.Locator("#list .row").First.ClickAsync();
        await open.Page.Locator("button.show").ClickAsync();
        var boxes = open.Page.Locator(".picture .node");
        Assert.InRange(await boxes.CountAsync(), 5, 60);
        Assert.True(await open.Page.Locator(".picture .focus").CountAsync() > 0, "the finding is not in sight");
        await open.Page.Locator("button.fill").ClickAsync();

        // What is read on a screen of 1600 by 1000: letters of at least 9 pixels.
        var letters = await open.Page.EvaluateAsync<double>("(() => { const svg = document.querySelector('.picture svg'), b = svg.viewBox.baseVal; return 12 * Math.min(svg.clientWidth / b.width, svg.clientHeight / b.height); })()");
        Assert.InRange(letters, 9, 48);
        if (Environment.GetEnvironmentVariable("MODELGUIDELINES_ACCEPT") == "1")
        {
            await open.Page.ScreenshotAsync(new() { Path = RepositoryFiles.Path("docs", "pictures", $"{Path.GetFileNameWithoutExtension(name)}.png") });
        }

        await open.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(open.Page.Locator(".drawn")).Not.ToHaveClassAsync("drawn whole");
        Assert.Empty(open.Complaints);
    }

    [Fact]
    public async Task Unfolds_a_picture_and_moves_it_by_keys()
    {
        var model = RepositoryFiles.Fixture("pictures", "resnet50.onnx");
        Write([Auditor.Default.Audit(new(model, "resnet50.onnx"), new() { Pictures = true }, TestContext.Current.CancellationToken)!]);
        await using var open = await browser.OpenAsync(_file);
        await open.Page.Locator("#list .row").First.ClickAsync();
        await open.Page.Locator("button.show").ClickAsync();
        var before = await open.Page.Locator(".picture .node").CountAsync();
        await open.Page.Locator(".picture .node:has(.behind)").First.ClickAsync(new() { Position = new() { X = 30, Y = 8 } });
        await Assertions.Expect(open.Page.Locator(".picture .node")).Not.ToHaveCountAsync(before);
        var view = await open.Page.Locator(".picture svg").GetAttributeAsync("viewBox");
        await open.Page.Locator(".picture").FocusAsync();
        await open.Page.Keyboard.PressAsync("+");
        Assert.NotEqual(view, await open.Page.Locator(".picture svg").GetAttributeAsync("viewBox"));
        Assert.Empty(open.Complaints);
    }

    private static ImmutableArray<PastRun> History { get; } =
        [.. new[] { (10, 5, 2, 0), (12, 40, 2, 3), (12, 9, 4, 1), (12, 3, 0, 41) }.Select((n, i) => new PastRun(new(2027, 1, i + 1, 6, 0, 0, TimeSpan.Zero), n.Item1, n.Item2, n.Item3, n.Item4))];

    private void Write(ImmutableArray<AuditResult> results) => WriteReport(new(results));

    private void WriteReport(AuditReport report)
    {
        using var stream = File.Create(_file);
        new HtmlReport().Write(stream, report);
    }

    private static AuditResult Source(string path, int places) => new()
    {
        Path = path,
        Format = "PythonSource",
        Framework = Framework.PyTorch,
        Guidelines = [new("PyTorch.FunctionalCall", Outcome.Pass, null), new("PyTorch.ModuleReuse", Outcome.Fail, null), new("PyTorch.TensorInterface", Outcome.Pass, null)],
        Findings = [.. Enumerable.Range(0, places).Select(i => new Finding
        {
            Guideline = "PyTorch.ModuleReuse",
            Severity = i % 2 == 0 ? Severity.Error : Severity.Warning,
            Path = path,
            Format = "PythonSource",
            Framework = Framework.PyTorch,
            Module = $"layer{i}",
            Models = ["Net"],
            Instances = [$"layer{i}"],
            InstanceCount = 1,
            Location = new(path, i + 10, 4),
            Snippet = $"x = self.layer{i}(x)",
            Message = $"module 'layer{i}' is called 2 times",
            Recommendation = $"Define a module of its own for the second call: self.layer{i}_2.",
            Fingerprint = $"{path}{i}",
        })],
    };

    private static AuditResult Failed(string path) => new() { Path = path, Error = new("MG.Onnx.Truncated", "the file ends within a message", 7) };

    private static AuditResult Undecided(string path) => new()
    {
        Path = path,
        Format = "Onnx",
        Framework = Framework.PyTorch,
        Guidelines = [new("PyTorch.TensorInterface", Outcome.Undecidable, "ONNX keeps tensors only; audit the source")],
    };
}
