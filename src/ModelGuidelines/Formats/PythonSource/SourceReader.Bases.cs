using ModelGuidelines.Python.Syntax;
using ModelGuidelines.Python.Values;

namespace ModelGuidelines.Formats.PythonSource;

/// <content>Bases of models that are models themselves.</content>
internal sealed partial class SourceReader
{
    /// <summary>Whether code of a base was not run by any class that derives from it: methods that its forward calls and all of those replace. A method that only raises or gives a constant is there to be replaced.</summary>
    private bool HasPartLeft(ClassValue type, HashSet<ClassValue> ran)
    {
        var heirs = ran.Where(c => c != type && c.ResolutionOrder.Contains(type)).ToList();
        return heirs.Count > 0 && type.ResolutionOrder.OfType<ClassValue>().SelectMany(c => c.Members.Keys).Distinct().Any(IsReplaced);

        bool IsReplaced(string name) => !name.StartsWith("__", StringComparison.Ordinal) && type.Find(name)?.Value is FunctionValue { Node: FunctionDefinition own } && Computes(own)
            && heirs.TrueForAll(h => h.Find(name)?.Value is FunctionValue { Node: var other } && other != own)
            && type.ResolutionOrder.OfType<ClassValue>().Any(c => c.Module.File.TextOf(c.Definition).Contains($"self.{name}(", StringComparison.Ordinal));
    }

    private static bool Computes(FunctionDefinition method) => method.Body.Any(s => s is not (ExpressionStatement { Value: StringExpression } or PassStatement or RaiseStatement or ReturnStatement { Value: null or NameExpression or ConstantExpression or NumberExpression or StringExpression }));
}
