using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text;
using ModelGuidelines.Python.Syntax;

namespace ModelGuidelines.SyntaxCheck;

/// <summary>Writes a tree as compare.py writes CPython's: node names, fields and positions of the ast module.</summary>
public sealed class PythonDump(PythonFile file)
{
    private readonly StringBuilder _out = new();

    /// <summary>Inside formatted strings CPython before 3.12 gives wrong positions: none are written there.</summary>
    private int _formatted;

    public string Dump()
    {
        _out.Append("Module(body=");
        List(file.Statements, Statement);
        return _out.Append(')').ToString();
    }

    private PythonDump Text(string text)
    {
        _out.Append(text);
        return this;
    }

    private void Open(string name, PythonNode node) => Open(name, node.Start, node.End);

    private void Open(string name, int start, int end)
    {
        _out.Append(name);
        if (_formatted == 0)
        {
            _out.Append('[');
            Position(start);
            _out.Append('-');
            Position(end);
            _out.Append(']');
        }

        _out.Append('(');
    }

    private void Position(int offset)
    {
        var (line, column) = file.PositionOf(offset);
        var bytes = Encoding.UTF8.GetByteCount(file.Text.AsSpan(offset - column + 1, column - 1));
        _out.Append(CultureInfo.InvariantCulture, $"{line}:{bytes}");
    }

    private void Quote(string? text)
    {
        if (text is null)
        {
            _out.Append("None");
            return;
        }

        _out.Append('"');
        foreach (var c in text)
        {
            if (c is '"' or '\\')
            {
                _out.Append('\\').Append(c);
            }
            else if (c is >= ' ' and < '\x7f')
            {
                _out.Append(c);
            }
            else
            {
                _out.Append(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}");
            }
        }

        _out.Append('"');
    }

    private void List<T>(IEnumerable<T> items, Action<T> write)
    {
        _out.Append('[');
        var first = true;
        foreach (var item in items)
        {
            if (!first)
            {
                _out.Append(", ");
            }

            first = false;
            write(item);
        }

        _out.Append(']');
    }

    private void Block(ImmutableArray<Statement> body) => List(body, Statement);

    private void Load(Expression? expression) => Expression(expression, "Load");

    private void Loads(IEnumerable<Expression?> expressions) => List(expressions, Load);

    private void Close() => _out.Append(')');

