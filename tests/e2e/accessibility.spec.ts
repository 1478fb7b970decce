import { AxeBuilder } from '@axe-core/playwright'
import { expect, instance, open, test } from './app.js'

/** Every page by its address, with a heading that tells that it is there. */
const signedOut = {
  '/app/sign-in': 'Sign in',
  '/app/reset-password': 'Reset the password',
  '/app/reset-password#token': 'Choose a new password',
  '/app/invitation#token': 'There is no such invitation',
  '/app/nowhere': 'There is no such page',
}
const signedIn = {
  [`/app/trends?app=${instance.app}`]: 'Trends',
  [`/app/pipeline?app=${instance.app}`]: 'Pipeline',
  '/app/apps': 'Apps',
  '/app/apps/new': /^(New app|Create your first app)$/,
  [`/app/apps/${instance.app}`]: /./,
  [`/app/apps/${instance.app}/keys`]: /./,
  [`/app/tracking-code?app=${instance.app}`]: 'Tracking code',
  '/app/members': 'Members',
  '/app/audit': 'Audit',
  '/app/operations': 'Operations',
  '/app/operations/hosts': 'Operations',
  '/app/operations/dead-letters': 'Operations',
  '/app/profile': 'Profile',
}

for (const colorScheme of ['light', 'dark'] as const)
  test.describe(`in the ${colorScheme} theme`, () => {
    test.use({ colorScheme })

    const grave = async (page: import('@playwright/test').Page) => {
      await page.evaluate(() => Promise.all(document.getAnimations().filter((each) => each.effect?.getTiming().iterations !== Infinity).map((each) => each.finished)))
      const { violations } = await new AxeBuilder({ page }).analyze()
      return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical').map(({ id, nodes }) => ({ id, at: nodes.map(({ html }) => html) }))
    }

    for (const [path, heading] of Object.entries(signedOut))
      test(`${path} has nothing that axe finds serious`, async ({ page }) => {
        await page.goto(path)
        await expect(page.getByRole('heading', { name: heading, level: 1 })).toBeVisible()
        expect(await grave(page)).toEqual([])
      })

    test('no page behind the sign-in has anything that axe finds serious', async ({ page }) => {
      test.setTimeout(120_000)
      await open(page, '/app/trends')
      for (const [path, heading] of Object.entries(signedIn)) {
        await page.goto(path)
        await expect(page.getByRole('heading', { name: heading, level: 1 })).toBeVisible()
        await expect(page.getByRole('status', { name: /^(Loading|Counting)/ })).toHaveCount(0)
        expect.soft(await grave(page), path).toEqual([])
      }
      await page.keyboard.press('Control+k')
      await expect(page.getByRole('dialog')).toBeVisible()
      expect.soft(await grave(page), 'command palette').toEqual([])
    })
  })
