import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import { ada, FakeHost, problem } from '@/testing/fake-host'
import { openApp } from '@/testing/render-app'
import type { Host, JobRun } from './operations.queries'

const operations = '/api/v1/operations'
const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString()
const run = (n: number, more: Partial<JobRun> = {}): JobRun => ({
  id: `c-${n}`,
  job: 'compaction',
  trigger: 'schedule',
  dry_run: false,
  host: 'box:8080',
  started_at: ago(3600 * n + 130),
  ended_at: ago(3600 * n),
  state: 'succeeded',
  summary: `Merged ${n} files.`,
  ...more,
})

let host: FakeHost

beforeEach(() => {
  host = new FakeHost()
  const last = run(1, { figures: { files: 12, written_bytes: 210_000_000, write_seconds: 4.25 } })
  host.runs = [
    last,
    run(2, { state: 'failed', summary: null, error: 'The disk is full.', trigger: 'admin', by: 'grace@example.com', app_id: 'shop', dry_run: true }),
    run(3, { state: 'lost', summary: null, error: 'Its host died.' }),
  ]
  host.jobs = [
    { name: 'compaction', description: 'Merges small files.', schedule: '0 7 * * * ?', scoped: true, paused: false, running: false, next_at: ago(-7200), last },
    { name: 'inbox-cleanup', description: 'Forgets old ids.', schedule: '0 23 * * * ?', scoped: false, paused: true, running: false },
  ]
})

const row = async (name: string) => {
  const rows = within(await screen.findByRole('list', { name: 'Jobs' }))
  return within(rows.getByText(name).closest('li') as HTMLElement)
}

describe('the jobs', () => {
  it('say what they do, how they ended last and when they run next', async () => {
    openApp('/app/operations')
    const compaction = await row('compaction')
    expect(compaction.getByText('Merges small files.')).toBeVisible()
    expect(compaction.getByText('Succeeded')).toBeVisible()
    expect(compaction.getByText('Merged 1 files.')).toBeVisible()
    expect(compaction.getByText(/Next in 2 h/)).toBeVisible()
    const inbox = await row('inbox-cleanup')
    expect(inbox.getByText('Paused')).toBeVisible()
    expect(inbox.getByText('Has not run yet')).toBeVisible()
    expect(inbox.getByText(/Runs only when told to/)).toBeVisible()
  })

  it('have a history with figures, errors, and who asked for what', async () => {
    openApp('/app/operations')
    await userEvent.click(await screen.findByRole('button', { name: 'History of compaction' }))
    const [succeeded, failed, lost] = within(await screen.findByRole('list', { name: 'Runs of compaction' })).getAllByRole('listitem')
    expect(succeeded).toHaveTextContent(/Merged 1 files\.files12written210 MBwrite4\.3 sBy its schedule · on box:8080/)
    expect(succeeded).toHaveTextContent('2 min 10 s')
    expect(failed).toHaveTextContent(/Failed.*The disk is full\.Asked for by grace@example\.com · shop, dry run · on box:8080/)
    expect(lost).toHaveTextContent(/Host lost.*Its host died\./)
  })

  it('read their history in pages', async () => {
    host.runs = Array.from({ length: 30 }, (_, n) => run(n + 1))
    openApp('/app/operations')
    await userEvent.click(await screen.findByRole('button', { name: 'History of compaction' }))
    const runs = () => within(screen.getByRole('list', { name: 'Runs of compaction' })).getAllByRole('listitem')
    await screen.findByRole('list', { name: 'Runs of compaction' })
    expect(runs()).toHaveLength(20)
    await userEvent.click(screen.getByRole('button', { name: 'Load more' }))
    await waitFor(() => expect(runs()).toHaveLength(30))
  })

  it('run when told to, on an app and some days, and are cancelled', async () => {
    openApp('/app/operations')
    await userEvent.click(await screen.findByRole('button', { name: 'Run compaction now' }))
    await userEvent.type(await screen.findByLabelText('App'), 'shop')
    await userEvent.type(screen.getByLabelText('From'), '2026-11-01')
    await userEvent.type(screen.getByLabelText('To, included'), '2026-11-02')
    await userEvent.click(screen.getByRole('checkbox', { name: /Dry run/ }))
    await userEvent.click(screen.getByRole('button', { name: 'Try it' }))
    await waitFor(() =>
      expect(host.sent('POST', `${operations}/jobs/compaction/run`)).toEqual([{ app_id: 'shop', from: '2026-11-01T00:00:00Z', to: '2026-11-03T00:00:00Z', dry_run: true }]),
    )
    await userEvent.click(await screen.findByRole('button', { name: 'Cancel the run of compaction' }))
    expect(await (await row('compaction')).findByText('Cancelled by ada@example.com.')).toBeVisible()
    expect(screen.getByRole('button', { name: 'Run compaction now' })).toBeVisible()
  })

  it('that cannot be narrowed are not asked for an app, and say why they do not run', async () => {
    host.failing.set(`POST ${operations}/jobs/inbox-cleanup/run`, () => problem(409, 'The job runs already, on box:8080.', { code: 'job-running' }))
    openApp('/app/operations')
    await userEvent.click(await screen.findByRole('button', { name: 'Run inbox-cleanup now' }))
    const dialog = within(await screen.findByRole('dialog'))
    expect(dialog.queryByLabelText('App')).not.toBeInTheDocument()
    await userEvent.click(dialog.getByRole('button', { name: 'Run now' }))
    expect(await dialog.findByRole('alert')).toHaveTextContent('The job runs already, on box:8080.')
  })

  it('are paused and resumed', async () => {
    openApp('/app/operations')
    await userEvent.click(await screen.findByRole('button', { name: 'More for compaction' }))
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Pause' }))
    const compaction = await row('compaction')
    expect(await compaction.findByText('Paused')).toBeVisible()
    await userEvent.click(screen.getByRole('button', { name: 'More for compaction' }))
    await userEvent.click(await screen.findByRole('menuitem', { name: 'Resume' }))
    await waitFor(() => expect(compaction.queryByText('Paused')).not.toBeInTheDocument())
  })

  it('say when they could not be loaded, and are loaded again', async () => {
    host.failing.set(`${operations}/jobs`, () => problem(400, 'Not now.'))
    openApp('/app/operations')
    expect(await screen.findByRole('alert')).toHaveTextContent('Not now.')
    host.failing.clear()
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await screen.findByText('compaction')).toBeVisible()
  })

  it('are said not to be there where there are none', async () => {
    host.jobs = []
    openApp('/app/operations')
    expect(await screen.findByText('There are no jobs')).toBeVisible()
  })
})

