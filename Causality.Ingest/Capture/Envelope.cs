using System.Net;
using System.Security.Cryptography;
using System.Text;
using Causality.Contracts.Events;
using Causality.Ingest.Enrichment;
using Causality.Ingest.Receiving;

namespace Causality.Ingest.Capture;

/// <summary>What the server knows of a request: the key's app and the address's hash as UTF-8, and when it came.</summary>
internal readonly record struct Receipt(byte[] AppId, byte[] IpHash, DateTimeOffset ReceivedAt, AppRules? Rules = null)
{
    public long ReceivedMs { get; } = ReceivedAt.ToUnixTimeMilliseconds();
}

/// <summary>Checks an event against the contract, every rule at once, and writes it as a row.</summary>
internal sealed class Envelope(CaptureOptions options, EventDraft draft)
{
    private static readonly FieldSchema Id = Schema.Envelope["id"];
    private static readonly FieldSchema AppId = Schema.Envelope["app_id"];
    private static readonly FieldSchema DeviceId = Schema.Envelope["device_id"];
    private static readonly FieldSchema UserId = Schema.Envelope["user_id"];
    private static readonly FieldSchema TimestampMs = Schema.Envelope["timestamp_ms"];
    private static readonly FieldSchema SentAtMs = Schema.Envelope["sent_at_ms"];
    private static readonly FieldSchema Sequence = Schema.Envelope["sequence"];
    private static readonly FieldSchema Key = Schema.Envelope["idempotency_key"];
    private static readonly FieldSchema Custom = Schema.Envelope["custom_event"];
    private static readonly FieldSchema EventName = Custom.Message!["event_name"];

    private static int Root => EventDraft.EnvelopeFrame;

    private ref Slot Payload => ref draft[Root, Custom];

    /// <summary>Notes in the draft what is wrong with the event.</summary>
    public void Check(in Receipt receipt)
    {
        var failedBefore = draft.Failed;
        CheckApp(receipt);
        CheckLength(Id);
        if (draft.Text(Root, DeviceId).IsEmpty)
            draft.Fail(DeviceId.Name, "required", "must not be empty");
        CheckTime(receipt);
        CheckLength(Key);
        // a payload that was given, but is wrong, has been noted already
        if (Payload.Kind == FieldKind.Message)
            CheckPayload(Schema.Envelope.Fields[Payload.Number], Payload.Start);
        else if (!failedBefore)
            draft.Fail("payload", "required", "must be given: one of the contract's payloads, such as custom_event or screen_view");
    }

    /// <summary>Writes the row of an event that passed <see cref="Check"/>, and answers its id and when it happened.</summary>
    public (TextRef Id, EventTime Time) Write(in Receipt receipt, EventBatchWriter into)
    {
        var payload = Schema.Envelope.Fields[Payload.Number];
        var id = ResolveId(receipt);
        var key = draft.Text(Root, Key);
        // all that goes to scratch is there before the first span is taken from it
        var json = DeniedProperties.Remove(draft, PayloadWriter.Write(draft, payload, Payload.Start), receipt.Rules?.DeniedProperties ?? []);

        into.Begin();
        into.Text(EventColumn.AppId, receipt.AppId);
        into.Text(EventColumn.Id, draft.Bytes(id));
        into.Text(EventColumn.IdempotencyKey, key.IsEmpty ? draft.Bytes(id) : key);
        into.Text(EventColumn.UserId, User(payload));
        into.Text(EventColumn.EventCategory, payload.Payload!.Category);
        into.Text(EventColumn.EventType, payload == Custom ? draft.Text(Payload.Start, EventName) : payload.Payload.Type);
        if (draft[Root, Sequence].Number is not 0 and var sequence)
            into.Number(EventColumn.Sequence, sequence);
        into.Text(EventColumn.IpHash, OwnAddressHash(receipt) ?? receipt.IpHash);
        var time = EventTime.Of(draft[Root, TimestampMs].Number, draft[Root, SentAtMs].Number, receipt.ReceivedMs);
        time.Write(into, receipt.ReceivedMs);
        ContextColumns.Write(draft, into);
        into.Text(EventColumn.PayloadJson, draft.Bytes(json));
        into.Commit();
        return (id, time);
    }

    /// <summary>The id that the client gave, or nothing.</summary>
    public ReadOnlySpan<byte> GivenId() =>
        Utf8Text.Characters(draft.Text(Root, Id)) <= options.MaxKeyLength ? draft.Text(Root, Id) : [];