    private void Statement(Statement statement)
    {
        switch (statement)
        {
            case ExpressionStatement s:
                Open("Expr", s);
                Text("value=").Load(s.Value);
                break;
            case AssignStatement s:
                Open("Assign", s);
                Text("targets=").List(s.Targets, t => Expression(t, "Store"));
                Text(", value=").Load(s.Value);
                break;
            case AugmentedAssignStatement s:
                Open("AugAssign", s);
                Text("target=").Expression(s.Target, "Store");
                Text(", op=").Operator(s.Operator);
                Text(", value=").Load(s.Value);
                break;
            case AnnotatedAssignStatement s:
                Open("AnnAssign", s);
                Text("target=").Expression(s.Target, "Store");
                Text(", annotation=").Load(s.Annotation);
                Text(", value=").Load(s.Value);
                Text($", simple={(s.IsSimple ? 1 : 0)}");
                break;
            case ReturnStatement s:
                Open("Return", s);
                Text("value=").Load(s.Value);
                break;
            case RaiseStatement s:
                Open("Raise", s);
                Text("exc=").Load(s.Exception);
                Text(", cause=").Load(s.Cause);
                break;
            case DeleteStatement s:
                Open("Delete", s);
                Text("targets=").List(s.Targets, t => Expression(t, "Del"));
                break;
            case AssertStatement s:
                Open("Assert", s);
                Text("test=").Load(s.Test);
                Text(", msg=").Load(s.Message);
                break;
            case PassStatement:
                Open("Pass", statement);
                break;
            case BreakStatement:
                Open("Break", statement);
                break;
            case ContinueStatement:
                Open("Continue", statement);
                break;
            case ScopeStatement s:
                Open(s.IsGlobal ? "Global" : "Nonlocal", s);
                Text("names=").List(s.Names, Quote);
                break;
            case ImportStatement s:
                Open("Import", s);
                Text("names=").List(s.Names, Alias);
                break;
            case ImportFromStatement s:
                Open("ImportFrom", s);
                Text("module=").Quote(s.Module);
                Text(", names=").List(s.Names, Alias);
                Text($", level={s.Level}");
                break;
            case IfStatement s:
                If(s, 0);
                return;
            case WhileStatement s:
                Open("While", s);
                Text("test=").Load(s.Test);
                Text(", body=").Block(s.Body);
                Text(", orelse=").Block(s.OrElse);
                break;
            case ForStatement s:
                Open(s.IsAsync ? "AsyncFor" : "For", s);
                Text("target=").Expression(s.Target, "Store");
                Text(", iter=").Load(s.Iterable);
                Text(", body=").Block(s.Body);
                Text(", orelse=").Block(s.OrElse);
                break;
            case WithStatement s:
                Open(s.IsAsync ? "AsyncWith" : "With", s);
                Text("items=").List(s.Items, i =>
                {
                    Text("withitem(context_expr=").Load(i.Context);
                    Text(", optional_vars=").Expression(i.Target, "Store");
                    Close();
                });
                Text(", body=").Block(s.Body);
                break;
            case TryStatement s:
                Open(s.IsStar ? "TryStar" : "Try", s);
                Text("body=").Block(s.Body);
                Text(", handlers=").List(s.Handlers, h =>
                {
                    Open("ExceptHandler", h);
                    Text("type=").Load(h.Type);
                    Text(", name=").Quote(h.Name);
                    Text(", body=").Block(h.Body);
                    Close();
                });
                Text(", orelse=").Block(s.OrElse);
                Text(", finalbody=").Block(s.FinalBody);
                break;
            case FunctionDefinition s:
                Open(s.IsAsync ? "AsyncFunctionDef" : "FunctionDef", s);
                Text("name=").Quote(s.Name);
                Text(", args=").Parameters(s.Parameters);
                Text(", body=").Block(s.Body);
                Text(", decorator_list=").Loads(s.Decorators);
                Text(", returns=").Load(s.Returns);
                TypeParameters(s.TypeParameters);
                break;
            case ClassDefinition s:
                Open("ClassDef", s);
                Text("name=").Quote(s.Name);
                Text(", bases=").Positional(s.Arguments);
                Text(", keywords=").Keywords(s.Arguments);
                Text(", body=").Block(s.Body);
                Text(", decorator_list=").Loads(s.Decorators);
                TypeParameters(s.TypeParameters);
                break;
            case TypeAliasStatement s:
                Open("TypeAlias", s);
                Text("name=").Expression(s.Name, "Store");
                TypeParameters(s.TypeParameters);
                Text(", value=").Load(s.Value);
                break;
            case MatchStatement s:
                Open("Match", s);
                Text("subject=").Load(s.Subject);
                Text(", cases=").List(s.Cases, c =>
                {
                    Text("match_case(pattern=").Pattern(c.Pattern);
                    Text(", guard=").Load(c.Guard);
                    Text(", body=").Block(c.Body);
                    Close();
                });
                break;
            default:
                Open("Error", statement);
                break;
        }

        Close();
    }

    /// <summary>An elif is an if within the else of the one before.</summary>
    private void If(IfStatement s, int clause)
    {
        for (var i = clause; i < s.Clauses.Length; i++)
        {
            Open("If", s.Clauses[i].Start, s.End);
            Text("test=").Load(s.Clauses[i].Test);
            Text(", body=").Block(s.Clauses[i].Body);
            Text(", orelse=");
            if (i + 1 < s.Clauses.Length)
            {
                _out.Append('[');
            }
            else
            {
                Block(s.OrElse);
            }
        }

        for (var i = clause; i < s.Clauses.Length; i++)
        {
            _out.Append(i == clause ? ")" : "])");
        }
    }

