using Causality.Contracts.Events.V1;
using Causality.Ingest.Capture;

namespace Causality.Ingest.Segment;

/// <summary>Takes the columns out of a call's <c>context</c>, laid over that of its batch. What does not fit a column is left out.</summary>
internal sealed class SegmentContext(JsonCapture json, EventDraft draft)
{
    private static readonly MessageSchema Schema = SegmentSchema.Context;
    private static readonly FieldSchema OfCall = SegmentSchema.Call["context"];
    private static readonly FieldSchema Web = Capture.Schema.Envelope["web_context"], Device = Capture.Schema.Envelope["device_context"];
    private static readonly FieldSchema NetworkField = Device.Message!["network_type"], PlatformField = Device.Message!["platform"];

    private static readonly (string? Group, string Field, FieldSchema Column)[] WebColumns =
    [
        .. new[] { "url", "path", "referrer", "title" }.Select(name => ("page", name, Web.Message![name])),
        .. new[] { "source", "medium", "term", "content" }.Select(name => ("campaign", name, Web.Message!["utm_" + name])),
        ("campaign", "name", Web.Message!["utm_campaign"]), (null, "userAgent", Web.Message!["user_agent"]),
    ];

    private static readonly (string? Group, string Field, FieldSchema Column)[] DeviceColumns =
    [
        ("os", "version", Device.Message!["os_version"]), ("app", "version", Device.Message!["app_version"]), ("app", "build", Device.Message!["build_number"]),
        ("device", "model", Device.Message!["device_model"]), ("device", "manufacturer", Device.Message!["manufacturer"]),
        ("screen", "width", Device.Message!["screen_width"]), ("screen", "height", Device.Message!["screen_height"]),
        (null, "locale", Device.Message!["locale"]), (null, "timezone", Device.Message!["timezone"]),
        ("network", "carrier", Device.Message!["carrier"]), ("library", "version", Device.Message!["sdk_version"]),
    ];

    private static readonly Leaf[] WebLeaves = [.. WebColumns.Select(c => new Leaf(c.Group, c.Field, c.Column))];
    private static readonly Leaf[] DeviceLeaves = [.. DeviceColumns.Select(c => new Leaf(c.Group, c.Field, c.Column))];
    private static readonly Leaf DeviceIdLeaf = new("device", "id"), DeviceType = new("device", "type"), OsName = new("os", "name"), Wifi = new("network", "wifi"), IpLeaf = new(null, "ip");
    private static readonly FieldSchema[] PageFields = [.. new[] { "url", "path", "referrer", "title" }.Select(name => Web.Message![name])];

    private int _own, _batch;

    /// <summary>The device's own id, for a call without an anonymous one.</summary>
    public TextRef DeviceId => Text(DeviceIdLeaf);

    public void Apply(int call, ReadOnlySpan<byte> batch)
    {
        _own = draft[call, OfCall] is { Kind: FieldKind.Message } own ? own.Start : 0;
        _batch = 0;
        if (!batch.IsEmpty)
        {
            var frame = draft.NewFrame(Schema);
            var before = draft.Violations.Count;
            _batch = json.ReadObject(batch, Schema, frame) ? frame : 0;
            draft.Forget(before);   // no call can help what is wrong with it
        }
        draft.KnowsDeviceFlags = false;
        draft.Ip = Text(IpLeaf);
        Fill(Web, WebLeaves);
        Fill(Device, DeviceLeaves);
        SetPlatform();
        if (draft[Find(Wifi)] is { Kind: FieldKind.Json } wifi && draft.Bytes(wifi.Text).SequenceEqual("true"u8))
            SetEnum(NetworkField, (long)NetworkType.Wifi);
    }

    /// <summary>A page call of a server has the page in its properties only.</summary>
    public void FillPage(int properties)
    {
        foreach (var field in PageFields)
        {
            var member = draft.Find(properties, field.Utf8Name);
            if (member == 0 || draft[member].Kind != FieldKind.Text)
                continue;
            var frame = Frame(Web);
            if (draft[frame, field].Kind == FieldKind.None)
                draft[frame, field].SetText(draft[member].Text);
        }
    }

