using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What is known of functions, and of which it can be known.</content>
internal sealed partial class InertFunctions
{
    private readonly Summary _other = new() { IsInert = false, GivesInert = false };

    /// <summary>Whether what stands around a function holds no other that it might call: then what is said of its code holds wherever that stands.</summary>
    private static bool IsPlain(FunctionValue function) => function.Closure is var around
        && (around.Outer is null || (around.Outer.Outer is null && around.Class is null && around.Names.Values.All(v => v is ConstantValue || (v is FunctionValue f && f.Node == function.Node))));

    /// <summary>What is known of a function.</summary>
    private sealed class Summary
    {
        public bool IsInert { get; set; } = true;

        /// <summary>It was asked for while it was read: it calls itself, by others or not.</summary>
        public bool IsAssumed { get; set; }

        /// <summary>Its parameters that it calls.</summary>
        public HashSet<string> Called { get; } = new(StringComparer.Ordinal);

        /// <summary>How many classes there were when methods were resolved by name; below 0: it asks for none.</summary>
        public int Classes { get; set; } = -1;

        /// <summary>What it gives back is an inert function.</summary>
        public bool GivesInert { get; set; } = true;

        /// <summary>The parameter that it gives back in every way; empty: None; null: something else.</summary>
        public string? Result { get; set; }
    }

    private sealed partial class Reader
    {
        /// <summary>Names that the function itself imports are what they are in the other file.</summary>
        private bool MayImport(ImportFromStatement import)
        {
            if (_loop is not null || import.Names.Any(n => n.Name == "*" || IsLocal(n.Alias ?? n.Name)))
            {
                return false;
            }

            functions._import(import, scope);
            return true;
        }
    }
}
