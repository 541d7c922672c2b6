using System.Collections.Immutable;
using System.Globalization;

namespace ModelGuidelines.Python.Syntax;

/// <summary>A number as written: <c>1_000</c>, <c>0xff</c>, <c>1e-5</c>, <c>2j</c>.</summary>
public sealed class NumberExpression(int start, int end, string text) : Expression(start, end, 1)
{
    public string Text { get; } = text;

    public bool IsImaginary => Text[^1] is 'j' or 'J';

    public bool IsInteger => !IsImaginary && (Text.Length > 1 && Text[0] == '0' && Text[1] is 'x' or 'X' or 'o' or 'O' or 'b' or 'B' || Text.AsSpan().IndexOfAny('.', 'e', 'E') < 0);

    /// <summary>Its value, when it is an integer that fits.</summary>
    public bool TryGetInteger(out long value)
    {
        value = 0;
        if (!IsInteger)
        {
            return false;
        }

        var digits = Text.Replace("_", "", StringComparison.Ordinal);
        var radix = digits.Length > 1 && digits[0] == '0' ? char.ToLowerInvariant(digits[1]) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 10 } : 10;
        if (radix == 10)
        {
            return long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        }

        foreach (var c in digits.AsSpan(2))
        {
            if (value >> 58 != 0)
            {
                return false;
            }

            value = value * radix + (char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
        }

        return true;
    }

    /// <summary>Its value as a floating-point number (of an imaginary number, the factor of j).</summary>
    public double ToDouble() => TryGetInteger(out var integer) ? integer
        : double.TryParse(Text.Replace("_", "", StringComparison.Ordinal).TrimEnd('j', 'J'), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN;
}

/// <summary>A string or bytes literal, adjacent literals joined.</summary>
public sealed class StringExpression : Expression
{
    private readonly string _source;
    private readonly ImmutableArray<TextSpan> _pieces;
    private string? _value;

    internal StringExpression(int start, int end, string source, ImmutableArray<TextSpan> pieces)
        : base(start, end, 1)
    {
        _source = source;
        _pieces = pieces;
    }

    internal StringExpression(int start, int end, string value)
        : base(start, end, 1)
    {
        _source = "";
        _value = value;
    }

    /// <summary>The literals as written, with prefix and quotes; empty for the text between the fields of a formatted string.</summary>
    public ImmutableArray<TextSpan> Pieces => _pieces.IsDefault ? [] : _pieces;

    public bool IsBytes => !_pieces.IsDefaultOrEmpty && PythonStrings.PrefixOf(_source, _pieces[0].Start).ContainsAny('b', 'B');

    /// <summary>Whether the first literal is written <c>u'...'</c>.</summary>
    public bool IsUnicodeMarked => !_pieces.IsDefaultOrEmpty && _source[_pieces[0].Start] is 'u';

    /// <summary>The value; bytes as Latin-1. Names in <c>\N{...}</c> stay as written.</summary>
    public string Value => _value ??= string.Concat(_pieces.Select(p => PythonStrings.Decode(_source, p)));
}

/// <summary>A formatted string (<c>f"..."</c>) or template (<c>t"..."</c>), adjacent literals joined.</summary>
public sealed class FormattedStringExpression(int start, int end, ImmutableArray<Expression> parts, bool isTemplate) : Expression(start, end, Above(parts))
{
    /// <summary><see cref="StringExpression"/> and <see cref="FormattedValueExpression"/>, in order.</summary>
    public ImmutableArray<Expression> Parts { get; } = parts;

    public bool IsTemplate { get; } = isTemplate;
}

/// <summary><c>{value!r:spec}</c> in a formatted string.</summary>
public sealed class FormattedValueExpression(int start, int end, Expression value, char? conversion, FormattedStringExpression? format, string text) : Expression(start, end, Above(value, format))
{
    public Expression Value { get; } = value;

    /// <summary><c>r</c>, <c>s</c> or <c>a</c>; null when not written (and not implied by <c>=</c>).</summary>
    public char? Conversion { get; } = conversion;

    public FormattedStringExpression? Format { get; } = format;

    /// <summary>The value's source.</summary>
    public string Text { get; } = text;
}

public enum PythonConstant
{
    None,
    True,
    False,
    Ellipsis,
}

/// <summary><c>None</c>, <c>True</c>, <c>False</c>, <c>...</c></summary>
public sealed class ConstantExpression(int start, int end, PythonConstant value) : Expression(start, end, 1)
{
    public PythonConstant Value { get; } = value;
}
