using Causality.Contracts.Events;
using Causality.Contracts.Events.Wire;
using NUnit.Framework;

namespace Causality.Contracts.Tests;

[TestFixture]
internal sealed class EventBatchTests
{
    [Test]
    public void Every_column_has_the_number_name_and_kind_of_the_published_protobuf_message()
    {
        var fields = AcceptedEvent.Descriptor.Fields.InFieldNumberOrder();
        Assert.That(EventColumns.All.Select(c => ((int)c.Column, c.Name, c.Kind)), Is.EqualTo(fields.Select(f => (f.FieldNumber, f.Name, f.FieldType switch
        {
            Google.Protobuf.Reflection.FieldType.Int64 => ColumnKind.BigInteger,
            Google.Protobuf.Reflection.FieldType.Int32 => ColumnKind.Integer,
            Google.Protobuf.Reflection.FieldType.Bool => ColumnKind.Flag,
            _ => ColumnKind.Text,
        }))));
    }

    [TestCase(0)]
    [TestCase(127)]
    [TestCase(128)]
    [TestCase(40_000)]
    [TestCase(3_000_000)]
    public void What_is_written_any_protobuf_reader_reads(int payloadBytes)
    {
        using var writer = new EventBatchWriter(capacity: 16);
        writer.Begin();
        writer.Text(EventColumn.AppId, "shop"u8);
        writer.Number(EventColumn.TimestampMs, -1);
        writer.Flag(EventColumn.IsBot, false);
        writer.Text(EventColumn.PayloadJson, new byte[payloadBytes].Select(_ => (byte)'x').ToArray());
        writer.Commit();

        var read = AcceptedBatch.Parser.ParseFrom(writer.Written.Span).Events.Single();

        Assert.That((read.AppId, read.TimestampMs, read.HasIsBot, read.IsBot, read.PayloadJson.Length), Is.EqualTo(("shop", -1L, true, false, payloadBytes)));
    }

    [Test]
    public void What_any_protobuf_writer_writes_is_read()
    {
        var message = new AcceptedBatch { Events = { new AcceptedEvent { AppId = "a", EventType = "view", ScreenWidth = 390, Sequence = long.MinValue }, new AcceptedEvent() } };
        var reader = new EventBatchReader();
        reader.Reset(Google.Protobuf.MessageExtensions.ToByteArray(message));

        Assert.That(reader.Next(out var first), Is.True);
        Assert.That(reader.Read(first), Is.Null);
        Assert.That(reader.Text(EventColumn.EventType).SequenceEqual("view"u8), Is.True);
        Assert.That((reader.Number(EventColumn.ScreenWidth), reader.Number(EventColumn.Sequence), reader.Has(EventColumn.UserId)), Is.EqualTo((390L, long.MinValue, false)));
        Assert.That(reader.Next(out var second), Is.True);
        Assert.That(reader.Read(second), Is.Null);
        Assert.That(reader.Has(EventColumn.AppId), Is.False);
        Assert.That(reader.Next(out _), Is.False);
    }

    [Test]
    public void An_event_rolled_back_leaves_no_trace_and_batches_join_end_to_end()
    {
        using var left = new EventBatchWriter();
        Write(left, "one");
        left.Begin();
        left.Text(EventColumn.Id, "refused"u8);
        left.Rollback();
        using var right = new EventBatchWriter();
        Write(right, "two");
        left.Append(right.Written.Span, right.Count);

        Assert.That(AcceptedBatch.Parser.ParseFrom(left.Written.Span).Events.Select(e => e.Id), Is.EqualTo(new[] { "one", "two" }));
        Assert.That(left.Count, Is.EqualTo(2));
    }

    [Test]
    public void A_damaged_event_is_refused_alone_and_broken_framing_ends_the_walk()
    {
        using var writer = new EventBatchWriter();
        writer.Begin();
        writer.Text(EventColumn.Id, [0xFF, 0xFE]);
        writer.Commit();
        Write(writer, "whole");
        var reader = new EventBatchReader();
        reader.Reset(writer.Written);

        Assert.That(reader.Next(out var damaged), Is.True);
        Assert.That(reader.Read(damaged), Does.Contain("not UTF-8"));
        Assert.That(reader.Next(out var whole), Is.True);
        Assert.That(reader.Read(whole), Is.Null);

        reader.Reset(writer.Written[..^1]);
        reader.Next(out _);
        Assert.That(() => reader.Next(out _), Throws.InstanceOf<InvalidDataException>());
    }

    [Test]
    public void Counts_survive_the_header_and_a_damaged_header_counts_nothing()
    {
        var counts = new EventCounts(Guid.CreateVersion7(), [new("shop", 498_000, 50), new("blog", 498_001, 1)]);
        var read = EventCounts.Parse(counts.ToString());
        Assert.That((read.Run, read.Rows.Count, read.Rows[1]), Is.EqualTo((counts.Run, 2, counts.Rows[1])));
        Assert.That(EventCounts.Parse("nonsense;a,b,c").Rows, Is.Empty);
        Assert.That(EventCounts.Parse(null).Rows, Is.Empty);
    }

    // the header is anybody's, and its apps go into the database: one that PostgreSQL refuses would stop every flush after it
    [TestCase("sh\0op")]
    [TestCase("sh op")]
    [TestCase("\ud800")]
    [TestCase("")]
    public void Counts_of_an_app_that_cannot_be_one_are_none(string app) =>
        Assert.That(EventCounts.Parse($"{Guid.CreateVersion7():N};shop,5,1;{app},5,1"), Is.SameAs(EventCounts.None));

    [Test]
    public void Counts_of_an_id_longer_than_128_are_none()
    {
        Assert.That(EventCounts.Parse($"{Guid.CreateVersion7():N};{new string('a', 128)},5,1").Rows, Has.Count.EqualTo(1));
        Assert.That(EventCounts.Parse($"{Guid.CreateVersion7():N};{new string('a', 129)},5,1").Rows, Is.Empty);
    }

    private static void Write(EventBatchWriter writer, string id)
    {
        writer.Begin();
        writer.Text(EventColumn.Id, System.Text.Encoding.UTF8.GetBytes(id));
        writer.Commit();
    }
}
