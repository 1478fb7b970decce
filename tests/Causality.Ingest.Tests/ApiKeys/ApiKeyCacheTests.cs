using Causality.Ingest.ApiKeys;
using Causality.Ingest.Apps;
using Causality.Ingest.Capture;
using Microsoft.Extensions.Logging.Abstractions;
using NUnit.Framework;

namespace Causality.Ingest.Tests.ApiKeys;

[TestFixture]
internal sealed class ApiKeyCacheTests
{
    private static readonly ValidKey Demo = new(Guid.CreateVersion7(), "demo", null, null, new AppRules(new byte[32], IpPolicy.Hash));
    private static readonly KeyHash Hash = KeyHash.Of(new string('a', 64));

    private readonly TestClock _clock = new();
    private readonly FakeLookup _lookup = new();
    private ApiKeyCache _cache;

    [SetUp]
    public void Fresh()
    {
        _lookup.Reset();
        _cache = new ApiKeyCache(_lookup, _clock, NullLogger<ApiKeyCache>.Instance);
    }

    [Test]
    public async Task A_valid_key_is_asked_for_once_while_it_is_fresh()
    {
        _lookup.Key = Demo;
        Assert.That((await Verdict()).Key, Is.EqualTo(Demo));
        _clock.PassSeconds(1.9);
        Assert.That((await Verdict()).Key, Is.EqualTo(Demo));
        Assert.That(_lookup.Asked, Is.EqualTo(1));
    }

    [Test]
    public async Task A_revoked_key_is_refused_within_five_seconds_however_often_it_is_used()
    {
        _lookup.Key = Demo;
        await Verdict();
        _lookup.Key = null;
        var verdict = KeyVerdict.Valid;
        for (var passed = 0.0; passed < 5; passed += 0.25)
        {
            _clock.PassSeconds(0.25);
            verdict = (await Verdict()).Verdict;
            await _lookup.Idle();
        }
        Assert.That(verdict, Is.EqualTo(KeyVerdict.Invalid));
    }

    [Test]
    public async Task A_clock_that_is_set_back_keeps_no_revoked_key_alive()
    {
        _lookup.Key = Demo;
        await Verdict();
        _lookup.Key = null;
        _clock.SetBack(TimeSpan.FromHours(1));
        _clock.PassSeconds(4.1);
        Assert.That((await Verdict()).Verdict, Is.EqualTo(KeyVerdict.Invalid));
    }

    [Test]
    public async Task A_revoked_key_that_was_idle_is_refused_at_once()
    {
        _lookup.Key = Demo;
        await Verdict();
        _lookup.Key = null;
        _clock.PassSeconds(4.1);
        Assert.That((await Verdict()).Verdict, Is.EqualTo(KeyVerdict.Invalid));
    }

    [Test]
    public async Task A_key_that_expires_is_refused_at_its_time_without_asking()
    {
        _lookup.Key = Demo with { ExpiresAt = _clock.GetUtcNow().AddSeconds(1) };
        await Verdict();
        _clock.PassSeconds(0.9);
        Assert.That((await Verdict()).Verdict, Is.EqualTo(KeyVerdict.Valid));
        _clock.PassSeconds(0.1);
        Assert.That((await Verdict()).Verdict, Is.EqualTo(KeyVerdict.Invalid));
        Assert.That(_lookup.Asked, Is.EqualTo(1));
    }

    [Test]
    public async Task A_key_expires_with_the_database_away_too()
    {
        _lookup.Key = Demo with { ExpiresAt = _clock.GetUtcNow().AddSeconds(30) };
        await Verdict();
        _lookup.Away = true;
        _clock.PassSeconds(20);
        Assert.That((await Verdict()).Verdict, Is.EqualTo(KeyVerdict.Valid));
        _clock.PassSeconds(10);
        Assert.That((await Verdict()).Verdict, Is.EqualTo(KeyVerdict.Invalid));
    }

    [Test]
    public async Task What_is_not_a_key_is_remembered_for_a_second()
    {
        Assert.That((await Verdict()).Verdict, Is.EqualTo(KeyVerdict.Invalid));
        _lookup.Key = Demo;
        _clock.PassSeconds(0.9);
        Assert.That((await Verdict()).Verdict, Is.EqualTo(KeyVerdict.Invalid));
        _clock.PassSeconds(0.2);
        Assert.That((await Verdict()).Verdict, Is.EqualTo(KeyVerdict.Valid));
    }

