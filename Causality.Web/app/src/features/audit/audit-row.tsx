import { ChevronRight } from 'lucide-react'
import { useId, useState } from 'react'
import { formatInstant, formatMoment, browserZone } from '@/shared/format/dates'
import { cn } from '@/shared/ui/cn'
import type { AuditEntry } from './audit.queries'

/** One entry on a line, opened for old and new values and where the request came from. */
export function AuditRow({ entry, onActor }: { entry: AuditEntry; onActor: (actor: string) => void }) {
  const [open, setOpen] = useState(false)
  const details = useId()
  const actor = entry.actor.email ?? entry.actor.id ?? undefined
  return (
    <li>
      <div className="relative grid grid-cols-[1fr_auto] items-baseline gap-x-4 gap-y-0.5 px-4 py-2.5 hover:bg-muted/60 @xl:grid-cols-[9.5rem_minmax(0,1fr)_minmax(0,12rem)_auto]">
        <time
          dateTime={entry.at}
          title={formatInstant(new Date(entry.at), browserZone(), { dateStyle: 'full', timeStyle: 'long' })}
          className="text-muted-foreground tabular-nums @max-xl:col-start-1 @max-xl:row-start-3"
        >
          {formatMoment(entry.at)}
        </time>
        <div className="min-w-0 gap-x-4 @max-xl:col-start-1 @max-xl:row-start-1 @4xl:grid @4xl:grid-cols-[11rem_minmax(0,1fr)]">
          <p className="truncate font-medium">{entry.action}</p>
          <p className="min-w-0 break-words">
            {shortened(entry.subject)}
            {summaryOf(entry) && <span className="text-muted-foreground"> {summaryOf(entry)}</span>}
          </p>
        </div>
        {actor ? (
          // above the button that covers the row
          <button
            type="button"
            title="Show only what this person did"
            aria-label={`by ${actor}`}
            onClick={() => onActor(actor)}
            className="relative z-10 max-w-full justify-self-start truncate text-muted-foreground underline-offset-4 hover:text-foreground hover:underline @max-xl:col-start-1 @max-xl:row-start-2"
          >
            {actor}
          </button>
        ) : (
          <span className="text-muted-foreground @max-xl:col-start-1 @max-xl:row-start-2">Not signed in</span>
        )}
        <button
          type="button"
          aria-expanded={open}
          aria-controls={details}
          aria-label={`Details of ${entry.action} ${entry.subject}`}
          onClick={() => setOpen(!open)}
          className="grid size-6 place-items-center self-center rounded text-muted-foreground after:absolute after:inset-0 @max-xl:col-start-2 @max-xl:row-start-1"
        >
          <ChevronRight className={cn('size-4 transition-transform', open && 'rotate-90')} aria-hidden />
        </button>
      </div>
      {open && (
        <div id={details} className="space-y-3 bg-muted/50 px-4 py-3">
          {entry.changes.length > 0 && (
            <dl className="space-y-1">
              {entry.changes.map(({ field, old, new: now }) => (
                <div key={field} className="grid gap-x-4 @xl:grid-cols-[9.5rem_1fr]">
                  <dt className="text-muted-foreground">{field}</dt>
                  <dd className="min-w-0 font-mono text-code break-words">
                    {old != null && <del className="text-muted-foreground">{said(old)}</del>}
                    {old != null && now != null && <span aria-hidden> → </span>}
                    {now != null && <ins className="no-underline">{said(now)}</ins>}
                    {old == null && now == null && '–'}
                  </dd>
                </div>
              ))}
            </dl>
          )}
          <p className="flex flex-wrap gap-x-4 text-xs text-muted-foreground">
            <span className="break-all">{entry.subject}</span>
            <span>From {entry.address ?? 'an unknown address'}</span>
            {entry.request_id && (
              <span>
                Request <code className="font-mono">{entry.request_id}</code>
              </span>
            )}
            <span>{formatInstant(new Date(entry.at), 'UTC', { dateStyle: 'medium', timeStyle: 'medium' })} UTC</span>
          </p>
        </div>
      )}
    </li>
  )
}

/** What tells entries apart at a glance: the first changes, without ids, which nobody knows by heart. */
const summaryOf = (entry: AuditEntry) =>
  entry.changes
    .filter(({ field }) => field !== 'id' && !field.endsWith('_id'))
    .slice(0, 3)
    .map(({ old, new: now }) => [old, now].filter((value) => value != null).map(said).join(' → '))
    .join(' · ')

/** A subject with the first part of its id, enough to tell two apart; the whole is in the details. */
const shortened = (subject: string) => subject.replace(/([0-9a-f]{8})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, '$1…')

/** Facts keep values as they were: texts, numbers, lists. */
const said = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))
