import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { acme, FakeHost, problem } from '@/testing/fake-host'
import { openApp } from '@/testing/render-app'

let host: FakeHost

beforeEach(() => {
  host = new FakeHost()
  host.organizations = [
    { id: acme, name: 'Acme', role: 'admin' },
    { id: 'o-navy', name: 'Navy', role: 'viewer' },
  ]
  host.apps = [
    { id: 'shop', name: 'Shop', organization_id: acme, time_zone: 'Europe/Berlin', role: 'admin' },
    { id: 'blog', name: 'Blog', organization_id: acme, time_zone: 'UTC', role: 'admin' },
    { id: 'ship', name: 'Ship', organization_id: 'o-navy', time_zone: 'Asia/Tokyo', role: 'viewer' },
  ]
})

const choose = async (switcher: RegExp, option: RegExp) => {
  await userEvent.click(await screen.findByRole('button', { name: switcher }))
  await userEvent.click(await screen.findByRole('option', { name: option }))
}

describe('the switchers', () => {
  it('say which app and organization are open, with time zone and role, as the address has it', async () => {
    openApp('/app/tracking-code?app=ship')
    expect(await screen.findByRole('button', { name: 'App: Ship Asia/Tokyo' })).toBeVisible()
    expect(screen.getByRole('button', { name: 'Organization: Navy Viewer' })).toBeVisible()
  })

  it('open another app on the page that is open', async () => {
    const app = openApp('/app/apps/shop/keys')
    await choose(/^App: Shop/, /Blog/)
    await waitFor(() => expect(app.address().pathname).toBe('/app/apps/blog/keys'))
    expect(await screen.findByRole('heading', { name: 'Blog' })).toBeVisible()
  })

  it('keep the question of Trends, and drop the events and the time zone of the other app', async () => {
    const app = openApp('/app/trends?app=shop&event=purchase&range=7d&tz=Europe%2FBerlin')
    await screen.findByRole('region', { name: 'Values' })
    await choose(/^App: Shop/, /Blog/)
    await waitFor(() => expect(host.asked.at(-1)).toMatchObject({ app_id: 'blog', time_zone: 'UTC' }))
    expect(app.address().searchParams.get('range')).toBe('7d')
    expect(app.address().searchParams.getAll('event')).not.toContain('purchase')
  })

  it('open another organization on the same page, or its app where the page is of an app', async () => {
    const app = openApp(`/app/members?organization=${acme}`)
    await choose(/^Organization: Acme/, /Navy/)
    await waitFor(() => expect(app.address().searchParams.get('organization')).toBe('o-navy'))
    await userEvent.click(screen.getByRole('link', { name: 'Tracking code' }))
    await waitFor(() => expect(app.address().searchParams.get('app')).toBe('ship'))
    await choose(/^Organization: Navy/, /Acme/)
    await waitFor(() => expect(app.address().searchParams.get('app')).toBe('shop'))
  })

  it('are remembered: the next visit begins where the last one was', async () => {
    const first = openApp('/app/tracking-code?app=blog')
    await screen.findByRole('button', { name: /^App: Blog/ })
    first.unmount()
    openApp('/app/members')
    expect(await screen.findByRole('button', { name: /^App: Blog/ })).toBeVisible()
    await choose(/^Organization: Acme/, /Navy/)
    expect(await screen.findByRole('button', { name: /^App: Ship/ })).toBeVisible()
    await choose(/^Organization: Navy/, /Acme/)
    expect(await screen.findByRole('button', { name: /^App: Blog/ })).toBeVisible()
  })

  it('make a new organization, and open it', async () => {
    const app = openApp('/app/members')
    await choose(/^Organization: Acme/, /New organization/)
    await userEvent.type(await screen.findByLabelText('Name'), 'Air Force{Enter}')
    expect(await screen.findByRole('button', { name: /^Organization: Air Force/ })).toBeVisible()
    await waitFor(() => expect(app.address().searchParams.get('organization')).toBe('o-3'))
  })

  it('are worked with arrow keys and Enter, and closed with Esc', async () => {
    const user = userEvent.setup()
    openApp('/app/tracking-code?app=shop')
    const button = await screen.findByRole('button', { name: /^App: Shop/ })
    button.focus()
    await user.keyboard('{Enter}')
    await screen.findByRole('option', { name: /Blog/ })
    await user.keyboard('{Escape}')
    await waitFor(() => expect(button).toHaveFocus())
    await user.keyboard('{Enter}')
    await screen.findByRole('option', { name: /Blog/ })
    await user.keyboard('{ArrowDown}{Enter}')
    expect(await screen.findByRole('button', { name: /^App: Blog/ })).toBeVisible()
  })
})