describe('the hosts', () => {
  const box = (name: string, more: Partial<Host> = {}): Host => ({ id: name, name, roles: ['sink', 'scheduler'], version: '0.1.0', started_at: ago(7300), seen_at: ago(1), alive: true, status: {}, ...more })

  it('say what they are for, whether they live and how they are', async () => {
    host.hosts = [
      box('box:8080', { status: { process: { working_set_bytes: 210_000_000, cpu_seconds: 130 }, spool: { bytes: 900_000_000, full_bytes: 1_000_000_000, events: 4200, oldest_age_seconds: 12 }, sink: { messages_held: 3 } } }),
      box('box:8081', { alive: false, seen_at: ago(200), roles: ['gateway'] }),
    ]
    openApp('/app/operations/hosts')
    const [alive, gone] = within(await screen.findByRole('list', { name: 'Hosts' })).getAllByText(/^box:/).map((name) => name.closest('li') as HTMLElement)
    expect(alive).toHaveTextContent(/Alive.*sinkscheduler.*Version 0\.1\.0 · up for 2 h 1 min/)
    expect(alive).toHaveTextContent(/working set 210 MBcpu 2 min 10 s/)
    expect(alive).toHaveTextContent(/spool4,200 eventswait for the broker, the oldest for 12 sNearly full900 MB of 1 GB, 90 %.*sink3 messagesheld, nothing stored yet.*process/)
    expect(screen.getByRole('meter', { name: 'Spool of box:8080' })).toHaveAttribute('aria-valuenow', '90')
    expect(gone).toHaveTextContent(/Gone.*gateway.*last seen 3 min ago/)
  })

  it('say that nothing is spooled, that all of it is full, and that nothing can be stored', async () => {
    host.hosts = [
      box('box:8080', { status: { spool: { bytes: 0, full_bytes: 4_000_000_000, events: 0, oldest_age_seconds: 0 }, sink: { messages_held: 1, flush_failing: 1, last_flush_age_seconds: 130 } } }),
      box('box:8081', { status: { spool: { bytes: 1_000_000_001, full_bytes: 1_000_000_000, events: 1, oldest_age_seconds: 4000 } } }),
    ]
    openApp('/app/operations/hosts')
    const [empty, full] = within(await screen.findByRole('list', { name: 'Hosts' })).getAllByText(/^box:/).map((name) => name.closest('li') as HTMLElement)
    expect(empty).toHaveTextContent(/spoolEmpty, with room for 4 GBsink1 messageheld, last stored 2 min 10 s agoCannot store/)
    expect(full).toHaveTextContent(/1 eventwaits for the broker, the oldest for 1 h 6 minFull1 GB of 1 GB, 100 %/)
  })

  it('warn where their versions differ', async () => {
    host.hosts = [box('box:8080'), box('box:8081', { version: '0.2.0' })]
    openApp('/app/operations/hosts')
    expect(await screen.findByText(/Hosts of different versions run together: 0\.1\.0, 0\.2\.0/)).toBeVisible()
  })

  it('are said not to be there, or not to be loaded', async () => {
    const { unmount } = openApp('/app/operations/hosts')
    expect(await screen.findByText('No host has told of itself yet')).toBeVisible()
    unmount()
    host.failing.set(`${operations}/hosts`, () => problem(400, 'Not now.'))
    openApp('/app/operations/hosts')
    expect(await screen.findByRole('alert')).toHaveTextContent('Not now.')
  })
})

describe('who is no administrator', () => {
  it('is not offered the page, and is told by a link to it whose it is', async () => {
    host.session = { ...ada, administrator: false }
    openApp('/app/operations')
    expect(await screen.findByText('Operations are for administrators of the installation')).toBeVisible()
    expect(screen.queryByRole('link', { name: 'Operations' })).not.toBeInTheDocument()
    expect(host.sent('GET', `${operations}/jobs`)).toHaveLength(0)
  })

  it('an administrator is', async () => {
    openApp('/app/members')
    await userEvent.click(await screen.findByRole('link', { name: 'Operations' }))
    expect(await screen.findByRole('heading', { name: 'Operations' })).toBeVisible()
    await userEvent.click(screen.getByRole('link', { name: 'Hosts' }))
    expect(await screen.findByText('No host has told of itself yet')).toBeVisible()
  })
})
