using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Containers that others fill.</content>
internal sealed partial class Evaluator
{
    /// <summary>A list, stack or dictionary of modules whose constructor leaves it empty: whoever builds it puts modules in, and which those are cannot be told. An empty one is no model.</summary>
    public void Fill(ObjectValue built)
    {
        if (built is not { IsModule: true, Class: { } type } || Children(built).Any())
        {
            return;
        }

        var filler = built.IsA("ModuleDict") ? "ModuleDict.update" : built.IsA("ModuleList") || built.IsA("Sequential") ? "ModuleList.extend" : null;
        if (filler is null)
        {
            return;
        }

        var held = new UnknownValue("modules", $"'{type.Name}' holds what is put into it", type.Place) { IsFromCaller = true };
        Call(new ExternalValue("torch.nn." + filler), CallArguments.Of(built, held), type.Place);
    }
}
