using System.Collections.Immutable;

namespace ModelGuidelines.Python.Syntax;

/// <summary>A statement.</summary>
public abstract class Statement(int start, int end) : PythonNode(start, end);

/// <summary>What could not be parsed; an error of the file says why. A block under it is parsed all the same.</summary>
public sealed class ErrorStatement(int start, int end, ImmutableArray<Statement> body) : Statement(start, end)
{
    public ImmutableArray<Statement> Body { get; } = body;
}

/// <summary>An expression on a line of its own.</summary>
public sealed class ExpressionStatement(int start, int end, Expression value) : Statement(start, end)
{
    public Expression Value { get; } = value;
}

/// <summary><c>a = b = value</c></summary>
public sealed class AssignStatement(int start, int end, ImmutableArray<Expression> targets, Expression value) : Statement(start, end)
{
    public ImmutableArray<Expression> Targets { get; } = targets;

    public Expression Value { get; } = value;
}

/// <summary><c>target += value</c></summary>
public sealed class AugmentedAssignStatement(int start, int end, Expression target, PythonOperator op, Expression value) : Statement(start, end)
{
    public Expression Target { get; } = target;

    public PythonOperator Operator { get; } = op;

    public Expression Value { get; } = value;
}

/// <summary><c>target: annotation = value</c></summary>
public sealed class AnnotatedAssignStatement(int start, int end, Expression target, Expression annotation, Expression? value, bool isSimple) : Statement(start, end)
{
    public Expression Target { get; } = target;

    public Expression Annotation { get; } = annotation;

    public Expression? Value { get; } = value;

    /// <summary>Whether the target is a name without parentheses.</summary>
    public bool IsSimple { get; } = isSimple;
}

/// <summary><c>return value</c></summary>
public sealed class ReturnStatement(int start, int end, Expression? value) : Statement(start, end)
{
    public Expression? Value { get; } = value;
}

/// <summary><c>raise exception from cause</c></summary>
public sealed class RaiseStatement(int start, int end, Expression? exception, Expression? cause) : Statement(start, end)
{
    public Expression? Exception { get; } = exception;

    public Expression? Cause { get; } = cause;
}

/// <summary><c>del targets</c></summary>
public sealed class DeleteStatement(int start, int end, ImmutableArray<Expression> targets) : Statement(start, end)
{
    public ImmutableArray<Expression> Targets { get; } = targets;
}

/// <summary><c>assert test, message</c></summary>
public sealed class AssertStatement(int start, int end, Expression test, Expression? message) : Statement(start, end)
{
    public Expression Test { get; } = test;

    public Expression? Message { get; } = message;
}

/// <summary><c>pass</c></summary>
public sealed class PassStatement(int start, int end) : Statement(start, end);

/// <summary><c>break</c></summary>
public sealed class BreakStatement(int start, int end) : Statement(start, end);

/// <summary><c>continue</c></summary>
public sealed class ContinueStatement(int start, int end) : Statement(start, end);

/// <summary><c>global names</c>, <c>nonlocal names</c></summary>
public sealed class ScopeStatement(int start, int end, bool isGlobal, ImmutableArray<string> names) : Statement(start, end)
{
    public bool IsGlobal { get; } = isGlobal;

    public ImmutableArray<string> Names { get; } = names;
}

/// <summary><c>name as alias</c> of an import.</summary>
public sealed class ImportAlias(int start, int end, string name, string? alias) : PythonNode(start, end)
{
    /// <summary>Dotted; <c>*</c> for all.</summary>
    public string Name { get; } = name;

    public string? Alias { get; } = alias;
}

/// <summary><c>import a.b as c</c></summary>
public sealed class ImportStatement(int start, int end, ImmutableArray<ImportAlias> names) : Statement(start, end)
{
    public ImmutableArray<ImportAlias> Names { get; } = names;
}

/// <summary><c>from ..a import b</c></summary>
public sealed class ImportFromStatement(int start, int end, string? module, int level, ImmutableArray<ImportAlias> names) : Statement(start, end)
{
    /// <summary>Dotted; null in <c>from . import a</c>.</summary>
    public string? Module { get; } = module;

    /// <summary>Leading dots.</summary>
    public int Level { get; } = level;

    public ImmutableArray<ImportAlias> Names { get; } = names;
}

