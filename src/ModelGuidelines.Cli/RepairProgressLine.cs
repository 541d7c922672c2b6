using System.Globalization;
using ModelGuidelines.Repairs;
using ModelGuidelines.Reports;

namespace ModelGuidelines.Cli;

/// <summary>One line on standard error, when that is a terminal, that says what a long repair is doing.</summary>
internal sealed class RepairProgressLine : IProgress<RepairProgress>, IDisposable
{
    private const int Width = 78;
    private readonly bool _isShown = !Console.IsErrorRedirected;
    private bool _isDirty;

    public void Report(RepairProgress value)
    {
        if (!_isShown)
        {
            return;
        }

        var done = value.Bytes == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $" {value.Bytes >> 20} MB");
        var line = $"{value.Stage} {Printable.Text(value.Path)}{done}";
        Console.Error.Write($"\r{(line.Length > Width ? line[..Width] : line.PadRight(Width))}\r");
        _isDirty = true;
    }

    /// <summary>Takes the line away.</summary>
    public void Dispose()
    {
        if (_isDirty)
        {
            Console.Error.Write($"\r{new string(' ', Width)}\r");
            _isDirty = false;
        }
    }
}
