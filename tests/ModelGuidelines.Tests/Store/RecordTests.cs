using System.Collections;
using System.Collections.Immutable;
using System.Reflection;
using ModelGuidelines.Audit;
using ModelGuidelines.Audit.Memory;
using ModelGuidelines.Reports.Pictures;

namespace ModelGuidelines.Tests.Store;

/// <summary>What is kept of a file is all of it: a property that is added to a finding is lost between two runs where nobody wrote it down.</summary>
public sealed class RecordTests
{
    private int _count;

    [Fact]
    public void A_record_is_the_same_again()
    {
        var record = (AuditRecord)Filled(typeof(AuditRecord));
        record = record with { Result = record.Result! with { SuppressedFindings = [new(record.Result.Findings[0] with { Message = new('x', 5000) }, record.Result.Suppressions[0])] } };
        foreach (var kept in new[] { record, record with { Result = null, Seen = [new("gone", null, null, null)], Roles = [] } })
        {
            var bytes = kept.ToBytes();
            Assert.Equal([], Different(kept, AuditRecord.Read(bytes, new())!, "record"));

            // No beginning of it, nor more than it, nor what differs in a bit is a record, and none is an exception.
            var places = Enumerable.Range(0, bytes.Length).Where(l => l % (1 + (bytes.Length / 300)) == 0).ToList();
            Assert.All(places.Select(l => bytes[..l]).Append([.. bytes, 0]).Concat(places.Select((l, i) => Flipped(bytes, l, i % 8))), damaged => Assert.Null(AuditRecord.Read(damaged, new())));
        }
    }

    [Fact]
    public void A_digest_is_known_of_the_very_result_alone()
    {
        var result = new AuditResult { Path = "a.onnx", GapCount = 1 };
        var known = ResultDigest.Know(result, "known");
        Assert.Equal("known", ResultDigest.Of(known, new()));
        Assert.Equal(ResultDigest.Of(result with { GapCount = 2 }, new()), ResultDigest.Of(known with { GapCount = 2 }, new()));
        Assert.Equal(ResultDigest.Of(result, new()), ResultDigest.Of(known with { Elapsed = TimeSpan.FromDays(1) }, new()));
    }

    private static byte[] Flipped(byte[] bytes, int at, int bit)
    {
        bytes = [.. bytes];
        bytes[at] ^= (byte)(1 << bit);
        return bytes;
    }

    /// <summary>A value of which no part is what it is where nobody says anything.</summary>
    private object Filled(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string))
        {
            return $"text {++_count} \u00e9\U0001F600";
        }

        if (type == typeof(Uri))
        {
            return new Uri($"https://example.org/{++_count}");
        }

        if (type == typeof(Picture))
        {
            return new Picture { Title = $"picture {++_count}", Omitted = 3 };
        }

        if (type == typeof(bool))
        {
            return true;
        }

        if (type.IsEnum)
        {
            return Enum.GetValues(type).GetValue(1)!;
        }

        if (type == typeof(int) || type == typeof(long))
        {
            return Convert.ChangeType(1000 + ++_count, type, System.Globalization.CultureInfo.InvariantCulture);
        }

        if (type == typeof(TimeSpan))
        {
            return TimeSpan.FromTicks(++_count);
        }

        if (type.IsArray || type.GetGenericTypeDefinitionOrNull() == typeof(ImmutableArray<>))
        {
            var element = type.IsArray ? type.GetElementType()! : type.GetGenericArguments()[0];
            var items = Array.CreateInstance(element, 2);
            items.SetValue(Filled(element), 0);
            items.SetValue(Filled(element), 1);
            return type.IsArray ? items : typeof(ImmutableArray).GetMethods().First(m => m.Name == "Create" && m.GetParameters() is [{ ParameterType.IsArray: true }]).MakeGenericMethod(element).Invoke(null, [items])!;
        }

        var constructor = type.GetConstructors().MaxBy(c => c.GetParameters().Length)!;
        var made = constructor.Invoke([.. constructor.GetParameters().Select(p => Filled(p.ParameterType))]);
        foreach (var property in Properties(type).Where(p => constructor.GetParameters().All(a => a.Name != p.Name)))
        {
            property.SetValue(made, Filled(property.PropertyType));
        }

        return made;
    }

    private static IEnumerable<PropertyInfo> Properties(Type type) => type.GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).Where(p => p.CanWrite && p.GetIndexParameters().Length == 0);

    private static IEnumerable<string> Different(object? a, object? b, string where)
    {
        if (a is null || b is null || a is string || a.GetType().IsPrimitive || a.GetType().IsEnum || a is Uri or TimeSpan)
        {
            return Equals(a, b) ? [] : [$"{where}: {a} and {b}"];
        }

        if (a is IEnumerable list)
        {
            var (left, right) = (list.Cast<object>().ToList(), ((IEnumerable)b).Cast<object>().ToList());
            return left.Count == right.Count ? left.Zip(right).SelectMany((p, i) => Different(p.First, p.Second, $"{where}[{i}]")) : [$"{where}: {left.Count} and {right.Count}"];
        }

        return Properties(a.GetType()).SelectMany(p => Different(p.GetValue(a), p.GetValue(b), $"{where}.{p.Name}"));
    }
}

file static class Types
{
    public static Type? GetGenericTypeDefinitionOrNull(this Type type) => type.IsGenericType ? type.GetGenericTypeDefinition() : null;
}
