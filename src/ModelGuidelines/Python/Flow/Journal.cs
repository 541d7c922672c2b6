using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Flow;

/// <summary>A variable of the analysis: a name of a scope, an attribute, the content of a list or dictionary.</summary>
/// <param name="Holder">Names dictionary, <see cref="OrderedAttributes"/>, <see cref="SequenceValue"/> or <see cref="DictValue"/>.</param>
/// <param name="Name">Null for the content of a collection.</param>
internal readonly record struct Slot(object Holder, string? Name);

/// <summary>What every branch writes, so that the next one starts from the same state and what they leave can be joined.</summary>
internal sealed class Journal
{
    private readonly List<(Slot Slot, object? Old)> _writes = [];
    private readonly HashSet<object> _touched = new(ReferenceEqualityComparer.Instance);
    private int _depth;

    /// <summary>Writes of one branch: each variable with what it left there (a <see cref="Value"/>, null for nothing, or a collection's content).</summary>
    public sealed class Writes : Dictionary<Slot, object?>;

    public bool IsOpen => _depth > 0;

    /// <summary>Variables of these, and their contents, belong to files: all code of a file has them.</summary>
    public HashSet<object> Shared { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Is told of a variable of a file before it is written.</summary>
    public Action<Slot>? SharedIsWritten { get; set; }

    /// <summary>How often an attribute or what a collection holds was written, in a branch or not.</summary>
    public long Changes { get; private set; }

    private readonly Stack<Writes> _watches = new();

    /// <summary>Of a collection that holds more, what it held is not kept for a watch.</summary>
    private const int MaxWatched = 64;

    /// <summary>So many writes of a branch are of as many variables, mostly.</summary>
    private const int FewWrites = 64;

    /// <summary>From here on, what each variable was before it is first written is kept, and the contents of small collections; until <see cref="Watched"/> is given this.</summary>
    public Writes Watch()
    {
        var watch = new Writes();
        _watches.Push(watch);
        return watch;
    }

    /// <summary>The variables that were written since, each with what it was before.</summary>
    public Writes Watched(Writes watch)
    {
        while (_watches.Contains(watch))
        {
            var ended = _watches.Pop();
            if (_watches.TryPeek(out var outer))
            {
                if (ended.Count > outer.Count)
                {
                    outer.EnsureCapacity(outer.Count + ended.Count);
                }

                foreach (var (slot, old) in ended)
                {
                    outer.TryAdd(slot, old);
                }
            }
        }

        return watch;
    }

    public int Begin()
    {
        _depth++;
        _touched.Clear();
        return _writes.Count;
    }

    public void End() => _depth--;

    /// <summary>What was written in the one open branch stays: it is followed on as if there were none.</summary>
    public void Keep()
    {
        if (_depth == 1)
        {
            Reset();
        }
    }

    /// <summary>Forgets the branches of a run that was ended.</summary>
    public void Reset()
    {
        _depth = 0;
        _writes.Clear();
        _touched.Clear();
    }

    /// <summary>Forgets the branches and loops of a run that was given up.</summary>
    public void Abandon()
    {
        _watches.Clear();
        Reset();
    }

    /// <summary>Where code begins that may be given up without what stands around it.</summary>
    public (int Depth, int Writes, int Watches) Mark() => (_depth, _writes.Count, _watches.Count);

    /// <summary>Forgets the branches and loops that were begun since, those around them go on.</summary>
    public void Abandon((int Depth, int Writes, int Watches) mark)
    {
        _depth = mark.Depth;
        _writes.RemoveRange(mark.Writes, _writes.Count - mark.Writes);
        _touched.Clear();
        while (_watches.Count > mark.Watches)
        {
            Watched(_watches.Peek());
        }
    }

    /// <summary>Writes of code that belongs to no branch are not journaled until what this gives is disposed.</summary>
    public IDisposable Suspend()
    {
        var depth = _depth;
        _depth = 0;
        return new Resumption(() => _depth = depth);
    }

    private sealed class Resumption(Action end) : IDisposable
    {
        public void Dispose() => end();
    }

    /// <summary>Before a name or attribute is written.</summary>
    public void Save(object holder, string name)
    {
        Changes += holder is OrderedAttributes ? 1 : 0;
        if (SharedIsWritten is not null && Shared.Contains(holder))
        {
            SharedIsWritten(new(holder, name));
        }

        if (_depth > 0 || _watches.Count > 0)
        {
            var slot = new Slot(holder, name);
            var old = Read(slot);
            if (_watches.TryPeek(out var watch))
            {
                watch.TryAdd(slot, old);
            }

            if (_depth > 0)
            {
                _writes.Add((slot, old));
            }
        }
    }

    /// <summary>Before a list or dictionary is changed.</summary>
    public void Change(Value collection)
    {
        Changes++;
        if (SharedIsWritten is not null && Shared.Contains(collection))
        {
            SharedIsWritten(new(collection, null));
        }

        if (_watches.TryPeek(out var watch) && collection is SequenceValue { Made.Count: <= MaxWatched } or DictValue { Entries.Count: <= MaxWatched })
        {
            var slot = new Slot(collection, null);
            if (!watch.ContainsKey(slot))
            {
                watch.Add(slot, Read(slot));
            }
        }

        if (_depth > 0 && collection is SequenceValue or DictValue && _touched.Add(collection))
        {
            _writes.Add((new(collection, null), Read(new(collection, null))));
        }
    }

    /// <summary>Takes back everything since a mark and gives what had been written.</summary>
    public Writes Undo(int mark)
    {
        // In the order in which they were first written: attributes keep the order in which they are set.
        var result = new Writes();
        result.EnsureCapacity(Math.Min(_writes.Count - mark, FewWrites));
        for (var i = mark; i < _writes.Count; i++)
        {
            result.TryAdd(_writes[i].Slot, null);
        }

        // The content of a collection changes hands: nobody else has what it held when it was changed, nor will it keep what it holds now.
        foreach (var slot in result.Keys)
        {
            result[slot] = slot.Holder switch
            {
                SequenceValue s => s.Content(isCopy: false),
                DictValue d => d.HandOver(),
                _ => Read(slot),
            };
        }

        for (var i = _writes.Count - 1; i >= mark; i--)
        {
            switch (_writes[i])
            {
                case ({ Holder: SequenceValue s }, SequenceValue old):
                    s.Hold(old);
                    break;
                case ({ Holder: DictValue d }, DictValue old):
                    d.TakeOver(old);
                    break;
                case var (slot, old):
                    Write(slot, old);
                    break;
            }
        }

        _writes.RemoveRange(mark, _writes.Count - mark);
        _touched.Clear();
        return result;
    }

    /// <summary>Writes a variable, journaled.</summary>
    public void Set(Slot slot, object? value)
    {
        if (slot.Name is not null)
        {
            Save(slot.Holder, slot.Name);
        }
        else
        {
            Changes++;
            if (_depth > 0)
            {
                _writes.Add((slot, Read(slot)));
            }
        }

        Write(slot, value);
    }

    public static object? Read(Slot slot) => slot.Holder switch
    {
        Dictionary<string, Value> names => names.GetValueOrDefault(slot.Name!),
        OrderedAttributes attributes => attributes.Find(slot.Name!),
        SequenceValue s => s.Content(isCopy: true),
        DictValue d => d.Copy(),
        _ => null,
    };

    /// <summary>Writes a variable, as nobody who takes back a branch will know.</summary>
    public static void Write(Slot slot, object? value)
    {
        switch (slot.Holder)
        {
            case Dictionary<string, Value> names when value is Value v:
                names[slot.Name!] = v;
                break;
            case Dictionary<string, Value> names:
                names.Remove(slot.Name!);
                break;
            case OrderedAttributes attributes when value is Value v:
                attributes.Set(slot.Name!, v);
                break;
            case OrderedAttributes attributes:
                attributes.Remove(slot.Name!);
                break;
            case SequenceValue s when value is SequenceValue content:
                s.Hold(content.Content(isCopy: true));
                break;
            case DictValue d when value is DictValue content:
                d.Become(content);
                break;
        }
    }
}