    [Test]
    public async Task What_is_not_a_key_is_remembered_in_bounded_memory()
    {
        for (var i = 0; i < ApiKeyCache.MostInvalid + 10; i++)
            await _cache.Answer(new KeyHash((UInt128)i, 0), CancellationToken.None);
        Assert.That(_cache.InvalidCount, Is.InRange(1, ApiKeyCache.MostInvalid));
    }

    [Test]
    public async Task A_crowd_with_one_key_asks_once()
    {
        _lookup.Key = Demo;
        _lookup.Hold();
        var crowd = Enumerable.Range(0, 100).Select(_ => Verdict()).ToArray();
        await _lookup.FirstQuestion;
        _lookup.LetGo();
        var answers = await Task.WhenAll(crowd);
        Assert.That(answers.Select(a => a.Key), Is.All.EqualTo(Demo));
        Assert.That(_lookup.Asked, Is.EqualTo(1));
    }

    [Test]
    public async Task One_caller_who_leaves_does_not_cancel_the_question_for_the_others()
    {
        _lookup.Key = Demo;
        _lookup.Hold();
        using var leaving = new CancellationTokenSource();
        var leaver = _cache.Answer(Hash, leaving.Token);
        var stayer = Verdict();
        await leaving.CancelAsync();
        Assert.That(async () => await leaver, Throws.InstanceOf<OperationCanceledException>());
        _lookup.LetGo();
        Assert.That((await stayer).Verdict, Is.EqualTo(KeyVerdict.Valid));
    }

    [Test]
    public async Task Without_the_database_a_known_key_stays_valid_for_five_minutes_and_no_longer()
    {
        _lookup.Key = Demo;
        await Verdict();
        _lookup.Away = true;
        for (var minute = 0; minute < 5; minute++)
        {
            Assert.That((await Verdict()).Verdict, Is.EqualTo(KeyVerdict.Valid), $"minute {minute}");
            _clock.Pass(TimeSpan.FromMinutes(1));
        }
        Assert.That((await Verdict()).Verdict, Is.EqualTo(KeyVerdict.Unknown));
    }

    [Test]
    public async Task Without_the_database_a_key_never_seen_cannot_be_judged()
    {
        _lookup.Away = true;
        Assert.That((await Verdict()).Verdict, Is.EqualTo(KeyVerdict.Unknown));
        _lookup.Away = false;
        _lookup.Key = Demo;
        Assert.That((await Verdict()).Verdict, Is.EqualTo(KeyVerdict.Valid), "and the failure is not remembered against it");
    }

    [Test]
    public async Task While_the_database_is_away_known_keys_do_not_wait_for_it()
    {
        _lookup.Key = Demo;
        await Verdict();
        _lookup.Away = true;
        _clock.PassSeconds(10);
        await Verdict();
        _lookup.Hold();
        _clock.PassSeconds(2);
        Assert.That(_cache.TryAnswer(Hash, out var answer), "answered though the database hangs");
        Assert.That(answer.Verdict, Is.EqualTo(KeyVerdict.Valid));
        _lookup.LetGo();
    }

    private Task<Answer> Verdict() => _cache.Answer(Hash, CancellationToken.None);

    private sealed class FakeLookup : IApiKeyLookup
    {
        private TaskCompletionSource _gate = new();
        private TaskCompletionSource _first = new();
        private int _asked;
        private int _busy;

        public ValidKey? Key { get; set; }
        public bool Away { get; set; }
        public int Asked => _asked;
        public Task FirstQuestion => _first.Task;

        public void Reset()
        {
            (Key, Away, _asked) = (null, false, 0);
            _first = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            LetGo();
        }

        public void Hold() => _gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        public void LetGo() => _gate.TrySetResult();

        /// <summary>Waits for a question asked behind a caller's back.</summary>
        public async Task Idle()
        {
            await Task.Delay(1);
            SpinWait.SpinUntil(() => Volatile.Read(ref _busy) == 0, 1000);
        }

        public async Task<ValidKey?> Find(KeyHash hash, CancellationToken ct)
        {
            Interlocked.Increment(ref _busy);
            Interlocked.Increment(ref _asked);
            _first.TrySetResult();
            try
            {
                await _gate.Task;
                return Away ? throw new TimeoutException("the database is away") : Key;
            }
            finally
            {
                Interlocked.Decrement(ref _busy);
            }
        }
    }
}
