using System;
using System.Runtime.InteropServices;

namespace ModelGuidelines.Tests;

/// <summary>
/// What is started while this is there heeds interrupts (SIGINT). A shell starts what runs in its background with interrupts
/// ignored, and that is handed down from process to process: .NET has no way to start one that heeds them again.
/// The PowerShell suite compiles this file too.
/// </summary>
public sealed class HeededInterrupts : IDisposable
{
    private const int Interrupt = 2;

    // A struct sigaction, whose layout each system has its own of: only to be handed back. None has one that large.
    private readonly byte[] _before = new byte[512];

    public HeededInterrupts()
    {
        if (!OperatingSystem.IsWindows() && (sigaction(Interrupt, null, _before) != 0 || signal(Interrupt, 0) == -1))
        {
            throw new InvalidOperationException("interrupts cannot be heeded");
        }
    }

    public void Dispose()
    {
        if (!OperatingSystem.IsWindows())
        {
            _ = sigaction(Interrupt, _before, null);
        }
    }

#pragma warning disable SA1300, IDE1006, SYSLIB1054 // names of the C library; PowerShell's compiler generates no code for them
    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int sigaction(int signal, byte[]? action, byte[]? before);

    [DllImport("libc")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern nint signal(int signal, nint handler);
#pragma warning restore SA1300, IDE1006, SYSLIB1054
}
