using ModelGuidelines.Formats.Keras;

namespace ModelGuidelines.Repairs.Keras;

/// <summary>A layer of the repaired model.</summary>
/// <param name="Source">The entry that its text comes from.</param>
/// <param name="Name">Within its container.</param>
/// <param name="Call">The one call of the source that it takes over; null: all of them.</param>
/// <param name="IsCopy">Whether it stands for a further use of an object, or inside something that does: its weights are copies.</param>
internal sealed record NewLayer(KerasLayer Source, string Name, int? Call, bool IsCopy)
{
    /// <summary>In the order in which Keras has them after loading, where something changed; else in the file's.</summary>
    public List<NewLayer> Children { get; set; } = [];

    /// <summary>The object it was, by its first entry.</summary>
    public KerasLayer Object => Source.Original ?? Source;

    /// <summary>Whether its entry says that it is an object that stands elsewhere too, which it is no more.</summary>
    public bool LosesIdentity { get; init; }
}
