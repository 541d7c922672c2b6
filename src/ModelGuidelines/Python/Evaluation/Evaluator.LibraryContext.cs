using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What libraries' functions see.</content>
internal sealed partial class Evaluator
{
    /// <summary>What code that ran has told the process, in whatever file it stands.</summary>
    private readonly HashSet<string> _told = new(StringComparer.Ordinal);

    /// <summary>What libraries keep for the process.</summary>
    private readonly Dictionary<string, DictValue> _kept = new(StringComparer.Ordinal);

    private const long FirstIdentity = 0x7f00_0000_0000;

    private readonly Dictionary<ObjectValue, long> _identities = new(ReferenceEqualityComparer.Instance);

    /// <summary>What a library's function sees of the running analysis, at one call.</summary>
    private sealed class LibraryContext(Evaluator evaluator, string name, Place place) : ILibraryContext
    {
        public string Name => name;

        public Place Place => place;

        public DictValue? Environment => evaluator.Environment;

        public void Tell(string what) => evaluator._told.Add(what);

        public bool IsTold(string what) => evaluator._told.Contains(what);

        public bool IsForward => evaluator.Observer is not null;

        public Condition Now => evaluator.Now;

        public Condition IsMore(UnknownValue value, double bound, string text) => evaluator._tests.IsMore(value, bound, isStrict: true, text);

        public LibraryCatalog Libraries => evaluator.Libraries;

        public Value Call(Value function, CallArguments arguments) => evaluator.Call(function, arguments, place);

        public Value CallModule(ObjectValue module, CallArguments arguments) => evaluator.CallModule(module, arguments, place);

        public IReadOnlyList<Value> Iterate(Value value) => evaluator.Iterate(value, place, "");

        public bool IsLater(Value item) => evaluator.IsLater(item);

        public Value? Next(SequenceValue iterator) => evaluator.NextMade(iterator);

        public SequenceValue Iterator(Value value) => evaluator.Iterator(value, place);

        public long Identity(ObjectValue value) => evaluator._identities.TryGetValue(value, out var known) ? known : evaluator._identities[value] = FirstIdentity + evaluator._identities.Count;

        public void SetUnregistered(ObjectValue target, string attribute, Value value) => evaluator.SetUnregistered(target, attribute, value);

        public void Raise(string exception) => evaluator.Raise(new ExternalValue("builtins." + exception));

        public bool? Truth(Value value) => evaluator.Decide(evaluator.TestOf(evaluator.Here(value), ""));

        public Value Attribute(Value target, string attribute) => evaluator.Attribute(target, attribute, place);

        public ILibraryContext In(string file) => new LibraryContext(evaluator, name, new(evaluator.Outline(file), 0));

        public Value Import(string dotted) => place.Module is { } from ? evaluator.Imported(dotted, from.Scope) : new ExternalValue(dotted);

        public Value Item(Value target, Value index) => evaluator.Item(target, index, place);

        public void SetAttribute(Value target, string attribute, Value value) => evaluator.SetAttributeOf(target, attribute, value, place);

        public void RemoveAttribute(ObjectValue target, string attribute) => evaluator.RemoveAttribute(target, attribute);

        public void Change(Value collection) => evaluator._journal.Change(collection);

        public IEnumerable<(string Name, Value Module)> Children(ObjectValue module) => evaluator.Children(module);

        public IReadOnlyList<Value> Concealed(ObjectValue module) => evaluator.Concealed(module);

        public Value AsModule(Value value) => evaluator.AsModule(value, place);

        public IEnumerable<(string Name, ObjectValue Module, Condition When)> Modules(ObjectValue module) => evaluator.Modules(module);

        public Value Choose(IEnumerable<(Condition When, Value Value)> options) => Choices.Join(options);

        public Value OneOf(IReadOnlyList<Value> values, string text) => evaluator.OneOf(values, text);

        public Value Copy(Value value) => evaluator.Copy(value);

        public Value ShallowCopy(Value value) => evaluator.ShallowCopy(value);

        public Value ForEach(Value value, Func<Value, Value> code) => evaluator.ForEach(value, code);

        public void Seek(DictValue registry, Value key, bool isDefined = false) => evaluator.Seek(registry, key, isDefined);

        public DictValue Kept(string name) => evaluator._kept.TryGetValue(name, out var known) ? known : evaluator._kept[name] = new() { Home = evaluator._project.Main };

        public void Spread(CallArguments into, Value entries) => evaluator.SpreadNamed(into, entries, place);

        public string? ReadData(string path) => evaluator._project.ReadData(path, place.Module);

        public void Operation(string function, CallArguments arguments) => evaluator.Operation(function, arguments, place);

        public void Gap(string what, Hides hides, string? remedy = null) => evaluator.Gap(what, place, hides, remedy);

        public UnknownValue Unknown(string text, string reason, UnknownKind kind = UnknownKind.Any) => evaluator.Unknown(text, reason, place, kind);

        public UnknownValue Text(string text, IReadOnlyList<Value> parts) => evaluator._texts.Get(text, place, parts);

        public string NameOf(UnknownValue unknown) => evaluator.UnknownName(unknown);

        public Value Result(Returns returns, CallArguments arguments) => evaluator.Result(returns, name, arguments, place);

        public bool HoldsTensor(Value value) => evaluator.HoldsTensor(value);

        public bool HoldsModule(Value value) => evaluator.HoldsModule(value);

        public bool? AreEqual(Value left, Value right) => evaluator.AreEqual(left, right) is { } equal ? evaluator.Decide(equal) : null;

        public IEnumerable<GraphTensor> GraphTensors(Value value) => evaluator.GraphTensors(value);

        public GraphTensor NewGraphTensor(ObjectValue? layer, IEnumerable<GraphTensor> inputs, Shapes.Shape? shape = null) => evaluator.NewGraphTensor(layer, inputs, place, shape);

        public ObjectValue NewObject(string externalType, CallArguments arguments)
        {
            var type = evaluator.Libraries.Class(externalType);
            var made = new ObjectValue(null, externalType, type?.Kind ?? ClassKind.Plain) { Place = place, ConstructedWith = arguments };
            if (arguments.Find("name") is ConstantValue { Peek: string given } && made.Kind is ClassKind.KerasLayer or ClassKind.KerasModel)
            {
                made.LayerName = given;
            }

            if (made.Kind is ClassKind.KerasModel)
            {
                evaluator.Created.Add(made);
            }

            return made;
        }

        public void BuiltModel(ObjectValue model)
        {
            if (!evaluator.Created.Contains(model))
            {
                evaluator.Created.Add(model);
            }
        }
    }
}
