import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import { FakeHost, problem } from '@/testing/fake-host'
import { openApp } from '@/testing/render-app'

describe('sign-up', () => {
  let host: FakeHost

  beforeEach(() => {
    host = new FakeHost()
    host.session = null
  })

  const fill = async (fields: Record<string, string>) => {
    for (const [label, text] of Object.entries(fields)) await userEvent.type(await screen.findByLabelText(label), text)
    await userEvent.click(screen.getByRole('button', { name: 'Create account' }))
  }

  it('is reached from sign-in, and leads to the first app', async () => {
    const app = openApp('/app/sign-in')
    await userEvent.click(await screen.findByRole('link', { name: 'Create an account' }))
    expect(await screen.findByRole('heading', { name: 'Create an account' })).toBeVisible()
    expect(screen.getByLabelText('Password')).toHaveAttribute('autocomplete', 'new-password')
    await fill({ Name: 'Grace', 'E-mail': 'grace@example.com', Password: 'a long sentence', Organization: 'Navy' })
    expect(await screen.findByRole('heading', { name: 'Create your first app' })).toBeVisible()
    expect(app.address().pathname).toBe('/app/apps/new')
    expect(host.sent('POST', '/api/v1/auth/register')).toEqual([{ name: 'Grace', email: 'grace@example.com', password: 'a long sentence', organization: 'Navy' }])
  })

  it('is refused before it is sent when the password is short, as short as the host says', async () => {
    host.options.min_password_length = 20
    openApp('/app/sign-up')
    await screen.findByText(/At least 20 characters/)
    await fill({ 'E-mail': 'grace@example.com', Password: 'a long sentence' })
    expect(screen.getByLabelText('Password')).toHaveAccessibleDescription(/Use at least 20 characters\./)
    expect(screen.getByLabelText('Password')).toHaveFocus()
    expect(host.sent('POST', '/api/v1/auth/register')).toEqual([])
  })

  it('says at the field why the host refused it, and at the form what concerns no field', async () => {
    host.failing.set('/api/v1/auth/register', () => problem(400, 'Some fields are wrong.', { errors: { password: ['This password is known to thieves.'] } }))
    openApp('/app/sign-up')
    await fill({ 'E-mail': 'grace@example.com', Password: 'password12345' })
    expect(await screen.findByText('This password is known to thieves.')).toBeVisible()
    expect(screen.queryByRole('alert')).not.toBeInTheDocument()
    host.failing.set('/api/v1/auth/register', () => problem(409, 'There is an account with this e-mail.', { code: 'email-taken' }))
    await userEvent.click(screen.getByRole('button', { name: 'Create account' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('There is an account with this e-mail. Sign in instead')
  })

  it('is by invitation only where the host says so', async () => {
    host.options.registration = 'invited'
    openApp('/app/sign-up')
    expect(await screen.findByText(/new accounts by invitation only/)).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Create account' })).not.toBeInTheDocument()
  })

  it('offers another provider on the sign-in page where there is one, and comes back to the page that was asked for', async () => {
    host.options.oidc = { name: 'Okta' }
    openApp('/app/sign-in?back=%2Fmembers')
    expect(await screen.findByRole('link', { name: 'Continue with Okta' })).toHaveAttribute('href', '/api/v1/auth/oidc/start?back=%2Fmembers')
  })

  it.each([
    ['provider-refused', 'Signing in with Okta did not succeed'],
    ['provider-away', 'Okta cannot be reached'],
    ['sign-in-expired', 'took too long'],
    ['email-unverified', 'does not confirm your e-mail address'],
    ['email-taken', 'Sign in with its password'],
    ['registration-closed', 'by invitation only'],
  ])('says why another provider’s sign-in ended as %s', async (code, words) => {
    host.options.oidc = { name: 'Okta' }
    openApp(`/app/sign-in?failed=${code}&back=%2F`)
    expect(await screen.findByText(new RegExp(words))).toBeVisible()
    expect(await screen.findByRole('link', { name: 'Continue with Okta' })).toBeVisible()
  })
})

describe('the password reset', () => {
  let host: FakeHost

  beforeEach(() => {
    host = new FakeHost()
    host.session = null
  })

  it('asks for a link, and says what the host says whether or not the e-mail is known', async () => {
    openApp('/app/reset-password')
    await userEvent.click(await screen.findByRole('button', { name: 'Send the link' }))
    expect(screen.getByText('Enter your e-mail.')).toBeVisible()
    await userEvent.type(screen.getByLabelText('E-mail'), 'grace@example.com')
    await userEvent.click(screen.getByRole('button', { name: 'Send the link' }))
    expect(await screen.findByText('If the e-mail is known, a link is on its way.')).toBeVisible()
  })

  it('says whom to ask where no mail is sent', async () => {
    host.options.mail = false
    openApp('/app/reset-password')
    expect(await screen.findByText(/sends no mail\. Ask an admin/)).toBeVisible()
    expect(screen.queryByRole('button', { name: 'Send the link' })).not.toBeInTheDocument()
  })

  it('says how long to wait after too many tries', async () => {
    host.failing.set('/api/v1/auth/password-reset', () => problem(429, 'Slow down.', {}, { 'Retry-After': '60' }))
    openApp('/app/reset-password')
    await userEvent.type(await screen.findByLabelText('E-mail'), 'grace@example.com')
    await userEvent.click(screen.getByRole('button', { name: 'Send the link' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('Wait 60 seconds')
  })

  it('takes a new password with the token of the link, and leads to sign-in', async () => {
    const app = openApp('/app/reset-password#secret')
    await userEvent.type(await screen.findByLabelText('New password'), 'short')
    await userEvent.click(screen.getByRole('button', { name: 'Save the password' }))
    expect(screen.getByText('Use at least 12 characters.')).toBeVisible()
    await userEvent.type(screen.getByLabelText('New password'), ' but longer')
    await userEvent.click(screen.getByRole('button', { name: 'Save the password' }))
    await waitFor(() => expect(app.address().pathname).toBe('/app/sign-in'))
    expect(await screen.findByText('The password is changed')).toBeVisible()
    expect(host.sent('POST', '/api/v1/auth/password-reset/complete')).toEqual([{ token: 'secret', password: 'short but longer' }])
  })

  it('says when the link was used or is too old', async () => {
    host.failing.set('/api/v1/auth/password-reset/complete', () => problem(410, 'The link was used already. Ask for a new one.'))
    openApp('/app/reset-password#secret')
    await userEvent.type(await screen.findByLabelText('New password'), 'a long sentence')
    await userEvent.click(screen.getByRole('button', { name: 'Save the password' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('The link was used already. Ask for a new one.')
  })
})
