using System.Text;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.SavedModel;

/// <summary>One object of a SavedModel.</summary>
internal sealed class SavedObject
{
    /// <summary><c>_tf_keras_network</c>, <c>_tf_keras_layer</c>; null for what is no Python object: functions, variables.</summary>
    public string? Identifier { get; set; }

    /// <summary>What Keras says of it, as JSON; empty when the file has none.</summary>
    public ReadOnlyMemory<byte> Metadata { get; set; }

    /// <summary>The objects it holds, by the name of the attribute: <c>layer-0</c>, <c>dense1</c>.</summary>
    public Dictionary<string, int> Children { get; } = new(StringComparer.Ordinal);

    public bool IsKeras => Identifier?.StartsWith("_tf_keras_", StringComparison.Ordinal) is true;
}

/// <summary>The object graph of a SavedModel, with what <c>keras_metadata.pb</c> adds to it.</summary>
/// <remarks>Source: tensorflow/core/protobuf/saved_model.proto, meta_graph.proto, saved_object_graph.proto; keras/protobuf/saved_metadata.proto.
/// TensorFlow 2.0 to 2.4 keep the metadata in the object graph itself.</remarks>
internal sealed class SavedObjects
{
    private const int MetaGraphs = 2;
    private const int MetaInfo = 1;
    private const int ObjectGraph = 7;
    private const int TensorFlowVersion = 5;
    private const int Nodes = 1;
    private const int NodeChildren = 1;
    private const int NodeUserObject = 4;

    private readonly ReadLimits _limits;
    private readonly CancellationToken _cancellation;
    private int _items;

    private SavedObjects(ReadLimits limits, CancellationToken cancellation)
    {
        _limits = limits;
        _cancellation = cancellation;
    }

    /// <summary>In the order of the file; the first is the root.</summary>
    public List<SavedObject> Objects { get; } = [];

    /// <summary><c>2.13.1</c>; null when the file does not say.</summary>
    public string? Version { get; private set; }

    /// <param name="model">saved_model.pb; must outlive this.</param>
    /// <param name="metadata">keras_metadata.pb, where there is one; must outlive this.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="cancellation">Asked every few thousand objects.</param>
    /// <exception cref="ModelReadException">MG.SavedModel.*.</exception>
    public static SavedObjects Read(PagedFile model, PagedFile? metadata, ReadLimits limits, CancellationToken cancellation)
    {
        var result = new SavedObjects(limits, cancellation);
        result.ReadModel(model);
        if (metadata is not null)
        {
            result.ReadMetadata(metadata);
        }

        return result;
    }

    private void ReadModel(PagedFile file)
    {
        // Functions with their constants stand in the same message as the objects: they are passed over, not read.
        var fields = new ProtoCursor(file, "SavedModel", 0, file.Length, "Damaged");
        while (fields.Next())
        {
            if (fields.Field != MetaGraphs || fields.WireType != 2 || Objects.Count > 0)
            {
                continue; // one graph per set of tags; Keras writes one
            }

            var graph = fields.Message();
            while (graph.Next())
            {
                if (graph is { Field: MetaInfo, WireType: 2 })
                {
                    var info = new ProtoFields(graph.Payload(_limits.EntryBytes), graph.PayloadStart);
                    while (info.Next())
                    {
                        Version = info.Number == TensorFlowVersion ? Text(info.Bytes) : Version;
                    }
                }
                else if (graph is { Field: ObjectGraph, WireType: 2 })
                {
                    ReadObjects(file, graph.Payload(_limits.EntryBytes), graph.PayloadStart);
                }
            }
        }
    }

    private void ReadObjects(PagedFile file, ReadOnlySpan<byte> message, long start)
    {
        var nodes = new ProtoFields(message, start);
        while (nodes.Next())
        {
            if (nodes.Number != Nodes)
            {
                continue;
            }

            Spend();
            var item = new SavedObject();
            Objects.Add(item);
            var node = new ProtoFields(nodes.Bytes, nodes.BytesStart);
            while (node.Next())
            {
                if (node.Number == NodeChildren)
                {
                    Spend();
                    var (id, name) = ReadChild(node.Bytes, node.BytesStart);
                    item.Children.TryAdd(name, id);
                }
                else if (node.Number == NodeUserObject)
                {
                    ReadUserObject(file, item, node.Bytes, node.BytesStart);
                }
            }
        }
    }

    private (int Id, string Name) ReadChild(ReadOnlySpan<byte> message, long start)
    {
        var (id, name) = (0, "");
        var child = new ProtoFields(message, start);
        while (child.Next())
        {
            (id, name) = child.Number switch
            {
                1 => ((int)Math.Clamp(child.Value, -1, int.MaxValue), name),
                2 => (id, Text(child.Bytes)),
                _ => (id, name),
            };
        }

        return (id, name);
    }

    private void ReadUserObject(PagedFile file, SavedObject item, ReadOnlySpan<byte> message, long start)
    {
        var user = new ProtoFields(message, start);
        while (user.Next())
        {
            if (user.Number == 1)
            {
                item.Identifier = Text(user.Bytes);
            }
            else if (user.Number == 3)
            {
                item.Metadata = file.Memory(user.BytesStart, user.Bytes.Length);
            }
        }
    }

    private void ReadMetadata(PagedFile file)
    {
        var fields = All(file);
        while (fields.Next())
        {
            if (fields.Number != Nodes)
            {
                continue;
            }

            Spend();
            long id = 0;
            string? identifier = null;
            ReadOnlyMemory<byte> json = default;
            var entry = new ProtoFields(fields.Bytes, fields.BytesStart);
            while (entry.Next())
            {
                switch (entry.Number)
                {
                    case 2:
                        id = entry.Value;
                        break;
                    case 4:
                        identifier = Text(entry.Bytes);
                        break;
                    case 5:
                        json = file.Memory(entry.BytesStart, entry.Bytes.Length);
                        break;
                }
            }

            if (id < 0 || id >= Objects.Count)
            {
                throw new ModelReadException("MG.SavedModel.Metadata", $"keras_metadata.pb describes object {id}; saved_model.pb has {Objects.Count}", fields.BytesStart);
            }

            Objects[(int)id].Metadata = json;
            Objects[(int)id].Identifier = identifier ?? Objects[(int)id].Identifier;
        }
    }

    private static ProtoFields All(PagedFile file) => file.Length <= int.MaxValue
        ? new(file.Span(0, (int)file.Length), 0)
        : throw new ModelReadException("MG.SavedModel.TooLarge", $"the file has {file.Length} bytes; a protobuf message has less than 2 GB");

    private void Spend()
    {
        if (++_items > _limits.Items)
        {
            throw new ModelReadException("MG.SavedModel.TooLarge", $"the SavedModel has more than {_limits.Items} objects and references");
        }

        if ((_items & 0xFFF) == 0)
        {
            _cancellation.ThrowIfCancellationRequested();
        }
    }

    private string Text(ReadOnlySpan<byte> utf8) => utf8.Length <= _limits.NameBytes
        ? Encoding.UTF8.GetString(utf8)
        : throw new ModelReadException("MG.SavedModel.Name", $"a name in the SavedModel has {utf8.Length} bytes");
}
