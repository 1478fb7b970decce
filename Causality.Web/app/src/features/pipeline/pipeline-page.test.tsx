import { screen, waitFor, within } from '@testing-library/react'
import userEvent from '@testing-library/user-event'
import { beforeEach, describe, expect, it } from 'vitest'
import { FakeHost, problem } from '@/testing/fake-host'
import { noFlow, noLedger } from '@/testing/fake-pipeline'
import { openApp } from '@/testing/render-app'
import { rowsOf } from './minutes-chart'

const hour = { at: '2026-11-21T08:00:00Z', accepted: 12_000, stored: 11_000, duplicates: 900, dead: 40, discarded: 0, quarantined: 0, in_flight: 60, erased: 0, expired: 0, balanced: true }

describe('the pipeline page', () => {
  let host: FakeHost
  beforeEach(() => {
    host = new FakeHost()
    host.ledger = { ...hour, hours: [hour, { ...hour, at: '2026-11-21T07:00:00Z', stored: 10_999, balanced: false }] }
    host.flow = {
      ...noFlow,
      lake: { events: 11_000, files: 42, bytes: 528_000, snapshot: 9 },
      freshness: { p50_seconds: 1, p95_seconds: 1.5, events: 500 },
      minutes: [{ at: '2026-11-21T08:59:00Z', stored: 500, p50_seconds: 1, p95_seconds: 1.5 }],
    }
  })

  const stages = async () => within(await screen.findByRole('list', { name: 'Stages' })).getAllByRole('listitem')

  it('shows where events are, from the request to the lake', async () => {
    openApp('/app/pipeline')
    const [received, flight, stored, lake] = await stages()
    expect(received).toHaveTextContent('Received12,000')
    expect(flight).toHaveTextContent('In flightOn the way60')
    expect(stored).toHaveTextContent('StoredBalanced11,000900 duplicate · 40 dead')
    expect(lake).toHaveTextContent('In the lakeFresh in 1.5 s528 kB11,000 events in 42 files, 48 bytes each')
  })

  it('says when the books do not balance, and in which hour', async () => {
    host.ledger = { ...host.ledger, balanced: false }
    openApp('/app/pipeline')
    expect((await stages())[2]).toHaveTextContent('Out of balance')
    const rows = within(await screen.findByRole('region', { name: 'Ledger by hour' })).getAllByRole('row')
    expect(rows.map((row) => within(row).queryByText('Out of balance') !== null)).toEqual([false, false, true])
    expect(rows[1]).toHaveTextContent('Nov 21, 08:0012,00011,000900400060Balanced')
  })

  it('tells how fast events come, once it has seen two readings', async () => {
    openApp('/app/pipeline')
    expect((await stages())[0]).not.toHaveTextContent('/s')
    host.ledger = { ...host.ledger, accepted: 12_400 }
    await waitFor(async () => expect((await stages())[0]).toHaveTextContent(/12,400[\d.,]+\/s/), { timeout: 6_000 })
  }, 10_000)

  it('says so when nothing has happened', async () => {
    host.ledger = noLedger
    host.flow = noFlow
    openApp('/app/pipeline')
    expect((await stages())[1]).toHaveTextContent('Drained0')
    expect(screen.getByText('Nothing was stored in the last hour.')).toBeVisible()
    expect(await screen.findByText('Nothing was received in the last 24 hours')).toBeVisible()
  })

  it('says why it could not be loaded, and tries again', async () => {
    host.failing.set('/api/v1/pipeline/flow', () => problem(400, 'Not now.'))
    openApp('/app/pipeline')
    expect(await screen.findByRole('alert')).toHaveTextContent('The pipeline could not be loadedNot now.')
    host.failing.clear()
    await userEvent.click(screen.getByRole('button', { name: 'Try again' }))
    expect(await stages()).toHaveLength(4)
  })

  it('knows no app that is not there', async () => {
    openApp('/app/pipeline?app=gone')
    expect(await screen.findByText('There is no app gone')).toBeVisible()
  })
})

describe('the minutes of the last hour', () => {
  it('are sixty, the empty ones too', () => {
    const rows = rowsOf({ ...noFlow, minutes: [{ at: '2026-11-21T08:59:00Z', stored: 5, p50_seconds: 1, p95_seconds: 2 }] })
    expect(rows).toHaveLength(60)
    expect(rows.at(-1)).toEqual({ at: Date.parse('2026-11-21T09:00:00Z'), stored: 0, p50: null, p95: null })
    expect(rows.at(-2)).toEqual({ at: Date.parse('2026-11-21T08:59:00Z'), stored: 5, p50: 1, p95: 2 })
  })
})
