using System.Globalization;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <summary>Numbers.</summary>
internal static class Arithmetic
{
    public static double? NumberOf(Value value) => value switch
    {
        ConstantValue { Raw: long i } => i,
        ConstantValue { Raw: double d } => d,
        ConstantValue { Peek: bool b } => b ? 1 : 0,
        _ => null,
    };

    public static Value? Compute(PythonOperator op, ConstantValue left, ConstantValue right)
    {
        // A sum or product of numbers says nothing of them until somebody asks for it; all else is decided here.
        if (op is PythonOperator.Add or PythonOperator.Subtract or PythonOperator.Multiply && Sum(op, left, right) is { } sum)
        {
            return sum;
        }

        left.Decide();
        right.Decide();
        var isOpen = left.IsOpen || right.IsOpen;
        if (left.Peek is long or bool && right.Peek is long or bool)
        {
            var (a, b) = (Integer(left), Integer(right));
            try
            {
                checked
                {
                    long? result = op switch
                    {
                        // What grows with a number that is at least so much: of all else nothing is known.
                        _ when isOpen && (a < 0 || b < 0 || (right.IsOpen && op is PythonOperator.FloorDivide or PythonOperator.RightShift)
                            || op is PythonOperator.BitAnd or PythonOperator.BitOr or PythonOperator.BitXor) => null,
                        PythonOperator.FloorDivide when b != 0 => (long)Math.Floor((double)a / b),
                        PythonOperator.Modulo when b != 0 && !isOpen => ((a % b) + b) % b,
                        PythonOperator.Power when b is >= 0 and < 64 => Power(a, b),
                        PythonOperator.LeftShift when b is >= 0 and < 60 => a << (int)b,
                        PythonOperator.RightShift when b is >= 0 and < 64 => a >> (int)b,
                        PythonOperator.BitAnd => a & b,
                        PythonOperator.BitOr => a | b,
                        PythonOperator.BitXor => a ^ b,
                        _ => null,
                    };
                    if (result is { } integer)
                    {
                        return new ConstantValue(integer) { IsOpen = isOpen };
                    }
                }
            }
            catch (OverflowException)
            {
                return null;
            }
        }

        if (NumberOf(left) is not { } x || NumberOf(right) is not { } y || isOpen)
        {
            return null;
        }

        double? real = op switch
        {
            PythonOperator.Divide when y != 0 => x / y,
            PythonOperator.FloorDivide when y != 0 => Math.Floor(x / y),
            PythonOperator.Modulo when y != 0 => x - (y * Math.Floor(x / y)),
            PythonOperator.Power => Math.Pow(x, y),
            _ => null,
        };
        return real is { } value && double.IsFinite(value) ? new ConstantValue(value) : null;
    }

    private static ConstantValue? Sum(PythonOperator op, ConstantValue left, ConstantValue right)
    {
        if (left.Peek is long or bool && right.Peek is long or bool)
        {
            var (a, b) = ((Int128)Integer(left), (Int128)Integer(right));
            if ((op is PythonOperator.Subtract && right.IsOpen) || (op is PythonOperator.Multiply && ((left.IsOpen && b < 0) || (right.IsOpen && a < 0))))
            {
                return null;
            }

            var result = op is PythonOperator.Add ? a + b : op is PythonOperator.Subtract ? a - b : a * b;
            return result >= long.MinValue && result <= long.MaxValue ? ConstantValue.Computed((long)result, left, right, Stride(op, left, right)) : null;
        }

        if (left.Peek is not (long or double or bool) || right.Peek is not (long or double or bool) || left.IsOpen || right.IsOpen)
        {
            return null;
        }

        var (x, y) = (Convert.ToDouble(left.Peek, CultureInfo.InvariantCulture), Convert.ToDouble(right.Peek, CultureInfo.InvariantCulture));
        var real = op is PythonOperator.Add ? x + y : op is PythonOperator.Subtract ? x - y : x * y;
        return double.IsFinite(real) ? ConstantValue.Computed(real, left, right) : null;
    }

    /// <summary>By how much a sum or product grows from round to round; null where two numbers of rounds make it, or where that is not known.</summary>
    private static long? Stride(PythonOperator op, ConstantValue left, ConstantValue right)
    {
        if (left.IsOpen == right.IsOpen || (left.IsOpen ? left : right).Stride is not { } each)
        {
            return null;
        }

        var product = op is PythonOperator.Multiply ? (Int128)each * Integer(left.IsOpen ? right : left) : each;
        return product > 0 && product <= int.MaxValue ? (long)product : null;
    }

    private static long Integer(ConstantValue value) => value.Peek is bool b ? b ? 1 : 0 : (long)value.Peek!;

    private static long Power(long a, long b)
    {
        var result = 1L;
        for (var i = 0; i < b; i++)
        {
            result = checked(result * a);
        }

        return result;
    }
}
