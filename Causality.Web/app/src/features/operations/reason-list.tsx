import { Link } from '@tanstack/react-router'
import { MailCheck } from 'lucide-react'
import { formatAgo, formatMoment } from '@/shared/format/dates'
import { formatCount, formatNumber } from '@/shared/format/numbers'
import { Badge } from '@/shared/ui/badge'
import { Notice } from '@/shared/ui/notice'
import { Panel } from '@/shared/ui/page'
import { useNow } from '@/shared/ui/use-now'
import { AppFilter } from './app-filter'
import { letterStates, reasonsOf, type Reason } from './dead-letter-words'
import type { DeadLettersProps } from './dead-letters-search'
import type { LetterGroup } from './dead-letters.queries'

/** Why events could not be stored, with how many of them and what became of their letters. */
export function ReasonList({ groups, search, onSearch }: DeadLettersProps & { groups: readonly LetterGroup[] }) {
  const reasons = reasonsOf(groups, search.app_id)
  const [waiting, letters] = [reasons.reduce((sum, reason) => sum + reason.open_events, 0), reasons.reduce((sum, reason) => sum + reason.states.open, 0)]
  return (
    <>
      {groups.length > 0 && (
        <div className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2">
          <p className="text-muted-foreground tabular-nums">{letters > 0 ? `${formatCount(letters, 'open letter')} with ${formatCount(waiting, 'event')}` : 'No letter is open: all were decided on.'}</p>
          <AppFilter groups={groups} search={search} onSearch={onSearch} />
        </div>
      )}
      <Panel>
        {reasons.length > 0 ? (
          <ul aria-label="Reasons" className="@container divide-y divide-border">
            {reasons.map((reason) => (
              <ReasonRow key={reason.reason} reason={reason} app={search.app_id} />
            ))}
          </ul>
        ) : (
          <Notice role="status" title={search.app_id ? `Nothing of ${search.app_id} is dead` : 'Nothing is dead'} icon={<MailCheck />}>
            What the sink cannot store lands here with its bytes and the reason: damaged events, what the database refuses, messages that the broker gave up. It is then replayed or discarded; until
            then it is kept, and counted in the ledger.
          </Notice>
        )}
      </Panel>
    </>
  )
}

function ReasonRow({ reason, app }: { reason: Reason; app: string | undefined }) {
  const now = useNow(10_000)
  const states = Object.entries(reason.states).filter(([, letters]) => letters > 0)
  return (
    <li className="relative grid gap-x-6 gap-y-1.5 px-4 py-3 hover:bg-muted/60 @xl:grid-cols-[minmax(0,1fr)_17rem] @3xl:grid-cols-[minmax(0,1fr)_auto_17rem]">
      <div className="min-w-0">
        <Link to="/operations/dead-letters" search={{ reason: reason.reason, ...(app ? { app_id: app } : {}) }} className="font-medium break-words after:absolute after:inset-0">
          {reason.reason}
        </Link>
        <p className="break-words text-muted-foreground">{appWords(reason)}</p>
      </div>
      <ul aria-label="Letters by state" className="flex flex-wrap items-start gap-1.5 @xl:@max-3xl:row-start-2">
        {states.map(([state, letters]) => (
          <li key={state}>
            <Badge tone={letterStates[state]?.tone ?? 'neutral'}>
              {formatNumber(letters)} {state}
            </Badge>
          </li>
        ))}
      </ul>
      <div className="text-muted-foreground tabular-nums @xl:text-right @xl:@max-3xl:col-start-2 @xl:@max-3xl:row-span-2 @xl:@max-3xl:row-start-1">
        <p>
          <span className="text-foreground">{formatCount(reason.events, 'event')}</span> in {formatCount(reason.letters, 'letter')}
        </p>
        <p className="text-xs">
          Last <time dateTime={reason.last_at}>{formatAgo(new Date(reason.last_at), now)}</time>, first <time dateTime={reason.first_at}>{formatMoment(reason.first_at)}</time>
        </p>
      </div>
    </li>
  )
}

const shownApps = 4

/** "shop, demo, nobody's": whose letters they are. */
const appWords = ({ apps }: Reason) => {
  const names = apps.toSorted((a, b) => b.letters - a.letters).map(({ app_id }) => app_id ?? 'no single app')
  return names.length <= shownApps ? names.join(', ') : `${names.slice(0, shownApps - 1).join(', ')} and ${names.length - shownApps + 1} more`
}
