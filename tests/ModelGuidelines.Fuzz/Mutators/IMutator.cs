using System.Collections.Immutable;

namespace ModelGuidelines.Fuzz.Mutators;

/// <summary>Damages content of one kind so that most of it still is of that kind: what is damaged is what stands in it, not its first byte.</summary>
internal interface IMutator
{
    /// <summary>Whether the content is of that kind.</summary>
    bool Takes(ReadOnlySpan<byte> content);

    /// <param name="content">What is to be damaged; it is not changed.</param>
    /// <param name="other">Content of the same kind, pieces of which are put in.</param>
    /// <param name="random">Decides everything: one seed is one result.</param>
    byte[] Mutate(byte[] content, byte[] other, Random random);
}

/// <summary>All kinds, the most telling first; bytes are the last.</summary>
internal static class Mutator
{
    public static ImmutableArray<IMutator> All { get; } = [new ZipMutator(), new JsonMutator(), new PickleMutator(), new PythonMutator(), new ProtobufMutator(), new ByteMutator()];

    /// <summary>Damages what stands in the content; one time in eight its bytes, whatever it is.</summary>
    public static byte[] Mutate(byte[] content, byte[] other, Random random)
    {
        var kind = random.Next(8) == 0 ? All[^1] : All.First(m => m.Takes(content));
        for (var times = 1 << random.Next(4); times > 0; times--)
        {
            content = kind.Mutate(content, kind.Takes(other) ? other : content, random);
            kind = kind.Takes(content) ? kind : All[^1];
        }

        return content;
    }

    public static T Pick<T>(this Random random, IReadOnlyList<T> items) => items[random.Next(items.Count)];
}
