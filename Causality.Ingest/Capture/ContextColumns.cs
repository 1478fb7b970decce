using Causality.Contracts.Events;
using Causality.Contracts.Events.V1;

namespace Causality.Ingest.Capture;

/// <summary>The columns that are taken over as they are: of the envelope, its device and its page.</summary>
internal static class ContextColumns
{
    private static readonly FieldSchema Device = Schema.Envelope["device_context"];
    private static readonly FieldSchema Web = Schema.Envelope["web_context"];
    private static readonly FieldSchema PlatformField = Device.Message!["platform"];
    private static readonly FieldSchema SdkVersion = Device.Message!["sdk_version"];
    private static readonly FieldSchema OsVersion = Device.Message!["os_version"];
    private static readonly FieldSchema Url = Web.Message!["url"];
    private static readonly FieldSchema Path = Web.Message!["path"];

    private static readonly (FieldSchema Field, EventColumn Column)[] OfEnvelope =
        Pair(Schema.Envelope, "device_id", "session_id", "correlation_id");

    private static readonly (FieldSchema Field, EventColumn Column)[] OfDevice = Pair(
        Device.Message!, "os_version", "app_version", "build_number", "device_model", "manufacturer", "screen_width", "screen_height",
        "locale", "timezone", "network_type", "carrier");

    private static readonly (FieldSchema Field, EventColumn Column)[] OfPage = Pair(
        Web.Message!, "url", "referrer", "title", "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content");

    private static readonly (FieldSchema Field, EventColumn Column)[] Flags = Pair(Device.Message!, "is_jailbroken", "is_emulator");

    public static void Write(EventDraft draft, EventBatchWriter into)
    {
        WriteAll(draft, EventDraft.EnvelopeFrame, OfEnvelope, into);
        var device = draft[EventDraft.EnvelopeFrame, Device];
        var (platform, sdkVersion) = (draft.Platform, draft.SdkVersion);
        if (device.Kind == FieldKind.Message)
        {
            WriteAll(draft, device.Start, OfDevice, into);
            foreach (var (field, column) in draft.KnowsDeviceFlags ? Flags : [])
                into.Flag(column, draft[device.Start, field].Number != 0);
            if (draft[device.Start, PlatformField].Number is not 0 and var given)
                platform = given;
            if (draft[device.Start, SdkVersion].Length > 0)
                sdkVersion = draft[device.Start, SdkVersion].Text;
        }
        into.Text(EventColumn.SdkVersion, draft.Bytes(sdkVersion));
        var os = WritePlatform(platform, draft, into);
        WriteAgent(draft, os, device.Kind == FieldKind.Message && draft[device.Start, OsVersion].Length > 0, into);
        if (draft[EventDraft.EnvelopeFrame, Web] is { Kind: FieldKind.Message } web)
        {
            WriteAll(draft, web.Start, OfPage, into);
            var path = draft.Text(web.Start, Path);
            into.Text(EventColumn.Path, path.IsEmpty ? PathOf(draft.Text(web.Start, Url)) : path);
        }
    }

    /// <summary>The path of a URL, <c>/</c> where it has none; empty for what is no URL.</summary>
    internal static ReadOnlySpan<byte> PathOf(ReadOnlySpan<byte> url)
    {
        var end = url.IndexOfAny((byte)'?', (byte)'#');
        if (end >= 0)
            url = url[..end];
        if (url is [(byte)'/', not (byte)'/', ..] or [(byte)'/'])
            return url;
        var host = url.IndexOf("://"u8);
        if (host < 0)
            return [];
        url = url[(host + 3)..];
        var path = url.IndexOf((byte)'/');
        return path < 0 ? "/"u8 : url[path..];
    }

    // answers the operating system that the row names: what the client said, what its platform implies, what its user agent says
    private static ReadOnlySpan<byte> WritePlatform(long platform, EventDraft draft, EventBatchWriter into)
    {
        var name = platform == 0 ? [] : PlatformField.Enum!.ShortName(platform);
        into.Text(EventColumn.Platform, name);
        var os = draft.Bytes(draft.Os);
        if (os.IsEmpty)
            os = platform is (long)Platform.Ios or (long)Platform.Android ? name : draft.Agent?.Os;
        into.Text(EventColumn.Os, os);
        return os;
    }

    private static void WriteAgent(EventDraft draft, ReadOnlySpan<byte> os, bool versionIsSaid, EventBatchWriter into)
    {
        into.Text(EventColumn.ReferrerClass, draft.Bytes(draft.ReferrerClass));
        if (draft.Agent is not { } agent)
            return;
        into.Text(EventColumn.Browser, agent.Browser);
        into.Text(EventColumn.DeviceType, agent.DeviceType);
        if (!versionIsSaid && os.SequenceEqual(agent.Os))
            into.Text(EventColumn.OsVersion, agent.OsVersion);
        if (agent.IsBot is { } isBot)
            into.Flag(EventColumn.IsBot, isBot);
    }

    // Nothing said is NULL: empty text, a size of 0, an enum that is unspecified.
    private static void WriteAll(EventDraft draft, int frame, (FieldSchema Field, EventColumn Column)[] columns, EventBatchWriter into)
    {
        foreach (var (field, column) in columns)
        {
            ref var slot = ref draft[frame, field];
            if (slot.Kind == FieldKind.Text)
                into.Text(column, draft.Bytes(slot.Text));
            else if (slot.Number == 0)
                continue;
            else if (slot.Kind == FieldKind.Enum)
                into.Text(column, field.Enum!.ShortName(slot.Number));
            else
                into.Number(column, slot.Number);
        }
    }

    private static (FieldSchema Field, EventColumn Column)[] Pair(MessageSchema schema, params string[] names) =>
        [.. names.Select(name => (schema[name], EventColumns.Find(name)!.Column))];
}
