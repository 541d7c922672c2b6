namespace ModelGuidelines.Storage;

/// <summary>The one way in which reading a model fails: a stable id, the reason, and the place where it is known.</summary>
/// <remarks>Thrown by readers, turned into a record at one place (<see cref="Audit.Auditor"/>).</remarks>
public sealed class ModelReadException : Exception
{
    /// <param name="id">Stable, <c>MG.Onnx.Truncated</c>: scripts match on it.</param>
    /// <param name="message">A sentence that says what is wrong; the file's name is added where it is shown.</param>
    /// <param name="offset">Bytes from the start of the file.</param>
    /// <param name="inner">The cause, for a debugger.</param>
    public ModelReadException(string id, string message, long? offset = null, Exception? inner = null)
        : base(message, inner)
    {
        Id = id;
        Offset = offset;
    }

    public string Id { get; }

    public long? Offset { get; }

    /// <summary>The content is sound and of another kind: a search of a folder passes it over, as it does files that no format recognises.</summary>
    public bool IsNotAModel { get; init; }
}
