import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { firstEventCommand } from './first-event'

describe('the command of the first event', () => {
  const command = firstEventCommand('https://causality.example.com', 'shop')

  it('has no line that the code block would cut off', () => {
    expect(command.split('\n').filter((line) => line.length > 60)).toEqual([])
  })

  it('sends one event with the time of the shell', () => {
    // what a shell makes of it, with curl showing what it would send
    const sent = execFileSync('sh', ['-c', `curl() { for last; do :; done; printf %s "$last"; }; ${command}`], { encoding: 'utf8' })
    const { event } = JSON.parse(sent) as { event: { appId: string; timestampMs: string; customEvent: unknown } }
    expect(event).toMatchObject({ appId: 'shop', deviceId: 'my-terminal', customEvent: { eventName: 'hello' } })
    expect(Math.abs(Number(event.timestampMs) - Date.now())).toBeLessThan(60_000)
  })
})
