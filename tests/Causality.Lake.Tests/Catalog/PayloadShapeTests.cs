using System.Text;
using Causality.Lake.Catalog;
using NUnit.Framework;

namespace Causality.Lake.Tests.Catalog;

[TestFixture]
internal sealed class PayloadShapeTests
{
    [Test]
    public void Each_property_at_the_top_is_there_with_its_kind()
    {
        var shape = Shape("""{"a":"x","b":1.5e3,"c":true,"d":false,"e":[{"a":1}],"f":{"a":{"b":[]}},"g":null,"":"empty","ä\"\u00e9":0}""");

        Assert.That(shape.Properties.Reverse(), Is.EqualTo(new[]
        {
            ("a", ValueKind.Text), ("b", ValueKind.Number), ("c", ValueKind.Boolean), ("d", ValueKind.Boolean), ("e", ValueKind.List), ("f", ValueKind.Object), ("g", ValueKind.Null),
            ("", ValueKind.Text), ("ä\"é", ValueKind.Number),
        }));
        Assert.That(shape.HasUnnamed, Is.False);
        Assert.That(Shape("{}").Properties, Is.Empty);
    }

    [Test]
    public void Payloads_that_look_alike_share_a_shape_and_others_do_not()
    {
        var one = Shape("""{"a":1,"b":"x"}""");
        Assert.That(Shape(""" { "a" : 2.5 , "b" : "y" } """), Is.SameAs(one));
        foreach (var other in new[] { """{"a":1}""", """{"b":"x","a":1}""", """{"a":1,"b":true}""", """{"a":1,"bb":"x"}""", """{"a":1,"B":"x"}""" })
            Assert.That(Shape(other), Is.Not.SameAs(one), other);
        Assert.That(Shape("""{"a":3,"b":""}"""), Is.SameAs(one));
    }

    [TestCase("")]
    [TestCase("[]")]
    [TestCase("null")]
    [TestCase("\"a\"")]
    [TestCase("{")]
    [TestCase("""{"a":1""")]
    [TestCase("""{"a"}""")]
    [TestCase("""{"a":1}{""")]
    [TestCase("""{"a":1} x""")]
    [TestCase("""{"a":[1,}""")]
    [TestCase("""{"a":{"b":tru}}""")]
    [TestCase("{\"\0\":1}")]
    public void What_is_no_object_of_JSON_has_no_shape(string json) => Assert.That(PayloadShape.Of(Encoding.UTF8.GetBytes(json)), Is.Null);

    [TestCase(255, true)]
    [TestCase(256, false)]
    public void An_object_may_be_256_levels_deep(int lists, bool fits) =>
        Assert.That(PayloadShape.Of(Encoding.UTF8.GetBytes($"{{\"a\":{new string('[', lists)}{new string(']', lists)}}}")), fits ? Is.Not.Null : Is.Null);

    [TestCase("\\u0000")]
    [TestCase("a\\u0000b")]
    [TestCase("\\ud800")]
    [TestCase("\\udc00x")]
    public void A_name_that_PostgreSQL_does_not_take_is_counted_and_not_named(string name)
    {
        var shape = Shape($$"""{"a":1,"{{name}}":2,"b":3}""");
        Assert.That((shape.HasUnnamed, string.Join(',', shape.Properties.Select(p => p.Name))), Is.EqualTo((true, "b,a")));
    }

    [TestCase(512, false)]
    [TestCase(513, true)]
    public void A_name_longer_than_an_index_takes_is_counted_and_not_named(int length, bool unnamed)
    {
        var shape = Shape($$"""{"{{new string('n', length)}}":1,"b":3}""");
        Assert.That((shape.HasUnnamed, shape.Properties.Count()), Is.EqualTo((unnamed, unnamed ? 1 : 2)));
    }

    [Test]
    public void Names_that_are_never_the_same_do_not_fill_the_memory_and_the_usual_ones_are_shared_again()
    {
        var payload = Encoding.UTF8.GetBytes($$"""{"usual":1,"{{new string('x', 400)}}{{0:00000000}}":1}""");
        var digits = payload.Length - "00000000\":1}".Length;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        for (var i = 0; i < 200_000; i++)
        {
            Encoding.UTF8.GetBytes($"{i:00000000}", payload.AsSpan(digits));
            Assert.That(PayloadShape.Of(payload)!.HasUnnamed, Is.False);
        }
        Assert.That(GC.GetTotalMemory(forceFullCollection: true) - before, Is.LessThan(3 * PayloadShape.MostBytes));
        Assert.That(Shape("""{"usual":1}"""), Is.SameAs(Shape("""{ "usual": 2 }""")));
    }

    [Test]
    public void Shapes_found_on_several_threads_at_once_are_right()
    {
        Parallel.For(0, 20_000, i =>
        {
            var names = Enumerable.Range(0, 5).Select(n => $"p{(i * 7 + n * (i % 11)) % 40}").Distinct().ToList();
            var shape = Shape($"{{{string.Join(',', names.Select((n, at) => $"\"{n}\":{(at % 2 == 0 ? "1" : "\"x\"")}"))}}}");
            Assert.That(shape.Properties.Reverse(), Is.EqualTo(names.Select((n, at) => (n, at % 2 == 0 ? ValueKind.Number : ValueKind.Text))));
        });
    }

    private static PayloadShape Shape(string json) => PayloadShape.Of(Encoding.UTF8.GetBytes(json))!;
}
