using Causality.EventStore;
using Causality.EventStore.Projections;
using Causality.EventStore.Streams;
using Npgsql;
using NUnit.Framework;

namespace Causality.Integration.Tests.EventStore;

[TestFixture]
internal sealed class InlineProjectionTests : OnPostgres
{
    private IEventStore _store = null!;

    private sealed class TallyList : IProjection
    {
        public string Name => "tally-list/1";

        public Rows Apply(Recorded recorded, Rows rows) => recorded.Fact switch
        {
            Counted e => rows.Add("insert into tally_list (stream, what, sequence, at) values ($1, $2, $3, $4)", recorded.Stream.ToString(), e.What, recorded.Sequence, recorded.At),
            _ => rows,
        };
    }

    [OneTimeSetUp]
    public Task CreateTable() => Scalar("create table tally_list (stream text, what text unique, sequence bigint, at timestamptz)");

    [SetUp]
    public async Task StartStore() => _store = (await Start(services => services.AddFacts(Tally.Facts).AddInlineProjection<TallyList>())).Store;

    [Test]
    public async Task Its_rows_are_there_when_the_append_returns_with_what_a_reader_of_the_facts_sees()
    {
        var stream = Tally.Stream("kept");
        await _store.Append(stream, 0, [new Counted("one", 1), new Cleared(), new Counted("two", 1)], Tester, Ct);

        Assert.That(await Count("select count(*) from tally_list l join facts f using (stream, sequence, at) where l.stream = 'tally/kept' and f.data ->> 'what' = l.what"), Is.EqualTo(2));
    }

    [Test]
    public async Task Its_rows_go_with_facts_that_conflict()
    {
        await _store.Append(Tally.Stream("conflict"), 0, [new Counted("three", 1)], Tester, Ct);
        Assert.That(() => _store.Append(Tally.Stream("conflict"), 0, [new Counted("four", 1)], Tester, Ct), Throws.TypeOf<StreamConflictException>());
        Assert.That(await Count("select count(*) from tally_list where what = 'four'"), Is.Zero);
    }

    [Test]
    public async Task Facts_go_with_rows_that_cannot_be_written()
    {
        await _store.Append(Tally.Stream("first"), 0, [new Counted("five", 1)], Tester, Ct);
        Assert.That(() => _store.Append(Tally.Stream("second"), 0, [new Counted("five", 1)], Tester, Ct),
            Throws.TypeOf<PostgresException>().With.Property(nameof(PostgresException.SqlState)).EqualTo(PostgresErrorCodes.UniqueViolation));
        Assert.That((await _store.Load<Tally>(Tally.Stream("second"), Ct)).Version, Is.Zero);
    }

    [Test]
    public async Task Rows_beside_the_facts_commit_with_them()
    {
        var transaction = _store.Begin(Tester).Append(Tally.Stream("beside"), 0, new Counted("six", 1));
        transaction.Rows.Add("insert into tally_list (what, stream) values ($1, $2)", "seven", null);
        await transaction.Commit(Ct);
        var refused = _store.Begin(Tester).Append(Tally.Stream("beside"), 0, new Counted("eight", 1));
        refused.Rows.Add("insert into tally_list (what) values ($1)", "nine");
        Assert.That(() => refused.Commit(Ct), Throws.TypeOf<StreamConflictException>());

        Assert.That(await Scalar("select string_agg(what, ' ' order by what) from tally_list where what in ('six', 'seven', 'eight', 'nine')"), Is.EqualTo("seven six"));
    }
}