    // of the address that the event itself names, if it does
    private byte[]? OwnAddressHash(in Receipt receipt) =>
        draft.Ip.Length > 0 && receipt.Rules is { } rules && IPAddress.TryParse(Encoding.UTF8.GetString(draft.Bytes(draft.Ip)), out var address)
            ? Encoding.ASCII.GetBytes(AddressHash.Of(address, rules.IpSalt, rules.IpPolicy) ?? "")
            : null;

    private void CheckApp(in Receipt receipt)
    {
        var app = draft.Text(Root, AppId);
        if (app.IsEmpty)
            app = receipt.AppId;
        if (app.IsEmpty)
            draft.Fail(AppId.Name, "required", "must not be empty");
        else if (!Contracts.AppId.IsValid(app))
            draft.Fail(AppId.Name, "invalid", "must be 1 to 128 of A-Z a-z 0-9 . _ -");
        else if (!app.SequenceEqual(receipt.AppId))
            draft.Fail(AppId.Name, "wrong_app", "is not the app of the API key");
    }

    private void CheckLength(FieldSchema field)
    {
        if (Utf8Text.Characters(draft.Text(Root, field)) > options.MaxKeyLength)
            draft.Fail(field.Name, "too_long", $"must have at most {options.MaxKeyLength} characters");
    }

    private void CheckTime(in Receipt receipt)
    {
        var (time, sent) = (draft[Root, TimestampMs].Number, draft[Root, SentAtMs].Number);
        if (time <= 0)
            draft.Fail(TimestampMs.Name, "invalid", "must be greater than 0");
        else if (!EventTime.IsTime(time))
            draft.Fail(TimestampMs.Name, "invalid", "must be before the year 10000");
        else if (sent != 0 && !EventTime.IsTime(sent))
            draft.Fail(SentAtMs.Name, "invalid", "must be a time between 1970 and 9999");
        else if (!EventTime.IsTime(EventTime.Of(time, sent, receipt.ReceivedMs).Milliseconds))
            draft.Fail(TimestampMs.Name, "invalid", "is not between 1970 and 9999 after correction by sent_at_ms");
    }

    private void CheckPayload(FieldSchema payload, int frame)
    {
        draft.Enter(payload);
        foreach (var field in payload.Message!.Fields)
        {
            if (field.Required && draft.Text(frame, field).IsEmpty)
                draft.Fail(field.Name, "required", "must not be empty");
        }
        if (payload == Custom)
        {
            var name = draft.Text(frame, EventName);
            if (Utf8Text.Characters(name) > options.MaxNameLength)
                draft.Fail(EventName.Name, "too_long", $"must have at most {options.MaxNameLength} characters");
            else if (Utf8Text.HasControls(name))
                draft.Fail(EventName.Name, "invalid", "must not contain control characters");
        }
        draft.Leave();
    }

    private ReadOnlySpan<byte> User(FieldSchema payload)
    {
        var user = draft.Text(Root, UserId);
        return user.IsEmpty && payload.Message!.Find("user_id"u8) is { } field ? draft.Text(Payload.Start, field) : user;
    }

    /// <summary>
    /// The client's id; else, so that a retry gets the same one, UUIDv8 of the first 16 bytes of SHA-256 over the app's UTF-8 bytes, one
    /// zero byte and the key's UTF-8 bytes (neither can contain a zero byte); else a new UUIDv7.
    /// </summary>
    private TextRef ResolveId(in Receipt receipt)
    {
        if (draft[Root, Id] is { Kind: FieldKind.Text, Length: > 0 } given)
            return given.Text;
        var uuid = draft.Text(Root, Key) is { IsEmpty: false } key ? KeyedId(receipt.AppId, key) : Guid.CreateVersion7(receipt.ReceivedAt);
        Span<byte> text = stackalloc byte[36];
        uuid.TryFormat(text, out _);
        return draft.Keep(text);
    }

    private static Guid KeyedId(ReadOnlySpan<byte> app, ReadOnlySpan<byte> key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        var length = app.Length + 1 + key.Length;
        var input = length <= 1024 ? stackalloc byte[length] : new byte[length];
        app.CopyTo(input);
        input[app.Length] = 0;
        key.CopyTo(input[(app.Length + 1)..]);
        SHA256.HashData(input, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }
}
