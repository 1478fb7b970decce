import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import { acme, eventType, FakeHost, problem } from '@/testing/fake-host'
import { openApp } from '@/testing/render-app'

const viewer = (host: FakeHost) => {
  host.organizations = host.organizations.map((each) => ({ ...each, role: 'viewer' }))
  host.apps = host.apps.map((each) => ({ ...each, role: 'viewer' }))
}

describe('the apps page', () => {
  let host: FakeHost
  beforeEach(() => (host = new FakeHost()))

  it('lists the apps of the organization that is open, with time zone and role', async () => {
    host.organizations = [...host.organizations, { id: 'o-2', name: 'Other', role: 'viewer' }]
    host.apps = [...host.apps, { id: 'blog', name: 'Blog', organization_id: 'o-2', time_zone: 'Asia/Tokyo', role: 'editor' }]
    openApp('/app/apps?organization=o-2')
    const row = await screen.findByRole('link', { name: 'Blog' })
    expect(row.closest('li')).toHaveTextContent('blogAsia/TokyoEditor')
    expect(screen.queryByRole('link', { name: 'Shop' })).not.toBeInTheDocument()
    expect(screen.queryByRole('link', { name: 'New app' })).not.toBeInTheDocument()
  })

  it('says what to do where there are none, to who may do it and to who may not', async () => {
    host.apps = []
    const { unmount } = openApp('/app/apps')
    const main = within(await screen.findByRole('main'))
    expect(await main.findByRole('link', { name: 'New app' })).toBeVisible()
    unmount()
    viewer(host)
    openApp('/app/apps')
    expect(await screen.findByText(/Only an admin can create one/)).toBeVisible()
  })
})

describe('from nothing to the first event', () => {
  let host: FakeHost
  beforeEach(() => {
    host = new FakeHost()
    host.apps = []
    host.eventTypes = []
  })

  it('creates the app, then its key, shows code with the key, and notices the event', async () => {
    const app = openApp('/app/')
    await userEvent.type(await screen.findByLabelText('Name'), 'Web shop')
    expect(screen.getByLabelText('Id')).toHaveValue('web-shop')
    await userEvent.click(screen.getByRole('button', { name: 'Create app' }))
    expect(await screen.findByRole('heading', { name: 'Set up Web shop' })).toBeVisible()
    expect(app.address().pathname).toBe('/app/apps/web-shop/set-up')
    expect(host.sent('POST', '/api/v1/apps')).toEqual([
      { organization_id: acme, id: 'web-shop', name: 'Web shop', time_zone: Intl.DateTimeFormat().resolvedOptions().timeZone },
    ])
    await userEvent.click(screen.getByRole('button', { name: 'Create API key' }))
    expect(await screen.findByRole('textbox', { name: 'API key' })).toHaveValue('cak_made_secret')
    expect(await screen.findByRole('region', { name: 'curl: code' })).toHaveTextContent("-H 'X-API-Key: cak_made_secret'")
    expect(await screen.findByText(/Waiting for the first event/)).toBeVisible()
    host.eventTypes = [{ ...eventType('hello', 1), last_seen: new Date().toISOString() }]
    expect(await screen.findByText(/First event received/)).toHaveTextContent(/First event received: hello, \d s ago/)
    expect(screen.getByRole('link', { name: 'Open Trends' })).toHaveAttribute('href', '/app/trends?app=web-shop')
  })

  it('says at the field that the id is taken, and keeps what was typed', async () => {
    host.failing.set('POST /api/v1/apps', () => problem(409, 'The id shop is taken. Choose another.', { code: 'app-id-taken' }))
    openApp('/app/apps/new')
    await userEvent.type(await screen.findByLabelText('Name'), 'Shop')
    await userEvent.clear(screen.getByLabelText('Id'))
    await userEvent.type(screen.getByLabelText('Id'), 'shop')
    await userEvent.click(screen.getByRole('button', { name: 'Create app' }))
    expect(await screen.findByText('The id shop is taken. Choose another.')).toBeVisible()
    expect(screen.getByLabelText('Name')).toHaveValue('Shop')
  })

  it('says which role it needs, to who has another', async () => {
    viewer(host)
    openApp('/app/apps/new')
    expect(await screen.findByText('Creating an app needs the role admin')).toBeVisible()
    expect(screen.getByText(/You are a viewer of Acme/)).toBeVisible()
  })
})

