import { act, screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import { ada, FakeHost, problem } from '@/testing/fake-host'
import { figuresAsOf } from '@/testing/fake-dead-letters'
import { openApp } from '@/testing/render-app'
import type { Letter } from './dead-letters.queries'

const routes = '/api/v1/operations/dead-letters'
const page = '/app/operations/dead-letters'
const notUtf8 = 'UserId is not UTF-8'
const givenUp = 'The broker gave the message up after its last delivery.'

const letter = (n: number, more: Partial<Letter> = {}): Letter => ({
  id: `l-${n}`,
  at: `2026-11-21T09:${String(59 - n).padStart(2, '0')}:00Z`,
  events: 2,
  reason: notUtf8,
  bytes: 412,
  state: 'open',
  message_id: `m-${n}`,
  app_id: 'shop',
  preview: [{ app_id: 'shop', event_type: 'opened', payload: { n }, damage: notUtf8 }] as unknown as Letter['preview'],
  ...more,
})

let host: FakeHost

beforeEach(() => {
  host = new FakeHost()
  host.letters = [
    letter(1),
    letter(2, { events: 5, detail: 'byte 0xC0' }),
    letter(3, { app_id: 'demo', events: 1 }),
    letter(4, { state: 'discarded', bytes: 0, preview: null, resolved_at: '2026-11-21T09:58:00Z', resolved_by: 'grace@example.com' }),
    letter(5, { reason: givenUp, app_id: null, events: 40 }),
  ]
})

const rows = async (name: string) => within(await screen.findByRole('list', { name })).getAllByRole('listitem').filter((item) => item.parentElement?.getAttribute('aria-label') === name)
const letters = () => rows('Letters')
const open = (reason: string, more = '') => openApp(`${page}?${new URLSearchParams({ reason }).toString()}${more}`)

describe('the reasons', () => {
  it('tell how many letters and events each has, whose they are, and what became of them', async () => {
    openApp(page)
    const [first, second] = await rows('Reasons')
    expect(first).toHaveTextContent(/UserId is not UTF-8shop, demo.*3 open1 discarded10 events in 4 letters/)
    expect(second).toHaveTextContent(/The broker gave the message up.*no single app1 open40 events in 1 letter/)
    expect(screen.getByText('4 open letters with 48 events')).toBeVisible()
  })

  it('are narrowed to an app, in the address too', async () => {
    const { address } = openApp(page)
    await userEvent.selectOptions(await screen.findByLabelText('App'), 'demo')
    await waitFor(async () => expect(await rows('Reasons')).toHaveLength(1))
    expect(address().search).toBe('?app_id=demo')
    expect(screen.getByText('1 open letter with 1 event')).toBeVisible()
  })

  it('warn when more events wait than should', async () => {
    host.deadLettersThreshold = 47
    openApp(page)
    expect(await screen.findByText(/48 dead events wait for a decision, more than 47/)).toBeVisible()
  })

  it('do not warn of as many as may', async () => {
    host.deadLettersThreshold = 48
    openApp(page)
    await rows('Reasons')
    expect(screen.queryByText(/dead events wait/)).not.toBeInTheDocument()
  })

  it('that are none say what would land here', async () => {
    host.letters = []
    openApp(page)
    expect(await screen.findByText('Nothing is dead')).toBeVisible()
    expect(screen.getByText(/What the sink cannot store lands here/)).toBeVisible()
  })

  it('say when they could not be loaded, and are loaded again', async () => {
    host.failing.set(routes, () => problem(400, 'Not now.'))
    openApp(page)
    expect(await screen.findByRole('alert')).toHaveTextContent('The dead letters could not be loadedNot now.')
    host.failing.clear()
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await rows('Reasons')).toHaveLength(2)
  })

  it('are for administrators', async () => {
    host.session = { ...ada, administrator: false }
    openApp(page)
    expect(await screen.findByText('Operations are for administrators of the installation')).toBeVisible()
    expect(host.sent('GET', routes)).toHaveLength(0)
  })
})

