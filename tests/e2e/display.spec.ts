import { expect, freshName, open, send, test, trends } from './app.js'

test.describe('at 360 pixels', () => {
  test.use({ viewport: { width: 360, height: 740 } })

  test('nothing overflows the page and every control can be reached', async ({ page, request }) => {
    const event = freshName()
    await send(request, event)
    await open(page, trends(event))
    await expect(page.getByRole('row', { name: new RegExp(`^${event}`) })).toBeVisible()

    const overflow = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth)
    expect(await overflow()).toBeLessThanOrEqual(0)
    for (const name of [/^App:/, /^Add event/, /^Custom/, /^Breakdown:/, /^Time zone:/]) {
      const control = page.getByRole('button', { name })
      await control.click()
      await expect(page.getByRole('dialog').or(page.getByRole('menu'))).toBeInViewport({ ratio: 0.9 })
      expect(await overflow()).toBeLessThanOrEqual(0)
      await page.keyboard.press('Escape')
      await expect(page.getByRole('dialog').or(page.getByRole('menu'))).toHaveCount(0)
    }
    await page.getByRole('button', { name: 'Open the navigation' }).click()
    const drawer = page.getByRole('dialog', { name: 'Navigation' })
    for (const name of [/^Organization:/, /^App:/, /^Account:/]) {
      await drawer.getByRole('button', { name }).click()
      await expect(page.getByRole('dialog', { name: /^(Organizations|Apps)$/ }).or(page.getByRole('menu'))).toBeInViewport({ ratio: 0.9 })
      await page.keyboard.press('Escape')
    }
    await page.keyboard.press('Escape')
    await expect(drawer).toHaveCount(0)
    for (const name of ['24h', '7d', '30d', '90d', 'Hour', 'Day', 'Week', 'Month']) {
      const control = page.getByRole('radio', { name, exact: true })
      await control.scrollIntoViewIfNeeded()
      await expect(control).toBeInViewport({ ratio: 1 })
    }
  })
})

test.describe('where the system is dark', () => {
  test.use({ colorScheme: 'dark' })

  test('the app is dark, until light is chosen, which is remembered', async ({ page }) => {
    await open(page, '/app/trends')
    expect(await lightness(page)).toBeLessThan(60)
    await page.getByRole('button', { name: /^Account:/ }).click()
    await page.getByRole('menuitemradio', { name: 'Light' }).click()
    expect(await lightness(page)).toBeGreaterThan(200)
    await page.reload()
    await expect(page.getByRole('heading', { name: 'Trends' })).toBeVisible()
    expect(await lightness(page)).toBeGreaterThan(200)
  })
})

/** The page's background, 0 black to 255 white, as the browser painted it. */
async function lightness(page: import('@playwright/test').Page) {
  const color = await page.evaluate(() => getComputedStyle(document.body).backgroundColor)
  const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map(Number)
  return (red + green + blue) / 3
}