    private void Alias(ImportAlias alias)
    {
        Open("alias", alias);
        Text("name=").Quote(alias.Name);
        Text(", asname=").Quote(alias.Alias);
        Close();
    }

    private void TypeParameters(ImmutableArray<TypeParameter> parameters)
    {
        if (parameters.IsEmpty)
        {
            return;
        }

        Text(", type_params=").List(parameters, p =>
        {
            Open(p.Stars switch { 1 => "TypeVarTuple", 2 => "ParamSpec", _ => "TypeVar" }, p);
            Text("name=").Quote(p.Name);
            if (p.Stars == 0)
            {
                Text(", bound=").Load(p.Bound);
            }

            if (p.Default is not null)
            {
                Text(", default_value=").Load(p.Default);
            }

            Close();
        });
    }

    private void Parameters(ImmutableArray<Parameter> parameters)
    {
        void Some(string name, ParameterKind kind) => Text(name).List(parameters.Where(p => p.Kind == kind), Parameter);
        void One(string name, ParameterKind kind)
        {
            Text(name);
            if (parameters.FirstOrDefault(p => p.Kind == kind) is { } p)
            {
                Parameter(p);
            }
            else
            {
                Text("None");
            }
        }

        Text("arguments(");
        Some("posonlyargs=", ParameterKind.PositionalOnly);
        Some(", args=", ParameterKind.Ordinary);
        One(", vararg=", ParameterKind.VariadicPositional);
        Some(", kwonlyargs=", ParameterKind.KeywordOnly);
        Text(", kw_defaults=").Loads(parameters.Where(p => p.Kind is ParameterKind.KeywordOnly).Select(p => p.Default));
        One(", kwarg=", ParameterKind.VariadicKeyword);
        Text(", defaults=").Loads(parameters.Where(p => p.Default is not null && p.Kind is ParameterKind.PositionalOnly or ParameterKind.Ordinary && p.Default is not null).Select(p => p.Default));
        Close();
    }

    private void Parameter(Parameter parameter)
    {
        Open("arg", parameter);
        Text("arg=").Quote(parameter.Name);
        Text(", annotation=").Load(parameter.Annotation);
        Close();
    }

    private void Positional(ImmutableArray<Argument> arguments) => List(arguments.Where(a => a.Name is null && a.Stars < 2), a =>
    {
        if (a.Stars == 0)
        {
            Load(a.Value);
            return;
        }

        Open("Starred", a);
        Text("value=").Load(a.Value);
        Text(", ctx=Load");
        Close();
    });

    private void Keywords(ImmutableArray<Argument> arguments) => List(arguments.Where(a => a.Name is not null || a.Stars == 2), a =>
    {
        Open("keyword", a);
        Text("arg=").Quote(a.Name);
        Text(", value=").Load(a.Value);
        Close();
    });

    private void Operator(PythonOperator op) => Text(op switch
    {
        PythonOperator.Plus => "UAdd",
        PythonOperator.Minus => "USub",
        PythonOperator.Subtract => "Sub",
        PythonOperator.Multiply => "Mult",
        PythonOperator.MatrixMultiply => "MatMult",
        PythonOperator.Divide => "Div",
        PythonOperator.FloorDivide => "FloorDiv",
        PythonOperator.Modulo => "Mod",
        PythonOperator.Power => "Pow",
        PythonOperator.LeftShift => "LShift",
        PythonOperator.RightShift => "RShift",
        PythonOperator.Equal => "Eq",
        PythonOperator.NotEqual => "NotEq",
        PythonOperator.Less => "Lt",
        PythonOperator.LessEqual => "LtE",
        PythonOperator.Greater => "Gt",
        PythonOperator.GreaterEqual => "GtE",
        _ => op.ToString(),
    });

