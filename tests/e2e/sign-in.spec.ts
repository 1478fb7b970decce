import { expect, freshName, instance, open, signIn, test, trends } from './app.js'

test('a wrong password is told, the right one opens Trends', async ({ page }) => {
  await page.goto('/app/')
  await signIn(page, `not ${instance.password}`)
  await expect(page.getByRole('alert')).toHaveText('The e-mail or the password is wrong.')
  await signIn(page)
  await expect(page.getByRole('heading', { name: 'Trends' })).toBeVisible()
})

test('a signed-out visit to a deep link returns there after sign-in', async ({ page }) => {
  const event = freshName()
  await page.goto(trends(event))
  await expect(page).toHaveURL(/\/app\/sign-in/)
  await signIn(page)
  await expect(page).toHaveURL(new RegExp(`/app/trends\\?.*event=${event}`))
  await expect(page).toHaveURL(/range=24h/)
  await expect(page.getByRole('radio', { name: '24h' })).toBeChecked()
})

test('signing out closes the door behind', async ({ page }) => {
  await open(page, '/app/trends')
  await page.getByRole('button', { name: /^Account:/ }).click()
  await page.getByRole('menuitem', { name: 'Sign out' }).click()
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
  await page.goto('/app/trends')
  await expect(page.getByRole('heading', { name: 'Sign in' })).toBeVisible()
})