/// <summary>The <c>if</c> or one <c>elif</c> of an if statement.</summary>
public sealed class IfClause(int start, int end, Expression test, ImmutableArray<Statement> body) : PythonNode(start, end)
{
    public Expression Test { get; } = test;

    public ImmutableArray<Statement> Body { get; } = body;
}

/// <summary><c>if</c>, with all its <c>elif</c> side by side.</summary>
public sealed class IfStatement(int start, int end, ImmutableArray<IfClause> clauses, ImmutableArray<Statement> orElse) : Statement(start, end)
{
    public ImmutableArray<IfClause> Clauses { get; } = clauses;

    /// <summary>Empty without <c>else</c>.</summary>
    public ImmutableArray<Statement> OrElse { get; } = orElse;
}

/// <summary><c>while test</c></summary>
public sealed class WhileStatement(int start, int end, Expression test, ImmutableArray<Statement> body, ImmutableArray<Statement> orElse) : Statement(start, end)
{
    public Expression Test { get; } = test;

    public ImmutableArray<Statement> Body { get; } = body;

    public ImmutableArray<Statement> OrElse { get; } = orElse;
}

/// <summary><c>for target in iterable</c></summary>
public sealed class ForStatement(int start, int end, Expression target, Expression iterable, ImmutableArray<Statement> body, ImmutableArray<Statement> orElse, bool isAsync) : Statement(start, end)
{
    public Expression Target { get; } = target;

    public Expression Iterable { get; } = iterable;

    public ImmutableArray<Statement> Body { get; } = body;

    public ImmutableArray<Statement> OrElse { get; } = orElse;

    public bool IsAsync { get; } = isAsync;
}

/// <summary>One <c>context as target</c>.</summary>
public sealed class WithItem(int start, int end, Expression context, Expression? target) : PythonNode(start, end)
{
    public Expression Context { get; } = context;

    public Expression? Target { get; } = target;
}

/// <summary><c>with items</c></summary>
public sealed class WithStatement(int start, int end, ImmutableArray<WithItem> items, ImmutableArray<Statement> body, bool isAsync) : Statement(start, end)
{
    public ImmutableArray<WithItem> Items { get; } = items;

    public ImmutableArray<Statement> Body { get; } = body;

    public bool IsAsync { get; } = isAsync;
}

/// <summary><c>except type as name</c></summary>
public sealed class ExceptHandler(int start, int end, Expression? type, string? name, ImmutableArray<Statement> body) : PythonNode(start, end)
{
    public Expression? Type { get; } = type;

    public string? Name { get; } = name;

    public ImmutableArray<Statement> Body { get; } = body;
}

/// <summary><c>try</c></summary>
public sealed class TryStatement(
    int start, int end, ImmutableArray<Statement> body, ImmutableArray<ExceptHandler> handlers, ImmutableArray<Statement> orElse, ImmutableArray<Statement> finalBody, bool isStar) : Statement(start, end)
{
    public ImmutableArray<Statement> Body { get; } = body;

    public ImmutableArray<ExceptHandler> Handlers { get; } = handlers;

    public ImmutableArray<Statement> OrElse { get; } = orElse;

    public ImmutableArray<Statement> FinalBody { get; } = finalBody;

    /// <summary>Whether its handlers are <c>except*</c>.</summary>
    public bool IsStar { get; } = isStar;
}

/// <summary>A parameter of a generic definition: <c>T: bound = default</c>, <c>*Ts</c>, <c>**P</c>.</summary>
public sealed class TypeParameter(int start, int end, string name, int stars, Expression? bound, Expression? @default) : PythonNode(start, end)
{
    public string Name { get; } = name;

    public int Stars { get; } = stars;

    public Expression? Bound { get; } = bound;

    public Expression? Default { get; } = @default;
}

/// <summary><c>def name(parameters) -> returns</c></summary>
public sealed class FunctionDefinition(
    int start, int end, string name, ImmutableArray<TypeParameter> typeParameters, ImmutableArray<Parameter> parameters, Expression? returns, ImmutableArray<Statement> body, ImmutableArray<Expression> decorators, bool isAsync)
    : Statement(start, end)
{
    public string Name { get; } = name;

    public ImmutableArray<TypeParameter> TypeParameters { get; } = typeParameters;

    public ImmutableArray<Parameter> Parameters { get; } = parameters;

    public Expression? Returns { get; } = returns;

    public ImmutableArray<Statement> Body { get; } = body;

    public ImmutableArray<Expression> Decorators { get; } = decorators;

    public bool IsAsync { get; } = isAsync;
}