describe('the command palette', () => {
  const open = async (at = '/app/members') => {
    const app = openApp(at)
    await screen.findByRole('heading', { level: 1 })
    await userEvent.keyboard('{Control>}k{/Control}')
    await screen.findByRole('dialog', { name: 'Search pages, apps and actions' })
    return app
  }
  const run = (search: string) => userEvent.keyboard(`${search}{Enter}`)

  it('opens and closes by Ctrl and K, by Cmd and K, and closes by Esc', async () => {
    await open()
    await userEvent.keyboard('{Control>}k{/Control}')
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument()
    await userEvent.keyboard('{Meta>}k{/Meta}')
    expect(screen.getByRole('dialog')).toBeVisible()
    await userEvent.keyboard('{Escape}')
    expect(screen.queryByRole('dialog')).not.toBeInTheDocument()
  })

  it('goes to a page and puts the focus on its heading', async () => {
    const app = await open()
    await run('audit')
    await waitFor(() => expect(app.address().pathname).toBe('/app/audit'))
    await waitFor(() => expect(screen.getByRole('heading', { name: 'Audit' })).toHaveFocus())
  })

  it('opens an app and an organization by name, and an app by its id', async () => {
    await open('/app/tracking-code?app=shop')
    await run('ship')
    expect(await screen.findByRole('button', { name: /^Organization: Navy/ })).toBeVisible()
    await userEvent.keyboard('{Control>}k{/Control}')
    await run('acme')
    expect(await screen.findByRole('button', { name: /^Organization: Acme/ })).toBeVisible()
  })

  it('changes the theme, and says when nothing is called that', async () => {
    await open()
    await run('dark')
    expect(document.documentElement.dataset.theme).toBe('dark')
    delete document.documentElement.dataset.theme
    await userEvent.keyboard('{Control>}k{/Control}')
    await userEvent.keyboard('xyzzy')
    expect(screen.getByText('Nothing is called that.')).toBeVisible()
  })

  it('signs out', async () => {
    await open()
    await run('sign out')
    expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeVisible()
    expect(host.session).toBeNull()
  })

  it('lists only what one’s role may use', async () => {
    await open('/app/members?organization=o-navy')
    expect(screen.queryByRole('option', { name: /Audit/ })).not.toBeInTheDocument()
    expect(screen.queryByRole('option', { name: /New app/ })).not.toBeInTheDocument()
    expect(screen.getByRole('option', { name: /Members/ })).toBeVisible()
  })
})

describe('the frame of the pages', () => {
  it('groups the pages and marks the one that is open', async () => {
    openApp('/app/members')
    const pages = within(await screen.findByRole('navigation', { name: 'Pages' }))
    expect(pages.getAllByRole('group').map((group) => group.getAttribute('aria-label'))).toEqual(['Analyze', 'Set-up', 'Organization', 'Installation'])
    expect(pages.getByRole('link', { name: 'Members' })).toHaveAttribute('aria-current', 'page')
    expect(pages.getByRole('link', { name: 'Trends' })).not.toHaveAttribute('aria-current')
  })

  it('begins with a way past the navigation', async () => {
    openApp('/app/members')
    await screen.findByRole('heading', { name: 'Members' })
    await userEvent.tab()
    expect(screen.getByRole('link', { name: 'Skip to content' })).toHaveFocus()
    expect(document.querySelector('#main')).toHaveAttribute('tabindex', '-1')
  })

  it('moves the focus to the heading of a page that one goes to, and leaves it for a change within a page', async () => {
    openApp('/app/members')
    await userEvent.click(await screen.findByRole('link', { name: 'Audit' }))
    await waitFor(() => expect(screen.getByRole('heading', { name: 'Audit' })).toHaveFocus())
    await userEvent.selectOptions(screen.getByLabelText('Action'), 'All')
    await userEvent.type(screen.getByLabelText('Text'), 'x')
    await waitFor(() => expect(host.requests.at(-1)?.query.get('q')).toBe('x'))
    expect(screen.getByLabelText('Text')).toHaveFocus()
  })

  it('is made narrow, and remembers it', async () => {
    const first = openApp('/app/members')
    await userEvent.click(await screen.findByRole('button', { name: 'Collapse the sidebar' }))
    expect(screen.getByRole('button', { name: 'Open the sidebar' })).toHaveAttribute('aria-expanded', 'false')
    expect(screen.getByRole('link', { name: 'Members' })).toBeVisible()
    first.unmount()
    openApp('/app/members')
    expect(await screen.findByRole('button', { name: 'Open the sidebar' })).toBeVisible()
  })

  it('has a drawer on a small window, which closes when one goes somewhere', async () => {
    vi.spyOn(window, 'matchMedia').mockImplementation((query) => Object.assign(new EventTarget(), { matches: false, media: query }) as MediaQueryList)
    openApp('/app/members')
    await userEvent.click(await screen.findByRole('button', { name: 'Open the navigation' }))
    const drawer = await screen.findByRole('dialog', { name: 'Navigation' })
    await userEvent.keyboard('{Escape}')
    expect(drawer).not.toBeInTheDocument()
    expect(screen.getByRole('button', { name: 'Open the navigation' })).toHaveFocus()
    await userEvent.click(screen.getByRole('button', { name: 'Open the navigation' }))
    await userEvent.click(await screen.findByRole('link', { name: 'Apps' }))
    await waitFor(() => expect(screen.queryByRole('dialog')).not.toBeInTheDocument())
    await waitFor(() => expect(screen.getByRole('heading', { name: 'Apps' })).toHaveFocus())
  })

  it('says when organizations and apps could not be loaded, and tries again', async () => {
    host.failing.set('/api/v1/organizations', () => problem(400, 'No organizations today.'))
    openApp('/app/members')
    expect(await screen.findByRole('alert')).toHaveTextContent('No organizations today.')
    host.failing.clear()
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await screen.findByRole('heading', { name: 'Members' })).toBeVisible()
  })

  it('says what to do to who belongs to no organization', async () => {
    host.organizations = []
    host.apps = []
    openApp('/app/members')
    expect(await screen.findByText('You belong to no organization')).toBeVisible()
    expect(screen.getByRole('button', { name: /^Organization: No organization/ })).toBeVisible()
  })

  it('ends the session when a change is refused because there is none', async () => {
    openApp('/app/profile')
    const name = await screen.findByRole('textbox', { name: 'Name' })
    host.session = null
    await userEvent.type(name, ' of Lovelace{Enter}')
    expect(await screen.findByRole('heading', { name: 'Sign in' })).toBeVisible()
  })
})
