using System.Collections.Immutable;
using ModelGuidelines.Reports.Pictures;

namespace ModelGuidelines.Reports.Diagrams;

/// <summary>A box that is in sight.</summary>
/// <param name="Lines">Its text.</param>
/// <param name="Parent">Index of the box that holds it; -1 for none.</param>
/// <param name="Kind"><c>plain</c>, <c>reused</c>, <c>marked</c> or <c>function</c>.</param>
/// <param name="Inside">Marked boxes inside it that are not in sight.</param>
/// <param name="IsFocus">Whether the picture is opened at it.</param>
/// <param name="IsOpen">Whether it holds boxes that are in sight.</param>
internal sealed record OutlineBox(ImmutableArray<string> Lines, int Parent, string Kind, int Inside, bool IsFocus, bool IsOpen);

/// <summary>What is in sight of a picture, for languages that have a layout of their own.</summary>
/// <param name="Boxes">Parents before their children.</param>
/// <param name="Arrows">From, to, and the numbers of the calls; "" for none.</param>
internal sealed record Outline(ImmutableArray<OutlineBox> Boxes, ImmutableArray<(int From, int To, string Label)> Arrows)
{
    public static Outline Of(Picture picture, PictureView view)
    {
        using var script = new PictureScript();
        using var document = script.Outline(picture, view);
        var root = document.RootElement;
        return new(
            [
                .. root.GetProperty("boxes").EnumerateArray().Select(b => new OutlineBox(
                    [.. b.GetProperty("lines").EnumerateArray().Select(l => l.GetString()!)],
                    b.GetProperty("parent").GetInt32(), b.GetProperty("kind").GetString()!, b.GetProperty("inside").GetInt32(), b.GetProperty("focus").GetBoolean(), b.GetProperty("open").GetBoolean())),
            ],
            [.. root.GetProperty("arrows").EnumerateArray().Select(a => (a[0].GetInt32(), a[1].GetInt32(), a[2].GetString()!))]);
    }

    /// <summary>Calls <paramref name="begin"/> and <paramref name="end"/> around the boxes of each open box, and <paramref name="leaf"/> for the others, in order.</summary>
    public void Walk(Action<int, int> begin, Action<int> end, Action<int, int> leaf)
    {
        var children = Enumerable.Range(0, Boxes.Length).ToLookup(i => Boxes[i].Parent);
        void Visit(int parent, int level)
        {
            foreach (var i in children[parent])
            {
                if (Boxes[i].IsOpen)
                {
                    begin(i, level);
                    Visit(i, level + 1);
                    end(level);
                }
                else
                {
                    leaf(i, level);
                }
            }
        }

        Visit(-1, 1);
    }
}
