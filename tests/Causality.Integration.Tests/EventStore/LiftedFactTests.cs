using System.Text.Json.Nodes;
using Causality.EventStore;
using Causality.EventStore.Streams;
using NUnit.Framework;

namespace Causality.Integration.Tests.EventStore;

/// <summary>Facts that an earlier program wrote, or another one.</summary>
[TestFixture]
internal sealed class LiftedFactTests : OnPostgres
{
    private sealed record FirstWelcome(string Name);

    private sealed record Welcome(string First, string Last, string Language);

    [Test]
    public async Task A_fact_of_an_earlier_shape_is_lifted_when_it_is_read_and_stays_as_it_was_written()
    {
        var stream = new StreamId("welcome", Guid.CreateVersion7());
        var first = await Start(services => services.AddFacts(facts => facts.Add<FirstWelcome>("welcomed")));
        await first.Store.Append(stream, 0, [new FirstWelcome("Ada Lovelace")], Tester, Ct);
        var third = await Start(services => services.AddFacts(facts => facts.Add<Welcome>("welcomed", SplitName, AddLanguage)));
        await third.Store.Append(stream, 1, [new Welcome("Grace", "Hopper", "fr")], Tester, Ct);

        var facts = await third.Store.Read(stream, Ct);

        Assert.That(facts.Select(f => f.Fact), Is.EqualTo([new Welcome("Ada", "Lovelace", "en"), new Welcome("Grace", "Hopper", "fr")]));
        Assert.That(JsonNode.Parse(facts[0].Data)!["last"]!.GetValue<string>(), Is.EqualTo("Lovelace"));
        Assert.That(await Scalar($"select string_agg(name || schema || (data ->> 'name' is null), ' ' order by version) from facts where stream = '{stream}'"), Is.EqualTo("welcomed1false welcomed3true"));
    }

    [Test]
    public async Task A_fact_from_a_newer_program_is_not_read_as_if_it_were_understood()
    {
        var stream = new StreamId("welcome", Guid.CreateVersion7());
        var newer = await Start(services => services.AddFacts(facts => facts.Add<Welcome>("welcomed", SplitName, AddLanguage)));
        await newer.Store.Append(stream, 0, [new Welcome("Grace", "Hopper", "fr")], Tester, Ct);
        var older = await Start(services => services.AddFacts(facts => facts.Add<FirstWelcome>("welcomed")));

        Assert.That(() => older.Store.Read(stream, Ct), Throws.InvalidOperationException.With.Message.Contains("welcomed was written in version 3; this program knows 1"));
    }

    [Test]
    public async Task A_fact_whose_name_the_program_does_not_know_is_told_as_such_with_its_data()
    {
        var stream = new StreamId("welcome", Guid.CreateVersion7());
        var knows = await Start(services => services.AddFacts(facts => facts.Add<FirstWelcome>("welcomed")));
        await knows.Store.Append(stream, 0, [new FirstWelcome("Ada")], Tester, Ct);
        var doesNot = await Start(_ => { });

        var fact = (await doesNot.Store.Read(stream, Ct)).Single();

        Assert.That((fact.Fact, fact.Name, fact.Data), Is.EqualTo((new UnknownFact("welcomed"), "welcomed", """{"name": "Ada"}""")));
    }

    private static JsonObject SplitName(JsonObject fact)
    {
        var parts = fact["name"]!.GetValue<string>().Split(' ', 2);
        return new JsonObject { ["first"] = parts[0], ["last"] = parts[1] };
    }

    private static JsonObject AddLanguage(JsonObject fact)
    {
        fact["language"] = "en";
        return fact;
    }
}
