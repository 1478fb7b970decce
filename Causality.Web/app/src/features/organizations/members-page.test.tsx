import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import { acme, ada, FakeHost, problem } from '@/testing/fake-host'
import { openApp } from '@/testing/render-app'

const members = `/api/v1/organizations/${acme}/members`
const invitations = `/api/v1/organizations/${acme}/invitations`

describe('the members page', () => {
  let host: FakeHost
  beforeEach(() => (host = new FakeHost()))

  const row = async (email: string) => (await screen.findByText(email, { selector: 'li span' })).closest('li') as HTMLElement
  const act = async (email: string, action: RegExp) => {
    await userEvent.click(await screen.findByRole('button', { name: `Actions for ${email}` }))
    await userEvent.click(await screen.findByRole('menuitem', { name: action }))
  }

  it('lists people with their role and their roles in apps, and says which one is oneself', async () => {
    openApp('/app/members')
    expect(await row('grace@example.com')).toHaveTextContent(/Grace Hopper.*Joined Nov 2, 2026.*Shop: editor/)
    expect(within(await row(ada.email)).getByText('You')).toBeVisible()
    expect(screen.getByLabelText('Role of grace@example.com')).toHaveValue('viewer')
  })

  it('changes a role', async () => {
    openApp('/app/members')
    await userEvent.selectOptions(await screen.findByLabelText('Role of grace@example.com'), 'Editor')
    expect(await screen.findByText('Grace Hopper is now editor')).toBeVisible()
    expect(host.sent('PATCH', `${members}/u-grace`)).toEqual([{ role: 'editor' }])
  })

  it('says why a role was not changed, and shows the one that holds', async () => {
    host.failing.set(`PATCH ${members}/${ada.id}`, () => problem(409, 'An organization keeps at least one admin.', { code: 'last-admin' }))
    openApp('/app/members')
    await userEvent.selectOptions(await screen.findByLabelText(`Role of ${ada.email}`), 'Viewer')
    expect(await screen.findByText('An organization keeps at least one admin.')).toBeVisible()
    expect(screen.getByLabelText(`Role of ${ada.email}`)).toHaveValue('admin')
  })

  it('gives a role in one app, and takes it back', async () => {
    openApp('/app/members')
    await act('grace@example.com', /Roles in apps/)
    const role = await screen.findByLabelText('Role in Shop')
    expect(role).toHaveValue('editor')
    await userEvent.selectOptions(role, 'Admin')
    await waitFor(() => expect(host.members[1]?.apps).toEqual([{ app_id: 'shop', role: 'admin' }]))
    await waitFor(() => expect(role).toBeEnabled())
    await userEvent.selectOptions(role, 'Viewer, as elsewhere')
    await waitFor(() => expect(host.members[1]?.apps).toEqual([]))
    expect(host.sent('DELETE', `${members}/u-grace/apps/shop`)).toHaveLength(1)
  })

  it('makes a reset link, to be copied', async () => {
    openApp('/app/members')
    await act('grace@example.com', /Password reset link/)
    await userEvent.click(await screen.findByRole('button', { name: 'Create link' }))
    expect(await screen.findByLabelText('Reset link')).toHaveValue('https://causality.test/app/reset-password#secret')
  })

  it('says why there is no reset link for who is in other organizations too', async () => {
    host.failing.set(`${members}/u-grace/password-reset`, () => problem(403, 'Grace is in other organizations too; ask the administrator.'))
    openApp('/app/members')
    await act('grace@example.com', /Password reset link/)
    await userEvent.click(await screen.findByRole('button', { name: 'Create link' }))
    expect(await screen.findByRole('alert')).toHaveTextContent('ask the administrator')
  })

  it('removes a person after a question', async () => {
    openApp('/app/members')
    await act('grace@example.com', /Remove/)
    await userEvent.click(await screen.findByRole('button', { name: 'Remove' }))
    expect(await screen.findByText('Grace Hopper is removed from Acme')).toBeVisible()
    await waitFor(() => expect(screen.queryByText('grace@example.com', { selector: 'li span' })).not.toBeInTheDocument())
  })

  it('lets one leave, and then shows another organization', async () => {
    host.organizations = [{ id: 'o-2', name: 'Other', role: 'viewer' }, ...host.organizations]
    openApp(`/app/members?organization=${acme}`)
    await act(ada.email, /Leave/)
    host.organizations = host.organizations.slice(0, 1)
    host.apps = []
    await userEvent.click(await screen.findByRole('button', { name: 'Leave' }))
    expect(await screen.findByText('You have left Acme')).toBeVisible()
    expect(await screen.findByRole('button', { name: /^Organization: Other/ })).toBeVisible()
  })

  it('renames the organization', async () => {
    openApp('/app/members')
    await userEvent.click(await screen.findByRole('button', { name: 'Rename' }))
    const name = await screen.findByLabelText('Name')
    await userEvent.clear(name)
    await userEvent.type(name, 'Acme Ltd{Enter}')
    expect(await screen.findByRole('button', { name: /^Organization: Acme Ltd/ })).toBeVisible()
  })

  it('shows a viewer who is there, and offers only to leave', async () => {
    host.organizations = host.organizations.map((each) => ({ ...each, role: 'viewer' }))
    openApp('/app/members')
    expect(await row('grace@example.com')).toHaveTextContent('Viewer')
    expect(screen.queryByRole('combobox')).not.toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'Invite' })).not.toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'Actions for grace@example.com' })).not.toBeInTheDocument()
    expect(host.sent('GET', invitations)).toHaveLength(0)
    await userEvent.click(screen.getByRole('button', { name: `Actions for ${ada.email}` }))
    expect((await screen.findAllByRole('menuitem')).map((item) => item.textContent)).toEqual(['Leave…'])
  })

  it('says when members or invitations could not be loaded', async () => {
    host.failing.set(members, () => problem(400, 'No members today.'))
    host.failing.set(invitations, () => problem(400, 'No invitations today.'))
    openApp('/app/members')
    expect(await screen.findByText('No members today.')).toBeVisible()
    expect(await screen.findByText('No invitations today.')).toBeVisible()
  })

  it('invites: makes a link, shows it once, and lists the invitation until it is revoked', async () => {
    openApp('/app/members')
    expect(await screen.findByText('No open invitations')).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'Invite' }))
    await userEvent.type(await screen.findByLabelText('E-mail'), 'new@example.com')
    await userEvent.selectOptions(screen.getByLabelText('Role'), 'Editor')
    expect(screen.getByLabelText('Role')).toHaveAccessibleDescription('An editor also makes dashboards, queries and alerts.')
    await userEvent.click(screen.getByRole('button', { name: 'Create invitation' }))
    expect(await screen.findByRole('textbox', { name: 'Invitation link' })).toHaveValue('https://causality.test/app/invitation#secret')
    expect(host.sent('POST', invitations)).toEqual([{ email: 'new@example.com', role: 'editor' }])
    await userEvent.click(screen.getByRole('button', { name: 'Done' }))
    await userEvent.click(await screen.findByRole('button', { name: 'Revoke the invitation of new@example.com' }))
    await userEvent.click(within(await screen.findByRole('alertdialog')).getByRole('button', { name: 'Revoke' }))
    expect(await screen.findByText('No open invitations')).toBeVisible()
  })
})

