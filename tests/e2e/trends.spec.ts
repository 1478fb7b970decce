import { expect, freshName, open, send, test, trends } from './app.js'

test('an event that was just sent appears within five seconds, without a reload', async ({ page, request }) => {
  const event = freshName()
  // one event is known already, so that the page shows its table and not how to send the first event
  await send(request, freshName())
  await open(page, trends(event))
  await expect(page.getByText('Nothing happened in this range')).toBeVisible()
  await page.evaluate(() => document.body.setAttribute('data-same-page', ''))

  const sentAt = Date.now()
  await send(request, event)
  const total = page.getByRole('row', { name: new RegExp(`^${event}`) }).getByRole('cell').first()
  await expect(total).toHaveText('1', { timeout: 5_000 })
  test.info().annotations.push({ type: 'milliseconds from sent to seen', description: String(Date.now() - sentAt) })
  await expect(page.locator('.recharts-line-curve').first()).toBeAttached()
  await expect(page.locator('body[data-same-page]')).toBeAttached()
})

test('the URL holds the question, and the back button returns to the last one', async ({ page, request }) => {
  const event = freshName()
  await send(request, event)
  await open(page, trends(event))
  await page.getByRole('radio', { name: '7d' }).click()
  await expect(page).toHaveURL(/range=7d/)
  await page.getByRole('button', { name: /^Breakdown/ }).click()
  await page.getByPlaceholder('Search columns…').fill('platform')
  await page.getByRole('option', { name: 'Platform' }).click()
  await expect(page).toHaveURL(/breakdown=platform/)
  await page.goBack()
  await expect(page).not.toHaveURL(/breakdown/)
  await page.reload()
  await expect(page.getByRole('radio', { name: '7d' })).toBeChecked()
})
