import type { JobRun } from './operations.queries'

export const stateWords: Record<string, { label: string; tone: 'neutral' | 'accent' | 'success' | 'warning' | 'danger' }> = {
  running: { label: 'Running', tone: 'accent' },
  succeeded: { label: 'Succeeded', tone: 'success' },
  failed: { label: 'Failed', tone: 'danger' },
  cancelled: { label: 'Cancelled', tone: 'warning' },
  lost: { label: 'Host lost', tone: 'danger' },
}

/** Seconds that a run took, or has taken. */
export const secondsOf = (run: JobRun, now: Date) => Math.max(0, ((run.ended_at ? new Date(run.ended_at) : now).getTime() - new Date(run.started_at).getTime()) / 1000)

/** What a run was told: "shop, Nov 1 – Nov 2, dry run". */
export const orderWords = (run: JobRun) =>
  [run.app_id, run.from || run.to ? `${run.from?.slice(0, 16).replace('T', ' ') ?? '…'} to ${run.to?.slice(0, 16).replace('T', ' ') ?? '…'} UTC` : undefined, run.dry_run ? 'dry run' : undefined].filter(Boolean).join(', ')