describe('an invitation', () => {
  let host: FakeHost
  beforeEach(() => (host = new FakeHost()))

  it('says who invites to what, and is accepted by who is signed in', async () => {
    const app = openApp('/app/invitation#secret')
    expect(await screen.findByRole('heading', { name: 'Join Acme' })).toBeVisible()
    expect(screen.getByText(/ada@example\.com invites you as a viewer, who reads everything\./)).toBeVisible()
    await userEvent.click(await screen.findByRole('button', { name: 'Accept as ada@example.com' }))
    expect(await screen.findByRole('heading', { name: 'Members' })).toBeVisible()
    expect(app.address().searchParams.get('organization')).toBe('o-joined')
    expect(host.sent('POST', '/api/v1/invitations/accept')).toEqual([{ token: 'secret' }])
  })

  it('comes back after signing in, without its token in the address', async () => {
    host.session = null
    const app = openApp('/app/invitation#secret')
    await userEvent.click(await screen.findByRole('link', { name: 'I have an account' }))
    await userEvent.type(await screen.findByLabelText('E-mail'), 'ada@example.com')
    expect(app.history.location.href).toBe('/app/sign-in?back=%2Finvitation')
    await userEvent.type(screen.getByLabelText('Password'), 'a long sentence{Enter}')
    await userEvent.click(await screen.findByRole('button', { name: 'Accept as ada@example.com' }))
    await waitFor(() => expect(host.sent('POST', '/api/v1/invitations/accept')).toEqual([{ token: 'secret' }]))
  })

  it('is accepted by signing up, with the e-mail that it is for', async () => {
    host.session = null
    openApp('/app/invitation#secret')
    await userEvent.click(await screen.findByRole('link', { name: 'Create an account' }))
    expect(await screen.findByRole('heading', { name: 'Join Acme' })).toBeVisible()
    expect(await screen.findByLabelText('E-mail')).toHaveValue('grace@example.com')
    expect(screen.queryByLabelText('Organization')).not.toBeInTheDocument()
    await userEvent.type(screen.getByLabelText('Password'), 'a long sentence{Enter}')
    expect(await screen.findByText('There is no app yet')).toBeVisible()
    expect(host.sent('POST', '/api/v1/auth/register')).toEqual([{ email: 'grace@example.com', password: 'a long sentence', invitation: 'secret' }])
    expect(sessionStorage).toHaveLength(0)
  })

  it('can be for somebody else than who is signed in', async () => {
    openApp('/app/invitation#secret')
    await userEvent.click(await screen.findByRole('button', { name: 'Sign out' }))
    expect(await screen.findByRole('link', { name: 'Create an account' })).toBeVisible()
    expect(screen.getByRole('heading', { name: 'Join Acme' })).toBeVisible()
  })

  it.each([
    ['invitation-used', 410, 'This invitation was used already'],
    ['invitation-expired', 410, 'This invitation has expired'],
    ['invitation-revoked', 410, 'This invitation was revoked'],
    ['invitation-missing', 404, 'There is no such invitation'],
  ])('that is refused as %s says what to do', async (code, status, title) => {
    host.failing.set('/api/v1/invitations/show', () => problem(status, 'No.', { code }))
    openApp('/app/invitation#secret')
    expect(await screen.findByText(title)).toBeVisible()
  })

  it('says when its link is not whole, and when the host is in trouble', async () => {
    const { unmount } = openApp('/app/invitation')
    expect(await screen.findByText('This is not a whole invitation link')).toBeVisible()
    unmount()
    host.failing.set('/api/v1/invitations/show', () => problem(400, 'Not now.'))
    openApp('/app/invitation#secret')
    expect(await screen.findByRole('alert')).toHaveTextContent('Not now.')
  })

  it('says why it was not accepted', async () => {
    host.failing.set('/api/v1/invitations/accept', () => problem(403, 'The invitation is for grace@example.com.'))
    openApp('/app/invitation#secret')
    await userEvent.click(await screen.findByRole('button', { name: /^Accept/ }))
    expect(await screen.findByRole('alert')).toHaveTextContent('The invitation is for grace@example.com.')
  })
})
