using System.Text;
using ModelGuidelines.Models;
using ModelGuidelines.Python.Evaluation;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Projects;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.PythonSource;

/// <content>A model that the user names by the expression that builds it.</content>
internal sealed partial class SourceReader
{
    private ModelGraph ReadEntry(ModelEntry entry)
    {
        // One model, as its users run it: in evaluation mode, without settings of the machine.
        _evaluator.IsInference = true;
        _evaluator.Environment = new();
        Bounded(() => _evaluator.Run(_project.Main), StepsPerEntry, "the file's own statements");
        var value = Evaluated(entry.Expression);
        var models = Possible(value).OfType<ObjectValue>().Where(o => o.IsModule).Distinct().ToList();
        if (models.Count == 0)
        {
            throw Stopped(entry, value);
        }

        var arguments = entry.Arguments.ToDictionary(a => a.Key, a => Evaluated(a.Value), StringComparer.Ordinal);
        var isTorch = models[0].Kind is ClassKind.TorchModule;
        var ran = new HashSet<ClassValue>();
        foreach (var model in models.Where(m => m.Kind is ClassKind.TorchModule == isTorch))
        {
            Follow(new(model, entry.Name ?? model.Class?.Name ?? ClassNameOf(model), [], null) { IsEntry = true, Arguments = arguments, InputSizes = PythonSource.InputSizes.Of(model) }, ran);
        }

        return Graph(isTorch ? Framework.PyTorch : Framework.Keras);
    }

    /// <summary>The one model of a Hugging Face folder, with the configuration that stands beside it; null where it cannot be built, so that the file is read as any other.</summary>
    private ModelGraph? ReadFolder(HuggingFaceModel folder)
    {
        _evaluator.IsInference = true;
        _evaluator.Environment = new();
        if (!_evaluator.Run(() => _evaluator.Run(_project.Main), StepsPerEntry) || ModelClass(folder) is not { Kind: ClassKind.TorchModule } type
            || DataValues.FromJson(folder.Config) is not DictValue entries)
        {
            return null;
        }

        var given = new CallArguments();
        given.Named.AddRange(entries.Entries.Select(e => ((string)((ConstantValue)e.Key).Raw!, e.Value)));
        Value? model = null;
        var isDone = _evaluator.Run(
            () =>
            {
                var config = ConfigClass(folder, type) is { } own ? _evaluator.Call(own, given, type.Place) : _evaluator.Call(new ExternalValue("transformers.PretrainedConfig"), given, type.Place);
                model = _evaluator.Call(type, CallArguments.Of(config), type.Place);
            },
            StepsPerEntry);
        if (!isDone || _evaluator.Now.IsNever || model is not ObjectValue { IsModule: true } built)
        {
            return null;
        }

        Follow(new(built, type.Name, [], null) { IsEntry = true }, []);
        return Graph(Framework.PyTorch);
    }

    /// <summary>The class that config.json names; else, of those whose configuration has its <c>model_type</c>, the bare model, as <c>AutoModel</c> takes it.</summary>
    private ClassValue? ModelClass(HuggingFaceModel folder)
    {
        var names = _project.Main.Scope.Names;
        if (folder.Class is { } named)
        {
            return names.GetValueOrDefault(named) as ClassValue;
        }

        var models = names.Values.OfType<ClassValue>()
            .Where(c => c.Module == _project.Main && HasForward(c) && c.Find("config_class")?.Value is ClassValue config && config.Find("model_type")?.Value is ConstantValue { Raw: string type } && type == folder.Type)
            .ToList();
        return models.Find(c => c.Name.EndsWith("Model", StringComparison.Ordinal)) ?? (models.Count == 1 ? models[0] : null);
    }

    /// <summary>What config.json names, else what the model's class does.</summary>
    private ClassValue? ConfigClass(HuggingFaceModel folder, ClassValue type)
    {
        if (folder is { ConfigModule: { } name, ConfigClass: { } wanted } && Project.Absolute(_project.Main, 1, name) is { } dotted && _project.Find(dotted, _project.Main) is { } module)
        {
            _evaluator.Run(module);
            return module.Scope.Names.GetValueOrDefault(wanted) as ClassValue;
        }

        return type.Find("config_class")?.Value as ClassValue;
    }

    private static string ClassNameOf(ObjectValue model) => model.TypeName[(model.TypeName.LastIndexOf('.') + 1)..];

    /// <summary>An expression of the user, in the file's names.</summary>
    private Value Evaluated(string text)
    {
        var written = PythonParser.Parse(Encoding.UTF8.GetBytes(text), _source.Cancellation);
        if (written is not { Errors.IsEmpty: true, Statements: [ExpressionStatement { Value: var expression }] })
        {
            var reason = written.Errors.IsEmpty ? "it is no single expression" : written.Errors[0].Message;
            throw new ModelReadException("MG.Entry.Syntax", $"the entry '{text}' is no Python expression: {reason}");
        }

        Value? value = null;
        _evaluator.UndefinedName = null;
        var module = new SourceModule(written, _source.Path, _project.Main.DisplayName, _project.Main.DottedName) { IsExpression = true };
        if (!_evaluator.Run(() => value = _evaluator.Evaluate(expression, module, _project.Main), StepsPerEntry))
        {
            throw new ModelReadException("MG.Entry.TooLarge", $"the entry '{text}' takes more steps than are followed; audit an exported file of the model");
        }

        return _evaluator.UndefinedName is { } name && name.Begin.Module == module && !ReferenceEquals(name, value)
            ? throw new ModelReadException("MG.Entry.Stopped", $"the entry '{text}' cannot be evaluated: what '{name.Text}' is cannot be told: {name.Reason}") : value!;
    }

    /// <summary>Says where the evaluation stopped.</summary>
    private ModelReadException Stopped(ModelEntry entry, Value value)
    {
        var (place, reason) = value switch
        {
            _ when _evaluator.Now.IsNever => (_evaluator.RaisedAt, "it raises there"),
            UnknownValue u => (u.Begin, $"what '{u.Text}' is cannot be told: {u.Reason}{(u.Remedy is null ? "" : $"; {u.Remedy}")}"),
            ExternalValue e => (default, $"'{e.Name}' is a library's, and its files are not read; pass --search-path with the folder that holds it"),
            ClassValue c => (default, $"it is the class '{c.Name}', not an object of it: write the arguments behind it"),
            FunctionValue f => (default, $"it is the function '{f.Name}', not what it builds: write the arguments behind it"),
            ObjectValue o => (o.Place, $"it builds '{o.TypeName}', which is no module"),
            _ => (default(Place), "it builds no module"),
        };
        var at = place.Module?.At(place.Offset) is { } location ? $" at {location}" : "";
        return new("MG.Entry.Stopped", $"the entry '{entry}' cannot be evaluated: it stops{at}: {reason}");
    }
}
