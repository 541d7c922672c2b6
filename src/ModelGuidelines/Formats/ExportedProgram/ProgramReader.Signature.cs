using System.Text.Json;
using ModelGuidelines.Models;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Formats.ExportedProgram;

/// <summary>What crosses the program's border, and its modules' where kept.</summary>
internal sealed partial class ProgramReader
{
    private void ReadSignature(ref JsonTokens reader, string name, Program program)
    {
        switch (name)
        {
            case "input_specs":
                Array(ref reader, program, static (ProgramReader self, ref JsonTokens r, Program p) =>
                    self.Object(ref r, p, static (ProgramReader s, ref JsonTokens r2, string kind, Program p2) => s.ReadInputSpec(ref r2, kind, p2)));
                break;
            case "output_specs":
                Array(ref reader, program, static (ProgramReader self, ref JsonTokens r, Program p) =>
                    self.Object(ref r, p, static (ProgramReader s, ref JsonTokens r2, string kind, Program p2) => s.ReadOutputSpec(ref r2, kind, p2)));
                break;
            case "inputs_to_parameters" or "inputs_to_buffers": // torch 2.1
                Object(ref reader, program, static (ProgramReader self, ref JsonTokens r, string value, Program p) =>
                {
                    if (self.Text(ref r) is { } state)
                    {
                        p.States.Add((value, state));
                    }
                });
                break;
            case "user_inputs" or "user_outputs": // torch 2.1: names, of tensors as a rule
                Array(ref reader, name is "user_inputs" ? program.UserInputs : program.UserOutputs, static (ProgramReader self, ref JsonTokens r, List<ModelValueType> types) =>
                    types.Add(self.Text(ref r) is null ? ModelValueType.Unknown : ModelValueType.Tensor));
                break;
            default:
                reader.Skip();
                break;
        }
    }

    /// <summary>One input: <c>{"parameter": {"arg": {"name": ...}, "parameter_name": ...}}</c>, buffer, tensor_constant, custom_obj, user_input, constant_input, token.</summary>
    private void ReadInputSpec(ref JsonTokens reader, string kind, Program program)
    {
        if (reader.TokenType is JsonTokenType.Null)
        {
            return; // a union writes its other members as null in some versions
        }

        var start = _values.Count;
        var spec = new InputSpec();
        Object(ref reader, spec, static (ProgramReader self, ref JsonTokens r, string n, InputSpec s) =>
        {
            switch (n)
            {
                case "arg":
                case "value":
                    s.Type = self.ReadArgument(ref r, new()) ?? s.Type;
                    break;
                case "parameter_name" or "buffer_name" or "tensor_constant_name" or "custom_obj_name":
                    s.Name = self.Text(ref r);
                    break;
                default:
                    r.Skip();
                    break;
            }
        });
        var values = TakeValues(start);
        if (kind is "user_input" or "constant_input")
        {
            program.UserInputs.Add(spec.Type);
        }
        else if (kind is "parameter" or "buffer" && spec.Name is { } name && values.Length > 0)
        {
            program.States.Add((values[0], name));
        }
    }

    private void ReadOutputSpec(ref JsonTokens reader, string kind, Program program)
    {
        if (reader.TokenType is JsonTokenType.Null || kind is not ("user_output" or "loss_output"))
        {
            reader.Skip();
            return;
        }

        var start = _values.Count;
        var spec = new InputSpec();
        Object(ref reader, spec, static (ProgramReader self, ref JsonTokens r, string n, InputSpec s) =>
        {
            if (n == "arg")
            {
                s.Type = self.ReadArgument(ref r, new()) ?? s.Type;
            }
            else
            {
                r.Skip();
            }
        });
        TakeValues(start);
        program.UserOutputs.Add(kind == "loss_output" ? ModelValueType.Tensor : spec.Type);
    }

    private void ReadModuleEntry(ref JsonTokens reader, Program program)
    {
        var entry = new EntryFields();
        Object(ref reader, entry, static (ProgramReader self, ref JsonTokens r, string n, EntryFields e) =>
        {
            switch (n)
            {
                case "fqn":
                    e.Name = self.Text(ref r);
                    break;
                case "signature" when r.TokenType is JsonTokenType.StartObject:
                    self.Object(ref r, e.Signature = new(), static (ProgramReader s, ref JsonTokens r2, string n2, ModuleSignature m) => s.ReadModuleSignature(ref r2, n2, m));
                    break;
                default:
                    r.Skip();
                    break;
            }
        });
        if (entry.Name is { } name)
        {
            CountModule(program.Modules.Count, reader.TokenStartIndex);
            program.Modules.Add(new(name, entry.Signature));
        }
    }

    private void ReadModuleSignature(ref JsonTokens reader, string name, ModuleSignature signature)
    {
        switch (name)
        {
            case "inputs":
                ReadTypes(ref reader, signature.Inputs);
                break;
            case "outputs":
                ReadTypes(ref reader, signature.Outputs);
                break;
            case "in_spec":
                signature.InSpec = Text(ref reader);
                break;
            case "out_spec":
                signature.OutSpec = Text(ref reader);
                break;
            case "forward_arg_names":
                Texts(ref reader, signature.ArgumentNames);
                break;
            default:
                reader.Skip();
                break;
        }
    }

    private void ReadTypes(ref JsonTokens reader, List<ModelValueType> types) => Array(ref reader, types, static (ProgramReader self, ref JsonTokens r, List<ModelValueType> t) =>
    {
        var start = self._values.Count;
        t.Add(self.ReadArgument(ref r, new()) ?? ModelValueType.Unknown);
        self.TakeValues(start);
    });

    private sealed class InputSpec
    {
        public ModelValueType Type { get; set; } = ModelValueType.Unknown;

        public string? Name { get; set; }
    }

    private sealed class EntryFields
    {
        public string? Name { get; set; }

        public ModuleSignature? Signature { get; set; }
    }
}
