import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { countsFor, FakeHost, problem } from '@/testing/fake-host'
import { openApp } from '@/testing/render-app'

describe('the shell', () => {
  let host: FakeHost

  beforeEach(() => {
    host = new FakeHost()
    delete document.documentElement.dataset.theme
  })

  it('signs out, forgets everything and asks to sign in', async () => {
    const app = openApp('/app/trends')
    await userEvent.click(await screen.findByRole('button', { name: /^Account/ }))
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Sign out' }))
    expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeVisible()
    expect(host.session).toBeNull()
    expect(app.address().search).toBe('')
    expect(app.queryClient.getQueryData(['apps'])).toBeUndefined()
  })

  it('asks to sign in again once another tab has signed out, and forgets everything', async () => {
    const app = openApp('/app/trends?app=shop')
    await screen.findByRole('button', { name: /^Account/ })
    host.session = null
    const otherTab = new BroadcastChannel('causality-session')
    otherTab.postMessage('ended')
    expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeVisible()
    expect(app.queryClient.getQueryData(['apps'])).toBeUndefined()
    otherTab.close()
  })

  it('asks to sign in again, and remembers the place, when the session has ended', async () => {
    const app = openApp('/app/trends?app=shop&event=purchase&tz=UTC')
    await screen.findByRole('region', { name: 'Values' })
    host.session = null
    await app.queryClient.invalidateQueries({ queryKey: ['trends'] })
    expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeVisible()
    expect(app.address().searchParams.get('back')).toContain('event=purchase')
  })

  it('remembers a theme, and forgets it for the system’s', async () => {
    openApp('/app/trends')
    await userEvent.click(await screen.findByRole('button', { name: /^Account/ }))
    expect(await screen.findByRole('menuitemradio', { name: 'System' })).toBeChecked()
    await userEvent.click(await screen.findByRole('menuitemradio', { name: 'Dark' }))
    expect(document.documentElement.dataset.theme).toBe('dark')
    expect(localStorage.getItem('causality.theme')).toBe('dark')
    await userEvent.click(await screen.findByRole('button', { name: /^Account/ }))
    await userEvent.click(await screen.findByRole('menuitemradio', { name: 'System' }))
    expect(document.documentElement.dataset.theme).toBeUndefined()
    expect(localStorage.getItem('causality.theme')).toBeNull()
  })

  it('says when the server cannot be asked who is signed in, and tries again', async () => {
    host.failing.set('/api/v1/auth/me', () => problem(503, 'The database is away.'))
    openApp('/app/trends')
    expect(await screen.findByRole('alert')).toHaveTextContent('The database is away.')
    host.failing.clear()
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await screen.findByRole('heading', { name: 'Trends' })).toBeVisible()
  })

  it('keeps the header and the way home when a page fails to draw', async () => {
    // an answer that is not what the API promises
    host.answer = () => ({ series: [{}], snapshot: 1, elapsed_ms: 1 }) as never
    vi.spyOn(console, 'error').mockImplementation(() => undefined)
    openApp('/app/trends?app=shop&event=purchase')
    expect(await screen.findByRole('alert')).toHaveTextContent('This page could not be shown')
    expect(screen.getByRole('link', { name: 'Causality' })).toBeVisible()
    expect(screen.getByRole('button', { name: /^Account/ })).toBeVisible()
    host.answer = (request) => countsFor(request)
    await userEvent.click(screen.getByRole('button', { name: 'Open Trends' }))
    expect(await screen.findByRole('heading', { name: 'Trends' })).toBeVisible()
  })

  it('says when there is no such page', async () => {
    const app = openApp('/app/nowhere')
    await userEvent.click(await screen.findByRole('button', { name: 'Open Trends' }))
    await waitFor(() => expect(app.address().pathname).toBe('/app/trends'))
  })
})