    private void Expression(Expression? expression, string context)
    {
        switch (expression)
        {
            case null:
                Text("None");
                return;
            case NameExpression e:
                Open("Name", e);
                Text("id=").Quote(e.Name);
                Text($", ctx={context}");
                break;
            case AttributeExpression e:
                Open("Attribute", e);
                Text("value=").Load(e.Value);
                Text(", attr=").Quote(e.Name);
                Text($", ctx={context}");
                break;
            case SubscriptExpression e:
                Open("Subscript", e);
                Text("value=").Load(e.Value);
                Text(", slice=").Load(e.Index);
                Text($", ctx={context}");
                break;
            case StarredExpression e:
                Open("Starred", e);
                Text("value=").Expression(e.Value, context);
                Text($", ctx={context}");
                break;
            case TupleExpression e:
                Open("Tuple", e);
                Text("elts=").List(e.Elements, x => Expression(x, context));
                Text($", ctx={context}");
                break;
            case ListExpression e:
                Open("List", e);
                Text("elts=").List(e.Elements, x => Expression(x, context));
                Text($", ctx={context}");
                break;
            case NumberExpression e:
                Open("Constant", e);
                Number(e);
                break;
            case StringExpression e:
                Open("Constant", e);
                Text(e.IsBytes ? "bytes " : e.IsUnicodeMarked && _formatted == 0 ? "ustr " : "str ").Quote(e.Value);
                break;
            case ConstantExpression e:
                Open("Constant", e);
                Text(e.Value.ToString());
                break;
            case FormattedStringExpression e:
                Open(e.IsTemplate ? "TemplateStr" : "JoinedStr", e);
                _formatted++;
                Text("values=").Loads(e.Parts);
                _formatted--;
                break;
            case FormattedValueExpression e:
                Open("FormattedValue", e);
                Text("value=").Load(e.Value);
                Text($", conversion={(e.Conversion is { } c ? (int)c : -1)}, format_spec=").Load(e.Format);
                break;
            case SliceExpression e:
                Open("Slice", e);
                Text("lower=").Load(e.Lower);
                Text(", upper=").Load(e.Upper);
                Text(", step=").Load(e.Step);
                break;
            case CallExpression e:
                Open("Call", e);
                Text("func=").Load(e.Function);
                Text(", args=").Positional(e.Arguments);
                Text(", keywords=").Keywords(e.Arguments);
                break;
            case UnaryExpression e:
                Open("UnaryOp", e);
                Text("op=").Operator(e.Operator);
                Text(", operand=").Load(e.Operand);
                break;
            case BinaryExpression e:
                Open("BinOp", e);
                Text("left=").Load(e.Left);
                Text(", op=").Operator(e.Operator);
                Text(", right=").Load(e.Right);
                break;
            case BooleanExpression e:
                Open("BoolOp", e);
                Text(e.IsAnd ? "op=And" : "op=Or").Text(", values=").Loads(e.Values);
                break;
            case CompareExpression e:
                Open("Compare", e);
                Text("left=").Load(e.Operands[0]);
                Text(", ops=").List(e.Operators, Operator);
                Text(", comparators=").Loads(e.Operands.Skip(1));
                break;
            case ConditionalExpression e:
                Open("IfExp", e);
                Text("test=").Load(e.Test);
                Text(", body=").Load(e.Body);
                Text(", orelse=").Load(e.OrElse);
                break;
            case LambdaExpression e:
                Open("Lambda", e);
                Text("args=").Parameters(e.Parameters);
                Text(", body=").Load(e.Body);
                break;
            case SetExpression e:
                Open("Set", e);
                Text("elts=").Loads(e.Elements);
                break;
            case DictExpression e:
                Open("Dict", e);
                Text("keys=").Loads(e.Keys);
                Text(", values=").Loads(e.Values);
                break;
            case ComprehensionExpression e:
                Open(e.Kind switch { ComprehensionKind.List => "ListComp", ComprehensionKind.Set => "SetComp", ComprehensionKind.Dict => "DictComp", _ => "GeneratorExp" }, e);
                Text(e.Value is null ? "elt=" : "key=").Load(e.Element);
                if (e.Value is not null)
                {
                    Text(", value=").Load(e.Value);
                }

                Text(", generators=").List(e.Clauses, c =>
                {
                    Text("comprehension(target=").Expression(c.Target, "Store");
                    Text(", iter=").Load(c.Iterable);
                    Text(", ifs=").Loads(c.Conditions);
                    Text($", is_async={(c.IsAsync ? 1 : 0)})");
                });
                break;
            case AwaitExpression e:
                Open("Await", e);
                Text("value=").Load(e.Value);
                break;
            case YieldExpression e:
                Open(e.IsFrom ? "YieldFrom" : "Yield", e);
                Text("value=").Load(e.Value);
                break;
            case NamedExpression e:
                Open("NamedExpr", e);
                Text("target=").Expression(e.Target, "Store");
                Text(", value=").Load(e.Value);
                break;
            default:
                Open("Error", expression);
                break;
        }

        Close();
    }

