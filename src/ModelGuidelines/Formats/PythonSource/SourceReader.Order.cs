using System.Runtime.InteropServices;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <content>In which order classes are tried by themselves.</content>
internal sealed partial class SourceReader
{
    /// <summary>A class after those whose code names it, else in the order given: what they hold need not be built by itself, and of a chain in which each holds the one before
    /// every class would be built as often as it has classes behind it.</summary>
    private List<ClassValue> OuterFirst(List<ClassValue> classes)
    {
        var named = Named(classes);
        var namedBy = new Dictionary<ClassValue, List<ClassValue>>();
        foreach (var type in classes)
        {
            foreach (var other in named[type].Where(other => !named[other].Contains(type)))
            {
                (CollectionsMarshal.GetValueRefOrAddDefault(namedBy, other, out _) ??= []).Add(type);
            }
        }

        var ordered = new List<ClassValue>(classes.Count);
        var seen = new HashSet<ClassValue>();
        var open = new Stack<(ClassValue Type, int Next)>();
        foreach (var first in classes.Where(seen.Add))
        {
            open.Push((first, 0));
            while (open.TryPop(out var at))
            {
                if (namedBy.TryGetValue(at.Type, out var outer) && at.Next < outer.Count)
                {
                    open.Push((at.Type, at.Next + 1));
                    if (seen.Add(outer[at.Next]))
                    {
                        open.Push((outer[at.Next], 0));
                    }
                }
                else
                {
                    ordered.Add(at.Type);
                }
            }
        }

        return ordered;
    }

    /// <summary>The other classes that the text of a class' body names.</summary>
    private Dictionary<ClassValue, HashSet<ClassValue>> Named(List<ClassValue> classes)
    {
        var byName = classes.GroupBy(c => c.Name, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var named = new Dictionary<ClassValue, HashSet<ClassValue>>();
        foreach (var type in classes)
        {
            var names = named[type] = [];
            if (type.Definition.Body.IsEmpty)
            {
                continue;
            }

            var text = _file.TextOf(type.Definition)[(type.Definition.Body[0].Start - type.Definition.Start)..]; // its bases are no parts of it
            for (var at = 0; at < text.Length;)
            {
                var start = at;
                while (at < text.Length && (char.IsLetterOrDigit(text[at]) || text[at] == '_'))
                {
                    at++;
                }

                if (at > start && byName.TryGetValue(text[start..at].ToString(), out var other) && other != type)
                {
                    names.Add(other);
                }

                at = Math.Max(at, start + 1);
            }
        }

        return named;
    }
}
