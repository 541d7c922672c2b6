using ModelGuidelines.Python.Flow;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Libraries;

/// <summary>What a library's function may ask of the running analysis, at one call.</summary>
internal interface ILibraryContext
{
    /// <summary>The full dotted name that is called: <c>torch.nn.functional.relu</c>.</summary>
    string Name { get; }

    /// <summary>Where the call is written.</summary>
    Place Place { get; }

    /// <summary>The environment variables of the process; null: they are not known.</summary>
    DictValue? Environment { get; }

    /// <summary>Code has told the process something that other code asks it for: a variable, a format. What holds where it is asked is not known from then on.</summary>
    void Tell(string what);

    bool IsTold(string what);

    /// <summary>Whether a forward pass is followed (and recorded), and not the construction of a model.</summary>
    bool IsForward { get; }

    /// <summary>The condition under which the running code runs.</summary>
    Condition Now { get; }

    /// <summary>The condition that a number is more than another, named by a text.</summary>
    Condition IsMore(UnknownValue value, double bound, string text);

    LibraryCatalog Libraries { get; }

    /// <summary>Calls something: a function handed in.</summary>
    Value Call(Value function, CallArguments arguments);

    /// <summary>Calls a module as its framework does, so that it counts as a call of that module.</summary>
    Value CallModule(ObjectValue module, CallArguments arguments);

    /// <summary>The same call, seen as code of a library's file that is not read: what it calls is that file's.</summary>
    /// <param name="file">As the library names it: <c>torchvision/models/resnet.py</c>.</param>
    ILibraryContext In(string file);

    /// <summary>What iterating over a value gives: items in order (one may be there only at times, see <see cref="SequenceValue"/>); of an unknown number, the first and
    /// the one that stands for all later ones.</summary>
    IReadOnlyList<Value> Iterate(Value value);

    /// <summary>Whether an element stands for all later ones, however many.</summary>
    bool IsLater(Value item);

    /// <summary>The next element, taken from an iterator; null where none is known to come next on every way.</summary>
    Value? Next(SequenceValue iterator);

    /// <summary>A value as what gives its elements once.</summary>
    SequenceValue Iterator(Value value);

    /// <summary>A number that no other object has.</summary>
    long Identity(ObjectValue value);

    /// <summary>Sets an attribute as Python itself does, beside what a framework keeps of it.</summary>
    void SetUnregistered(ObjectValue target, string name, Value value);

    /// <summary>The call raises one of Python's own exceptions.</summary>
    void Raise(string exception);

    /// <summary>Whether it is true, under the present condition; null when that cannot be told.</summary>
    bool? Truth(Value value);

    Value Attribute(Value target, string name);

    /// <summary>A module by its dotted name: a file of the project, else a library's.</summary>
    Value Import(string dotted);

    Value Item(Value target, Value index);

    /// <summary>Sets an attribute; of a module, registers what is a module.</summary>
    void SetAttribute(Value target, string name, Value value);

    void RemoveAttribute(ObjectValue target, string name);

    /// <summary>Must be called before a list or dictionary is changed, so that the change is undone where another branch is followed.</summary>
    void Change(Value collection);

    /// <summary>Modules among the attributes, with their names, in order; a choice of modules is one child.</summary>
    IEnumerable<(string Name, Value Module)> Children(ObjectValue module);

    /// <summary>What stands for the children of a module that its library's constructor makes, which is not read: a first and one for all later ones; nothing where all are known.</summary>
    IReadOnlyList<Value> Concealed(ObjectValue module);

    /// <summary>What is put where only modules may stand: a value that cannot be told is a module, whichever.</summary>
    Value AsModule(Value value);

    /// <summary>Every module below and including this one, by qualified name, and when the model holds it; each object once.</summary>
    IEnumerable<(string Name, ObjectValue Module, Condition When)> Modules(ObjectValue module);

    /// <summary>One value that stands for several, each under its condition.</summary>
    Value Choose(IEnumerable<(Condition When, Value Value)> options);

    /// <summary>One of several values, which cannot be told.</summary>
    Value OneOf(IReadOnlyList<Value> values, string text);

    /// <summary>A deep copy: modules of its own, sharing as the original shares.</summary>
    Value Copy(Value value);

    /// <summary>Another object that holds the same.</summary>
    Value ShallowCopy(Value value);

    /// <summary>Runs code for a value that may be one of several: once for each option, each under its condition.</summary>
    Value ForEach(Value value, Func<Value, Value> code);

    /// <summary>Sees to it that files have run which make an entry of a registry.</summary>
    /// <param name="registry">The registry.</param>
    /// <param name="key">The entry.</param>
    /// <param name="isDefined">Only files that define a class of that very name, not those that quote it: another than theirs is known.</param>
    void Seek(DictValue registry, Value key, bool isDefined = false);

    /// <summary>A dictionary that a library keeps for the whole process, by its name: a registry of its own.</summary>
    DictValue Kept(string name);

    /// <summary>Adds a dictionary's entries as keywords (<c>**entries</c>).</summary>
    void Spread(CallArguments into, Value entries);

    /// <summary>The text of a file of data (YAML, JSON) beside the code, by a path relative to it; null where there is none that may be read.</summary>
    string? ReadData(string path);

    /// <summary>Records a call of a PyTorch function by the user's code.</summary>
    void Operation(string function, CallArguments arguments);

    /// <summary>A place that is not followed.</summary>
    void Gap(string what, Hides hides, string? remedy = null);

    /// <summary>A value that cannot be told.</summary>
    UnknownValue Unknown(string text, string reason, UnknownKind kind = UnknownKind.Any);

    /// <summary>A text of which parts are not known: of the same parts it is the same symbol.</summary>
    UnknownValue Text(string text, IReadOnlyList<Value> parts);

    /// <summary>The name of a child that is registered under a name that cannot be told: the same name finds it again.</summary>
    string NameOf(UnknownValue name);

    /// <summary>What a row says that a call gives back.</summary>
    Value Result(Returns returns, CallArguments arguments);

    /// <summary>Whether a value is a tensor or holds one (lists, tuples, dictionaries, to a small depth).</summary>
    bool HoldsTensor(Value value);

    /// <summary>Whether a value is a module or holds one.</summary>
    bool HoldsModule(Value value);

    /// <summary>Whether two values are equal; null when that cannot be told.</summary>
    bool? AreEqual(Value left, Value right);

    /// <summary>The tensors of a Keras graph that a value holds.</summary>
    IEnumerable<GraphTensor> GraphTensors(Value value);

    /// <summary>A new tensor of a Keras graph: the output of a call of a layer (null: of a function) with these inputs.</summary>
    GraphTensor NewGraphTensor(ObjectValue? layer, IEnumerable<GraphTensor> inputs, Shapes.Shape? shape = null);

    /// <summary>A module object of a library's class, constructed with arguments.</summary>
    ObjectValue NewObject(string externalType, CallArguments arguments);

    /// <summary>Remembers a Keras model that the code builds.</summary>
    void BuiltModel(ObjectValue model);
}
