using Causality.EventStore.Outbox;
using NUnit.Framework;

namespace Causality.EventStore.Tests.Outbox;

[TestFixture]
internal sealed class OutboxMessageTests
{
    [TestCase("rabbitmq://broker:5672/vhost/Orders:OrderAccepted", "exchange:Orders:OrderAccepted")]
    [TestCase("rabbitmq://broker/Orders:OrderAccepted", "exchange:Orders:OrderAccepted")]
    [TestCase("rabbitmq://broker/vhost/orders?bind=true&queue=orders", "exchange:orders")]
    [TestCase("rabbitmq://broker/vhost/bus-answers?temporary=true", "exchange:bus-answers?temporary=true")]
    [TestCase("rabbitmq://broker/vhost/topics?durable=false&bind=true&type=topic", "exchange:topics?durable=false&type=topic")]
    [TestCase("queue:orders", "exchange:orders")]
    [TestCase("exchange:orders", "exchange:orders")]
    public void A_destination_is_kept_without_the_broker_s_address_and_never_declares_a_queue(string address, string kept) =>
        Assert.That(OutboxMessage.Exchange(new Uri(address)), Is.EqualTo(kept));

    // rows of earlier versions lie in the table: another partition for a lane would let it be delivered twice at once, out of order
    [TestCase("order/1", 2)]
    [TestCase("saga/alert/2", 12)]
    public void A_lane_stays_in_its_partition_for_ever(string lane, int partition) => Assert.That(OutboxTable.Partition(lane), Is.EqualTo(partition));

    [TestCase("refused", "refused")]
    [TestCase("no\0good", "no\uFFFDgood", Description = "PostgreSQL keeps no NUL")]
    public void An_error_is_kept_as_far_as_a_row_can_hold_it(string error, string kept) => Assert.That(OutboxTable.Storable(error), Is.EqualTo(kept));

    [Test]
    public void An_error_is_not_cut_through_a_character() =>
        Assert.That(OutboxTable.Storable(new string('x', 999) + "😀"), Is.EqualTo(new string('x', 999) + "\uFFFD"));

    [Test]
    public void Lanes_use_every_partition() =>
        Assert.That(Enumerable.Range(0, 1000).Select(i => OutboxTable.Partition($"order/{i}")).Distinct(), Is.EquivalentTo(Enumerable.Range(0, OutboxTable.Partitions)));
}
