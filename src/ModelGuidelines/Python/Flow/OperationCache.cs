using System.Runtime.CompilerServices;

namespace ModelGuidelines.Python.Flow;

/// <summary>Results of an operation on two conditions whose order does not matter. It forgets: a result may take the place of another, so its size is bounded.</summary>
internal sealed class OperationCache
{
    private const int MaxLength = 1 << 16;
    private Entry[] _entries = new Entry[64];
    private int _added;

    private record struct Entry(int Left, int Right, Condition? Result);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public Condition? Find(int a, int b)
    {
        var (left, right) = a < b ? (a, b) : (b, a);
        ref readonly var entry = ref _entries[Slot(left, right)];
        return entry.Left == left && entry.Right == right ? entry.Result : null;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Set(int a, int b, Condition result)
    {
        if (++_added > _entries.Length && _entries.Length < MaxLength)
        {
            var old = _entries;
            _entries = new Entry[old.Length * 4];
            foreach (var entry in old)
            {
                _entries[Slot(entry.Left, entry.Right)] = entry;
            }
        }

        var (left, right) = a < b ? (a, b) : (b, a);
        _entries[Slot(left, right)] = new(left, right, result);
    }

    private int Slot(int left, int right) => (int)((((uint)left * 0x9E3779B1u) ^ (uint)right) * 0x85EBCA6Bu >> 12) & (_entries.Length - 1);
}
