using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Amazon.S3.Model;
using Causality.Lake.Files;
using Causality.Lake.Files.S3;
using Causality.Sink;
using Causality.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NUnit.Framework;
using static Causality.Testing.Patience;

namespace Causality.Integration.Tests.ObjectStores;

/// <summary>The whole program with its lake in S3.</summary>
[TestFixture]
internal sealed class S3HostTests() : OnRealServers(Storage.S3)
{
    private static readonly DateTimeOffset At = new(2026, 3, 5, 14, 20, 0, TimeSpan.Zero);

    [Test]
    public async Task What_was_sent_is_counted_also_by_a_host_that_starts_with_nothing_on_its_disk()
    {
        var first = await World.Start();
        await first.Client.SignIn();
        for (var hour = 0; hour < 5; hour++)
            await first.Client.Accept(Sent.Some(20, At.AddHours(hour)));
        await Eventually(() => Total(first), Is.EqualTo(100));
        await Eventually(first.Client.Books, Has.Property("Balance").True);
        Assert.That(World.Lake.Keys(World.App), Has.Count.EqualTo(100), "in the bucket itself");
        Assert.That(Directory.EnumerateFiles(World.Data, "*.pending", SearchOption.AllDirectories).Where(f => f.Contains("staging")), Is.Empty);
        await first.DisposeAsync();
        Directory.Delete(Path.Combine(World.Data, "s3"), recursive: true);

        var second = await World.Start();
        await second.Client.SignIn();
        Assert.That(await Total(second), Is.EqualTo(100));
        Assert.That((await second.Client.Books()).Balance, Is.True);
    }

    [Test]
    public async Task While_the_store_is_away_events_wait_and_ready_says_why_and_then_each_is_stored_once()
    {
        await using var world = await World.Open(Storage.S3);
        await using var proxy = await FaultyProxy.Start(new Uri(world.S3!.Endpoint));
        var host = await world.Start(also: services =>
        {
            services.Configure<SinkOptions>(sink => sink.Deadline = TimeSpan.FromSeconds(4));
            services.Configure<S3Options>(s3 => (s3.Endpoint, s3.RequestTimeout, s3.RetryTimeout) = (proxy.Address.GetLeftPart(UriPartial.Authority), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(2)));
        });
        await host.Client.SignIn();
        var stored = 0;
        foreach (var fault in new Fault[] { new Fault.Reset(), new Fault.Hang() })
        {
            proxy.Harm(fault);
            await host.Client.Accept(Sent.Some(50, At));
            await Eventually(async () => (await Checks(host)).TryGetProperty("sink", out var sink) ? sink.GetString() : "", Does.Contain("object store"));
            await Eventually(async () => (await Checks(host)).GetProperty("lake").GetString(), Is.Not.EqualTo("ok"));
            Assert.That(world.Lake.Keys(World.App), Has.Count.EqualTo(stored));
            proxy.Heal();
            await Eventually(() => host.Client.Status("/ready"), Is.EqualTo(HttpStatusCode.OK));
            stored += 50;
            await Eventually(() => world.Lake.Keys(World.App).Values, Is.EqualTo(Enumerable.Repeat(1L, stored)));
        }
        await Eventually(host.Client.Books, Has.Property("Balance").True);
    }

    [Test]
    public async Task A_bucket_that_is_not_there_or_not_ours_stops_the_program_by_the_setting_s_name()
    {
        Assert.That(() => World.Start("query", Settings(s3 => (s3.Bucket, s3.CreateBucket) = ("missing", false))),
            Throws.TypeOf<OptionsValidationException>().With.Message.Contains("CAUSALITY_S3__BUCKET").And.Message.Contains("CAUSALITY_S3__CREATEBUCKET=true"));
        Assert.That(() => World.Start("query", Settings(s3 => s3.SecretKey = "wrong")),
            Throws.TypeOf<OptionsValidationException>().With.Message.Contains("SECRETKEY").And.Message.Contains("SignatureDoesNotMatch"));
        Assert.That(() => World.Start("query", Settings(s3 => s3.AccessKey = "")),
            Throws.TypeOf<OptionsValidationException>().With.Message.Contains("CAUSALITY_S3__ACCESSKEY"));

        await using var world = await World.Open();
        var host = await world.Start("query", Settings(s3 => (s3.Endpoint, s3.Bucket, s3.AccessKey, s3.SecretKey, s3.RequestTimeout, s3.RetryTimeout)
            = ("http://127.0.0.1:9", "away", "a", "b", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1))), ready: false);
        Assert.That((await Checks(host)).GetProperty("lake").GetString(), Does.Contain("object store"), "one that is away may come back");

        static Action<IServiceCollection> Settings(Action<S3Options> change) => services => services.Configure(change);
    }

    [Test]
    public async Task Unfinished_uploads_are_ended_after_a_day_below_the_prefix_alone()
    {
        var options = TestServers.S3(World.S3!.Bucket).With(o => o.Prefix = "ours");
        using var store = StoreFiles.Store(options, Path.Combine(World.Data, "uploads"));
        using var s3 = TestServers.S3Client(options);
        await store.RequireBucket(CancellationToken.None);
        foreach (var key in new[] { "ours/a", "ours/b", "theirs/c" })
            await s3.InitiateMultipartUploadAsync(new InitiateMultipartUploadRequest { BucketName = options.Bucket, Key = key });

        Assert.That(await store.AbortUploads(TimeSpan.FromDays(1), CancellationToken.None), Is.Zero);
        Assert.That(await store.AbortUploads(TimeSpan.FromSeconds(-5), CancellationToken.None), Is.EqualTo(2));
        var left = await s3.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = options.Bucket });
        Assert.That(left.MultipartUploads.Select(u => u.Key), Is.EqualTo(new[] { "theirs/c" }));
        await s3.AbortMultipartUploadAsync(options.Bucket, "theirs/c", left.MultipartUploads[0].UploadId);
    }

    private static async Task<long> Total(HostInside host)
    {
        using var answer = await host.Client.Http.PostAsJsonAsync("/api/v1/analytics/trends",
            new { app_id = World.App, series = new[] { new { event_type = "opened" } }, from = "2026-03-05", to = "2026-03-06", interval = "day" });
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), body.ToString());
        return body.GetProperty("series")[0].GetProperty("total").GetInt64();
    }

    private static async Task<JsonElement> Checks(HostInside host)
    {
        using var answer = await host.Client.Http.GetAsync("/ready");
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("checks");
    }
}
