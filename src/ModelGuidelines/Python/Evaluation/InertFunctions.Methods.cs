using ModelGuidelines.Python.Libraries;
using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>Methods, of which only the name is known.</content>
internal sealed partial class InertFunctions
{
    /// <summary>A method of Python's own collections.</summary>
    private bool IsOfCollections(string name) => _libraries.Row("builtins.list." + name) is not null || _libraries.Row("builtins.dict." + name) is not null || _libraries.Row("builtins.set." + name) is not null;

    private sealed partial class Reader
    {
        /// <summary>What a module keeps its children, parameters or buffers in: a dictionary, whose methods are Python's own.</summary>
        private bool IsTableOfModule(NameExpression name) => IsSetTo(name, v => v is AttributeExpression { Name: "_modules" or "_parameters" or "_buffers" });

        /// <summary>A method by its name: every class of the files that has one has an inert one, and a library's means no change.</summary>
        private bool IsInertMethod(string name)
        {
            summary.Classes = functions._classes.Count;
            var isOurs = false;
            for (var i = 0; i < functions._classes.Count; i++) // asking for a member may run a file, which has classes of its own
            {
                var type = functions._classes[i];
                if (type.Members.TryGetValue(name, out var member))
                {
                    isOurs = true;
                    if (!functions.IsInert(member, 0))
                    {
                        return false;
                    }
                }
            }

            return isOurs || IsInertOfLibraries(name);
        }

        /// <summary>A method that changes nothing in any library's class that has it.</summary>
        private bool IsInertOfLibraries(string name)
        {
            var libraries = functions._libraries;
            return name is "get" or "keys" or "values" or "items" or "reset_parameters" or "_reset_parameters" or "children" or "named_children" or "modules" or "named_modules" or "parameters" or "named_parameters" or "buffers"
                || (libraries.Row("torch.Tensor." + name) is not null && (!functions.IsOfCollections(name) || name is "copy" or "index" or "count")) // a set's add is none of a tensor's
                || libraries.MethodRow(libraries.Class("torch.nn.Module")!, name) is { Hides: Hides.Nothing }
                || (libraries.Row("builtins.str." + name) is not null && libraries.Row("builtins.list." + name) is null);
        }
    }
}
