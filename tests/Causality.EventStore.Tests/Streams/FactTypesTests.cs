using System.Text.Json.Nodes;
using Causality.EventStore.Streams;
using NUnit.Framework;

namespace Causality.EventStore.Tests.Streams;

[TestFixture]
internal sealed class FactTypesTests
{
    private enum Color
    {
        DarkBlue,
    }

    private sealed record Painted(string WallName, Color Color, string? Note = null);

    private sealed record Washed(int Times);

    [Test]
    public void A_fact_is_written_in_snake_case_without_what_is_absent() =>
        Assert.That(new FactTypes([f => f.Add<Painted>("painted")]).Write(new Painted("north", Color.DarkBlue)),
            Is.EqualTo(("painted", 1, """{"wall_name":"north","color":"dark_blue"}""")));

    [Test]
    public void It_is_read_as_it_was_written()
    {
        var types = new FactTypes([f => f.Add<Painted>("painted"), f => f.Add<Washed>("washed")]);
        foreach (var fact in new object[] { new Painted("north", Color.DarkBlue, "twice"), new Washed(3) })
        {
            var (name, version, data) = types.Write(fact);
            Assert.That(types.Read(name, version, data).Fact, Is.EqualTo(fact));
        }
    }

    [TestCase(1, 111)]
    [TestCase(2, 101)]
    [TestCase(3, 1)]
    public void Lifts_run_from_the_version_in_which_it_was_written_on(int written, int times)
    {
        var types = new FactTypes([f => f.Add<Washed>("washed", Add(10), Add(100))]);
        Assert.That(types.Read("washed", written, """{"times": 1}""").Fact, Is.EqualTo(new Washed(times)));
        Assert.That(types.Write(new Washed(1)).Version, Is.EqualTo(3));
    }

    [Test]
    public void A_name_that_is_not_known_is_no_error() =>
        Assert.That(new FactTypes([]).Read("painted", 7, "{}"), Is.EqualTo(((object)new UnknownFact("painted"), "{}")));

    [Test]
    public void A_version_that_is_not_known_is() =>
        Assert.That(() => new FactTypes([f => f.Add<Washed>("washed")]).Read("washed", 2, "{}"), Throws.InvalidOperationException.With.Message.Contains("version 2; this program knows 1"));

    [Test]
    public void A_name_and_a_type_belong_together()
    {
        Assert.That(() => new FactTypes([f => f.Add<Painted>("painted"), f => f.Add<Washed>("painted")]), Throws.InvalidOperationException);
        Assert.That(() => new FactTypes([f => f.Add<Painted>("painted"), f => f.Add<Painted>("colored")]), Throws.InvalidOperationException);
    }

    [TestCase("app", "a/b", "app/a/b")]
    [TestCase("app", "checkout", "app/checkout")]
    public void A_stream_is_read_as_it_was_written(string type, string key, string text)
    {
        Assert.That(new StreamId(type, key).ToString(), Is.EqualTo(text));
        Assert.That(StreamId.Parse(text), Is.EqualTo(new StreamId(type, key)));
    }

    [Test]
    public void What_is_no_stream_is_refused()
    {
        Assert.That(() => new StreamId("a/b", "c"), Throws.ArgumentException);
        Assert.That(() => StreamId.Parse("checkout"), Throws.TypeOf<FormatException>());
        Assert.That(() => StreamId.Parse("/checkout"), Throws.TypeOf<FormatException>());
    }

    private static Func<JsonObject, JsonObject> Add(int times) => fact =>
    {
        fact["times"] = fact["times"]!.GetValue<int>() + times;
        return fact;
    };
}
