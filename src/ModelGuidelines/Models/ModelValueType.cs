using System.Collections.Immutable;

namespace ModelGuidelines.Models;

/// <summary>The type of a value at a module's border, as far as guidelines care.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Name">The class of a named tuple, data class or other object.</param>
/// <param name="Elements">Types of the elements: one for a homogeneous list or dictionary (its values), one per field otherwise.</param>
/// <param name="Fields">Names of the fields or literal keys, where known.</param>
public sealed record ModelValueType(ValueKind Kind, string? Name = null, ImmutableArray<ModelValueType> Elements = default, ImmutableArray<string> Fields = default)
{
    public static readonly ModelValueType Tensor = new(ValueKind.Tensor);
    public static readonly ModelValueType None = new(ValueKind.None);
    public static readonly ModelValueType Number = new(ValueKind.Number, "int");
    public static readonly ModelValueType Boolean = new(ValueKind.Boolean);
    public static readonly ModelValueType String = new(ValueKind.String);
    public static readonly ModelValueType Unknown = new(ValueKind.Unknown);

    public static ModelValueType Tuple(params ModelValueType[] elements) => new(ValueKind.Tuple, Elements: [.. elements]);

    public static ModelValueType List(params ModelValueType[] elements) => new(ValueKind.List, Elements: [.. elements]);

    public static ModelValueType Dict(params ModelValueType[] values) => new(ValueKind.Dict, Elements: [.. values]);

    /// <summary>A tensor, or a tuple of tensors at any depth: what AIMET's guideline allows.</summary>
    public bool IsTensors => Kind is ValueKind.Tensor || (Kind is ValueKind.Tuple && !Elements.IsDefaultOrEmpty && Elements.All(e => e.IsTensors));

    /// <summary>Not a tensor, but nothing that hides one either: None, numbers, strings, flags, and tuples in which such values stand.</summary>
    public bool IsSoft => Kind switch
    {
        ValueKind.None or ValueKind.Number or ValueKind.Boolean or ValueKind.String => true,
        ValueKind.Tuple => Elements.IsDefaultOrEmpty || (!IsTensors && Elements.All(e => e.IsTensors || e.IsSoft)),
        ValueKind.Optional => Elements.IsDefaultOrEmpty || Elements.All(e => e.IsTensors || e.IsSoft),
        _ => false,
    };

    /// <summary>Whether the type, or a part of it that could decide, is unknown.</summary>
    public bool IsUnknown => Kind is ValueKind.Unknown ||
        (Kind is ValueKind.Tuple or ValueKind.Optional && !Elements.IsDefaultOrEmpty && Elements.Any(e => e.IsUnknown) && !Elements.Any(e => e.IsViolation));

    /// <summary>A container or object that the guideline forbids at a module's border.</summary>
    public bool IsViolation => !IsTensors && !IsSoft && !IsUnknown;

    public override string ToString() => Kind switch
    {
        ValueKind.Tensor => "Tensor",
        ValueKind.None => "None",
        ValueKind.Boolean => "bool",
        ValueKind.String => "str",
        ValueKind.Number => Name ?? "int",
        ValueKind.Tuple => $"tuple[{Join()}]",
        ValueKind.List => Elements.IsDefaultOrEmpty ? "list" : $"list[{JoinDistinct()}]",
        ValueKind.Set => Elements.IsDefaultOrEmpty ? "set" : $"set[{JoinDistinct()}]",
        ValueKind.Dict => Elements.IsDefaultOrEmpty ? Name ?? "Dict" : $"{Name ?? "Dict"}[str, {JoinDistinct()}]",
        ValueKind.Optional => $"Optional[{Join()}]",
        ValueKind.NamedTuple => $"NamedTuple {Name}",
        ValueKind.DataClass => $"dataclass {Name}",
        ValueKind.Object => Name ?? "object",
        _ => "unknown",
    };

    private string Join() => Elements.IsDefaultOrEmpty ? "" : string.Join(", ", Elements);

    private string JoinDistinct() => string.Join(" | ", Elements.Select(e => e.ToString()).Distinct(StringComparer.Ordinal));
}

/// <summary>Kinds of values at a module's border.</summary>
public enum ValueKind
{
    Unknown,
    Tensor,
    Tuple,
    List,
    Set,
    Dict,
    NamedTuple,
    DataClass,
    Optional,
    None,
    Number,
    Boolean,
    String,

    /// <summary>Any other object, named by its class.</summary>
    Object,
}
