using System.Globalization;
using ModelGuidelines.Formats.ExportedProgram;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Tests.ExportedProgram;

/// <summary>Damaged programs: an audit or one clear error, never another exception.</summary>
/// <remarks>A long run: MODELGUIDELINES_MUTATIONS=200000 dotnet test --filter ExportedProgramMutationTests.</remarks>
public sealed class ExportedProgramMutationTests(ITestOutputHelper output)
{
    [Fact]
    public void Mutated_json()
    {
        var count = MutationCount.Or(600);
        var seeds = Directory.EnumerateFiles(RepositoryFiles.Fixture("pt2"), "*.pt2", SearchOption.AllDirectories).Order(StringComparer.Ordinal).SelectMany(ExportedProgramInputs.Programs).ToArray();
#pragma warning disable CA5394 // reproducible, not secret
        var random = new Random(20261123);
        var (read, refused) = (0, 0);
        for (var i = 0; i < count; i++)
        {
            var bytes = Mutate(seeds[i % seeds.Length], random);
            try
            {
                var program = new ProgramReader(ReadLimits.Default, TestContext.Current.CancellationToken).Read(bytes);
                new ProgramTranslation(program, ReadLimits.Default, TestContext.Current.CancellationToken).Translate();
                read++;
            }
            catch (ModelReadException e)
            {
                Assert.StartsWith("MG.ExportedProgram.", e.Id, StringComparison.Ordinal);
                refused++;
            }
        }

        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{count} mutated programs: {read} read, {refused} refused"));
    }

    /// <summary>Half of the changes keep the JSON whole, so that what is behind the parser is met too.</summary>
    private static byte[] Mutate(byte[] seed, Random random)
    {
        var bytes = seed.ToArray();
        for (var n = random.Next(1, 6); n > 0; n--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes = bytes[..at];
                    break;
                case 2: // a letter or digit for another, within texts and numbers
                    if (char.IsAsciiLetterOrDigit((char)bytes[at]))
                    {
                        bytes[at] = (byte)"0@;,.L[]1a"[random.Next(10)];
                    }

                    break;
                case 3: // a piece again
                    var length = Math.Min(random.Next(200), bytes.Length - at);
                    bytes = [.. bytes[..at], .. bytes.AsSpan(at, length), .. bytes[at..]];
                    break;
                default:
                    if (bytes[at] is (byte)'"' or (byte)',')
                    {
                        bytes[at] = (byte)' ';
                    }

                    break;
            }

            if (bytes.Length == 0)
            {
                break;
            }
        }
#pragma warning restore CA5394
        return bytes;
    }
}
