using System.Diagnostics;

namespace ModelGuidelines.Tests;

/// <summary>A named pipe with a writer that tells whether somebody opened it to read. Whoever does so finds it empty and goes on: no test waits for a clock.</summary>
internal sealed class WatchedPipe : IDisposable
{
    private readonly Process _writer;

    private WatchedPipe(Process writer) => _writer = writer;

    /// <summary>The writer ends when there is a reader.</summary>
    public bool WasOpened => _writer.HasExited;

    public static async Task<WatchedPipe> Make(string path, CancellationToken cancellation)
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no pipes in folders");
        }

        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        using (var make = Process.Start("mkfifo", [path]))
        {
            await make.WaitForExitAsync(cancellation);
        }

        // The shell waits where it opens the pipe; 'sh' is there before it does.
        var writer = Process.Start(new ProcessStartInfo("sh", ["-c", "echo ready; : > \"$0\"", path]) { RedirectStandardOutput = true, UseShellExecute = false })!;
        await writer.StandardOutput.ReadLineAsync(cancellation);
        return new(writer);
    }

    public void Dispose()
    {
        if (!_writer.HasExited)
        {
            _writer.Kill();
        }

        _writer.Dispose();
    }
}
