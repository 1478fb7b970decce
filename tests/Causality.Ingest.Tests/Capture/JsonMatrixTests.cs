using System.Text;
using Causality.Ingest.Capture;
using NUnit.Framework;

namespace Causality.Ingest.Tests.Capture;

[TestFixture]
internal sealed class JsonMatrixTests
{
    [Test]
    public void CamelCase_and_snake_case_give_the_same_row()
    {
        var camel = Desk.Single("""{"id":"1","deviceId":"d","timestampMs":"1763717400000","deviceContext":{"osVersion":"18","isJailbroken":true},"screenExit":{"screenName":"Home","durationMs":"5"}}""");
        var snake = Desk.Single("""{"id":"1","device_id":"d","timestamp_ms":1763717400000,"device_context":{"os_version":"18","is_jailbroken":true},"screen_exit":{"screen_name":"Home","duration_ms":5}}""");

        Assert.That(camel.Row, Is.EqualTo(snake.Row));
        Assert.That(camel.Payload, Is.EqualTo("""{"screen_name":"Home","duration_ms":5,"next_screen":""}"""));
    }

    [TestCase("\"12\"", 12)]
    [TestCase("12", 12)]
    [TestCase("1e3", 1000)]
    [TestCase("1.0", 1)]
    [TestCase("\"1e3\"", 1000)]
    [TestCase("-9223372036854775808", long.MinValue)]
    [TestCase("9223372036854775807", long.MaxValue)]
    [TestCase("null", 0)]
    public void A_64_bit_number_comes_as_text_or_number(string sent, long stored) =>
        Assert.That(Desk.With($$"""
            "screenExit":{"screenName":"Home","durationMs":{{sent}}}
            """).Payload, Does.Contain($"\"duration_ms\":{stored},"));

    [TestCase("9223372036854775808")]
    [TestCase("1.5")]
    [TestCase("1e-30")]
    [TestCase("1e999")]
    [TestCase("\" 1\"")]
    [TestCase("\"+1\"")]
    [TestCase("\"\"")]
    [TestCase("true")]
    [TestCase("{\"a\":[1]}")]
    public void What_is_no_64_bit_number_is_refused_by_field(string sent) =>
        Assert.That(Desk.With($$"""
            "screenExit":{"screenName":"Home","durationMs":{{sent}}}
            """).Error, Is.EqualTo("event.screen_exit.duration_ms: must be a whole number of 64 bits"));

    [TestCase("2147483648")]
    [TestCase("-2147483649")]
    public void A_32_bit_number_out_of_range_is_refused(string sent) =>
        Assert.That(Desk.With($$"""
            "addToCart":{"productId":"p","quantity":{{sent}}}
            """).Error, Is.EqualTo("event.add_to_cart.quantity: must be a whole number of 32 bits"));

    [TestCase("\"NETWORK_TYPE_CELLULAR_5G\"", "cellular_5g")]
    [TestCase("5", "cellular_5g")]
    [TestCase("5.0", "cellular_5g")]
    [TestCase("null", "unspecified")]
    public void An_enum_comes_as_name_or_number_and_is_stored_by_short_name(string sent, string stored) =>
        Assert.That(Desk.With($$"""
            "networkChange":{"currentType":{{sent}}}
            """).Payload, Is.EqualTo($$"""
            {"previous_type":"unspecified","current_type":"{{stored}}"}
            """));

    [TestCase("\"NETWORK_TYPE_CELLULAR_6G\"")]
    [TestCase("\"wifi\"")]
    [TestCase("99")]
    [TestCase("-1")]
    public void An_unknown_enum_value_is_that_events_verdict(string sent) =>
        Assert.That(Desk.With($$"""
            "networkChange":{"currentType":{{sent}}}
            """).Error, Is.EqualTo("event.network_change.current_type: is not a known value"));

    [TestCase("\"NaN\"", "\"NaN\"")]
    [TestCase("\"Infinity\"", "\"Infinity\"")]
    [TestCase("\"-Infinity\"", "\"-Infinity\"")]
    [TestCase("0.1", "0.1")]
    [TestCase("1.50", "1.5")]
    [TestCase("\"2.5\"", "2.5")]
    [TestCase("3", "3")]
    [TestCase("1e21", "1E+21")]
    public void Numbers_are_stored_in_their_shortest_form(string sent, string stored)
    {
        Assert.That(Desk.With("\"customEvent\":{\"eventName\":\"e\",\"floatParams\":{\"v\":" + sent + "}}").Payload, Is.EqualTo("{\"v\":" + stored + "}"));
        Assert.That(Desk.With("\"longPress\":{\"coordinates\":{\"x\":" + sent + "}}").Payload, Does.Contain("{\"x\":" + stored + ",\"y\":0}"));
    }

