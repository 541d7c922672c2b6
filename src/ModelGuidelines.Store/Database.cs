using System.Data;
using System.Data.Common;
using System.Globalization;
using Microsoft.Data.Sqlite;
using ModelGuidelines.Storage;
using Npgsql;

namespace ModelGuidelines.Store;

/// <summary>What the two kinds of databases have different.</summary>
internal abstract class Database
{
    /// <summary>What a name asks for: a PostgreSQL server where it is a connection string or an address of one, else a SQLite file.</summary>
    /// <exception cref="ModelReadException">MG.Store.Name: an address that is none.</exception>
    public static Database Of(string name) =>
        name.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase) || name.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase) ? Named(() => new PostgreSql(ConnectionString(new Uri(name))))
        : name.Split(';').Any(p => p.Split('=')[0].Trim().ToUpperInvariant() is "HOST" or "SERVER") ? new PostgreSql(name)
        : new Sqlite(name);

    public virtual bool IsFile => false;

    /// <summary>Words of the migrations that differ.</summary>
    public abstract string Id { get; }

    public abstract string Blob { get; }

    /// <summary>An open connection.</summary>
    public abstract DbConnection Open();

    /// <summary>Begins what writes: two at once wait for each other.</summary>
    public abstract DbTransaction BeginWrite(DbConnection connection);

    /// <summary>Within a transaction: nobody else changes the schema.</summary>
    public abstract void LockSchema(DbConnection connection, DbTransaction transaction);

    /// <summary>The query for rows whose column is one of several texts, with its parameters.</summary>
    public abstract DbCommand WhereIn(DbConnection connection, string select, string column, IReadOnlyCollection<string> texts);

    /// <summary>Somebody else holds what is asked for, longer than it is waited for.</summary>
    private static bool IsLocked(DbException e) => e is SqliteException { SqliteErrorCode: SQLitePCL.raw.SQLITE_BUSY or SQLitePCL.raw.SQLITE_LOCKED } or Npgsql.PostgresException { SqlState: Npgsql.PostgresErrorCodes.LockNotAvailable };

    /// <summary>Does what takes a name apart.</summary>
    private static T Named<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new ModelReadException("MG.Store.Name", $"this names no store: {e.Message}", null, e);
        }
    }

    /// <summary>Opens the database and does the first thing with it: what is wrong may be its name, too.</summary>
    public T Opening<T>(Func<T> work)
    {
        var opened = Named(() => Do(work));
        _isOpen = true;
        return opened;
    }

    private bool _isOpen;

    /// <summary>Runs what talks to the database, so that whatever it says is one kind of error.</summary>
    public T Do<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (DbException e) when (IsLocked(e))
        {
            throw new ModelReadException("MG.Store.Locked", "another program holds the store, and did not let go of it for a minute; audit when it has ended, or into another store", null, e);
        }
        catch (DbException e)
        {
            throw new ModelReadException("MG.Store.Failed", $"the store cannot be used: {e.Message}", null, e);
        }
        catch (Exception e) when (e is InvalidCastException or OverflowException || (_isOpen && (e is ArgumentException or FormatException)))
        {
            throw new ModelReadException("MG.Store.Failed", $"the store cannot be used: a value in it is not what it should be: {e.Message}", null, e);
        }
    }

    private static string ConnectionString(Uri address)
    {
        var user = address.UserInfo.Split(':', 2);
        var builder = new NpgsqlConnectionStringBuilder { Host = address.Host, Port = address.Port > 0 ? address.Port : 5432, Database = address.AbsolutePath.Trim('/') };
        if (user[0].Length > 0)
        {
            builder.Username = Uri.UnescapeDataString(user[0]);
        }

        if (user.Length > 1)
        {
            builder.Password = Uri.UnescapeDataString(user[1]);
        }

        return builder.ConnectionString;
    }

    private sealed class Sqlite(string file) : Database
    {
        public override bool IsFile => true;

        public override string Id => "INTEGER PRIMARY KEY";

        public override string Blob => "BLOB";

        public override DbConnection Open()
        {
            var folder = Path.GetDirectoryName(Path.GetFullPath(file));
            if (!Directory.Exists(folder))
            {
                throw new ModelReadException("MG.Store.Name", $"there is no folder '{folder}' for the store '{file}'");
            }

            var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = file, DefaultTimeout = 60, Pooling = false }.ConnectionString);
            connection.Open();

            // Readers do not wait for writers, and what was committed outlives the process that did.
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA busy_timeout = 60000;";
            command.ExecuteNonQuery();
            return connection;
        }

        public override DbTransaction BeginWrite(DbConnection connection) => ((SqliteConnection)connection).BeginTransaction(IsolationLevel.Serializable, deferred: false);

        public override void LockSchema(DbConnection connection, DbTransaction transaction)
        {
            // The transaction holds the file already.
        }

        public override DbCommand WhereIn(DbConnection connection, string select, string column, IReadOnlyCollection<string> texts)
        {
            var command = connection.CreateCommand();
            command.CommandText = $"{select} WHERE {column} IN ({string.Join(',', texts.Select((_, i) => string.Create(CultureInfo.InvariantCulture, $"@p{i}")))})";
            var n = 0;
            foreach (var text in texts)
            {
                ((SqliteCommand)command).Parameters.AddWithValue(string.Create(CultureInfo.InvariantCulture, $"@p{n++}"), text);
            }

            return command;
        }
    }

    private sealed class PostgreSql(string connectionString) : Database
    {
        /// <summary>"mg", so that two runs that find no schema make one.</summary>
        private const long SchemaLock = 0x6D67;

        public override string Id => "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY";

        public override string Blob => "BYTEA";

        public override DbConnection Open()
        {
            var connection = new NpgsqlConnection(connectionString);
            connection.Open();
            return connection;
        }

        public override DbTransaction BeginWrite(DbConnection connection) => connection.BeginTransaction();

        public override void LockSchema(DbConnection connection, DbTransaction transaction)
        {
            using var command = connection.CreateCommand();
            command.Transaction = transaction;
            command.CommandText = string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_xact_lock({SchemaLock})");
            command.ExecuteNonQuery();
        }

        public override DbCommand WhereIn(DbConnection connection, string select, string column, IReadOnlyCollection<string> texts)
        {
            var command = (NpgsqlCommand)connection.CreateCommand();
            command.CommandText = $"{select} WHERE {column} = ANY(@all)";
            command.Parameters.AddWithValue("all", texts.ToArray());
            return command;
        }
    }
}
