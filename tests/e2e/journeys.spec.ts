import { randomUUID } from 'node:crypto'
import type { APIRequestContext, Browser, Page } from '@playwright/test'
import { expect, freshName, instance, test } from './app.js'

const password = 'a long sentence, never used before'
const someone = (name: string) => ({ name, email: `${name.toLowerCase()}-${randomUUID()}@example.com` })

/** Fills the form of a new account, which is open, and sends it. */
async function signUp(page: Page, person: { name: string; email: string }, organization?: string) {
  await page.getByLabel('Name', { exact: true }).fill(person.name)
  await page.getByLabel('E-mail').fill(person.email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  if (organization) await page.getByLabel('Organization', { exact: true }).fill(organization)
  await page.getByRole('button', { name: 'Create account' }).click()
}

/** From nothing to an app and its first key; gives both. */
async function newTeam(page: Page) {
  await page.goto('/app/sign-in')
  await page.getByRole('link', { name: 'Create an account' }).click()
  await signUp(page, someone('Ada'), 'Analytical Engines')
  await expect(page.getByRole('heading', { name: 'Create your first app' })).toBeVisible()
  const app = `e2e-${randomUUID().slice(0, 8)}`
  await page.getByLabel('Name', { exact: true }).fill(app)
  await expect(page.getByLabel('Id', { exact: true })).toHaveValue(app)
  await page.getByRole('button', { name: 'Create app' }).click()
  await page.getByRole('button', { name: 'Create API key' }).click()
  const key = await page.getByRole('textbox', { name: 'API key' }).inputValue()
  expect(key).toMatch(/^cak_/)
  return { app, key }
}

const ingest = (request: APIRequestContext, app: string, key: string, eventName: string) =>
  request.post(`${instance.url}/v1/events/ingest`, {
    headers: { 'X-API-Key': key },
    data: { event: { app_id: app, device_id: 'e2e', timestamp_ms: Date.now(), custom_event: { event_name: eventName } } },
  })

/** Another person's browser. */
const another = async (browser: Browser) => (await browser.newContext({ baseURL: instance.url })).newPage()

test('sign up, make an app and a key, and see the first event arrive', async ({ page, request }) => {
  const { app, key } = await newTeam(page)
  await expect(page.getByText('Waiting for the first event')).toBeVisible()
  await expect(page.getByRole('region', { name: /: code$/ })).toContainText(key)
  const event = freshName()
  expect((await ingest(request, app, key, event)).status()).toBe(200)
  await expect(page.getByText('First event received')).toContainText(event, { timeout: 10_000 })
  await page.getByRole('link', { name: 'Open Trends' }).click()
  await expect(page.getByRole('row', { name: new RegExp(`^${event}`) })).toBeVisible()
})

test('invite a viewer, who reads and may not change', async ({ page, browser }) => {
  const { app } = await newTeam(page)
  await page.getByRole('link', { name: 'Members' }).click()
  await page.getByRole('button', { name: 'Invite' }).click()
  await page.getByRole('button', { name: 'Create invitation' }).click()
  const link = await page.getByRole('textbox', { name: 'Invitation link' }).inputValue()

  const grace = await another(browser)
  await grace.goto(link)
  await expect(grace.getByRole('heading', { name: 'Join Analytical Engines' })).toBeVisible()
  await grace.getByRole('link', { name: 'Create an account' }).click()
  await signUp(grace, someone('Grace'))
  await expect(grace.getByRole('heading', { name: 'Trends' })).toBeVisible()
  await expect(grace.getByRole('link', { name: 'Audit' })).toHaveCount(0)

  await grace.goto(`/app/apps/${app}`)
  await expect(grace.getByLabel('Name', { exact: true })).toBeDisabled()
  await grace.goto(`/app/apps/${app}/keys`)
  await expect(grace.getByText('API keys need the role admin')).toBeVisible()
  await grace.goto('/app/audit')
  await expect(grace.getByText('The audit log needs the role admin')).toBeVisible()
  const csrf = (await grace.context().cookies()).find(({ name }) => name === 'causality_csrf')?.value ?? ''
  const refused = await grace.request.post(`${instance.url}/api/v1/apps/${app}/keys`, { headers: { 'X-CSRF-Token': csrf }, data: { name: 'mine' } })
  expect(refused.status()).toBe(403)

  // a link works once
  const latecomer = await another(browser)
  await latecomer.goto(link)
  await expect(latecomer.getByText('This invitation was used already')).toBeVisible()
})

test('revoke a key, and ingest refuses it within five seconds', async ({ page, request }) => {
  const { app, key } = await newTeam(page)
  expect((await ingest(request, app, key, freshName())).status()).toBe(200)
  await page.goto(`/app/apps/${app}/keys`)
  await page.getByRole('button', { name: /^Actions for/ }).click()
  await page.getByRole('menuitem', { name: /Revoke/ }).click()
  await page.getByRole('button', { name: 'Revoke key' }).click()
  // in the list of keys: the toast that tells it is a list item too
  await expect(page.getByRole('region', { name: 'API keys' }).getByRole('listitem').filter({ hasText: 'Revoked' })).toBeVisible()
  await expect.poll(async () => (await ingest(request, app, key, freshName())).status(), { timeout: 5_000 }).toBe(401)
})