    [TestCase("\"id\":\"1\",\"id\":\"1\",\"appStart\":{}", "event.id: is given twice")]
    [TestCase("\"userId\":\"1\",\"user_id\":\"1\",\"appStart\":{}", "event.user_id: is given twice")]
    [TestCase("\"id\":null,\"i\\u0064\":\"1\",\"appStart\":{}", "event.id: is given twice")]
    [TestCase("\"new\":1,\"n\\u0065w\":1,\"appStart\":{}", "event.new: is given twice")]
    [TestCase("\"appStart\":{\"isColdStart\":true,\"is_cold_start\":true}", "event.app_start.is_cold_start: is given twice")]
    [TestCase("\"appStart\":{\"a\":1,\"a\":1}", "event.app_start.a: is given twice")]
    [TestCase("\"appStart\":{\"a\":{\"b\":[{\"c\":1,\"\\u0063\":2}]}}", "event.app_start.a: has the same key twice")]
    [TestCase("\"customEvent\":{\"eventName\":\"e\",\"intParams\":{\"a\":1,\"a\":2}}", "event.custom_event.int_params.a: is given twice")]
    [TestCase("\"appStart\":{},\"appCrash\":{}", "event.payload: app_start and app_crash are both given")]
    [TestCase("\"appStart\":{},\"app_start\":{}", "event.app_start: is given twice")]
    public void What_is_given_twice_is_that_events_verdict(string members, string error) =>
        Assert.That(Desk.With(members).Error, Is.EqualTo(error));

    [TestCase("\\ud800", "has half of a surrogate pair")]
    [TestCase("\\udc00\\ud800", "has half of a surrogate pair")]
    [TestCase("\\ud800\\n", "has half of a surrogate pair")]
    [TestCase("a\\u0000b", "must not contain NUL")]
    public void Text_that_is_no_text_is_that_events_verdict(string text, string reason)
    {
        Assert.That(Desk.With($$"""
            "screenView":{"screenName":"{{text}}"}
            """).Error, Does.StartWith($"event.screen_view.screen_name: {reason}"));
        Assert.That(Desk.With($$"""
            "appStart":{"other":[{"{{text}}":1}]}
            """).Error, Is.EqualTo($"event.app_start.other: {reason}"));
    }

    [Test]
    public void Escapes_are_resolved_in_columns_and_canonical_in_the_payload()
    {
        var desk = Desk.With("""
            "userId":"\u00e4\ud83d\ude00\/","appStart":{"launchSource":"\u0041\"\\\/\u000a\u001f\t","x":{"\u0061":"\u0022\ud83d\ude00"}}
            """);
        Assert.That(desk.Row["user_id"], Is.EqualTo("ä😀/"));
        Assert.That(desk.Payload, Is.EqualTo("""{"is_cold_start":false,"launch_duration_ms":0,"launch_source":"A\"\\/\n\u001f\t","deeplink_url":"","x":{"a":"\"😀"}}"""));
    }

    [Test]
    public void Unknown_fields_are_ignored_in_the_envelope_and_kept_in_the_payload()
    {
        var desk = Desk.With("""
            "tenant":{"a":1},"deviceContext":{"mood":"good"},"screenView":{"zoom":[1.50, {"k": null}],"screenName":"Home","dark":true,"big":123456789012345678901}
            """);
        Assert.That(desk.Payload, Is.EqualTo("""{"screen_name":"Home","screen_class":"","previous_screen":"","zoom":[1.5,{"k":null}],"dark":true,"big":123456789012345678901}"""));
        Assert.That(desk.Row.Values, Has.None.Contains("good"));
    }

    [TestCase(16, null)]
    [TestCase(17, "event.app_start.deep: is nested deeper than 16")]
    public void Depth_is_bounded(int depth, string? error) =>
        Assert.That(Desk.With($$"""
            "appStart":{"deep":{{new string('[', depth - 1)}}{{new string(']', depth - 1)}}}
            """).Error, Is.EqualTo(error));

    [TestCase(256, true)]
    [TestCase(257, false)]
    public void Properties_are_bounded(int count, bool accepted)
    {
        var members = string.Join(',', Enumerable.Range(0, count).Select(i => $"\"k{i}\":1"));
        Assert.That(Desk.With($$"""
            "appStart":{"o":{ {{members}} } }
            """).Error is null, Is.EqualTo(accepted));
        Assert.That(Desk.With($$"""
            "customEvent":{"eventName":"e","intParams":{ {{members}} } }
            """).Error is null, Is.EqualTo(accepted));
    }

    [TestCase("")]
    [TestCase(" ")]
    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("null")]
    [TestCase("""{"events":[{"deviceId":"d","timestampMs":1,"appStart":{}}]} x""")]
    [TestCase("""{"events":[{"deviceId":"d","timestampMs":1,"appStart":{}},]}""")]
    [TestCase("""{"events":[{"deviceId":"d","timestampMs":1,"appStart":{}}""")]
    [TestCase("""{"events":[{"deviceId":"d","timestampMs":1,"appStart":{}},{"id":"\x"}]}""")]
    public void A_broken_body_is_refused_whole(string body)
    {
        var desk = Desk.Send(body, RequestShape.Batch);
        Assert.That(desk.Result.Violations.Single().Field, Is.EqualTo("body"));
        Assert.That(desk.Rows, Is.Empty);
    }

    [Test]
    public void A_body_that_is_not_UTF8_is_refused_whole()
    {
        var body = Encoding.UTF8.GetBytes("""{"events":[{"deviceId":"d","timestampMs":1,"appStart":{"launchSource":"?"}}]}""");
        body[Array.IndexOf(body, (byte)'?')] = 0xFF;
        Assert.That(Desk.Send(body, BodyFormat.Json, RequestShape.Batch).Answer, Is.EqualTo("""{"violations":[{"field":"body","description":"is not UTF-8"}]}"""));
    }
}
