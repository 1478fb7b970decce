import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { acme, FakeHost, problem } from '@/testing/fake-host'
import { openApp } from '@/testing/render-app'
import type { AuditEntry } from './audit.queries'
import { filtersOf, validateAuditSearch } from './audit-search'

const path = `/api/v1/organizations/${acme}/audit`
const entry = (n: number, action: string, subject: string, more: Partial<AuditEntry> = {}): AuditEntry => ({
  id: `e${n}`,
  at: new Date(Date.UTC(2026, 10, 21, 9) - n * 60_000).toISOString(),
  actor: { id: 'u-ada', email: 'ada@example.com' },
  action,
  subject,
  changes: [],
  ...more,
})

describe('the audit page', () => {
  let host: FakeHost
  beforeEach(() => {
    host = new FakeHost()
    host.audit = [
      entry(0, 'app-changed', 'shop', {
        address: '203.0.113.7',
        request_id: 'r-1',
        changes: [
          { field: 'name', old: 'Shop', new: 'Web shop' },
          { field: 'note', new: 'first' },
        ],
      }),
      entry(1, 'signed-in', 'grace@example.com', { actor: { email: 'grace@example.com' } }),
      entry(2, 'sign-in-refused', 'account/01a1fe72-725b-7d32-872f-622bd89472e5', { actor: {}, changes: [{ field: 'user_id', new: '7' }, { field: 'reason', new: 'wrong password' }] }),
    ]
  })

  const entries = async () => within(await screen.findByRole('list', { name: 'Entries' })).getAllByRole('listitem')

  it('lists who did what to what, and opens an entry for old and new and where from', async () => {
    openApp('/app/audit')
    const [changed, signedIn, refused] = await entries()
    expect(changed).toHaveTextContent(/app-changedshop Shop → Web shop · firstada@example\.com/)
    expect(signedIn).toHaveTextContent(/signed-in/)
    expect(refused).toHaveTextContent(/account\/01a1fe72… wrong passwordNot signed in/)
    const details = screen.getByRole('button', { name: 'Details of app-changed shop' })
    expect(details).toHaveAttribute('aria-expanded', 'false')
    await userEvent.click(details)
    expect(details).toHaveAttribute('aria-expanded', 'true')
    expect(changed).toHaveTextContent(/nameShop → Web shop/)
    expect(changed).toHaveTextContent(/notefirst/)
    expect(changed).toHaveTextContent(/From 203\.0\.113\.7.*Request r-1/)
  })

  it('is narrowed by text, person, action and days, all of which are in the URL', async () => {
    const app = openApp('/app/audit')
    await entries()
    await userEvent.type(screen.getByLabelText('Text'), 'sho')
    await userEvent.selectOptions(screen.getByLabelText('Action'), 'app-changed')
    await userEvent.type(screen.getByLabelText('From'), '2026-11-01')
    await userEvent.type(screen.getByLabelText('To, included'), '2026-11-30')
    await userEvent.click(within((await entries())[0] as HTMLElement).getByRole('button', { name: 'by ada@example.com' }))
    await waitFor(() => expect(screen.getByLabelText('Person')).toHaveValue('ada@example.com'))
    await waitFor(() =>
      expect(Object.fromEntries(app.address().searchParams)).toEqual({ q: 'sho', action: 'app-changed', from: '2026-11-01', to: '2026-11-30', actor: 'ada@example.com' }),
    )
    const asked = host.requests.filter((each) => each.path === path).at(-1)?.query
    expect(Object.fromEntries(asked ?? [])).toEqual({
      q: 'sho',
      action: 'app-changed',
      actor: 'ada@example.com',
      from: new Date('2026-11-01T00:00:00').toISOString(),
      to: new Date('2026-12-01T00:00:00').toISOString(),
      limit: '50',
    })
    await waitFor(async () => expect(await entries()).toHaveLength(1))
    await userEvent.click(screen.getByRole('button', { name: 'Clear' }))
    await waitFor(async () => expect(await entries()).toHaveLength(3))
    expect(screen.getByLabelText('Text')).toHaveValue('')
  })

  it('says that nothing matches, and clears the filters', async () => {
    openApp('/app/audit?q=nothing-like-it')
    await userEvent.click(await screen.findByRole('button', { name: 'Clear the filters' }))
    expect(await entries()).toHaveLength(3)
  })

  it('loads more, and says when that failed', async () => {
    host.audit = Array.from({ length: 120 }, (_, n) => entry(n, 'app-changed', `app ${n}`))
    openApp('/app/audit')
    expect(await entries()).toHaveLength(50)
    await userEvent.click(screen.getByRole('button', { name: 'Load more' }))
    await waitFor(async () => expect(await entries()).toHaveLength(100))
    host.failing.set(path, () => problem(400, 'Not now.'))
    await userEvent.click(screen.getByRole('button', { name: 'Load more' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('More could not be loaded: Not now.')
    expect(await entries()).toHaveLength(100)
    host.failing.clear()
    await userEvent.click(screen.getByRole('button', { name: 'Load more' }))
    await waitFor(async () => expect(await entries()).toHaveLength(120))
    expect(screen.queryByRole('button', { name: 'Load more' })).not.toBeInTheDocument()
  })

  it('exports what is asked for, with a session that is fresh', async () => {
    openApp('/app/audit?q=shop&action=app-changed')
    const link = await screen.findByRole('link', { name: 'Export CSV' })
    expect(link).toHaveAttribute('href', `${path}.csv?action=app-changed&q=shop`)
    const download = vi.spyOn(HTMLAnchorElement.prototype, 'click').mockImplementation(() => undefined)
    const before = host.sent('GET', '/api/v1/auth/me').length
    await userEvent.click(link)
    await waitFor(() => expect(download).toHaveBeenCalledOnce())
    expect(host.sent('GET', '/api/v1/auth/me')).toHaveLength(before + 1)
  })

  it('says when it could not be exported', async () => {
    openApp('/app/audit')
    const link = await screen.findByRole('link', { name: 'Export CSV' })
    host.failing.set('/api/v1/auth/me', () => problem(503, 'The database is away.'))
    await userEvent.click(link)
    expect(await screen.findByText('The log could not be downloaded')).toBeVisible()
  })

  it('says when it is empty, and when it could not be loaded', async () => {
    host.audit = []
    const { unmount } = openApp('/app/audit')
    expect(await screen.findByText('Nothing has happened yet')).toBeVisible()
    unmount()
    host.failing.set(path, () => problem(400, 'No log today.'))
    openApp('/app/audit')
    expect(await screen.findByRole('alert')).toHaveTextContent('No log today.')
  })

  it('needs the role admin: the sidebar does not offer it, and a link to it says so', async () => {
    host.organizations = host.organizations.map((each) => ({ ...each, role: 'editor' }))
    openApp('/app/audit')
    expect(await screen.findByText('The audit log needs the role admin')).toBeVisible()
    expect(screen.queryByRole('link', { name: 'Audit' })).not.toBeInTheDocument()
    expect(host.sent('GET', path)).toHaveLength(0)
  })
})

describe('the URL of the audit page', () => {
  it('leaves out what makes no sense', () => {
    expect(JSON.parse(JSON.stringify(validateAuditSearch({ q: '', from: '2026-02-30', to: 'x', action: ['a'] })))).toEqual({})
  })

  it('asks for whole days, the last one included', () => {
    const { from, to } = filtersOf({ from: '2026-03-28', to: '2026-03-29' })
    expect([from, to]).toEqual([new Date(2026, 2, 28).toISOString(), new Date(2026, 2, 30).toISOString()])
  })
})
