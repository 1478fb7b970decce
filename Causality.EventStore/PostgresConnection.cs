using Npgsql;

namespace Causality.EventStore;

/// <summary>
/// Reads how to reach PostgreSQL: <c>postgres://user:password@host:port/database?sslmode=require</c>, or an Npgsql string. Statements that
/// come again on a connection are prepared by themselves, which an append gains half of its rate by; <c>Max Auto Prepare=0</c> turns it
/// off, for a proxy that gives each transaction another session.
/// </summary>
public static class PostgresConnection
{
    private const int PreparedStatements = 100;

    /// <summary>Throws <see cref="FormatException"/>, whose message never repeats the text: it holds a password.</summary>
    public static NpgsqlConnectionStringBuilder Parse(string text)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(text);
        try
        {
            var connection = text.StartsWith("postgres://", StringComparison.Ordinal) || text.StartsWith("postgresql://", StringComparison.Ordinal)
                ? FromUri(new Uri(text))
                : new NpgsqlConnectionStringBuilder(text);
            if (!connection.ShouldSerialize("Max Auto Prepare"))
                connection.MaxAutoPrepare = PreparedStatements;
            return connection;
        }
        catch (Exception e) when (e is ArgumentException or UriFormatException or FormatException)
        {
            throw new FormatException("The PostgreSQL address is neither postgres://user:password@host:port/database nor an Npgsql connection string.");
        }
    }

    private static NpgsqlConnectionStringBuilder FromUri(Uri uri)
    {
        var connection = new NpgsqlConnectionStringBuilder { Host = uri.IdnHost.Trim('[', ']'), Port = uri.IsDefaultPort ? 5432 : uri.Port };
        if (uri.UserInfo.Length > 0)
        {
            var colon = uri.UserInfo.IndexOf(':');
            connection.Username = Uri.UnescapeDataString(colon < 0 ? uri.UserInfo : uri.UserInfo[..colon]);
            if (colon >= 0)
                connection.Password = Uri.UnescapeDataString(uri.UserInfo[(colon + 1)..]);
        }
        if (uri.AbsolutePath.Length > 1)
            connection.Database = Uri.UnescapeDataString(uri.AbsolutePath[1..]);
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            if (pair.Split('=', 2) is not [var name, var value])
                throw new FormatException();
            connection[Keyword(Uri.UnescapeDataString(name))] = Uri.UnescapeDataString(value);
        }
        return connection;
    }

    // libpq's names for what Npgsql calls otherwise; the rest is passed as it is, so Npgsql's own names work too
    private static string Keyword(string name) => name switch
    {
        "application_name" => "Application Name",
        "connect_timeout" => "Timeout",
        "sslrootcert" => "Root Certificate",
        _ => name,
    };
}