describe('the settings of an app', () => {
  let host: FakeHost
  beforeEach(() => (host = new FakeHost()))

  const open = async () => {
    const app = openApp('/app/apps/shop')
    await screen.findByLabelText('Name')
    return app
  }
  const save = () => userEvent.click(screen.getByRole('button', { name: 'Save' }))
  const retype = async (label: string, text: string) => {
    await userEvent.clear(screen.getByLabelText(label))
    if (text) await userEvent.type(screen.getByLabelText(label), text)
  }

  it('saves what was changed, and only that', async () => {
    await open()
    expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled()
    await retype('Name', 'Web shop')
    await retype('Allowed origins', 'https://*.example.com')
    await retype('Retention in days', '365')
    await userEvent.selectOptions(screen.getByLabelText('IP addresses'), 'Drop')
    await retype('Denied properties', 'password')
    await userEvent.selectOptions(screen.getByLabelText('Enrichment'), 'Off')
    await save()
    expect(await screen.findByText('Settings saved')).toBeVisible()
    expect(host.sent('PATCH', '/api/v1/apps/shop')).toEqual([
      {
        version: 1,
        name: 'Web shop',
        allowed_origins: ['https://*.example.com'],
        retention_days: 365,
        ip_policy: 'drop',
        denied_properties: ['password'],
        enrichment: false,
      },
    ])
    expect(await screen.findByRole('heading', { name: 'Web shop', level: 1 })).toBeVisible()
    expect(screen.getByRole('button', { name: 'Save' })).toBeDisabled()
  })

  it('says at each field why it was refused', async () => {
    host.failing.set('PATCH /api/v1/apps/shop', () =>
      problem(400, 'Some fields are wrong.', { errors: { 'allowed_origins[0]': ['An origin begins with https://.'], retention_days: ['At least 1.'] } }),
    )
    await open()
    await retype('Allowed origins', 'example.com')
    await retype('Retention in days', '0')
    await save()
    expect(await screen.findByText('An origin begins with https://.')).toBeVisible()
    expect(screen.getByLabelText('Retention in days')).toHaveAccessibleDescription(/At least 1\./)
    expect(screen.queryByRole('alert')).not.toBeInTheDocument()
  })

  const somebodyElse = (change: Partial<FakeHost['settings']>, name = 'Shop') => {
    host.settings = { ...host.settings, ...change, version: host.settings.version + 1 }
    host.apps = host.apps.map((each) => ({ ...each, name }))
  }

  it('shows what somebody else saved meanwhile beside one’s own, and saves as chosen', async () => {
    await open()
    await retype('Name', 'Mine')
    await retype('Retention in days', '30')
    await userEvent.selectOptions(screen.getByLabelText('IP addresses'), 'Drop')
    somebodyElse({ retention_days: 90 }, 'Theirs')
    await save()
    expect(await screen.findByRole('heading', { name: 'Somebody changed this app meanwhile' })).toHaveFocus()
    const name = within(screen.getByRole('group', { name: 'Name' }))
    expect(name.getByRole('radio', { name: /Keep mine/ })).toBeChecked()
    expect(name.getByText('Theirs')).toBeVisible()
    // what only one side changed is no conflict
    expect(screen.queryByRole('group', { name: 'IP addresses' })).not.toBeInTheDocument()
    await userEvent.click(within(screen.getByRole('group', { name: 'Retention' })).getByRole('radio', { name: /Take theirs/ }))
    await userEvent.click(screen.getByRole('button', { name: 'Save as chosen' }))
    expect(await screen.findByText('Settings saved')).toBeVisible()
    expect(host.sent('PATCH', '/api/v1/apps/shop').at(-1)).toEqual({ version: 2, name: 'Mine', ip_policy: 'drop' })
    expect(host.settings.retention_days).toBe(90)
  })

  it('saves at once when somebody else changed other fields', async () => {
    await open()
    await retype('Name', 'Mine')
    somebodyElse({ retention_days: 90 })
    await save()
    expect(await screen.findByText('Settings saved')).toBeVisible()
    expect(host.sent('PATCH', '/api/v1/apps/shop').at(-1)).toEqual({ version: 2, name: 'Mine' })
    expect(screen.getByLabelText('Retention in days')).toHaveValue(90)
  })

  it('takes all of theirs without saving', async () => {
    await open()
    await retype('Name', 'Mine')
    somebodyElse({}, 'Theirs')
    await save()
    await userEvent.click(await screen.findByRole('radio', { name: /Take theirs/ }))
    await userEvent.click(screen.getByRole('button', { name: 'Take theirs' }))
    expect(await screen.findByLabelText('Name')).toHaveValue('Theirs')
    expect(host.sent('PATCH', '/api/v1/apps/shop')).toHaveLength(1)
  })

  it('can be read, and not changed, by a viewer', async () => {
    viewer(host)
    await open()
    expect(screen.getByText(/Changing them needs the role admin/)).toBeVisible()
    expect(screen.getByLabelText('Name')).toBeDisabled()
    expect(screen.getByRole('button', { name: /^Time zone/ })).toBeDisabled()
    expect(screen.queryByRole('button', { name: 'Save' })).not.toBeInTheDocument()
    expect(screen.queryByRole('link', { name: 'API keys' })).not.toBeInTheDocument()
  })

  it('says when they could not be loaded, and when there is no such app', async () => {
    host.failing.set('/api/v1/apps/shop', () => problem(400, 'No settings today.'))
    const { unmount } = openApp('/app/apps/shop')
    expect(await screen.findByRole('alert')).toHaveTextContent('No settings today.')
    unmount()
    openApp('/app/apps/nope')
    expect(await screen.findByText('There is no app nope')).toBeVisible()
  })
})

