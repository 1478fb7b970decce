import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { connect } from 'amqplib'
import { expect, open, test } from './app.js'
import { required } from './instance.js'

const reason = 'The batch is broken.'
const deadLetters = `/app/operations/dead-letters?${new URLSearchParams({ reason }).toString()}`

/** Puts into the sink's queue what is no batch of events; gives it back. */
async function publishGarbage(): Promise<Buffer> {
  const garbage = Buffer.from(`not events: ${randomUUID()}`)
  const connection = await connect(required('CAUSALITY_RABBITMQ'))
  const channel = await connection.createConfirmChannel()
  channel.sendToQueue('causality.sink', garbage, { persistent: true, messageId: randomUUID(), contentType: 'application/vnd.causality.events.v1' })
  await channel.waitForConfirms()
  await connection.close()
  return garbage
}

test('what cannot be stored is seen, replayed, and at last discarded', async ({ page }) => {
  test.setTimeout(90_000)
  const garbage = await publishGarbage()
  await open(page, '/app/trends')
  const letter = page.getByRole('list', { name: 'Letters', exact: true }).getByRole('listitem').filter({ hasText: garbage.toString() })
  const states = async () => Promise.all(['Open', 'Replayed', 'Discarded'].map(async (name) => Number(/\d+/.exec(await page.getByRole('radio', { name: new RegExp(`^${name}`) }).innerText())?.[0])))

  await page.goto(deadLetters)
  await expect(letter.first()).toBeVisible({ timeout: 15_000 })
  // the figures and the list are asked for apart
  await page.reload()
  await expect(letter.first()).toBeVisible()
  const [before, replayed, discarded] = await states()

  // whole, with the bytes as they came
  await letter.first().getByRole('link').click()
  await expect(page.getByRole('region', { name: 'Events of the letter' })).toContainText(garbage.toString())
  const download = page.waitForEvent('download')
  await page.getByRole('link', { name: `Download ${garbage.length} B` }).click()
  expect(await readFile(await (await download).path())).toEqual(garbage)

  // it is damaged for good, so a replay of it ends in another letter
  await page.getByRole('button', { name: 'Replay…' }).click()
  await expect(page.getByRole('alertdialog')).toContainText('1 event is sent to the sink again')
  await page.getByRole('button', { name: 'Replay 1 event' }).click()
  await expect(page.getByText('Replayed 1 letter with 1 event', { exact: true })).toBeVisible()
  await expect(page.getByRole('heading', { name: 'Dead letter Replayed' })).toBeVisible()
  await page.goBack()
  await expect(letter.filter({ hasText: 'Died again after a replay' })).toBeVisible({ timeout: 15_000 })
  await expect.poll(states, { timeout: 15_000 }).toEqual([before, (replayed ?? 0) + 1, discarded])

  await letter.getByRole('checkbox').check()
  await page.getByRole('button', { name: /^Discard/ }).click()
  await page.getByRole('button', { name: 'Discard 1 event' }).click()
  await expect(page.getByText('Discarded 1 letter with 1 event', { exact: true })).toBeVisible()
  await expect(letter).toHaveCount(0)
  await expect.poll(states).toEqual([(before ?? 0) - 1, (replayed ?? 0) + 1, (discarded ?? 0) + 1])
})