/// <summary><c>class name(arguments)</c></summary>
public sealed class ClassDefinition(
    int start, int end, string name, ImmutableArray<TypeParameter> typeParameters, ImmutableArray<Argument> arguments, ImmutableArray<Statement> body, ImmutableArray<Expression> decorators) : Statement(start, end)
{
    public string Name { get; } = name;

    public ImmutableArray<TypeParameter> TypeParameters { get; } = typeParameters;

    /// <summary>Base classes and keywords.</summary>
    public ImmutableArray<Argument> Arguments { get; } = arguments;

    public ImmutableArray<Statement> Body { get; } = body;

    public ImmutableArray<Expression> Decorators { get; } = decorators;
}

/// <summary><c>type name = value</c></summary>
public sealed class TypeAliasStatement(int start, int end, NameExpression name, ImmutableArray<TypeParameter> typeParameters, Expression value) : Statement(start, end)
{
    public NameExpression Name { get; } = name;

    public ImmutableArray<TypeParameter> TypeParameters { get; } = typeParameters;

    public Expression Value { get; } = value;
}

/// <summary><c>case pattern if guard</c></summary>
public sealed class MatchCase(int start, int end, Pattern pattern, Expression? guard, ImmutableArray<Statement> body) : PythonNode(start, end)
{
    public Pattern Pattern { get; } = pattern;

    public Expression? Guard { get; } = guard;

    public ImmutableArray<Statement> Body { get; } = body;
}

/// <summary><c>match subject</c></summary>
public sealed class MatchStatement(int start, int end, Expression subject, ImmutableArray<MatchCase> cases) : Statement(start, end)
{
    public Expression Subject { get; } = subject;

    public ImmutableArray<MatchCase> Cases { get; } = cases;
}

/// <summary>A pattern of a case.</summary>
public abstract class Pattern(int start, int end) : PythonNode(start, end);

/// <summary>A literal or a dotted name; <c>None</c>, <c>True</c> and <c>False</c> too.</summary>
public sealed class ValuePattern(int start, int end, Expression value) : Pattern(start, end)
{
    public Expression Value { get; } = value;
}

/// <summary><c>[a, b]</c>, <c>(a, b)</c>, <c>a, b</c></summary>
public sealed class SequencePattern(int start, int end, ImmutableArray<Pattern> patterns) : Pattern(start, end)
{
    public ImmutableArray<Pattern> Patterns { get; } = patterns;
}

/// <summary><c>{key: pattern, **rest}</c></summary>
public sealed class MappingPattern(int start, int end, ImmutableArray<Expression> keys, ImmutableArray<Pattern> patterns, string? rest) : Pattern(start, end)
{
    public ImmutableArray<Expression> Keys { get; } = keys;

    public ImmutableArray<Pattern> Patterns { get; } = patterns;

    public string? Rest { get; } = rest;
}

/// <summary><c>Class(a, b=c)</c></summary>
public sealed class ClassPattern(int start, int end, Expression type, ImmutableArray<Pattern> patterns, ImmutableArray<string> keywords, ImmutableArray<Pattern> keywordPatterns) : Pattern(start, end)
{
    public Expression Type { get; } = type;

    public ImmutableArray<Pattern> Patterns { get; } = patterns;

    public ImmutableArray<string> Keywords { get; } = keywords;

    public ImmutableArray<Pattern> KeywordPatterns { get; } = keywordPatterns;
}

/// <summary><c>*name</c>, <c>*_</c> (null)</summary>
public sealed class StarPattern(int start, int end, string? name) : Pattern(start, end)
{
    public string? Name { get; } = name;
}

/// <summary><c>pattern as name</c>, <c>name</c> (no pattern), <c>_</c> (neither)</summary>
public sealed class AsPattern(int start, int end, Pattern? pattern, string? name) : Pattern(start, end)
{
    public Pattern? Pattern { get; } = pattern;

    public string? Name { get; } = name;
}

/// <summary><c>a | b</c></summary>
public sealed class OrPattern(int start, int end, ImmutableArray<Pattern> patterns) : Pattern(start, end)
{
    public ImmutableArray<Pattern> Patterns { get; } = patterns;
}
