using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Python.Evaluation;

/// <content>What is known of functions, and of which it can be known.</content>
internal sealed partial class InertFunctions
{
    private readonly Summary _other = new() { IsInert = false, GivesInert = false };

    /// <summary>Whether what stands around a function holds no other that it might call: then what is said of its code holds wherever that stands.</summary>
    private static bool IsPlain(FunctionValue function) => function.Closure is var around
        && (around.Outer is null || (around.Outer.Outer is null && around.Class is null && around.Names.All(n => n.Value is ConstantValue || (n.Value is FunctionValue f && f.Node == function.Node) || !Asks(function, n.Key))));

    /// <summary>Whether a function's code has a name that is no parameter of it.</summary>
    private static bool Asks(FunctionValue function, string name) => !function.Parameters.Any(p => p.Name == name) && Names(function.Node, name);

    private static bool Names(PythonNode node, string name) => (node is NameExpression n && n.Name == name) || PythonTree.Children(node).Any(c => Names(c, name));

    /// <summary>What is known of a function.</summary>
    private sealed class Summary
    {
        public bool IsInert { get; set; } = true;

        /// <summary>It was asked for while it was read: it calls itself, by others or not.</summary>
        public bool IsAssumed { get; set; }

        /// <summary>It raises somewhere.</summary>
        public bool Refuses { get; set; }

        /// <summary>What is behind a call of it knows that it did not raise. Of one that calls itself, through modules most often, nobody asks for that.</summary>
        public bool MayRaise => Refuses && !IsAssumed;

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
        /// <summary>Whether the text alone says that it is not inert, whatever the names in it mean: <see cref="Allows"/> refuses each of these wherever it meets it.</summary>
        public static bool Refuses(PythonNode node) => node switch
        {
            DeleteStatement or ScopeStatement or ClassDefinition or MatchStatement or ImportStatement or ErrorStatement or TypeAliasStatement or AwaitExpression or ErrorExpression => true,
            FunctionDefinition { Decorators.IsEmpty: false } => true,
            RaiseStatement or AssertStatement => false,
            AssignStatement s when s.Targets.Any(t => IsKept(t) && !IsTie(t, s.Value)) => true,
            AugmentedAssignStatement a when IsKept(a.Target) => true,
            AnnotatedAssignStatement t when IsKept(t.Target) => true,
            ForStatement f when IsKept(f.Target) => true,
            CallExpression call => call.Arguments.Any(a => Refuses(a.Value)),
            LambdaExpression lambda => Refuses(lambda.Body),
            _ => PythonTree.Children(node).Any(Refuses),
        };

        /// <summary>What is written like a parameter that two modules share: <c>a.weight = b.weight</c>. Where it is one (<see cref="IsOfParameters"/>), no module comes or goes by it.</summary>
        private static bool IsTie(Expression target, Expression value) => target is AttributeExpression { Name: "weight" or "bias" } t && value is AttributeExpression v && v.Name == t.Name;

        /// <summary>A target that no function assigns that is inert.</summary>
        private static bool IsKept(Expression target) => target switch
        {
            TupleExpression t => t.Elements.Any(IsKept),
            ListExpression l => l.Elements.Any(IsKept),
            StarredExpression s => IsKept(s.Value),
            AttributeExpression a => a is not { Name: "data", Value: AttributeExpression },
            _ => false,
        };

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

        /// <summary>Whether what comes behind a class that has the method may be a library's: its constructor makes modules, its other methods call them.</summary>
        private bool MayBeLibrarys(string name) => name is "__setattr__" or "__delattr__" || functions._classes.Exists(t => t.Members.ContainsKey(name) && (t.HasUnknownBase || !t.ExternalBases.All(b => IsBare(b) && !Has(b, name))));

        /// <summary>Whether a library's class has a method that changes something: <c>register_buffer</c>.</summary>
        private bool Has(string external, string name) => functions._libraries.Class(external) is { } known && functions._libraries.Method(known, name) is not null;

        /// <summary>A base that is made to be derived from.</summary>
        private bool IsBare(string external) => functions._libraries.Class(external) is { IsAbstract: true } || external is "object" or "builtins.object";
    }
}
