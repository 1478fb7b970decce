using System.Diagnostics;
using Amazon.Runtime;
using Amazon.S3;
using Causality.EventStore;
using Causality.Lake.Files.S3;
using Npgsql;
using NUnit.Framework;

namespace Causality.Testing;

/// <summary>
/// The PostgreSQL and RabbitMQ that <c>./causality test integration</c> starts: <c>CAUSALITY_TEST_POSTGRES</c> and
/// <c>CAUSALITY_TEST_RABBITMQ</c> are their addresses, <c>CAUSALITY_TEST_RABBITMQCTL</c> is the command that administers the latter.
/// <c>CAUSALITY_TEST_S3</c> is an S3-compatible store: <c>http://accesskey:secret@host:port</c>.
/// </summary>
public static class TestServers
{
    /// <summary>An Npgsql string of a database on the server.</summary>
    public static string Postgres(string database)
    {
        var connection = PostgresConnection.Parse(Setting("CAUSALITY_TEST_POSTGRES"));
        connection.Database = database;
        return connection.ConnectionString;
    }

    /// <summary>The address of a virtual host on the broker.</summary>
    public static Uri RabbitMq(string virtualHost) => new UriBuilder(Setting("CAUSALITY_TEST_RABBITMQ")) { Path = "/" + virtualHost }.Uri;

    /// <summary>A bucket of the S3-compatible store, made at start; through a proxy when there is one.</summary>
    public static S3Options S3(string bucket, Uri? through = null)
    {
        var server = new Uri(Setting("CAUSALITY_TEST_S3"));
        var keys = server.UserInfo.Split(':');
        return new S3Options { Endpoint = (through ?? server).GetLeftPart(UriPartial.Scheme) + (through ?? server).Authority, Bucket = bucket, AccessKey = keys[0], SecretKey = keys[1], CreateBucket = true };
    }

    /// <summary>The protocol's own client, for what a test does past the product.</summary>
    public static AmazonS3Client S3Client(S3Options options) => new(options.AccessKey, options.SecretKey, new AmazonS3Config
    {
        ServiceURL = options.Endpoint, ForcePathStyle = true, RequestChecksumCalculation = RequestChecksumCalculation.WHEN_REQUIRED, ResponseChecksumValidation = ResponseChecksumValidation.WHEN_REQUIRED,
    });

    /// <summary>A database and a virtual host of the same name, both empty.</summary>
    public static async Task Create(string name)
    {
        await CreateDatabase(name);
        await AddVirtualHost(name);
    }

    /// <summary>For tests that need no broker.</summary>
    public static Task CreateDatabase(string name) => Administer($"create database {name}");

    public static async Task DropDatabase(string name)
    {
        NpgsqlConnection.ClearAllPools();
        await Administer($"drop database if exists {name} with (force)");
    }

    public static async Task AddVirtualHost(string name)
    {
        await RabbitMqCtl("add_vhost", name);
        await RabbitMqCtl("set_permissions", "-p", name, RabbitMq(name).UserInfo.Split(':')[0], ".*", ".*", ".*");
    }

    public static async Task Drop(string name)
    {
        await DropDatabase(name);
        await RabbitMqCtl("delete_vhost", name);
    }

    /// <summary>Runs rabbitmqctl and answers what it printed; fails the test when it fails.</summary>
    public static async Task<string> RabbitMqCtl(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Setting("CAUSALITY_TEST_RABBITMQCTL"), ["--quiet", .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        Assert.That(process.ExitCode, Is.Zero, $"rabbitmqctl {string.Join(' ', arguments)}: {await output}{await error}");
        return await output;
    }

    private static async Task Administer(string sql)
    {
        await using var server = new NpgsqlConnection(Postgres("postgres"));
        await server.OpenAsync();
#pragma warning disable CA2100 // the name is the test's own
        await using var command = new NpgsqlCommand(sql, server);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }

    private static string Setting(string name) =>
        Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value
            : throw new InvalidOperationException($"{name} is not set: these tests need real servers. Run: ./causality test integration");
}
