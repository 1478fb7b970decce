// Every call of Segment's own client, to the host and with the key that are given: node send.mjs http://127.0.0.1:8080 <key>
import { Analytics } from '@segment/analytics-node'

const [host, writeKey] = process.argv.slice(2)
const analytics = new Analytics({ host, writeKey, path: '/v1/batch', flushAt: 4, maxRetries: 1 })
analytics.on('error', (error) => {
  console.error(error)
  process.exitCode = 1
})
analytics.on('http_response', (response) => console.log(response.status))

const userId = 'user 7'
analytics.identify({ userId, traits: { email: 'ada@example.com', address: { city: 'Wien', zip: [1, 2] } } })
analytics.track({ userId, event: 'Order Completed', properties: { total: 12.5, items: [{ sku: 'a', n: 1 }], gift: false, note: null }, messageId: 'order-1' })
analytics.track({ userId, event: 'Order Completed', properties: { total: 12.5 }, messageId: 'order-1' })
analytics.page({ anonymousId: 'browser 1', name: 'Home', properties: { url: 'https://shop.example.com/a?b=1' } })
analytics.screen({ userId, name: 'Cart', properties: { n: 1 }, context: { device: { id: 'd-1', type: 'ios' }, locale: 'de-AT' } })
analytics.group({ userId, groupId: 'org_1', traits: { plan: 'pro' } })
analytics.alias({ userId, previousId: 'browser 1' })
await analytics.closeAndFlush({ timeout: 20_000 })
