import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import { ada, FakeHost, problem } from '@/testing/fake-host'
import { openApp } from '@/testing/render-app'
import { deviceOf } from './device'

describe('the profile', () => {
  let host: FakeHost
  beforeEach(() => (host = new FakeHost()))

  it('renames oneself, and the account menu follows', async () => {
    openApp('/app/profile')
    const name = await screen.findByRole('textbox', { name: 'Name' })
    expect(screen.getByRole('button', { name: 'Save name' })).toBeDisabled()
    await userEvent.clear(name)
    await userEvent.type(name, 'Countess{Enter}')
    expect(await screen.findByText('Name saved')).toBeVisible()
    expect(screen.getByRole('button', { name: 'Account: Countess ada@example.com' })).toBeVisible()
  })

  it('changes the password', async () => {
    openApp('/app/profile')
    await userEvent.type(await screen.findByLabelText('Current password'), 'the old one')
    await userEvent.type(screen.getByLabelText('New password'), 'a long sentence')
    await userEvent.click(screen.getByRole('button', { name: 'Change password' }))
    expect(await screen.findByText('Password changed')).toBeVisible()
    expect(host.sent('POST', '/api/v1/auth/password')).toEqual([{ current: 'the old one', new: 'a long sentence' }])
    expect(screen.getByLabelText('Current password')).toHaveValue('')
  })

  it('says what is wrong with a password, before and after it is sent', async () => {
    openApp('/app/profile')
    await userEvent.click(await screen.findByRole('button', { name: 'Change password' }))
    expect(screen.getByLabelText('Current password')).toHaveFocus()
    expect(screen.getByText('Enter your password.')).toBeVisible()
    await userEvent.type(screen.getByLabelText('Current password'), 'not mine')
    await userEvent.type(screen.getByLabelText('New password'), 'a long sentence')
    host.failing.set('/api/v1/auth/password', () => problem(400, 'Wrong.', { errors: { current: ['is not your password'] } }))
    await userEvent.click(screen.getByRole('button', { name: 'Change password' }))
    expect(await screen.findByText('Is not your password.')).toBeVisible()
  })

  it('does not sign out who mistypes the password, even where that is a 401', async () => {
    openApp('/app/profile')
    await userEvent.type(await screen.findByLabelText('Current password'), 'not mine')
    await userEvent.type(screen.getByLabelText('New password'), 'a long sentence')
    host.failing.set('/api/v1/auth/password', () => problem(401, 'The password is wrong.', { code: 'sign-in-refused' }))
    await userEvent.click(screen.getByRole('button', { name: 'Change password' }))
    expect(await screen.findByText('The password is wrong.')).toBeVisible()
    expect(screen.getByRole('heading', { name: 'Profile' })).toBeVisible()
  })

  it('has no password form for who signs in by another provider', async () => {
    host.session = { ...ada, has_password: false }
    openApp('/app/profile')
    expect(await screen.findByText(/sign in by another provider/)).toBeVisible()
    expect(screen.queryByLabelText('New password')).not.toBeInTheDocument()
  })

  it('lists the sessions and ends another one', async () => {
    openApp('/app/profile')
    const list = await screen.findByRole('list', { name: 'Sessions' })
    const [current, other] = within(list).getAllByRole('listitem')
    expect(current).toHaveTextContent(/Firefox on Linux.*This one.*203\.0\.113\.9/)
    expect(within(current as HTMLElement).queryByRole('button')).not.toBeInTheDocument()
    await userEvent.click(within(other as HTMLElement).getByRole('button', { name: 'Sign out curl' }))
    expect(await screen.findByText('curl is signed out')).toBeVisible()
    await waitFor(() => expect(within(list).getAllByRole('listitem')).toHaveLength(1))
  })

  it('says when the sessions could not be loaded, or one not ended', async () => {
    host.failing.set('/api/v1/auth/sessions', () => problem(400, 'No sessions today.'))
    openApp('/app/profile')
    expect(await screen.findByText('No sessions today.')).toBeVisible()
    host.failing.clear()
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
    host.failing.set('DELETE /api/v1/auth/sessions/s-2', () => problem(503, 'Not now.'))
    await userEvent.click(await screen.findByRole('button', { name: 'Sign out curl' }))
    expect(await screen.findByText('The session was not ended')).toBeVisible()
  })
})

describe('a device', () => {
  it.each([
    ['Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0', 'Edge on Windows'],
    ['Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1', 'Safari on iOS'],
    ['Mozilla/5.0 (Linux; Android 15) Chrome/140.0 Mobile Safari/537.36', 'Chrome on Android'],
    ['curl/8.5.0', 'curl'],
    [null, 'Unknown device'],
  ])('that calls itself %s is %s', (userAgent, name) => expect(deviceOf(userAgent)).toBe(name))
})
