import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import { FakeHost, problem } from '@/testing/fake-host'
import { openApp } from '@/testing/render-app'
import type { ApiKey } from './apps.queries'

const key = (id: string, name: string, more: Partial<ApiKey> = {}): ApiKey => ({ id, name, prefix: `cak_${id}`, state: 'active', created_at: '2026-11-01T08:00:00Z', ...more })

describe('the API keys of an app', () => {
  let host: FakeHost
  beforeEach(() => {
    host = new FakeHost()
    host.keys = [
      key('a', 'Web', { created_by: 'ada@example.com', last_used_at: new Date(Date.now() - 180_000).toISOString() }),
      key('b', 'Staging', { state: 'expiring', expires_at: '2026-12-01T08:00:00Z', replaced_by: 'a' }),
      key('c', 'Old', { state: 'revoked', revoked_at: '2026-11-10T08:00:00Z' }),
      key('d', 'Trial', { state: 'expired', expires_at: '2026-11-11T08:00:00Z' }),
    ]
  })

  const row = async (name: string) => (await screen.findByText(name)).closest('li') as HTMLElement
  const act = async (name: string, action: RegExp) => {
    await userEvent.click(await screen.findByRole('button', { name: `Actions for ${name}` }))
    await userEvent.click(await screen.findByRole('menuitem', { name: action }))
  }

  it('tell state, use, expiry and successor; dead ones offer nothing', async () => {
    openApp('/app/apps/shop/keys')
    expect(await row('Web')).toHaveTextContent(/Active.*Used 3 min ago.*Does not expire.*By ada@example\.com/)
    expect(await row('Staging')).toHaveTextContent(/Expiring.*Never used.*Expires Dec 1, 2026.*Replaced by Web/)
    expect(await row('Old')).toHaveTextContent(/Revoked Nov 10, 2026/)
    expect(await row('Trial')).toHaveTextContent(/Expired Nov 11, 2026/)
    expect(within(await row('Old')).queryByRole('button')).not.toBeInTheDocument()
    expect(within(await row('Trial')).queryByRole('button')).not.toBeInTheDocument()
  })

  it('show a new key once, and let it be closed only by its button', async () => {
    openApp('/app/apps/shop/keys')
    await userEvent.click(await screen.findByRole('button', { name: 'New key' }))
    await userEvent.type(screen.getByLabelText('Name'), 'Mobile')
    await userEvent.selectOptions(screen.getByLabelText('Expires'), 'In 90 days')
    await userEvent.keyboard('{Tab}')
    await userEvent.click(screen.getByRole('button', { name: 'Create key' }))
    expect(await screen.findByLabelText('API key')).toHaveValue('cak_made_secret')
    await userEvent.keyboard('{Escape}')
    expect(screen.getByLabelText('API key')).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'I have copied it' }))
    expect(screen.queryByLabelText('API key')).not.toBeInTheDocument()
    expect(await row('Mobile')).toHaveTextContent('Active')
    const [sent] = host.sent('POST', '/api/v1/apps/shop/keys') as { name: string; expires_at: string }[]
    expect(sent?.name).toBe('Mobile')
    expect((Date.parse(sent?.expires_at ?? '') - Date.now()) / 86_400_000).toBeCloseTo(90, 1)
  })

  it('are rotated with an overlap', async () => {
    openApp('/app/apps/shop/keys')
    await act('Web', /Rotate/)
    await userEvent.selectOptions(await screen.findByLabelText('The old key ends'), 'After 7 days')
    await userEvent.click(screen.getByRole('button', { name: 'Rotate key' }))
    expect(await screen.findByLabelText('API key')).toHaveValue('cak_made_secret')
    expect(host.sent('POST', '/api/v1/apps/shop/keys/a/rotate')).toEqual([{ overlap_hours: 168 }])
  })

  it('are revoked after a question, which Esc answers with no', async () => {
    openApp('/app/apps/shop/keys')
    await act('Web', /Revoke/)
    expect(await screen.findByRole('alertdialog', { name: 'Revoke Web?' })).toHaveAccessibleDescription(/cannot be undone/)
    await userEvent.keyboard('{Escape}')
    expect(screen.queryByRole('alertdialog')).not.toBeInTheDocument()
    expect(host.sent('DELETE', '/api/v1/apps/shop/keys/a')).toHaveLength(0)
    await waitFor(() => expect(screen.getByRole('button', { name: 'Actions for Web' })).toHaveFocus())
    await act('Web', /Revoke/)
    await userEvent.click(await screen.findByRole('button', { name: 'Revoke key' }))
    expect(await screen.findByText('Web is revoked')).toBeVisible()
    await waitFor(async () => expect(await row('Web')).toHaveTextContent('Revoked'))
  })

  it('say in the question why revoking failed', async () => {
    host.failing.set('DELETE /api/v1/apps/shop/keys/a', () => problem(503, 'The database is away.'))
    openApp('/app/apps/shop/keys')
    await act('Web', /Revoke/)
    await userEvent.click(await screen.findByRole('button', { name: 'Revoke key' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('The database is away.')
  })

  it('say what to do where there are none, and when they could not be loaded', async () => {
    host.keys = []
    const { unmount } = openApp('/app/apps/shop/keys')
    expect(await screen.findByText('No keys yet')).toBeVisible()
    expect(screen.getByRole('button', { name: 'New key' })).toBeVisible()
    unmount()
    host.failing.set('/api/v1/apps/shop/keys', () => problem(400, 'No keys today.'))
    openApp('/app/apps/shop/keys')
    expect(await screen.findByRole('alert')).toHaveTextContent('No keys today.')
  })

  it('need the role admin', async () => {
    host.apps = host.apps.map((each) => ({ ...each, role: 'editor' }))
    openApp('/app/apps/shop/keys')
    expect(await screen.findByText('API keys need the role admin')).toBeVisible()
    expect(screen.getByText(/You are an editor of Shop/)).toBeVisible()
    expect(host.sent('GET', '/api/v1/apps/shop/keys')).toHaveLength(0)
  })
})
