import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import { acme, countsFor, eventType, FakeHost, json, problem } from '@/testing/fake-host'
import { openApp } from '@/testing/render-app'

const link = '/app/trends?app=shop&event=screen_view&event=purchase&range=7d&tz=UTC'

describe('the Trends page', () => {
  let host: FakeHost

  beforeEach(() => {
    host = new FakeHost()
  })

  const table = () => screen.findByRole('region', { name: 'Values' })
  const cells = (row: HTMLElement) => within(row).getAllByRole('cell').map((cell) => cell.textContent)
  const rowOf = async (name: string) => within(await table()).getByRole('row', { name: new RegExp(`^${name}`) })
  const drawn = () => document.querySelectorAll('.recharts-line:has(.recharts-line-curve)').length
  const lastAsked = () => host.asked.at(-1)

  it('begins with the first app and its three most active events over 30 days in the time zone of the app, and writes them into the URL', async () => {
    host.apps = host.apps.map((each) => ({ ...each, time_zone: 'Asia/Tokyo' }))
    const app = openApp('/app/')
    await table()
    expect(lastAsked()).toMatchObject({
      app_id: 'shop',
      series: [{ event_type: 'screen_view' }, { event_type: 'button_tap' }, { event_type: 'add_to_cart' }],
      interval: 'day',
    })
    const { from, to } = lastAsked() ?? { from: '', to: '' }
    expect((Date.parse(to) - Date.parse(from)) / 86_400_000).toBe(30)
    expect(app.address().searchParams.getAll('event')).toEqual(['screen_view', 'button_tap', 'add_to_cart'])
    expect(app.address().searchParams.get('app')).toBe('shop')
    expect(app.address().searchParams.get('tz')).toBe('Asia/Tokyo')
  })

  it('opens a shared link as it was: events, days, granularity, breakdown and zone become the request', async () => {
    const at = '/app/trends?app=shop&event=a%2Cb&event=c%26d&from=2026-01-05&to=2026-03-01&interval=week&breakdown=platform&tz=Asia%2FTokyo'
    const app = openApp(at)
    await table()
    expect(lastAsked()).toEqual({
      app_id: 'shop',
      series: [{ event_type: 'a,b' }, { event_type: 'c&d' }],
      from: '2026-01-05',
      to: '2026-03-02',
      interval: 'week',
      breakdown: 'platform',
      time_zone: 'Asia/Tokyo',
    })
    const before = new URL(at, 'http://localhost').searchParams
    expect([...app.address().searchParams].sort()).toEqual([...before].sort())
  })

  it('puts each choice in the URL, and the back button takes it back', async () => {
    const app = openApp(link)
    await table()
    await userEvent.click(screen.getByRole('radio', { name: '24h' }))
    await waitFor(() => expect(lastAsked()?.interval).toBe('hour'))
    expect(app.address().searchParams.get('range')).toBe('24h')
    app.history.back()
    await waitFor(() => expect(screen.getByRole('radio', { name: '7d' })).toBeChecked())
    expect(app.address().searchParams.get('range')).toBe('7d')
  })

  it('refuses a granularity that the range cannot show, and says why', async () => {
    const app = openApp('/app/trends?app=shop&event=purchase&range=90d&interval=hour&tz=UTC')
    await table()
    await waitFor(() => expect(app.address().searchParams.get('interval')).toBe('day'))
    expect(screen.getByRole('radio', { name: 'Hour' })).toBeDisabled()
    expect(screen.getByRole('radio', { name: 'Hour' })).toHaveAttribute('title', 'Too many hours to read; choose at most 31 days.')
    expect(screen.getByText('Too many hours to read; choose at most 31 days.')).toBeVisible()
    expect(screen.getByRole('radiogroup', { name: 'Granularity' })).toHaveAccessibleDescription('Too many hours to read; choose at most 31 days.')
    expect(lastAsked()?.interval).toBe('day')
  })

  it.each([
    ['range=5y', { range: '30d', interval: 'day' }],
    ['interval=eon', { range: '30d', interval: 'day' }],
    ['interval=Week', { range: '30d', interval: 'day' }],
    ['tz=Mars%2FOlympus', { range: '30d', interval: 'day' }],
    ['from=abc&to=def', { range: '30d', interval: 'day' }],
    ['from=2026-02-30&to=2026-03-02', { range: '30d', interval: 'day' }],
    ['from=2026-03-02&to=2026-03-01&range=7d', { range: '7d', interval: 'day' }],
    ['breakdown=password&range=24h', { range: '24h', interval: 'hour' }],
  ])('opens a link with %s as if that were not there', async (mistyped, { range, interval }) => {
    const app = openApp(`/app/trends?app=shop&event=purchase&${mistyped}`)
    await table()
    expect(screen.getByRole('radio', { name: range })).toBeChecked()
    expect(lastAsked()?.interval).toBe(interval)
    expect(lastAsked()).not.toHaveProperty('breakdown')
    expect(lastAsked()?.time_zone).toBe('UTC')
    expect(app.address().searchParams.get('tz')).toBe('UTC')
  })

  it('says when the app of a link does not exist, and offers those that do', async () => {
    const app = openApp('/app/trends?app=nope')
    expect(await screen.findByText('There is no app nope')).toBeVisible()
    expect(screen.queryByRole('heading', { name: 'Send the first event' })).not.toBeInTheDocument()
    await userEvent.click(screen.getByRole('button', { name: 'Shop' }))
    await table()
    expect(app.address().searchParams.get('app')).toBe('shop')
  })

  it('names the page and the app in the title of the document', async () => {
    openApp(link)
    await table()
    expect(document.title).toBe('Trends · Shop · Causality')
  })

  it('adds and removes events', async () => {
    const app = openApp(link)
    await table()
    await userEvent.click(screen.getByRole('button', { name: 'Add event' }))
    await userEvent.type(screen.getByPlaceholderText('Search events…'), 'cart')
    await userEvent.click(await screen.findByRole('option', { name: /add_to_cart/ }))
    await waitFor(() => expect(lastAsked()?.series.map((each) => each.event_type)).toEqual(['screen_view', 'purchase', 'add_to_cart']))
    await userEvent.keyboard('{Escape}')
    for (const event of ['screen_view', 'purchase', 'add_to_cart']) await userEvent.click(screen.getByRole('button', { name: `Remove ${event}` }))
    expect(await screen.findByText('Choose one or more events')).toBeVisible()
    expect(app.address().searchParams.getAll('event')).toEqual([''])
  })

  it('breaks down by a column that is found by its label', async () => {
    host.answer = (request) => countsFor(request, request.breakdown ? ['ios', '(other)'] : [undefined])
    const app = openApp('/app/trends?app=shop&event=purchase&tz=UTC')
    await table()
    await userEvent.click(screen.getByRole('button', { name: /Breakdown/ }))
    await userEvent.type(screen.getByPlaceholderText('Search columns…'), 'operating')
    await userEvent.click(await screen.findByRole('option', { name: 'Operating system' }))
    await waitFor(() => expect(lastAsked()?.breakdown).toBe('os'))
    expect(cells(await rowOf('ios'))[0]).toBe('35')
    expect(app.address().searchParams.get('breakdown')).toBe('os')
    expect(screen.getByText('Number of events by day, broken down by operating system')).toBeVisible()
  })

  it('takes a custom range and refuses one that ends before it begins', async () => {
    const app = openApp(link)
    await table()
    await userEvent.click(screen.getByRole('button', { name: 'Custom' }))
    const [from, to] = [screen.getByLabelText('From'), screen.getByLabelText('To, included')]
    await userEvent.clear(from)
    await userEvent.type(from, '2026-02-01')
    await userEvent.clear(to)
    await userEvent.type(to, '2026-01-01')
    expect(screen.getByRole('alert')).toHaveTextContent('The range ends before it begins.')
    expect(screen.getByRole('button', { name: 'Apply' })).toBeDisabled()
    await userEvent.clear(to)
    await userEvent.type(to, '2026-02-10')
    await userEvent.click(screen.getByRole('button', { name: 'Apply' }))
    await waitFor(() => expect(lastAsked()).toMatchObject({ from: '2026-02-01', to: '2026-02-11' }))
    expect(app.address().searchParams.has('range')).toBe(false)
    expect(screen.queryByText('Live')).not.toBeInTheDocument()
  })

  it('shows each series by bucket with its total, the newest bucket first, and the sum of all', async () => {
    openApp(link)
    expect(cells(await rowOf('screen_view'))).toEqual(['35', '5', '20', '10'])
    expect(cells(await rowOf('purchase'))).toEqual(['70', '10', '40', '20'])
    expect(cells(await rowOf('All series'))).toEqual(['105', '15', '60', '30'])
    expect(screen.getByText('Answered in 12 ms from snapshot 41')).toBeVisible()
    expect(screen.getByText('Dotted: the day is not over yet')).toBeVisible()
  })

  it('hides and shows a series, and the link says so', async () => {
    const app = openApp(link)
    await table()
    const purchase = within(screen.getByRole('list', { name: 'Series' })).getByRole('button', { name: /purchase/ })
    const before = drawn()
    expect(before).toBeGreaterThan(0)
    await userEvent.click(purchase)
    await waitFor(() => expect(purchase).toHaveAttribute('aria-pressed', 'false'))
    expect(drawn()).toBe(before / 2)
    expect(app.address().searchParams.getAll('show')).toEqual(['screen_view'])
    await userEvent.click(screen.getByRole('button', { name: 'Draw all' }))
    await waitFor(() => expect(drawn()).toBe(before))
  })

  it('draws the heaviest eight of many series until all are asked for, and again on demand', async () => {
    host.answer = (request) => countsFor(request, [...Array(12).keys()].map((n) => `4.${n}`))
    const app = openApp('/app/trends?app=shop&event=purchase&breakdown=app_version&tz=UTC')
    expect(await screen.findByText('8 of 12 series drawn')).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'Draw all' }))
    expect(await screen.findByText('All 12 series drawn')).toBeVisible()
    const inLegend = (pressed: boolean) =>
      within(screen.getByRole('list', { name: 'Series' })).getAllByRole('button', { pressed })
    expect(inLegend(true)).toHaveLength(12)
    expect(app.address().searchParams.get('draw')).toBe('all')
    expect(app.address().searchParams.has('show')).toBe(false)
    await userEvent.click(screen.getByRole('button', { name: 'Draw top 8' }))
    expect(await screen.findByText('8 of 12 series drawn')).toBeVisible()
    expect(inLegend(false).map((button) => button.textContent)).toEqual(['4.035', '4.170', '4.2105', '4.3140'])
    expect(app.address().searchParams.has('draw')).toBe(false)
  })

  it('finds an event type that was not seen before when the list is opened, and when the store has grown', async () => {
    const app = openApp(link)
    await table()
    host.eventTypes = [...host.eventTypes, eventType('late', 1)]
    await userEvent.click(screen.getByRole('button', { name: 'Add event' }))
    expect(await screen.findByRole('option', { name: /^late/ })).toBeVisible()
    host.eventTypes = [...host.eventTypes, eventType('later', 1)]
    host.answer = (request) => ({ ...countsFor(request), snapshot: 42 })
    await app.queryClient.refetchQueries({ queryKey: ['trends'] })
    expect(await screen.findByRole('option', { name: /^later/ }, { timeout: 2_000 })).toBeVisible()
  })

  it('tells the category of what people did not name, and finds an event by it', async () => {
    host.eventTypes = [{ ...eventType('view', 900), event_category: 'screen' }, eventType('purchase', 10)]
    const app = openApp('/app/trends?app=shop&event=view&event=purchase&tz=UTC')
    await table()
    expect(within(screen.getByRole('list', { name: 'Series' })).getByRole('button', { name: /^view · screen/ })).toBeVisible()
    expect(await rowOf('view · screen')).toBeVisible()
    expect(app.address().searchParams.getAll('event')).toEqual(['view', 'purchase'])
    await userEvent.click(screen.getByRole('button', { name: 'Add event' }))
    for (const search of ['screen_view', 'screen view']) {
      await userEvent.clear(screen.getByPlaceholderText('Search events…'))
      await userEvent.type(screen.getByPlaceholderText('Search events…'), search)
      expect(screen.getAllByRole('option')).toHaveLength(1)
      expect(screen.getByRole('option', { name: /^view · screen/ })).toBeVisible()
    }
  })

  it('says of the bucket that still fills that it counts so far, and of no other', async () => {
    openApp(link)
    const heads = within(await table()).getAllByRole('columnheader').map((head) => head.textContent)
    expect(heads.filter((head) => head.includes('so far'))).toEqual([heads[2]])
    expect(heads[2]).toMatch(/^\w+, Nov 21 so far$/)
    expect(heads.join()).not.toContain('…')
  })

  it('marks the very first event with a dot, for a line it is not yet', async () => {
    const day = (n: number) => new Date(Date.UTC(2026, 9, 23 + n)).toISOString()
    host.answer = () => ({
      series: [{ event_type: 'hello', total: 1, points: Array.from({ length: 30 }, (_, n) => ({ at: day(n), value: n === 29 ? 1 : 0, unfinished: n === 29 })) }],
      snapshot: 1,
      elapsed_ms: 1,
    })
    openApp('/app/trends?app=shop&event=hello&tz=UTC')
    await table()
    expect(document.querySelectorAll('circle.recharts-dot')).toHaveLength(1)
  })

  it('shows a skeleton while it counts, and keeps the last answer while the next is on its way', async () => {
    let release: () => void = () => undefined
    const gate = () => new Promise<void>((resolve) => (release = resolve))
    host.answer = async (request) => gate().then(() => countsFor(request))
    openApp(link)
    expect(await screen.findByRole('status', { name: 'Counting' })).toBeVisible()
    release()
    await table()
    await userEvent.click(screen.getByRole('radio', { name: '30d' }))
    await waitFor(() => expect(screen.getByRole('region', { name: 'Answer' })).toHaveAttribute('aria-busy', 'true'))
    expect(cells(await rowOf('purchase'))[0]).toBe('70')
    release()
    await waitFor(() => expect(screen.getByRole('region', { name: 'Answer' })).toHaveAttribute('aria-busy', 'false'))
  })

  it('asks again by itself while the range includes now, and shows what is new', async () => {
    openApp(link)
    expect(cells(await rowOf('purchase'))[0]).toBe('70')
    host.answer = (request) => countsFor({ ...request, series: [...request.series].reverse() })
    await waitFor(async () => expect(cells(await rowOf('purchase'))[0]).toBe('35'))
    expect(screen.getByText('Live')).toBeVisible()
  })

  it('says that nothing happened, when nothing did', async () => {
    host.answer = (request) => {
      const answer = countsFor(request)
      return { ...answer, series: answer.series.map((each) => ({ ...each, total: 0, points: each.points.map((point) => ({ ...point, value: 0 })) })) }
    }
    openApp(link)
    expect(await screen.findByText('Nothing happened in this range')).toBeVisible()
    expect(drawn()).toBe(0)
  })

  it('says why a question failed, naming the field, and asks again on demand', async () => {
    host.failing.set('/api/v1/analytics/trends', () => problem(400, 'One or more fields are wrong.', { errors: { interval: ['Too many buckets.'] } }))
    openApp(link)
    expect(await screen.findByRole('alert')).toHaveTextContent('The question could not be answered')
    expect(screen.getByRole('alert')).toHaveTextContent('interval: Too many buckets.')
    host.failing.clear()
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await table()).toBeVisible()
  })

  it('keeps the last answer when it cannot be brought up to date, and says since when', async () => {
    const app = openApp(link)
    await table()
    host.failing.set('/api/v1/analytics/trends', () => problem(400, 'The lake is away.'))
    await app.queryClient.refetchQueries({ queryKey: ['trends'] })
    expect(await screen.findByRole('alert')).toHaveTextContent(/Not up to date since .*The lake is away\./)
    expect(cells(await rowOf('purchase'))[0]).toBe('70')
  })

  it('shows an app without events how to send the first, and notices it', async () => {
    host.eventTypes = []
    openApp('/app/')
    expect(await screen.findByRole('heading', { name: 'Send the first event' })).toBeVisible()
    expect(screen.getByText(/curl/)).toHaveTextContent(`curl -sS ${window.location.origin}/v1/events/ingest`)
    expect(screen.getByText(/curl/)).toHaveTextContent('X-API-Key: $CAUSALITY_API_KEY')
    expect(screen.getByText(/curl/)).toHaveTextContent('{"event": { "appId": "shop", "deviceId": "my-terminal"')
    expect(screen.getByRole('link', { name: 'API keys' })).toHaveAttribute('href', '/app/apps/shop/keys')
    expect(screen.getByRole('link', { name: 'Code for other stacks' })).toHaveAttribute('href', '/app/tracking-code?app=shop')
    host.eventTypes = [eventType('hello', 1)]
    await waitFor(() => expect(lastAsked()?.series).toEqual([{ event_type: 'hello' }]))
  })

  it('says how to create an app where there is none', async () => {
    host.apps = []
    openApp('/app/trends')
    expect(await screen.findByText('There is no app yet')).toBeVisible()
    expect(screen.getByRole('link', { name: 'Create your first app' })).toHaveAttribute('href', '/app/apps/new')
  })

  it('says who can create an app, to who may not', async () => {
    host.apps = []
    host.organizations = host.organizations.map((each) => ({ ...each, role: 'viewer' }))
    openApp('/app/')
    expect(await screen.findByText('Only an admin of the organization can create one.')).toBeVisible()
    expect(screen.queryByRole('link', { name: 'Create your first app' })).not.toBeInTheDocument()
  })

  it('starts over with the events of another app', async () => {
    host.apps = [...host.apps, { id: 'blog', name: 'Blog', organization_id: acme, time_zone: 'UTC', role: 'viewer' }]
    openApp(link)
    await table()
    host.eventTypes = [eventType('read', 5)]
    await userEvent.click(screen.getByRole('button', { name: /^App:/ }))
    await userEvent.click(await screen.findByRole('option', { name: /Blog/ }))
    await waitFor(() => expect(lastAsked()).toMatchObject({ app_id: 'blog', series: [{ event_type: 'read' }] }))
  })

  it('says when apps or events could not be loaded', async () => {
    host.failing.set('/api/v1/analytics/event-types', () => problem(400, 'No catalog.'))
    openApp('/app/')
    expect(await screen.findByRole('alert')).toHaveTextContent('The events could not be loaded')
    host.failing.set('/api/v1/analytics/event-types', () => json(host.eventTypes))
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await table()).toBeVisible()
  })
})