    private void Number(NumberExpression number)
    {
        if (number.IsInteger)
        {
            Text("int ").Text(Integer(number.Text.Replace("_", "", StringComparison.Ordinal)));
        }
        else
        {
            Text(number.IsImaginary ? "complex " : "float ").Text(BitConverter.DoubleToInt64Bits(number.ToDouble()).ToString("x16", CultureInfo.InvariantCulture));
        }
    }

    private static string Integer(string digits)
    {
        var value = BigInteger.Zero;
        var radix = digits.Length > 1 ? (digits[1] | 0x20) switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 10 } : 10;
        if (radix == 10)
        {
            value = BigInteger.Parse(digits, CultureInfo.InvariantCulture);
        }
        else
        {
            foreach (var c in digits.AsSpan(2))
            {
                value = value * radix + (char.IsAsciiDigit(c) ? c - '0' : (c | 0x20) - 'a' + 10);
            }
        }

        var text = value.ToString("x", CultureInfo.InvariantCulture).TrimStart('0');
        return text.Length == 0 ? "0" : text;
    }

    private void Pattern(Pattern pattern)
    {
        switch (pattern)
        {
            case ValuePattern { Value: ConstantExpression { Value: not PythonConstant.Ellipsis } constant }:
                Open("MatchSingleton", pattern);
                Text($"value={constant.Value}");
                break;
            case ValuePattern p:
                Open("MatchValue", p);
                Text("value=").Load(p.Value);
                break;
            case SequencePattern p:
                Open("MatchSequence", p);
                Text("patterns=").List(p.Patterns, Pattern);
                break;
            case MappingPattern p:
                Open("MatchMapping", p);
                Text("keys=").Loads(p.Keys);
                Text(", patterns=").List(p.Patterns, Pattern);
                Text(", rest=").Quote(p.Rest);
                break;
            case ClassPattern p:
                Open("MatchClass", p);
                Text("cls=").Load(p.Type);
                Text(", patterns=").List(p.Patterns, Pattern);
                Text(", kwd_attrs=").List(p.Keywords, Quote);
                Text(", kwd_patterns=").List(p.KeywordPatterns, Pattern);
                break;
            case StarPattern p:
                Open("MatchStar", p);
                Text("name=").Quote(p.Name);
                break;
            case AsPattern p:
                Open("MatchAs", p);
                Text("pattern=");
                if (p.Pattern is null)
                {
                    Text("None");
                }
                else
                {
                    Pattern(p.Pattern);
                }

                Text(", name=").Quote(p.Name);
                break;
            case OrPattern p:
                Open("MatchOr", p);
                Text("patterns=").List(p.Patterns, Pattern);
                break;
        }

        Close();
    }
}
