using System.Text.Unicode;
using Causality.Contracts.Events.V1;
using Causality.Ingest.Capture;

namespace Causality.Ingest.Enrichment;

/// <summary>
/// Finds out what a client left out: browser, operating system, device type and bot tag from the user agent, the campaign from the page's URL, the class of
/// its referrer. What the client said stays. Costs a look-up, and allocates nothing for a user agent that was seen before.
/// </summary>
internal sealed class Enricher(EventDraft draft, UserAgents agents)
{
    private static readonly FieldSchema Web = Schema.Envelope["web_context"], Device = Schema.Envelope["device_context"];
    private static readonly FieldSchema Url = Web.Message!["url"], Referrer = Web.Message!["referrer"], Agent = Web.Message!["user_agent"], PlatformField = Device.Message!["platform"];
    private static readonly FieldSchema[] Campaign = [.. new[] { "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content" }.Select(name => Web.Message![name])];

    private static int Root => EventDraft.EnvelopeFrame;

    /// <param name="header">The request's own user agent: of a page's browser, but of a phone or a server only its HTTP library.</param>
    public void Apply(string? header)
    {
        var web = draft[Root, Web] is { Kind: FieldKind.Message } page ? page.Start : 0;
        var platform = draft[Root, Device] is { Kind: FieldKind.Message } device && draft[device.Start, PlatformField].Number is not 0 and var given ? given : draft.Platform;
        var isWeb = platform == (long)Platform.Web || (platform == 0 && web != 0);
        if (web != 0 && !draft.Text(web, Agent).IsEmpty)
            draft.Agent = agents.Of(draft.Text(web, Agent));
        else if (isWeb)
            draft.Agent = agents.Of(header);
        if (web == 0)
            return;
        FillCampaign(web);
        if (isWeb)
            draft.ReferrerClass = draft.Keep(ReferrerClass.Of(draft.Text(web, Referrer), draft.Text(web, Url)));
    }

    // utm_source=news&utm_medium=e%2Dmail of the URL, for those of the five that were not sent
    private void FillCampaign(int web)
    {
        var url = draft.Text(web, Url);
        if (url.IndexOf("utm_"u8) < 0 || url.IndexOf((byte)'?') is not (>= 0 and var query))
            return;
        var parameters = url[(query + 1)..];
        if (parameters.IndexOf((byte)'#') is >= 0 and var fragment)
            parameters = parameters[..fragment];
        foreach (var range in parameters.Split((byte)'&'))
        {
            var parameter = parameters[range];
            var equals = parameter.IndexOf((byte)'=');
            if (equals < 0)
                continue;
            foreach (var field in Campaign)
            {
                if (parameter[..equals].SequenceEqual(field.Utf8Name) && draft.Text(web, field).IsEmpty)
                    SetText(web, field, parameter[(equals + 1)..]);
            }
        }
    }

    private void SetText(int web, FieldSchema field, ReadOnlySpan<byte> escaped)
    {
        var mark = draft.Mark();
        var room = draft.Room(escaped.Length);
        var value = room[..Utf8Text.UnescapeQuery(escaped, room)];
        if (!Utf8.IsValid(value) || value.Contains((byte)0))
            return;
        draft.Advance(value.Length);
        draft[web, field].SetText(draft.Since(mark));
    }
}
