using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.Repairs.Source;

/// <summary>Where an attribute is given its module: <c>self.act = nn.ReLU()</c>.</summary>
/// <param name="Tree">The file that it stands in.</param>
/// <param name="Statement">The assignment.</param>
/// <param name="Target">The attribute.</param>
/// <param name="Value">What makes the module.</param>
/// <param name="IsCopied">What makes it cannot be said again, but gives an object that nobody else holds: a further one is a deep copy of it.</param>
internal sealed record Definition(SourceTree Tree, Statement Statement, AttributeExpression Target, Expression Value, bool IsCopied);