describe('the letters with a reason', () => {
  it('are reached from it, with their events as JSON, and left by the way back', async () => {
    const { address, history } = openApp(page)
    await userEvent.click(await screen.findByRole('link', { name: notUtf8 }))
    const [first, second] = await letters()
    expect(first).toHaveTextContent(/2 events · 412 B · shop\{ "event_type": "opened", "payload": \{"n":1\}, "app_id": "shop" \}/)
    expect(second).toHaveTextContent('byte 0xC0')
    expect(address().searchParams.get('reason')).toBe(notUtf8)
    expect(screen.getByRole('heading', { name: notUtf8 })).toHaveFocus()
    act(() => history.back())
    expect(await rows('Reasons')).toHaveLength(2)
    expect(screen.getByRole('heading', { name: 'Operations' })).toHaveFocus()
  })

  it('are seen by what became of them, in the address too', async () => {
    const { address } = open(notUtf8)
    await userEvent.click(await screen.findByRole('radio', { name: 'Discarded 1' }))
    await waitFor(async () => expect((await letters())[0]).toHaveTextContent(/Decided .* by grace@example\.com/))
    expect(address().searchParams.get('state')).toBe('discarded')
    expect(screen.queryByRole('checkbox')).not.toBeInTheDocument()
    await userEvent.click(screen.getByRole('radio', { name: 'Replayed 0' }))
    expect(await screen.findByText('None of these letters was replayed.')).toBeVisible()
  })

  it('are read on from page to page', async () => {
    host.letters = Array.from({ length: 45 }, (_, n) => letter(n))
    open(notUtf8)
    expect(await letters()).toHaveLength(20)
    await userEvent.click(screen.getByRole('button', { name: 'Load more' }))
    await waitFor(async () => expect(await letters()).toHaveLength(40))
    await userEvent.click(screen.getByRole('button', { name: 'Load more' }))
    await waitFor(async () => expect(await letters()).toHaveLength(45))
    expect(screen.queryByRole('button', { name: 'Load more' })).not.toBeInTheDocument()
  })

  it('are replayed when selected, after it was said what that means', async () => {
    open(notUtf8)
    await letters()
    const [all, first, second] = screen.getAllByRole('checkbox')
    await userEvent.click(first as HTMLElement)
    await userEvent.click(second as HTMLElement)
    expect(screen.getByText('2 letters with 7 events selected')).toBeVisible()
    expect(all).toBePartiallyChecked()
    await userEvent.click(screen.getByRole('button', { name: 'Replay 2…' }))
    const dialog = within(await screen.findByRole('alertdialog', { name: 'Replay 2 letters?' }))
    expect(dialog.getByText(/7 events are sent to the sink again, as they came and with the same keys/)).toBeVisible()
    await userEvent.click(dialog.getByRole('button', { name: 'Replay 7 events' }))
    expect(await screen.findByText('Replayed 2 letters with 7 events')).toBeVisible()
    expect(host.sent('POST', `${routes}/replay`)).toEqual([{ ids: ['l-1', 'l-2'] }])
    await waitFor(async () => expect(await letters()).toHaveLength(1))
    expect(screen.getByRole('radio', { name: 'Replayed 2' })).toBeVisible()
  })

  it('are discarded all together, of an app only where one was chosen', async () => {
    open(notUtf8, '&app_id=shop')
    await userEvent.click(await screen.findByRole('button', { name: 'Discard all 2…' }))
    const dialog = within(await screen.findByRole('alertdialog', { name: 'Discard 2 letters for good?' }))
    expect(dialog.getByText(/All open letters with the reason “UserId is not UTF-8” of shop\. 7 events are given up: the bytes are removed, and nobody can bring them back/)).toBeVisible()
    await userEvent.click(dialog.getByRole('button', { name: 'Discard 7 events' }))
    expect(await screen.findByText('Discarded 2 letters with 7 events')).toBeVisible()
    expect(host.sent('POST', `${routes}/discard`)).toEqual([{ reason: notUtf8, before: figuresAsOf, app_id: 'shop' }])
    expect(await screen.findByText('None of these letters waits for a decision.')).toBeVisible()
    expect(host.letters.filter(({ state }) => state === 'open').map(({ id }) => id)).toEqual(['l-3', 'l-5'])
  })

  it('that come while somebody is asked are not discarded with those that were asked about', async () => {
    open(notUtf8)
    await userEvent.click(await screen.findByRole('button', { name: 'Discard all 3…' }))
    host.letters = [letter(7, { at: '2026-11-21T10:00:02Z', events: 100 }), ...host.letters]
    await userEvent.click(await screen.findByRole('button', { name: 'Discard 8 events' }))
    expect(await screen.findByText('Discarded 3 letters with 8 events')).toBeVisible()
    expect(host.letters.find(({ id }) => id === 'l-7')?.state).toBe('open')
  })

  it('that somebody else decided on are not told as done', async () => {
    open(notUtf8)
    await letters()
    await userEvent.click(screen.getByRole('checkbox', { name: 'Select the 3 letters shown' }))
    await userEvent.click(screen.getByRole('button', { name: 'Discard 3…' }))
    host.letters = host.letters.map((each) => (each.id === 'l-1' ? { ...each, state: 'replayed' } : each))
    await userEvent.click(await screen.findByRole('button', { name: 'Discard 8 events' }))
    expect(await screen.findByText('Discarded 2 letters with 6 events')).toBeVisible()
    expect(screen.getByText(/^1 letter was decided on by somebody else\./)).toBeVisible()
  })

  it('stay, with the reason, where a decision fails', async () => {
    host.failing.set(`POST ${routes}/discard`, () => problem(403, 'Only an administrator of this installation may do this.'))
    open(notUtf8)
    await userEvent.click(await screen.findByRole('button', { name: 'Discard all 3…' }))
    await userEvent.click(await screen.findByRole('button', { name: 'Discard 8 events' }))
    expect(await within(screen.getByRole('alertdialog')).findByRole('alert')).toHaveTextContent('Only an administrator of this installation may do this.')
    await userEvent.click(screen.getByRole('button', { name: 'Cancel' }))
    expect(await letters()).toHaveLength(3)
  })

  it('say when they could not be loaded', async () => {
    host.failing.set(`${routes}/letters`, () => problem(400, 'Not now.'))
    open(notUtf8)
    expect(await screen.findByRole('alert')).toHaveTextContent('The letters could not be loadedNot now.')
  })
})

