using Causality.Contracts.Events.V1;
using Causality.Ingest.Capture;
using Google.Protobuf;
using Google.Protobuf.Reflection;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Capture;

[TestFixture]
internal sealed class ParityTests
{
    private static readonly JsonFormatter Snake = new(JsonFormatter.Settings.Default.WithPreserveProtoFieldNames(true));
    private static readonly JsonFormatter Numbers = new(JsonFormatter.Settings.Default.WithFormatEnumsAsIntegers(true).WithFormatDefaultValues(true));

    [Test]
    public void Json_and_binary_give_equal_rows()
    {
        var random = new Random(20261121);
        for (var round = 0; round < 400; round++)
        {
            var batch = new IngestEventBatchRequest { Events = { Enumerable.Range(0, 5).Select(_ => Envelope(random)) } };
            var binary = Desk.Send(batch.ToByteArray(), BodyFormat.Protobuf, RequestShape.Batch);
            foreach (var formatter in new[] { JsonFormatter.Default, Snake, Numbers })
            {
                var json = Desk.Send(formatter.Format(batch), RequestShape.Batch);
                Assert.That(json.Result.Results.Select(r => r.Error), Is.EqualTo(binary.Result.Results.Select(r => r.Error)));
                Assert.That(json.Rows, Is.EqualTo(binary.Rows));
            }
        }
    }

    [Test]
    public void Two_payloads_broken_text_and_an_unknown_enum_are_that_events_verdict_in_binary_too()
    {
        var two = Concat(new EventEnvelope { DeviceId = "d", TimestampMs = 1, AppStart = new AppStart() }, new EventEnvelope { AppCrash = new AppCrash() });
        var text = new EventEnvelope { DeviceId = "d\0", TimestampMs = 1, AppStart = new AppStart() }.ToByteArray();
        var utf8 = new EventEnvelope { DeviceId = "dd", TimestampMs = 1, AppStart = new AppStart() }.ToByteArray();
        utf8[3] = 0xC0;
        var unknown = new EventEnvelope { DeviceId = "d", TimestampMs = 1, NetworkChange = new NetworkChange { CurrentType = (NetworkType)99 } }.ToByteArray();
        var good = new EventEnvelope { DeviceId = "d", TimestampMs = 1, AppStart = new AppStart() }.ToByteArray();

        var desk = Desk.Send(Batch(two, text, utf8, unknown, good), BodyFormat.Protobuf, RequestShape.Batch);

        Assert.That(desk.Result.Results.Select(r => r.Error), Is.EqualTo(new[]
        {
            "event.payload: app_start and app_crash are both given",
            "event.device_id: must not contain NUL",
            "event.device_id: is not UTF-8",
            "event.network_change.current_type: is not a known value",
            null,
        }));
    }

    [Test]
    public void The_last_of_a_repeated_scalar_wins_messages_merge_and_unknown_fields_are_passed_over()
    {
        var pieces = Concat(
            new EventEnvelope { Id = "1", DeviceId = "d", TimestampMs = 1, ScreenView = new ScreenView { ScreenName = "a", Params = { ["k"] = "1", ["m"] = "1" } } },
            new EventEnvelope { Id = "2", ScreenView = new ScreenView { ScreenClass = "c", Params = { ["k"] = "2" } } });
        byte[] unknown = [.. pieces, 0xF8, 0x7F, 0x01, 0xFA, 0x7F, 0x02, 0x41, 0x42, 0xF9, 0x7F, 0, 0, 0, 0, 0, 0, 0, 0, 0xFD, 0x7F, 0, 0, 0, 0];

        var desk = Desk.Send(Batch(unknown), BodyFormat.Protobuf, RequestShape.Batch);

        Assert.That(desk.Row["id"], Is.EqualTo("2"));
        Assert.That(desk.Payload, Is.EqualTo("""{"screen_name":"a","screen_class":"c","previous_screen":"","params":{"k":"2","m":"1"}}"""));
    }

