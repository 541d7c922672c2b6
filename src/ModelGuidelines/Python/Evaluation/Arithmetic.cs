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
        ConstantValue { Raw: bool b } => b ? 1 : 0,
        _ => null,
    };

    public static Value? Compute(PythonOperator op, ConstantValue left, ConstantValue right)
    {
        var isOpen = left.IsOpen || right.IsOpen;
        if (left.Raw is long or bool && right.Raw is long or bool)
        {
            var (a, b) = (Integer(left), Integer(right));
            try
            {
                checked
                {
                    long? result = op switch
                    {
                        PythonOperator.Add => a + b,
                        PythonOperator.Subtract => a - b,
                        PythonOperator.Multiply => a * b,
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
            PythonOperator.Add => x + y,
            PythonOperator.Subtract => x - y,
            PythonOperator.Multiply => x * y,
            PythonOperator.Divide when y != 0 => x / y,
            PythonOperator.FloorDivide when y != 0 => Math.Floor(x / y),
            PythonOperator.Modulo when y != 0 => x - (y * Math.Floor(x / y)),
            PythonOperator.Power => Math.Pow(x, y),
            _ => null,
        };
        return real is { } value && double.IsFinite(value) ? new ConstantValue(value) : null;
    }

    private static long Integer(ConstantValue value) => value.Raw is bool b ? b ? 1 : 0 : (long)value.Raw!;

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
