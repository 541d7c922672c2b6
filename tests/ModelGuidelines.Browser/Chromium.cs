using Microsoft.Playwright;

namespace ModelGuidelines.Browser;

/// <summary>A Chromium of this machine, started once for the tests of a class.</summary>
public sealed class Chromium : IAsyncLifetime
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "chrome.exe"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <summary>The executable; null where this machine has none.</summary>
    public static string? Executable { get; } = Environment.GetEnvironmentVariable("CHROMIUM")
        ?? (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).SelectMany(f => Names.Select(n => Path.Combine(f, n))).FirstOrDefault(File.Exists);

    public async ValueTask InitializeAsync()
    {
        if (Executable is null)
        {
            return;
        }

        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Executable, Args = ["--no-sandbox", "--disable-gpu"] });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
        {
            await _browser.DisposeAsync();
        }

        _playwright?.Dispose();
    }

    /// <summary>Opens a page from disk and records what it must not do. Skips the test where there is no browser.</summary>
    public async Task<OpenPage> OpenAsync(string path, BrowserNewContextOptions? options = null, string address = "")
    {
        Assert.SkipWhen(_browser is null, "no Chromium on this machine: set CHROMIUM or install Debian's package chromium");
        var context = await _browser!.NewContextAsync(options ?? new() { ViewportSize = new() { Width = 1600, Height = 1000 } });
        var page = await context.NewPageAsync();
        var result = new OpenPage(context, page);
        page.Console += (_, m) => { if (m.Type is "error" or "warning") result.Complaints.Add(m.Text); };
        page.PageError += (_, e) => result.Complaints.Add(e);
        page.Request += (_, r) => { if (!r.Url.StartsWith("file:", StringComparison.Ordinal) || new Uri(r.Url).LocalPath != path) result.Complaints.Add($"asked for {r.Url}"); };
        await page.GotoAsync(new Uri(path).AbsoluteUri + address);
        if (options?.JavaScriptEnabled is not false)
        {
            await page.WaitForFunctionAsync("performance.getEntriesByName('ready').length > 0");
        }

        return result;
    }
}

/// <summary>A page in a context of its own.</summary>
public sealed class OpenPage(IBrowserContext context, IPage page) : IAsyncDisposable
{
    public IPage Page => page;

    /// <summary>Errors and warnings of the console, exceptions, and requests for anything but the file itself.</summary>
    public List<string> Complaints { get; } = [];

    public ValueTask DisposeAsync() => context.DisposeAsync();
}
