using System.Data.Common;
using System.Globalization;
using System.Reflection;
using ModelGuidelines.Storage;

namespace ModelGuidelines.Store;

/// <summary>Brings a database to the schema of this version: numbered migrations, each applied once, in order.</summary>
internal static class Schema
{
    /// <summary>Numbers and texts of all migrations.</summary>
    private static IEnumerable<(int Number, string Name)> Migrations =>
        Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out _)).Order(StringComparer.Ordinal).Select(n => (int.Parse(n, CultureInfo.InvariantCulture), n));

    public static void Update(Database database, DbConnection connection)
    {
        var newest = Migrations.Max(m => m.Number);
        if (VersionOf(connection) == newest)
        {
            return;
        }

        using var transaction = database.BeginWrite(connection);
        database.LockSchema(connection, transaction);
        Run(connection, transaction, "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)");
        var version = Convert.ToInt32(Scalar(connection, transaction, "SELECT COALESCE(MAX(version), 0) FROM schema_version"), CultureInfo.InvariantCulture);
        if (version > newest)
        {
            throw new ModelReadException("MG.Store.Newer", string.Create(CultureInfo.InvariantCulture, $"the store was written by a newer version (schema {version}; this one knows {newest}): update ModelGuidelines, or use another store"));
        }

        foreach (var (number, name) in Migrations.Where(m => m.Number > version))
        {
            using var text = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream(name)!);
            Run(connection, transaction, text.ReadToEnd().Replace("{id}", database.Id, StringComparison.Ordinal).Replace("{blob}", database.Blob, StringComparison.Ordinal));
            Run(connection, transaction, string.Create(CultureInfo.InvariantCulture, $"INSERT INTO schema_version (version) VALUES ({number})"));
        }

        transaction.Commit();
    }

    private static int VersionOf(DbConnection connection)
    {
        try
        {
            return Convert.ToInt32(Scalar(connection, null, "SELECT MAX(version) FROM schema_version"), CultureInfo.InvariantCulture);
        }
        catch (Exception e) when (e is DbException or InvalidCastException)
        {
            return 0; // no schema yet; what else is wrong shows at once
        }
    }

    private static void Run(DbConnection connection, DbTransaction transaction, string text)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = text;
        command.ExecuteNonQuery();
    }

    private static object? Scalar(DbConnection connection, DbTransaction? transaction, string text)
    {
        using var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = text;
        return command.ExecuteScalar();
    }
}
