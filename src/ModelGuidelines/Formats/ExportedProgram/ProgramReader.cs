using System.Text.Json;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>Reads a serialized program, token by token: what an audit does not need is skipped and never becomes an object.</summary>
/// <remarks>Source: torch/_export/serde/schema.py, versions 1 to 8. Fields it does not know are skipped, absent ones stay empty.</remarks>
/// <param name="limits">Bounds.</param>
/// <param name="cancellation">Is asked every few thousand items.</param>
/// <param name="includeValues">Whether <see cref="ProgramGraph.Tensors"/> is asked for.</param>
internal sealed partial class ProgramReader(ReadLimits limits, CancellationToken cancellation, bool includeValues = true)
{
    /// <summary>The id of the error for JSON that is something else.</summary>
    public const string NoGraph = "MG.ExportedProgram.NoGraph";

    private readonly TextPool _texts = new();
    private char[] _characters = new char[4096];
    private int _items;

    /// <exception cref="ModelReadException">It is no JSON, too deep, too large, or no exported program.</exception>
    public Program Read(ReadOnlyMemory<byte> json)
    {
        using var stream = new ReadOnlyMemoryStream(json);
        return Read(stream);
    }

    /// <summary>The same of a text that is read in passing.</summary>
    /// <param name="json">Whoever made it closes it.</param>
    /// <param name="hold">Is told what is held of the text; null: nobody counts.</param>
    /// <exception cref="ModelReadException">It is no JSON, too deep, too large, or no exported program.</exception>
    public Program Read(Stream json, Action<long>? hold = null)
    {
        var reader = new JsonTokens(json, limits.Depth, hold);
        try
        {
            var program = new Program();
            reader.Read();
            Object(ref reader, program, static (ProgramReader self, ref JsonTokens r, string name, Program p) => self.ReadProgram(ref r, name, p));
            while (reader.Read())
            {
                // Anything after the program is an error that the reader reports.
            }

            program.HasFurtherCalls = _hasFurtherCalls;
            return program.HasGraph ? program : throw new ModelReadException(NoGraph, "the file holds JSON, but no exported program: it has no graph");
        }
        catch (JsonException e)
        {
            throw reader.CurrentDepth >= limits.Depth - 1
                ? new ModelReadException("MG.ExportedProgram.TooDeep", $"the program nests deeper than {limits.Depth} levels", reader.BytesConsumed, e)
                : new ModelReadException("MG.ExportedProgram.Json", "the program's JSON is damaged", reader.BytesConsumed, e);
        }
        catch (InvalidOperationException e)
        {
            // A text that is no valid UTF-8 or UTF-16.
            throw new ModelReadException("MG.ExportedProgram.Json", "the program's JSON has a damaged text", reader.BytesConsumed, e);
        }
    }

    private delegate void Field<in T>(ProgramReader self, ref JsonTokens reader, string name, T target);

    private delegate void Element<in T>(ProgramReader self, ref JsonTokens reader, T target);

    /// <summary>Reads an object's fields; the reader stands on its first token before and on its last one after, as for every value here.
    /// Anything but an object is skipped.</summary>
    private void Object<T>(ref JsonTokens reader, T target, Field<T> field)
    {
        if (reader.TokenType is not JsonTokenType.StartObject)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType is JsonTokenType.PropertyName)
        {
            var name = Text(ref reader) ?? "";
            reader.Read();
            Count();
            field(this, ref reader, name, target);
        }
    }

    /// <summary>Reads an array's elements; anything but an array is skipped.</summary>
    private void Array<T>(ref JsonTokens reader, T target, Element<T> element)
    {
        if (reader.TokenType is not JsonTokenType.StartArray)
        {
            reader.Skip();
            return;
        }

        while (reader.Read() && reader.TokenType is not JsonTokenType.EndArray)
        {
            Count();
            element(this, ref reader, target);
        }
    }

    /// <summary>A text or property name; null (skipped) when the value is something else.</summary>
    private string? Text(ref JsonTokens reader)
    {
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
        {
            reader.Skip();
            return null;
        }

        return _texts.Get(Characters(ref reader));
    }

    /// <summary>The characters of a text, which stay until the next one is asked for.</summary>
    private ReadOnlySpan<char> Characters(ref JsonTokens reader)
    {
        if (reader.ValueSpan.Length > limits.NameBytes)
        {
            throw new ModelReadException("MG.ExportedProgram.NameLimit", $"a text of the program has more than {limits.NameBytes} bytes", reader.TokenStartIndex);
        }

        if (_characters.Length < reader.ValueSpan.Length)
        {
            _characters = new char[reader.ValueSpan.Length * 2];
        }

        return _characters.AsSpan(0, reader.CopyString(_characters));
    }

    private static int? Integer(ref JsonTokens reader)
    {
        if (reader.TokenType is JsonTokenType.Number && reader.TryGetInt32(out var value))
        {
            return value;
        }

        reader.Skip();
        return null;
    }

    private void Count()
    {
        if ((++_items & 4095) == 0)
        {
            cancellation.ThrowIfCancellationRequested();
        }
    }

    private void ReadProgram(ref JsonTokens reader, string name, Program program)
    {
        switch (name)
        {
            case "graph_module":
                Object(ref reader, program, static (ProgramReader self, ref JsonTokens r, string n, Program p) => self.ReadGraphModule(ref r, n, p));
                break;
            case "schema_version" when reader.TokenType is JsonTokenType.Number:
                program.SchemaMajor = Integer(ref reader);
                break;
            case "schema_version":
                Object(ref reader, program, static (ProgramReader _, ref JsonTokens r, string n, Program p) =>
                {
                    var value = Integer(ref r);
                    p.SchemaMajor = n == "major" ? value : p.SchemaMajor;
                });
                break;
            case "torch_version":
                program.TorchVersion = Text(ref reader);
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private void ReadGraphModule(ref JsonTokens reader, string name, Program program)
    {
        switch (name)
        {
            case "graph":
                program.HasGraph |= reader.TokenType is JsonTokenType.StartObject;
                Object(ref reader, program.Graph, static (ProgramReader self, ref JsonTokens r, string n, ProgramGraph g) => self.ReadGraph(ref r, n, g));
                break;
            case "signature":
                Object(ref reader, program, static (ProgramReader self, ref JsonTokens r, string n, Program p) => self.ReadSignature(ref r, n, p));
                break;
            case "module_call_graph":
                Array(ref reader, program, static (ProgramReader self, ref JsonTokens r, Program p) => self.ReadModuleEntry(ref r, p));
                break;
            case "call_spec": // torch 2.1: the root's signature
                Object(ref reader, program.RootSignature, static (ProgramReader self, ref JsonTokens r, string n, ModuleSignature m) => self.ReadModuleSignature(ref r, n, m));
                break;
            case "treespec_namedtuple_fields":
                Object(ref reader, program, static (ProgramReader self, ref JsonTokens r, string n, Program p) =>
                    self.Object(ref r, p.NamedTupleFields[n] = [], static (ProgramReader s, ref JsonTokens r2, string n2, List<string> fields) => s.Texts(ref r2, n2 == "field_names" ? fields : [])));
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private void Texts(ref JsonTokens reader, List<string> texts) => Array(ref reader, texts, static (ProgramReader self, ref JsonTokens r, List<string> t) =>
    {
        if (self.Text(ref r) is { } text)
        {
            t.Add(text);
        }
    });
}
