using System.Text.Json;

namespace ModelGuidelines.Formats.Keras.Libraries;

/// <summary>What a library's class builds, for files that keep no more of it than its name and arguments.</summary>
/// <param name="Class">Without package: <c>BertBackbone</c>.</param>
/// <param name="IsGraph">Whether its constructor connects layers and hands <c>inputs</c> and <c>outputs</c> to <c>keras.Model</c>; else it has a <c>call()</c>.</param>
internal sealed record LibraryModel(string Class, bool IsGraph)
{
    /// <summary>Begins the path of a layer of the model that the argument <c>backbone</c> holds.</summary>
    public const string OfBackbone = "~/";

    /// <summary>Layers that it calls more than once, by their paths below it; of its config.</summary>
    public Func<JsonElement, IEnumerable<string>> Again { get; init; } = _ => [];

    /// <summary>What it may call more than once, though the arguments or names given by Keras decide; null where that is all.</summary>
    public string? Open { get; init; }

    /// <summary>Whether the arguments leave <see cref="Open"/> open: always, unless said otherwise.</summary>
    public Func<JsonElement, bool> IsOpen { get; init; } = _ => true;
}

/// <summary>The models of libraries that build on Keras, by package and class.</summary>
internal static class LibraryModels
{
    /// <param name="className"><c>BertBackbone</c>, or <c>keras_hub>BertBackbone</c> as Keras 2 and <c>.h5</c> files write registered classes.</param>
    /// <param name="module"><c>keras_hub.src.models.bert.bert_backbone</c>; null where the file keeps none.</param>
    /// <param name="registeredName"><c>keras_hub>BertBackbone</c>; null where the file keeps none.</param>
    public static LibraryModel? Find(string className, string? module, string? registeredName)
    {
        var name = className[(className.LastIndexOf('>') + 1)..];
        return KerasHub.Packages.Contains(PackageOf(module, '.')) || KerasHub.Packages.Contains(PackageOf(registeredName, '>')) || KerasHub.Packages.Contains(PackageOf(className, '>'))
            ? KerasHub.Models.GetValueOrDefault(name)
            : null;
    }

    public static LibraryModel? Find(JsonElement entry) => entry.Get("class_name").Text() is { } name ? Find(name, entry.Get("module").Text(), entry.Get("registered_name").Text()) : null;

    /// <summary>What stands before the separator; empty when there is none.</summary>
    private static string PackageOf(string? name, char separator) => name?.IndexOf(separator, StringComparison.Ordinal) is > 0 and var at ? name[..at] : "";
}
