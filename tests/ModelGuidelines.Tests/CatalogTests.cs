using ModelGuidelines.Guidelines;

namespace ModelGuidelines.Tests;

public sealed class CatalogTests
{
    [Fact]
    public void Ids_are_unique_and_name_the_framework() =>
        Assert.All(GuidelineCatalog.Written.GroupBy(g => g.Descriptor.Id), g => Assert.StartsWith($"{g.Single().Descriptor.Framework}.", g.Key, StringComparison.Ordinal));
}
