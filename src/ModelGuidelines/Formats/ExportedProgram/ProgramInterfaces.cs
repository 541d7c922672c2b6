using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>Values at the border of the root and of modules whose signature was preserved, from their tree specifications.</summary>
internal sealed class ProgramInterfaces(Program program, ModelGraphBuilder builder, HashSet<int> seen, ReadLimits limits)
{
    private readonly HashSet<int> _known = [];
    private (bool HasAny, bool HasSilent)[]? _children;

    public Evidence Root { get; private set; } = Evidence.Absent("the program keeps no signature of its root; export with torch 2.1 or newer");

    public Evidence Submodules { get; private set; } = Evidence.Complete;

    public void Add()
    {
        foreach (var entry in program.RootSignature.InSpec is null ? program.Modules : program.Modules.Prepend(new("", program.RootSignature)))
        {
            if (entry.Signature is not { } signature || builder.Find(entry.Name.Split('@')[0]) is not { } module || _known.Contains(module))
            {
                continue;
            }

            var isRoot = module == 0;
            var inputs = TreeSpecification.Read(signature.InSpec, signature.Inputs.Count > 0 || !isRoot ? signature.Inputs : program.UserInputs, program.NamedTupleFields, limits);
            var outputs = TreeSpecification.Read(signature.OutSpec, signature.Outputs.Count > 0 || !isRoot ? signature.Outputs : program.UserOutputs, program.NamedTupleFields, limits);
            if (inputs is null || outputs is null)
            {
                if (isRoot)
                {
                    Root = Evidence.Absent("the tree specification of the root's signature cannot be read");
                }

                continue;
            }

            _known.Add(module);
            AddInputs(module, inputs, signature);
            AddOutputs(module, outputs);
            Root = isRoot ? Evidence.Complete : Root;
        }

        var hidden = Enumerable.Range(1, Math.Max(0, builder.Modules.Count - 1)).Where(i => !IsKnown(i, 0)).Select(i => (int?)i).FirstOrDefault();
        if (hidden is { } example)
        {
            Submodules = Evidence.Absent(
                $"the program does not keep what enters and leaves its submodules, such as '{builder.Modules[example].QualifiedName}'; "
                + "export with preserve_module_call_signature for them, or audit the source or a scripted model");
        }
    }

    /// <summary>in_spec is a tuple of the tuple of positional arguments and the dictionary of the others.</summary>
    private void AddInputs(int module, ModelValueType inputs, ModuleSignature signature)
    {
        if (inputs.Kind is not ValueKind.Tuple || inputs.Elements.Length != 2 || inputs.Elements[0].Kind is not ValueKind.Tuple || inputs.Elements[1].Kind is not ValueKind.Dict)
        {
            // torch 2.1: positional arguments alone.
            var all = inputs.Kind is ValueKind.Tuple && !inputs.Elements.IsDefault ? inputs.Elements : [inputs];
            for (var i = 0; i < all.Length; i++)
            {
                AddValue(module, ValueDirection.Input, Number(i), all[i]);
            }

            return;
        }

        var positional = inputs.Elements[0].Elements;
        var named = inputs.Elements[1];
        var hasNames = signature.ArgumentNames.Count == positional.Length + named.Elements.Length;
        for (var i = 0; i < positional.Length; i++)
        {
            AddValue(module, ValueDirection.Input, hasNames ? signature.ArgumentNames[i] : Number(i), positional[i]);
        }

        for (var i = 0; i < named.Elements.Length; i++)
        {
            AddValue(module, ValueDirection.Input, !named.Fields.IsDefault && i < named.Fields.Length ? named.Fields[i] : Number(positional.Length + i), named.Elements[i]);
        }
    }

    private void AddOutputs(int module, ModelValueType outputs)
    {
        if (outputs.Kind is not ValueKind.Tuple || outputs.Elements.IsDefaultOrEmpty)
        {
            AddValue(module, ValueDirection.Output, "0", outputs);
            return;
        }

        for (var i = 0; i < outputs.Elements.Length; i++)
        {
            AddValue(module, ValueDirection.Output, Number(i), outputs.Elements[i]);
        }
    }

    private void AddValue(int module, ValueDirection direction, string argument, ModelValueType type) =>
        builder.Interfaces.Add(new() { Module = module, Direction = direction, Argument = argument, Type = type });

    /// <summary>Whether a module's border is known: by its signature, or because it is one of torch.nn's that takes and gives tensors only.</summary>
    private bool IsKnown(int module, int depth)
    {
        if (_known.Contains(module))
        {
            return true;
        }

        if (!seen.Contains(module) || builder.Modules[module] is not { Origin: ModuleOrigin.Framework, Type: { } type } item || depth > limits.Depth)
        {
            return false;
        }

        // A Sequential hands on what its children take and give; an Identity anything; recurrent modules take PackedSequence.
        return type.StartsWith("torch.nn.modules.container.", StringComparison.Ordinal)
            ? item.TypeName is "Sequential" && ChildrenAreKnown(module)
            : item.TypeName is not "Identity" && !type.StartsWith("torch.nn.modules.rnn.", StringComparison.Ordinal);
    }

    /// <summary>Whether a module has children, and every one of them runs something.</summary>
    private bool ChildrenAreKnown(int module)
    {
        if (_children is null)
        {
            _children = new (bool, bool)[builder.Modules.Count];
            for (var i = 0; i < _children.Length; i++)
            {
                if (builder.Modules[i].Parent is { } parent)
                {
                    _children[parent] = (true, _children[parent].HasSilent || !seen.Contains(i));
                }
            }
        }

        return _children[module] is (true, false);
    }

    private static string Number(int index) => index.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
