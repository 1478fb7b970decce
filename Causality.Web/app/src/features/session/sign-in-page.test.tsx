import { screen, waitFor } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import { ada, FakeHost, problem } from '@/testing/fake-host'
import { openApp } from '@/testing/render-app'

describe('sign-in', () => {
  let host: FakeHost

  beforeEach(() => {
    host = new FakeHost()
    host.session = null
  })

  const fill = async (email: string, password: string) => {
    const user = userEvent.setup()
    const field = await screen.findByLabelText('E-mail')
    if (email) await user.type(field, email)
    if (password) await user.type(screen.getByLabelText('Password'), password)
    await user.click(screen.getByRole('button', { name: 'Sign in' }))
  }

  it('brings a signed-out visitor here, with the e-mail in focus and fields that a password manager knows', async () => {
    openApp('/app/')
    const email = await screen.findByLabelText('E-mail')
    expect(email).toHaveFocus()
    expect(document.title).toBe('Sign in · Causality')
    expect(email).toHaveAttribute('autocomplete', 'username')
    expect(screen.getByLabelText('Password')).toHaveAttribute('autocomplete', 'current-password')
  })

  it('returns to the deep link that asked for it', async () => {
    const app = openApp('/app/trends?app=shop&event=purchase&range=7d&tz=UTC')
    await fill('ada@example.com', 'secret')
    expect(await screen.findByRole('heading', { name: 'Trends' })).toBeVisible()
    await waitFor(() => expect(app.address().pathname).toBe('/app/trends'))
    expect(app.address().searchParams.get('event')).toBe('purchase')
    expect(app.address().searchParams.get('range')).toBe('7d')
  })

  it('never leaves for another site after signing in', async () => {
    const app = openApp('/app/sign-in?back=//evil.example/')
    await fill('ada@example.com', 'secret')
    await waitFor(() => expect(app.address().pathname).toBe('/app/trends'))
  })

  it('sends a person who is signed in already where they wanted to go', async () => {
    host.session = ada
    const app = openApp('/app/sign-in?back=%2Ftrends%3Frange%3D7d')
    await waitFor(() => expect(app.address().pathname).toBe('/app/trends'))
    expect(app.address().searchParams.get('range')).toBe('7d')
  })

  it('tells a wrong password and keeps what was typed, selected', async () => {
    host.signIn = () => problem(401, 'Wrong.')
    openApp('/app/sign-in')
    await fill('ada@example.com', 'guess')
    expect(await screen.findByRole('alert')).toHaveTextContent('The e-mail or the password is wrong.')
    const password = screen.getByLabelText<HTMLInputElement>('Password')
    expect(password).toHaveValue('guess')
    expect(password.selectionEnd).toBe(5)
  })

  it('says how long to wait after too many tries', async () => {
    host.signIn = () => problem(429, 'Slow down.', {}, { 'Retry-After': '30' })
    openApp('/app/sign-in')
    await fill('ada@example.com', 'guess')
    expect(await screen.findByRole('alert')).toHaveTextContent('Wait 30 seconds')
  })

  it('says when the server cannot be reached', async () => {
    openApp('/app/sign-in')
    await screen.findByLabelText('E-mail')
    host.failing.set('/api/v1/auth/login', () => {
      throw new TypeError('fetch failed')
    })
    await fill('ada@example.com', 'secret')
    expect(await screen.findByRole('alert')).toHaveTextContent('Causality cannot be reached.')
  })

  it('names the empty fields and puts the focus on the first', async () => {
    openApp('/app/sign-in')
    await fill('', '')
    expect(screen.getByText('Enter your e-mail.')).toBeVisible()
    expect(screen.getByLabelText('Password')).toHaveAccessibleDescription('Enter your password.')
    expect(screen.getByLabelText('E-mail')).toHaveFocus()
  })

  it('shows the password on demand', async () => {
    openApp('/app/sign-in')
    await userEvent.click(await screen.findByRole('button', { name: 'Show password' }))
    expect(screen.getByLabelText('Password')).toHaveAttribute('type', 'text')
  })
})
