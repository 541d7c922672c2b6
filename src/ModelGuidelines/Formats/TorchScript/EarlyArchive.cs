using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.TorchScript;

/// <summary>Archives of PyTorch 1.0 to 1.3: <c>model.json</c> lists modules and the tensors that are theirs; traces are inlined, and read <c>self.fc.weight</c>.</summary>
/// <remarks>Source: caffe2/proto/torch.proto and torch/csrc/jit/import_legacy.cpp. What it tells of modules is what their weights tell: one that is read twice, or
/// stands under two names. Both are Likely, and nothing passes.</remarks>
internal sealed class EarlyArchive
{
    private const string Reason = "an archive from before PyTorch 1.4 keeps no calls of modules, only which weights are read; load it with a newer PyTorch and save it again, or audit the source";
    private const string ReadTwice = "a weight that is read several times may be read by functions, too";
    private const string SameTensors = "two modules that share all their parameters would look the same in this file";

    /// <summary>More names of one module are not listed.</summary>
    private const int MaxAliases = 1000;

    private readonly TorchArchive _archive;
    private readonly Dictionary<string, int> _names = new(StringComparer.Ordinal);
    private readonly ModelGraphBuilder _graph = new();
    private readonly Dictionary<string, int> _byTensors = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, int> _reads = [];

    private EarlyArchive(TorchArchive archive) => _archive = archive;

    public static ModelGraph Read(TorchArchive archive) => new EarlyArchive(archive).Read();

    private ModelGraph Read()
    {
        string? version = null;
        try
        {
            using var model = SoundJson.Parse(_archive.Read("model.json")!.Value, _archive.Limits.Depth);
            version = Text(model.RootElement, "producerVersion");
            if (model.RootElement.ValueKind is JsonValueKind.Object && model.RootElement.TryGetProperty("mainModule", out var main))
            {
                Add(main, "", null);
            }
        }
        catch (JsonException e)
        {
            throw new ModelReadException("MG.TorchScript.ModelJson", "the archive's model.json is damaged, or nests too deeply", e.BytePositionInLine, e);
        }

        foreach (var (module, reads) in _reads.Where(r => r.Value > 1))
        {
            _graph.Calls.Add(new() { Module = module, Node = $"{_graph.Modules[module].QualifiedName}.weight", Times = reads, Certainty = Certainty.Likely(ReadTwice) });
        }

        foreach (var module in _byTensors.Values.Where(m => !_graph.Modules[m].Aliases.IsEmpty && _reads.GetValueOrDefault(m) < 2))
        {
            foreach (var name in _graph.Modules[module].Aliases.Prepend(_graph.Modules[module].QualifiedName))
            {
                _graph.Calls.Add(new() { Module = module, Node = name, Certainty = Certainty.Likely(SameTensors) });
            }
        }

        return _graph.Build(Framework.PyTorch, $"PyTorch {version ?? "before 1.4"} (TorchScript)", GraphEvidence.AllAbsent(Reason));
    }

    /// <summary>Recursion is bounded by the document's depth.</summary>
    private void Add(JsonElement module, string name, int? parent)
    {
        _archive.Cancellation.ThrowIfCancellationRequested();
        if (module.ValueKind is not JsonValueKind.Object || _graph.Modules.Count >= _archive.Limits.Items)
        {
            return;
        }

        var parameters = Array(module, "parameters").Select(p => (Name: Text(p, "name") ?? "", Tensor: Text(p, "tensorId") ?? "")).ToList();
        var tensors = string.Join('\n', parameters.Select(p => $"{p.Name}={p.Tensor}"));
        if (parameters.Count > 0 && _byTensors.TryGetValue(tensors, out var same))
        {
            _names.TryAdd(name, same);
            if (_graph.Modules[same].Aliases.Length < MaxAliases)
            {
                _graph.Modules[same] = _graph.Modules[same] with { Aliases = _graph.Modules[same].Aliases.Add(name) };
            }

            return;
        }

        var index = _graph.Add(new() { QualifiedName = name, Parent = parent, Parameters = [.. parameters.Select(p => p.Name)] });
        _names.TryAdd(name, index);
        if (parameters.Count > 0)
        {
            _byTensors.Add(tensors, index);
        }

        foreach (var child in Array(module, "submodules"))
        {
            if (Text(child, "name") is { } part)
            {
                Add(child, name.Length == 0 ? part : $"{name}.{part}", index);
            }
        }

        if (module.TryGetProperty("torchscriptArena", out var arena) && Text(arena, "key") is { } key && _archive.Read(key) is { } code)
        {
            foreach (var function in PythonParser.ParseScript(code.Span, _archive.Budget).Statements.OfType<FunctionDefinition>().Where(f => f.Name == "forward"))
            {
                new Reader(this, name).Follow(function.Body);
            }
        }
    }

    private int? Find(string name) => _names.TryGetValue(name, out var index) ? index : null;

    private static IEnumerable<JsonElement> Array(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.Array ? value.EnumerateArray() : [];

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind is JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? value.GetString() : null;

    /// <summary>Counts how often one module's code reads weights of the modules in it.</summary>
    private sealed class Reader(EarlyArchive owner, string self)
    {
        /// <summary>Modules by the local names that the code gives them.</summary>
        private readonly Dictionary<string, string> _locals = new(StringComparer.Ordinal) { ["self"] = self };

        public void Follow(ImmutableArray<Statement> body)
        {
            foreach (var statement in body)
            {
                switch (statement)
                {
                    case AssignStatement { Targets: [NameExpression target], Value: var value } when ModuleOf(value) is { } module && owner.Find(module) is not null:
                        _locals[target.Name] = module;
                        break;
                    case AssignStatement assign:
                        Count(assign.Value);
                        break;
                    case ReturnStatement { Value: { } value }:
                        Count(value);
                        break;
                    case ExpressionStatement expression:
                        Count(expression.Value);
                        break;
                }
            }
        }

        /// <summary>The parser bounds how deep expressions are.</summary>
        private void Count(Expression expression)
        {
            switch (expression)
            {
                case AttributeExpression { Name: "weight" } read when ModuleOf(read.Value) is { } name && owner.Find(name) is { } module:
                    owner._reads[module] = owner._reads.GetValueOrDefault(module) + 1;
                    break;
                case CallExpression call:
                    foreach (var argument in call.Arguments)
                    {
                        Count(argument.Value);
                    }

                    break;
                case ListExpression list:
                    list.Elements.ToList().ForEach(Count);
                    break;
                case TupleExpression tuple:
                    tuple.Elements.ToList().ForEach(Count);
                    break;
            }
        }

        /// <summary><c>self.a.b</c>, <c>getattr(self.a, "0")</c>: the qualified name; null for what names no module.</summary>
        private string? ModuleOf(Expression expression) => expression switch
        {
            NameExpression name => _locals.GetValueOrDefault(name.Name),
            AttributeExpression attribute when ModuleOf(attribute.Value) is { } outer => Join(outer, attribute.Name),
            CallExpression { Function: NameExpression { Name: "getattr" }, Arguments: [{ Value: var of }, { Value: StringExpression name }] } when ModuleOf(of) is { } outer => Join(outer, name.Value),
            _ => null,
        };

        private static string Join(string outer, string name) => outer.Length == 0 ? name : string.Create(CultureInfo.InvariantCulture, $"{outer}.{name}");
    }
}