    [TestCase(new byte[] { 0x0A, 0x05, 0x0A }, TestName = "A_cut_event_is_the_bodys")]
    [TestCase(new byte[] { 0x0A, 0x02, 0x0A, 0x05 }, TestName = "A_cut_field_is_the_bodys")]
    [TestCase(new byte[] { 0x0A, 0x02, 0x0B, 0x0C }, TestName = "A_group_is_the_bodys")]
    [TestCase(new byte[] { 0x0A, 0x02, 0x00, 0x00 }, TestName = "Field_0_is_the_bodys")]
    [TestCase(new byte[] { 0x08, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01 }, TestName = "A_number_without_end_is_the_bodys")]
    public void Broken_framing_is_the_bodys(byte[] broken)
    {
        byte[] body = [.. Batch(new EventEnvelope { DeviceId = "d", TimestampMs = 1, AppStart = new AppStart() }.ToByteArray()), .. broken];
        var desk = Desk.Send(body, BodyFormat.Protobuf, RequestShape.Batch);
        Assert.That(desk.Result.Violations.Single().Description, Is.EqualTo("is not valid protobuf"));
        Assert.That(desk.Rows, Is.Empty);
    }

    private static byte[] Concat(params EventEnvelope[] pieces) => [.. pieces.SelectMany(p => p.ToByteArray())];

    private static byte[] Batch(params byte[][] events)
    {
        using var stream = new MemoryStream();
        using var output = new CodedOutputStream(stream);
        foreach (var one in events)
        {
            output.WriteTag(1, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(ByteString.CopyFrom(one));
        }
        output.Flush();
        return stream.ToArray();
    }

    private static EventEnvelope Envelope(Random random)
    {
        var members = EventEnvelope.Descriptor.Oneofs[0].Fields;
        var envelope = new EventEnvelope();
        foreach (var field in EventEnvelope.Descriptor.Fields.InDeclarationOrder().Where(f => f.ContainingOneof is null))
            Fill(envelope, field, random);
        var payload = members[random.Next(members.Count)];
        payload.Accessor.SetValue(envelope, Message(payload.MessageType, random));
        envelope.Id = $"id-{random.Next()}";
        envelope.AppId = random.Next(10) == 0 ? "other" : "shop";
        envelope.TimestampMs = random.NextInt64(1, 2_000_000_000_000);
        envelope.SentAtMs = random.Next(2) == 0 ? 0 : random.NextInt64(1_600_000_000_000, 1_900_000_000_000);
        return envelope;
    }

    private static IMessage Message(MessageDescriptor type, Random random)
    {
        var message = type.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in type.Fields.InDeclarationOrder())
            Fill(message, field, random);
        return message;
    }

    private static void Fill(IMessage message, FieldDescriptor field, Random random)
    {
        if (field.IsMap)
        {
            var map = (System.Collections.IDictionary)field.Accessor.GetValue(message);
            for (var i = random.Next(4); i > 0; i--)
                map[$"{Text(random)}{i}"] = Value(field.MessageType.FindFieldByNumber(2), random);
        }
        else if (field.IsRepeated)
        {
            var list = (System.Collections.IList)field.Accessor.GetValue(message);
            for (var i = random.Next(4); i > 0; i--)
                list.Add(Value(field, random));
        }
        else if (random.Next(4) > 0)
        {
            field.Accessor.SetValue(message, Value(field, random));
        }
    }

    private static object Value(FieldDescriptor field, Random random) => field.FieldType switch
    {
        FieldType.String => Text(random),
        FieldType.Int32 => random.Next(3) == 0 ? 0 : random.Next(int.MinValue, int.MaxValue),
        FieldType.Int64 => random.Next(3) == 0 ? 0L : random.NextInt64(long.MinValue, long.MaxValue),
        FieldType.Bool => random.Next(2) == 0,
        FieldType.Float => new[] { 0f, 0.1f, -1e-30f, 3.4e38f, 16777216f, float.NaN, float.NegativeInfinity, random.NextSingle() * 2000 }[random.Next(8)],
        FieldType.Double => new[] { 0d, 0.1, -0d, 1e300, 5e-324, double.NaN, double.PositiveInfinity, random.NextDouble() * 1e6 }[random.Next(8)],
        FieldType.Enum => field.EnumType.Values[random.Next(field.EnumType.Values.Count)].Number,
        FieldType.Message => Message(field.MessageType, random),
        _ => throw new NotSupportedException(field.FullName),
    };

    private static string Text(Random random) =>
        new[] { "", "Home", "ä€😀", "a\"b\\c/d", "line\nbreak\t\u0001\u007f", "</script>", "\u2028", "{\"json\":1}" }[random.Next(8)];
}