    private void SetPlatform()
    {
        var os = Text(OsName);
        var platform = PlatformOf(draft.Bytes(Text(DeviceType))) is not Platform.Unspecified and var byDevice ? byDevice : PlatformOf(draft.Bytes(os));
        if (platform == Platform.Unspecified)
        {
            draft.Os = os;
            platform = draft[Root, Web].Kind == FieldKind.Message ? Platform.Web : draft[Root, Device].Kind == FieldKind.Message ? Platform.Server : Platform.Unspecified;
        }
        draft.Platform = (long)platform;
    }

    private static Platform PlatformOf(ReadOnlySpan<byte> name) =>
        System.Text.Ascii.EqualsIgnoreCase(name, "ios"u8) || System.Text.Ascii.EqualsIgnoreCase(name, "iphone os"u8) || System.Text.Ascii.EqualsIgnoreCase(name, "ipados"u8) ? Platform.Ios
        : System.Text.Ascii.EqualsIgnoreCase(name, "android"u8) ? Platform.Android
        : Platform.Unspecified;

    private static int Root => EventDraft.EnvelopeFrame;

    private void Fill(FieldSchema message, Leaf[] leaves)
    {
        foreach (var leaf in leaves)
        {
            var at = Find(leaf);
            if (at == 0 || draft[at].Kind == FieldKind.None)
                continue;
            var (frame, given) = (Frame(message), draft[at]);
            ref var column = ref draft[frame, leaf.Column!];
            if (leaf.Column!.Kind == FieldKind.Text && given.Kind == FieldKind.Text)
                column.SetText(given.Text);
            else if (leaf.Column.Kind == FieldKind.Int32 && JsonText.TryDouble(draft.Bytes(given.Text), out var number) && Math.Abs(number) < int.MaxValue)
                (column.Kind, column.Number) = (FieldKind.Int32, (long)number);
            else if (leaf.Column.Kind == FieldKind.Text && JsonText.TryDouble(draft.Bytes(given.Text), out _))
                column.SetText(given.Text);   // a build or a version that was sent as a number
        }
    }

    private void SetEnum(FieldSchema field, long value)
    {
        var frame = Frame(Device);
        (draft[frame, field].Kind, draft[frame, field].Number) = (FieldKind.Enum, value);
    }

    private int Frame(FieldSchema message)
    {
        if (draft[Root, message].Kind == FieldKind.None)
        {
            var frame = draft.NewFrame(message.Message!);   // first, since it may move the slots
            (draft[Root, message].Kind, draft[Root, message].Start, draft[Root, message].Number) = (FieldKind.Message, frame, message.Ordinal);
        }
        return draft[Root, message].Start;
    }

    private TextRef Text(Leaf leaf) => Find(leaf) is not 0 and var at && draft[at].Kind == FieldKind.Text ? draft[at].Text : default;

    // the slot of a value: the call's own, else the batch's, else 0
    private int Find(Leaf leaf) => Find(leaf, _own) is not 0 and var own && draft[own].Kind != FieldKind.None ? own : Find(leaf, _batch);

    private int Find(Leaf leaf, int context)
    {
        if (context == 0)
            return 0;
        if (leaf.Group is null)
            return context + 1 + leaf.Field.Slot;
        ref var group = ref draft[context, leaf.Group];
        return group.Kind == FieldKind.Message ? group.Start + 1 + leaf.Field.Slot : 0;
    }

    private sealed record Leaf(FieldSchema? Group, FieldSchema Field, FieldSchema? Column)
    {
        public Leaf(string? group, string field, FieldSchema? column = null)
            : this(group is null ? null : Schema[group], (group is null ? Schema : Schema[group].Message!)[field], column)
        {
        }
    }
}
