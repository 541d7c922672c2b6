using System.Text.Json;

namespace ModelGuidelines.Reports.Pictures;

/// <summary>A picture as the script reads it.</summary>
internal static class PictureData
{
    private static readonly JsonWriterOptions Options = new() { Encoder = LogSafeEncoder.Instance };

    public static string Of(Picture picture)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, Options))
        {
            Write(json, picture);
        }

        return System.Text.Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }

    public static void Write(Utf8JsonWriter json, Picture picture)
    {
        json.WriteStartObject();
        json.WriteBoolean("order", picture.IsOrder);
        json.WriteNumber("omitted", picture.Omitted);
        json.WriteStartArray("boxes");
        foreach (var box in picture.Boxes)
        {
            json.WriteStartObject();
            json.WriteString("name", box.Name);
            json.WriteString("path", box.Path);
            json.WriteString("type", box.Type);
            json.WriteNumber("parent", box.Parent);
            json.WriteBoolean("operation", box.IsOperation);
            json.WriteNumber("calls", box.Calls);
            json.WriteStartArray("marks");
            foreach (var mark in box.Marks)
            {
                json.WriteStringValue(mark);
            }

            json.WriteEndArray();
            json.WriteString("entering", box.Entering);
            json.WriteString("leaving", box.Leaving);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("flows");
        foreach (var flow in picture.Flows)
        {
            json.WriteStartArray();
            json.WriteNumberValue(flow.From);
            json.WriteNumberValue(flow.To);
            json.WriteNumberValue(flow.Call);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
