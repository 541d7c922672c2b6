using ModelGuidelines.Python.Libraries;

namespace ModelGuidelines.Tests.Python;

/// <summary>What the libraries' tables say of PyTorch, against what an installed PyTorch says of itself (Fixtures/python-libraries/torch_names.py prints the list).</summary>
public class TorchLibraryTests
{
    private static readonly string[][] Names = [.. File.ReadLines(RepositoryFiles.Fixture("python-libraries", "torch.txt")).Select(l => l.Split(' ', 3))];

    [Fact]
    public void FunctionsReturnWhatTheirSchemasSay()
    {
        var wrong = new List<string>();
        foreach (var line in Names.Where(n => n[0] == "function"))
        {
            if (LibraryCatalog.Default.Row(line[1]) is not { } row)
            {
                wrong.Add($"{line[1]}: no row");
                continue;
            }

            // Where the arguments decide, a function tells the results apart.
            var kinds = line[2].Split('|');
            if (row.Function is null && (kinds.Length > 1 || !Fits(row.Returns, row.Name, kinds[0])))
            {
                wrong.Add($"{line[1]}: {row.Returns} for {line[2]}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Fact]
    public void ModulesKeepTheirConstructorsParameters()
    {
        var wrong = new List<string>();
        foreach (var line in Names.Where(n => n[0] == "class"))
        {
            if (LibraryCatalog.Default.Class(line[1]) is not { } type)
            {
                wrong.Add($"{line[1]}: no class");
                continue;
            }

            var theirs = (line.Length > 2 ? line[2] : "").Split(' ', StringSplitOptions.RemoveEmptyEntries);
            var ours = type.Parameters.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(p => WithoutLength(p.TrimStart('-'))).ToList();
            if (!theirs.Take(ours.Count).SequenceEqual(ours))
            {
                wrong.Add($"{line[1]}: {string.Join(' ', ours)} for {string.Join(' ', theirs)}");
            }
        }

        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    /// <summary><c>stride:2=1</c> is <c>stride=1</c>.</summary>
    private static string WithoutLength(string parameter) => parameter.IndexOf(':', StringComparison.Ordinal) is >= 0 and var colon ? parameter.Remove(colon, 2) : parameter;

    private static bool Fits(Returns returns, string name, string kind) => kind switch
    {
        "Tensor" => returns is Returns.Tensor || (returns is Returns.First && name[^1] == '_'),
        "Tensor,Tensor" => returns is Returns.TwoTensors,
        "Tensor,Tensor,Tensor" => returns is Returns.ThreeTensors,
        "List[Tensor]" => returns is Returns.TensorTuple,
        "bool" => returns is Returns.Boolean or Returns.False,
        _ => returns is Returns.Number or Returns.Numbers or Returns.Unknown,
    };
}
