namespace ModelGuidelines.Repairs.Source;

/// <summary>What a value is that an object made for itself, so that another object of its class has another.</summary>
[Flags]
internal enum Held
{
    /// <summary>A number, a text, or what both objects would hold: a parameter's value, something of the file.</summary>
    Nothing = 0,

    /// <summary>A module, whose own state is judged by itself.</summary>
    Module = 1,

    /// <summary>A parameter, which no pass writes to.</summary>
    Parameter = 2,

    /// <summary>A tensor.</summary>
    Tensor = 4,

    /// <summary>A list, a dictionary, a set.</summary>
    Collection = 8,

    /// <summary>Anything else: an iterator, a generator, a function that may keep count, an object of some class.</summary>
    Unknown = 16,

    /// <summary>What may be changed.</summary>
    Mutable = Tensor | Collection | Unknown,

    /// <summary>All that a value may be itself.</summary>
    Itself = Module | Parameter | Mutable,

    /// <summary>It holds a collection, at whatever depth.</summary>
    InnerCollection = (Collection << HeldKinds.Depth) | (Collection << (2 * HeldKinds.Depth)),

    /// <summary>It holds a tensor, at whatever depth.</summary>
    InnerTensor = (Tensor << HeldKinds.Depth) | (Tensor << (2 * HeldKinds.Depth)),

    /// <summary>It holds something else, at whatever depth.</summary>
    InnerUnknown = (Unknown << HeldKinds.Depth) | (Unknown << (2 * HeldKinds.Depth)),

    /// <summary>What its elements may be.</summary>
    First = Itself << HeldKinds.Depth,

    /// <summary>What theirs may be, and so on.</summary>
    Further = Itself << (2 * HeldKinds.Depth),

    /// <summary>All that a value may hold.</summary>
    Inner = First | Further,

    /// <summary>Something else, itself or in what it holds.</summary>
    AnyUnknown = Unknown | InnerUnknown,

    /// <summary>What may be changed, itself or in what it holds.</summary>
    AnyMutable = Mutable | InnerCollection | InnerTensor | InnerUnknown,
}

/// <summary>What becomes of values that are put in others, and taken out again: the first level is told from all below it.</summary>
internal static class HeldKinds
{
    public const int Depth = 8;

    /// <summary>What a new list or tuple of such values is: none of the object's own, but it holds what may be.</summary>
    public static Held Inside(this Held held) => (Held)((int)(held & (Held.Itself | Held.First)) << Depth) | (held & Held.Further);

    /// <summary>What an element is of such a value; a part of a tensor is a tensor, an element of a list of modules a module.</summary>
    public static Held Element(this Held held) => (held & (Held.Itself & ~Held.Collection)) | (Held)((int)(held & Held.Inner) >> Depth) | (held & Held.Further);

    /// <summary>What a new collection is that holds the same elements.</summary>
    public static Held Again(this Held held) => held & ~Held.Collection;
}