describe('a letter', () => {
  it('is shown whole, with its bytes to download, and left by the way back', async () => {
    const { address, history } = open(notUtf8)
    await userEvent.click(within((await letters())[1] as HTMLElement).getByRole('link'))
    expect(await screen.findByRole('heading', { name: 'Dead letter Open' })).toHaveFocus()
    expect(address().searchParams.get('letter')).toBe('l-2')
    expect(screen.getByText('byte 0xC0')).toBeVisible()
    expect(screen.getByText('m-2')).toBeVisible()
    expect(screen.getByRole('region', { name: 'Events of the letter' })).toHaveTextContent('{ "app_id": "shop", "event_type": "opened", "payload": { "n": 2 }, "damage": "UserId is not UTF-8" }')
    expect(screen.getByRole('link', { name: 'Download 412 B' })).toHaveAttribute('href', `${routes}/letters/l-2/body`)
    act(() => history.back())
    expect(await letters()).toHaveLength(3)
  })

  it('is replayed alone, and then tells who did it', async () => {
    openApp(`${page}?letter=l-2`)
    await userEvent.click(await screen.findByRole('button', { name: 'Replay…' }))
    await userEvent.click(await screen.findByRole('button', { name: 'Replay 5 events' }))
    expect(await screen.findByText(/by ada@example\.com/)).toBeVisible()
    expect(screen.getByText(/Its events were sent again/)).toBeVisible()
    expect(screen.getByRole('heading', { name: 'Dead letter Replayed' })).toHaveFocus()
    expect(screen.queryByRole('link', { name: /Download/ })).not.toBeInTheDocument()
    expect(screen.queryByRole('button', { name: 'Replay…' })).not.toBeInTheDocument()
    expect(host.sent('POST', `${routes}/replay`)).toEqual([{ ids: ['l-2'] }])
  })

  it('that came back from a replay leads to the one before', async () => {
    host.letters = [letter(6, { replay_of: 'l-2' }), ...host.letters]
    openApp(`${page}?letter=l-6`)
    await userEvent.click(await screen.findByRole('link', { name: 'the letter that was replayed' }))
    expect(await screen.findByText('m-2')).toBeVisible()
  })

  it('that is not there is said not to be', async () => {
    openApp(`${page}?letter=gone`)
    expect(await screen.findByRole('alert')).toHaveTextContent('There is no such dead letter.')
    await userEvent.click(screen.getByRole('link', { name: 'All reasons' }))
    expect(await rows('Reasons')).toHaveLength(2)
  })
})