describe('the tracking code', () => {
  let host: FakeHost
  beforeEach(() => (host = new FakeHost()))

  it('shows a snippet per stack, moved between by arrow keys, and copies it', async () => {
    const user = userEvent.setup()
    openApp('/app/tracking-code?app=shop')
    await user.click(await screen.findByRole('tab', { name: 'curl' }))
    await user.keyboard('{ArrowRight}')
    expect(screen.getByRole('tab', { name: 'Web' })).toHaveFocus()
    const code = await screen.findByRole('region', { name: 'Web: code' })
    expect(code).toHaveTextContent('YOUR_API_KEY')
    await user.click(screen.getByRole('button', { name: 'Copy' }))
    expect(await screen.findByRole('button', { name: 'Copied' })).toBeVisible()
    expect(await navigator.clipboard.readText()).toBe(code.textContent)
  })

  it('shows one of two snippets of the same stack at a time', async () => {
    const user = userEvent.setup()
    openApp('/app/tracking-code?app=shop')
    await user.click(await screen.findByRole('tab', { name: 'Swift' }))
    expect(screen.getByRole('region', { name: 'Swift: code' })).toHaveTextContent('let key')
    expect(screen.queryByRole('region', { name: 'Kotlin: code' })).not.toBeInTheDocument()
    expect(screen.getByRole('tab', { selected: true })).toHaveTextContent('Swift')
  })

  it('says which events arrive', async () => {
    openApp('/app/tracking-code?app=shop')
    expect(await screen.findByText(/Events arrive\. The last/)).toBeVisible()
  })

  it('says when it could not be loaded, or whether events arrive could not be asked', async () => {
    host.failing.set('/api/v1/apps/shop/tracking-code', () => problem(400, 'No code today.'))
    host.failing.set('/api/v1/analytics/event-types', () => problem(400, 'No catalog.'))
    openApp('/app/tracking-code?app=shop')
    expect(await screen.findByText('No code today.')).toBeVisible()
    expect(await screen.findByText(/could not be asked: No catalog\./)).toBeVisible()
  })

  it('says when there is no such app', async () => {
    openApp('/app/tracking-code?app=nope')
    await waitFor(() => expect(screen.getByText('There is no app nope')).toBeVisible())
  })
})
