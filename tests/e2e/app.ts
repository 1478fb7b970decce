import { expect, test as base, type APIRequestContext, type Page } from '@playwright/test'
import { instance } from './instance.js'

/** A test fails when the browser refused something, such as by the Content-Security-Policy, or met a stranger's address. */
export const test = base.extend<{ clean: undefined }>({
  clean: [
    async ({ page }, use) => {
      const trouble: string[] = []
      page.on('pageerror', (error) => trouble.push(error.message))
      page.on('console', (message) => {
        if (/Content.Security.Policy/i.test(message.text())) trouble.push(message.text())
      })
      page.on('request', (request) => {
        if (!/^(data|blob):/.test(request.url()) && new URL(request.url()).origin !== new URL(instance.url).origin) trouble.push(request.url())
      })
      await use(undefined)
      expect(trouble).toEqual([])
    },
    { auto: true },
  ],
})

/** Fills the sign-in form that is open and sends it. */
export async function signIn(page: Page, password = instance.password) {
  await page.getByLabel('E-mail').fill(instance.email)
  await page.getByLabel('Password', { exact: true }).fill(password)
  await page.getByRole('button', { name: 'Sign in' }).click()
}

/** Opens a page of the app as the administrator. */
export async function open(page: Page, path: string) {
  await page.goto(path)
  await signIn(page)
  await expect(page.getByRole('heading', { name: 'Trends' })).toBeVisible()
}

/** Sends one event through the HTTP API, as any client does, and expects it accepted. */
export async function send(request: APIRequestContext, eventName: string) {
  const answer = await request.post(`${instance.url}/v1/events/ingest`, {
    headers: { 'X-API-Key': instance.apiKey },
    data: {
      event: { app_id: instance.app, device_id: 'e2e', timestamp_ms: Date.now(), custom_event: { event_name: eventName, string_params: { source: 'e2e' } } },
    },
  })
  expect(answer.status(), await answer.text()).toBe(200)
  expect(await answer.json()).toMatchObject({ status: 'accepted' })
}

/** An event name that no earlier run used. */
export const freshName = () => `e2e_${Date.now().toString(36)}_${Math.random().toString(36).slice(2, 8)}`

export const trends = (event: string) => `/app/trends?${new URLSearchParams({ app: instance.app, event, range: '24h', tz: 'UTC' }).toString()}`

export { expect, instance }
