using System.Runtime.InteropServices;

namespace ModelGuidelines.Cli;

/// <summary>Standard input, output and error as they were handed to the process: one of them may be closed, or take nothing.</summary>
internal static partial class StandardStreams
{
    private const int GetFlags = 1; // F_GETFD
    private const int CloseOnExec = 1; // FD_CLOEXEC

    /// <summary>Whether there is nowhere to write a report to.</summary>
    public static bool IsOutputClosed { get; private set; }

    /// <summary>Before anything is read or written. Of what is said for people nothing may end the work: where standard error takes nothing, nobody listens.</summary>
    public static void Open()
    {
        Console.SetError(IsClosed(2) ? TextWriter.Null : new StreamWriter(new Listener(Console.OpenStandardError()), Console.Error.Encoding) { AutoFlush = true });
        if (IsClosed(0))
        {
            Console.SetIn(TextReader.Null);
        }

        if (IsClosed(1))
        {
            IsOutputClosed = true;
            Console.SetOut(TextWriter.Null);
        }
    }

    /// <summary>Whether a descriptor is closed, or one that this process has opened itself in its place: the runtime gives its own to no program that it starts, and none that was handed on is marked so.</summary>
    private static bool IsClosed(int descriptor)
    {
        if (OperatingSystem.IsWindows())
        {
            return false; // the handles say so themselves
        }

        try
        {
            return Control(descriptor, GetFlags) is < 0 or CloseOnExec;
        }
        catch (Exception e) when (e is EntryPointNotFoundException or DllNotFoundException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Control(int descriptor, int command);

    /// <summary>Takes what is written, and passes on what can be.</summary>
    private sealed class Listener(Stream inner) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Write(byte[] buffer, int offset, int count) => Tries(() => inner.Write(buffer, offset, count));

        public override void Flush() => Tries(inner.Flush);

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        private static void Tries(Action write)
        {
            try
            {
                write();
            }
            catch (IOException)
            {
                // A full disk, a reader that is gone: the exit code tells what there is to tell.
            }
        }
    }
}
