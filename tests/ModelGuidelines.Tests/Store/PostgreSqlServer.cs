using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ModelGuidelines.Tests.Store;

/// <summary>A PostgreSQL server of its own in a temporary folder; skips the test, and says so, where the machine has none that can be started.</summary>
internal sealed class PostgreSqlServer : IDisposable
{
    private readonly string _folder;
    private readonly string _programs;

    private PostgreSqlServer(string folder, string programs, string name) => (_folder, _programs, Name) = (folder, programs, name);

    /// <summary>What a store is opened by.</summary>
    public string Name { get; }

    public static PostgreSqlServer Start()
    {
        var programs = Directory.Exists("/usr/lib/postgresql") ? Directory.GetDirectories("/usr/lib/postgresql").Select(d => Path.Join(d, "bin")).LastOrDefault(d => File.Exists(Path.Join(d, "initdb"))) : null;
        if (programs is null)
        {
            Assert.Skip("there is no PostgreSQL server on this machine");
        }

        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var folder = Directory.CreateTempSubdirectory("mg-pg-").FullName;
        if (Environment.UserName == "root")
        {
            Run("chown", "postgres", folder); // the server refuses to run as root
        }

        RunAs(Path.Join(programs, "initdb"), "-D", Path.Join(folder, "data"), "-A", "trust", "-U", "audit", "--no-sync");
        RunAs(Path.Join(programs, "pg_ctl"), "-D", Path.Join(folder, "data"), "-w", "-t", "60", "-l", Path.Join(folder, "log"), "-o", string.Create(CultureInfo.InvariantCulture, $"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"), "start");
        return new(folder, programs!, string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port};Username=audit;Database=postgres"));
    }

    public void Dispose()
    {
        RunAs(Path.Join(_programs, "pg_ctl"), "-D", Path.Join(_folder, "data"), "-m", "immediate", "stop");
        Directory.Delete(_folder, recursive: true);
    }

    private static void RunAs(string program, params string[] arguments) =>
        Run(Environment.UserName == "root" ? ["runuser", "-u", "postgres", "--", program, .. arguments] : [program, .. arguments]);

    private static void Run(params string[] command)
    {
        // The server keeps the streams of who starts it: its output is not waited for.
        using var process = Process.Start(new ProcessStartInfo("/bin/sh", ["-c", "\"$@\" >/dev/null 2>&1", "sh", .. command]) { UseShellExecute = false, WorkingDirectory = "/" })!;
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            Assert.Skip($"a PostgreSQL server cannot be started here: {command[^1]} ended with {process.ExitCode}");
        }
    }
}
